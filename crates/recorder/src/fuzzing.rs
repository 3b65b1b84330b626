//! A door to the parsers of codec headers for the fuzz targets, with what must hold for any bytes.

use bytes::Bytes;

use crate::h264::{self, AccessUnit, ParameterSets, Sps};
use crate::opus;
use crate::vpx::{Vp8Config, Vp9Config};

/// H.264: whatever is taken apart is written as a sample that can be read again, with the same pictures in it.
///
/// # Panics
/// When that does not hold.
pub fn h264(data: &[u8]) {
    let _ = Sps::parse(data);
    let _ = h264::sample_is_idr(data);
    let unit = AccessUnit::parse(&Bytes::copy_from_slice(data));
    let mut known = ParameterSets::default();
    known.update(&unit);
    if let Some(config) = known.config() {
        assert!(config.picture.width > 0 && config.picture.height > 0, "{:?}", config.picture);
        let idr = unit.is_idr();
        assert_eq!(h264::sample_is_idr(&unit.into_sample(&config)), Some(idr));
    }
}

/// VP8, VP9 and Opus: a picture has a size, a packet has a length.
///
/// # Panics
/// When that does not hold.
pub fn vpx_and_opus(data: &[u8]) {
    if let Some(picture) = Vp8Config::parse(data) {
        assert!(picture.width > 0 && picture.height > 0);
    }
    if let Some(picture) = Vp9Config::parse(data) {
        assert!(picture.width > 0 && picture.height > 0 && picture.profile <= 3);
    }
    if let Some(samples) = opus::samples(data) {
        assert!(samples > 0);
    }
}
