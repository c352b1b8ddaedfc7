//! Statements under masks.

use super::super::error::{Fault, Refusal};
use super::super::function::Binding;
use super::super::inline::Moment;
use super::super::names::{item_name, rust_name};
use super::super::statement::{breaks, continues, refusal};
use super::callee;
use super::control::{Flow, Join, Leavers, Target};
use super::function::LaneWriter;
use super::types::Kept;
use super::variance::Split;
use super::weight::kills;
use naga::{Block, Expression, Function, Handle, Range, Statement, SwitchCase, SwitchValue};

/// An `if`.
#[derive(Clone, Copy)]
struct If<'a> {
    statement: &'a Statement,
    condition: Handle<Expression>,
    accept: &'a Block,
    reject: &'a Block,
}

impl LaneWriter<'_> {
    /// Writes the statements of a block.
    pub(super) fn block(&mut self, block: &Block) -> Result<Flow, Fault> {
        self.one.scopes.push(Vec::new());
        let flow = self.statements(block)?;
        self.close_scope();
        Ok(flow)
    }

    pub(super) fn close_scope(&mut self) {
        for handle in self.one.scopes.pop().unwrap_or_default() {
            self.one.bound.insert(handle, Binding::OutOfScope);
        }
    }

    pub(super) fn statements(&mut self, block: &Block) -> Result<Flow, Fault> {
        self.run(&block.span_iter().collect::<Vec<_>>())
    }

    /// Writes statements that follow each other.
    pub(super) fn run(&mut self, statements: &[(&Statement, &naga::Span)]) -> Result<Flow, Fault> {
        for (i, (statement, span)) in statements.iter().enumerate() {
            let flow = match statement {
                Statement::Emit(run) => self.emit(run, &Moment::new(&statements[i..])).map(|()| Flow::Falls),
                other => self.statement(other),
            };
            match flow.map_err(|fault| fault.at(**span))? {
                Flow::Falls => {}
                gone => return Ok(gone),
            }
        }
        Ok(Flow::Falls)
    }

    pub(super) fn indented(&mut self, block: &Block) -> Result<Flow, Fault> {
        self.one.depth += 1;
        let flow = self.block(block)?;
        self.one.depth -= 1;
        Ok(flow)
    }

    fn statement(&mut self, statement: &Statement) -> Result<Flow, Fault> {
        match statement {
            Statement::Block(block) => {
                self.one.line("{");
                let flow = self.indented(block)?;
                self.one.line("}");
                Ok(flow)
            }
            Statement::If { condition, accept, reject } => {
                let this = If { statement, condition: *condition, accept, reject };
                if self.varies(*condition) { self.branch(this) } else { self.uniform_branch(this) }
            }
            Statement::Switch { selector, cases } => self.switch(statement, *selector, cases),
            Statement::Loop { body, continuing, break_if } => self.repeat(statement, body, continuing, *break_if),
            Statement::Break => Ok(self.broken()),
            Statement::Continue => Ok(self.continued()),
            Statement::Return { .. } => self.returned(statement),
            Statement::Store { pointer, value } => self.store(statement, *pointer, *value).map(|()| Flow::Falls),
            Statement::Call { function, arguments, result } => self.call(*function, arguments, *result).map(|()| Flow::Falls),
            other => Err(refusal(other).into()),
        }
    }

    /// Gives a `let` to those of the values that need one.
    fn emit(&mut self, run: &Range<Expression>, moment: &Moment<'_>) -> Result<(), Fault> {
        for handle in run.clone() {
            // A gather stays where it is: further on, lanes may have left, and an index may mean nothing.
            if self.one.needs_binding(handle, moment) || self.is_gathered(handle) {
                let value = if self.varies(handle) { self.value(handle)? } else { self.one.value(handle)? };
                self.bind(handle, &value.to_string())?;
            }
        }
        Ok(())
    }

    fn uniform_branch(&mut self, this: If<'_>) -> Result<Flow, Fault> {
        let condition = self.one.value(this.condition)?;
        self.one.line(&format!("if {condition} {{"));
        let accepted = self.indented(this.accept)?;
        let accepted = self.left_inside(accepted);
        self.one.line("} else {");
        let rejected = self.indented(this.reject)?;
        let rejected = self.left_inside(rejected);
        self.one.line("}");
        Ok(if accepted == Flow::Left && rejected == Flow::Left { Flow::Left } else { Flow::Falls })
    }

    /// Leaves a Rust block at its end, where its lanes have left.
    pub(super) fn left_inside(&mut self, flow: Flow) -> Flow {
        self.one.depth += 1;
        let flow = self.leave(flow);
        self.one.depth -= 1;
        flow
    }

    fn branch(&mut self, this: If<'_>) -> Result<Flow, Fault> {
        let is_flat = self.variant.plan(self.wide.shader, self.wide.variants).is_flat(this.statement);
        if is_flat && let Some((variable, [yes, no])) = self.is_choice(this) {
            return self.choice(this, variable, yes, no).map(|()| Flow::Falls);
        }
        let outer = self.live.clone();
        let (taken, other) = (self.one.namer.unique("taken"), self.one.namer.unique("other"));
        let condition = self.value(this.condition)?;
        self.one.line(&format!("let mut {taken} = {outer}.and({condition});"));
        let kills = kills(this.accept) || kills(this.reject);
        if kills || !this.reject.is_empty() {
            self.one.line(&format!("let mut {other} = {outer}.and_not({taken});"));
        }
        let accepted = self.arm(&taken, this.accept, is_flat)?;
        let rejected = if this.reject.is_empty() { Flow::Falls } else { self.arm(&other, this.reject, is_flat)? };
        self.live.clone_from(&outer);
        if !kills {
            return Ok(Flow::Falls);
        }
        match (accepted, rejected) {
            (Flow::Falls, Flow::Falls) => self.one.line(&format!("{outer} = {taken}.or({other});")),
            (Flow::Falls, _) => self.one.line(&format!("{outer} = {taken};")),
            (_, Flow::Falls) => self.one.line(&format!("{outer} = {other};")),
            _ => return Ok(Flow::Ends),
        }
        if !is_flat {
            self.leave_if_none();
        }
        Ok(Flow::Falls)
    }

    /// One block of an `if` or `switch` that not all lanes take.
    fn arm(&mut self, mask: &str, block: &Block, is_flat: bool) -> Result<Flow, Fault> {
        if block.is_empty() {
            return Ok(Flow::Falls);
        }
        let before = self.one.text.len();
        self.one.line(&if is_flat { "{".to_owned() } else { format!("if {mask}.any() {{") });
        let outer = std::mem::replace(&mut self.live, mask.to_owned());
        let label = format!("arm_{}", self.one.new_label());
        self.joins.push(if is_flat { Join::Flat } else { Join::Block { label: label.clone(), is_used: false } });
        let start = self.one.text.len();
        let flow = self.indented(block)?;
        let is_empty = self.one.text.len() == start;
        let is_used = matches!(self.joins.pop(), Some(Join::Block { is_used: true, .. }));
        if is_used {
            let mut body = self.one.text.split_off(start);
            // Whoever jumped has emptied the mask, so those who end here have to do it too.
            if flow == Flow::Ends {
                body += &format!("{mask} = Mask::splat(false);\n");
            }
            self.one.line(&format!("'{label}: {{"));
            self.one.text += &body;
            self.one.line("}");
        }
        self.live = outer;
        // A `break` alone writes nothing: its lanes are merely taken off.
        if is_empty {
            self.one.text.truncate(before);
            return Ok(flow);
        }
        self.one.line("}");
        Ok(if is_used || flow == Flow::Left { Flow::Falls } else { flow })
    }

    /// An `if` whose blocks do nothing but put a value each into the same variable, as `a && b` does.
    fn is_choice(&self, this: If<'_>) -> Option<(Handle<naga::LocalVariable>, [Handle<Expression>; 2])> {
        let stored = |block: &Block| {
            let mut found = None;
            for statement in block.iter() {
                match statement {
                    Statement::Emit(_) if found.is_none() => {}
                    Statement::Store { pointer, value } if found.is_none() => found = Some((*pointer, *value)),
                    _ => return None,
                }
            }
            found
        };
        let ((first, yes), (second, no)) = (stored(this.accept)?, stored(this.reject)?);
        match (&self.one.function.expressions[first], &self.one.function.expressions[second]) {
            (Expression::LocalVariable(a), Expression::LocalVariable(b)) if a == b => Some((*a, [yes, no])),
            _ => None,
        }
    }

    fn choice(
        &mut self,
        this: If<'_>,
        variable: Handle<naga::LocalVariable>,
        yes: Handle<Expression>,
        no: Handle<Expression>,
    ) -> Result<(), Fault> {
        self.one.line("{");
        self.one.depth += 1;
        self.one.scopes.push(Vec::new());
        let condition = self.value(this.condition)?;
        for block in [this.accept, this.reject] {
            let statements: Vec<_> = block.span_iter().collect();
            for (i, (statement, span)) in statements.iter().enumerate() {
                if let Statement::Emit(run) = statement {
                    self.emit(run, &Moment::new(&statements[i..])).map_err(|fault| fault.at(**span))?;
                }
            }
        }
        let (yes_value, no_value, inner) = (self.value(yes)?, self.value(no)?, self.inner(yes));
        let name = self.one.locals[variable.index()].clone();
        let mut value = self.wide.blend(inner, &condition.to_string(), &yes_value, &no_value.to_string(), Kept::InRegister);
        if self.variant.variance.parts(variable, self.variant.variance.path(this.statement)) {
            value = self.wide.blend(inner, &self.live, &super::super::expression::Code::atom(value), &name, Kept::InRegister);
        }
        self.one.line(&format!("{name} = {value};"));
        self.close_scope();
        self.one.depth -= 1;
        self.one.line("}");
        Ok(())
    }

    fn repeat(
        &mut self,
        statement: &Statement,
        body: &Block,
        continuing: &Block,
        break_if: Option<Handle<Expression>>,
    ) -> Result<Flow, Fault> {
        let split = self.variant.variance.split(statement);
        let label = self.one.new_label();
        let outer = self.live.clone();
        let returns = super::super::statement::any(body, &|s| matches!(s, Statement::Return { .. }));
        let mut leavers = None;
        if split.any() {
            let lanes = self.one.namer.unique("lanes");
            self.one.line(&format!("let mut {lanes} = {outer};"));
            let left = returns.then(|| self.one.namer.unique("left"));
            if let Some(left) = &left {
                self.one.line(&format!("let mut {left} = Mask::splat(false);"));
            }
            self.live = lanes;
            leavers = Some(Leavers { left, resumed: None });
            self.joins.push(Join::Loop { label: format!("loop_{label}") });
        }
        self.one.line(&format!("'loop_{label}: loop {{"));
        self.loops += 1;
        self.one.depth += 1;
        self.one.scopes.push(Vec::new());
        self.turn(label, split, leavers.clone(), body, !continuing.is_empty() || break_if.is_some())?;
        let flow = self.statements(continuing)?;
        self.leave(flow);
        if let Some(condition) = break_if {
            self.break_if(label, leavers.as_ref(), condition)?;
        }
        self.close_scope();
        self.one.depth -= 1;
        self.loops -= 1;
        self.one.line("}");
        let is_left = breaks(body) || break_if.is_some();
        let Some(leavers) = leavers else { return Ok(if is_left { Flow::Falls } else { Flow::Left }) };
        self.joins.pop();
        self.live.clone_from(&outer);
        if let Some(left) = leavers.left {
            self.one.line(&format!("{outer} = {left};"));
            self.leave_if_none();
        }
        Ok(Flow::Falls)
    }

    /// The body of a loop.
    fn turn(&mut self, label: u32, split: Split, leavers: Option<Leavers>, body: &Block, has_end: bool) -> Result<(), Fault> {
        let has_turn = has_end && continues(body) && !split.continues;
        if !split.continues {
            self.targets.push(Target::Loop { label, leavers, has_turn });
            let flow = if has_turn {
                self.one.line(&format!("'turn_{label}: {{"));
                let flow = self.indented(body)?;
                self.left_inside(flow);
                self.one.line("}");
                Flow::Falls
            } else {
                self.statements(body)?
            };
            self.leave(flow);
            self.targets.pop();
            return Ok(());
        }
        let lanes = self.live.clone();
        let (turn, resumed) = (self.one.namer.unique("turn"), self.one.namer.unique("resumed"));
        self.one.line(&format!("let mut {turn} = {lanes};"));
        self.one.line(&format!("let mut {resumed} = Mask::splat(false);"));
        let leavers = leavers.map(|leavers| Leavers { resumed: Some(resumed.clone()), ..leavers });
        self.targets.push(Target::Loop { label, leavers, has_turn });
        self.joins.push(Join::Block { label: format!("turn_{label}"), is_used: false });
        self.live.clone_from(&turn);
        self.one.line(&format!("'turn_{label}: {{"));
        let flow = self.indented(body)?;
        self.left_inside(flow);
        self.one.line("}");
        self.joins.pop();
        self.targets.pop();
        self.live.clone_from(&lanes);
        self.one.line(&format!("{lanes} = {turn}.or({resumed});"));
        self.leave_if_none();
        Ok(())
    }

    fn break_if(&mut self, label: u32, leavers: Option<&Leavers>, condition: Handle<Expression>) -> Result<(), Fault> {
        let live = self.live.clone();
        let left = leavers.and_then(|leavers| leavers.left.clone());
        if !self.varies(condition) {
            let condition = self.one.value(condition)?;
            self.one.line(&format!("if {condition} {{"));
            if let Some(left) = left {
                self.one.line(&format!("    {left} = {left}.or({live});"));
            }
            self.one.line(&format!("    break 'loop_{label};"));
            self.one.line("}");
            return Ok(());
        }
        let taken = self.one.namer.unique("taken");
        let condition = self.value(condition)?;
        self.one.line(&format!("let {taken} = {live}.and({condition});"));
        if let Some(left) = left {
            self.one.line(&format!("{left} = {left}.or({taken});"));
        }
        self.one.line(&format!("{live} = {live}.and_not({taken});"));
        self.leave_if_none();
        Ok(())
    }

    fn switch(&mut self, statement: &Statement, selector: Handle<Expression>, cases: &[SwitchCase]) -> Result<Flow, Fault> {
        if cases.iter().any(|case| case.fall_through && !case.body.is_empty()) {
            return Err(Refusal::FallThrough.into());
        }
        let label = self.one.new_label();
        let outer = self.live.clone();
        let varies = self.varies(selector);
        let parts = varies || self.variant.variance.split(statement).breaks;
        let leavers = parts.then(|| Leavers { left: Some(self.one.namer.unique("left")), resumed: None });
        if let Some(Leavers { left: Some(left), .. }) = &leavers {
            self.one.line(&format!("let mut {left} = Mask::splat(false);"));
        }
        self.targets.push(Target::Switch { label, leavers: leavers.clone() });
        let flow = match (&leavers, varies) {
            (Some(Leavers { left: Some(left), .. }), true) => self.lanes_by_case(selector, cases, left).map(|()| Flow::Falls),
            (Some(Leavers { left: Some(left), .. }), false) => self.case_left_early(label, selector, cases, left).map(|()| Flow::Falls),
            _ => self.whole_case(label, selector, cases),
        }?;
        self.targets.pop();
        self.live.clone_from(&outer);
        if let Some(Leavers { left: Some(left), .. }) = leavers {
            self.one.line(&format!("{outer} = {left};"));
            let is_final = |case: &SwitchCase| {
                continues(&case.body) || super::super::statement::any(&case.body, &|s| matches!(s, Statement::Return { .. }))
            };
            if cases.iter().any(is_final) {
                self.leave_if_none();
            }
        }
        Ok(flow)
    }

    /// The cases with their values; `None` for the default, which comes last.
    fn cases(cases: &[SwitchCase]) -> Vec<(Option<Vec<SwitchValue>>, &Block)> {
        let (mut found, mut default, mut values) = (Vec::new(), None, Vec::new());
        for case in cases {
            values.push(case.value);
            if case.fall_through {
                continue;
            }
            let values = std::mem::take(&mut values);
            if values.contains(&SwitchValue::Default) {
                default = Some((None, &case.body));
            } else {
                found.push((Some(values), &case.body));
            }
        }
        found.extend(default);
        found
    }

    /// Each lane goes to its case.
    fn lanes_by_case(&mut self, selector: Handle<Expression>, cases: &[SwitchCase], left: &str) -> Result<(), Fault> {
        let outer = self.live.clone();
        let (chosen, rest) = (self.one.namer.unique("chosen"), self.one.namer.unique("rest"));
        let value = self.value(selector)?;
        self.one.line(&format!("let {chosen} = {value};"));
        self.one.line(&format!("let mut {rest} = {outer};"));
        for (values, body) in Self::cases(cases) {
            let taken = self.one.namer.unique("taken");
            let is_one = |value: &SwitchValue| match value {
                SwitchValue::I32(value) => format!("{chosen}.eq(I32s::splat({value}_i32))"),
                SwitchValue::U32(value) => format!("{chosen}.eq(U32s::splat({value}_u32))"),
                SwitchValue::Default => "Mask::splat(true)".to_owned(),
            };
            let test = values.map(|values| values.iter().map(is_one).reduce(|a, b| format!("{a}.or({b})")).unwrap_or_default());
            let mask = test.map_or(rest.clone(), |test| format!("{rest}.and({test})"));
            self.one.line(&format!("let mut {taken} = {mask};"));
            self.one.line(&format!("{rest} = {rest}.and_not({taken});"));
            if self.arm(&taken, body, false)? == Flow::Falls {
                self.one.line(&format!("{left} = {left}.or({taken});"));
            }
        }
        Ok(())
    }

    /// All lanes go to one case, and some leave it early.
    fn case_left_early(&mut self, label: u32, selector: Handle<Expression>, cases: &[SwitchCase], left: &str) -> Result<(), Fault> {
        let lanes = self.one.namer.unique("lanes");
        let outer = self.live.clone();
        self.one.line(&format!("let mut {lanes} = {outer};"));
        self.live = lanes.clone();
        self.joins.push(Join::Block { label: format!("switch_{label}"), is_used: false });
        self.one.line(&format!("'switch_{label}: {{"));
        self.one.depth += 1;
        self.arms(selector, cases)?;
        self.one.depth -= 1;
        self.one.line("}");
        self.joins.pop();
        self.one.line(&format!("{left} = {left}.or({lanes});"));
        Ok(())
    }

    /// All lanes go through one case together.
    fn whole_case(&mut self, label: u32, selector: Handle<Expression>, cases: &[SwitchCase]) -> Result<Flow, Fault> {
        self.one.line(&format!("'switch_{label}: {{"));
        self.one.depth += 1;
        let flow = self.arms(selector, cases)?;
        self.one.depth -= 1;
        self.one.line("}");
        Ok(if cases.iter().any(|case| breaks(&case.body)) { Flow::Falls } else { flow })
    }

    fn arms(&mut self, selector: Handle<Expression>, cases: &[SwitchCase]) -> Result<Flow, Fault> {
        let value = self.one.value(selector)?;
        self.one.line(&format!("match {value} {{"));
        self.one.depth += 1;
        let mut all = Flow::Left;
        for (values, body) in Self::cases(cases) {
            let pattern = |value: &SwitchValue| match value {
                SwitchValue::I32(value) => format!("{value}_i32"),
                SwitchValue::U32(value) => format!("{value}_u32"),
                SwitchValue::Default => "_".to_owned(),
            };
            let pattern = values.map_or("_".to_owned(), |values| values.iter().map(pattern).collect::<Vec<_>>().join(" | "));
            self.one.line(&format!("{pattern} => {{"));
            let flow = self.indented(body)?;
            if self.left_inside(flow) != Flow::Left {
                all = Flow::Falls;
            }
            self.one.line("}");
        }
        self.one.depth -= 1;
        self.one.line("}");
        Ok(all)
    }

    fn call(
        &mut self,
        function: Handle<Function>,
        arguments: &[Handle<Expression>],
        result: Option<Handle<Expression>>,
    ) -> Result<(), Fault> {
        let shader = self.wide.shader;
        let called = callee(self.variant, self.wide.variants, function, arguments);
        let is_scalar = self.wide.variants.is_scalar(&called);
        let mut parts = Vec::new();
        if shader.needs_context[function.index()] {
            parts.push("cx".to_owned());
        }
        if !is_scalar && called.plan(shader, self.wide.variants).needs_live {
            parts.push(self.live.clone());
        }
        let parameters = &shader.module.functions[function].arguments;
        for ((argument, varies), parameter) in arguments.iter().zip(&called.varying).zip(parameters) {
            parts.push(match varies {
                _ if self.one.is_pointer(*argument) => self.lent(*argument)?,
                _ if self.wide.is_lent(parameter.ty) => format!("&{}", self.value(*argument)?.operand()),
                true => self.value(*argument)?.to_string(),
                false => self.one.value(*argument)?.to_string(),
            });
        }
        let name = match is_scalar {
            true => format!("one::{}", rust_name(item_name(&shader.module.functions[function].name))),
            false => self.wide.name(&called).to_owned(),
        };
        let call = format!("{name}({})", parts.join(", "));
        match result {
            Some(result) => self.bind(result, &call)?,
            None => self.one.line(&format!("{call};")),
        }
        Ok(())
    }
}
