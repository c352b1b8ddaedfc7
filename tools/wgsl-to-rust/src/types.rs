//! Types, literals and zero values; what WGSL's memory layout becomes in Rust.

use super::Shader;
use super::error::Refusal;
use super::expression::Code;
use super::names::{item_name, rust_name};
use naga::{AddressSpace, ArraySize, Handle, Literal, Scalar, ScalarKind, Type, TypeInner, VectorSize};

/// A scalar that has the same meaning on every GPU and in Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    F32,
    U32,
    I32,
    Bool,
}

impl Kind {
    pub(super) fn of(kind: ScalarKind, width: u8) -> Result<Self, Refusal> {
        match (kind, width) {
            (ScalarKind::Float, 4) => Ok(Self::F32),
            (ScalarKind::Uint, 4) => Ok(Self::U32),
            (ScalarKind::Sint, 4) => Ok(Self::I32),
            (ScalarKind::Bool, _) => Ok(Self::Bool),
            _ => Err(Refusal::Scalar),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::U32 => "u32",
            Self::I32 => "i32",
            Self::Bool => "bool",
        }
    }

    pub(super) fn zero(self) -> &'static str {
        match self {
            Self::F32 => "0.0_f32",
            Self::U32 => "0_u32",
            Self::I32 => "0_i32",
            Self::Bool => "false",
        }
    }
}

/// A scalar or vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// 1 = a scalar.
    pub(super) components: u8,
    pub(super) kind: Kind,
}

impl Shape {
    /// The shape of a type that must be a scalar or vector.
    pub(super) fn of(inner: &TypeInner) -> Result<Self, Refusal> {
        match *inner {
            TypeInner::Scalar(Scalar { kind, width }) => Ok(Self { components: 1, kind: Kind::of(kind, width)? }),
            TypeInner::Vector { size, scalar } => Ok(Self { components: size as u8, kind: Kind::of(scalar.kind, scalar.width)? }),
            TypeInner::Matrix { .. } => Err(Refusal::Matrix),
            _ => Err(Refusal::Unsupported),
        }
    }
}

/// Name of a vector type without its scalar.
pub(super) fn vector_name(size: VectorSize) -> String {
    format!("V{}", size as u8)
}

/// A literal with all of its bits.
pub(super) fn literal(literal: Literal) -> Result<Code, Refusal> {
    match literal {
        // Rust prints the shortest decimal that reads back as the same float.
        Literal::F32(v) if v.is_sign_negative() => Ok(Code::open(format!("{v:?}_f32"))),
        Literal::F32(v) => Ok(Code::atom(format!("{v:?}_f32"))),
        Literal::U32(v) if v > 0xffff => Ok(Code::atom(format!("{v:#x}_u32"))),
        Literal::U32(v) => Ok(Code::atom(format!("{v}_u32"))),
        Literal::I32(v) if v < 0 => Ok(Code::open(format!("{v}_i32"))),
        Literal::I32(v) => Ok(Code::atom(format!("{v}_i32"))),
        Literal::Bool(v) => Ok(Code::atom(v.to_string())),
        _ => Err(Refusal::Scalar),
    }
}

impl Shader<'_> {
    pub(super) fn inner(&self, ty: Handle<Type>) -> &TypeInner {
        &self.module.types[ty].inner
    }

    /// A type as Rust writes it.
    pub(super) fn type_name(&self, ty: Handle<Type>) -> Result<String, Refusal> {
        match *self.inner(ty) {
            TypeInner::Scalar(Scalar { kind, width }) => Ok(Kind::of(kind, width)?.name().to_owned()),
            TypeInner::Vector { size, scalar } => Ok(format!("{}<{}>", vector_name(size), Kind::of(scalar.kind, scalar.width)?.name())),
            TypeInner::Array { base, size: ArraySize::Constant(length), .. } => Ok(format!("[{}; {length}]", self.type_name(base)?)),
            TypeInner::Struct { .. } => Ok(rust_name(item_name(&self.module.types[ty].name))),
            TypeInner::Pointer { base, space: AddressSpace::Function } => Ok(format!("&mut {}", self.type_name(base)?)),
            TypeInner::Pointer { space, .. } => Err(Refusal::AddressSpace(space)),
            TypeInner::Array { size: ArraySize::Dynamic, .. } => Err(Refusal::RuntimeSizedMember),
            TypeInner::Array { size: ArraySize::Pending(_), .. } => Err(Refusal::Override),
            TypeInner::Matrix { .. } | TypeInner::CooperativeMatrix { .. } => Err(Refusal::Matrix),
            TypeInner::Atomic(_) => Err(Refusal::Atomic),
            TypeInner::Image { .. } | TypeInner::Sampler { .. } => Err(Refusal::Texture),
            TypeInner::AccelerationStructure { .. } | TypeInner::RayQuery { .. } => Err(Refusal::RayQuery),
            TypeInner::ValuePointer { .. } | TypeInner::BindingArray { .. } => Err(Refusal::Unsupported),
        }
    }

    /// WGSL's zero value of a type.
    pub(super) fn zero(&self, ty: Handle<Type>) -> Result<Code, Refusal> {
        match self.inner(ty) {
            TypeInner::Scalar(scalar) => Ok(Code::atom(Kind::of(scalar.kind, scalar.width)?.zero())),
            TypeInner::Vector { size, scalar } => {
                Ok(Code::atom(format!("{}::splat({})", vector_name(*size), Kind::of(scalar.kind, scalar.width)?.zero())))
            }
            TypeInner::Array { base, size: ArraySize::Constant(length), .. } => {
                Ok(Code::atom(format!("[{}; {length}]", self.zero(*base)?)))
            }
            TypeInner::Struct { members, .. } => {
                let values = members.iter().map(|member| self.zero(member.ty)).collect::<Result<Vec<_>, _>>()?;
                self.struct_value(ty, &values)
            }
            _ => self.type_name(ty).and(Err(Refusal::Unsupported)),
        }
    }

    /// A struct literal. It is never an atom: Rust forbids a bare one in a condition.
    pub(super) fn struct_value(&self, ty: Handle<Type>, values: &[Code]) -> Result<Code, Refusal> {
        let TypeInner::Struct { members, .. } = self.inner(ty) else { return Err(Refusal::Unsupported) };
        let fields: Vec<_> = members.iter().zip(values).map(|(m, value)| format!("{}: {value}", rust_name(item_name(&m.name)))).collect();
        Ok(Code::open(format!("{} {{ {} }}", self.type_name(ty)?, fields.join(", "))))
    }

    /// Bytes that Rust gives a type of a buffer, after checking that all of its parts lie where WGSL puts them.
    /// Every scalar has 4 bytes and every alignment is 4, so Rust never pads.
    pub(super) fn checked_size(&self, ty: Handle<Type>) -> Result<u32, Refusal> {
        match self.inner(ty) {
            TypeInner::Scalar(_) => Ok(4),
            TypeInner::Vector { size, .. } => Ok(4 * *size as u32),
            TypeInner::Array { base, size, stride } => {
                let rust = self.checked_size(*base)?;
                match size {
                    _ if rust != *stride => Err(Refusal::Stride { wgsl: *stride, rust }),
                    ArraySize::Constant(length) => Ok(rust * length.get()),
                    ArraySize::Dynamic => Err(Refusal::RuntimeSizedMember),
                    ArraySize::Pending(_) => Err(Refusal::Override),
                }
            }
            TypeInner::Struct { members, span } => {
                let mut rust = 0;
                for member in members {
                    if member.offset != rust {
                        return Err(Refusal::Offset { member: item_name(&member.name).to_owned(), wgsl: member.offset, rust });
                    }
                    rust += self.checked_size(member.ty)?;
                }
                if *span == rust { Ok(rust) } else { Err(Refusal::Size { wgsl: *span, rust }) }
            }
            _ => self.type_name(ty).and(Err(Refusal::Unsupported)),
        }
    }
}
