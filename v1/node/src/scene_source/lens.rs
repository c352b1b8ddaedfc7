//! A thin lens given by hand: how wide it is and what it is focused on.

use crate::view::{CommandError, LookRequest};
use raylance_scene::{APERTURE_RADIUS_MAX_M, POSITION_MAX_M, Scene};

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

impl LensChoice {
    /// Puts the lens on a scene's camera; returns what a person should know. `aspect` is width over height of the picture.
    pub(super) fn put_on(&self, scene: &mut Scene, look: Option<&LookRequest>, aspect: f32) -> Result<Option<String>, CommandError> {
        let radius = match self.opening {
            Opening::Radius(radius) => radius,
            Opening::FNumber(number) => {
                let focal_length = scene.camera.focal_length_m(aspect).ok_or_else(|| CommandError {
                    message: "an orthographic camera has no focal length, so it can't have an f-number".to_owned(),
                    details: vec!["give the lens's radius in metres instead".to_owned()],
                })?;
                focal_length / (2.0 * number)
            }
        };
        scene.camera.aperture_radius_m = radius.clamp(0.0, APERTURE_RADIUS_MAX_M);
        let ahead = || look.map(distance).or_else(|| scene.distance_ahead());
        let (focus, warning) = match self.focus_distance_m.or_else(ahead) {
            Some(distance) => (distance, None),
            None => (POSITION_MAX_M, Some("nothing is in the middle of the picture: the lens is focused far away".to_owned())),
        };
        scene.camera.focus_distance_m = focus.clamp(FOCUS_MIN_M, POSITION_MAX_M);
        Ok(warning)
    }
}

fn distance(look: &LookRequest) -> f32 {
    look.at.iter().zip(look.from).map(|(at, from)| (at - from) * (at - from)).sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use raylance_scene::Projection;
    use raylance_tracer::conformance;

    fn with_lens(opening: Opening, focus_distance_m: Option<f32>, look: Option<&LookRequest>) -> Scene {
        let mut scene = conformance::scene(1);
        scene.camera.projection = Projection::Perspective { tan_half_fov_y: 12.0 / 50.0 };
        LensChoice { opening, focus_distance_m }.put_on(&mut scene, look, 1.5).unwrap();
        scene.check().unwrap();
        scene
    }

    #[test]
    fn an_f_number_is_that_of_a_full_frame_camera() {
        // 24 mm of sensor height over 50 mm: a normal lens.
        let camera = with_lens(Opening::FNumber(2.0), Some(3.0), None).camera;
        assert!((camera.aperture_radius_m - 0.0125).abs() < 1e-6, "{camera:?}");
        assert_eq!(camera.focus_distance_m, 3.0);
    }

    #[test]
    fn a_lens_is_focused_on_what_is_looked_at_then_on_what_is_ahead() {
        let look = LookRequest { from: [0.0, 0.0, 5.0], at: [0.0, 3.0, 1.0], fov_y_deg: 40.0 };
        assert_eq!(with_lens(Opening::Radius(0.1), None, Some(&look)).camera.focus_distance_m, 5.0);
        let scene = with_lens(Opening::Radius(0.1), None, None);
        assert_eq!(Some(scene.camera.focus_distance_m), scene.distance_ahead());
    }

    #[test]
    fn what_cannot_be_focused_on_is_said() {
        let mut scene = conformance::scene(1);
        scene.camera.from = [0.0, 0.0, 500.0];
        (scene.camera.right, scene.camera.forward) = ([-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]);
        let lens = LensChoice { opening: Opening::Radius(0.01), focus_distance_m: None };
        assert!(lens.put_on(&mut scene, None, 1.0).unwrap().is_some_and(|warning| warning.contains("focused far away")));
        scene.check().unwrap();
        scene.camera.projection = Projection::Orthographic { half_height_m: 1.0 };
        assert!(LensChoice { opening: Opening::FNumber(2.0), ..lens }.put_on(&mut scene, None, 1.0).is_err());
    }
}
