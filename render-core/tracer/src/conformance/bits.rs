//! Tests: CPU and GPU agree on every bit, over the conformance frames and over random scenes, on each driver that is at hand.
//!
//! The process's own driver is what Vulkan finds, lavapipe on a machine without a card. SwiftShader, which Debian's `chromium` brings
//! along, is tried in a child process, because the choice of drivers holds for a whole process.

use super::{FRAME_PX, FRAMES, compare, frame_requests, run, scene};
use crate::{Control, DeviceChoice, Profile, Renderer, Settings, devices};
use proptest::prelude::*;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

const SWIFTSHADER: &str = "/usr/lib/chromium/vk_swiftshader_icd.json";

/// CPU and GPU, opened once for all cases.
static PAIR: Mutex<Option<[Renderer; 2]>> = Mutex::new(None);

/// Says something in the test's output, captured or not: what was not tried must not look like a success.
fn tell(line: &str) {
    writeln!(std::io::stderr(), "{line}").unwrap();
}

#[test]
fn the_frames_have_the_same_bits_on_cpu_and_gpu() {
    let cpu = run(&DeviceChoice::Cpu, Profile::Exact).unwrap();
    let gpu = run(&DeviceChoice::Gpu, Profile::Exact).expect("a graphics adapter with the exact profile is there");
    for (frame, sums) in FRAMES.iter().zip(&cpu.frames) {
        let lit = sums.iter().filter(|sum| sum.iter().any(|v| *v > 0.0)).count();
        // A path of one segment sees only what glows.
        assert!(lit > sums.len() / 2 || frame.depth_max == 1, "{frame:?}: only {lit} pixels are lit");
    }
    assert_eq!(gpu.digest, cpu.digest, "{:?}", compare(&cpu, &gpu));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_scenes_have_the_same_bits_on_cpu_and_gpu(scene_seed in any::<u64>(), depth_max in 1u32..24, seed in any::<u32>()) {
        let scene = scene(scene_seed);
        prop_assert!(scene.check().is_ok());
        let mut pair = PAIR.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let open = |choice| Renderer::new(&scene, &choice, Profile::Exact, 0).unwrap();
        let pair = pair.get_or_insert_with(|| [open(DeviceChoice::Cpu), open(DeviceChoice::Gpu)]);
        let settings = Settings { depth_max, seed, ..FRAMES[0].settings() };
        let [cpu, gpu] = pair.each_mut().map(|renderer| {
            renderer.load(&scene).unwrap();
            renderer.render(&settings, &frame_requests(), &Control::default()).unwrap()
        });
        for (at, (a, b)) in (0..).zip(cpu.iter().zip(&gpu)) {
            prop_assert_eq!(a.map(f32::to_bits), b.map(f32::to_bits), "pixel {}, {}", at % FRAME_PX, at / FRAME_PX);
        }
    }
}

/// Runs the tests above once more, in a child process that sees no driver but SwiftShader, where `RAYLANCE_SWIFTSHADER` asks for it.
#[test]
fn swiftshader_gives_the_same_bits_too() {
    if std::env::var_os("VK_DRIVER_FILES").is_some_and(|files| files == SWIFTSHADER) {
        let names: Vec<String> = devices().into_iter().map(|device| device.name).collect();
        assert!(names.iter().any(|name| name.contains("SwiftShader")), "{names:?}");
        return;
    }
    // Its compiler takes three minutes of processor time for the tracer, which is more than all other tests together.
    if std::env::var_os("RAYLANCE_SWIFTSHADER").is_none() {
        tell("SwiftShader is not tried here, because it takes minutes: `make conformance` does that");
        return;
    }
    assert!(Path::new(SWIFTSHADER).exists(), "SwiftShader is missing: `apt-get install chromium` brings it along");
    let tests = std::env::current_exe().unwrap();
    let child =
        Command::new(tests).args(["conformance::bits", "--test-threads", "1"]).env("VK_DRIVER_FILES", SWIFTSHADER).output().unwrap();
    let out = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{out}\n{}", String::from_utf8_lossy(&child.stderr));
    assert!(out.contains("3 passed"), "{out}");
}
