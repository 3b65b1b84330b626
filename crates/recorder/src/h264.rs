//! H.264: NAL units out of Annex B, and what a sequence parameter set says about the picture.

use bytes::{BufMut, Bytes, BytesMut};

use crate::bits::Bits;

const IDR: u8 = 5;
const SPS: u8 = 7;
const PPS: u8 = 8;
const ACCESS_UNIT_DELIMITER: u8 = 9;
const FILLER: u8 = 12;

/// The parameter sets that a track starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct H264Config {
    pub sps: Bytes,
    pub pps: Bytes,
    pub picture: Sps,
}

/// The part of a sequence parameter set that the container needs (H.264 §7.3.2.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sps {
    pub profile: u8,
    pub compatibility: u8,
    pub level: u8,
    pub chroma_format: u8,
    pub bit_depth_luma: u8,
    pub bit_depth_chroma: u8,
    pub width: u16,
    pub height: u16,
}

/// The newest parameter sets of a stream. Most senders put them into every IDR access unit, some send them apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct ParameterSets {
    sps: Option<Bytes>,
    pps: Option<Bytes>,
}

impl ParameterSets {
    pub(crate) fn update(&mut self, unit: &AccessUnit) {
        for (known, kind) in [(&mut self.sps, SPS), (&mut self.pps, PPS)] {
            if let Some(new) = unit.first(kind) {
                *known = Some(new.clone());
            }
        }
    }

    /// `None` until both are known.
    pub(crate) fn config(&self) -> Option<H264Config> {
        let (sps, pps) = self.sps.clone().zip(self.pps.clone())?;
        let picture = Sps::parse(&sps)?;
        Some(H264Config { sps, pps, picture })
    }
}

/// One access unit as the file holds it.
#[derive(Debug)]
pub(crate) struct AccessUnit {
    nals: Vec<Bytes>,
}

impl AccessUnit {
    /// Takes an access unit in Annex B form apart. Delimiters and filler go: the container says where a unit ends.
    pub(crate) fn parse(annex_b: &Bytes) -> Self {
        let nals = nal_ranges(annex_b).map(|range| annex_b.slice(range));
        Self { nals: nals.filter(|nal| !matches!(kind(nal), ACCESS_UNIT_DELIMITER | FILLER)).collect() }
    }

    fn first(&self, wanted: u8) -> Option<&Bytes> {
        self.nals.iter().find(|nal| kind(nal) == wanted)
    }

    pub(crate) fn is_idr(&self) -> bool {
        self.first(IDR).is_some()
    }

    /// Whether there is a picture in it, and not parameter sets alone.
    pub(crate) fn has_picture(&self) -> bool {
        self.nals.iter().any(|nal| matches!(kind(nal), 1..=IDR))
    }

    pub(crate) fn has_parameter_sets(&self) -> bool {
        self.nals.iter().any(|nal| matches!(kind(nal), SPS | PPS))
    }

    /// Length-prefixed, as ISO/IEC 14496-15 wants it. An IDR picture always carries its parameter sets, those of
    /// `config` where the sender left them out: the finished file joins stretches with different ones under one sample
    /// entry.
    pub(crate) fn into_sample(self, config: &H264Config) -> Bytes {
        let idr = self.is_idr();
        let missing = |wanted| idr && self.first(wanted).is_none();
        let extra = [(SPS, &config.sps), (PPS, &config.pps)];
        let extra: Vec<&Bytes> = extra.into_iter().filter(|(kind, _)| missing(*kind)).map(|(_, nal)| nal).collect();
        let nals = || extra.iter().copied().chain(&self.nals);
        let mut sample = BytesMut::with_capacity(nals().map(|nal| nal.len() + 4).sum());
        for nal in nals() {
            sample.put_u32(u32::try_from(nal.len()).unwrap_or(u32::MAX));
            sample.put_slice(nal);
        }
        sample.freeze()
    }
}

fn kind(nal: &[u8]) -> u8 {
    nal.first().map_or(0, |byte| byte & 0x1f)
}

/// Whether the length-prefixed NAL units of `sample` fill it exactly, and one is an IDR slice.
pub(crate) fn sample_is_idr(mut sample: &[u8]) -> Option<bool> {
    let mut idr = false;
    while !sample.is_empty() {
        let (length, rest) = sample.split_first_chunk::<4>()?;
        let length = u32::from_be_bytes(*length) as usize;
        let nal = rest.get(..length)?;
        idr |= kind(nal) == IDR;
        sample = &rest[length..];
    }
    Some(idr)
}

/// Where the NAL units are in a byte stream (H.264 Annex B); empty ones are left out.
pub(crate) fn nal_ranges(data: &[u8]) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut next = start_code(data, 0).map(|at| at + 3);
    std::iter::from_fn(move || {
        let start = next?;
        let end = start_code(data, start);
        next = end.map(|at| at + 3);
        let mut end = end.unwrap_or(data.len());
        // trailing_zero_8bits, and the leading zero of a four-byte start code, belong to no unit.
        while end > start && data[end - 1] == 0 {
            end -= 1;
        }
        Some(start..end)
    })
    .filter(|range| !range.is_empty())
}

fn start_code(data: &[u8], from: usize) -> Option<usize> {
    data.get(from..)?.windows(3).position(|window| window == [0, 0, 1]).map(|at| at + from)
}

impl Sps {
    /// Parses a whole NAL unit, header included. `None` when it is not a sequence parameter set this recorder can
    /// describe.
    pub fn parse(nal: &[u8]) -> Option<Self> {
        if kind(nal) != SPS {
            return None;
        }
        let payload = without_emulation_prevention(nal.get(1..)?);
        let (&[profile, compatibility, level], rest) = payload.split_first_chunk()?;
        let mut bits = Bits::new(rest);
        bits.unsigned()?; // seq_parameter_set_id

        let (mut chroma_format, mut bit_depth_luma, mut bit_depth_chroma) = (1, 8, 8);
        let mut separate_planes = false;
        if matches!(profile, 44 | 83 | 86 | 100 | 110 | 118 | 122 | 128 | 134 | 135 | 138 | 139 | 244) {
            chroma_format = u8::try_from(bits.unsigned()?).ok().filter(|format| *format <= 3)?;
            separate_planes = chroma_format == 3 && bits.bit()?;
            let mut depth = || Some(8 + u8::try_from(bits.unsigned()?).ok().filter(|extra| *extra <= 6)?);
            (bit_depth_luma, bit_depth_chroma) = (depth()?, depth()?);
            bits.bit()?; // qpprime_y_zero_transform_bypass_flag
            if bits.bit()? {
                for list in 0..if chroma_format == 3 { 12 } else { 8 } {
                    if bits.bit()? {
                        skip_scaling_list(&mut bits, if list < 6 { 16 } else { 64 })?;
                    }
                }
            }
        }

        bits.unsigned()?; // log2_max_frame_num_minus4
        match bits.unsigned()? {
            0 => {
                bits.unsigned()?;
            }
            1 => {
                bits.bit()?;
                bits.signed()?;
                bits.signed()?;
                // num_ref_frames_in_pic_order_cnt_cycle is at most 255 (§7.4.2.1.1).
                for _ in 0..bits.unsigned().filter(|count| *count <= 255)? {
                    bits.signed()?;
                }
            }
            _ => {}
        }
        bits.unsigned()?; // max_num_ref_frames
        bits.bit()?; // gaps_in_frame_num_value_allowed_flag
        let width_in_blocks = bits.unsigned()?.checked_add(1)?;
        let height_in_units = bits.unsigned()?.checked_add(1)?;
        let frames_only = bits.bit()?;
        if !frames_only {
            bits.bit()?; // mb_adaptive_frame_field_flag
        }
        bits.bit()?; // direct_8x8_inference_flag
        let mut crop = [0u32; 4];
        if bits.bit()? {
            for side in &mut crop {
                *side = bits.unsigned()?;
            }
        }

        // Cropping units, equations 7-19 to 7-22.
        let fields = if frames_only { 1 } else { 2 };
        let (unit_x, unit_y) = match chroma_format {
            1 if !separate_planes => (2, 2 * fields),
            2 => (2, fields),
            _ => (1, fields),
        };
        let cropped = |size: u32, before: u32, after: u32, unit: u32| {
            let crop = before.checked_add(after)?.checked_mul(unit)?;
            u16::try_from(size.checked_sub(crop)?).ok().filter(|size| *size > 0)
        };
        let [left, right, top, bottom] = crop;
        let width = cropped(width_in_blocks.checked_mul(16)?, left, right, unit_x)?;
        let height = cropped(height_in_units.checked_mul(16 * fields)?, top, bottom, unit_y)?;
        Some(Self { profile, compatibility, level, chroma_format, bit_depth_luma, bit_depth_chroma, width, height })
    }
}

fn skip_scaling_list(bits: &mut Bits, size: usize) -> Option<()> {
    let (mut last, mut next) = (8i64, 8i64);
    for _ in 0..size {
        if next != 0 {
            next = (last + bits.signed()?).rem_euclid(256);
        }
        if next != 0 {
            last = next;
        }
    }
    Some(())
}

/// Removes each emulation_prevention_three_byte (H.264 §7.4.1).
fn without_emulation_prevention(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len());
    let mut zeros = 0;
    for &byte in payload {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SPS_1280X720: &[u8] =
        &[0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0x28, 0x02, 0xdd, 0x08, 0x00, 0x00, 0x03, 0x00, 0x08];

    #[test]
    fn size_of_a_baseline_picture() {
        let sps = Sps::parse(SPS_1280X720).unwrap();
        assert_eq!((sps.profile, sps.level, sps.width, sps.height), (0x42, 0x1f, 1280, 720));
    }

    #[test]
    fn units_are_found_and_delimiters_dropped() {
        let mut stream = vec![0, 0, 0, 1, 9, 0xf0, 0, 0, 0, 1];
        stream.extend_from_slice(SPS_1280X720);
        stream.extend_from_slice(&[0, 0, 0, 1, 0x68, 0xce, 0, 0, 1, 0x65, 1, 2, 3]);
        let unit = AccessUnit::parse(&Bytes::from(stream));
        assert!(unit.is_idr() && unit.has_picture());
        let mut known = ParameterSets::default();
        known.update(&unit);
        let config = known.config().unwrap();
        assert_eq!(config.pps.as_ref(), [0x68, 0xce]);
        let sample = unit.into_sample(&config);
        assert_eq!(sample.len(), 4 + SPS_1280X720.len() + 4 + 2 + 4 + 4);
        assert_eq!(sample_is_idr(&sample), Some(true));
    }

    #[test]
    fn an_idr_picture_without_parameter_sets_gets_them() {
        let config = H264Config {
            sps: Bytes::from_static(SPS_1280X720),
            pps: Bytes::from_static(&[0x68, 0xce]),
            picture: Sps::parse(SPS_1280X720).unwrap(),
        };
        let unit = AccessUnit::parse(&Bytes::from_static(&[0, 0, 1, 0x65, 1]));
        let sample = unit.into_sample(&config);
        assert_eq!(&sample[4..8], &SPS_1280X720[..4]);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(data in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Sps::parse(&data);
            let mut sps = vec![0x67, 100];
            sps.extend_from_slice(&data);
            let _ = Sps::parse(&sps);
            let _ = sample_is_idr(&data);
            let _ = AccessUnit::parse(&Bytes::from(data));
        }

        #[test]
        fn annex_b_is_split_where_it_was_joined(nals in proptest::collection::vec(proptest::collection::vec(1u8.., 1..20), 0..8)) {
            let stream: Vec<u8> = nals.iter().flat_map(|nal| [&[0, 0, 0, 1][..], nal].concat()).collect();
            let found: Vec<_> = nal_ranges(&stream).map(|range| stream[range].to_vec()).collect();
            prop_assert_eq!(found, nals);
        }
    }
}
