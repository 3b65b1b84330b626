//! Opus: how long a packet plays (RFC 6716 §3.1), and a packet of silence.

/// 20 ms of silence: a CELT fullband frame that every decoder knows how to make quiet.
pub(crate) const SILENCE: [u8; 3] = [0xf8, 0xff, 0xfe];
/// How long [`SILENCE`] plays, in samples at 48 kHz.
pub(crate) const SILENCE_SAMPLES: u32 = 960;
/// No packet plays longer than 120 ms (RFC 6716 §3.2.5).
const LONGEST: u32 = 5760;

/// Samples at 48 kHz that the packet decodes to. `None` for an empty or malformed packet.
pub(crate) fn samples(packet: &[u8]) -> Option<u32> {
    let toc = *packet.first()?;
    let config = toc >> 3;
    let frame = match config {
        0..=11 => [480, 960, 1920, 2880][usize::from(config & 3)],
        12..=15 => [480, 960][usize::from(config & 1)],
        _ => [120, 240, 480, 960][usize::from(config & 3)],
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(packet.get(1)? & 0x3f),
    };
    Some(frame * frames).filter(|samples| (1..=LONGEST).contains(samples))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations() {
        assert_eq!(samples(&SILENCE), Some(SILENCE_SAMPLES));
        assert_eq!(samples(&[0x78]), Some(960)); // hybrid, 20 ms
        assert_eq!(samples(&[0x1b, 2]), Some(2 * 2880)); // SILK, two of 60 ms
        assert_eq!(samples(&[0xfb, 63]), None); // more than 120 ms
        assert_eq!(samples(&[]), None);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(data in proptest::collection::vec(any::<u8>(), 0..4)) {
            if let Some(samples) = samples(&data) {
                prop_assert!(samples <= LONGEST);
            }
        }
    }
}
