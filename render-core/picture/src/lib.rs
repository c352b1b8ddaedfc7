//! Film in, picture out: linear EXR to keep, PNG and JPEG to look at, whole frames on one device,
//! and the scene doctor with its trial picture.
//!
//! ```text
//! leaves ─► Assembly ─► Picture ─┬─ layers, notes ─► EXR
//!                                └─ view transform ─► PNG, JPEG
//! scene file ─ doctor ─► trial picture ─► faults
//! ```

pub mod assembly;
pub mod doctor;
pub mod frame;

mod exr_file;
mod layers;
#[cfg(test)]
mod references;
mod screen;
mod view;

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

pub use assembly::{AssembleError, Assembly, Completeness};
pub use layers::{Layers, Notes, SKY_DEPTH_M};
pub use screen::View;
pub use view::{UnknownView, ViewTransform};

/// A finished picture: linear radiance with Rec.709 primaries.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// At least 1.
    pub width_px: u32,
    /// At least 1.
    pub height_px: u32,
    /// Rows from the top, `width_px · height_px` of them.
    pub pixels: Vec<[f32; 3]>,
}

/// Why a picture could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The list of pixels does not match the size, or the size is zero.
    #[error("a picture of {width_px} × {height_px} px cannot have {pixels} pixels")]
    BadSize {
        /// Claimed width.
        width_px: u32,
        /// Claimed height.
        height_px: u32,
        /// Pixels given.
        pixels: usize,
    },
    /// A picture that is read exceeds the caller's limit.
    #[error("the picture of {width_px} × {height_px} px exceeds {width_max} × {height_max}")]
    TooLarge {
        /// Claimed width.
        width_px: u64,
        /// Claimed height.
        height_px: u64,
        /// Widest allowed.
        width_max: u32,
        /// Highest allowed.
        height_max: u32,
    },
    /// A file could not be written or read.
    #[error("{path} cannot be written or read")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The EXR encoder or decoder refused.
    #[error("the EXR data is malformed or cannot be encoded")]
    Exr(#[source] exr::error::Error),
    /// The PNG encoder refused.
    #[error("the PNG cannot be encoded")]
    Png(#[source] png::EncodingError),
    /// The JPEG encoder refused.
    #[error("the JPEG cannot be encoded")]
    Jpeg(#[source] image::ImageError),
}

impl Picture {
    /// A picture from rows from the top.
    ///
    /// # Errors
    /// [`PictureError::BadSize`] if the pixels do not fill the size exactly.
    pub fn new(width_px: u32, height_px: u32, pixels: Vec<[f32; 3]>) -> Result<Self, PictureError> {
        let picture = Self { width_px, height_px, pixels };
        picture.check_size().map(|()| picture)
    }

    /// Writes 32-bit float RGB, losslessly compressed. The same picture gives the same pixels, and a reader never sees half a file.
    ///
    /// # Errors
    /// [`PictureError::BadSize`], [`PictureError::Exr`] or [`PictureError::File`].
    pub fn write_exr(&self, path: &Path) -> Result<(), PictureError> {
        write_whole(path, &self.to_exr_bytes()?)
    }

    /// Writes [`Picture::to_layered_exr_bytes`] so that a reader never sees half a file.
    ///
    /// # Errors
    /// [`PictureError::BadSize`], [`PictureError::Exr`] or [`PictureError::File`].
    pub fn write_layered_exr(&self, path: &Path, layers: &Layers, notes: &Notes) -> Result<(), PictureError> {
        write_whole(path, &self.to_layered_exr_bytes(layers, notes)?)
    }

    /// Reads an RGB EXR of at most `edge_max` px per edge; an alpha channel is ignored.
    ///
    /// # Errors
    /// [`PictureError::File`], [`PictureError::TooLarge`] or [`PictureError::Exr`].
    pub fn read_exr(path: &Path, edge_max: u32) -> Result<Self, PictureError> {
        let bytes = fs::read(path).map_err(|source| PictureError::File { path: path.to_owned(), source })?;
        Self::from_exr_bytes(&bytes, edge_max, edge_max)
    }

    /// Writes [`Picture::to_png_bytes`] so that a reader never sees half a file.
    ///
    /// # Errors
    /// [`PictureError::BadSize`], [`PictureError::Png`] or [`PictureError::File`].
    pub fn write_png(&self, path: &Path, view: View) -> Result<(), PictureError> {
        write_whole(path, &self.to_png_bytes(view)?)
    }

    /// Writes [`Picture::to_jpeg_bytes`] so that a reader never sees half a file.
    ///
    /// # Errors
    /// [`PictureError::BadSize`], [`PictureError::Jpeg`] or [`PictureError::File`].
    pub fn write_jpeg(&self, path: &Path, view: View) -> Result<(), PictureError> {
        write_whole(path, &self.to_jpeg_bytes(view)?)
    }

    fn check_size(&self) -> Result<(), PictureError> {
        let Self { width_px, height_px, ref pixels } = *self;
        let fits = width_px > 0 && height_px > 0 && pixels.len() as u64 == u64::from(width_px) * u64::from(height_px);
        if fits { Ok(()) } else { Err(PictureError::BadSize { width_px, height_px, pixels: pixels.len() }) }
    }
}

/// Writes beside the target and renames, so that the target is either the old file or the whole new one.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), PictureError> {
    static WRITES: AtomicU64 = AtomicU64::new(0);
    let failed = |source: io::Error| PictureError::File { path: path.to_owned(), source };
    let name = path.file_name().ok_or_else(|| failed(io::ErrorKind::InvalidFilename.into()))?;
    let mut draft_name = name.to_owned();
    draft_name.push(format!(".{}-{}.part", std::process::id(), WRITES.fetch_add(1, Ordering::Relaxed)));
    let draft = path.with_file_name(draft_name);
    let write = || {
        let mut file = fs::File::create(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    write().map_err(|error| {
        // The draft is of no use to anyone; that it may not exist does not matter.
        let _ = fs::remove_file(&draft);
        failed(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> Picture {
        let pixels = (0..7 * 5).map(|i| [i as f32 * 0.1, 1.0e-20 * i as f32, 1.0e9 / (1.0 + i as f32)]).collect();
        Picture::new(7, 5, pixels).unwrap()
    }

    #[test]
    fn exr_comes_back_bit_for_bit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("picture.exr");
        let picture = ramp();
        picture.write_exr(&path).unwrap();
        picture.write_exr(&path).unwrap();
        assert_eq!(Picture::read_exr(&path, 16).unwrap(), picture);
        assert_eq!(fs::read(&path).unwrap(), picture.to_exr_bytes().unwrap(), "the same picture gives the same bytes");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no draft is left behind");
        assert!(matches!(Picture::read_exr(&path, 6), Err(PictureError::TooLarge { width_px: 7, .. })));
    }

    #[test]
    fn broken_exr_is_refused() {
        let bytes = ramp().to_exr_bytes().unwrap();
        for end in [0, 3, 8, bytes.len() / 2, bytes.len() - 1] {
            assert!(Picture::from_exr_bytes(&bytes[..end], 16, 16).is_err(), "{end}");
        }
        assert!(matches!(Picture::new(2, 2, vec![[0.0; 3]; 3]), Err(PictureError::BadSize { .. })));
        assert!(matches!(Picture { width_px: 0, height_px: 1, pixels: vec![] }.to_exr_bytes(), Err(PictureError::BadSize { .. })));
    }

    #[test]
    fn writing_into_a_missing_folder_names_the_file() {
        let path = Path::new("no-such-folder").join("a.png");
        assert!(matches!(ramp().write_png(&path, View::default()), Err(PictureError::File { path: named, .. }) if named == path));
    }

    proptest::proptest! {
        #[test]
        fn flipped_exr_bytes_never_panic(flips in proptest::collection::vec((proptest::prelude::any::<proptest::sample::Index>(), proptest::prelude::any::<u8>()), 1..6)) {
            let mut bytes = ramp().to_exr_bytes().unwrap();
            for (at, value) in flips {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            let _ = Picture::from_exr_bytes(&bytes, 64, 64);
        }
    }
}
