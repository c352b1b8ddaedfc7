//! The frame's uniform, as `Frame` in `shaders/lib/scene.wgsl` reads it.

use crate::Settings;
use crate::layout::Counts;
use bytemuck::{Pod, Zeroable};
use raylance_scene::{Camera, Projection};

/// 160 bytes: camera, picture, counts, and the part of the requests that one dispatch covers.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct Uniform {
    camera_from: [f32; 4],
    camera_right: [f32; 4],
    camera_up: [f32; 4],
    camera_forward: [f32; 4],
    lens_right: [f32; 4],
    lens_up: [f32; 4],
    width_px: u32,
    height_px: u32,
    depth_max: u32,
    seed: u32,
    area_lights: u32,
    point_lights: u32,
    environment_width: u32,
    environment_height: u32,
    has_alpha: u32,
    /// First request of the dispatch.
    pub first_request: u32,
    /// Requests of the dispatch.
    pub request_count: u32,
    instances_at: u32,
    vertices_at: u32,
    orthographic: u32,
    tree_start: u32,
    two_levels: u32,
}

impl Uniform {
    /// From camera, settings and what the buffers hold.
    pub fn new(camera: &Camera, settings: &Settings, counts: &Counts) -> Self {
        let aspect = settings.width_px as f32 / settings.height_px as f32;
        let scaled = |v: [f32; 3], k: f32, w: f32| [v[0] * k, v[1] * k, v[2] * k, w];
        let (half_height, orthographic) = match camera.projection {
            Projection::Perspective { tan_half_fov_y } => (tan_half_fov_y, false),
            Projection::Orthographic { half_height_m } => (half_height_m, true),
        };
        Self {
            camera_from: scaled(camera.from, 1.0, 0.0),
            camera_right: scaled(camera.right, half_height * aspect, 2.0 / settings.width_px as f32),
            camera_up: scaled(camera.up, half_height, 2.0 / settings.height_px as f32),
            camera_forward: scaled(camera.forward, 1.0, 0.0),
            lens_right: scaled(camera.right, camera.aperture_radius_m, camera.focus_distance_m),
            lens_up: scaled(camera.up, camera.aperture_radius_m, 0.0),
            width_px: settings.width_px,
            height_px: settings.height_px,
            depth_max: settings.depth_max,
            seed: settings.seed,
            area_lights: counts.area_lights,
            point_lights: counts.point_lights,
            environment_width: counts.environment_width,
            environment_height: counts.environment_height,
            has_alpha: u32::from(counts.has_alpha),
            first_request: 0,
            request_count: 0,
            instances_at: counts.instances_at,
            vertices_at: counts.vertices_at,
            orthographic: u32::from(orthographic),
            tree_start: counts.tree_start,
            two_levels: u32::from(counts.two_levels),
        }
    }
}
