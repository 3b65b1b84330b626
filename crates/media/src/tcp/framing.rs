//! Packets in a stream of bytes: the length of each before it, in two bytes (RFC 4571 §2).

use bytes::{Buf as _, Bytes, BytesMut};

/// Takes packets out of bytes as they come.
#[derive(Debug, Default)]
pub(crate) struct Deframer {
    /// Never more than one packet and what one read brings.
    buffer: BytesMut,
}

impl Deframer {
    /// Where bytes are read to.
    pub(crate) fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// How long the next packet will be, if that has come.
    pub(crate) fn announced(&self) -> Option<usize> {
        self.buffer.first_chunk().map(|length| usize::from(u16::from_be_bytes(*length)))
    }

    /// The next packet that is whole. An empty one means nothing (RFC 4571 §2), and is left out.
    pub(crate) fn next(&mut self) -> Option<Bytes> {
        loop {
            let length = self.announced()?;
            if self.buffer.len() < 2 + length {
                return None;
            }
            self.buffer.advance(2);
            let packet = self.buffer.split_to(length).freeze();
            if !packet.is_empty() {
                return Some(packet);
            }
        }
    }
}

/// `None`: longer than a frame can say.
pub(crate) fn framed(packet: &[u8]) -> Option<Bytes> {
    let length = u16::try_from(packet.len()).ok()?;
    Some([&length.to_be_bytes(), packet].concat().into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn packets_come_out_as_they_went_in_however_the_bytes_are_cut(
            packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 0..20),
            cuts in prop::collection::vec(1_usize..400, 1..40),
        ) {
            let bytes: Vec<u8> = packets.iter().flat_map(|packet| framed(packet).unwrap()).collect();
            let (mut deframer, mut out, mut rest) = (Deframer::default(), Vec::new(), bytes.as_slice());
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (now, later) = rest.split_at(rest.len().min(*cut));
                deframer.buffer().extend_from_slice(now);
                out.extend(std::iter::from_fn(|| deframer.next()).map(|packet| packet.to_vec()));
                rest = later;
            }
            prop_assert_eq!(out, packets);
            prop_assert!(deframer.buffer.is_empty());
        }
    }

    #[test]
    fn an_empty_packet_is_left_out_and_one_that_is_too_long_is_not_framed() {
        let mut deframer = Deframer::default();
        deframer.buffer().extend_from_slice(&[0, 0, 0, 1, 7, 0]);
        assert_eq!(deframer.next().as_deref(), Some([7].as_slice()));
        assert_eq!(deframer.next(), None);
        assert_eq!(framed(&vec![0; 65_536]), None);
    }
}
