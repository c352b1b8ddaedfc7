//! The device with its thread: real scenes on the CPU and on a graphics adapter.

#![allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]

use super::*;
use Urgency::{Other, Own, Replay};
use raylance_tracer::{Control, LeafRequest, Profile, Renderer, Settings, conformance};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

const SCENE: SceneId = SceneId([1; 32]);
/// Is not there.
const MISSING: SceneId = SceneId([98; 32]);
/// Loading it panics.
const PANICKING: SceneId = SceneId([99; 32]);
const SETTINGS: Settings = Settings { width_px: 64, height_px: 64, depth_max: 4, seed: 3 };

/// A device, its answers, and the scenes that it loaded.
struct Bench {
    device: Device,
    answers: Receiver<Finished>,
    loads: Arc<Mutex<Vec<SceneId>>>,
}

impl Bench {
    fn new(device: DeviceChoice) -> Self {
        Self::with_scenes(device, |_| {})
    }

    /// Calls `load` before a scene is loaded.
    fn with_scenes(device: DeviceChoice, load: impl Fn(&SceneId) + Send + 'static) -> Self {
        let loads = Arc::new(Mutex::new(Vec::new()));
        let (done, answers) = channel();
        let scenes = {
            let loads = Arc::clone(&loads);
            move |scene: &SceneId| {
                loads.lock().unwrap().push(*scene);
                load(scene);
                match *scene {
                    MISSING => Err("no such file".to_owned()),
                    PANICKING => panic!("a panic that the test wants"),
                    SceneId(bytes) => Ok(conformance::scene(u64::from(bytes[0])).pack()),
                }
            }
        };
        let tell = move |finished| drop(done.send(finished));
        Self { device: Device::start(DeviceConfig { device, threads: 1, child: None }, scenes, tell).unwrap(), answers, loads }
    }

    /// A device whose loads begin with a message on the receiver and go on with one to the sender: an order that loads its scene runs,
    /// and stays at work for as long as the test wants.
    fn gated() -> (Self, Receiver<()>, Sender<()>) {
        let (entered, begun) = channel();
        let (go, gate) = channel();
        let load = move |_: &SceneId| {
            entered.send(()).unwrap();
            gate.recv().unwrap();
        };
        (Self::with_scenes(DeviceChoice::Cpu, load), begun, go)
    }

    fn order(&self, id: u64, urgency: Urgency, pixels: u32) {
        self.device.order(order(id, urgency, pixels)).unwrap();
    }

    fn answer(&self) -> Finished {
        self.answers.recv().unwrap()
    }

    /// The next answer, which must be that order's.
    fn sums(&self, id: u64) -> Vec<[f32; 3]> {
        let finished = self.answer();
        assert_eq!(finished.id, OrderId(id));
        finished.result.unwrap()
    }

    /// Stops the device; what was not received yet.
    fn rest(self) -> Vec<Finished> {
        drop(self.device);
        self.answers.iter().collect()
    }
}

fn order(id: u64, urgency: Urgency, pixels: u32) -> Order {
    Order {
        id: OrderId(id),
        urgency,
        origin: Origin::Own,
        scene: SCENE,
        settings: SETTINGS,
        leaves: leaves(pixels).into(),
        backend: Backend::Usual,
    }
}

fn leaves(pixels: u32) -> Vec<LeafRequest> {
    (0..pixels).map(|at| LeafRequest { x_px: at % 64, y_px: at / 64, first_sample: 0, samples: 4 }).collect()
}

/// What the tracer makes of it without a thread.
fn expected(pixels: u32) -> Vec<[f32; 3]> {
    let mut renderer = Renderer::new(&conformance::scene(1), &DeviceChoice::Cpu, Profile::Exact, 1).unwrap();
    renderer.render(&SETTINGS, &leaves(pixels), &Control::default()).unwrap()
}

fn bits(sums: &[[f32; 3]]) -> Vec<[u32; 3]> {
    sums.iter().map(|sum| sum.map(f32::to_bits)).collect()
}

#[test]
fn an_order_has_the_tracers_bits() {
    let bench = Bench::new(DeviceChoice::Cpu);
    let pixels = 64 * 24 + 5;
    bench.order(1, Own, pixels);
    assert_eq!(bits(&bench.sums(1)), bits(&expected(pixels)));
    bench.order(2, Own, 0);
    assert!(bench.sums(2).is_empty());
}

#[test]
fn the_most_urgent_order_interrupts_and_is_answered_first() {
    let (bench, begun, go) = Bench::gated();
    bench.order(1, Other, 16);
    begun.recv().unwrap();
    assert_eq!(bench.device.state().doing, Some(Other));
    bench.order(2, Other, 16);
    bench.order(3, Own, 16);
    bench.order(4, Replay, 16);
    assert_eq!(bench.device.state().waiting, Waiting { replay: 1, own: 1, other: 1 });
    go.send(()).unwrap();
    let whole = bits(&expected(16));
    for id in [4, 3, 1, 2] {
        assert_eq!(bits(&bench.sums(id)), whole);
    }
}

#[test]
fn replays_go_on_while_the_device_is_paused() {
    let bench = Bench::new(DeviceChoice::Cpu);
    bench.device.pause(true);
    bench.order(1, Other, 16);
    bench.order(2, Own, 16);
    bench.order(3, Replay, 16);
    bench.sums(3);
    let waiting = Waiting { replay: 0, own: 1, other: 1 };
    assert_eq!(bench.device.state(), DeviceState { doing: None, paused: true, waiting });
    bench.device.pause(false);
    bench.sums(2);
    bench.sums(1);
}

#[test]
fn a_pause_from_another_thread_interrupts_a_running_order() {
    let (bench, begun, go) = Bench::gated();
    bench.order(1, Other, 16);
    begun.recv().unwrap();
    std::thread::scope(|scope| scope.spawn(|| bench.device.pause(true)).join()).unwrap();
    go.send(()).unwrap();
    bench.order(2, Replay, 16);
    bench.sums(2);
    assert_eq!(bench.device.state().waiting.other, 1);
    assert_eq!(bench.device.shared.control.done(), 16, "the paused order rendered nothing");
    bench.device.pause(false);
    assert_eq!(bits(&bench.sums(1)), bits(&expected(16)));
}

/// The control counts every leaf that was rendered: were a finished one lost, it would be rendered again and counted twice.
#[test]
fn interruptions_lose_no_finished_leaf_and_change_no_bit() {
    let bench = Bench::new(DeviceChoice::Cpu);
    let pixels = 64 * 64;
    bench.order(0, Other, pixels);
    let mut others = 0;
    for step in 1..=8 {
        while bench.device.shared.control.done() < step * 100 {
            std::thread::yield_now();
        }
        if step % 2 == 0 {
            std::thread::scope(|scope| {
                scope.spawn(|| bench.device.pause(true));
            });
            bench.device.pause(false);
        } else {
            bench.order(step, if step % 4 == 1 { Replay } else { Own }, 16);
            others += 1;
        }
    }
    let answers: Vec<Finished> = (0..=others).map(|_| bench.answer()).collect();
    assert_eq!(bench.device.shared.control.done(), u64::from(pixels) + others * 16);
    let whole = answers.into_iter().find(|finished| finished.id == OrderId(0)).unwrap().result.unwrap();
    assert_eq!(bits(&whole), bits(&expected(pixels)));
}

#[test]
fn a_cancelled_waiting_order_is_answered_once() {
    let bench = Bench::new(DeviceChoice::Cpu);
    bench.device.pause(true);
    for id in [0, 1, 1, 2] {
        bench.order(id, Other, 8);
    }
    bench.device.cancel(OrderId(1));
    bench.device.cancel(OrderId(1));
    let cancelled = bench.answer();
    assert_eq!(cancelled.id, OrderId(1));
    assert!(matches!(cancelled.result, Err(OrderError::Cancelled)));
    bench.device.pause(false);
    bench.sums(0);
    bench.sums(2);
    assert!(bench.rest().is_empty());
}

#[test]
fn a_cancelled_running_order_is_answered_once_and_the_next_one_runs() {
    let (bench, begun, go) = Bench::gated();
    bench.order(1, Replay, 16);
    begun.recv().unwrap();
    bench.order(2, Other, 16);
    bench.device.cancel(OrderId(1));
    go.send(()).unwrap();
    let cancelled = bench.answer();
    assert_eq!(cancelled.id, OrderId(1));
    assert!(matches!(cancelled.result, Err(OrderError::Cancelled)));
    bench.sums(2);
    assert_eq!(bench.device.shared.control.done(), 16, "the cancelled order rendered nothing");
    assert!(bench.rest().is_empty());
}

#[test]
fn dropping_the_device_interrupts_and_answers_every_order() {
    let (bench, begun, go) = Bench::gated();
    for (id, urgency) in [(1, Replay), (2, Own), (3, Other)] {
        bench.order(id, urgency, 16);
    }
    begun.recv().unwrap();
    bench.device.shared.change(|queues| queues.stop());
    go.send(()).unwrap();
    let rest = bench.rest();
    assert_eq!(rest.iter().map(|finished| finished.id.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(rest.iter().all(|finished| matches!(finished.result, Err(OrderError::Cancelled))));
}

#[test]
fn a_full_queue_says_so_and_has_room_again_after_an_answer() {
    let bench = Bench::new(DeviceChoice::Cpu);
    bench.device.pause(true);
    let max = Other.orders_max() as u64;
    for id in 0..max {
        bench.order(id, Other, 1);
    }
    assert_eq!(bench.device.order(order(max, Other, 1)), Err(QueueFull));
    bench.device.cancel(OrderId(0));
    bench.answer();
    bench.order(max, Other, 1);
}

#[test]
fn a_scene_that_cannot_be_loaded_is_an_answer_and_the_next_order_works() {
    let bench = Bench::new(DeviceChoice::Cpu);
    for (id, scene) in [(1, MISSING), (2, PANICKING)] {
        bench.device.order(Order { scene, ..order(id, Own, 8) }).unwrap();
        let finished = bench.answer();
        assert_eq!(finished.id, OrderId(id));
        match finished.result {
            Err(OrderError::Scene(source)) => assert_eq!((scene, source.to_string().as_str()), (MISSING, "no such file")),
            result => assert!(scene == PANICKING && matches!(result, Err(OrderError::Panicked)), "{result:?}"),
        }
        bench.order(id + 10, Own, 8);
        bench.sums(id + 10);
    }
    assert_eq!(*bench.loads.lock().unwrap(), [MISSING, SCENE, PANICKING], "the good scene stayed loaded");
}

#[test]
fn a_panic_of_who_is_told_does_not_end_the_thread() {
    let (done, answers) = channel();
    let scenes = |_: &SceneId| Ok::<_, String>(conformance::scene(1).pack());
    let tell = move |finished: Finished| {
        assert_ne!(finished.id, OrderId(1), "a panic that the test wants");
        done.send(finished.id).unwrap();
    };
    let device = Device::start(DeviceConfig { device: DeviceChoice::Cpu, threads: 1, child: None }, scenes, tell).unwrap();
    device.order(order(1, Own, 1)).unwrap();
    device.order(order(2, Own, 1)).unwrap();
    assert_eq!(answers.recv(), Ok(OrderId(2)));
}

#[test]
fn the_last_two_scenes_stay_loaded() {
    let bench = Bench::new(DeviceChoice::Cpu);
    let [a, b, c] = [1, 2, 3].map(|seed| SceneId([seed; 32]));
    let mut first = None;
    for (id, scene) in (0..).zip([a, b, a, c, a, b]) {
        bench.device.order(Order { scene, ..order(id, Own, 64) }).unwrap();
        let sums = bits(&bench.sums(id));
        if scene == a {
            assert_eq!(&sums, first.get_or_insert_with(|| sums.clone()), "order {id}");
        }
    }
    assert_eq!(*bench.loads.lock().unwrap(), [a, b, c, b]);
    assert_eq!(first, Some(bits(&expected(64))));
}

#[test]
fn a_usual_device_that_is_the_cpu_shares_its_renderer_with_the_cpu_backend() {
    for backends in [[Backend::Usual, Backend::Cpu], [Backend::Cpu, Backend::Usual]] {
        let bench = Bench::new(DeviceChoice::Cpu);
        for (id, backend) in (0..).zip(backends) {
            bench.device.order(Order { backend, ..order(id, Own, 64) }).unwrap();
            assert_eq!(bits(&bench.sums(id)), bits(&expected(64)));
        }
        assert_eq!(*bench.loads.lock().unwrap(), [SCENE]);
    }
}

#[test]
fn the_cpu_backend_works_where_the_usual_device_is_missing() {
    let bench = Bench::new(DeviceChoice::Named("no card has this name".to_owned()));
    bench.order(1, Own, 8);
    assert!(matches!(bench.answer().result, Err(OrderError::Device(_))));
    bench.device.order(Order { backend: Backend::Cpu, ..order(2, Own, 8) }).unwrap();
    assert_eq!(bits(&bench.sums(2)), bits(&expected(8)));
}

#[test]
fn a_graphics_card_and_the_cpu_backend_give_the_same_bits() {
    let bench = Bench::new(DeviceChoice::Gpu);
    for (id, backend) in (0..).zip([Backend::Usual, Backend::Cpu, Backend::Usual]) {
        bench.device.order(Order { backend, ..order(id, Own, 256) }).unwrap();
        assert_eq!(bits(&bench.sums(id)), bits(&expected(256)), "{backend:?}");
    }
    assert_eq!(*bench.loads.lock().unwrap(), [SCENE, SCENE], "one renderer per backend");
}
