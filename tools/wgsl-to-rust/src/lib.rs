//! Writes the shaders as Rust, so that GPU and CPU share one source and give the same bits.
//!
//! ```text
//! WGSL ─ naga front end ─► IR ─┬─► SPIR-V, MSL, HLSL   (wgpu, at run time)
//!                              └─► a Rust module       (here, when the repository is blessed)
//! ```
//!
//! Rust neither contracts nor reorders float arithmetic, so one IR operation becomes one IEEE operation. What a GPU is free to round
//! in its own way (division, square roots, transcendental functions, `fma`) is refused, with its place: the writer is the lint of the shaders.
//! The sign of a zero is the one thing that is neither refused nor promised: `min(0.0, -0.0)` may be either on a GPU.
//!
//! Buffers that are only read become fields of a context struct, functions named as externs become methods of the trait `Ext` that the
//! CPU driver implements. Writable buffers and entry points stay with the driver.

mod error;
mod expression;
mod function;
mod inline;
mod item;
mod names;
mod operation;
mod statement;
mod types;
pub mod wide;

#[cfg(test)]
mod tests;

pub use error::WriteError;

use error::{Fault, Item};
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{AddressSpace, Function, GlobalVariable, Handle, Module, StorageAccess};
use names::item_name;

/// What the writer is told besides the shaders.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Functions that become methods of the trait `Ext`; their bodies are left out.
    pub externs: &'a [&'a str],
    /// Name of the struct that holds the buffers.
    pub context_name: &'a str,
    /// Leave entry points out; otherwise one is an error.
    pub skip_entry_points: bool,
    /// Functions of at most this many IR expressions are always inlined; the compiler decides about the others.
    pub inline_always_max: usize,
}

const HEADER: &str = "//! The shaders as Rust, made by `cargo xtask bless`; change the shaders instead.

#![allow(missing_docs, dead_code, unused_labels, unused_mut, unused_variables, unused_assignments, unused_parens, unreachable_code)]
#![allow(non_snake_case, non_camel_case_types, non_upper_case_globals, clippy::all)]

use super::runtime::*;
";

/// Writes a whole WGSL module as the text of a Rust module that stands beside `runtime`. The same source gives the same text.
///
/// # Errors
/// [`WriteError`] where the source is no valid WGSL, or uses what has no Rust twin with the same bits.
pub fn write(wgsl: &str, options: &Options<'_>) -> Result<String, WriteError> {
    let (module, info) = checked(wgsl)?;
    Shader::new(wgsl, &module, &info, options)?.write()
}

/// Valid WGSL as naga's IR.
fn checked(wgsl: &str) -> Result<(Module, ModuleInfo), WriteError> {
    let module = naga::front::wgsl::parse_str(wgsl).map_err(|source| WriteError::parse(wgsl, source))?;
    let mut validator = Validator::new(ValidationFlags::all(), Capabilities::default());
    let info = validator.validate(&module).map_err(|source| WriteError::invalid(wgsl, source))?;
    Ok((module, info))
}

/// A checked module with what all parts of the writer ask about it.
struct Shader<'a> {
    wgsl: &'a str,
    module: &'a Module,
    info: &'a ModuleInfo,
    options: &'a Options<'a>,
    /// By function: does it need the context as its first argument?
    needs_context: Vec<bool>,
}

impl<'a> Shader<'a> {
    fn new(wgsl: &'a str, module: &'a Module, info: &'a ModuleInfo, options: &'a Options<'a>) -> Result<Self, WriteError> {
        if let Some(name) = options.externs.iter().find(|name| !module.functions.iter().any(|(_, f)| f.name.as_deref() == Some(**name))) {
            return Err(WriteError::UnknownExtern { name: (*name).to_owned() });
        }
        if let (false, Some(entry)) = (options.skip_entry_points, module.entry_points.first()) {
            return Err(WriteError::EntryPoint { name: entry.name.clone() });
        }
        let mut shader = Self { wgsl, module, info, options, needs_context: Vec::new() };
        // A function's callees stand before it in the arena.
        for (handle, function) in module.functions.iter() {
            let needed = shader.is_extern(function) || shader.reads_buffers(handle) || shader.calls_with_context(&function.body);
            shader.needs_context.push(needed);
        }
        Ok(shader)
    }

    fn write(&self) -> Result<String, WriteError> {
        self.check_names()?;
        let mut text = HEADER.to_owned();
        for section in [self.structs()?, self.constants()?, self.context()?] {
            text.push_str(&section);
        }
        for (handle, function) in self.module.functions.iter().filter(|(_, function)| !self.is_extern(function)) {
            text.push('\n');
            let written = function::write(self, handle);
            let item = || Item::Function(item_name(&function.name).to_owned());
            text.push_str(&written.map_err(|fault| self.refused(item(), fault.at(self.module.functions.get_span(handle))))?);
        }
        Ok(text)
    }

    fn is_extern(&self, function: &Function) -> bool {
        self.options.externs.contains(&item_name(&function.name))
    }

    fn reads_buffers(&self, function: Handle<Function>) -> bool {
        self.module.global_variables.iter().any(|(global, _)| !self.info[function][global].is_empty())
    }

    fn calls_with_context(&self, block: &naga::Block) -> bool {
        statement::any(block, &|statement| match statement {
            naga::Statement::Call { function, .. } => self.needs_context[function.index()],
            _ => false,
        })
    }

    fn refused(&self, item: Item, fault: Fault) -> WriteError {
        WriteError::refused(self.wgsl, item, fault)
    }
}

/// Whether the driver keeps this buffer to itself.
fn is_writable(global: &GlobalVariable) -> bool {
    matches!(global.space, AddressSpace::Storage { access } if access.contains(StorageAccess::STORE))
}
