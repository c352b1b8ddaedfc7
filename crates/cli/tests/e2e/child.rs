//! The render process for strangers' scenes, with the real binary in its role.

use crate::{PATIENCE, turn};
use raylance_device::{
    Backend, ChildConfig, Death, Device, DeviceConfig, Finished, Order, OrderError, OrderId, Origin, SceneId, Urgency, probe,
};
use raylance_tracer::{Control, DeviceChoice, DeviceKind, LeafRequest, Profile, Renderer, Settings, conformance, devices};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const SETTINGS: Settings = Settings { width_px: 64, height_px: 64, depth_max: 4, seed: 3 };
const NO_SCENE: SceneId = SceneId([99; 32]);
/// Its render process is killed as soon as it asks for the scene.
const FATAL_SCENE: SceneId = SceneId([98; 32]);
/// A path through it has no value.
const PILE: SceneId = SceneId([97; 32]);
/// Leaves of a small order, and of one that no machine renders before it is stopped.
const SMALL: u32 = 64 * 8;
const ENDLESS: u32 = 1 << 22;

fn child(memory_bytes_max: u64) -> ChildConfig {
    ChildConfig { program: env!("CARGO_BIN_EXE_raylance").into(), memory_bytes_max }
}

fn device(choice: DeviceChoice, memory_bytes_max: u64) -> (Device, Receiver<Finished>) {
    let (done, answers) = channel();
    let scenes = |scene: &SceneId| match *scene {
        NO_SCENE => Ok::<_, String>(b"no scene".to_vec()),
        FATAL_SCENE => {
            kill_render_processes();
            Ok(conformance::scene(1).pack())
        }
        PILE => Ok(conformance::hostile::pile().pack()),
        SceneId(bytes) => Ok(conformance::scene(bytes[0].into()).pack()),
    };
    let config = DeviceConfig { device: choice, threads: 2, child: Some(child(memory_bytes_max)) };
    (Device::start(config, scenes, move |finished| drop(done.send(finished))).unwrap(), answers)
}

fn order(id: u64, scene: SceneId, count: u32) -> Order {
    let leaves: Vec<LeafRequest> = leaves(count).collect();
    let (id, origin, backend) = (OrderId(id), Origin::Stranger, Backend::Usual);
    Order { id, urgency: Urgency::Other, origin, scene, settings: SETTINGS, leaves: leaves.into(), backend }
}

fn leaves(count: u32) -> impl Iterator<Item = LeafRequest> {
    (0..count).map(|at| LeafRequest { x_px: at % 64, y_px: at / 64 % 64, first_sample: at / 4096 * 16, samples: 16 })
}

fn bits(sums: &[[f32; 3]]) -> Vec<[u32; 3]> {
    sums.iter().map(|sum| sum.map(f32::to_bits)).collect()
}

fn expected(scene: u8) -> Vec<[u32; 3]> {
    let mut renderer = Renderer::new(&conformance::scene(scene.into()), &DeviceChoice::Cpu, Profile::Exact, 1).unwrap();
    bits(&renderer.render(&SETTINGS, &leaves(SMALL).collect::<Vec<_>>(), &Control::default()).unwrap())
}

fn answer(answers: &Receiver<Finished>) -> Result<Vec<[f32; 3]>, OrderError> {
    answers.recv_timeout(PATIENCE).unwrap().result
}

#[test]
fn a_strangers_scene_has_the_same_bits_in_a_process_of_its_own() {
    let _turn = turn();
    let card = devices().into_iter().find(|device| device.kind != DeviceKind::Cpu && device.profile == Profile::Exact);
    // A driver compiles for each of these scenes, seconds long in software; the CPU shows that scenes come and go.
    let on_card = card.map(|card| (card.choice(), &[1, 1][..]));
    for (choice, scenes) in on_card.into_iter().chain([(DeviceChoice::Cpu, &[1, 2, 3, 1][..])]) {
        let (device, answers) = device(choice.clone(), u64::MAX);
        for (id, &scene) in (0..).zip(scenes) {
            device.order(order(id, SceneId([scene; 32]), SMALL)).unwrap();
            assert_eq!(bits(&answer(&answers).unwrap()), expected(scene), "{choice:?}, scene {scene}");
        }
        device.order(order(9, NO_SCENE, SMALL)).unwrap();
        assert!(matches!(answer(&answers), Err(OrderError::Scene(_))), "bytes that are no scene are told as such");
    }
}

#[test]
fn a_render_process_reaches_no_file_no_socket_and_no_program() {
    let _turn = turn();
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key");
    std::fs::write(&key, "a secret").unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let found = probe(&child(u64::MAX), &key, listener.local_addr().unwrap().port()).unwrap();
    // Where the system can't lock a process in, that is told, and nothing else is promised.
    assert!(!found.jail.files || !(found.read || found.write), "{found:?}");
    assert!(!found.jail.calls || !(found.connect || found.execute), "{found:?}");
}

#[test]
fn a_pause_reaches_the_render_process_and_nothing_is_lost() {
    let _turn = turn();
    let (device, answers) = device(DeviceChoice::Cpu, u64::MAX);
    device.order(order(1, SceneId([1; 32]), ENDLESS)).unwrap();
    until(|| device.state().doing == Some(Urgency::Other));
    device.pause(true);
    until(|| device.state().doing.is_none());
    device.cancel(OrderId(1));
    assert!(matches!(answer(&answers), Err(OrderError::Cancelled)));
    device.pause(false);
    device.order(order(2, SceneId([2; 32]), SMALL)).unwrap();
    assert_eq!(bits(&answer(&answers).unwrap()), expected(2));
}

#[test]
fn a_scene_that_fills_the_memory_ends_its_process_alone() {
    let _turn = turn();
    let (device, answers) = device(DeviceChoice::Cpu, 1);
    device.order(order(1, SceneId([1; 32]), ENDLESS)).unwrap();
    let died = answer(&answers);
    if cfg!(target_os = "linux") {
        assert!(matches!(died, Err(OrderError::Died(Death::Memory))), "{died:?}");
    }
}

#[test]
fn triangles_in_one_place_are_given_back_and_the_process_lives() {
    let _turn = turn();
    let (device, answers) = device(DeviceChoice::Cpu, u64::MAX);
    device.order(order(1, PILE, SMALL)).unwrap();
    let bounded = answer(&answers);
    assert!(matches!(bounded, Err(OrderError::PathBound)), "{bounded:?}");
    let before = render_processes_of(std::process::id());
    device.order(order(2, SceneId([2; 32]), SMALL)).unwrap();
    assert_eq!(bits(&answer(&answers).unwrap()), expected(2));
    assert_eq!(render_processes_of(std::process::id()), before);
}

#[cfg(target_os = "linux")]
#[test]
fn a_render_process_that_is_killed_is_an_answer_and_the_next_scene_gets_a_new_one() {
    let _turn = turn();
    let (device, answers) = device(DeviceChoice::Cpu, u64::MAX);
    // An order is at work while the process waits for its scene: killed at a time of this test's choosing it might be starting, or between
    // two slices.
    device.order(order(1, FATAL_SCENE, SMALL)).unwrap();
    let died = answer(&answers);
    assert!(matches!(died, Err(OrderError::Died(Death::Crash))), "{died:?}");
    device.order(order(2, SceneId([2; 32]), SMALL)).unwrap();
    assert_eq!(bits(&answer(&answers).unwrap()), expected(2));
    // One that dies without work is no order's answer.
    kill_render_processes();
    device.order(order(3, SceneId([2; 32]), SMALL)).unwrap();
    assert_eq!(bits(&answer(&answers).unwrap()), expected(2));
    // Nor of an order that it never read, though its pipe took it.
    let stopped = render_processes_of(std::process::id());
    stopped.iter().for_each(|id| signal("-STOP", id));
    device.order(order(4, SceneId([2; 32]), SMALL)).unwrap();
    until(|| device.state().doing.is_some());
    stopped.iter().for_each(|id| kill(id));
    assert_eq!(bits(&answer(&answers).unwrap()), expected(2));
    drop(device);
    assert!(render_processes_of(std::process::id()).is_empty(), "it ends with its device");
}

fn kill_render_processes() {
    let found = render_processes_of(std::process::id());
    assert!(!found.is_empty());
    found.iter().for_each(|id| kill(id));
}

/// That it is gone already is fine.
pub fn kill(id: &str) {
    signal("-KILL", id);
}

fn signal(name: &str, id: &str) {
    std::process::Command::new("kill").args([name, id]).stderr(std::process::Stdio::null()).status().unwrap();
}

/// Ids of a process's children in that role; none where the system does not tell.
pub fn render_processes_of(parent: u32) -> Vec<String> {
    let line = format!("PPid:\t{parent}");
    let is_one = |path: &std::path::Path| {
        let read = |name: &str| std::fs::read_to_string(path.join(name)).unwrap_or_default();
        read("status").lines().any(|found| found == line) && read("cmdline").contains("--render-process")
    };
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    all.filter(|path| is_one(path)).map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

fn until(mut holds: impl FnMut() -> bool) {
    let started = std::time::Instant::now();
    while !holds() {
        assert!(started.elapsed() < PATIENCE, "it never happened");
        std::thread::sleep(Duration::from_millis(5));
    }
}
