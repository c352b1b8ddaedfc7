//! Which values need no `let` of their own.
//!
//! The IR names every intermediate value. A pure value that is used once can stand where it is used. A value loaded from a variable can
//! do so only if nothing is stored in between: when its one user is computed in the same run of expressions, or is the very next statement.

use naga::valid::FunctionInfo;
use naga::{Expression, Function, Handle, Range, Span, Statement};
use std::collections::HashMap;

/// What is computed together: nothing is stored between the values of a run, nor between them and the operands of the next statement.
pub(super) struct Moment<'a> {
    run: Vec<&'a Range<Expression>>,
    next: Option<&'a Statement>,
}

impl<'a> Moment<'a> {
    /// The moment at the head of these statements. The front end cuts one run into many wherever a literal stands.
    pub(super) fn new(statements: &[(&'a Statement, &Span)]) -> Self {
        let mut run = Vec::new();
        for (statement, _) in statements {
            let Statement::Emit(range) = statement else { return Self { run, next: Some(statement) } };
            run.push(range);
        }
        Self { run, next: None }
    }

    fn computes(&self, value: Handle<Expression>) -> bool {
        self.run.iter().any(|range| range.first_and_last().is_some_and(|(first, last)| (first..=last).contains(&value)))
    }
}

/// For each expression, the expressions and the number of places that use it.
pub(super) struct Uses {
    users: HashMap<Handle<Expression>, Vec<Handle<Expression>>>,
    counts: Vec<usize>,
}

impl Uses {
    pub(super) fn of(function: &Function, info: &FunctionInfo) -> Self {
        let mut users: HashMap<_, Vec<_>> = HashMap::new();
        for (user, expression) in function.expressions.iter() {
            for operand in operands(expression) {
                users.entry(operand).or_default().push(user);
            }
        }
        let counts = function.expressions.iter().map(|(handle, _)| info[handle].ref_count).collect();
        Self { users, counts }
    }

    /// Whether a value that depends on a variable can stand in its user's place. `stays`: does a value get its own `let`?
    pub(super) fn can_stand_in(&self, value: Handle<Expression>, moment: &Moment<'_>, stays: &impl Fn(Handle<Expression>) -> bool) -> bool {
        if self.counts[value.index()] != 1 {
            return false;
        }
        match self.users.get(&value).map(Vec::as_slice) {
            None => moment.next.is_some_and(|statement| takes(statement, value)),
            Some(&[user]) => moment.computes(user) && (stays(user) || self.can_stand_in(user, moment, stays)),
            Some(_) => false,
        }
    }
}

/// Whether a statement uses a value before it changes anything.
fn takes(statement: &Statement, value: Handle<Expression>) -> bool {
    match statement {
        Statement::Store { pointer, value: stored } => *pointer == value || *stored == value,
        Statement::Return { value: Some(returned) } => *returned == value,
        Statement::If { condition, .. } => *condition == value,
        Statement::Switch { selector, .. } => *selector == value,
        // Arguments may borrow the variable that is read.
        _ => false,
    }
}

/// What an expression of the supported subset is made of.
pub(super) fn operands(expression: &Expression) -> Vec<Handle<Expression>> {
    match *expression {
        Expression::Compose { ref components, .. } => components.clone(),
        Expression::Access { base, index } => vec![base, index],
        Expression::AccessIndex { base: one, .. }
        | Expression::Splat { value: one, .. }
        | Expression::Swizzle { vector: one, .. }
        | Expression::Load { pointer: one }
        | Expression::Unary { expr: one, .. }
        | Expression::Relational { argument: one, .. }
        | Expression::As { expr: one, .. }
        | Expression::ArrayLength(one) => vec![one],
        Expression::Binary { left, right, .. } => vec![left, right],
        Expression::Select { condition, accept, reject } => vec![condition, accept, reject],
        Expression::Math { arg, arg1, arg2, arg3, .. } => [Some(arg), arg1, arg2, arg3].into_iter().flatten().collect(),
        _ => Vec::new(),
    }
}
