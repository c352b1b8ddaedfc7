//! Which branches are worth a jump.
//!
//! A jump around a block pays where all lanes skip it often and the block is long. A short block without loops and memory is harmless
//! for lanes that did not ask for it: it is always run, and only its stores are masked.

use super::super::Shader;
use super::super::statement::{blocks_of, breaks, continues};
use super::super::types::{Kind, Shape};
use super::sites::Id;
use super::variants::{Variant, Variants};
use naga::valid::FunctionInfo;
use naga::{BinaryOperator, Block, Expression, Function, Handle, MathFunction, ScalarKind, Statement};
use std::collections::HashSet;

/// Instructions of both sides of an `if` up to which it is written without a jump. A mispredicted jump costs about as much.
const FLAT_MAX: u32 = 48;
/// Instructions that lanes which have left may still run along with.
const REST_MAX: u32 = 64;

/// How the control flow of a variant is written.
#[derive(Debug)]
pub(super) struct Plan {
    /// The `if`s without a jump.
    flat: HashSet<Id>,
    /// Instructions of the whole, if it is harmless for lanes that did not ask for it.
    pub(super) weight: Option<u32>,
    /// Whether it has to know which lanes are live.
    pub(super) needs_live: bool,
}

impl Plan {
    pub(super) fn is_flat(&self, statement: &Statement) -> bool {
        self.flat.contains(&std::ptr::from_ref(statement))
    }
}

/// Whether lanes that enter a block may not come out at its end.
pub(super) fn kills(block: &Block) -> bool {
    breaks(block) || continues(block) || super::super::statement::any(block, &|s| matches!(s, Statement::Return { .. }))
}

/// Weighs one variant.
pub(super) struct Weigher<'a> {
    shader: &'a Shader<'a>,
    variants: &'a Variants<'a>,
    variant: &'a Variant,
    function: &'a Function,
    info: &'a FunctionInfo,
    flat: HashSet<Id>,
}

impl<'a> Weigher<'a> {
    pub(super) fn plan(shader: &'a Shader<'a>, variants: &'a Variants<'a>, variant: &'a Variant) -> Plan {
        let function = &shader.module.functions[variant.function];
        if shader.is_extern(function) {
            return Plan { flat: HashSet::new(), weight: None, needs_live: true };
        }
        let info = &shader.info[variant.function];
        let mut weigher = Self { shader, variants, variant, function, info, flat: HashSet::new() };
        weigher.decide(&function.body, true);
        let needs_live = weigher.needs_live(&function.body);
        Plan { weight: weigher.block(&function.body), flat: weigher.flat, needs_live }
    }

    fn varies(&self, handle: Handle<Expression>) -> bool {
        self.variant.variance.value(handle)
    }

    /// Chooses the flat `if`s. `ends_here`: lanes that leave this block wait at its end and nowhere further out.
    fn decide(&mut self, block: &Block, ends_here: bool) {
        let statements: Vec<_> = block.iter().collect();
        for (i, statement) in statements.iter().enumerate() {
            match statement {
                Statement::If { condition, accept, reject } if self.varies(*condition) => {
                    let sides = self.block(accept).zip(self.block(reject)).map(|(a, b)| a + b);
                    let rest = || statements[i + 1..].iter().try_fold(0, |sum, s| Some(sum + self.statement(s)?));
                    let may_run_on = !(kills(accept) || kills(reject)) || (ends_here && rest().is_some_and(|rest| rest <= REST_MAX));
                    if sides.is_some_and(|sides| sides <= FLAT_MAX) && may_run_on {
                        self.flatten(statement);
                    } else {
                        self.decide(accept, true);
                        self.decide(reject, true);
                    }
                }
                _ => blocks_of(statement).into_iter().for_each(|inner| self.decide(inner, false)),
            }
        }
    }

    fn flatten(&mut self, statement: &Statement) {
        if let Statement::If { condition, .. } = statement
            && self.varies(*condition)
        {
            self.flat.insert(statement);
        }
        for block in blocks_of(statement) {
            block.iter().for_each(|inner| self.flatten(inner));
        }
    }

    fn needs_live(&self, block: &Block) -> bool {
        block.iter().any(|statement| {
            let here = match statement {
                Statement::Emit(run) => run.clone().any(|handle| self.is_by_lane(handle)),
                Statement::If { condition, .. } => self.varies(*condition) && !self.flat.contains(&std::ptr::from_ref(statement)),
                Statement::Switch { .. } | Statement::Loop { .. } => {
                    self.variant.variance.split(statement).any() || self.selects(statement)
                }
                Statement::Store { pointer, .. } => super::sites::root(self.function, *pointer).is_none() || self.is_by_lane(*pointer),
                Statement::Call { function, arguments, .. } => {
                    let callee = self.callee(*function, arguments);
                    !self.variants.is_scalar(&callee) && callee.plan(self.shader, self.variants).needs_live
                }
                _ => false,
            };
            here || blocks_of(statement).into_iter().any(|inner| self.needs_live(inner))
        })
    }

    fn selects(&self, statement: &Statement) -> bool {
        matches!(statement, Statement::Switch { selector, .. } if self.varies(*selector))
    }

    /// Whether lanes look at places of their own.
    fn is_by_lane(&self, mut handle: Handle<Expression>) -> bool {
        loop {
            match self.function.expressions[handle] {
                Expression::Access { index, .. } if self.varies(index) => return true,
                Expression::Access { base, .. } | Expression::AccessIndex { base, .. } => handle = base,
                Expression::Load { pointer } => handle = pointer,
                _ => return false,
            }
        }
    }

    fn callee(&self, function: Handle<Function>, arguments: &[Handle<Expression>]) -> std::rc::Rc<Variant> {
        self.variants.of(function, arguments.iter().map(|argument| self.varies(*argument)).collect())
    }

    /// Instructions of a block; `None` where it must not run for lanes that did not ask for it.
    fn block(&self, block: &Block) -> Option<u32> {
        block.iter().try_fold(0, |sum, statement| Some(sum + self.statement(statement)?))
    }

    fn statement(&self, statement: &Statement) -> Option<u32> {
        match statement {
            Statement::Emit(run) => run.clone().try_fold(0, |sum, handle| Some(sum + self.expression(handle)?)),
            Statement::Block(block) => self.block(block),
            Statement::If { accept, reject, .. } => Some(2 + self.block(accept)? + self.block(reject)?),
            Statement::Store { value, .. } | Statement::Return { value: Some(value) } => Some(self.words(*value)),
            Statement::Return { value: None } | Statement::Break | Statement::Continue => Some(1),
            Statement::Call { function, arguments, .. } => self.callee(*function, arguments).plan(self.shader, self.variants).weight,
            _ => None,
        }
    }

    fn expression(&self, handle: Handle<Expression>) -> Option<u32> {
        let expression = &self.function.expressions[handle];
        if let Expression::Access { .. } = expression {
            // It may be out of bounds for lanes that did not ask for it.
            return None;
        }
        if !self.varies(handle) {
            return Some(0);
        }
        let words = self.words(handle);
        Some(match *expression {
            Expression::Binary { op, left, .. } => words * self.operator(op, left),
            Expression::Math { fun, .. } => words * self.builtin(fun, handle),
            Expression::As { expr, kind, convert } => words * self.conversion(expr, kind, convert.is_some()),
            Expression::Unary { .. } | Expression::Select { .. } | Expression::Relational { .. } => words,
            _ => 0,
        })
    }

    fn kind(&self, handle: Handle<Expression>) -> Option<Kind> {
        Shape::of(self.info[handle].ty.inner_with(&self.shader.module.types)).ok().map(|shape| shape.kind)
    }

    fn operator(&self, operator: BinaryOperator, operand: Handle<Expression>) -> u32 {
        use BinaryOperator as B;
        match (operator, self.kind(operand)) {
            (_, Some(Kind::F32)) => 1,
            (B::Divide | B::Modulo, _) => 60,
            (B::Multiply | B::Less | B::LessEqual | B::Greater | B::GreaterEqual | B::NotEqual, _) => 2,
            _ => 1,
        }
    }

    fn builtin(&self, function: MathFunction, handle: Handle<Expression>) -> u32 {
        match (function, self.kind(handle)) {
            (MathFunction::Clamp, _) => 2,
            (_, Some(Kind::F32)) | (MathFunction::Min | MathFunction::Max | MathFunction::Abs, _) => 1,
            (MathFunction::ReverseBits, _) => 7,
            _ => 40,
        }
    }

    fn conversion(&self, from: Handle<Expression>, to: ScalarKind, converts: bool) -> u32 {
        match (self.kind(from), to, converts) {
            (_, _, false) => 0,
            (Some(Kind::F32), ScalarKind::Uint, _) => 7,
            (Some(Kind::F32), _, _) => 3,
            (Some(Kind::U32), ScalarKind::Float, _) => 5,
            _ => 1,
        }
    }

    /// Words that hold one lane's value.
    fn words(&self, handle: Handle<Expression>) -> u32 {
        let layout = |inner: &naga::TypeInner| inner.size(self.shader.module.to_ctx()) / 4;
        layout(self.info[handle].ty.inner_with(&self.shader.module.types)).max(1)
    }
}
