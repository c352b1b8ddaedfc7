//! The Python environment in which Mitsuba and Blender are installed: pinned packages, in a folder of the build.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Interpreters, the wanted one first: Blender's package is built for exactly this version.
const INTERPRETERS: [&str; 2] = ["python3.11", "python3"];

/// What our scripts need besides; Mitsuba works without it and does not bring it along.
const NUMPY: &str = "numpy";

/// Why a package is not there.
#[derive(Clone, Debug, thiserror::Error)]
pub enum InstallError {
    /// No interpreter.
    #[error("there is no Python with the venv module ({0})")]
    NoPython(String),
    /// pip refused.
    #[error("pip can't install {package}: {message}")]
    Pip {
        /// Name and version.
        package: &'static str,
        /// The last line that pip said.
        message: String,
    },
}

/// A virtual environment.
pub struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// One in that folder, which is made when a package is first asked for.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The interpreter of an environment that has `package` (`name==version`).
    ///
    /// # Errors
    /// [`InstallError`].
    pub fn with(&self, package: &'static str) -> Result<PathBuf, InstallError> {
        let python = self.interpreter()?;
        let (name, version) = package.split_once("==").unwrap_or((package, ""));
        let question = format!("import importlib.metadata as m; print(m.version({name:?}))");
        let installed = Command::new(&python).args(["-c", &question]).output();
        if installed.is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).trim() == version) {
            return Ok(python);
        }
        eprintln!("bench: installing {package} into {}", self.folder.display());
        let pip = Command::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", package, NUMPY]).output();
        match pip {
            Ok(output) if output.status.success() => Ok(python),
            Ok(output) => Err(InstallError::Pip { package, message: last_line(&output) }),
            Err(error) => Err(InstallError::Pip { package, message: error.to_string() }),
        }
    }

    fn interpreter(&self) -> Result<PathBuf, InstallError> {
        let python = self.folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
        if python.exists() {
            return Ok(python);
        }
        let mut message = String::new();
        for name in INTERPRETERS {
            match Command::new(name).args([Path::new("-m"), Path::new("venv"), &self.folder]).output() {
                Ok(output) if output.status.success() => return Ok(python),
                Ok(output) => message = last_line(&output),
                Err(error) => message = format!("{name}: {error}"),
            }
        }
        Err(InstallError::NoPython(message))
    }
}

/// The last line that says something: of stderr, else of stdout.
pub fn last_line(output: &Output) -> String {
    let texts = [&output.stderr, &output.stdout].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let line = texts.iter().find_map(|text| text.lines().rev().find(|line| !line.trim().is_empty()));
    line.unwrap_or("it said nothing").trim().to_owned()
}
