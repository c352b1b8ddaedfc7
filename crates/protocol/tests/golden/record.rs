//! Collects named values with their bytes, and checks on the way that decoding gives the same value back.

use borsh::{BorshDeserialize, BorshSerialize};
use raylance_protocol::{Digest, Signable, decode, encode};
use std::collections::BTreeSet;
use std::fmt::{Debug, Write as _};
use std::path::Path;

use crate::values::{chain, keys};

/// The content of one golden file.
pub struct Record {
    lines: String,
    names: BTreeSet<String>,
    /// Types that have a sample.
    pub types: BTreeSet<String>,
}

/// An enum whose every variant needs a sample. Made by [`variants`], whose `match` does not compile when a variant has no name.
pub trait Variants {
    /// Names of all variants.
    const NAMES: &'static [&'static str];
    /// The name of this one.
    fn variant(&self) -> &'static str;
}

/// Names every variant of an enum.
macro_rules! variants {
    ($type:ty: $($pattern:pat => $name:literal),+ $(,)?) => {
        impl crate::record::Variants for $type {
            const NAMES: &'static [&'static str] = &[$($name),+];
            fn variant(&self) -> &'static str {
                match self { $($pattern => $name),+ }
            }
        }
    };
}
pub(crate) use variants;

/// A type's name without its path and parameters.
fn type_name<T>() -> String {
    let name = std::any::type_name::<T>();
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit("::").next().unwrap_or(name).to_owned()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Record {
    /// Begins with a line for readers.
    pub fn new(title: &str) -> Self {
        let lines = format!("# {title} Written by `cargo xtask bless`.\n");
        Self { lines, names: BTreeSet::new(), types: BTreeSet::new() }
    }

    /// The file.
    pub fn text(self) -> String {
        self.lines
    }

    /// Adds a line.
    fn line(&mut self, name: &str, bytes: &[u8]) {
        assert!(self.names.insert(name.to_owned()), "{name} stands here twice");
        writeln!(self.lines, "{name} = {} B {}", bytes.len(), hex(bytes)).unwrap();
    }

    /// A value under its type's name.
    pub fn value<T: BorshSerialize + BorshDeserialize + PartialEq + Debug>(&mut self, value: &T) {
        self.named("", value);
    }

    /// A value under its type's name and one of its own.
    pub fn named<T: BorshSerialize + BorshDeserialize + PartialEq + Debug>(&mut self, name: &str, value: &T) {
        let bytes = encode(value);
        assert_eq!(decode::<T>(&bytes, bytes.len()).as_ref(), Ok(value), "{name}");
        assert!(decode::<T>(&[&bytes[..], &[0]].concat(), bytes.len() + 1).is_err(), "{name}: a byte too many is accepted");
        if let Some((_, short)) = bytes.split_last() {
            assert!(decode::<T>(short, bytes.len()).is_err(), "{name}: a byte too few is accepted");
        }
        let type_name = type_name::<T>();
        self.line(format!("{type_name} {name}").trim_end(), &bytes);
        self.types.insert(type_name);
    }

    /// A value with what is signed: domain, and the signature of the account that `values::keys()` belongs to in the ring `values::chain()`.
    pub fn signed<T: Signable + PartialEq + Debug>(&mut self, name: &str, value: &T) {
        self.named(name, value);
        let bytes = encode(value);
        assert!(bytes.len() <= T::BYTES_MAX, "{} {name}: {} bytes where {} are allowed", type_name::<T>(), bytes.len(), T::BYTES_MAX);
        let signed = keys().sign(chain(), value);
        assert_eq!(signed.open(chain()).map(|(_, opened)| opened).as_ref(), Ok(value));
        let name = format!("{} {name}", type_name::<T>());
        self.line(&format!("{} signed under {:?}", name.trim_end(), T::DOMAIN), &signed.signature().0);
    }

    /// One sample of every variant of an enum, under the variants' names; several of one variant are numbered.
    pub fn variants<T: Variants + BorshSerialize + BorshDeserialize + PartialEq + Debug>(&mut self, samples: &[T]) {
        let mut seen = BTreeSet::new();
        for sample in samples {
            let name = sample.variant();
            let again = samples.iter().take_while(|other| !std::ptr::eq(*other, sample)).filter(|other| other.variant() == name).count();
            self.named(&if again == 0 { name.into() } else { format!("{name} {}", again + 1) }, sample);
            seen.insert(name);
        }
        let missing: Vec<_> = T::NAMES.iter().filter(|name| !seen.contains(*name)).collect();
        assert!(missing.is_empty(), "{}: no sample of {missing:?}", type_name::<T>());
    }

    /// A hash that names or binds something.
    pub fn hash(&mut self, name: &str, hash: Digest) {
        self.line(&format!("hash: {name}"), &hash.0);
    }

    /// Bytes that are no encoding of a value, such as keys of rows.
    pub fn bytes(&mut self, name: &str, bytes: &[u8]) {
        self.line(name, bytes);
    }
}

/// Names of the crate's types that derive an encoding, as its sources have them.
pub fn types_with_an_encoding() -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                names.extend(types_in(&std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(names.len() > 40, "the sources were not found");
    names
}

fn types_in(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut derives = false;
    for line in source.lines() {
        if line.starts_with("#[derive(") {
            derives = line.contains("BorshSerialize");
        } else if let Some(rest) = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum ")) {
            if derives {
                names.push(rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or(rest).to_owned());
            }
            derives = false;
        }
    }
    names
}
