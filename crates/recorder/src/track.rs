//! What a track is made of, and its boxes: the same for a fragment's init segment and for the finished file.

use bytes::Bytes;
use mp4_atom::{
    Audio, Avc1, Avcc, AvccExt, Codec, Dinf, Dops, Dref, FixedPoint, Hdlr, Mdhd, Mdia, Minf, Moov, Mvhd, Opus, Smhd,
    Stbl, Stsd, Tkhd, Trak, Url, Visual, Vmhd, Vp08, Vp09, VpcC,
};

use crate::frame::{AUDIO_TIMESCALE, VIDEO_TIMESCALE, VideoCodec};
use crate::h264::{AccessUnit, H264Config, ParameterSets, Sps};
use crate::vpx::{Vp8Config, Vp9Config};

pub(crate) const VIDEO_TRACK: u32 = 1;
pub(crate) const AUDIO_TRACK: u32 = 2;

/// What a decoder must know before the first picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VideoConfig {
    H264(H264Config),
    Vp8(Vp8Config),
    Vp9(Vp9Config),
}

impl VideoCodec {
    /// Whether decoding can start with this frame (Annex B for H.264), by its bytes.
    pub fn is_key_frame(self, data: &Bytes) -> bool {
        Picture::parse(self, data.clone()).is_key()
    }
}

/// One video frame, read.
#[derive(Debug)]
pub(crate) enum Picture {
    H264(AccessUnit),
    Vpx { codec: VideoCodec, key: Option<VideoConfig>, data: Bytes },
}

impl Picture {
    /// Reads the frame's bytes; what the sender claimed about it does not matter.
    pub(crate) fn parse(codec: VideoCodec, data: Bytes) -> Self {
        match codec {
            VideoCodec::H264 => Self::H264(AccessUnit::parse(&data)),
            VideoCodec::Vp8 => Self::Vpx { codec, key: Vp8Config::parse(&data).map(VideoConfig::Vp8), data },
            VideoCodec::Vp9 => Self::Vpx { codec, key: Vp9Config::parse(&data).map(VideoConfig::Vp9), data },
        }
    }

    pub(crate) fn is_key(&self) -> bool {
        match self {
            Self::H264(unit) => unit.is_idr(),
            Self::Vpx { key, .. } => key.is_some(),
        }
    }

    /// Whether this is a picture at all: H.264 parameter sets may come alone.
    pub(crate) fn is_picture(&self) -> bool {
        match self {
            Self::H264(unit) => unit.has_picture(),
            Self::Vpx { data, .. } => !data.is_empty(),
        }
    }

    pub(crate) fn has_parameter_sets(&self) -> bool {
        matches!(self, Self::H264(unit) if unit.has_parameter_sets())
    }

    /// What a decoder needs that starts with this picture. `None` for anything but a key frame. `known` keeps the
    /// parameter sets of H.264, which may have come before.
    pub(crate) fn config(&self, known: &mut ParameterSets) -> Option<VideoConfig> {
        match self {
            Self::H264(unit) => {
                known.update(unit);
                known.config().filter(|_| unit.is_idr()).map(VideoConfig::H264)
            }
            Self::Vpx { key, .. } => key.clone(),
        }
    }

    /// The bytes as the container holds them. `None` when the picture is of another codec than the track.
    pub(crate) fn into_sample(self, config: &VideoConfig) -> Option<Bytes> {
        match (self, config) {
            (Self::H264(unit), VideoConfig::H264(config)) => Some(unit.into_sample(config)),
            (Self::Vpx { data, codec, .. }, config) if config.codec() == codec => Some(data),
            _ => None,
        }
    }
}

impl VideoConfig {
    pub fn codec(&self) -> VideoCodec {
        match self {
            Self::H264(_) => VideoCodec::H264,
            Self::Vp8(_) => VideoCodec::Vp8,
            Self::Vp9(_) => VideoCodec::Vp9,
        }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u16, u16) {
        match self {
            Self::H264(config) => (config.picture.width, config.picture.height),
            Self::Vp8(config) => (config.width, config.height),
            Self::Vp9(config) => (config.width, config.height),
        }
    }

    /// Whether a decoder that was set up for `self` may go on with `other`. Picture parameter sets travel in the
    /// samples and may differ.
    pub(crate) fn continues_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::H264(a), Self::H264(b)) => a.sps == b.sps,
            _ => self == other,
        }
    }

    fn sample_entry(&self) -> Codec {
        let (width, height) = self.size();
        let visual = Visual { data_reference_index: 1, width, height, ..Visual::default() };
        match self {
            Self::H264(config) => Avc1 { visual, avcc: avcc(config), ..Avc1::default() }.into(),
            Self::Vp8(_) => Vp08 { visual, vpcc: vpcc(0, 8, 1, false, width, height), ..Vp08::default() }.into(),
            Self::Vp9(c) => {
                let vpcc = vpcc(c.profile, c.bit_depth, c.subsampling, c.full_range, width, height);
                Vp09 { visual, vpcc, ..Vp09::default() }.into()
            }
        }
    }

    /// The reverse of the sample entry.
    pub(crate) fn from_sample_entry(entry: &Codec) -> Option<Self> {
        let size = |visual: &Visual| (visual.width, visual.height);
        match entry {
            Codec::Avc1(Avc1 { avcc, .. }) => {
                let sps = Bytes::copy_from_slice(avcc.sequence_parameter_sets.first()?);
                let pps = Bytes::copy_from_slice(avcc.picture_parameter_sets.first()?);
                let picture = Sps::parse(&sps)?;
                Some(Self::H264(H264Config { sps, pps, picture }))
            }
            Codec::Vp08(entry) => {
                let (width, height) = size(&entry.visual);
                Some(Self::Vp8(Vp8Config { width, height }))
            }
            Codec::Vp09(Vp09 { visual, vpcc, .. }) => {
                let (width, height) = size(visual);
                Some(Self::Vp9(Vp9Config {
                    profile: vpcc.profile,
                    bit_depth: vpcc.bit_depth,
                    subsampling: vpcc.chroma_subsampling,
                    full_range: vpcc.video_full_range_flag,
                    width,
                    height,
                }))
            }
            _ => None,
        }
    }
}

fn avcc(config: &H264Config) -> Avcc {
    let picture = &config.picture;
    // ISO/IEC 14496-15 §5.3.3.1.2: only these profiles carry the extension.
    let ext = matches!(picture.profile, 100 | 110 | 122 | 144).then(|| AvccExt {
        chroma_format: picture.chroma_format,
        bit_depth_luma: picture.bit_depth_luma,
        bit_depth_chroma: picture.bit_depth_chroma,
        sequence_parameter_sets_ext: Vec::new(),
    });
    Avcc {
        configuration_version: 1,
        avc_profile_indication: picture.profile,
        profile_compatibility: picture.compatibility,
        avc_level_indication: picture.level,
        length_size: 4,
        sequence_parameter_sets: vec![config.sps.to_vec()],
        picture_parameter_sets: vec![config.pps.to_vec()],
        ext,
    }
}

fn vpcc(profile: u8, bit_depth: u8, chroma_subsampling: u8, full_range: bool, width: u16, height: u16) -> VpcC {
    // The lowest VP9 level whose luma picture size fits (vp9-levels, §2); the rate is not known beforehand.
    let size = u32::from(width) * u32::from(height);
    let levels = [(36_864, 10), (122_880, 20), (552_960, 30), (983_040, 31), (2_228_224, 40)];
    let level = levels.into_iter().find(|(largest, _)| size <= *largest).map_or(50, |(_, level)| level);
    VpcC { profile, level, bit_depth, chroma_subsampling, video_full_range_flag: full_range, ..VpcC::default() }
}

fn opus_entry() -> Codec {
    let audio =
        Audio { data_reference_index: 1, channel_count: 2, sample_size: 16, sample_rate: FixedPoint::from(48_000u16) };
    // Nothing is trimmed: the stream is joined while it runs, so there is no encoder start to skip (RFC 7845 §4.2).
    let dops = Dops {
        output_channel_count: 2,
        pre_skip: 0,
        input_sample_rate: AUDIO_TIMESCALE,
        output_gain: 0,
        channel_mapping: None,
    };
    Opus { audio, dops, btrt: None }.into()
}

/// A video track with this sample table, which is as large as the first of its configurations: H.264 with other parameter sets needs
/// another sample entry (`avc1` in ISO/IEC 14496-15). `duration` in [`VIDEO_TIMESCALE`] units, which is the movie's too.
pub(crate) fn video_trak(configs: &[VideoConfig], duration: u64, mut stbl: Stbl) -> Trak {
    let (width, height) = configs.first().map_or((0, 0), VideoConfig::size);
    stbl.stsd = Stsd { codecs: configs.iter().map(VideoConfig::sample_entry).collect() };
    let tkhd = Tkhd { width: width.into(), height: height.into(), ..tkhd(VIDEO_TRACK, duration) };
    let minf = Minf { vmhd: Some(Vmhd::default()), dinf: dinf(), stbl, ..Minf::default() };
    let hdlr = Hdlr { handler: b"vide".into(), name: "Video".into() };
    Trak { tkhd, mdia: Mdia { mdhd: mdhd(VIDEO_TIMESCALE, duration), hdlr, minf }, ..Trak::default() }
}

/// An Opus track with this sample table. `duration` in [`AUDIO_TIMESCALE`] units.
pub(crate) fn audio_trak(duration: u64, mut stbl: Stbl) -> Trak {
    stbl.stsd = Stsd { codecs: vec![opus_entry()] };
    let movie_duration = duration * u64::from(VIDEO_TIMESCALE) / u64::from(AUDIO_TIMESCALE);
    let tkhd = Tkhd { volume: 1.into(), alternate_group: 1, ..tkhd(AUDIO_TRACK, movie_duration) };
    let minf = Minf { smhd: Some(Smhd::default()), dinf: dinf(), stbl, ..Minf::default() };
    let hdlr = Hdlr { handler: b"soun".into(), name: "Sound".into() };
    Trak { tkhd, mdia: Mdia { mdhd: mdhd(AUDIO_TIMESCALE, duration), hdlr, minf }, ..Trak::default() }
}

/// A movie of these tracks; its clock is [`VIDEO_TIMESCALE`].
pub(crate) fn movie(trak: Vec<Trak>) -> Moov {
    let duration = trak.iter().map(|trak| trak.tkhd.duration).max().unwrap_or(0);
    let mvhd = Mvhd {
        timescale: VIDEO_TIMESCALE,
        duration,
        rate: 1.into(),
        volume: 1.into(),
        next_track_id: AUDIO_TRACK + 1,
        ..Mvhd::default()
    };
    Moov { mvhd, trak, ..Moov::default() }
}

fn tkhd(track_id: u32, duration: u64) -> Tkhd {
    Tkhd { track_id, duration, enabled: true, in_movie: true, ..Tkhd::default() }
}

fn mdhd(timescale: u32, duration: u64) -> Mdhd {
    Mdhd { timescale, duration, language: "und".into(), ..Mdhd::default() }
}

fn dinf() -> Dinf {
    Dinf { dref: Dref { entries: vec![Url::default().into()] } }
}
