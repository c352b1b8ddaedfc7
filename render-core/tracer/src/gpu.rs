//! The GPU backend: the WGSL tracer on wgpu, in dispatches short enough that the owner's desktop stays smooth.
//!
//! ```text
//! requests ─ steer ─► dispatch ─► sums on the host ─┬─► next dispatch
//!               ▲         │ took                    └─ device lost: wait, open it anew, dispatch again
//!               └─────────┘
//! ```
//!
//! The sums of a dispatch are read before the next one starts: whatever ends a render, what was finished is kept.

mod adapter;
mod fault;
mod memory;
mod session;
mod steer;
mod watch;

pub use adapter::{adapters, best_hardware_adapter, find_adapter, info, offer};

use crate::footprint::{BufferBytes, Offer, check_fits};
use crate::layout::{Buffers, Counts};
use crate::uniform::Uniform;
use crate::{Control, DeviceChoice, LeafRequest, Outcome, Profile, Quantity, RenderError};
use fault::Fault;
use memory::scene_memory;
use raylance_shaders::SceneMemory;
use session::{Session, Slot};
use std::time::Duration;
use steer::Steering;

/// How often in a row a lost device is set up anew before a render gives up.
const LOSSES_MAX: u32 = 3;
/// Rest after the first loss; each further one doubles it. Drivers take about a second to come back from a reset.
const REST_FIRST: Duration = Duration::from_millis(250);
/// Samples of a leaf in one dispatch. Leaves of more take several; no dispatch is long because a leaf is.
const SAMPLES_MAX: u32 = 64;

/// One scene on one graphics device.
///
/// The scene's buffers stay in the host's memory as well, so that a lost device can be set up anew: as many bytes again as on the card.
pub struct GpuRenderer {
    adapter: usize,
    name: String,
    offer: Offer,
    profile: Profile,
    memory: SceneMemory,
    buffers: Buffers,
    /// `None` after a loss, until the device is back.
    session: Option<Session>,
    steering: Steering,
    /// Samples of a leaf in one dispatch; halved when the driver does not run so long.
    samples_max: u32,
    fault: Fault,
}

impl GpuRenderer {
    /// Opens the device of a number, compiles the tracer for the profile and uploads a scene.
    ///
    /// # Errors
    /// [`RenderError::Unsuitable`], too little memory or the driver's failure.
    pub fn new(number: usize, adapter: &wgpu::Adapter, buffers: Buffers, profile: Profile) -> Result<Self, RenderError> {
        Self::with_memory(number, adapter, buffers, profile, scene_memory(adapter))
    }

    fn with_memory(
        number: usize,
        adapter: &wgpu::Adapter,
        buffers: Buffers,
        profile: Profile,
        memory: SceneMemory,
    ) -> Result<Self, RenderError> {
        let offer = offer(adapter);
        check_fits(&sizes(&buffers), &offer)?;
        let session = Some(Session::open(adapter, &buffers, profile, memory)?);
        let (name, fault) = (adapter.get_info().name, Fault::from_environment());
        let (steering, samples_max) = (Steering::default(), SAMPLES_MAX);
        Ok(Self { adapter: number, name, offer, profile, memory, buffers, session, steering, samples_max, fault })
    }

    /// Takes another scene in the place of the one that is loaded; the device stays open and the tracer compiled.
    ///
    /// # Errors
    /// Too little memory or the driver's failure.
    pub fn load(&mut self, buffers: Buffers) -> Result<(), RenderError> {
        check_fits(&sizes(&buffers), &self.offer)?;
        self.buffers = buffers;
        // A lost device is opened by the next dispatch.
        self.session.as_mut().map_or(Ok(()), |session| session.load(&self.buffers)).inspect_err(|_| self.session = None)
    }

    /// What a scene is compared with before it is loaded.
    pub fn offer(&self) -> &Offer {
        &self.offer
    }

    /// Numbers about the scene that go into the uniform.
    pub fn counts(&self) -> Counts {
        self.buffers.counts
    }

    /// Renders leaves, in the order of the requests, each whole.
    pub fn render(&mut self, uniform: &Uniform, requests: &[LeafRequest], quantity: Quantity, control: &Control) -> Outcome {
        let mut sums = vec![None; requests.len()];
        let ended = self.render_all(uniform, requests, quantity, control, &mut sums);
        Outcome { sums, ended }
    }

    fn render_all(
        &mut self,
        uniform: &Uniform,
        requests: &[LeafRequest],
        quantity: Quantity,
        control: &Control,
        sums: &mut [Option<[f32; 3]>],
    ) -> Result<(), RenderError> {
        let (mut first, mut losses) = (0, 0);
        while first < requests.len() {
            if !control.may_go_on() {
                return Err(RenderError::Cancelled);
            }
            let end = first + self.steering.take(&requests[first..], self.samples_max, control.pace().dispatch_target());
            match self.render_some(uniform, &requests[first..end], quantity, control) {
                Ok(some) => {
                    for (sum, whole) in sums[first..end].iter_mut().zip(some) {
                        *sum = Some(whole);
                    }
                    control.add_done((end - first) as u64);
                    (first, losses) = (end, 0);
                }
                Err(RenderError::DeviceLost { reason, .. }) => {
                    losses += 1;
                    self.after_loss(losses, reason, control)?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The sums of as many requests as one dispatch takes; in several dispatches where leaves have more samples than one may have.
    fn render_some(
        &mut self,
        uniform: &Uniform,
        requests: &[LeafRequest],
        quantity: Quantity,
        control: &Control,
    ) -> Result<Vec<[f32; 3]>, RenderError> {
        let mut sums = vec![[0.0; 3]; requests.len()];
        let longest = requests.iter().map(|request| request.samples).max().unwrap_or(0);
        let mut done = 0_u32;
        loop {
            let slot = |(request, sums): (&LeafRequest, &[f32; 3])| Slot {
                pixel: request.x_px | (request.y_px << 16),
                first_sample: request.first_sample.wrapping_add(done),
                samples: request.samples.saturating_sub(done).min(self.samples_max),
                quantity: quantity as u32,
                sums: *sums,
                whole: 0,
            };
            let mut part: Vec<Slot> = requests.iter().zip(&sums).map(slot).collect();
            let samples = part.iter().map(|slot| u64::from(slot.samples)).sum();
            let took = self.dispatch(uniform, &mut part)?;
            self.steering.learn(samples, took, control.pace().dispatch_target());
            if part.iter().any(|slot| slot.whole == Slot::BOUNDED) {
                return Err(RenderError::PathBound);
            }
            if part.iter().all(|slot| slot.whole != 0) {
                sums = part.iter().map(|slot| slot.sums).collect();
                done = done.saturating_add(self.samples_max);
            } else {
                self.after_cut()?;
            }
            if done >= longest {
                return Ok(sums);
            }
            if !control.may_go_on() {
                return Err(RenderError::Cancelled);
            }
        }
    }

    /// Asks for less at a time where the driver cut a loop off and the sums are worth nothing.
    fn after_cut(&mut self) -> Result<(), RenderError> {
        let device = self.name.clone();
        tracing::debug!(device, samples_max = self.samples_max, "the driver cut a loop off");
        if self.samples_max == 1 {
            return Err(RenderError::LoopCut { device });
        }
        self.samples_max /= 2;
        Ok(())
    }

    /// Forgets what was on the lost device and rests before it is tried again.
    fn after_loss(&mut self, losses: u32, reason: String, control: &Control) -> Result<(), RenderError> {
        tracing::warn!(device = self.name, losses, reason, "the graphics device was lost");
        // Dispatches begin small again: one that was too long may be why the driver took the device away. A single leaf can be that, too.
        (self.session, self.steering) = (None, Steering::default());
        self.samples_max = (self.samples_max / 8).max(1);
        if losses > LOSSES_MAX {
            return Err(RenderError::DeviceLost { device: self.name.clone(), times: losses, reason });
        }
        if control.sleep(REST_FIRST * 2u32.pow(losses - 1)) { Ok(()) } else { Err(RenderError::Cancelled) }
    }

    fn dispatch(&mut self, uniform: &Uniform, slots: &mut [Slot]) -> Result<Duration, RenderError> {
        let session = match &mut self.session {
            Some(session) => session,
            lost => lost.insert(reopen(self.adapter, &self.name, &self.buffers, self.profile, self.memory)?),
        };
        if self.fault.strikes() {
            session.lose();
        }
        session.dispatch(*uniform, slots)
    }
}

/// Sets a lost device up anew. A driver that restarts is missing for a while, so every failure here counts as one more loss.
fn reopen(number: usize, name: &str, buffers: &Buffers, profile: Profile, memory: SceneMemory) -> Result<Session, RenderError> {
    let still_lost = |reason: String| RenderError::DeviceLost { device: name.to_owned(), times: 1, reason };
    let (_, adapter) = find_adapter(&DeviceChoice::Adapter(number))
        .filter(|(_, adapter)| adapter.get_info().name == name)
        .or_else(|| find_adapter(&DeviceChoice::Named(name.to_owned())))
        .ok_or_else(|| still_lost("the device is gone".to_owned()))?;
    Session::open(&adapter, buffers, profile, memory).map_err(|error| still_lost(error.to_string()))
}

fn sizes(buffers: &Buffers) -> Vec<BufferBytes> {
    buffers.parts().into_iter().map(|(what, bytes)| BufferBytes { what, bytes: bytes.len() as u64 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{self, FRAMES, frame_requests};

    /// The first graphics adapter with the conformance scene on it.
    fn renderer() -> (GpuRenderer, Uniform) {
        let (number, adapter) = find_adapter(&DeviceChoice::Gpu).expect("a graphics adapter is there");
        let scene = conformance::scene(1);
        let renderer = GpuRenderer::new(number, &adapter, Buffers::new(&scene), Profile::Exact).unwrap();
        let uniform = Uniform::new(&scene.camera, &FRAMES[0].settings(), &renderer.counts());
        (renderer, uniform)
    }

    /// A renderer that knows nothing of its device's speed, and what it makes of the whole frame. Whatever the clock says, its next dispatch
    /// and the first one after each loss have 4,096 samples: a ninth of the frame.
    fn unmeasured(requests: &[LeafRequest]) -> (GpuRenderer, Uniform, Outcome) {
        let (mut gpu, uniform) = renderer();
        let expected = gpu.render(&uniform, requests, Quantity::Radiance, &Control::default());
        expected.ended.as_ref().unwrap();
        gpu.steering = Steering::default();
        (gpu, uniform, expected)
    }

    fn bits(outcome: &Outcome) -> Vec<Option<[u32; 3]>> {
        outcome.sums.iter().map(|sum| sum.map(|sum| sum.map(f32::to_bits))).collect()
    }

    #[test]
    fn a_scene_in_buffers_and_one_in_images_give_the_same_bits() {
        let requests = frame_requests();
        let (number, adapter) = find_adapter(&DeviceChoice::Gpu).expect("a graphics adapter is there");
        let scene = conformance::scene(1);
        let [buffers, images] = [SceneMemory::Buffers, SceneMemory::Images].map(|memory| {
            let mut gpu = GpuRenderer::with_memory(number, &adapter, Buffers::new(&scene), Profile::Exact, memory).unwrap();
            let uniform = Uniform::new(&scene.camera, &FRAMES[0].settings(), &gpu.counts());
            let outcome = gpu.render(&uniform, &requests, Quantity::Radiance, &Control::default());
            outcome.ended.as_ref().unwrap();
            bits(&outcome)
        });
        assert_eq!(buffers, images);
    }

    /// lavapipe ends all loops after 65,535 turns. Leaves of 512 samples came back with part of their light, and no error.
    #[test]
    fn regression_leaves_of_many_samples_are_whole() {
        let requests: Vec<LeafRequest> = (0..16).map(|i| LeafRequest { x_px: i, y_px: 8, first_sample: 3, samples: 1500 + i }).collect();
        let scene = conformance::scene(1);
        let settings = FRAMES[0].settings();
        let mut cpu = crate::Renderer::new(&scene, &DeviceChoice::Cpu, Profile::Exact, 0).unwrap();
        let expected = cpu.render(&settings, &requests, &Control::default()).unwrap();
        let expected: Vec<_> = expected.into_iter().map(|sum| Some(sum.map(f32::to_bits))).collect();
        let (mut gpu, uniform) = renderer();
        for samples_max in [SAMPLES_MAX, u32::MAX] {
            gpu.samples_max = samples_max;
            let outcome = gpu.render(&uniform, &requests, Quantity::Radiance, &Control::default());
            outcome.ended.as_ref().unwrap();
            assert_eq!(bits(&outcome), expected, "{samples_max} samples at a time");
        }
    }

    #[test]
    fn a_lost_device_is_set_up_anew_and_the_same_bits_come_out() {
        let requests = frame_requests();
        let (mut gpu, uniform, expected) = unmeasured(&requests);
        // Of the four dispatches up to the second loss two are finished, with 512 of 2,304 leaves.
        gpu.fault = Fault::losing(1, 2);
        let control = Control::default();
        let got = gpu.render(&uniform, &requests, Quantity::Radiance, &control);
        got.ended.as_ref().unwrap();
        assert_eq!(gpu.fault.times, 0, "both losses happened");
        assert_eq!(bits(&got), bits(&expected));
        assert_eq!(control.done(), requests.len() as u64);
    }

    #[test]
    fn a_device_that_stays_lost_is_given_up_and_finished_leaves_stay() {
        let requests = frame_requests();
        let (mut gpu, uniform, expected) = unmeasured(&requests);
        gpu.fault = Fault { every: 0, left: 1, times: u32::MAX };
        let got = gpu.render(&uniform, &requests, Quantity::Radiance, &Control::default());
        assert!(matches!(got.ended, Err(RenderError::DeviceLost { times, .. }) if times == LOSSES_MAX + 1), "{:?}", got.ended);
        let done = got.sums.iter().flatten().count();
        assert!(done > 0 && done < requests.len());
        assert_eq!(bits(&got)[..done], bits(&expected)[..done]);
        gpu.fault = Fault::default();
        let rest = gpu.render(&uniform, &requests[done..], Quantity::Radiance, &Control::default());
        assert_eq!(bits(&rest), bits(&expected)[done..]);
    }

    #[test]
    fn a_cancelled_render_keeps_what_is_finished_and_a_rearmed_one_goes_on() {
        let requests = frame_requests();
        let (mut gpu, uniform, expected) = unmeasured(&requests);
        let control = Control::cancelling_itself();
        let got = gpu.render(&uniform, &requests, Quantity::Radiance, &control);
        assert!(matches!(got.ended, Err(RenderError::Cancelled)), "{:?}", got.ended);
        let done = got.sums.iter().flatten().count();
        assert_eq!(done as u64, control.done());
        assert_eq!(bits(&got)[..done], bits(&expected)[..done]);
        let waited = gpu.after_loss(1, "reset".to_owned(), &control);
        assert!(matches!(waited, Err(RenderError::Cancelled)), "whoever quits does not wait for a lost device: {waited:?}");
        control.rearm();
        let rest = gpu.render(&uniform, &requests[done..], Quantity::Radiance, &control);
        assert_eq!(bits(&rest), bits(&expected)[done..]);
    }
}
