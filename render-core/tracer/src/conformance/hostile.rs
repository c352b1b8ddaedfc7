//! Scenes that no artist makes and a thief does.

use raylance_scene::{Instance, Mesh, Scene, Triangle};

/// Triangles in one place, and how often they stand there: more than a path may meet.
const PILE: u32 = 1 << 13;
const PILES: u32 = 1 << 11;

/// A random scene whose view is blocked by sixteen million triangles in the same place. A tree can't tell them apart, so that a ray meets all of
/// them, wherever it comes from.
pub fn pile() -> Scene {
    let mut scene = super::scene(1);
    let corner = scene.vertices.len() as u32;
    let wide = scene.vertices[0];
    for position in [[-9.0, -9.0, 2.0], [9.0, -9.0, 2.0], [0.0, 9.0, 2.0]] {
        scene.vertices.push(raylance_scene::Vertex { position, ..wide });
    }
    let first = scene.triangles.len() as u32;
    scene.triangles.extend((0..PILE).map(|_| Triangle { vertices: [corner, corner + 1, corner + 2], material: 0 }));
    let mesh = scene.meshes.len() as u32;
    scene.meshes.push(Mesh { first, count: PILE });
    scene.instances.extend((0..PILES).map(|_| Instance { mesh, to_world: Instance::IDENTITY }));
    scene
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{FRAMES, frame_requests};
    use crate::{Control, DeviceChoice, Profile, RenderError, Renderer};

    /// One sample took minutes: drivers reset, and a court would not have ended.
    #[test]
    fn regression_triangles_in_one_place_keep_no_device() {
        let scene = pile();
        scene.check().unwrap();
        let requests = frame_requests();
        for device in [DeviceChoice::Cpu, DeviceChoice::Gpu] {
            let mut renderer = Renderer::new(&scene, &device, Profile::Exact, 0).unwrap();
            let ended = renderer.render_leaves(&FRAMES[0].settings(), &requests[..64], &Control::default());
            let bounded = |error: &RenderError| matches!(error, RenderError::PathBound | RenderError::LoopCut { .. });
            assert!(ended.ended.as_ref().is_err_and(bounded), "{device:?}: {:?}", ended.ended);
            assert!(ended.sums.iter().all(Option::is_none), "{device:?}: such a path is worth nothing, not nothing but black");
            // It is of use afterwards.
            renderer.load(&crate::conformance::scene(1)).unwrap();
            assert!(renderer.render(&FRAMES[0].settings(), &requests[..64], &Control::default()).is_ok());
        }
    }

    #[test]
    fn a_render_among_them_gives_way_at_once() {
        let mut renderer = Renderer::new(&pile(), &DeviceChoice::Cpu, Profile::Exact, 1).unwrap();
        let control = Control::default();
        control.cancel();
        let ended = renderer.render_leaves(&FRAMES[0].settings(), &frame_requests(), &control).ended;
        assert!(matches!(ended, Err(RenderError::Cancelled)), "{ended:?}");
    }

    /// Honest paths, and the bound, as far apart as docs/measurements/render.md says.
    #[test]
    fn random_scenes_stay_a_hundred_times_below_the_bound() {
        for seed in 1..=12 {
            let renderer = Renderer::new(&crate::conformance::scene(seed), &DeviceChoice::Cpu, Profile::Exact, 0).unwrap();
            let tests = renderer.most_tests(&FRAMES[0].settings(), &frame_requests(), u64::MAX).unwrap();
            assert!(tests > 10 && tests * 100 < u64::from(crate::PATH_TESTS_MAX), "seed {seed}: {tests}");
        }
    }
}
