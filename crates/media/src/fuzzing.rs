//! A door to the framing of media by TCP for the fuzz target, with what must hold for any bytes.

use crate::tcp::framing::{Deframer, framed};

/// However the bytes are cut into reads, the packets are the same, and framed again they are the bytes of before.
///
/// # Panics
/// When that is not so.
pub fn frames(bytes: &[u8], cut: usize) {
    let read = |pieces: &[&[u8]]| {
        let (mut deframer, mut packets) = (Deframer::default(), Vec::new());
        for piece in pieces {
            deframer.buffer().extend_from_slice(piece);
            packets.extend(std::iter::from_fn(|| deframer.next()));
        }
        packets
    };
    let (first, second) = bytes.split_at(cut.min(bytes.len()));
    let packets = read(&[bytes]);
    assert_eq!(packets, read(&[first, second]));
    let again: Vec<u8> = packets.iter().filter_map(|packet| framed(packet)).flatten().collect();
    assert_eq!(packets, read(&[&again]));
}
