//! Operators, conversions and builtins: one IR operation, one operation of Rust or of the runtime.

use super::error::{Fault, Refusal};
use super::expression::Code;
use super::function::FunctionWriter;
use super::types::{Kind, Shape};
use naga::{BinaryOperator, Expression, Handle, MathFunction, RelationalFunction, ScalarKind, UnaryOperator};

/// A Rust function that stands for an operation on scalars.
#[derive(Clone, Copy, Debug)]
enum Operation {
    /// Of the runtime.
    Runtime(&'static str),
    /// A method of the scalar's type.
    Method(&'static str),
}

impl Operation {
    /// The operation on whole values; vectors go component by component.
    fn apply(self, shape: Shape, values: &[Code]) -> Result<Code, Refusal> {
        let path = match self {
            Self::Runtime(name) => name.to_owned(),
            Self::Method(name) => format!("{}::{name}", shape.kind.name()),
        };
        match (shape.components, self, values) {
            (1, Self::Runtime(_), _) => Ok(Code::atom(format!("{path}({})", Code::list(values)))),
            (1, Self::Method(name), [first, rest @ ..]) => Ok(Code::atom(format!("{}.{name}({})", first.operand(), Code::list(rest)))),
            (_, _, [one]) => Ok(Code::atom(format!("{}.map({path})", one.operand()))),
            (_, _, [left, right]) => Ok(Code::atom(format!("{}.zip({right}, {path})", left.operand()))),
            _ => Err(Refusal::Unsupported),
        }
    }
}

impl FunctionWriter<'_> {
    pub(super) fn unary(&self, operator: UnaryOperator, operand: Handle<Expression>) -> Result<Code, Fault> {
        let (shape, value) = (self.shape(operand)?, self.value(operand)?);
        match (operator, shape.kind) {
            (UnaryOperator::Negate, Kind::F32) => Ok(Code::open(format!("-{}", value.operand()))),
            (UnaryOperator::Negate, _) => Ok(Operation::Method("wrapping_neg").apply(shape, &[value])?),
            (UnaryOperator::LogicalNot | UnaryOperator::BitwiseNot, _) if shape.components == 1 => {
                Ok(Code::open(format!("!{}", value.operand())))
            }
            (UnaryOperator::LogicalNot | UnaryOperator::BitwiseNot, _) => Ok(Code::atom(format!("{}.map(|a| !a)", value.operand()))),
        }
    }

    pub(super) fn binary(&self, operator: BinaryOperator, left: Handle<Expression>, right: Handle<Expression>) -> Result<Code, Fault> {
        use BinaryOperator as B;
        let (left_shape, right_shape) = (self.shape(left)?, self.shape(right)?);
        let kind = left_shape.kind;
        let shape = Shape { components: left_shape.components.max(right_shape.components), kind };
        let (a, b) = (self.value(left)?, self.value(right)?);
        let operation = match (operator, kind) {
            (B::Divide, Kind::F32) => return Err(Refusal::FloatDivision.into()),
            (B::Modulo, Kind::F32) => return Err(Refusal::FloatRemainder.into()),
            (B::NotEqual, Kind::F32) => return Err(Refusal::FloatNotEqual.into()),
            // Floats: the runtime's vectors have these operators, with a scalar on either side too.
            (B::Add | B::Subtract | B::Multiply, Kind::F32) => return Ok(infix(&a, symbol(operator), &b)),
            (B::Add, _) => Operation::Method("wrapping_add"),
            (B::Subtract, _) => Operation::Method("wrapping_sub"),
            (B::Multiply, _) => Operation::Method("wrapping_mul"),
            (B::Divide, Kind::I32) => Operation::Runtime("divide_i32"),
            (B::Divide, _) => Operation::Runtime("divide_u32"),
            (B::Modulo, Kind::I32) => Operation::Runtime("remainder_i32"),
            (B::Modulo, _) => Operation::Runtime("remainder_u32"),
            (B::ShiftLeft, _) => Operation::Method("wrapping_shl"),
            (B::ShiftRight, _) => Operation::Method("wrapping_shr"),
            _ if shape.components == 1 => return Ok(infix(&a, symbol(operator), &b)),
            _ => return Ok(Code::atom(format!("{}.zip({b}, |a, b| a {} b)", a.operand(), symbol(operator)))),
        };
        let widened = [widen(a, left_shape, shape), widen(b, right_shape, shape)];
        Ok(operation.apply(shape, &widened)?)
    }

    pub(super) fn select(
        &self,
        condition: Handle<Expression>,
        accept: Handle<Expression>,
        reject: Handle<Expression>,
    ) -> Result<Code, Fault> {
        let (test, yes, no) = (self.value(condition)?, self.value(accept)?, self.value(reject)?);
        Ok(match self.shape(condition)?.components {
            1 => Code::open(format!("if {test} {{ {yes} }} else {{ {no} }}")),
            _ => Code::atom(format!("{}.select({yes}, {no})", test.operand())),
        })
    }

    pub(super) fn relational(&self, function: RelationalFunction, argument: Handle<Expression>) -> Result<Code, Fault> {
        let (shape, value) = (self.shape(argument)?, self.value(argument)?);
        match function {
            RelationalFunction::All | RelationalFunction::Any if shape.components == 1 => Ok(value),
            RelationalFunction::All => Ok(Code::atom(format!("{}.all()", value.operand()))),
            RelationalFunction::Any => Ok(Code::atom(format!("{}.any()", value.operand()))),
            RelationalFunction::IsNan | RelationalFunction::IsInf => Err(Refusal::Relational(function).into()),
        }
    }

    /// `convert`: bytes of the target scalar, `None` = keep the bits.
    pub(super) fn cast(&self, operand: Handle<Expression>, kind: ScalarKind, convert: Option<u8>) -> Result<Code, Fault> {
        let (shape, value) = (self.shape(operand)?, self.value(operand)?);
        let to = Kind::of(kind, convert.unwrap_or(4))?;
        let operation = match (shape.kind, to, convert.is_some()) {
            (from, to, _) if from == to => return Ok(value),
            (Kind::F32, Kind::U32, false) => Operation::Method("to_bits"),
            (Kind::F32, Kind::I32, false) => Operation::Runtime("float_to_i32_bits"),
            (Kind::U32, Kind::F32, false) => Operation::Runtime("f32::from_bits"),
            (Kind::I32, Kind::F32, false) => Operation::Runtime("float_from_i32_bits"),
            (Kind::F32, Kind::U32, true) => Operation::Runtime("float_to_u32"),
            (Kind::F32, Kind::I32, true) => Operation::Runtime("float_to_i32"),
            (Kind::F32, Kind::Bool, _) => return Err(Refusal::FloatToBool.into()),
            (Kind::Bool, Kind::F32, _) => Operation::Runtime("f32::from"),
            (Kind::Bool, Kind::U32, _) => Operation::Runtime("u32::from"),
            (Kind::Bool, Kind::I32, _) => Operation::Runtime("i32::from"),
            (_, Kind::Bool, _) if shape.components == 1 => return Ok(Code::open(format!("{} != 0", value.operand()))),
            (_, Kind::Bool, _) => return Ok(Code::atom(format!("{}.map(|a| a != 0)", value.operand()))),
            _ if shape.components == 1 => return Ok(Code::open(format!("{} as {}", value.operand(), to.name()))),
            _ => return Ok(Code::atom(format!("{}.map(|a| a as {})", value.operand(), to.name()))),
        };
        Ok(operation.apply(shape, &[value])?)
    }

    pub(super) fn math(&self, function: MathFunction, arguments: &[Handle<Expression>]) -> Result<Code, Fault> {
        use MathFunction as M;
        let shape = self.shape(arguments[0])?;
        let values = arguments.iter().map(|argument| self.value(*argument)).collect::<Result<Vec<_>, _>>()?;
        if shape.kind == Kind::U32 && function == M::Abs {
            return Ok(values[0].clone());
        }
        if let (M::Clamp, [value, low, high]) = (function, values.as_slice()) {
            let [min, max] = [extremum(M::Min, shape.kind), extremum(M::Max, shape.kind)];
            let raised = max.apply(shape, &[value.clone(), low.clone()])?;
            return Ok(min.apply(shape, &[raised, high.clone()])?);
        }
        let operation = match (function, shape.kind) {
            (M::Min | M::Max, kind) => extremum(function, kind),
            (_, Kind::F32) => float_builtin(function).ok_or(Refusal::InexactBuiltin(function))?,
            (_, kind) => integer_builtin(function, kind).ok_or(Refusal::ScalarBuiltin(function))?,
        };
        if shape.components > 1 && matches!(function, M::ExtractBits | M::InsertBits) {
            return Err(Refusal::ScalarBuiltin(function).into());
        }
        Ok(operation.apply(shape, &values)?)
    }
}

fn infix(left: &Code, symbol: &str, right: &Code) -> Code {
    Code::open(format!("{} {symbol} {}", left.operand(), right.operand()))
}

fn symbol(operator: BinaryOperator) -> &'static str {
    naga::back::binary_operation_str(operator)
}

/// A scalar beside a vector becomes a vector.
fn widen(value: Code, from: Shape, to: Shape) -> Code {
    if from.components == to.components { value } else { Code::atom(format!("V{}::splat({value})", to.components)) }
}

fn extremum(function: MathFunction, kind: Kind) -> Operation {
    match (function == MathFunction::Min, kind == Kind::F32) {
        (true, true) => Operation::Runtime("float_min"),
        (false, true) => Operation::Runtime("float_max"),
        (true, false) => Operation::Method("min"),
        (false, false) => Operation::Method("max"),
    }
}

/// Builtins on floats whose result has one right value.
fn float_builtin(function: MathFunction) -> Option<Operation> {
    match function {
        MathFunction::Abs => Some(Operation::Method("abs")),
        MathFunction::Floor => Some(Operation::Method("floor")),
        MathFunction::Ceil => Some(Operation::Method("ceil")),
        MathFunction::Trunc => Some(Operation::Method("trunc")),
        MathFunction::Round => Some(Operation::Method("round_ties_even")),
        MathFunction::Saturate => Some(Operation::Runtime("saturate")),
        _ => None,
    }
}

fn integer_builtin(function: MathFunction, kind: Kind) -> Option<Operation> {
    let signed = kind == Kind::I32;
    let of_sign = |when_signed, otherwise| Some(Operation::Runtime(if signed { when_signed } else { otherwise }));
    match function {
        MathFunction::Abs => Some(Operation::Method("wrapping_abs")),
        MathFunction::ReverseBits => Some(Operation::Method("reverse_bits")),
        MathFunction::CountOneBits => of_sign("count_one_bits_i32", "u32::count_ones"),
        MathFunction::CountLeadingZeros => of_sign("count_leading_zeros_i32", "u32::leading_zeros"),
        MathFunction::CountTrailingZeros => of_sign("count_trailing_zeros_i32", "u32::trailing_zeros"),
        MathFunction::FirstLeadingBit => of_sign("first_leading_bit_i32", "first_leading_bit_u32"),
        MathFunction::FirstTrailingBit => of_sign("first_trailing_bit_i32", "first_trailing_bit_u32"),
        MathFunction::ExtractBits => of_sign("extract_bits_i32", "extract_bits_u32"),
        MathFunction::InsertBits => of_sign("insert_bits_i32", "insert_bits_u32"),
        _ => None,
    }
}
