//! A thin lens given by hand: how wide it is and what it is focused on.

use crate::import::CameraChoice;
use crate::{APERTURE_RADIUS_MAX_M, POSITION_MAX_M, Scene};

/// Nearest focus, as a checked scene has it.
const FOCUS_MIN_M: f32 = 1.0e-4;

/// A lens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LensChoice {
    /// How wide it is.
    pub opening: Opening,
    /// Metres along the view direction to what is sharp; `None` = to the point looked at, else to what is in the picture's middle.
    pub focus_distance_m: Option<f32>,
}

/// How wide a lens is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Opening {
    /// Its radius in metres.
    Radius(f32),
    /// Focal length over diameter, where the longer edge of the sensor is 36 mm.
    FNumber(f32),
}

/// An f-number was asked of a camera without a focal length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an orthographic camera has no focal length, so it can't have an f-number; give the lens's radius in metres instead")]
pub struct NoFocalLength;

/// Did the lens find what it is focused on?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// On what was asked for.
    Found,
    /// Nothing is in the middle of the picture: far away.
    Far,
}

impl LensChoice {
    /// Puts the lens on a scene's camera, which was chosen by `camera`. `aspect` is width over height of the picture.
    ///
    /// # Errors
    /// [`NoFocalLength`].
    pub fn put_on(&self, scene: &mut Scene, camera: &CameraChoice, aspect: f32) -> Result<Focus, NoFocalLength> {
        let radius = match self.opening {
            Opening::Radius(radius) => radius,
            Opening::FNumber(number) => scene.camera.focal_length_m(aspect).ok_or(NoFocalLength)? / (2.0 * number),
        };
        scene.camera.aperture_radius_m = radius.clamp(0.0, APERTURE_RADIUS_MAX_M);
        let looked_at = match camera {
            CameraChoice::Look { from, at, .. } => Some(distance(from, at)),
            _ => None,
        };
        let (distance, focus) = match self.focus_distance_m.or(looked_at).or_else(|| scene.distance_ahead()) {
            Some(distance) => (distance, Focus::Found),
            None => (POSITION_MAX_M, Focus::Far),
        };
        scene.camera.focus_distance_m = distance.clamp(FOCUS_MIN_M, POSITION_MAX_M);
        Ok(focus)
    }
}

fn distance(from: &[f32; 3], at: &[f32; 3]) -> f32 {
    at.iter().zip(from).map(|(at, from)| (at - from) * (at - from)).sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Projection;

    fn with_lens(opening: Opening, focus_distance_m: Option<f32>, camera: &CameraChoice) -> Scene {
        let mut scene = crate::tests::sample();
        scene.camera.projection = Projection::Perspective { tan_half_fov_y: 12.0 / 50.0 };
        assert_eq!(LensChoice { opening, focus_distance_m }.put_on(&mut scene, camera, 1.5), Ok(Focus::Found));
        scene.check().unwrap();
        scene
    }

    #[test]
    fn an_f_number_is_that_of_a_full_frame_camera() {
        // 24 mm of sensor height over 50 mm: a normal lens.
        let camera = with_lens(Opening::FNumber(2.0), Some(3.0), &CameraChoice::Scene).camera;
        assert!((camera.aperture_radius_m - 0.0125).abs() < 1e-6, "{camera:?}");
        assert_eq!(camera.focus_distance_m, 3.0);
    }

    #[test]
    fn a_lens_is_focused_on_what_is_looked_at_then_on_what_is_ahead() {
        let look = CameraChoice::Look { from: [0.0, 0.0, 5.0], at: [0.0, 3.0, 1.0], fov_y_deg: 40.0 };
        assert_eq!(with_lens(Opening::Radius(0.1), None, &look).camera.focus_distance_m, 5.0);
        let scene = with_lens(Opening::Radius(0.1), None, &CameraChoice::Scene);
        assert_eq!(Some(scene.camera.focus_distance_m), scene.distance_ahead());
    }

    #[test]
    fn what_cannot_be_focused_on_is_said() {
        let mut scene = crate::tests::sample();
        scene.camera.from = [0.0, 0.0, 500.0];
        (scene.camera.right, scene.camera.forward) = ([-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]);
        let lens = LensChoice { opening: Opening::Radius(0.01), focus_distance_m: None };
        assert_eq!(lens.put_on(&mut scene, &CameraChoice::Scene, 1.0), Ok(Focus::Far));
        scene.check().unwrap();
        scene.camera.projection = Projection::Orthographic { half_height_m: 1.0 };
        let by_number = LensChoice { opening: Opening::FNumber(2.0), ..lens };
        assert_eq!(by_number.put_on(&mut scene, &CameraChoice::Scene, 1.0), Err(NoFocalLength));
    }
}
