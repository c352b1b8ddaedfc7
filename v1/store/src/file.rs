//! Files that are there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// As the system's default says.
    Usual,
    /// Nobody but its owner.
    Owner,
}

/// Writes a draft in the folder `drafts`, which must be on the same disk, and moves it to `path`. Both file and folder are synced.
pub(crate) fn write_whole(drafts: &Path, path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    /// Two writers of one file must not share a draft.
    static DRAFT: AtomicU64 = AtomicU64::new(0);
    let draft = drafts.join(format!("{}", DRAFT.fetch_add(1, Ordering::Relaxed)));
    let written = write_draft(&draft, bytes, readers).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // The draft is of no use; that it can't be removed either changes nothing.
        let _ = fs::remove_file(&draft);
    }
    written?;
    path.parent().map_or(Ok(()), sync_folder)
}

fn write_draft(draft: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = readers;
    let mut file = options.open(draft)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a rename last. Only Unix can open a folder for this; elsewhere the file system orders it itself.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
