//! Flags that say what is drawn: scene, light, camera, size.

use super::Failure;
use super::parse::{angle_deg, factor, finite, positive, vec3};
use clap::Args;
use raylance_control::submit::{self, Look, SubmitRequest};
use raylance_picture::{View, ViewTransform};
use raylance_scene::import::ImportOptions;
use raylance_scene::{LensChoice, Opening};
use std::path::{Path, PathBuf};

/// Where the light comes from and where the eye stands.
#[derive(Args, Clone, Debug)]
pub struct SceneArgs {
    /// Equirectangular environment picture (.hdr or .exr)
    #[arg(long, value_name = "HDR")]
    pub env: Option<PathBuf>,
    /// Factor on the environment's radiance
    #[arg(long, value_name = "X", value_parser = factor)]
    pub env_strength: Option<f32>,
    /// Camera of the scene, by name or number
    #[arg(long, value_name = "NAME|INDEX", conflicts_with_all = ["look_from", "look_at", "fov"])]
    pub camera: Option<String>,
    /// Eye in metres; replaces the scene's cameras
    #[arg(long, value_name = "X,Y,Z", value_parser = vec3, allow_hyphen_values = true, requires = "look_at")]
    pub look_from: Option<[f32; 3]>,
    /// Point in the middle of the picture, metres
    #[arg(long, value_name = "X,Y,Z", value_parser = vec3, allow_hyphen_values = true, requires = "look_from")]
    pub look_at: Option<[f32; 3]>,
    /// Vertical field of view, degrees
    #[arg(long, value_name = "DEG", value_parser = angle_deg, requires = "look_from")]
    pub fov: Option<f32>,
}

/// Field of view where none is given, degrees: that of a normal lens.
const FOV_Y_DEG: f32 = 40.0;

/// Size and quality of the picture.
#[derive(Args, Clone, Debug)]
pub struct PictureArgs {
    /// Picture width in pixels
    #[arg(long, default_value_t = 640, value_name = "N")]
    pub width: u32,
    /// Picture height in pixels
    #[arg(long, default_value_t = 360, value_name = "N")]
    pub height: u32,
    /// Samples per pixel
    #[arg(long, default_value_t = 64, value_name = "N")]
    pub spp: u32,
    /// Most path segments; 1 = emitters seen directly
    #[arg(long, default_value_t = 8, value_name = "N")]
    pub max_depth: u32,
}

/// A thin lens: what is nearer or farther than its focus gets blurred.
#[derive(Args, Clone, Debug)]
pub struct LensArgs {
    /// Radius of the lens in metres; 0 is a pinhole
    #[arg(long, value_name = "M", value_parser = factor, group = "opening")]
    pub lens_radius: Option<f32>,
    /// Width of the lens as an f-number, for a sensor whose longer edge is 36 mm
    #[arg(long, value_name = "N", value_parser = positive, group = "opening", visible_alias = "aperture")]
    pub f_stop: Option<f32>,
    /// Distance of what is sharp in metres; else that of the point looked at, or of what is in the picture's middle
    #[arg(long, value_name = "M", value_parser = positive, requires = "opening")]
    pub focus_distance: Option<f32>,
}

impl LensArgs {
    /// The lens, if one was given.
    pub fn lens(&self) -> Option<LensChoice> {
        let opening = self.lens_radius.map(Opening::Radius).or(self.f_stop.map(Opening::FNumber))?;
        Some(LensChoice { opening, focus_distance_m: self.focus_distance })
    }
}

/// How PNG and JPEG show the light. EXR stays linear.
#[derive(Args, Clone, Debug)]
pub struct ViewArgs {
    /// View transform of PNG and JPEG
    #[arg(long, default_value_t = ViewTransform::default(), value_name = "agx|aces|filmic|standard")]
    pub view: ViewTransform,
    /// Doublings of the light in PNG and JPEG
    #[arg(long, default_value_t = 0.0, value_name = "STOPS", value_parser = finite, allow_hyphen_values = true)]
    pub exposure: f32,
}

impl ViewArgs {
    /// The view that was chosen.
    pub fn view(&self) -> View {
        View { transform: self.view, exposure_stops: self.exposure }
    }
}

impl SceneArgs {
    /// The camera given by hand.
    fn look(&self) -> Option<Look> {
        let (from, at) = self.look_from.zip(self.look_at)?;
        Some(Look { from, at, fov_y_deg: self.fov.unwrap_or(FOV_Y_DEG) })
    }

    /// How the scene is read, for a picture of this width over height.
    pub fn options(&self, frame: Option<u32>, aspect: f32) -> ImportOptions {
        ImportOptions {
            camera: submit::camera(self.look(), self.camera.as_deref()),
            environment: self.env.clone(),
            env_strength: self.env_strength.unwrap_or(1.0),
            frame,
            aspect,
        }
    }

    /// The request to a node that says the same. Paths become absolute: the node may run in another folder.
    pub fn request(&self, scene: &Path, picture: &PictureArgs) -> Result<SubmitRequest, Failure> {
        Ok(SubmitRequest {
            scene: absolute(scene)?,
            env: self.env.as_deref().map(absolute).transpose()?,
            env_strength: self.env_strength,
            camera: self.camera.clone(),
            look: self.look(),
            width_px: picture.width,
            height_px: picture.height,
            samples: picture.spp,
            depth_max: picture.max_depth,
            rate_microlux: None,
            alone: false,
            out_dir: None,
            key: None,
        })
    }
}

/// The absolute form of a folder for finished files, which need not be there yet. A file in its way is found before any work is done.
pub fn out_folder(path: &Path) -> Result<PathBuf, Failure> {
    let absolute = absolute(path)?;
    match absolute.ancestors().find(|path| path.exists()) {
        Some(first) if !first.is_dir() => {
            Err(Failure::input(format!("{} is a file; give a folder for the finished files", first.display())))
        }
        _ => Ok(absolute),
    }
}

/// The absolute form of a path: the node may run in another folder.
pub fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| Failure::input(format!("{}: no such path: {error}", path.display())))
}
