//! VP8 (RFC 6386 §9.1) and VP9 (bitstream specification §6.2): what a key frame says about the picture.

use crate::bits::Bits;

/// A VP8 key frame's picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vp8Config {
    pub width: u16,
    pub height: u16,
}

impl Vp8Config {
    /// `None` for anything but a key frame.
    pub fn parse(frame: &[u8]) -> Option<Self> {
        let header: &[u8; 10] = frame.first_chunk()?;
        let inter = header[0] & 1 == 1;
        if inter || header[3..6] != [0x9d, 0x01, 0x2a] {
            return None;
        }
        // The two high bits of each are a scaling hint for display.
        let size = |low: u8, high: u8| u16::from_le_bytes([low, high]) & 0x3fff;
        let (width, height) = (size(header[6], header[7]), size(header[8], header[9]));
        (width > 0 && height > 0).then_some(Self { width, height })
    }
}

/// A VP9 key frame's picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vp9Config {
    pub profile: u8,
    pub bit_depth: u8,
    /// As `vpcC` counts: 1 is 4:2:0 with co-located chroma, 2 is 4:2:2, 3 is 4:4:4.
    pub subsampling: u8,
    pub full_range: bool,
    pub width: u16,
    pub height: u16,
}

impl Vp9Config {
    /// `None` for anything but a key frame.
    pub fn parse(frame: &[u8]) -> Option<Self> {
        const SRGB: u32 = 7;
        let mut bits = Bits::new(frame);
        if bits.bits(2)? != 2 {
            return None;
        }
        let profile = u8::from(bits.bit()?) | u8::from(bits.bit()?) << 1;
        if profile == 3 && bits.bit()? {
            return None;
        }
        let show_existing = bits.bit()?;
        if show_existing {
            return None;
        }
        let inter = bits.bit()?;
        bits.bits(2)?; // show_frame, error_resilient_mode
        if inter || bits.bits(24)? != 0x49_83_42 {
            return None;
        }
        let bit_depth = match profile >= 2 {
            true if bits.bit()? => 12,
            true => 10,
            false => 8,
        };
        let (full_range, subsampling) = if bits.bits(3)? == SRGB {
            if profile & 1 == 0 {
                return None;
            }
            bits.bit()?;
            (true, 3)
        } else {
            let full_range = bits.bit()?;
            let (x, y) = if profile & 1 == 1 {
                let both = (bits.bit()?, bits.bit()?);
                bits.bit()?;
                both
            } else {
                (true, true)
            };
            let subsampling = match (x, y) {
                (true, true) => 1,
                (true, false) => 2,
                _ => 3,
            };
            (full_range, subsampling)
        };
        let width = u16::try_from(bits.bits(16)? + 1).ok()?;
        let height = u16::try_from(bits.bits(16)? + 1).ok()?;
        Some(Self { profile, bit_depth, subsampling, full_range, width, height })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn vp8_key_frame() {
        let frame = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01];
        assert_eq!(Vp8Config::parse(&frame), Some(Vp8Config { width: 640, height: 480 }));
        assert_eq!(Vp8Config::parse(&[0x11, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]), None);
    }

    #[test]
    fn vp9_key_frame() {
        // Profile 0, shown, 4:2:0 limited range, 352x288.
        let frame = [0x82, 0x49, 0x83, 0x42, 0x00, 0x15, 0xf0, 0x11, 0xf0];
        let config = Vp9Config::parse(&frame).unwrap();
        assert_eq!((config.profile, config.bit_depth, config.subsampling), (0, 8, 1));
        assert_eq!((config.width, config.height), (352, 288));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(data in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = Vp8Config::parse(&data);
            let _ = Vp9Config::parse(&data);
        }

        #[test]
        fn damaged_key_frames_never_panic(mut tail in proptest::collection::vec(any::<u8>(), 0..20)) {
            let mut vp8 = vec![0x10, 0, 0, 0x9d, 0x01, 0x2a];
            let mut vp9 = vec![0x82, 0x49, 0x83, 0x42];
            vp8.append(&mut tail.clone());
            vp9.append(&mut tail);
            let _ = Vp8Config::parse(&vp8);
            let _ = Vp9Config::parse(&vp9);
        }
    }
}
