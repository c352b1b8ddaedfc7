//! One function of many lanes: signature, variables, body.

use super::super::error::{Fault, Refusal};
use super::super::expression::Code;
use super::super::function::FunctionWriter;
use super::super::names::Namer;
use super::Wide;
use super::control::{Flow, Join, Target};
use super::pool::Keeping;
use super::variants::Variant;
use naga::{Expression, Handle, TypeInner};

/// Writes one variant of a function.
pub(super) fn write(wide: &Wide<'_>, variant: &Variant, name: &str) -> Result<String, Fault> {
    let shader = wide.shader;
    let mut namer = Namer::new(shader);
    let [live, entered, result] = ["live", "entered", "result"].map(|name| namer.unique(name));
    let one = FunctionWriter::new(shader, variant.function, namer);
    let mut writer = LaneWriter {
        wide,
        variant,
        one,
        live: live.clone(),
        entered,
        result,
        is_result_set: false,
        loops: 0,
        joins: vec![Join::Function],
        targets: Vec::new(),
        keeping: None,
    };
    let signature = writer.signature(name, &live)?;
    let is_small = writer.one.function.expressions.len() <= shader.options.inline_always_max;
    let inline = if is_small { "#[inline]" } else { "#[inline(never)]" };
    writer.one.text = format!("wide! {{\n{inline}\npub {signature} {{\n");
    writer.variables()?;
    let function = writer.one.function;
    let flow = writer.block(&function.body)?;
    if flow != Flow::Left && writer.gathers_results() {
        let result = writer.result.clone();
        writer.one.line(&result);
    }
    Ok(writer.one.text + "}\n}\n")
}

/// The state of writing one function. What is uniform, and all bookkeeping of names and scopes, is the scalar writer's.
pub(super) struct LaneWriter<'a> {
    pub(super) wide: &'a Wide<'a>,
    pub(super) variant: &'a Variant,
    pub(super) one: FunctionWriter<'a>,
    /// Name of the mask of the lanes that run what is written now.
    pub(super) live: String,
    /// Name of the mask of the lanes that were live at the start.
    pub(super) entered: String,
    /// Name of the variable that gathers results.
    pub(super) result: String,
    /// Whether a `return` written so far has put something there.
    pub(super) is_result_set: bool,
    /// Loops around what is written now.
    pub(super) loops: usize,
    /// Where lanes may be waiting, the innermost last.
    pub(super) joins: Vec<Join>,
    /// What `break` and `continue` may leave, the innermost last.
    pub(super) targets: Vec<Target>,
    /// In a pool: where results go, and what is kept from turn to turn.
    pub(super) keeping: Option<Keeping>,
}

impl LaneWriter<'_> {
    fn signature(&mut self, name: &str, live: &str) -> Result<String, Fault> {
        let shader = self.wide.shader;
        let (generics, context) = shader.context_parameter(self.variant.function);
        let mut parameters = Vec::new();
        if !context.is_empty() {
            parameters.push(context);
        }
        if self.needs_live() {
            parameters.push(format!("mut {live}: Mask"));
        }
        for (i, argument) in self.one.function.arguments.iter().enumerate() {
            let ty = if self.variant.varying[i] { self.wide.parameter_type(argument.ty)? } else { shader.type_name(argument.ty)? };
            parameters.push(format!("{}: {ty}", self.one.arguments[i]));
        }
        let result = match &self.one.function.result {
            Some(result) if self.variant.variance.result => format!(" -> {}", self.wide.type_name(result.ty)?),
            Some(result) => format!(" -> {}", shader.type_name(result.ty)?),
            None => String::new(),
        };
        Ok(format!("fn {name}{generics}({}){result}", parameters.join(", ")))
    }

    pub(super) fn variables(&mut self) -> Result<(), Fault> {
        if !self.needs_live() && !self.variant.variance.is_pooled() {
            let line = format!("let mut {} = Mask::splat(true);", self.live);
            self.one.line(&line);
        }
        let function = self.one.function;
        if let (true, Some(result)) = (self.gathers_results(), &function.result) {
            let line = format!("let mut {} = {};", self.result, self.wide.zero(result.ty)?);
            self.one.line(&line);
            if let TypeInner::Struct { .. } = self.wide.shader.inner(result.ty) {
                let line = format!("let {} = {};", self.entered, self.live);
                self.one.line(&line);
            }
        }
        for (handle, variable) in function.local_variables.iter() {
            let place = |fault: Fault| fault.at(function.local_variables.get_span(handle));
            let varies = self.variant.variance.local(handle);
            let declared = || -> Result<(String, Code), Fault> {
                let shader = self.wide.shader;
                Ok(match (varies, variable.init) {
                    (true, Some(init)) => (self.wide.type_name(variable.ty)?, self.value(init)?),
                    (true, None) => (self.wide.type_name(variable.ty)?, self.wide.zero(variable.ty)?),
                    (false, Some(init)) => (shader.type_name(variable.ty)?, self.one.value(init)?),
                    (false, None) => (shader.type_name(variable.ty)?, shader.zero(variable.ty)?),
                })
            };
            let (ty, value) = declared().map_err(place)?;
            let line = format!("let mut {}: {ty} = {value};", self.one.locals[handle.index()]);
            self.one.line(&line);
        }
        Ok(())
    }

    fn needs_live(&self) -> bool {
        self.variant.plan(self.wide.shader, self.wide.variants).needs_live
    }

    /// Whether lanes return at different places.
    pub(super) fn gathers_results(&self) -> bool {
        self.one.function.result.is_some() && !self.variant.variance.is_pooled() && self.variant.variance.returns_apart()
    }

    pub(super) fn varies(&self, handle: Handle<Expression>) -> bool {
        self.variant.variance.value(handle)
    }

    pub(super) fn inner(&self, handle: Handle<Expression>) -> &TypeInner {
        self.one.inner(handle)
    }

    /// A value of all lanes, whatever it is made of.
    pub(super) fn value(&self, handle: Handle<Expression>) -> Result<Code, Fault> {
        if self.one.bound.contains_key(&handle) || !self.varies(handle) {
            let value = self.one.value(handle)?;
            return if self.varies(handle) { Ok(value) } else { Ok(self.wide.widened(self.inner(handle), &value)?) };
        }
        let place = |fault: Fault| fault.at(self.one.function.expressions.get_span(handle));
        self.computed(handle).map_err(place)
    }

    /// A `u32` of each lane that is an index.
    pub(super) fn index(&self, handle: Handle<Expression>) -> Result<Code, Fault> {
        let value = self.value(handle)?;
        match self.one.shape(handle)?.kind {
            super::super::types::Kind::U32 => Ok(value),
            super::super::types::Kind::I32 => Ok(Code::atom(format!("{}.as_u32()", value.operand()))),
            _ => Err(Refusal::Unsupported.into()),
        }
    }
}
