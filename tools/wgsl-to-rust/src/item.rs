//! Declarations other than functions: structs, constants, the context of buffers, the trait of externs.

use super::error::{Fault, Item, Refusal, WriteError};
use super::expression::Code;
use super::names::{item_name, rust_name};
use super::types::{literal, vector_name};
use super::{Shader, is_writable};
use naga::{AddressSpace, ArraySize, Expression, GlobalVariable, Handle, Type, TypeInner};
use std::collections::BTreeSet;
use std::fmt::Write as _;

impl Shader<'_> {
    /// All structs, with assertions about the layout of those that lie in buffers.
    pub(super) fn structs(&self) -> Result<String, WriteError> {
        let in_buffers = self.structs_in_buffers();
        let mut text = String::new();
        for (handle, ty) in self.module.types.iter().filter(|(_, ty)| matches!(ty.inner, TypeInner::Struct { .. })) {
            let name = item_name(&ty.name);
            let written = self.one_struct(handle, in_buffers.contains(name));
            let place = |refusal| Fault::from(refusal).at(self.module.types.get_span(handle));
            text += &written.map_err(|refusal| self.refused(Item::Struct(name.to_owned()), place(refusal)))?;
        }
        Ok(text)
    }

    /// Names of the structs that the driver's memory holds.
    pub(super) fn structs_in_buffers(&self) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        for (_, global) in self.module.global_variables.iter().filter(|(_, global)| !is_writable(global)) {
            self.structs_within(global.ty, &mut found);
        }
        found
    }

    fn structs_within<'s>(&'s self, ty: Handle<Type>, found: &mut BTreeSet<&'s str>) {
        match self.inner(ty) {
            TypeInner::Array { base, .. } => self.structs_within(*base, found),
            TypeInner::Struct { members, .. } => {
                found.insert(item_name(&self.module.types[ty].name));
                members.iter().for_each(|member| self.structs_within(member.ty, found));
            }
            _ => {}
        }
    }

    fn one_struct(&self, handle: Handle<Type>, in_buffer: bool) -> Result<String, Refusal> {
        let TypeInner::Struct { members, span } = self.inner(handle) else { return Err(Refusal::Unsupported) };
        let name = self.type_name(handle)?;
        let mut text = format!("\n#[repr(C)]\n#[derive(Clone, Copy, Debug, PartialEq)]\npub struct {name} {{\n");
        for member in members {
            let _ = writeln!(text, "    pub {}: {},", rust_name(item_name(&member.name)), self.type_name(member.ty)?);
        }
        text += "}\n";
        if in_buffer {
            self.checked_size(handle)?;
            for member in members {
                let field = rust_name(item_name(&member.name));
                let _ = writeln!(text, "const _: () = assert!(core::mem::offset_of!({name}, {field}) == {});", member.offset);
            }
            let _ = writeln!(text, "const _: () = assert!(size_of::<{name}>() == {span});");
        }
        Ok(text)
    }

    /// All named constants.
    pub(super) fn constants(&self) -> Result<String, WriteError> {
        if let Some((handle, value)) = self.module.overrides.iter().next() {
            let place = Fault::from(Refusal::Override).at(self.module.overrides.get_span(handle));
            return Err(self.refused(Item::Constant(value.name.clone().unwrap_or_default()), place));
        }
        let mut text = "\n".to_owned();
        for (handle, constant) in self.module.constants.iter() {
            let Some(name) = &constant.name else { continue };
            let place =
                |refusal| self.refused(Item::Constant(name.clone()), Fault::from(refusal).at(self.module.constants.get_span(handle)));
            let ty = self.type_name(constant.ty).map_err(place)?;
            let value = self.constant_value(constant.init).map_err(place)?;
            let _ = writeln!(text, "pub const {}: {ty} = {value};", rust_name(name));
        }
        Ok(text)
    }

    /// A constant expression of module level, folded by the front end already.
    pub(super) fn constant_value(&self, handle: Handle<Expression>) -> Result<Code, Refusal> {
        match &self.module.global_expressions[handle] {
            Expression::Literal(value) => literal(*value),
            Expression::Constant(constant) => self.constant_value(self.module.constants[*constant].init),
            Expression::ZeroValue(ty) => self.zero(*ty),
            Expression::Splat { size, value } => Ok(Code::atom(format!("{}::splat({})", vector_name(*size), self.constant_value(*value)?))),
            Expression::Compose { ty, components } => self.constant_composite(*ty, components),
            _ => Err(Refusal::Unsupported),
        }
    }

    fn constant_composite(&self, ty: Handle<Type>, components: &[Handle<Expression>]) -> Result<Code, Refusal> {
        // Vectors made of vectors are taken apart: Rust's constants can't call conversions.
        let expressions = &self.module.global_expressions;
        let flat: Vec<_> = match self.inner(ty) {
            TypeInner::Vector { .. } => naga::proc::flatten_compose(ty, components, expressions, &self.module.types).collect(),
            _ => components.to_vec(),
        };
        let values = flat.into_iter().map(|part| self.constant_value(part)).collect::<Result<Vec<_>, _>>()?;
        match self.inner(ty) {
            TypeInner::Vector { size, .. } if values.len() == *size as usize => {
                Ok(Code::atom(format!("{}::new({})", vector_name(*size), Code::list(&values))))
            }
            TypeInner::Array { .. } => Ok(Code::atom(format!("[{}]", Code::list(&values)))),
            _ => self.struct_value(ty, &values),
        }
    }

    /// The struct that holds the buffers, and the trait of externs.
    pub(super) fn context(&self) -> Result<String, WriteError> {
        let mut fields = String::new();
        for (handle, global) in self.module.global_variables.iter() {
            if is_writable(global) {
                continue;
            }
            let name = item_name(&global.name);
            let place = |refusal| Fault::from(refusal).at(self.module.global_variables.get_span(handle));
            let ty = self.buffer_type(global).map_err(|refusal| self.refused(Item::Variable(name.to_owned()), place(refusal)))?;
            let _ = writeln!(fields, "    pub {}: {ty},", rust_name(name));
        }
        let mut text = String::new();
        if self.has_buffers() || self.has_externs() {
            let ext = if self.has_externs() { "    pub ext: X,\n" } else { "" };
            let _ = write!(text, "\npub struct {} {{\n{ext}{fields}}}\n", self.context_type("'g", "X"));
        }
        if self.has_externs() {
            text += &self.extern_trait()?;
        }
        Ok(text)
    }

    fn buffer_type(&self, global: &GlobalVariable) -> Result<String, Refusal> {
        match (self.inner(global.ty), global.space) {
            (TypeInner::Array { base, size: ArraySize::Dynamic, stride }, AddressSpace::Storage { .. }) => {
                let rust = self.checked_size(*base)?;
                if rust != *stride {
                    return Err(Refusal::Stride { wgsl: *stride, rust });
                }
                Ok(format!("&'g [{}]", self.type_name(*base)?))
            }
            (_, AddressSpace::Uniform | AddressSpace::Storage { .. }) => {
                self.checked_size(global.ty)?;
                Ok(format!("&'g {}", self.type_name(global.ty)?))
            }
            (_, AddressSpace::Handle) => self.type_name(global.ty).and(Err(Refusal::Unsupported)),
            (_, AddressSpace::WorkGroup) => Err(Refusal::Workgroup),
            (_, space) => Err(Refusal::AddressSpace(space)),
        }
    }

    fn extern_trait(&self) -> Result<String, WriteError> {
        let mut text = "\n/// What the driver does in its own way.\npub trait Ext: Sized {\n".to_owned();
        let first = format!("&self, cx: &{}", self.context_type("'_", "Self"));
        for (handle, function) in self.module.functions.iter().filter(|(_, function)| self.is_extern(function)) {
            let names: Vec<_> = function.arguments.iter().map(|argument| rust_name(item_name(&argument.name))).collect();
            let place = |refusal| Fault::from(refusal).at(self.module.functions.get_span(handle));
            let item = Item::Function(item_name(&function.name).to_owned());
            let signature = self.signature(function, "", &first, &names).map_err(|refusal| self.refused(item, place(refusal)))?;
            let _ = writeln!(text, "    {signature};");
        }
        Ok(text + "}\n")
    }

    pub(super) fn has_externs(&self) -> bool {
        !self.options.externs.is_empty()
    }

    pub(super) fn has_buffers(&self) -> bool {
        self.module.global_variables.iter().any(|(_, global)| !is_writable(global))
    }

    /// The context's type with the parameters that it has.
    pub(super) fn context_type(&self, lifetime: &str, ext: &str) -> String {
        let lifetime = self.has_buffers().then_some(lifetime);
        let ext = self.has_externs().then_some(ext);
        let parameters: Vec<_> = lifetime.into_iter().chain(ext).collect();
        match parameters.as_slice() {
            [] => self.options.context_name.to_owned(),
            _ => format!("{}<{}>", self.options.context_name, parameters.join(", ")),
        }
    }
}
