//! Writes the shaders as Rust that computes many lanes at once, each with the bits of the scalar code.
//!
//! The IR's control flow is a tree, so lanes can be masked as ISPC does it:
//! - every function runs under a mask of live lanes; where the mask is empty, code is jumped over;
//! - `if` runs both blocks under their masks, a loop runs until no lane is left in it, and `break`, `continue` and `return` take lanes off;
//! - a store blends where other lanes may still read the variable's old value; results are gathered from all `return`s;
//! - what all live lanes agree on stays scalar (see `variance`), and functions of nothing else are the scalar ones.
//!
//! The text does not say how many lanes there are: it is compiled once for each kind of register that the driver knows. Around it stand a
//! runtime with the lanes' types and a macro `wide!` that gives functions the processor features they need. The scalar module and its
//! context are shared. Externs become methods of a trait, called for all live lanes at once.

mod control;
mod flow;
mod function;
mod memory;
mod operation;
mod pool;
mod sites;
mod types;
mod value;
mod variance;
mod variants;
mod weight;

#[cfg(test)]
mod tests;

use super::error::{Fault, Item, WriteError};
use super::names::{item_name, rust_name};
use super::{Options, Shader, checked};
use naga::{Block, Expression, Function, Handle, Statement};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::rc::Rc;
use types::Used;
use variants::{Variant, Variants};

/// What the wide writer is told besides the shaders.
#[derive(Clone, Copy, Debug)]
pub struct WideOptions<'a> {
    /// As for the scalar code.
    pub scalar: Options<'a>,
    /// Name of the module that holds the scalar code, beside this one.
    pub scalar_module: &'a str,
    /// What the driver calls.
    pub roots: &'a [Root<'a>],
}

/// A function that the driver calls.
#[derive(Clone, Copy, Debug)]
pub struct Root<'a> {
    /// Its name.
    pub name: &'a str,
    /// Arguments that are the same in all lanes.
    pub uniform: &'a [&'a str],
    /// Written as a function over any number of lists of those arguments that differ.
    pub pooled: bool,
}

const HEADER: &str = "//! The shaders as Rust for many lanes at once, made by `cargo xtask bless`; change the shaders instead.

#![allow(missing_docs, dead_code, unused_labels, unused_mut, unused_variables, unused_assignments, unused_parens, unreachable_code)]
#![allow(non_snake_case, non_camel_case_types, non_upper_case_globals, unused_imports, clippy::all)]

use super::runtime::*;
use super::wide_memory::*;
use super::wide_runtime::*;
";

/// Writes a WGSL module as the text of a Rust module of functions of many lanes: the roots and what they call.
///
/// # Errors
/// [`WriteError`] as from the scalar writer, and where memory is addressed by lane in a way that is not supported.
pub fn write(wgsl: &str, options: &WideOptions<'_>) -> Result<String, WriteError> {
    let (module, info) = checked(wgsl)?;
    let shader = Shader::new(wgsl, &module, &info, &options.scalar)?;
    shader.check_names()?;
    let variants = Variants::new(&shader);
    let roots = options.roots.iter().map(|root| root_variant(&shader, &variants, root)).collect::<Result<Vec<_>, _>>()?;
    let names = names(&shader, &variants, &roots);
    let wide = Wide { shader: &shader, names, variants: &variants, used: Used::default() };
    let (mut functions, mut externs) = (String::new(), String::new());
    for (variant, name) in wide.names.values() {
        functions.push('\n');
        let function = &module.functions[variant.function];
        let written = match shader.is_extern(function) {
            true => wide.extern_call(variant, name, &mut externs),
            false => function::write(&wide, variant, name),
        };
        let place = |fault: Fault| fault.at(module.functions.get_span(variant.function));
        let item = || Item::Function(item_name(&function.name).to_owned());
        functions.push_str(&written.map_err(|fault| shader.refused(item(), place(fault)))?);
    }
    for (variant, root) in roots.iter().zip(options.roots).filter(|(_, root)| root.pooled) {
        functions.push('\n');
        let place = |fault: Fault| fault.at(module.functions.get_span(variant.function));
        let item = || Item::Function(root.name.to_owned());
        functions.push_str(&wide.pool(variant, root.name).map_err(|fault| shader.refused(item(), place(fault)))?);
    }
    let mut text = HEADER.to_owned();
    text += &wide.imports(options.scalar_module);
    text += &wide.structs()?;
    text += &extern_trait(&externs);
    Ok(text + &functions)
}

/// By place in the module and varying arguments, so that the order is the shader's.
type Names = BTreeMap<(usize, Vec<bool>), (Rc<Variant>, String)>;

/// What all parts of the wide writer ask.
pub(super) struct Wide<'a> {
    shader: &'a Shader<'a>,
    variants: &'a Variants<'a>,
    names: Names,
    used: Used,
}

impl Wide<'_> {
    /// Name of the function that stands for a variant.
    fn name(&self, variant: &Variant) -> &str {
        let found = self.names.get(&(variant.function.index(), variant.varying.clone()));
        &found.expect("every variant that a reachable function calls was named").1
    }

    fn imports(&self, scalar_module: &str) -> String {
        let constants = self.shader.module.constants.iter().filter_map(|(_, constant)| constant.name.as_deref().map(rust_name));
        let context = (self.shader.has_buffers() || self.shader.has_externs()).then(|| self.shader.options.context_name.to_owned());
        let list: Vec<_> = context.into_iter().chain(constants).collect();
        let mut text = format!("use super::{scalar_module} as one;\n");
        if !list.is_empty() {
            let _ = writeln!(text, "use one::{{{}}};", list.join(", "));
        }
        for name in self.shader.structs_in_buffers() {
            let name = rust_name(name);
            let _ = writeln!(
                text,
                "\n// SAFETY: all parts of it were checked to be words that follow each other.\nunsafe impl Words for one::{name} {{}}"
            );
        }
        text
    }
}

/// The driver's part.
fn extern_trait(methods: &str) -> String {
    if methods.is_empty() {
        return String::new();
    }
    format!("\n/// The driver's functions for all live lanes at once.\npub trait Ext: one::Ext {{\n{methods}}}\n")
}

/// The variants that the roots reach, with the names of their functions.
fn names(shader: &Shader<'_>, variants: &Variants<'_>, roots: &[Rc<Variant>]) -> Names {
    let mut found: BTreeMap<(usize, Vec<bool>), Rc<Variant>> = BTreeMap::new();
    let (pools, mut open): (Vec<_>, Vec<_>) = roots.iter().cloned().partition(|root| root.variance.is_pooled());
    pools.iter().for_each(|pool| callees(pool, variants, &shader.module.functions[pool.function].body, &mut open));
    while let Some(variant) = open.pop() {
        let key = (variant.function.index(), variant.varying.clone());
        if variants.is_scalar(&variant) || found.insert(key, Rc::clone(&variant)).is_some() {
            continue;
        }
        let function = &shader.module.functions[variant.function];
        if !shader.is_extern(function) {
            callees(&variant, variants, &function.body, &mut open);
        }
    }
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut name = |variant: &Variant| {
        let wish = variants.name(variant);
        let numbered = (2..).map(|number| format!("{wish}_{number}"));
        let is_free = |name: &String| name == wish || !shader.item_names().any(|(item, _, _)| item == *name);
        let free = [wish.to_owned()].into_iter().chain(numbered).find(|name| is_free(name) && !taken.contains(name));
        let free = free.expect("numbers don't end");
        taken.insert(free.clone());
        rust_name(&free)
    };
    found.into_iter().map(|(key, variant)| (key, (Rc::clone(&variant), name(&variant)))).collect()
}

fn root_variant(shader: &Shader<'_>, variants: &Variants<'_>, root: &Root<'_>) -> Result<Rc<Variant>, WriteError> {
    let unknown = |name: &str| WriteError::UnknownRoot { name: name.to_owned() };
    let found = shader.module.functions.iter().find(|(_, function)| item_name(&function.name) == root.name);
    let (handle, function) = found.ok_or_else(|| unknown(root.name))?;
    let names: Vec<_> = function.arguments.iter().map(|argument| argument.name.as_deref().unwrap_or_default()).collect();
    match root.uniform.iter().find(|name| !names.contains(name)) {
        Some(name) => Err(unknown(name)),
        None => {
            let varying = names.iter().map(|name| !root.uniform.contains(name)).collect();
            Ok(if root.pooled { variants.pooled(handle, varying) } else { variants.of(handle, varying) })
        }
    }
}

fn callees(variant: &Variant, variants: &Variants<'_>, block: &Block, found: &mut Vec<Rc<Variant>>) {
    for statement in block.iter() {
        if let Statement::Call { function, arguments, .. } = statement {
            found.push(callee(variant, variants, *function, arguments));
        }
        super::statement::blocks_of(statement).into_iter().for_each(|inner| callees(variant, variants, inner, found));
    }
}

/// The variant that a call asks for.
fn callee(variant: &Variant, variants: &Variants<'_>, function: Handle<Function>, arguments: &[Handle<Expression>]) -> Rc<Variant> {
    variants.of(function, arguments.iter().map(|argument| variant.variance.value(*argument)).collect())
}
