//! Operators, conversions and builtins on many lanes: methods of the runtime's types.

use super::super::error::{Fault, Refusal};
use super::super::expression::Code;
use super::super::types::{Kind, Shape};
use super::function::LaneWriter;
use naga::{BinaryOperator, Expression, Handle, Literal, MathFunction, RelationalFunction, ScalarKind, UnaryOperator};

fn method(receiver: &Code, name: &str, arguments: &[Code]) -> Code {
    Code::atom(format!("{}.{name}({})", receiver.operand(), Code::list(arguments)))
}

impl LaneWriter<'_> {
    pub(super) fn unary(&self, operator: UnaryOperator, operand: Handle<Expression>) -> Result<Code, Fault> {
        let name = if operator == UnaryOperator::Negate { "neg" } else { "not" };
        Ok(method(&self.value(operand)?, name, &[]))
    }

    pub(super) fn binary(&self, operator: BinaryOperator, left: Handle<Expression>, right: Handle<Expression>) -> Result<Code, Fault> {
        use BinaryOperator as B;
        let (left_shape, right_shape) = (self.one.shape(left)?, self.one.shape(right)?);
        let name = match (operator, left_shape.kind) {
            (B::Divide, Kind::F32) => return Err(Refusal::FloatDivision.into()),
            (B::Modulo, Kind::F32) => return Err(Refusal::FloatRemainder.into()),
            (B::NotEqual, Kind::F32) => return Err(Refusal::FloatNotEqual.into()),
            (B::Add, _) => "add",
            (B::Subtract, _) => "sub",
            (B::Multiply, _) => "mul",
            (B::Divide, _) => "div",
            (B::Modulo, _) => "rem",
            (B::Equal, _) => "eq",
            (B::NotEqual, _) => "ne",
            (B::Less, _) => "lt",
            (B::LessEqual, _) => "le",
            (B::Greater, _) => "gt",
            (B::GreaterEqual, _) => "ge",
            (B::And | B::LogicalAnd, _) => "and",
            (B::ExclusiveOr, _) => "xor",
            (B::InclusiveOr | B::LogicalOr, _) => "or",
            (B::ShiftLeft, _) => "shl",
            (B::ShiftRight, _) => "shr",
        };
        let components = left_shape.components.max(right_shape.components);
        Ok(method(&self.of_size(left, left_shape, components)?, name, &[self.of_size(right, right_shape, components)?]))
    }

    /// A scalar beside a vector becomes a vector.
    fn of_size(&self, handle: Handle<Expression>, shape: Shape, components: u8) -> Result<Code, Fault> {
        let value = self.value(handle)?;
        Ok(if shape.components == components { value } else { Code::atom(format!("V{components}::splat({value})")) })
    }

    pub(super) fn select(
        &self,
        condition: Handle<Expression>,
        accept: Handle<Expression>,
        reject: Handle<Expression>,
    ) -> Result<Code, Fault> {
        let (yes, no) = (self.value(accept)?, self.value(reject)?);
        let is_scalar = self.one.shape(condition)?.components == 1;
        if self.varies(condition) {
            return Ok(method(&yes, if is_scalar { "when" } else { "when_each" }, &[self.value(condition)?, no]));
        }
        let test = self.one.value(condition)?;
        Ok(match is_scalar {
            true => Code::open(format!("if {test} {{ {yes} }} else {{ {no} }}")),
            false => method(&test, "select", &[yes, no]),
        })
    }

    pub(super) fn relational(&self, function: RelationalFunction, argument: Handle<Expression>) -> Result<Code, Fault> {
        let (shape, value) = (self.one.shape(argument)?, self.value(argument)?);
        match function {
            RelationalFunction::All | RelationalFunction::Any if shape.components == 1 => Ok(value),
            RelationalFunction::All => Ok(method(&value, "all_set", &[])),
            RelationalFunction::Any => Ok(method(&value, "any_set", &[])),
            RelationalFunction::IsNan | RelationalFunction::IsInf => Err(Refusal::Relational(function).into()),
        }
    }

    /// `convert`: bytes of the target scalar, `None` = keep the bits.
    pub(super) fn cast(&self, operand: Handle<Expression>, kind: ScalarKind, convert: Option<u8>) -> Result<Code, Fault> {
        let (shape, value) = (self.one.shape(operand)?, self.value(operand)?);
        let name = match (shape.kind, Kind::of(kind, convert.unwrap_or(4))?, convert.is_some()) {
            (from, to, _) if from == to => return Ok(value),
            (Kind::F32, Kind::U32, false) => "bits_u32",
            (Kind::F32, Kind::I32, false) => "bits_i32",
            (Kind::U32 | Kind::I32, Kind::F32, false) => "bits_f32",
            (Kind::F32, Kind::U32, true) => "to_u32",
            (Kind::F32, Kind::I32, true) => "to_i32",
            (Kind::F32, Kind::Bool, _) => return Err(Refusal::FloatToBool.into()),
            (Kind::U32, Kind::F32, true) if self.is_small(operand) => "small_to_f32",
            (_, Kind::F32, _) => "to_f32",
            (_, Kind::Bool, _) => "to_bool",
            (Kind::Bool, Kind::U32, _) => "to_u32",
            (Kind::Bool, _, _) => "to_i32",
            (_, Kind::I32, _) => "as_i32",
            (_, Kind::U32, _) => "as_u32",
        };
        Ok(method(&value, name, &[]))
    }

    /// Whether a `u32` is surely below 2^31.
    fn is_small(&self, handle: Handle<Expression>) -> bool {
        let expressions = &self.one.function.expressions;
        let literal = |handle: Handle<Expression>| match expressions[handle] {
            Expression::Literal(Literal::U32(value)) => Some(value),
            _ => None,
        };
        let is_small = |handle| literal(handle).is_some_and(|value| value >> 31 == 0);
        match expressions[handle] {
            Expression::Binary { op: BinaryOperator::ShiftRight, right, .. } => literal(right).is_some_and(|by| by % 32 > 0),
            Expression::Binary { op: BinaryOperator::And, left, right } => is_small(left) || is_small(right),
            Expression::Math { fun: MathFunction::Min, arg, arg1: Some(other), .. } => is_small(arg) || is_small(other),
            _ => false,
        }
    }

    pub(super) fn math(&self, function: MathFunction, arguments: &[Handle<Expression>]) -> Result<Code, Fault> {
        use MathFunction as M;
        let shape = self.one.shape(arguments[0])?;
        let values = arguments.iter().map(|argument| self.value(*argument)).collect::<Result<Vec<_>, _>>()?;
        let name = match (function, shape.kind) {
            (M::Abs, Kind::U32) => return Ok(values[0].clone()),
            (M::Clamp, _) => return Ok(method(&method(&values[0], "max", &values[1..2]), "min", &values[2..])),
            (M::Min, _) => "min",
            (M::Max, _) => "max",
            (M::Abs, _) => "abs",
            (M::Floor, Kind::F32) => "floor",
            (M::Ceil, Kind::F32) => "ceil",
            (M::Trunc, Kind::F32) => "trunc",
            (M::Round, Kind::F32) => "round",
            (M::Saturate, Kind::F32) => "saturate",
            (_, Kind::F32) => return Err(Refusal::InexactBuiltin(function).into()),
            (M::ReverseBits, _) => "reverse_bits",
            (M::CountOneBits, _) => "count_one_bits",
            (M::CountLeadingZeros, _) => "count_leading_zeros",
            (M::CountTrailingZeros, _) => "count_trailing_zeros",
            (M::FirstLeadingBit, _) => "first_leading_bit",
            (M::FirstTrailingBit, _) => "first_trailing_bit",
            (M::ExtractBits, _) if shape.components == 1 => "extract_bits",
            (M::InsertBits, _) if shape.components == 1 => "insert_bits",
            _ => return Err(Refusal::ScalarBuiltin(function).into()),
        };
        Ok(method(&values[0], name, &values[1..]))
    }
}
