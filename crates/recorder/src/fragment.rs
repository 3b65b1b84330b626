//! The pieces of a fragmented MP4 (ISO/IEC 14496-12 §8.8): the init segment, and fragments of `moof` and `mdat`.

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use mp4_atom::{Encode, Ftyp, Mfhd, Moof, Mvex, Stbl, Stco, Tfdt, Tfhd, Traf, Trex, Trun, TrunEntry};

use crate::track::{self, AUDIO_TRACK, VIDEO_TRACK, VideoConfig};

/// Sample flags, ISO/IEC 14496-12 §8.8.3.1: depends on nothing.
const SYNC_SAMPLE: u32 = 0x0200_0000;
/// Depends on others, and is not a sync sample.
const DEPENDENT_SAMPLE: u32 = 0x0101_0000;

/// One frame on its track's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sample {
    /// In the track's timescale, since the recording's origin.
    pub(crate) time: u64,
    pub(crate) duration: u32,
    pub(crate) key: bool,
    pub(crate) data: Bytes,
}

impl Sample {
    /// When the next one begins, in the track's timescale.
    pub(crate) fn end(&self) -> u64 {
        self.time + u64::from(self.duration)
    }
}

/// The tracks that an init segment declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tracks {
    pub(crate) video: Option<VideoConfig>,
    pub(crate) audio: bool,
}

/// A run of samples of each track.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fragment {
    pub(crate) video: Vec<Sample>,
    pub(crate) audio: Vec<Sample>,
    /// Where it begins on the recording's clock.
    pub(crate) start: Duration,
    /// How much of that clock it covers.
    pub(crate) length: Duration,
    /// Whether no picture that follows refers to one of these: the next one is a key frame, or of another part.
    pub(crate) closed: bool,
}

impl Fragment {
    pub(crate) fn is_empty(&self) -> bool {
        self.video.is_empty() && self.audio.is_empty()
    }

    /// Whether a decoder can start with this fragment's picture.
    pub(crate) fn starts_with_key(&self) -> bool {
        self.video.first().is_some_and(|sample| sample.key)
    }

    /// `moof` and `mdat`, with the runs of the tracks that `tracks` has.
    pub(crate) fn encode(&self, sequence_number: u32, tracks: &Tracks) -> Result<Bytes, mp4_atom::Error> {
        let video = if tracks.video.is_some() { self.video.as_slice() } else { &[] };
        let audio = if tracks.audio { self.audio.as_slice() } else { &[] };
        let runs: Vec<(u32, &[Sample])> =
            [(VIDEO_TRACK, video), (AUDIO_TRACK, audio)].into_iter().filter(|(_, run)| !run.is_empty()).collect();

        let mut moof =
            Moof { mfhd: Mfhd { sequence_number }, traf: runs.iter().map(|(track, run)| traf(*track, run)).collect() };
        // The offsets count from the start of `moof`, whose length does not depend on their values.
        let mut header = Vec::new();
        moof.encode(&mut header)?;
        let mut offset = header.len() + 8;
        for (traf, (_, run)) in moof.traf.iter_mut().zip(&runs) {
            for trun in &mut traf.trun {
                trun.data_offset = Some(i32::try_from(offset).map_err(|_| mp4_atom::Error::InvalidSize)?);
            }
            offset += bytes_in(run);
        }
        header.clear();
        moof.encode(&mut header)?;

        let payload: usize = runs.iter().map(|(_, run)| bytes_in(run)).sum();
        let size = u32::try_from(payload + 8).map_err(|_| mp4_atom::Error::InvalidSize)?;
        let mut out = BytesMut::with_capacity(header.len() + payload + 8);
        out.put_slice(&header);
        out.put_u32(size);
        out.put_slice(b"mdat");
        for sample in runs.iter().flat_map(|(_, run)| run.iter()) {
            out.put_slice(&sample.data);
        }
        Ok(out.freeze())
    }
}

fn bytes_in(run: &[Sample]) -> usize {
    run.iter().map(|sample| sample.data.len()).sum()
}

fn traf(track_id: u32, run: &[Sample]) -> Traf {
    let entries: Vec<TrunEntry> = run
        .iter()
        .map(|sample| TrunEntry {
            duration: Some(sample.duration),
            size: Some(u32::try_from(sample.data.len()).unwrap_or(u32::MAX)),
            flags: Some(if sample.key { SYNC_SAMPLE } else { DEPENDENT_SAMPLE }),
            cts: None,
        })
        .collect();
    Traf {
        tfhd: Tfhd { track_id, default_base_is_moof: true, ..Tfhd::default() },
        tfdt: run.first().map(|sample| Tfdt { base_media_decode_time: sample.time }),
        trun: vec![Trun { data_offset: Some(0), samples: entries.into() }],
        ..Traf::default()
    }
}

/// `ftyp` and `moov`: what comes before the first fragment.
pub(crate) fn init_segment(tracks: &Tracks) -> Result<Bytes, mp4_atom::Error> {
    let ftyp = Ftyp {
        major_brand: b"iso6".into(),
        minor_version: 1,
        compatible_brands: vec![b"iso6".into(), b"mp41".into(), b"cmfc".into()],
    };
    // The sample tables are empty: every sample is in a fragment. `stco` may not be missing (§8.7.5).
    let empty = || Stbl { stco: Some(Stco::default()), ..Stbl::default() };
    let video = tracks.video.as_ref().map(|config| track::video_trak(std::slice::from_ref(config), 0, empty()));
    let audio = tracks.audio.then(|| track::audio_trak(0, empty()));
    let mut moov = track::movie(video.into_iter().chain(audio).collect());
    let trex = moov
        .trak
        .iter()
        .map(|trak| Trex { track_id: trak.tkhd.track_id, default_sample_description_index: 1, ..Trex::default() })
        .collect();
    moov.mvex = Some(Mvex { mehd: None, trex });
    let mut out = Vec::new();
    ftyp.encode(&mut out)?;
    moov.encode(&mut out)?;
    Ok(out.into())
}
