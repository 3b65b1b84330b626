//! How a player is to turn a file's pictures. Safari on an iPhone does not turn them itself: it marks the file (the matrix
//! of ISO/IEC 14496-12 §8.3.2).

use std::path::Path;

use mp4_atom::{Atom, Matrix, Moov};

use crate::read::Boxes;

/// The header of a phone's file is some kilobytes long.
const LARGEST_HEADER: u64 = 1 << 20;
/// The matrix is of 16.16 fixed-point numbers.
const ONE: i32 = 1 << 16;

/// Clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Rotation {
    #[default]
    None,
    Right,
    Half,
    Left,
}

impl Rotation {
    /// Of the file at `path`. A file that is no MP4, or is marked in another way, is not turned.
    pub(crate) fn of_file(path: &Path) -> Self {
        let moov = || {
            let mut boxes = Boxes::open(path).ok()?;
            while let Some(at) = boxes.next().ok()? {
                if at.kind == Moov::KIND {
                    return boxes.decode::<Moov>(&at, LARGEST_HEADER).ok()?;
                }
                boxes.skip(&at).ok()?;
            }
            None
        };
        moov().map_or(Self::None, |moov| Self::of_movie(&moov))
    }

    pub(crate) fn of_movie(moov: &Moov) -> Self {
        let video = moov.trak.iter().find(|trak| trak.mdia.hdlr.handler == b"vide".into());
        video.map_or(Self::None, |trak| Self::of_matrix(&trak.tkhd.matrix))
    }

    fn of_matrix(matrix: &Matrix) -> Self {
        match (matrix.a.signum(), matrix.b.signum(), matrix.c.signum(), matrix.d.signum()) {
            (0, 1, -1, 0) => Self::Right,
            (-1, 0, 0, -1) => Self::Half,
            (0, -1, 1, 0) => Self::Left,
            _ => Self::None,
        }
    }

    /// For pictures of this size, which stay in the first quadrant.
    pub(crate) fn matrix(self, width: u16, height: u16) -> Matrix {
        let (width, height) = (i32::from(width) << 16, i32::from(height) << 16);
        let turned = |a, b, x, y| Matrix { a, b, c: -b, d: a, x, y, ..Matrix::default() };
        match self {
            Self::None => Matrix::default(),
            Self::Right => turned(0, ONE, height, 0),
            Self::Half => turned(-ONE, 0, width, height),
            Self::Left => turned(0, -ONE, 0, width),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_is_read_as_it_was_written() {
        for rotation in [Rotation::None, Rotation::Right, Rotation::Half, Rotation::Left] {
            assert_eq!(Rotation::of_matrix(&rotation.matrix(1280, 720)), rotation);
        }
        let mirrored = Matrix { a: -ONE, ..Matrix::default() };
        assert_eq!(Rotation::of_matrix(&mirrored), Rotation::None);
    }

    #[test]
    fn what_is_no_mp4_is_not_turned() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("take.webm");
        assert_eq!(Rotation::of_file(&file), Rotation::None);
        std::fs::write(&file, [0x1a, 0x45, 0xdf, 0xa3, 1, 0, 0, 0, 0, 0, 0, 0x1f]).unwrap();
        assert_eq!(Rotation::of_file(&file), Rotation::None);
    }
}
