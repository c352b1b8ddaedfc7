//! Who is measured, with how many samples, and how each is started.

use super::clock::{self, Cost};
use super::python::{self, InstallError};
use super::{DEPTH_MAX, EDGE_PX};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A renderer in the comparison.
pub struct Renderer {
    /// Its name in the report.
    pub name: &'static str,
    tool: Tool,
    cornell: Samples,
    interior: Samples,
}

/// Samples per pixel of the two renders whose difference is the figure. It should keep a renderer busy for some seconds of processor time.
#[derive(Clone, Copy)]
pub struct Samples {
    /// Of the first.
    pub low: u32,
    /// Of the second.
    pub high: u32,
}

enum Tool {
    /// Our program on its CPU backend.
    Cpu,
    /// Our GPU backend on a Vulkan driver: where its manifest may lie, and how its device is called. All runs happen in one process, as
    /// compiling for such a driver takes longer than rendering.
    Vulkan { manifests: &'static [&'static str], device: &'static str },
    /// A script that renders with a Python package: the script, the package and further arguments.
    Script { file: &'static str, package: &'static str, arguments: &'static [&'static str] },
}

const MITSUBA: &str = "mitsuba==3.9.1";
const BLENDER: &str = "bpy==5.0.1";

const LAVAPIPE: Tool = Tool::Vulkan {
    manifests: &["/usr/share/vulkan/icd.d/lvp_icd.x86_64.json", "/usr/share/vulkan/icd.d/lvp_icd.json"],
    device: "llvmpipe",
};
const SWIFTSHADER: Tool = Tool::Vulkan { manifests: &["/usr/lib/chromium/vk_swiftshader_icd.json"], device: "swiftshader" };

const fn samples(low: u32, high: u32) -> Samples {
    Samples { low, high }
}

/// Name of our CPU backend, to whose pictures all others are compared.
pub const OURS: &str = "raylance_cpu";
/// Name of the renderer that we want to pass.
pub const RIVAL: &str = "mitsuba_llvm";
/// Name of the renderer that artists use now.
pub const INCUMBENT: &str = "cycles";

/// Everyone. Our CPU backend renders whole leaves of 16 samples, as in a job; drivers that are programs themselves take fewer.
pub const RENDERERS: [Renderer; 6] = [
    Renderer { name: OURS, tool: Tool::Cpu, cornell: samples(16, 160), interior: samples(16, 64) },
    Renderer {
        name: RIVAL,
        tool: Tool::Script { file: "mitsuba_bench.py", package: MITSUBA, arguments: &["--variant", "llvm_ad_rgb"] },
        cornell: samples(16, 160),
        interior: samples(16, 64),
    },
    Renderer {
        name: "mitsuba_scalar",
        tool: Tool::Script { file: "mitsuba_bench.py", package: MITSUBA, arguments: &["--variant", "scalar_rgb"] },
        cornell: samples(8, 64),
        interior: samples(8, 32),
    },
    Renderer {
        name: INCUMBENT,
        tool: Tool::Script { file: "cycles_bench.py", package: BLENDER, arguments: &[] },
        cornell: samples(8, 48),
        interior: samples(8, 32),
    },
    Renderer { name: "raylance_lavapipe", tool: LAVAPIPE, cornell: samples(4, 20), interior: samples(4, 12) },
    Renderer { name: "raylance_swiftshader", tool: SWIFTSHADER, cornell: samples(4, 12), interior: samples(4, 8) },
];

/// Where programs and scripts lie.
pub struct Tools {
    /// Our program.
    pub raylance: PathBuf,
    /// `src/bin/measure.rs`.
    pub measure: PathBuf,
    /// Folder of the scripts.
    pub scripts: PathBuf,
    /// Where Python packages are installed.
    pub python: python::Environment,
}

/// Two renders of one scene.
#[derive(Deserialize)]
pub struct Run {
    /// What the render with fewer samples took.
    pub low: Cost,
    /// What the render with more samples took.
    pub high: Cost,
    /// The picture with more samples.
    pub picture: PathBuf,
}

/// What a process says about itself and its runs.
pub struct Runs {
    /// Which release, or which device.
    pub version: String,
    /// What opening the device and compiling took, where that was measured.
    pub setup: Option<Cost>,
    /// At least one.
    pub runs: Vec<Run>,
}

/// Why a renderer has no figures.
#[derive(Debug, thiserror::Error)]
pub enum Absent {
    /// The driver is not installed.
    #[error("no Vulkan driver at {0}")]
    NoDriver(&'static str),
    /// The package could not be had.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// It could not be started.
    #[error("{program} does not start: {message}")]
    NotStarted {
        /// Which.
        program: PathBuf,
        /// What the system says.
        message: String,
    },
    /// It gave up.
    #[error("the render failed: {0}")]
    Failed(String),
    /// It ended well and said something else than expected.
    #[error("the renderer's last line is no result: {0}")]
    NoResult(String),
}

/// What the scripts print.
#[derive(Deserialize)]
struct ScriptLine {
    version: String,
    low: Cost,
    high: Cost,
}

/// What `measure render` prints.
#[derive(Deserialize)]
struct MeasureLine {
    version: String,
    setup: Cost,
    runs: Vec<Run>,
}

/// What `raylance render --json` prints, as far as it matters here.
#[derive(Deserialize)]
struct RenderLine {
    device: String,
}

impl Renderer {
    /// Samples per pixel on a scene.
    pub fn samples(&self, scene: &str) -> Samples {
        if scene == "cornell" { self.cornell } else { self.interior }
    }

    /// How its processor time is measured, for the report.
    pub fn method(&self) -> &'static str {
        match self.tool {
            Tool::Cpu => "getrusage of the child process `raylance render`, difference of two runs",
            Tool::Vulkan { .. } => "getrusage of the process around each of two renders, the device being ready, difference of both",
            Tool::Script { .. } => "getrusage of the process around each of two render calls, after a warm-up, difference of both",
        }
    }

    /// Renders a scene twice, with few and with more samples, and keeps the second picture as `picture-TURN.exr`. `None` where all of the
    /// `turns` were done in the first one.
    ///
    /// # Errors
    /// [`Absent`].
    pub fn run(&self, tools: &Tools, scene_name: &str, scene: &Path, picture: &str, turn: u32, turns: u32) -> Result<Option<Runs>, Absent> {
        let samples = self.samples(scene_name);
        let file = PathBuf::from(format!("{picture}-{turn}.exr"));
        match &self.tool {
            Tool::Cpu => cpu(&tools.raylance, scene, file, samples, turn).map(Some),
            Tool::Vulkan { .. } if turn > 0 => Ok(None),
            Tool::Vulkan { manifests, device } => {
                let found = manifests.iter().find(|path| Path::new(path).exists());
                let mut command = Command::new(&tools.measure);
                command.env("VK_DRIVER_FILES", found.ok_or(Absent::NoDriver(manifests[0]))?);
                command.arg("render").arg(scene).arg(device);
                command.args([EDGE_PX, DEPTH_MAX, samples.low, samples.high, turns].map(|number| number.to_string())).arg(picture);
                let (MeasureLine { version, setup, runs }, _) = last_json(&mut command)?;
                Ok(Some(Runs { version, setup: Some(setup), runs }))
            }
            Tool::Script { file: script, package, arguments } => {
                let mut command = Command::new(tools.python.with(package)?);
                command.arg(tools.scripts.join(script)).arg(scene).arg(&file).args(*arguments);
                let numbers = [("low", samples.low), ("high", samples.high), ("edge", EDGE_PX), ("depth", DEPTH_MAX), ("seed", turn)];
                for (name, value) in numbers {
                    command.arg(format!("--{name}")).arg(value.to_string());
                }
                let (ScriptLine { version, low, high }, _) = last_json(&mut command)?;
                Ok(Some(Runs { version, setup: None, runs: vec![Run { low, high, picture: file }] }))
            }
        }
    }
}

fn cpu(program: &Path, scene: &Path, picture: PathBuf, samples: Samples, seed: u32) -> Result<Runs, Absent> {
    let render = |spp: u32| {
        let mut command = Command::new(program);
        command.arg("render").arg(scene).arg("--out").arg(&picture).args(["--device", "cpu", "--json"]);
        let numbers = [("width", EDGE_PX), ("height", EDGE_PX), ("max-depth", DEPTH_MAX), ("spp", spp), ("seed", seed)];
        for (name, value) in numbers {
            command.arg(format!("--{name}")).arg(value.to_string());
        }
        last_json::<RenderLine>(&mut command)
    };
    let (_, low) = render(samples.low)?;
    let (line, high) = render(samples.high)?;
    Ok(Runs { version: line.device, setup: None, runs: vec![Run { low, high, picture }] })
}

/// Runs a program and reads the last line of its output.
///
/// # Errors
/// [`Absent`].
pub fn last_json<T: for<'a> Deserialize<'a>>(command: &mut Command) -> Result<(T, Cost), Absent> {
    let (output, cost) = match clock::run(command) {
        Ok(done) => done,
        Err(error) => return Err(Absent::NotStarted { program: command.get_program().into(), message: error.to_string() }),
    };
    if !output.status.success() {
        return Err(Absent::Failed(python::last_line(&output)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    serde_json::from_str(line).map(|value| (value, cost)).map_err(|_| Absent::NoResult(line.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_renderer_takes_more_samples_the_second_time_and_ours_takes_whole_leaves() {
        for renderer in &RENDERERS {
            for scene in ["cornell", "interior"] {
                let Samples { low, high } = renderer.samples(scene);
                assert!(low < high, "{} on {scene}", renderer.name);
                let whole = low.is_multiple_of(16) && high.is_multiple_of(16);
                assert!(whole || renderer.name != OURS, "{scene}");
            }
        }
    }
}
