//! Values and the places they are loaded from.

use super::error::{Fault, Refusal};
use super::function::{Binding, FunctionWriter};
use super::is_writable;
use super::names::{item_name, rust_name};
use super::types::{literal, vector_name};
use naga::{Expression, GlobalVariable, Handle, SwizzleComponent, Type, TypeInner, VectorSize};
use std::fmt;

/// Component names of the runtime's vectors.
pub(super) const COMPONENTS: [&str; 4] = ["x", "y", "z", "w"];

/// The Rust text of a value.
#[derive(Clone, Debug)]
pub(super) struct Code {
    text: String,
    is_atom: bool,
}

impl Code {
    /// Text that binds as tightly as a name: it can be indexed, and methods can be called on it.
    pub(super) fn atom(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_atom: true }
    }

    /// Text that needs parentheses beside an operator.
    pub(super) fn open(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_atom: false }
    }

    /// The text as part of a larger expression.
    pub(super) fn operand(&self) -> String {
        if self.is_atom { self.text.clone() } else { format!("({})", self.text) }
    }

    /// Values with commas between them.
    pub(super) fn list(values: &[Self]) -> String {
        values.iter().map(|value| value.text.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The Rust text of a place in memory.
pub(super) struct Place {
    text: String,
    /// Whether the text is a reference to the place rather than the place itself.
    is_reference: bool,
}

impl Place {
    fn of(text: String) -> Self {
        Self { text, is_reference: false }
    }

    /// To be read or assigned.
    pub(super) fn value(&self) -> String {
        if self.is_reference { format!("*{}", self.text) } else { self.text.clone() }
    }

    /// To be lent to a function.
    pub(super) fn borrowed(self) -> String {
        if self.is_reference { self.text } else { format!("&mut {}", self.text) }
    }
}

impl FunctionWriter<'_> {
    /// The text that stands for a value: its name, or what it is computed from.
    pub(super) fn value(&self, handle: Handle<Expression>) -> Result<Code, Fault> {
        let place = |fault: Fault| fault.at(self.function.expressions.get_span(handle));
        match self.bound.get(&handle) {
            Some(Binding::Name(name)) => Ok(Code::atom(name)),
            Some(Binding::OutOfScope) => Err(place(Refusal::OutOfScope.into())),
            None => self.computed(handle).map_err(place),
        }
    }

    fn computed(&self, handle: Handle<Expression>) -> Result<Code, Fault> {
        match &self.function.expressions[handle] {
            Expression::Literal(value) => Ok(literal(*value)?),
            Expression::Constant(constant) => {
                let constant = &self.shader.module.constants[*constant];
                match &constant.name {
                    Some(name) => Ok(Code::atom(rust_name(name))),
                    None => Ok(self.shader.constant_value(constant.init)?),
                }
            }
            Expression::ZeroValue(ty) => Ok(self.shader.zero(*ty)?),
            Expression::Compose { ty, components } => self.composite(*ty, components),
            Expression::Splat { size, value } => Ok(Code::atom(format!("{}::splat({})", vector_name(*size), self.value(*value)?))),
            Expression::Swizzle { size, vector, pattern } => self.swizzle(*size, *vector, pattern),
            Expression::Access { base, index } => Ok(Code::atom(format!("{}[{}]", self.value(*base)?.operand(), self.index(*index)?))),
            Expression::AccessIndex { base, index } => Ok(Code::atom(self.part(&self.value(*base)?.operand(), *base, *index)?)),
            Expression::FunctionArgument(index) => Ok(Code::atom(&self.arguments[*index as usize])),
            Expression::Load { pointer } => {
                let place = self.place(*pointer)?;
                Ok(if place.is_reference { Code::open(place.value()) } else { Code::atom(place.text) })
            }
            Expression::ArrayLength(array) => Ok(Code::open(format!("{}.len() as u32", self.place(*array)?.text))),
            Expression::Unary { op, expr } => self.unary(*op, *expr),
            Expression::Binary { op, left, right } => self.binary(*op, *left, *right),
            Expression::Select { condition, accept, reject } => self.select(*condition, *accept, *reject),
            Expression::Relational { fun, argument } => self.relational(*fun, *argument),
            Expression::Math { fun, arg, arg1, arg2, arg3 } => {
                let arguments: Vec<_> = [Some(*arg), *arg1, *arg2, *arg3].into_iter().flatten().collect();
                self.math(*fun, &arguments)
            }
            Expression::As { expr, kind, convert } => self.cast(*expr, *kind, *convert),
            other => Err(refusal(other).into()),
        }
    }

    fn composite(&self, ty: Handle<Type>, components: &[Handle<Expression>]) -> Result<Code, Fault> {
        let values = components.iter().map(|part| self.value(*part)).collect::<Result<Vec<_>, _>>()?;
        let list = Code::list(&values);
        match self.shader.inner(ty) {
            TypeInner::Vector { size, .. } => {
                let is_flat = components.iter().all(|part| matches!(self.inner(*part), TypeInner::Scalar(_)));
                let name = vector_name(*size);
                Ok(match values.as_slice() {
                    [whole] => whole.clone(),
                    _ if is_flat => Code::atom(format!("{name}::new({list})")),
                    _ => Code::atom(format!("{name}::from(({list}))")),
                })
            }
            TypeInner::Array { .. } => Ok(Code::atom(format!("[{list}]"))),
            TypeInner::Struct { .. } => Ok(self.shader.struct_value(ty, &values)?),
            _ => Err(self.shader.type_name(ty).err().unwrap_or(Refusal::Unsupported).into()),
        }
    }

    fn swizzle(&self, size: VectorSize, vector: Handle<Expression>, pattern: &[SwizzleComponent; 4]) -> Result<Code, Fault> {
        let size = size as usize;
        let lanes: Vec<_> = pattern[..size].iter().map(|lane| (*lane as u8).to_string()).collect();
        Ok(Code::atom(format!("{}.swizzle{size}::<{}>()", self.value(vector)?.operand(), lanes.join(", "))))
    }

    /// An index as Rust wants it. A negative one becomes huge, so that it is out of bounds in any case.
    fn index(&self, index: Handle<Expression>) -> Result<String, Fault> {
        Ok(format!("{} as usize", self.value(index)?.operand()))
    }

    /// A part with a fixed index of something whose text is `base`.
    pub(super) fn part(&self, base: &str, handle: Handle<Expression>, index: u32) -> Result<String, Fault> {
        let mut inner = self.inner(handle);
        if let TypeInner::Pointer { base, .. } = inner {
            inner = self.shader.inner(*base);
        }
        match inner {
            TypeInner::Struct { members, .. } => Ok(format!("{base}.{}", rust_name(item_name(&members[index as usize].name)))),
            TypeInner::Vector { .. } | TypeInner::ValuePointer { size: Some(_), .. } => {
                Ok(format!("{base}.{}", COMPONENTS[index as usize]))
            }
            TypeInner::Array { .. } => Ok(format!("{base}[{index}]")),
            TypeInner::Matrix { .. } => Err(Refusal::Matrix.into()),
            _ => Err(Refusal::Unsupported.into()),
        }
    }

    /// Where a pointer leads.
    pub(super) fn place(&self, pointer: Handle<Expression>) -> Result<Place, Fault> {
        match self.function.expressions[pointer] {
            Expression::LocalVariable(variable) => Ok(Place::of(self.locals[variable.index()].clone())),
            Expression::FunctionArgument(index) => Ok(Place { text: self.arguments[index as usize].clone(), is_reference: true }),
            Expression::GlobalVariable(variable) => Ok(self.buffer(&self.shader.module.global_variables[variable])?),
            Expression::Access { base, index } => Ok(Place::of(format!("{}[{}]", self.place(base)?.text, self.index(index)?))),
            Expression::AccessIndex { base, index } => Ok(Place::of(self.part(&self.place(base)?.text, base, index)?)),
            ref other => Err(Fault::from(refusal(other)).at(self.function.expressions.get_span(pointer))),
        }
    }

    fn buffer(&self, variable: &GlobalVariable) -> Result<Place, Refusal> {
        let name = item_name(&variable.name);
        if is_writable(variable) {
            return Err(Refusal::WritableBuffer { name: name.to_owned() });
        }
        Ok(Place { text: format!("cx.{}", rust_name(name)), is_reference: true })
    }
}

pub(super) fn refusal(expression: &Expression) -> Refusal {
    match expression {
        Expression::Override(_) => Refusal::Override,
        Expression::ImageSample { .. } | Expression::ImageLoad { .. } | Expression::ImageQuery { .. } => Refusal::Texture,
        Expression::Derivative { .. } => Refusal::Derivative,
        Expression::AtomicResult { .. } => Refusal::Atomic,
        Expression::WorkGroupUniformLoadResult { .. } => Refusal::Workgroup,
        Expression::SubgroupBallotResult | Expression::SubgroupOperationResult { .. } => Refusal::Subgroup,
        Expression::RayQueryVertexPositions { .. } | Expression::RayQueryProceedResult | Expression::RayQueryGetIntersection { .. } => {
            Refusal::RayQuery
        }
        Expression::CooperativeLoad { .. } | Expression::CooperativeMultiplyAdd { .. } => Refusal::Matrix,
        _ => Refusal::Unsupported,
    }
}
