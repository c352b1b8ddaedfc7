//! One function: signature, variables, body.

use super::Shader;
use super::error::{Fault, Refusal};
use super::inline::Uses;
use super::names::{Namer, item_name, rust_name};
use super::types::Shape;
use naga::valid::FunctionInfo;
use naga::{Expression, Function, Handle, TypeInner};
use std::collections::HashMap;

/// Writes one function.
pub(super) fn write(shader: &Shader<'_>, handle: Handle<Function>) -> Result<String, Fault> {
    let mut writer = FunctionWriter::new(shader, handle, Namer::new(shader));
    let function = writer.function;
    let (generics, first) = shader.context_parameter(handle);
    let signature = shader.signature(function, generics, &first, &writer.arguments)?;
    let inline = if function.expressions.len() <= shader.options.inline_always_max { "#[inline(always)]" } else { "#[inline]" };
    writer.text = format!("{inline}\npub {signature} {{\n");
    writer.variables()?;
    writer.block(&function.body, true)?;
    Ok(writer.text + "}\n")
}

/// The state of writing one function.
pub(super) struct FunctionWriter<'a> {
    pub(super) shader: &'a Shader<'a>,
    pub(super) function: &'a Function,
    pub(super) info: &'a FunctionInfo,
    pub(super) uses: Uses,
    pub(super) namer: Namer,
    /// By argument.
    pub(super) arguments: Vec<String>,
    /// By local variable.
    pub(super) locals: Vec<String>,
    /// Values that stand in a `let`.
    pub(super) bound: HashMap<Handle<Expression>, Binding>,
    /// The values bound in each open Rust block.
    pub(super) scopes: Vec<Vec<Handle<Expression>>>,
    /// What `break` and `continue` may leave, the innermost last.
    pub(super) targets: Vec<Target>,
    /// Labels given so far.
    pub(super) labels: u32,
    pub(super) text: String,
    pub(super) depth: usize,
}

/// A value's `let`.
pub(super) enum Binding {
    /// Its name.
    Name(String),
    /// Its Rust block is closed.
    OutOfScope,
}

/// What a `break` can leave.
pub(super) struct Target {
    pub(super) label: u32,
    pub(super) kind: TargetKind,
}

/// Where `continue` goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TargetKind {
    /// No loop.
    Switch,
    /// To the loop's head.
    Loop,
    /// To the end of the block around the loop's body, behind which the `continuing` part stands.
    LoopWithContinuing,
}

impl<'a> FunctionWriter<'a> {
    /// Ready for the first line of a body.
    pub(super) fn new(shader: &'a Shader<'a>, handle: Handle<Function>, mut namer: Namer) -> Self {
        let function = &shader.module.functions[handle];
        let arguments = function.arguments.iter().map(|a| namer.unique(a.name.as_deref().unwrap_or("unused"))).collect();
        let locals = function.local_variables.iter().map(|(_, v)| namer.unique(v.name.as_deref().unwrap_or("v"))).collect();
        Self {
            shader,
            function,
            info: &shader.info[handle],
            uses: Uses::of(function, &shader.info[handle]),
            namer,
            arguments,
            locals,
            bound: HashMap::new(),
            scopes: Vec::new(),
            targets: Vec::new(),
            labels: 0,
            text: String::new(),
            depth: 1,
        }
    }
}

impl FunctionWriter<'_> {
    fn variables(&mut self) -> Result<(), Fault> {
        for (handle, variable) in self.function.local_variables.iter() {
            let place = |fault: Fault| fault.at(self.function.local_variables.get_span(handle));
            let ty = self.shader.type_name(variable.ty).map_err(|refusal| place(refusal.into()))?;
            let value = match variable.init {
                Some(init) => self.value(init).map_err(place)?,
                None => self.shader.zero(variable.ty).map_err(|refusal| place(refusal.into()))?,
            };
            let name = &self.locals[handle.index()];
            let line = format!("let mut {name}: {ty} = {value};");
            self.line(&line);
        }
        Ok(())
    }

    /// Appends one line.
    pub(super) fn line(&mut self, line: &str) {
        for _ in 0..self.depth {
            self.text.push_str("    ");
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Type of an expression.
    pub(super) fn inner(&self, handle: Handle<Expression>) -> &TypeInner {
        self.info[handle].ty.inner_with(&self.shader.module.types)
    }

    /// Shape of an expression that must be a scalar or vector.
    pub(super) fn shape(&self, handle: Handle<Expression>) -> Result<Shape, Fault> {
        Ok(Shape::of(self.inner(handle))?)
    }

    pub(super) fn is_pointer(&self, handle: Handle<Expression>) -> bool {
        matches!(self.inner(handle), TypeInner::Pointer { .. } | TypeInner::ValuePointer { .. })
    }
}

impl Shader<'_> {
    /// Generic parameters and first parameter of a function that needs the context.
    pub(super) fn context_parameter(&self, function: Handle<Function>) -> (&'static str, String) {
        match (self.needs_context[function.index()], self.has_externs()) {
            (false, _) => ("", String::new()),
            (true, false) => ("", format!("cx: &{}", self.context_type("'_", "X"))),
            (true, true) => ("<X: Ext>", format!("cx: &{}", self.context_type("'_", "X"))),
        }
    }

    /// A function's head. `first`: a parameter before the shader's own, or nothing.
    pub(super) fn signature(&self, function: &Function, generics: &str, first: &str, names: &[String]) -> Result<String, Refusal> {
        let mut parameters: Vec<_> = if first.is_empty() { Vec::new() } else { vec![first.to_owned()] };
        for (argument, name) in function.arguments.iter().zip(names) {
            parameters.push(format!("{name}: {}", self.type_name(argument.ty)?));
        }
        let result = match &function.result {
            Some(result) => format!(" -> {}", self.type_name(result.ty)?),
            None => String::new(),
        };
        Ok(format!("fn {}{generics}({}){result}", rust_name(item_name(&function.name)), parameters.join(", ")))
    }
}
