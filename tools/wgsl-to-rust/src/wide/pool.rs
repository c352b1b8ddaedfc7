//! A function over many argument lists, as many at a time as there are lanes: whichever lane is done takes the next list.
//!
//! Lanes of a group die one by one: at the end of a path tracer's loop, most have left. Where a function is *statements, one loop,
//! statements, return*, its lanes can be refilled at the head of the loop. What happens before the loop then runs for new lanes only, and what
//! it makes is kept by lane; what happens behind the loop runs for those that have left it. A lane may also return from inside the loop.
//!
//! Any other function is called for one group of lists after the other.

use super::super::error::{Fault, Refusal};
use super::super::expression::Code;
use super::super::function::FunctionWriter;
use super::super::names::{Namer, rust_name};
use super::super::types::{Kind, Shape, vector_name};
use super::Wide;
use super::control::{Flow, Join, Leavers, Target};
use super::function::LaneWriter;
use super::types::{Kept, scalar_name};
use super::variants::Variant;
use naga::proc::TypeResolution;
use naga::{Block, Expression, Function, Handle, Statement, TypeInner};
use std::fmt::Write as _;

/// The number of the top-level statement that is the loop, if lanes can be refilled there.
pub(super) fn loop_of(function: &Function) -> Option<usize> {
    let body: Vec<&Statement> = function.body.iter().collect();
    let (last, before) = body.split_last()?;
    let is_loop = |statement: &Statement| matches!(statement, Statement::Loop { .. });
    let returns = |statement: &Statement| {
        let inside = |block: &Block| super::super::statement::any(block, &|inner| matches!(inner, Statement::Return { .. }));
        matches!(statement, Statement::Return { .. }) || super::super::statement::blocks_of(statement).into_iter().any(inside)
    };
    let at = before.iter().position(|statement| is_loop(statement))?;
    let is_plain = before.iter().enumerate().all(|(i, statement)| i == at || !(is_loop(statement) || returns(statement)));
    (is_plain && matches!(last, Statement::Return { value: Some(_) })).then_some(at)
}

/// How results and bindings are kept while lanes come and go.
pub(super) struct Keeping {
    results: String,
    slots: String,
    /// Gathers the lanes that return from inside the loop; `None` elsewhere.
    gone: Option<String>,
    /// Declarations of what statements before the loop make; `None` behind them.
    kept: Option<Vec<String>>,
    /// Depth of scopes at which they make it.
    scope: usize,
}

impl Wide<'_> {
    /// The pool of a root. `plain`: name of the function for a group of lists, where lanes can't be refilled.
    pub(super) fn pool(&self, variant: &Variant, name: &str) -> Result<String, Fault> {
        let function = &self.shader.module.functions[variant.function];
        let Some(at) = loop_of(function).filter(|_| variant.variance.is_pooled()) else { return self.groups(variant, name) };
        let mut namer = Namer::new(self.shader);
        let names = ["lanes", "fresh", "before", "gone", "finished", "lists", "results", "slots", "next"].map(|name| namer.unique(name));
        let [lanes, fresh, before, gone, finished, lists, results, slots, next] = names;
        let mut writer = LaneWriter {
            wide: self,
            variant,
            one: FunctionWriter::new(self.shader, variant.function, namer),
            live: fresh.clone(),
            entered: String::new(),
            result: String::new(),
            is_result_set: false,
            loops: 0,
            joins: vec![Join::Flat],
            targets: Vec::new(),
            keeping: None,
        };
        writer.one.text = self.pool_head(variant, name, &lists, &results)?;
        writer.line(&format!("let mut {slots} = [0_usize; LANES];"));
        writer.line(&format!("let mut {next} = 0_usize;"));
        writer.line(&format!("let mut {lanes} = Mask::splat(false);"));
        for (i, argument) in function.arguments.iter().enumerate().filter(|(i, _)| variant.varying[*i]) {
            let line = format!("let mut {} = {};", writer.one.arguments[i], self.zero(argument.ty)?);
            writer.line(&line);
        }
        writer.variables()?;
        let statements: Vec<_> = function.body.span_iter().collect();
        writer.one.scopes.push(Vec::new());
        writer.keeping = Some(Keeping { results, slots, gone: None, kept: Some(Vec::new()), scope: writer.one.scopes.len() });

        // What runs for new lanes.
        let start = writer.one.text.len();
        writer.one.depth += 2;
        writer.begin_lists(&lanes, &fresh, &lists, &next)?;
        writer.begin_variables()?;
        writer.run(&statements[..at])?;
        writer.line(&format!("{lanes} = {lanes}.or({fresh});"));
        writer.one.depth -= 2;
        let beginning = writer.one.text.split_off(start);
        let kept = writer.keeping.as_mut().and_then(|keeping| keeping.kept.take()).unwrap_or_default();
        kept.iter().for_each(|declaration| writer.line(declaration));
        writer.line("loop {");
        writer.line(&format!("    if {next} < {lists}.len() && {lanes}.not().bits().count_ones() >= FREE_MIN {{"));
        writer.one.text += &beginning;
        writer.line("    }");
        writer.one.depth += 1;
        writer.line(&format!("if {lanes}.none() {{"));
        writer.line("    break;");
        writer.line("}");
        writer.line(&format!("let {before} = {lanes};"));
        writer.line(&format!("let mut {gone} = Mask::splat(false);"));
        writer.live.clone_from(&lanes);
        writer.loops += 1;
        writer.set_gone(Some(gone.clone()));
        writer.pooled_turn(statements[at].0, &lanes)?;
        writer.set_gone(None);

        // What runs for those that have left.
        writer.line(&format!("let mut {finished} = {before}.and_not({lanes}).and_not({gone});"));
        writer.line(&format!("if {finished}.any() {{"));
        writer.one.depth += 1;
        writer.live.clone_from(&finished);
        writer.run(&statements[at + 1..])?;
        writer.one.depth -= 1;
        writer.line("}");
        writer.one.depth -= 1;
        writer.line("}");
        Ok(writer.one.text + "}\n}\n")
    }

    fn pool_head(&self, variant: &Variant, name: &str, lists: &str, results: &str) -> Result<String, Fault> {
        let function = &self.shader.module.functions[variant.function];
        let (generics, context) = self.shader.context_parameter(variant.function);
        let result = function.result.as_ref().ok_or(Refusal::Unsupported)?;
        let mut parameters: Vec<_> = [context].into_iter().filter(|context| !context.is_empty()).collect();
        let mut list = String::new();
        for (argument, varies) in function.arguments.iter().zip(&variant.varying) {
            let ty = self.shader.type_name(argument.ty)?;
            match varies {
                true => list += &format!("{ty}, "),
                false => parameters.push(format!("{}: {ty}", rust_name(argument.name.as_deref().unwrap_or("unused")))),
            }
        }
        parameters.push(format!("{lists}: &[({})]", list.trim_end()));
        parameters.push(format!("{results}: &mut [{}]", self.shader.type_name(result.ty)?));
        Ok(format!(
            "wide! {{\n/// One result for each list of arguments.\n#[inline(never)]\npub fn {name}_pool{generics}({}) {{\n",
            parameters.join(", ")
        ))
    }

    /// One group of lists after the other.
    fn groups(&self, variant: &Variant, name: &str) -> Result<String, Fault> {
        let function = &self.shader.module.functions[variant.function];
        let mut text = self.pool_head(variant, name, "lists", "results")?;
        text += "    for (lists, results) in lists.chunks(LANES).zip(results.chunks_mut(LANES)) {\n";
        let mut arguments = Vec::new();
        if self.shader.needs_context[variant.function.index()] {
            arguments.push("cx".to_owned());
        }
        if variant.plan(self.shader, self.variants).needs_live {
            arguments.push("Mask::first(lists.len() as u32)".to_owned());
        }
        let mut place = 0;
        for (i, argument) in function.arguments.iter().enumerate() {
            if !variant.varying[i] {
                arguments.push(rust_name(argument.name.as_deref().unwrap_or("unused")));
                continue;
            }
            let kind = self.scalar_argument(argument.ty)?;
            let found = format!("lists.get(lane).map_or({}, |list| list.{place})", kind.zero());
            let _ = writeln!(text, "        let argument_{i} = core::array::from_fn(|lane| {found});");
            arguments.push(format!("{}::from_array(argument_{i})", scalar_name(kind)));
            place += 1;
        }
        let _ = writeln!(text, "        let values = {}({});", self.name(variant), arguments.join(", "));
        text += "        for (lane, result) in results.iter_mut().enumerate() {\n            *result = values.lane(lane);\n        }\n    }\n}\n}\n";
        Ok(text)
    }

    fn scalar_argument(&self, ty: Handle<naga::Type>) -> Result<Kind, Fault> {
        match Shape::of(self.shader.inner(ty))? {
            Shape { components: 1, kind } => Ok(kind),
            _ => Err(Refusal::Unsupported.into()),
        }
    }
}

impl LaneWriter<'_> {
    fn line(&mut self, line: &str) {
        self.one.line(line);
    }

    fn set_gone(&mut self, gone: Option<String>) {
        if let Some(keeping) = &mut self.keeping {
            keeping.gone = gone;
        }
    }

    /// Gives the next argument lists to free lanes.
    fn begin_lists(&mut self, mask: &str, fresh: &str, lists: &str, next: &str) -> Result<(), Fault> {
        let begun = self.one.namer.unique("begun");
        let slots = self.keeping.as_ref().map(|keeping| keeping.slots.clone()).unwrap_or_default();
        let varying = self.one.arguments.iter().enumerate().filter(|(i, _)| self.variant.varying[*i]);
        let arguments: Vec<_> = varying.map(|(i, name)| (self.one.function.arguments[i].ty, name.clone())).collect();
        for (i, (_, name)) in arguments.iter().enumerate() {
            self.line(&format!("let mut list_{i} = {name}.to_array();"));
        }
        self.line(&format!("let mut {begun} = 0_u32;"));
        self.line(&format!("for lane in {mask}.not().lanes() {{"));
        self.line(&format!("    let Some(list) = {lists}.get({next}) else {{ break }};"));
        for i in 0..arguments.len() {
            self.line(&format!("    list_{i}[lane] = list.{i};"));
        }
        self.line(&format!("    {slots}[lane] = {next};"));
        self.line(&format!("    {next} += 1;"));
        self.line(&format!("    {begun} |= 1 << lane;"));
        self.line("}");
        self.line(&format!("let mut {fresh} = Mask::from_bits({begun});"));
        for (i, (ty, name)) in arguments.iter().enumerate() {
            let kind = self.wide.scalar_argument(*ty)?;
            self.line(&format!("{name} = {}::from_array(list_{i});", scalar_name(kind)));
        }
        Ok(())
    }

    /// Sets what a new lane's variables hold at first.
    fn begin_variables(&mut self) -> Result<(), Fault> {
        let function = self.one.function;
        for (handle, variable) in function.local_variables.iter() {
            if !self.variant.variance.local(handle) || self.variant.variance.is_set_first(handle) {
                continue;
            }
            let value = match variable.init {
                Some(init) => self.value(init)?,
                None => self.wide.zero(variable.ty)?,
            };
            let name = self.one.locals[handle.index()].clone();
            let blended = self.wide.blend(self.wide.shader.inner(variable.ty), &self.live, &value, &name, Kept::InRegister);
            self.line(&format!("{name} = {blended};"));
        }
        Ok(())
    }

    /// One turn of the loop at which lanes come and go.
    fn pooled_turn(&mut self, statement: &Statement, lanes: &str) -> Result<(), Fault> {
        let Statement::Loop { body, continuing, break_if } = statement else { return Err(Refusal::Unsupported.into()) };
        let split = self.variant.variance.split(statement);
        let label = self.one.new_label();
        let resumed = split.continues.then(|| self.one.namer.unique("resumed"));
        if let Some(resumed) = &resumed {
            self.line(&format!("let mut {resumed} = Mask::splat(false);"));
        }
        self.targets.push(Target::Loop { label, leavers: Some(Leavers { left: None, resumed: resumed.clone() }), has_turn: true });
        self.joins.push(Join::Block { label: format!("turn_{label}"), is_used: false });
        self.line(&format!("'turn_{label}: {{"));
        let flow = self.indented(body)?;
        self.left_inside(flow);
        self.line("}");
        self.joins.pop();
        self.targets.pop();
        if let Some(resumed) = &resumed {
            self.line(&format!("{lanes} = {lanes}.or({resumed});"));
        }
        self.line(&format!("if {lanes}.any() {{"));
        self.one.depth += 1;
        self.one.scopes.push(Vec::new());
        self.statements(continuing)?;
        if let Some(condition) = break_if {
            let condition = self.value(*condition)?;
            self.line(&format!("{lanes} = {lanes}.and_not({condition});"));
        }
        self.close_scope();
        self.one.depth -= 1;
        self.line("}");
        Ok(())
    }

    /// Gives a value its name. What is made before a pool's loop is kept by lane, for the turns to come.
    pub(super) fn bind(&mut self, handle: Handle<Expression>, value: &str) -> Result<(), Fault> {
        let scopes = self.one.scopes.len();
        let is_kept = self.keeping.as_ref().is_some_and(|keeping| keeping.kept.is_some() && keeping.scope == scopes);
        if !is_kept {
            self.one.bind(handle, value);
            return Ok(());
        }
        let name = self.one.named(handle);
        let varies = self.varies(handle);
        let zero = match &self.one.info[handle].ty {
            TypeResolution::Handle(ty) if varies => self.wide.zero(*ty)?,
            TypeResolution::Handle(ty) => self.wide.shader.zero(*ty)?,
            TypeResolution::Value(inner) => zero_of(inner, varies)?,
        };
        let blended = match varies {
            true => self.wide.blend(self.one.inner(handle), &self.live, &Code::open(value), &name, Kept::InRegister),
            false => value.to_owned(),
        };
        if let Some(kept) = self.keeping.as_mut().and_then(|keeping| keeping.kept.as_mut()) {
            kept.push(format!("let mut {name} = {zero};"));
        }
        self.line(&format!("{name} = {blended};"));
        Ok(())
    }

    /// Writes a pool's `return`: each lane's result goes to its place.
    pub(super) fn kept_result(&mut self, value: Handle<Expression>) -> Result<Option<Flow>, Fault> {
        let Some(keeping) = &self.keeping else { return Ok(None) };
        let (results, slots, gone, live) = (keeping.results.clone(), keeping.slots.clone(), keeping.gone.clone(), self.live.clone());
        let value = self.value(value)?;
        let returned = self.one.namer.unique("returned");
        self.line(&format!("let {returned} = {value};"));
        self.line(&format!("for lane in {live}.lanes() {{"));
        self.line(&format!("    {results}[{slots}[lane]] = {returned}.lane(lane);"));
        self.line("}");
        let Some(gone) = gone else { return Ok(Some(Flow::Falls)) };
        self.line(&format!("{gone} = {gone}.or({live});"));
        Ok(Some(Flow::Ends))
    }
}

/// Zero of a scalar or vector type that the module does not name.
fn zero_of(inner: &TypeInner, varies: bool) -> Result<Code, Refusal> {
    let shape = Shape::of(inner)?;
    let zero = shape.kind.zero();
    let scalar = if varies { format!("{}::splat({zero})", scalar_name(shape.kind)) } else { zero.to_owned() };
    Ok(match inner {
        TypeInner::Vector { size, .. } => Code::atom(format!("{}::splat({scalar})", vector_name(*size))),
        _ => Code::atom(scalar),
    })
}
