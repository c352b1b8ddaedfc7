//! Statements.

use super::error::{Fault, Refusal};
use super::function::{Binding, FunctionWriter, Target, TargetKind};
use super::inline::Moment;
use super::is_writable;
use super::names::{item_name, rust_name};
use naga::{Block, Expression, Function, Handle, Range, Statement, SwitchCase, SwitchValue};

/// Whether a statement of a block, or of a block inside it, has a property.
pub(super) fn any(block: &Block, test: &dyn Fn(&Statement) -> bool) -> bool {
    block.iter().any(|statement| test(statement) || blocks_of(statement).into_iter().any(|inner| any(inner, test)))
}

pub(super) fn blocks_of(statement: &Statement) -> Vec<&Block> {
    match statement {
        Statement::Block(block) => vec![block],
        Statement::If { accept, reject, .. } => vec![accept, reject],
        Statement::Switch { cases, .. } => cases.iter().map(|case| &case.body).collect(),
        Statement::Loop { body, continuing, .. } => vec![body, continuing],
        _ => Vec::new(),
    }
}

/// Whether a block holds a `break` that leaves the switch around it.
pub(super) fn breaks(block: &Block) -> bool {
    block.iter().any(|statement| match statement {
        Statement::Break => true,
        Statement::Switch { .. } | Statement::Loop { .. } => false,
        inner => blocks_of(inner).into_iter().any(breaks),
    })
}

/// Whether a block holds a `continue` of the loop around it.
pub(super) fn continues(block: &Block) -> bool {
    block.iter().any(|statement| match statement {
        Statement::Continue => true,
        Statement::Loop { .. } => false,
        inner => blocks_of(inner).into_iter().any(continues),
    })
}

impl FunctionWriter<'_> {
    /// Writes the statements of a block. `tail`: the function ends with it, so that its last value needs no `return`.
    pub(super) fn block(&mut self, block: &Block, tail: bool) -> Result<(), Fault> {
        self.scopes.push(Vec::new());
        self.statements(block, tail)?;
        for handle in self.scopes.pop().unwrap_or_default() {
            self.bound.insert(handle, Binding::OutOfScope);
        }
        Ok(())
    }

    fn statements(&mut self, block: &Block, tail: bool) -> Result<(), Fault> {
        let statements: Vec<_> = block.span_iter().collect();
        for (i, (statement, span)) in statements.iter().enumerate() {
            let tail = tail && i + 1 == statements.len();
            let done = match statement {
                Statement::Emit(run) => self.emit(run, &Moment::new(&statements[i..])),
                other => self.statement(other, tail),
            };
            done.map_err(|fault| fault.at(**span))?;
        }
        Ok(())
    }

    fn indented(&mut self, block: &Block, tail: bool) -> Result<(), Fault> {
        self.depth += 1;
        self.block(block, tail)?;
        self.depth -= 1;
        Ok(())
    }

    fn statement(&mut self, statement: &Statement, tail: bool) -> Result<(), Fault> {
        match statement {
            Statement::Block(block) => {
                self.line("{");
                self.indented(block, tail)?;
                self.line("}");
            }
            Statement::If { condition, accept, reject } => return self.branch(*condition, accept, reject, tail),
            Statement::Switch { selector, cases } => return self.switch(*selector, cases, tail),
            Statement::Loop { body, continuing, break_if } => return self.repeat(body, continuing, *break_if),
            Statement::Break => self.leave(),
            Statement::Continue => self.next_turn(),
            Statement::Return { value: None } if tail => {}
            Statement::Return { value: None } => self.line("return;"),
            Statement::Return { value: Some(value) } => {
                let value = self.value(*value)?;
                self.line(&if tail { value.to_string() } else { format!("return {value};") });
            }
            Statement::Store { pointer, value } => {
                let place = self.place(*pointer)?.value();
                let value = self.value(*value)?;
                self.line(&format!("{place} = {value};"));
            }
            Statement::Call { function, arguments, result } => return self.call(*function, arguments, *result),
            other => return Err(refusal(other).into()),
        }
        Ok(())
    }

    /// Gives a `let` to those of the values that need one.
    fn emit(&mut self, run: &Range<Expression>, moment: &Moment<'_>) -> Result<(), Fault> {
        for handle in run.clone() {
            if self.needs_binding(handle, moment) {
                let value = self.value(handle)?;
                self.bind(handle, &value.to_string());
            }
        }
        Ok(())
    }

    pub(super) fn needs_binding(&self, handle: Handle<Expression>, moment: &Moment<'_>) -> bool {
        if self.is_pointer(handle) {
            return false;
        }
        if self.has_own_binding(handle) {
            return true;
        }
        match self.function.expressions[handle] {
            Expression::Load { pointer } if !self.is_constant_memory(pointer) => {
                !self.uses.can_stand_in(handle, moment, &|user| self.has_own_binding(user))
            }
            _ => false,
        }
    }

    /// Whether a value has a `let` whatever stands around it: the shader names it, or uses it more than once.
    fn has_own_binding(&self, handle: Handle<Expression>) -> bool {
        let is_part = matches!(self.function.expressions[handle], Expression::AccessIndex { .. } | Expression::Access { .. });
        !self.is_pointer(handle) && (self.function.named_expressions.contains_key(&handle) || (self.info[handle].ref_count > 1 && !is_part))
    }

    /// Whether a pointer leads into a buffer that nothing writes.
    pub(super) fn is_constant_memory(&self, mut pointer: Handle<Expression>) -> bool {
        while let Expression::Access { base, .. } | Expression::AccessIndex { base, .. } = self.function.expressions[pointer] {
            pointer = base;
        }
        match self.function.expressions[pointer] {
            Expression::GlobalVariable(global) => !is_writable(&self.shader.module.global_variables[global]),
            _ => false,
        }
    }

    pub(super) fn bind(&mut self, handle: Handle<Expression>, value: &str) {
        let name = self.named(handle);
        self.line(&format!("let {name} = {value};"));
    }

    /// Gives a value a name of its own, as long as the current block is open.
    pub(super) fn named(&mut self, handle: Handle<Expression>) -> String {
        let wish = match (self.function.named_expressions.get(&handle), &self.function.expressions[handle]) {
            (Some(name), _) => name.clone(),
            (None, Expression::CallResult(function)) => format!("{}_value", item_name(&self.shader.module.functions[*function].name)),
            (None, _) => "value".to_owned(),
        };
        let name = self.namer.unique(&wish);
        self.bound.insert(handle, Binding::Name(name.clone()));
        if let Some(scope) = self.scopes.last_mut() {
            scope.push(handle);
        }
        name
    }

    fn branch(&mut self, condition: Handle<Expression>, accept: &Block, reject: &Block, tail: bool) -> Result<(), Fault> {
        let condition = self.value(condition)?;
        if accept.is_empty() && !reject.is_empty() {
            self.line(&format!("if !{} {{", condition.operand()));
            self.indented(reject, tail)?;
        } else {
            self.line(&format!("if {condition} {{"));
            self.indented(accept, tail)?;
            if !reject.is_empty() {
                self.line("} else {");
                self.indented(reject, tail)?;
            }
        }
        self.line("}");
        Ok(())
    }

    fn switch(&mut self, selector: Handle<Expression>, cases: &[SwitchCase], tail: bool) -> Result<(), Fault> {
        let selector = self.value(selector)?;
        let label = self.new_label();
        let is_left = cases.iter().any(|case| breaks(&case.body));
        if is_left {
            self.line(&format!("'switch_{label}: {{"));
            self.depth += 1;
        }
        self.targets.push(Target { label, kind: TargetKind::Switch });
        self.line(&format!("match {selector} {{"));
        self.depth += 1;
        self.arms(cases, tail)?;
        self.depth -= 1;
        self.line("}");
        self.targets.pop();
        if is_left {
            self.depth -= 1;
            self.line("}");
        }
        Ok(())
    }

    fn arms(&mut self, cases: &[SwitchCase], tail: bool) -> Result<(), Fault> {
        // Rust looks at arms in order, so the default has to be the last; values that share its body fall to it by themselves.
        let mut default = None;
        let mut has_default = false;
        let mut patterns = Vec::new();
        for case in cases {
            match case.value {
                SwitchValue::I32(value) => patterns.push(format!("{value}_i32")),
                SwitchValue::U32(value) => patterns.push(format!("{value}_u32")),
                SwitchValue::Default => has_default = true,
            }
            if case.fall_through && case.body.is_empty() {
                continue;
            }
            if case.fall_through {
                return Err(Refusal::FallThrough.into());
            }
            if std::mem::take(&mut has_default) {
                default = Some(&case.body);
            } else {
                self.arm(&patterns.join(" | "), &case.body, tail)?;
            }
            patterns.clear();
        }
        self.arm("_", default.expect("the validator wants a default in every switch"), tail)
    }

    fn arm(&mut self, pattern: &str, body: &Block, tail: bool) -> Result<(), Fault> {
        self.line(&format!("{pattern} => {{"));
        self.indented(body, tail)?;
        self.line("}");
        Ok(())
    }

    fn repeat(&mut self, body: &Block, continuing: &Block, break_if: Option<Handle<Expression>>) -> Result<(), Fault> {
        let label = self.new_label();
        let has_end = !continuing.is_empty() || break_if.is_some();
        let kind = if has_end && continues(body) { TargetKind::LoopWithContinuing } else { TargetKind::Loop };
        self.line(&format!("'loop_{label}: loop {{"));
        self.targets.push(Target { label, kind });
        self.depth += 1;
        self.scopes.push(Vec::new());
        if kind == TargetKind::LoopWithContinuing {
            self.line(&format!("'turn_{label}: {{"));
            self.indented(body, false)?;
            self.line("}");
        } else {
            self.statements(body, false)?;
        }
        self.statements(continuing, false)?;
        if let Some(condition) = break_if {
            let condition = self.value(condition)?;
            self.line(&format!("if {condition} {{"));
            self.line(&format!("    break 'loop_{label};"));
            self.line("}");
        }
        for handle in self.scopes.pop().unwrap_or_default() {
            self.bound.insert(handle, Binding::OutOfScope);
        }
        self.depth -= 1;
        self.targets.pop();
        self.line("}");
        Ok(())
    }

    pub(super) fn new_label(&mut self) -> u32 {
        self.labels += 1;
        self.labels
    }

    fn leave(&mut self) {
        let target = self.targets.last().expect("the validator allows `break` inside loops and switches only");
        let word = if target.kind == TargetKind::Switch { "switch" } else { "loop" };
        self.line(&format!("break '{word}_{};", target.label));
    }

    fn next_turn(&mut self) {
        let innermost = self.targets.iter().rev().find(|target| target.kind != TargetKind::Switch);
        let target = innermost.expect("the validator allows `continue` inside loops only");
        self.line(&match target.kind {
            TargetKind::LoopWithContinuing => format!("break 'turn_{};", target.label),
            _ => format!("continue 'loop_{};", target.label),
        });
    }

    fn call(
        &mut self,
        callee: Handle<Function>,
        arguments: &[Handle<Expression>],
        result: Option<Handle<Expression>>,
    ) -> Result<(), Fault> {
        let function = &self.shader.module.functions[callee];
        let mut parts = Vec::new();
        if self.shader.needs_context[callee.index()] {
            parts.push("cx".to_owned());
        }
        for argument in arguments {
            parts.push(if self.is_pointer(*argument) { self.place(*argument)?.borrowed() } else { self.value(*argument)?.to_string() });
        }
        let receiver = if self.shader.is_extern(function) { "cx.ext." } else { "" };
        let call = format!("{receiver}{}({})", rust_name(item_name(&function.name)), parts.join(", "));
        match result {
            Some(result) => self.bind(result, &call),
            None => self.line(&format!("{call};")),
        }
        Ok(())
    }
}

pub(super) fn refusal(statement: &Statement) -> Refusal {
    match statement {
        Statement::Kill => Refusal::Discard,
        Statement::ControlBarrier(_) | Statement::MemoryBarrier(_) | Statement::WorkGroupUniformLoad { .. } => Refusal::Workgroup,
        Statement::ImageStore { .. } | Statement::ImageAtomic { .. } => Refusal::Texture,
        Statement::Atomic { .. } => Refusal::Atomic,
        Statement::RayQuery { .. } | Statement::RayPipelineFunction(_) => Refusal::RayQuery,
        Statement::SubgroupBallot { .. } | Statement::SubgroupGather { .. } | Statement::SubgroupCollectiveOperation { .. } => {
            Refusal::Subgroup
        }
        Statement::CooperativeStore { .. } => Refusal::Matrix,
        _ => Refusal::Unsupported,
    }
}
