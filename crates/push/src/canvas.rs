//! What becomes of a part's picture, so that a provider sees one stream of one size.

use recorder::{PartVideo, VideoCodec};

/// The size of the pushed picture in pixels; both are even, as H.264 in 4:2:0 wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Canvas {
    pub(crate) width: u16,
    pub(crate) height: u16,
}

/// How a part's picture is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Picture {
    /// The publisher's H.264 as it is.
    Copy,
    /// Encoded, and fitted into the canvas: another codec, or another size than the stream began with. Players and
    /// providers of RTMP streams do not expect the size to change.
    Encode,
    /// The part has none; providers want one.
    Black,
}

impl Canvas {
    /// Where no part has a picture.
    pub(crate) const DEFAULT: Self = Self { width: 1280, height: 720 };

    /// Takes the size of the recording's first picture.
    pub(crate) fn of(video: PartVideo) -> Self {
        Self { width: (video.width & !1).max(2), height: (video.height & !1).max(2) }
    }

    pub(crate) fn picture(self, video: Option<PartVideo>) -> Picture {
        match video {
            None => Picture::Black,
            Some(PartVideo { codec: VideoCodec::H264, width, height }) if self == (Self { width, height }) => {
                Picture::Copy
            }
            Some(_) => Picture::Encode,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_h264_of_the_right_size_is_copied() {
        let video = |codec, width, height| PartVideo { codec, width, height };
        let canvas = Canvas::of(video(VideoCodec::Vp8, 641, 360));
        assert_eq!(canvas, Canvas { width: 640, height: 360 });
        assert_eq!(canvas.picture(Some(video(VideoCodec::H264, 640, 360))), Picture::Copy);
        assert_eq!(canvas.picture(Some(video(VideoCodec::H264, 641, 360))), Picture::Encode);
        assert_eq!(canvas.picture(Some(video(VideoCodec::H264, 360, 640))), Picture::Encode);
        assert_eq!(canvas.picture(Some(video(VideoCodec::Vp9, 640, 360))), Picture::Encode);
        assert_eq!(canvas.picture(None), Picture::Black);
    }
}
