//! A picture that somebody gives is read within limits, turned upright, made small and written anew: nothing of the file
//! comes through but what is seen. Many photographs say in words, too, where they were taken.

use std::{io::Cursor, sync::Arc};

use image::{
    DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, Rgba, RgbaImage, codecs::jpeg::JpegEncoder,
    imageops,
};
use tokio::sync::Semaphore;

use crate::Error;

/// The largest file that is read.
pub const LARGEST: usize = 10_000_000;
/// What is kept is no larger than this: it comes to a mourner's page over a slow connection.
const SMALL: usize = 15_000;
/// The longer side of what is kept, and what is tried where that is too large. The pages show it at half of the first.
const SIDES: [u32; 4] = [320, 256, 192, 128];
const QUALITIES: [u8; 3] = [80, 70, 60];
/// More than a telephone's camera makes. A file of a few kilobytes can claim any number.
const PIXELS: u64 = 50_000_000;
const MEMORY: u64 = 256 * 1024 * 1024;

/// Why a file is not taken; a sentence for whoever gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsuitable {
    #[error("Please choose a picture.")]
    Nothing,
    #[error("The picture is too large. Please choose one of at most 10 MB.")]
    TooLarge,
    #[error("The picture has too many pixels. Please choose a smaller one.")]
    TooManyPixels,
    #[error("That is not a picture that can be read. Please choose a JPEG, PNG or WebP file.")]
    NotAPicture,
}

/// Makes pictures small, one at a time: each may take hundreds of megabytes for a moment.
#[derive(Debug)]
pub(crate) struct Pictures {
    at_once: Arc<Semaphore>,
}

impl Default for Pictures {
    fn default() -> Self {
        Self { at_once: Arc::new(Semaphore::new(1)) }
    }
}

impl Pictures {
    /// A small JPEG of what the file shows.
    pub(crate) async fn small(&self, file: Vec<u8>) -> Result<Vec<u8>, Error> {
        let stopped = || Error::Internal("making a picture small stopped".into());
        let permit = Arc::clone(&self.at_once).acquire_owned().await.map_err(|_| stopped())?;
        let made = tokio::task::spawn_blocking(move || {
            let made = small(&file);
            drop(permit);
            made
        });
        made.await.map_err(|_| stopped())?.map_err(|unsuitable| Error::Invalid(unsuitable.to_string()))
    }
}

fn small(file: &[u8]) -> Result<Vec<u8>, Unsuitable> {
    let picture = read(file)?;
    let tries = SIDES.into_iter().flat_map(|side| QUALITIES.map(|quality| (side, quality)));
    for (side, quality) in tries {
        let mut jpeg = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut jpeg, quality);
        // Writing to memory fails for no picture that could be read.
        within(picture.clone(), side).write_with_encoder(encoder).map_err(|_| Unsuitable::NotAPicture)?;
        if jpeg.len() <= SMALL {
            return Ok(jpeg);
        }
    }
    Err(Unsuitable::NotAPicture)
}

/// Smaller where it is larger.
fn within(picture: DynamicImage, side: u32) -> DynamicImage {
    if picture.width().max(picture.height()) > side { picture.thumbnail(side, side) } else { picture }
}

/// What the file shows, upright, on white, and no larger than is kept.
fn read(file: &[u8]) -> Result<DynamicImage, Unsuitable> {
    if file.is_empty() {
        return Err(Unsuitable::Nothing);
    }
    if file.len() > LARGEST {
        return Err(Unsuitable::TooLarge);
    }
    let format = image::guess_format(file).map_err(|_| Unsuitable::NotAPicture)?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return Err(Unsuitable::NotAPicture);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| Unsuitable::NotAPicture)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS || decoder.total_bytes() > MEMORY {
        return Err(Unsuitable::TooManyPixels);
    }
    let orientation = decoder.orientation().map_err(|_| Unsuitable::NotAPicture)?;
    let [largest, ..] = SIDES;
    let picture = DynamicImage::from_decoder(decoder).map_err(|_| Unsuitable::NotAPicture)?;
    let mut picture = within(picture, largest);
    picture.apply_orientation(orientation);
    let mut on_white = RgbaImage::from_pixel(picture.width(), picture.height(), Rgba([255; 4]));
    imageops::overlay(&mut on_white, &picture.to_rgba8(), 0, 0);
    Ok(DynamicImage::ImageRgba8(on_white).into_rgb8().into())
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, codecs::png::PngEncoder};

    use super::*;

    /// Red above, blue below.
    fn two_colours(width: u32, height: u32) -> DynamicImage {
        RgbImage::from_fn(width, height, |_, y| if y < height / 2 { Rgb([220, 30, 30]) } else { Rgb([30, 30, 220]) })
            .into()
    }

    fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).unwrap();
        file.into_inner()
    }

    /// A JPEG that says how it was held, and where.
    fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        exif.extend(b"GPS 52.5200 N 13.4050 E");
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        let mut file = jpeg[..2].to_vec();
        file.extend([0xff, 0xe1]);
        file.extend(length);
        file.extend(exif);
        file.extend(&jpeg[2..]);
        file
    }

    fn red(picture: &DynamicImage, x: u32, y: u32) -> bool {
        let Rgb([red, _, blue]) = picture.to_rgb8().get_pixel(x, y).to_owned();
        red > blue
    }

    #[test]
    fn every_kind_of_picture_is_made_small() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let made = small(&file(&two_colours(900, 1200), format)).unwrap();
            assert!(made.len() <= SMALL, "{format:?}: {}", made.len());
            let made = image::load_from_memory_with_format(&made, ImageFormat::Jpeg).unwrap();
            assert_eq!((made.width(), made.height()), (240, 320));
            assert!(red(&made, 120, 20) && !red(&made, 120, 300));
        }
    }

    #[test]
    fn the_most_restless_picture_is_small_enough() {
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let picture = RgbImage::from_fn(640, 640, |_, _| Rgb([noise(), noise(), noise()]));
        assert!(small(&file(&picture.into(), ImageFormat::Png)).unwrap().len() <= SMALL);
    }

    #[test]
    fn it_is_upright_and_says_nothing_besides() {
        let plain = file(&two_colours(400, 300), ImageFormat::Jpeg);
        // 6: the camera was turned, what is above lies at the left.
        let turned = with_exif(&plain, 6);
        assert!(turned.windows(3).any(|bytes| bytes == b"GPS"));
        let made = small(&turned).unwrap();
        assert!(!made.windows(3).any(|bytes| bytes == b"GPS") && !made.windows(4).any(|bytes| bytes == b"Exif"));
        let made = image::load_from_memory(&made).unwrap();
        assert_eq!((made.width(), made.height()), (240, 320));
        assert!(red(&made, 230, 160) && !red(&made, 10, 160));
    }

    #[test]
    fn what_is_seen_through_is_white() {
        let picture = RgbaImage::from_pixel(50, 50, Rgba([0, 0, 0, 0]));
        let made = image::load_from_memory(&small(&file(&picture.into(), ImageFormat::Png)).unwrap()).unwrap();
        assert_eq!((made.width(), made.height()), (50, 50), "nothing is made larger");
        assert!(made.to_rgb8().pixels().all(|Rgb(colours)| colours.iter().all(|colour| *colour > 250)));
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let jpeg = file(&two_colours(400, 300), ImageFormat::Jpeg);
        for (file, why) in [
            (Vec::new(), Unsuitable::Nothing),
            (b"%PDF-1.7".to_vec(), Unsuitable::NotAPicture),
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), Unsuitable::NotAPicture),
            (b"GIF89a\x01\0\x01\0\0\0\0".to_vec(), Unsuitable::NotAPicture),
            (jpeg[..40].to_vec(), Unsuitable::NotAPicture),
            (vec![0xff; LARGEST + 1], Unsuitable::TooLarge),
        ] {
            assert_eq!(small(&file), Err(why), "{} bytes", file.len());
        }
    }

    #[test]
    fn a_small_file_that_claims_to_be_huge_is_not_unpacked() {
        let mut bomb = Vec::new();
        let line = vec![0_u8; 16];
        image::ImageEncoder::write_image(PngEncoder::new(&mut bomb), &line, 4, 4, image::ExtendedColorType::L8)
            .unwrap();
        // Width and height stand after the signature and the chunk's head; a checksum follows.
        bomb[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
        let checksum = crc32(&bomb[12..29]).to_be_bytes();
        bomb[29..33].copy_from_slice(&checksum);
        assert_eq!(small(&bomb), Err(Unsuitable::TooManyPixels));
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes
            .iter()
            .fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1))))
    }
}
