//! `gallery [NAME…]` draws the gallery: every exhibit of [`scenes::exhibits`] by the release binary, and the page that shows them.

mod layers;

use clap::Parser;
use scenes::{Exhibit, Shows, exhibits};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs, io};

/// Samples of a pixel.
const SAMPLES: &str = "96";
/// What `raylance render --view` takes, in the order of the page.
const VIEWS: [&str; 4] = ["standard", "filmic", "agx", "aces"];

#[derive(Parser)]
#[command(name = "gallery", about = "Draws the gallery with the release binary: docs/gallery.md and its pictures")]
struct Arguments {
    /// Only exhibits of these names.
    names: Vec<String>,
}

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
    /// The layers of a rendered file could not be shown.
    #[error("the layers of {0} cannot be shown")]
    Layers(&'static str, #[source] layers::LayersError),
}

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("this package lies two folders below the root");
    match draw(root, &Arguments::parse().names) {
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

/// Where things are.
struct Folders {
    binary: PathBuf,
    /// Scenes, skies and linear pictures, which nobody keeps.
    scenes: PathBuf,
    pictures: PathBuf,
}

/// Renders all exhibits, or those whose name is given, and writes the page.
fn draw(root: &Path, only: &[String]) -> Result<(), GalleryError> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let folders =
        Folders { binary: target.join("release/raylance"), scenes: target.join("gallery"), pictures: root.join("docs/images/gallery") };
    for folder in [&folders.scenes, &folders.pictures] {
        fs::create_dir_all(folder).map_err(|source| GalleryError::Io { what: folder.clone(), source })?;
    }
    let all = exhibits();
    for exhibit in all.iter().filter(|exhibit| only.is_empty() || only.iter().any(|name| name == exhibit.name)) {
        let scene = folders.scenes.join(exhibit.name).with_extension("glb");
        write(&scene, &exhibit.scene)?;
        match exhibit.shows {
            Shows::Picture => folders.render(exhibit, &scene, exhibit.name, &[])?,
            Shows::Views => {
                VIEWS
                    .iter()
                    .try_for_each(|view| folders.render(exhibit, &scene, &format!("{}-{view}", exhibit.name), &["--view", view]))?;
            }
            Shows::Layers => {
                folders.render(exhibit, &scene, exhibit.name, &[])?;
                let exr = folders.scenes.join(exhibit.name).with_extension("exr");
                layers::show(&exr, &folders.pictures.join(exhibit.name)).map_err(|source| GalleryError::Layers(exhibit.name, source))?;
            }
        }
    }
    write(&root.join("docs/gallery.md"), markdown(&all).as_bytes())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), GalleryError> {
    fs::write(path, bytes).map_err(|source| GalleryError::Io { what: path.to_owned(), source })
}

impl Folders {
    /// Draws a scene as a picture of that name.
    fn render(&self, exhibit: &Exhibit, scene: &Path, name: &str, further: &[&str]) -> Result<(), GalleryError> {
        let mut command = Command::new(&self.binary);
        let (width_px, height_px) = size(exhibit.shows);
        command.arg("render").arg(scene).args(["--spp", SAMPLES, "--device", "cpu"]);
        command.args(["--width", &width_px.to_string(), "--height", &height_px.to_string()]);
        if let Some((sky, make)) = exhibit.sky.file() {
            let sky = self.scenes.join(sky);
            write(&sky, &make())?;
            command.arg("--env").arg(sky);
        }
        command.args(exhibit.arguments).args(further);
        if exhibit.shows != Shows::Layers {
            command.arg("--no-aovs");
        }
        command.arg("-o").arg(self.scenes.join(name).with_extension("exr"));
        let picture = self.pictures.join(name).with_extension("jpg");
        command.arg("--jpg").arg(&picture);
        if let Some(frame) = exhibit.frame {
            command.args(["--frame", &frame.to_string()]);
        }
        let status = command.status().map_err(|source| GalleryError::Io { what: self.binary.clone(), source })?;
        if !status.success() {
            return Err(GalleryError::Render(exhibit.name));
        }
        // The renderer puts the frame's number before the extension.
        let numbered = exhibit.frame.map(|frame| self.pictures.join(format!("{name}.{frame:04}.jpg")));
        numbered.map_or(Ok(()), |from| fs::rename(&from, &picture).map_err(|source| GalleryError::Io { what: from, source }))
    }
}

/// Pixels of a picture: smaller where four of them stand in a table.
fn size(shows: Shows) -> (u32, u32) {
    match shows {
        Shows::Picture => (480, 192),
        Shows::Views => (400, 160),
        Shows::Layers => (400, 225),
    }
}

fn markdown(exhibits: &[Exhibit]) -> String {
    let mut page = format!(
        "# Gallery\n\nOne scene of our own per feature, made by formulas (`tools/scenes/src/gallery`) and drawn by `make gallery`: 480 × 192 pixels,\n\
         {SAMPLES} samples, on the CPU, through AgX unless a picture says otherwise, not denoised. Each picture was looked at.\n"
    );
    for Exhibit { name, title, caption, shows, .. } in exhibits {
        let shown = match shows {
            Shows::Picture => format!("![{title}](images/gallery/{name}.jpg)\n"),
            Shows::Views => table(VIEWS.map(|view| (view, format!("{name}-{view}")))),
            Shows::Layers => {
                let [albedo, normal, depth] = layers::LAYERS.map(|layer| (layer, format!("{name}-{layer}")));
                table([("picture", (*name).to_owned()), albedo, normal, depth])
            }
        };
        write!(page, "\n## {title}\n\n{shown}\n{caption}\n").expect("a string takes all text");
    }
    page
}

/// Four pictures, two by two, each with its name above.
fn table([a, b, c, d]: [(&str, String); 4]) -> String {
    let show = |(name, file): &(&str, String)| format!("![{name}](images/gallery/{file}.jpg)");
    let upper = format!("| {} | {} |\n|---|---|\n| {} | {} |\n", a.0, b.0, show(&a), show(&b));
    format!("{upper}| **{}** | **{}** |\n| {} | {} |\n", c.0, d.0, show(&c), show(&d))
}
