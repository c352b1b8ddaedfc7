//! The render process itself: a scene and orders come through its standard input, sums leave through its standard output.

use super::jail;
use super::wire::{Ask, Ended, Render, Tell, read, write};
use crate::renderers::Renderers;
use crate::{DeviceConfig, OrderError, SceneId};
use raylance_tracer::{Control, Outcome, Pace, RenderError};
use std::collections::VecDeque;
use std::io::{self, Read as _};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The first argument of a render process. No verb of the command line has this name.
pub const ARGUMENT: &str = "--render-process";
/// Packed scenes that are kept: those at work and the last ones. They are small beside what the device makes of them.
const SCENES_MAX: usize = 2;

/// The first thing that a program does which may be started as a render process: `None` where it was not.
///
/// A render process returns when its peer closes the pipe. It has no arguments but this one, and opens no file of its own.
pub fn render_process() -> Option<ExitCode> {
    std::env::args_os().nth(1).is_some_and(|argument| argument == ARGUMENT).then(|| match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the render process ends");
            ExitCode::FAILURE
        }
    })
}

/// What the reader of the pipe and the renderer share.
#[derive(Default)]
struct Shared {
    control: Control,
    progress: Mutex<Progress>,
}

#[derive(Default)]
struct Progress {
    /// The render that is at work, else the last one.
    number: u64,
    /// Renders up to here are not wanted any more.
    cancelled: u64,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, number: u64) {
        let mut progress = self.lock();
        progress.number = number;
        if progress.cancelled < number {
            self.control.rearm();
        } else {
            self.control.cancel();
        }
    }

    fn cancel(&self, number: u64) {
        let mut progress = self.lock();
        progress.cancelled = progress.cancelled.max(number);
        if progress.number == number {
            self.control.cancel();
        }
    }
}

/// What the reader passes on.
enum Work {
    Scene(SceneId, Vec<u8>),
    Render(Render),
    Probe(String, u16),
}

fn serve() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    #[cfg(unix)]
    {
        let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
        // Memory that a stranger's scene filled is written to no disk.
        rustix::process::setrlimit(rustix::process::Resource::Core, none)?;
    }
    let jail = jail::lock();
    let mut stdout = output()?;
    let Ask::Begin { device, threads } = read(&mut io::stdin().lock())? else { return Err(io::ErrorKind::InvalidData.into()) };
    write(&mut stdout, &Tell::Ready(jail))?;
    let shared = Arc::new(Shared::default());
    let (pass, work) = channel();
    let reader = Arc::clone(&shared);
    std::thread::Builder::new().name("pipe".into()).spawn(move || {
        // The end of the pipe is the end of the work: the channel closes with this thread.
        let ended = listen(&reader, &pass);
        reader.cancel(u64::MAX);
        reader.control.cancel();
        if let Err(error) = ended {
            tracing::debug!(%error, "the pipe ended");
        }
    })?;
    let device = device.parse().unwrap_or_else(|never| match never {});
    render(DeviceConfig { device, threads: threads as usize, child: None }, &shared, &work, |tell| write(&mut stdout, tell))
}

/// The pipe to the peer, for this program alone: what a driver writes to its standard output goes where errors go.
#[cfg(unix)]
fn output() -> io::Result<std::fs::File> {
    let pipe = rustix::io::fcntl_dupfd_cloexec(io::stdout(), 3)?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(pipe.into())
}

#[cfg(not(unix))]
fn output() -> io::Result<io::Stdout> {
    Ok(io::stdout())
}

fn listen(shared: &Shared, pass: &Sender<Work>) -> io::Result<()> {
    let mut stdin = io::stdin().lock();
    loop {
        let work = match read(&mut stdin)? {
            Ask::Begin { .. } => return Err(io::ErrorKind::InvalidData.into()),
            Ask::Scene { scene, len_bytes } => {
                let mut packed = Vec::new();
                (&mut stdin).take(len_bytes).read_to_end(&mut packed)?;
                Work::Scene(SceneId(scene), packed)
            }
            Ask::Render(render) => Work::Render(render),
            Ask::Cancel { number } => {
                shared.cancel(number);
                continue;
            }
            Ask::Pace { owner_present } => {
                shared.control.set_pace(if owner_present { Pace::OwnerPresent } else { Pace::Idle });
                continue;
            }
            Ask::Probe { file, port } => Work::Probe(file, port),
        };
        if pass.send(work).is_err() {
            return Ok(());
        }
    }
}

fn render(config: DeviceConfig, shared: &Shared, work: &Receiver<Work>, mut tell: impl FnMut(&Tell) -> io::Result<()>) -> io::Result<()> {
    let scenes = Arc::new(Mutex::new(VecDeque::<(SceneId, Vec<u8>)>::new()));
    let kept = Arc::clone(&scenes);
    let load = move |scene: &SceneId| {
        let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(id, _)| id == scene).map(|(_, packed)| packed.clone()).ok_or_else(|| "the scene was not sent".into())
    };
    let mut renderers = Renderers::new(config, Box::new(load));
    while let Ok(work) = work.recv() {
        match work {
            Work::Scene(scene, packed) => {
                let mut scenes = scenes.lock().unwrap_or_else(PoisonError::into_inner);
                scenes.retain(|(id, _)| *id != scene);
                scenes.push_front((scene, packed));
                scenes.truncate(SCENES_MAX);
            }
            Work::Render(order) => {
                let is_here = scenes.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|(id, _)| *id == order.scene());
                if is_here {
                    tell(&Tell::Begun)?;
                    tell(&rendered(&mut renderers, shared, &order))?;
                } else {
                    tell(&Tell::SceneMissing)?;
                }
            }
            Work::Probe(file, port) => tell(&probe(&file, port))?,
        }
    }
    Ok(())
}

fn rendered(renderers: &mut Renderers, shared: &Shared, order: &Render) -> Tell {
    shared.begin(order.number);
    let leaves = order.leaves();
    let outcome =
        renderers.get(order.scene(), order.backend()).map(|renderer| renderer.render_leaves(&order.settings(), &leaves, &shared.control));
    let Outcome { sums, ended } = match outcome {
        Ok(outcome) => outcome,
        Err(OrderError::Device(error)) => Outcome { sums: vec![None; leaves.len()], ended: Err(error) },
        Err(error) => {
            let told = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            return Tell::Rendered { sums: vec![None; leaves.len()], ended: Ended::Scene(told) };
        }
    };
    let ended = match ended {
        Ok(()) => Ended::Whole,
        Err(RenderError::Cancelled) => Ended::Cancelled,
        Err(RenderError::PathBound | RenderError::LoopCut { .. }) => Ended::PathBound,
        Err(error) => {
            // The renderer has tried what it can.
            renderers.forget(order.scene(), order.backend());
            Ended::Device(error.to_string())
        }
    };
    Tell::Rendered { sums, ended }
}

/// Tries what a render process must not be able to do.
fn probe(file: &str, port: u16) -> Tell {
    let beside = format!("{file}.written");
    Tell::Probed {
        read: std::fs::read(file).is_ok(),
        write: std::fs::write(beside, "x").is_ok(),
        connect: std::net::TcpStream::connect(("127.0.0.1", port)).is_ok(),
        execute: Command::new("/bin/true").stdout(Stdio::null()).status().is_ok(),
    }
}
