//! What a picture file holds besides its colours: further channels per pixel, and notes on how it was made.

use raylance_scene::Camera;

/// Depth of a pixel that shows nothing but sky, metres: the value that Blender writes, so that compositing set-ups work for both.
pub const SKY_DEPTH_M: f32 = 1.0e10;

/// Channels beside the picture, each of as many pixels, rows from the top.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layers {
    /// `albedo.R/G/B`, 0..=1: see [`raylance_tracer::Quantity::Albedo`].
    pub albedo: Option<Vec<[f32; 3]>>,
    /// `normal.X/Y/Z`: mean shading normal, Y up; shorter than 1 where a pixel shows several surfaces.
    pub normal: Option<Vec<[f32; 3]>>,
    /// `depth.Z`: metres along the view direction, [`SKY_DEPTH_M`] in the sky.
    pub depth: Option<Vec<f32>>,
    /// `samples.Y`: samples of the pixel.
    pub samples: Option<Vec<u32>>,
    /// `variance.R/G/B`: variance of the pixel's mean, the square of its standard error.
    pub variance: Option<Vec<[f32; 3]>>,
}

/// How a picture was made, for its file's header.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notes {
    /// A line for a person.
    pub comments: Option<String>,
    /// A JSON object for a program: the attribute `raylance`.
    pub json: Option<String>,
    /// The eye, for compositing and camera matching.
    pub camera: Option<Camera>,
}

/// One channel: its name and its pixels.
pub(super) type Channel = (&'static str, Vec<f32>);

impl Layers {
    /// Names of the layers that are there.
    pub fn names(&self) -> Vec<&'static str> {
        let all = [
            ("albedo", self.albedo.is_some()),
            ("normal", self.normal.is_some()),
            ("depth", self.depth.is_some()),
            ("samples", self.samples.is_some()),
            ("variance", self.variance.is_some()),
        ];
        all.into_iter().filter_map(|(name, there)| there.then_some(name)).collect()
    }

    /// How many pixels each layer has.
    pub(super) fn lengths(&self) -> impl Iterator<Item = usize> {
        let three = [&self.albedo, &self.normal, &self.variance].map(|layer| layer.as_ref().map(Vec::len));
        let one = [self.depth.as_ref().map(Vec::len), self.samples.as_ref().map(Vec::len)];
        three.into_iter().chain(one).flatten()
    }

    /// Every channel of every layer.
    pub(super) fn channels(&self) -> Vec<Channel> {
        let three = [
            (["albedo.R", "albedo.G", "albedo.B"], &self.albedo),
            (["normal.X", "normal.Y", "normal.Z"], &self.normal),
            (["variance.R", "variance.G", "variance.B"], &self.variance),
        ];
        let mut channels: Vec<Channel> = Vec::new();
        for (names, layer) in three {
            channels.extend(layer.iter().flat_map(|pixels| split(names, pixels)));
        }
        channels.extend(self.depth.iter().map(|pixels| ("depth.Z", pixels.clone())));
        channels.extend(self.samples.iter().map(|pixels| ("samples.Y", pixels.iter().map(|&samples| samples as f32).collect())));
        channels
    }
}

/// Three interleaved channels one by one.
pub(super) fn split(names: [&'static str; 3], pixels: &[[f32; 3]]) -> [Channel; 3] {
    [0, 1, 2].map(|i| (names[i], pixels.iter().map(|pixel| pixel[i]).collect()))
}
