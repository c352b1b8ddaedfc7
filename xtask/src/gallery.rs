//! Draws the gallery: every exhibit of [`crate::scene::exhibits`] by the release binary, and the page that shows them.

use crate::scene::{Exhibit, exhibits};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs, io};

/// Size and samples of a picture; an exhibit may ask for more.
const SIZE: [&str; 6] = ["--width", "400", "--height", "225", "--spp", "160"];

/// Why a picture is missing.
#[derive(Debug, thiserror::Error)]
enum GalleryError {
    /// A file could not be written, or the renderer not be started.
    #[error("{what}")]
    Io {
        /// Which.
        what: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The renderer refused a scene.
    #[error("`raylance render` failed on {0}")]
    Render(&'static str),
}

/// Renders all exhibits, or those whose name is given, and writes the page.
pub fn run(root: &Path, only: &[String]) -> ExitCode {
    match draw(root, only) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            if let Some(source) = std::error::Error::source(&error) {
                eprintln!("  {source}");
            }
            ExitCode::FAILURE
        }
    }
}

fn draw(root: &Path, only: &[String]) -> Result<(), GalleryError> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let (scenes, pictures) = (target.join("gallery"), root.join("docs/images/gallery"));
    for folder in [&scenes, &pictures] {
        fs::create_dir_all(folder).map_err(|source| GalleryError::Io { what: folder.clone(), source })?;
    }
    let all = exhibits();
    for exhibit in all.iter().filter(|exhibit| only.is_empty() || only.iter().any(|name| name == exhibit.name)) {
        let scene = scenes.join(exhibit.name).with_extension("glb");
        fs::write(&scene, &exhibit.scene).map_err(|source| GalleryError::Io { what: scene.clone(), source })?;
        let binary = target.join("release/raylance");
        let mut command = Command::new(&binary);
        command.arg("render").arg(&scene).args(SIZE).args(exhibit.arguments).args(["--device", "cpu"]);
        command.arg("-o").arg(scenes.join(exhibit.name).with_extension("exr"));
        command.arg("--jpg").arg(pictures.join(exhibit.name).with_extension("jpg"));
        let status = command.status().map_err(|source| GalleryError::Io { what: binary, source })?;
        if !status.success() {
            return Err(GalleryError::Render(exhibit.name));
        }
    }
    let page = root.join("docs/gallery.md");
    fs::write(&page, markdown(&all)).map_err(|source| GalleryError::Io { what: page, source })
}

fn markdown(exhibits: &[Exhibit]) -> String {
    let mut page = String::from(
        "# Gallery\n\nOne scene of our own per feature, made by formulas (`xtask/src/scene/gallery.rs`) and drawn by `make gallery`: 400 × 225 pixels,\n\
         160 samples, on the CPU, through AgX, not denoised. Each picture was looked at.\n",
    );
    for Exhibit { name, title, caption, .. } in exhibits {
        write!(page, "\n## {title}\n\n![{title}](images/gallery/{name}.jpg)\n\n{caption}\n").expect("a string takes all text");
    }
    page
}
