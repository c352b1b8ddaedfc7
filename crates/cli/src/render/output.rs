//! The files of a render: their names, their formats, and what stands in an EXR's header.

use super::super::Failure;
use raylance_picture::frame::Frame;
use raylance_picture::{Notes, PictureError, View};
use std::path::{Path, PathBuf};

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Linear light and layers.
    Exr,
    /// 8-bit sRGB, lossless.
    Png,
    /// 8-bit sRGB, small.
    Jpeg,
}

impl Format {
    /// What a file's name promises. A name without an extension is an EXR.
    ///
    /// # Errors
    /// A line for a person when it promises something else.
    pub fn of(path: &Path) -> Result<Self, Failure> {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        match extension.as_str() {
            "exr" | "" => Ok(Self::Exr),
            "png" => Ok(Self::Png),
            "jpg" | "jpeg" => Ok(Self::Jpeg),
            _ => Err(Failure::input(format!("{}: pictures end in .exr, .png or .jpg", path.display()))),
        }
    }
}

/// All files that were asked for.
#[derive(Clone, Debug)]
pub struct Outputs {
    /// What `--out` names.
    pub main: (PathBuf, Format),
    /// What `--png` names.
    pub png: Option<PathBuf>,
    /// What `--jpg` names.
    pub jpg: Option<PathBuf>,
}

/// Paths of one frame's files, as they are told to a person or a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// By `--out`.
    pub images: Vec<String>,
    /// By `--png`.
    pub pngs: Vec<String>,
    /// By `--jpg`.
    pub jpgs: Vec<String>,
}

impl Written {
    /// Adds another frame's.
    pub fn extend(&mut self, other: Self) {
        self.images.extend(other.images);
        self.pngs.extend(other.pngs);
        self.jpgs.extend(other.jpgs);
    }
}

impl Outputs {
    /// Whether one of them has layers.
    pub fn has_exr(&self) -> bool {
        self.main.1 == Format::Exr
    }

    fn files(&self) -> impl Iterator<Item = (&Path, Format)> {
        let png = self.png.as_deref().map(|path| (path, Format::Png));
        let jpg = self.jpg.as_deref().map(|path| (path, Format::Jpeg));
        std::iter::once((self.main.0.as_path(), self.main.1)).chain(png).chain(jpg)
    }

    /// Names of one frame's files.
    pub fn names(&self, frame: Option<u32>) -> Written {
        let name = |path: &PathBuf| numbered(path, frame).display().to_string();
        Written { images: vec![name(&self.main.0)], pngs: self.png.iter().map(name).collect(), jpgs: self.jpg.iter().map(name).collect() }
    }

    /// Whether a frame needs no work. A file that is there is whole: it gets its name last.
    pub fn exist(&self, frame: Option<u32>) -> bool {
        self.files().all(|(path, _)| numbered(path, frame).is_file())
    }

    /// Makes the folders, before hours are spent on what cannot be kept.
    ///
    /// # Errors
    /// A line for a person.
    pub fn make_folders(&self) -> Result<(), Failure> {
        let folders = self.files().filter_map(|(path, _)| path.parent()).filter(|folder| !folder.as_os_str().is_empty());
        for folder in folders {
            std::fs::create_dir_all(folder).map_err(|error| Failure::work(format!("cannot make folder {}: {error}", folder.display())))?;
        }
        Ok(())
    }

    /// Writes one frame's files.
    ///
    /// # Errors
    /// A line for a person.
    pub fn write(&self, frame: Option<u32>, rendered: &Frame, notes: &Notes, view: View) -> Result<(), Failure> {
        for (path, format) in self.files() {
            let path = numbered(path, frame);
            let written: Result<(), PictureError> = match format {
                Format::Exr => rendered.picture.write_layered_exr(&path, &rendered.layers, notes),
                Format::Png => rendered.picture.write_png(&path, view),
                Format::Jpeg => rendered.picture.write_jpeg(&path, view),
            };
            written.map_err(|error| Failure::work(&error).caused_by(&error))?;
        }
        Ok(())
    }
}

/// `a.exr` → `a.0007.exr`, and `a_###.exr` → `a_007.exr`. Without a frame the name stays.
fn numbered(path: &Path, frame: Option<u32>) -> PathBuf {
    let Some(frame) = frame else { return path.to_owned() };
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if let Some(at) = name.find('#') {
        let width = name[at..].chars().take_while(|c| *c == '#').count();
        return path.with_file_name(format!("{}{frame:0width$}{}", &name[..at], &name[at + width..]));
    }
    match path.extension() {
        Some(extension) => path.with_extension(format!("{frame:04}.{}", extension.to_string_lossy())),
        None => path.with_file_name(format!("{name}.{frame:04}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_numbered_before_the_extension_or_where_the_name_says() {
        let name = |path: &str, frame| numbered(Path::new(path), frame).display().to_string();
        assert_eq!(name("out/a.exr", Some(7)), "out/a.0007.exr");
        assert_eq!(name("out/a.b.exr", Some(12345)), "out/a.b.12345.exr");
        assert_eq!(name("o#t/a_###.exr", Some(7)), "o#t/a_007.exr");
        assert_eq!(name("out/a", Some(7)), "out/a.0007");
        assert_eq!(name("out/a_###.exr", None), "out/a_###.exr");
    }

    #[test]
    fn names_promise_formats() {
        let format = |path: &str| Format::of(Path::new(path)).ok();
        assert_eq!(format("a.exr"), Some(Format::Exr));
        assert_eq!(format("a"), Some(Format::Exr));
        assert_eq!(format("a.PNG"), Some(Format::Png));
        assert_eq!(format("a.exr.jpeg"), Some(Format::Jpeg));
        assert_eq!(format("a.tif"), None);
    }
}
