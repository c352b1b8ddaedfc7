//! References from a glTF file to its bytes: embedded, or a file inside the scene's folder; never anything else.

use std::{
    fs::File,
    io::{self, Read},
    path::{Component, Path, PathBuf},
};

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::fault::FaultKind;

/// Largest single file that is read: more does not fit the memory of the machines that rent out.
pub const FILE_BYTES_MAX: u64 = 2 << 30;

/// Exporters disagree on padding; the bytes are the same either way.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// The bytes that `uri` stands for, relative to the folder `dir`; a scene without a folder refers to no files.
pub(super) fn fetch(dir: Option<&Path>, uri: &str) -> Result<Vec<u8>, FaultKind> {
    match (uri.strip_prefix("data:"), dir) {
        (Some(data), _) => decode_data(data),
        (None, Some(dir)) => read_bounded(&resolve(dir, uri)?, FILE_BYTES_MAX),
        (None, None) => Err(FaultKind::Unreadable { error: io::ErrorKind::NotFound }),
    }
}

/// Reads a plain file of at most `max` bytes.
pub(super) fn read_bounded(path: &Path, max: u64) -> Result<Vec<u8>, FaultKind> {
    let unreadable = |error: io::Error| FaultKind::Unreadable { error: error.kind() };
    // A pipe or a device could block or never end; only plain files are opened.
    let meta = std::fs::metadata(path).map_err(unreadable)?;
    if !meta.is_file() {
        return Err(FaultKind::Unreadable { error: if meta.is_dir() { io::ErrorKind::IsADirectory } else { io::ErrorKind::InvalidInput } });
    }
    if meta.len() > max {
        return Err(FaultKind::FileTooLarge { bytes: meta.len(), max });
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(max).read_to_end(&mut bytes)).map_err(unreadable)?;
    Ok(bytes)
}

/// Shows a URI in a message without flooding it.
pub(super) fn shorten(uri: &str) -> String {
    const SHOWN_MAX: usize = 120;
    if uri.starts_with("data:") {
        return "embedded data".to_owned();
    }
    match uri.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &uri[..end]),
        None => uri.to_owned(),
    }
}

fn resolve(dir: &Path, uri: &str) -> Result<PathBuf, FaultKind> {
    let outside = || FaultKind::UriOutside { uri: shorten(uri) };
    if has_scheme(uri) {
        return Err(FaultKind::UriRemote { uri: shorten(uri) });
    }
    let decoded = String::from_utf8(percent_decode(uri)).map_err(|_| outside())?;
    // Exporters on Windows write a backslash, which separates folders only there; one scene must mean the same everywhere.
    let decoded = decoded.replace('\\', "/");
    if decoded.is_empty() || decoded.contains(['\0', ':']) {
        return Err(outside());
    }
    let mut relative = PathBuf::new();
    for part in Path::new(&decoded).components() {
        match part {
            Component::Normal(name) => relative.push(name),
            Component::CurDir => {}
            Component::ParentDir if relative.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return Err(outside()),
        }
    }
    let missing = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => FaultKind::FileMissing { uri: shorten(uri) },
        error => FaultKind::Unreadable { error },
    };
    let home = dir.canonicalize().map_err(missing)?;
    let path = home.join(relative).canonicalize().map_err(missing)?;
    // Links inside the folder must not lead out of it either.
    if path.starts_with(&home) { Ok(path) } else { Err(outside()) }
}

/// `http:`, `file:` and the like, and Windows drives.
fn has_scheme(uri: &str) -> bool {
    let Some((scheme, _)) = uri.split_once(':') else { return false };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// A percent sign without two hexadecimal digits stands for itself, as exporters that forget to encode mean it.
fn percent_decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let hex = |at: usize| bytes.get(at).and_then(|digit| char::from(*digit).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

fn decode_data(data: &str) -> Result<Vec<u8>, FaultKind> {
    let (head, body) = data.split_once(',').ok_or(FaultKind::DataUri)?;
    if head.ends_with(";base64") { BASE64.decode(body).map_err(|_| FaultKind::DataUri) } else { Ok(percent_decode(body)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_that_leave_the_folder_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let scene = dir.path().join("scene");
        std::fs::create_dir(&scene).unwrap();
        std::fs::write(dir.path().join("secret.bin"), b"no").unwrap();
        for uri in [
            "../secret.bin",
            "a/../../secret.bin",
            "%2e%2e/secret.bin",
            "/etc/hostname",
            "..\\secret.bin",
            "%2Fetc%2Fhostname",
            "",
            "a%00b",
        ] {
            assert!(matches!(fetch(Some(&scene), uri), Err(FaultKind::UriOutside { .. })), "{uri}");
        }
        for uri in ["http://example.org/a.bin", "file:///etc/hostname", "C:/secret.bin", "https:x"] {
            assert!(matches!(fetch(Some(&scene), uri), Err(FaultKind::UriRemote { .. })), "{uri}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(dir.path().join("secret.bin"), scene.join("link.bin")).unwrap();
            assert!(matches!(fetch(Some(&scene), "link.bin"), Err(FaultKind::UriOutside { .. })));
        }
    }

    #[test]
    fn encoded_names_and_data_uris_are_read() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("my mesh 100%.bin"), b"yes").unwrap();
        for uri in ["my%20mesh%20100%25.bin", "my mesh 100%.bin", "./my mesh 100%25.bin", "x/../my mesh 100%.bin"] {
            assert_eq!(fetch(Some(dir.path()), uri), Ok(b"yes".to_vec()), "{uri}");
        }
        for uri in ["data:application/octet-stream;base64,eWVz", "data:;base64,eWVz", "data:,y%65s"] {
            assert_eq!(fetch(Some(dir.path()), uri), Ok(b"yes".to_vec()), "{uri}");
        }
        assert_eq!(fetch(Some(dir.path()), "data:;base64,e*"), Err(FaultKind::DataUri));
        assert_eq!(fetch(Some(dir.path()), "gone.bin"), Err(FaultKind::FileMissing { uri: "gone.bin".to_owned() }));
        assert!(matches!(fetch(Some(dir.path()), "."), Err(FaultKind::Unreadable { .. })));
    }
}
