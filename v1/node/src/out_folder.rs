//! The folder for a job's finished files: whether it can be one is asked before anything is rendered or paid.

use std::path::{Path, PathBuf};

/// A file lies where a folder for finished files was asked for.
#[derive(Debug, thiserror::Error)]
#[error("{0} is a file; give a folder for the finished files")]
pub struct NotAFolder(PathBuf);

/// Finds what stands in the way of a folder: it or the first of its parents that exists is no folder.
///
/// # Errors
/// [`NotAFolder`] with the file in the way.
pub fn check(folder: &Path) -> Result<(), NotAFolder> {
    match folder.ancestors().find(|path| path.exists()) {
        Some(first) if !first.is_dir() => Err(NotAFolder(first.to_owned())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_the_way_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        for wrong in [file.clone(), file.join("below"), file.join("far/below")] {
            assert_eq!(
                check(&wrong).unwrap_err().to_string(),
                format!("{} is a file; give a folder for the finished files", file.display())
            );
        }
        for right in [dir.path().to_owned(), dir.path().join("new"), dir.path().join("new/below")] {
            assert!(check(&right).is_ok(), "{}", right.display());
        }
    }
}
