//! Types of many lanes: `F32s`, `V3<F32s>`, structs of the same name as the scalar ones, and the call of an extern.

use super::super::error::{Fault, Item, Refusal, WriteError};
use super::super::expression::Code;
use super::super::names::{item_name, rust_name};
use super::super::types::{Kind, vector_name};
use super::Wide;
use super::variants::Variant;
use naga::{AddressSpace, ArraySize, Handle, Scalar, Type, TypeInner};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The structs that were named so far.
pub(super) type Used = RefCell<BTreeSet<Handle<Type>>>;

/// Name of a scalar of each lane.
pub(super) fn scalar_name(kind: Kind) -> &'static str {
    match kind {
        Kind::F32 => "F32s",
        Kind::U32 => "U32s",
        Kind::I32 => "I32s",
        Kind::Bool => "Mask",
    }
}

/// Where the earlier values are that a blend keeps.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    InRegister,
    InMemory,
}

impl Wide<'_> {
    /// A type of many lanes as Rust writes it.
    pub(super) fn type_name(&self, ty: Handle<Type>) -> Result<String, Refusal> {
        match *self.shader.inner(ty) {
            TypeInner::Scalar(Scalar { kind, width }) => Ok(scalar_name(Kind::of(kind, width)?).to_owned()),
            TypeInner::Vector { size, scalar } => {
                Ok(format!("{}<{}>", vector_name(size), scalar_name(Kind::of(scalar.kind, scalar.width)?)))
            }
            TypeInner::Array { base, size: ArraySize::Constant(length), .. } => Ok(format!("[{}; {length}]", self.type_name(base)?)),
            TypeInner::Pointer { base, space: AddressSpace::Function } => Ok(format!("&mut {}", self.type_name(base)?)),
            TypeInner::Struct { .. } => {
                self.used.borrow_mut().insert(ty);
                self.shader.type_name(ty)
            }
            _ => self.shader.type_name(ty).and(Err(Refusal::Unsupported)),
        }
    }

    /// The type of a parameter: structs are long, so they are lent.
    pub(super) fn parameter_type(&self, ty: Handle<Type>) -> Result<String, Refusal> {
        let name = self.type_name(ty)?;
        Ok(if self.is_lent(ty) { format!("&{name}") } else { name })
    }

    /// Whether arguments of a type are lent.
    pub(super) fn is_lent(&self, ty: Handle<Type>) -> bool {
        matches!(self.shader.inner(ty), TypeInner::Struct { .. })
    }

    /// A scalar value in all lanes.
    pub(super) fn widened(&self, inner: &TypeInner, value: &Code) -> Result<Code, Refusal> {
        match *inner {
            TypeInner::Scalar(Scalar { kind, width }) => Ok(Code::atom(format!("{}::splat({value})", scalar_name(Kind::of(kind, width)?)))),
            TypeInner::Vector { size, scalar } => {
                let scalar = scalar_name(Kind::of(scalar.kind, scalar.width)?);
                Ok(Code::atom(format!("{}::<{scalar}>::wide({value})", vector_name(size))))
            }
            TypeInner::Array { base, size: ArraySize::Constant(_), .. } => {
                let element = self.widened(self.shader.inner(base), &Code::atom("lanes"))?;
                Ok(Code::atom(format!("{}.map(|lanes| {element})", value.operand())))
            }
            _ => Err(Refusal::Unsupported),
        }
    }

    /// WGSL's zero value of a type.
    pub(super) fn zero(&self, ty: Handle<Type>) -> Result<Code, Refusal> {
        match self.shader.inner(ty) {
            TypeInner::Vector { size, scalar } => {
                let kind = Kind::of(scalar.kind, scalar.width)?;
                Ok(Code::atom(format!("{}::splat({}::splat({}))", vector_name(*size), scalar_name(kind), kind.zero())))
            }
            TypeInner::Array { base, size: ArraySize::Constant(length), .. } => {
                Ok(Code::atom(format!("[{}; {length}]", self.zero(*base)?)))
            }
            TypeInner::Struct { members, .. } => {
                self.type_name(ty)?;
                let values = members.iter().map(|member| self.zero(member.ty)).collect::<Result<Vec<_>, _>>()?;
                self.shader.struct_value(ty, &values)
            }
            inner => self.widened(inner, &self.shader.zero(ty)?),
        }
    }

    /// `yes` where the mask is set, else `no`, which is kept in memory or in a register.
    pub(super) fn blend(&self, inner: &TypeInner, mask: &str, yes: &Code, no: &str, kept: Kept) -> String {
        match (inner, kept) {
            (TypeInner::Array { base, .. }, _) => {
                let element = self.blend(self.shader.inner(*base), mask, &Code::atom("yes[k]"), "no[k]", kept);
                format!("{{ let (yes, no) = ({yes}, {no}); core::array::from_fn(|k| {element}) }}")
            }
            (TypeInner::Struct { .. }, _) | (_, Kept::InMemory) => format!("{}.merge({mask}, {no})", yes.operand()),
            _ => format!("{}.when({mask}, {no})", yes.operand()),
        }
    }

    /// The structs that the functions name, and those within them.
    pub(super) fn structs(&self) -> Result<String, WriteError> {
        let mut written = BTreeSet::new();
        let mut texts = std::collections::BTreeMap::new();
        loop {
            let next = self.used.borrow().iter().copied().find(|ty| !written.contains(ty));
            let Some(ty) = next else { break };
            written.insert(ty);
            let place = |refusal| Fault::from(refusal).at(self.shader.module.types.get_span(ty));
            let item = || Item::Struct(item_name(&self.shader.module.types[ty].name).to_owned());
            texts.insert(ty, self.one_struct(ty).map_err(|refusal| self.shader.refused(item(), place(refusal)))?);
        }
        Ok(texts.into_values().collect())
    }

    fn one_struct(&self, ty: Handle<Type>) -> Result<String, Refusal> {
        let TypeInner::Struct { members, .. } = self.shader.inner(ty) else { return Err(Refusal::Unsupported) };
        let name = self.shader.type_name(ty)?;
        let [mut fields, mut merge, mut lane] = [const { String::new() }; 3];
        for member in members {
            let field = rust_name(item_name(&member.name));
            let inner = self.shader.inner(member.ty);
            let _ = writeln!(fields, "    pub {field}: {},", self.type_name(member.ty)?);
            let (own, other) = (Code::atom(format!("self.{field}")), format!("other.{field}"));
            let _ = writeln!(merge, "            {field}: {},", self.blend(inner, "mask", &own, &other, Kept::InMemory));
            let _ = match inner {
                TypeInner::Array { .. } => writeln!(lane, "            {field}: core::array::from_fn(|k| self.{field}[k].lane(lane)),"),
                _ => writeln!(lane, "            {field}: self.{field}.lane(lane),"),
            };
        }
        let method = "    wide! {\n    #[inline]\n    pub fn";
        Ok(format!(
            "\n#[derive(Clone, Copy)]\npub struct {name} {{\n{fields}}}\n\nimpl {name} {{\n\
             {method} merge(self, mask: Mask, other: Self) -> Self {{\n        Self {{\n{merge}        }}\n    }}\n    }}\n\n\
             {method} lane(self, lane: usize) -> one::{name} {{\n        one::{name} {{\n{lane}        }}\n    }}\n    }}\n}}\n"
        ))
    }

    /// The call of an extern; adds its declaration to the driver's trait.
    pub(super) fn extern_call(&self, variant: &Variant, name: &str, declarations: &mut String) -> Result<String, Fault> {
        let function = &self.shader.module.functions[variant.function];
        let (mut parameters, mut arguments) = (vec!["live: Mask".to_owned()], vec!["cx".to_owned(), "live".to_owned()]);
        for argument in &function.arguments {
            if let TypeInner::Pointer { .. } = self.shader.inner(argument.ty) {
                return Err(Refusal::ExternPointer.into());
            }
            let name = rust_name(argument.name.as_deref().unwrap_or("unused"));
            parameters.push(format!("{name}: {}", self.parameter_type(argument.ty)?));
            arguments.push(name);
        }
        let (parameters, arguments) = (parameters.join(", "), arguments.join(", "));
        let result = match &function.result {
            Some(result) => format!(" -> {}", self.type_name(result.ty)?),
            None => String::new(),
        };
        let _ = writeln!(
            declarations,
            "    /// # Safety\n    /// The processor has what the lanes need.\n    unsafe fn {name}_of_lanes(&self, cx: &{}, {parameters}){result};",
            self.shader.context_type("'_", "Self")
        );
        Ok(format!(
            "wide! {{\n#[inline]\nfn {name}<X: Ext>(cx: &{}, {parameters}){result} {{\n    \
             // SAFETY: this function says itself what the lanes need.\n    unsafe {{ cx.ext.{name}_of_lanes({arguments}) }}\n}}\n}}\n",
            self.shader.context_type("'_", "X")
        ))
    }
}
