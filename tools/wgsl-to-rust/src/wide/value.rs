//! Values of many lanes.

use super::super::error::{Fault, Refusal};
use super::super::expression::{Code, refusal};
use super::function::LaneWriter;
use super::types::Kept;
use naga::{ArraySize, Expression, Handle, SwizzleComponent, Type, TypeInner, VectorSize};

impl LaneWriter<'_> {
    /// What a varying value is computed from.
    pub(super) fn computed(&self, handle: Handle<Expression>) -> Result<Code, Fault> {
        match &self.one.function.expressions[handle] {
            Expression::Constant(constant) => Ok(self.constant(self.wide.shader.module.constants[*constant].init)?),
            Expression::ZeroValue(ty) => Ok(self.wide.zero(*ty)?),
            Expression::Compose { ty, components } => self.composite(*ty, components),
            Expression::Splat { size, value } => Ok(Code::atom(format!("V{}::splat({})", *size as u8, self.value(*value)?))),
            Expression::Swizzle { size, vector, pattern } => self.swizzle(*size, *vector, pattern),
            Expression::Access { base, index } => self.chosen(*base, *index),
            Expression::AccessIndex { base, index } => {
                let base_code = self.value(*base)?.operand();
                Ok(Code::atom(self.one.part(&base_code, *base, *index)?))
            }
            Expression::FunctionArgument(index) => {
                let name = &self.one.arguments[*index as usize];
                let is_lent = self.wide.is_lent(self.one.function.arguments[*index as usize].ty);
                Ok(if is_lent { Code::open(format!("*{name}")) } else { Code::atom(name) })
            }
            Expression::Load { pointer } => self.load(*pointer),
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

    /// A constant of module level in all lanes.
    fn constant(&self, handle: Handle<Expression>) -> Result<Code, Refusal> {
        let module = self.wide.shader.module;
        match &module.global_expressions[handle] {
            Expression::Constant(constant) => self.constant(module.constants[*constant].init),
            Expression::ZeroValue(ty) => self.wide.zero(*ty),
            Expression::Compose { ty, components } if matches!(module.types[*ty].inner, TypeInner::Struct { .. }) => {
                self.wide.type_name(*ty)?;
                let values = components.iter().map(|part| self.constant(*part)).collect::<Result<Vec<_>, _>>()?;
                self.wide.shader.struct_value(*ty, &values)
            }
            Expression::Compose { ty, components } if matches!(module.types[*ty].inner, TypeInner::Array { .. }) => {
                let values = components.iter().map(|part| self.constant(*part)).collect::<Result<Vec<_>, _>>()?;
                Ok(Code::atom(format!("[{}]", Code::list(&values))))
            }
            Expression::Compose { ty, .. } => self.wide.widened(&module.types[*ty].inner, &self.wide.shader.constant_value(handle)?),
            Expression::Literal(value) => self.wide.widened(&value.ty_inner(), &self.wide.shader.constant_value(handle)?),
            Expression::Splat { size, value } => Ok(Code::atom(format!("V{}::splat({})", *size as u8, self.constant(*value)?))),
            _ => Err(Refusal::Unsupported),
        }
    }

    fn composite(&self, ty: Handle<Type>, components: &[Handle<Expression>]) -> Result<Code, Fault> {
        let values = components.iter().map(|part| self.value(*part)).collect::<Result<Vec<_>, _>>()?;
        let list = Code::list(&values);
        match self.wide.shader.inner(ty) {
            TypeInner::Vector { size, .. } => {
                let is_flat = components.iter().all(|part| matches!(self.inner(*part), TypeInner::Scalar(_)));
                Ok(match values.as_slice() {
                    [whole] => whole.clone(),
                    _ if is_flat => Code::atom(format!("V{}::new({list})", *size as u8)),
                    _ => Code::atom(format!("V{}::from(({list}))", *size as u8)),
                })
            }
            TypeInner::Array { .. } => Ok(Code::atom(format!("[{list}]"))),
            TypeInner::Struct { .. } => {
                self.wide.type_name(ty)?;
                Ok(self.wide.shader.struct_value(ty, &values)?)
            }
            _ => Err(self.wide.type_name(ty).err().unwrap_or(Refusal::Unsupported).into()),
        }
    }

    fn swizzle(&self, size: VectorSize, vector: Handle<Expression>, pattern: &[SwizzleComponent; 4]) -> Result<Code, Fault> {
        let size = size as usize;
        let parts: Vec<_> = pattern[..size].iter().map(|part| (*part as u8).to_string()).collect();
        Ok(Code::atom(format!("{}.swizzle{size}::<{}>()", self.value(vector)?.operand(), parts.join(", "))))
    }

    /// The part of a value that an index names.
    fn chosen(&self, base: Handle<Expression>, index: Handle<Expression>) -> Result<Code, Fault> {
        let value = self.value(base)?;
        if !self.varies(index) {
            return Ok(Code::atom(format!("{}[{} as usize]", value.operand(), self.one.value(index)?.operand())));
        }
        self.chosen_from(&value, self.inner(base), index)
    }

    /// The part of a vector or array that a varying index names.
    pub(super) fn chosen_from(&self, value: &Code, inner: &TypeInner, index: Handle<Expression>) -> Result<Code, Fault> {
        let (index, live) = (self.index(index)?, &self.live);
        match inner {
            TypeInner::Vector { .. } => Ok(Code::atom(format!("{}.at({index}, {live})", value.operand()))),
            TypeInner::Array { base, size: ArraySize::Constant(length), .. } => {
                let element = self.wide.blend(
                    self.wide.shader.inner(*base),
                    "at.eq(U32s::splat(k as u32))",
                    &Code::atom("all[k]"),
                    "found",
                    Kept::InRegister,
                );
                Ok(Code::atom(format!(
                    "{{ let (all, at) = ({value}, bounded({index}, {length}, {live})); \
                     (1..{length}).fold(all[0], |found, k| {element}) }}"
                )))
            }
            _ => Err(Refusal::Unsupported.into()),
        }
    }
}
