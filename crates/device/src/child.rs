//! The render process for strangers' scenes, from its peer's side: started when it is needed, watched, and ended when it misbehaves.
//!
//! ```text
//! thread ── scene, leaves, cancel, pace ──► stdin  ┌────────────────┐
//!                                                  │ render process │  no keys, files, sockets, other programs
//! thread ◄── sums ─────────────────────── stdout   └────────────────┘
//! watch  ── memory ──► kill
//! ```
//!
//! A scene is hostile until it is rendered: it may find a fault in an importer, a driver or the tracer. What it can reach then is the card, and
//! a process that dies alone. It is not tried again by itself.

pub(crate) mod jail;
pub(crate) mod serve;
pub(crate) mod wire;

pub use wire::Jail;

use crate::renderers::Scenes;
use crate::{DeviceConfig, Order, OrderError};
use raylance_tracer::{Control, DeviceChoice, LeafRequest, Outcome, Pace, RenderError};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use wire::{Ask, Ended, Render, Tell};

/// How the render process is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildConfig {
    /// A program that calls [`crate::render_process`] first: this one, as a rule.
    pub program: PathBuf,
    /// Memory that it may fill.
    pub memory_bytes_max: u64,
}

impl ChildConfig {
    /// This program, and half of the machine's memory.
    ///
    /// # Errors
    /// The system does not say where this program lies.
    pub fn usual() -> io::Result<Self> {
        Ok(Self { program: std::env::current_exe()?, memory_bytes_max: machine_memory().map_or(MEMORY_USUAL, |bytes| bytes / 2) })
    }
}

/// Where a system does not say how much there is.
const MEMORY_USUAL: u64 = 4 << 30;
/// How often a cancellation and the pace are looked at while the process renders. A pause may take 100 ms, and a dispatch takes up to 40 of them.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Whoever does not give way by then is ended. Compiling a program for a card takes seconds, and only this process loses it.
const GIVE_WAY_MAX: Duration = Duration::from_secs(5);
/// How often its memory is looked at.
const WATCH_EVERY: Duration = Duration::from_millis(200);
/// What a driver, a linker and a log may be told by the environment. No home, no keys, no addresses of sockets.
const PASSED_ON: [&str; 14] = [
    "PATH",
    "LD_LIBRARY_PATH",
    "VK_DRIVER_FILES",
    "VK_ICD_FILENAMES",
    "VK_LOADER_DEBUG",
    "LP_NUM_THREADS",
    "MESA_",
    "GALLIUM_",
    "LIBGL_",
    "DRI_",
    "NVIDIA_",
    "RADV_",
    "WGPU_",
    "RAYLANCE_LOG",
];

/// Tries in a render process what none may be able to do, with a file that this process can read and a port at which it listens.
///
/// # Errors
/// It can't be started.
pub fn probe(config: &ChildConfig, file: &Path, port: u16) -> io::Result<Probe> {
    let mut process = RenderProcess::start(config, &DeviceConfig { device: DeviceChoice::Cpu, threads: 1, child: None })?;
    wire::write(&mut process.stdin, &Ask::Probe { file: file.display().to_string(), port })?;
    match process.tells.recv().map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))? {
        Tell::Probed { read, write, connect, execute } => Ok(Probe { jail: process.jail, read, write, connect, execute }),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// What a render process could do that it should not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// How it is locked in.
    pub jail: Jail,
    /// Did it read the file?
    pub read: bool,
    /// Did it write beside the file?
    pub write: bool,
    /// Did it connect to the port?
    pub connect: bool,
    /// Did it start a program?
    pub execute: bool,
}

/// Why the process ended while it worked on a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Death {
    /// A fault of the program or of a driver.
    #[error("the render process ended")]
    Crash,
    /// It filled too much memory.
    #[error("it needs more memory than a stranger's scene may fill")]
    Memory,
}

/// A running render process.
pub(crate) struct RenderProcess {
    process: Arc<Mutex<Child>>,
    stdin: ChildStdin,
    tells: Receiver<Tell>,
    /// Did the watch end it?
    too_large: Arc<AtomicBool>,
    jail: Jail,
    pace: Pace,
    renders: u64,
    /// Did it answer anything about the order at hand?
    took_up: bool,
}

impl RenderProcess {
    /// Starts it and waits until it is locked in.
    ///
    /// # Errors
    /// The system refuses, or the program is none that renders.
    pub(crate) fn start(config: &ChildConfig, device: &DeviceConfig) -> io::Result<Self> {
        let mut command = Command::new(&config.program);
        command.arg(serve::ARGUMENT).stdin(Stdio::piped()).stdout(Stdio::piped()).current_dir(root());
        if cfg!(unix) {
            let passed_on =
                |name: &str| PASSED_ON.iter().any(|passed| name == *passed || (passed.ends_with('_') && name.starts_with(passed)));
            let kept = std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(passed_on));
            command.env_clear().envs(kept).env("MESA_SHADER_CACHE_DISABLE", "true");
        }
        // What drivers complain of at a start helps nobody who does not ask.
        command.stderr(if std::env::var_os("RAYLANCE_LOG").is_some() { Stdio::inherit() } else { Stdio::null() });
        let mut process = command.spawn()?;
        let (stdin, stdout) = (process.stdin.take(), process.stdout.take());
        let (Some(mut stdin), Some(mut stdout)) = (stdin, stdout) else { return Err(io::ErrorKind::BrokenPipe.into()) };
        let process = Arc::new(Mutex::new(process));
        let begin = Ask::Begin { device: words(&device.device), threads: device.threads as u32 };
        let begun = wire::write(&mut stdin, &begin).and_then(|()| wire::read::<Tell>(&mut stdout));
        let Ok(Tell::Ready(jail)) = begun else {
            end(&process);
            return Err(begun.err().unwrap_or(io::ErrorKind::InvalidData.into()));
        };
        let (pass, tells) = channel();
        std::thread::Builder::new().name("render pipe".into()).spawn(move || {
            while let Ok(tell) = wire::read(&mut stdout) {
                if pass.send(tell).is_err() {
                    return;
                }
            }
        })?;
        let too_large = Arc::new(AtomicBool::new(false));
        watch(Arc::downgrade(&process), config.memory_bytes_max, Arc::clone(&too_large))?;
        tracing::info!(?jail, "a render process for strangers' scenes was started");
        Ok(Self { process, stdin, tells, too_large, jail, pace: Pace::Idle, renders: 0, took_up: false })
    }

    /// Renders leaves; after an error of [`OrderError::Died`] the process is gone.
    ///
    /// # Errors
    /// As a renderer in this process, or [`OrderError::Died`].
    pub(crate) fn render(
        &mut self,
        order: &Order,
        leaves: &[LeafRequest],
        control: &Control,
        scenes: &Scenes,
    ) -> Result<Outcome, OrderError> {
        self.took_up = false;
        loop {
            self.renders += 1;
            let render = Render::new(self.renders, order.scene, order.backend, &order.settings, leaves);
            self.say(&Ask::Render(render))?;
            let Some(told) = self.wait(control)? else {
                // It did not give way: it has been ended, and what it had is lost.
                return Ok(Outcome { sums: vec![None; leaves.len()], ended: Err(RenderError::Cancelled) });
            };
            return match told {
                Tell::SceneMissing => {
                    let packed = scenes(&order.scene).map_err(OrderError::Scene)?;
                    self.say(&Ask::Scene { scene: order.scene.0, len_bytes: packed.len() as u64 })?;
                    io::Write::write_all(&mut self.stdin, &packed).map_err(|_| self.died())?;
                    continue;
                }
                Tell::Rendered { sums, ended } if sums.len() == leaves.len() => match ended {
                    Ended::Whole if sums.iter().all(Option::is_some) => Ok(Outcome { sums, ended: Ok(()) }),
                    Ended::Cancelled => Ok(Outcome { sums, ended: Err(RenderError::Cancelled) }),
                    Ended::Scene(text) => Err(OrderError::Scene(text.into())),
                    Ended::PathBound => Err(OrderError::PathBound),
                    Ended::Device(text) => Err(OrderError::Child(text)),
                    Ended::Whole => Err(self.died()),
                },
                Tell::Ready(_) | Tell::Begun | Tell::Probed { .. } | Tell::Rendered { .. } => Err(self.died()),
            };
        }
    }

    /// Waits for the answer; passes on a cancellation and the pace meanwhile. `None`: it was ended because it did not give way.
    fn wait(&mut self, control: &Control) -> Result<Option<Tell>, OrderError> {
        let mut cancelled: Option<Instant> = None;
        loop {
            match self.tells.recv_timeout(LOOK_EVERY) {
                Ok(Tell::Begun) => {
                    self.took_up = true;
                    continue;
                }
                Ok(tell) => {
                    self.took_up = true;
                    return Ok(Some(tell));
                }
                Err(RecvTimeoutError::Disconnected) => return Err(self.died()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.pace != control.pace() {
                self.pace = control.pace();
                self.say(&Ask::Pace { owner_present: self.pace == Pace::OwnerPresent })?;
            }
            match cancelled {
                None if control.is_cancelled() => {
                    cancelled = Some(Instant::now());
                    self.say(&Ask::Cancel { number: self.renders })?;
                }
                Some(since) if since.elapsed() > GIVE_WAY_MAX => {
                    end(&self.process);
                    return Ok(None);
                }
                _ => {}
            }
        }
    }

    fn say(&mut self, ask: &Ask) -> Result<(), OrderError> {
        wire::write(&mut self.stdin, ask).map_err(|_| self.died())
    }

    fn died(&self) -> OrderError {
        end(&self.process);
        OrderError::Died(if self.too_large.load(Ordering::Acquire) { Death::Memory } else { Death::Crash })
    }

    /// Had it taken up the last order? One that ended before that was ended by something else: a system kills idle processes too, and its
    /// end is seen late.
    pub(crate) fn took_up(&self) -> bool {
        self.took_up
    }

    /// Does it still run?
    pub(crate) fn is_alive(&self) -> bool {
        lock(&self.process).try_wait().is_ok_and(|ended| ended.is_none())
    }
}

impl Drop for RenderProcess {
    fn drop(&mut self) {
        end(&self.process);
    }
}

fn lock(process: &Mutex<Child>) -> std::sync::MutexGuard<'_, Child> {
    process.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the process and waits for it. That it has ended is fine.
fn end(process: &Mutex<Child>) {
    let mut process = lock(process);
    let ended = process.kill().and_then(|()| process.wait());
    if let Err(error) = ended {
        tracing::warn!(%error, "a render process could not be ended");
    }
}

/// Ends the process when it fills more memory than it may. Where the system does not say, nothing is watched.
fn watch(process: std::sync::Weak<Mutex<Child>>, memory_bytes_max: u64, too_large: Arc<AtomicBool>) -> io::Result<()> {
    let watch = move || {
        while let Some(process) = process.upgrade() {
            let (id, is_alive) = {
                let mut process = lock(&process);
                (process.id(), process.try_wait().is_ok_and(|ended| ended.is_none()))
            };
            if !is_alive {
                return;
            }
            if memory_of(id).is_some_and(|bytes| bytes > memory_bytes_max) {
                too_large.store(true, Ordering::Release);
                return end(&process);
            }
            drop(process);
            std::thread::sleep(WATCH_EVERY);
        }
    };
    std::thread::Builder::new().name("render watch".into()).spawn(watch).map(|_| ())
}

/// Bytes of a process that lie in memory.
fn memory_of(process: u32) -> Option<u64> {
    kibibytes(&std::fs::read_to_string(format!("/proc/{process}/status")).ok()?, "VmRSS:")
}

fn machine_memory() -> Option<u64> {
    kibibytes(&std::fs::read_to_string("/proc/meminfo").ok()?, "MemTotal:")
}

fn kibibytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1 << 10)
}

fn root() -> PathBuf {
    std::env::current_dir().ok().and_then(|here| here.ancestors().last().map(PathBuf::from)).unwrap_or_else(|| PathBuf::from("/"))
}

/// A device in words that the tracer reads.
fn words(device: &DeviceChoice) -> String {
    match device {
        DeviceChoice::Auto => "auto".to_owned(),
        DeviceChoice::Cpu => "cpu".to_owned(),
        DeviceChoice::Gpu => "gpu".to_owned(),
        DeviceChoice::Adapter(number) => format!("gpu:{number}"),
        DeviceChoice::Named(name) => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_device_is_understood() {
        let choices =
            [DeviceChoice::Auto, DeviceChoice::Cpu, DeviceChoice::Gpu, DeviceChoice::Adapter(3), DeviceChoice::Named("Xe".to_owned())];
        for choice in choices {
            assert_eq!(words(&choice).parse(), Ok(choice));
        }
    }

    #[test]
    fn memory_is_read_from_what_the_system_says() {
        let text = "Name:\traylance\nVmRSS:\t    2048 kB\nThreads:\t3\n";
        assert_eq!((kibibytes(text, "VmRSS:"), kibibytes(text, "VmSwap:"), kibibytes(text, "Threads:")), (Some(2 << 20), None, None));
        #[cfg(target_os = "linux")]
        assert!(memory_of(std::process::id()).is_some_and(|bytes| bytes > 0) && machine_memory().is_some());
    }
}
