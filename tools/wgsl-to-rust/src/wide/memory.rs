//! Variables and buffers, read and written by lane.

use super::super::error::{Fault, Refusal};
use super::super::expression::Code;
use super::super::is_writable;
use super::super::names::{item_name, rust_name};
use super::super::types::{Kind, Shape};
use super::function::LaneWriter;
use super::sites::root;
use super::types::Kept;
use naga::{AddressSpace, ArraySize, Expression, GlobalVariable, Handle, Statement, Type, TypeInner};

/// A step from a place into a part of it.
#[derive(Clone, Copy)]
enum Part {
    Fixed(u32),
    At(Handle<Expression>),
}

/// Something in a buffer.
struct Memory {
    /// A slice.
    buffer: String,
    /// Which element of the slice, by lane.
    element: Code,
    /// Where in the element, in words.
    word: u32,
    /// What is added to that, by lane.
    offset: Option<Code>,
}

impl LaneWriter<'_> {
    /// Loads a varying value.
    pub(super) fn load(&self, pointer: Handle<Expression>) -> Result<Code, Fault> {
        let (start, parts) = self.parts(pointer);
        if let Expression::GlobalVariable(global) = self.one.function.expressions[start] {
            let global = &self.wide.shader.module.global_variables[global];
            let (memory, ty) = self.memory(global, &parts)?;
            return match ty {
                Loaded::Type(ty) => Ok(self.gathered(&memory, ty)?),
                Loaded::Component(kind) => Ok(self.word(&memory, kind)),
            };
        }
        match self.varying_part(&parts) {
            None => Ok(Code::atom(parenthesised(&self.one.place(pointer)?.value()))),
            Some(_) => self.load_by_lane(pointer),
        }
    }

    /// The start of a place and the way from there, outermost first.
    fn parts(&self, mut pointer: Handle<Expression>) -> (Handle<Expression>, Vec<Part>) {
        let mut parts = Vec::new();
        loop {
            match self.one.function.expressions[pointer] {
                Expression::Access { base, index } => {
                    parts.push(Part::At(index));
                    pointer = base;
                }
                Expression::AccessIndex { base, index } => {
                    parts.push(Part::Fixed(index));
                    pointer = base;
                }
                _ => {
                    parts.reverse();
                    return (pointer, parts);
                }
            }
        }
    }

    fn varying_part(&self, parts: &[Part]) -> Option<usize> {
        parts.iter().position(|part| matches!(part, Part::At(index) if self.varies(*index)))
    }

    /// Loads from a variable by the one varying index on the way.
    fn load_by_lane(&self, pointer: Handle<Expression>) -> Result<Code, Fault> {
        let (container, index, after) = self.split_place(pointer)?;
        let place = Code::atom(parenthesised(&self.one.place(container)?.value()));
        let chosen = self.chosen_from(&place, self.pointee(container), index)?;
        Ok(Code::atom(self.along(chosen.to_string(), self.element(container)?, &after)?))
    }

    /// The container, the varying index into it, and the rest of the way.
    #[allow(clippy::type_complexity)]
    fn split_place(&self, pointer: Handle<Expression>) -> Result<(Handle<Expression>, Handle<Expression>, Vec<Part>), Fault> {
        let mut after = Vec::new();
        let mut here = pointer;
        loop {
            match self.one.function.expressions[here] {
                Expression::Access { base, index } if self.varies(index) => {
                    after.reverse();
                    let (_, before) = self.parts(base);
                    if self.varying_part(&before).is_some() {
                        return Err(Refusal::VaryingPlace.into());
                    }
                    return Ok((base, index, after));
                }
                Expression::Access { base, index } => {
                    after.push(Part::At(index));
                    here = base;
                }
                Expression::AccessIndex { base, index } => {
                    after.push(Part::Fixed(index));
                    here = base;
                }
                _ => return Err(Refusal::VaryingPlace.into()),
            }
        }
    }

    /// Type that a pointer leads to.
    fn pointee(&self, pointer: Handle<Expression>) -> &TypeInner {
        match self.inner(pointer) {
            TypeInner::Pointer { base, .. } => self.wide.shader.inner(*base),
            other => other,
        }
    }

    /// Type of an array's element; `None` for a vector's component.
    fn element(&self, container: Handle<Expression>) -> Result<Option<Handle<Type>>, Fault> {
        match self.pointee(container) {
            TypeInner::Array { base, .. } => Ok(Some(*base)),
            TypeInner::Vector { .. } => Ok(None),
            _ => Err(Refusal::Unsupported.into()),
        }
    }

    /// The text of a place after steps into it.
    fn along(&self, mut text: String, mut ty: Option<Handle<Type>>, parts: &[Part]) -> Result<String, Fault> {
        for part in parts {
            let inner = self.wide.shader.inner(ty.ok_or(Refusal::Unsupported)?);
            match (inner, part) {
                (TypeInner::Struct { members, .. }, Part::Fixed(index)) => {
                    let member = &members[*index as usize];
                    text = format!("{text}.{}", rust_name(item_name(&member.name)));
                    ty = Some(member.ty);
                }
                (TypeInner::Array { .. } | TypeInner::Vector { .. }, part) => {
                    let index = match part {
                        Part::Fixed(index) => index.to_string(),
                        Part::At(index) => format!("{} as usize", self.one.value(*index)?.operand()),
                    };
                    text = format!("{text}[{index}]");
                    ty = if let TypeInner::Array { base, .. } = inner { Some(*base) } else { None };
                }
                _ => return Err(Refusal::Unsupported.into()),
            }
        }
        Ok(text)
    }

    /// Writes a store under the current mask.
    pub(super) fn store(&mut self, statement: &Statement, pointer: Handle<Expression>, value: Handle<Expression>) -> Result<(), Fault> {
        let variable = root(self.one.function, pointer);
        if variable.is_some_and(|variable| !self.variant.variance.local(variable)) {
            let (place, value) = (self.one.place(pointer)?.value(), self.one.value(value)?);
            self.one.line(&format!("{place} = {value};"));
            return Ok(());
        }
        // What is lent may hold values of lanes that are not even in this function.
        let keeps = variable.is_none_or(|variable| self.variant.variance.parts(variable, self.variant.variance.path(statement)));
        let is_in_register = |variable: Handle<naga::LocalVariable>| {
            let ty = self.one.function.local_variables[variable].ty;
            matches!(self.wide.shader.inner(ty), TypeInner::Scalar(_) | TypeInner::Vector { .. })
        };
        let kept = if variable.is_some_and(is_in_register) { Kept::InRegister } else { Kept::InMemory };
        let (stored, inner) = (self.value(value)?, self.inner(value));
        let (_, parts) = self.parts(pointer);
        let live = self.live.clone();
        if self.varying_part(&parts).is_none() {
            let place = self.one.place(pointer)?.value();
            let stored = if keeps { self.wide.blend(inner, &live, &stored, &parenthesised(&place), kept) } else { stored.to_string() };
            self.one.line(&format!("{place} = {stored};"));
            return Ok(());
        }
        let (container, index, after) = self.split_place(pointer)?;
        let (place, at) = (self.one.place(container)?.value(), self.index(index)?);
        let line = match self.pointee(container) {
            TypeInner::Vector { .. } => format!("{}.put({at}, {live}, {stored});", parenthesised(&place)),
            TypeInner::Array { size: ArraySize::Constant(length), .. } => {
                let element = self.along(format!("{}[k]", parenthesised(&place)), self.element(container)?, &after)?;
                let blended =
                    self.wide.blend(inner, &format!("{live}.and(at.eq(U32s::splat(k as u32)))"), &Code::atom("stored"), &element, kept);
                format!(
                    "{{ let (at, stored) = (bounded({at}, {length}, {live}), {stored}); for k in 0..{length} {{ {element} = {blended}; }} }}"
                )
            }
            _ => return Err(Refusal::Unsupported.into()),
        };
        self.one.line(&line);
        Ok(())
    }

    /// A place to be lent to a function.
    pub(super) fn lent(&self, pointer: Handle<Expression>) -> Result<String, Fault> {
        let (_, parts) = self.parts(pointer);
        match self.varying_part(&parts) {
            None => Ok(self.one.place(pointer)?.borrowed()),
            Some(_) => Err(Refusal::VaryingPlace.into()),
        }
    }

    /// Whether a value is loaded from a buffer by lane.
    pub(super) fn is_gathered(&self, handle: Handle<Expression>) -> bool {
        match self.one.function.expressions[handle] {
            Expression::Load { pointer } => self.varies(handle) && self.one.is_constant_memory(pointer),
            _ => false,
        }
    }

    fn memory(&self, global: &GlobalVariable, parts: &[Part]) -> Result<(Memory, Loaded), Fault> {
        let name = item_name(&global.name);
        if is_writable(global) {
            return Err(Refusal::WritableBuffer { name: name.to_owned() }.into());
        }
        let shader = self.wide.shader;
        let field = format!("cx.{}", rust_name(name));
        let (mut memory, mut loaded, rest) = match (shader.inner(global.ty), global.space, parts) {
            (TypeInner::Array { base, size: ArraySize::Dynamic, .. }, AddressSpace::Storage { .. }, [first, rest @ ..]) => {
                let element = self.position(*first)?;
                (Memory { buffer: field, element, word: 0, offset: None }, Loaded::Type(*base), rest)
            }
            _ => {
                let buffer = format!("core::slice::from_ref({field})");
                (Memory { buffer, element: Code::atom("U32s::splat(0)"), word: 0, offset: None }, Loaded::Type(global.ty), parts)
            }
        };
        for part in rest {
            let Loaded::Type(ty) = loaded else { return Err(Refusal::Unsupported.into()) };
            let (length, stride, inner) = match shader.inner(ty) {
                TypeInner::Struct { members, .. } => {
                    let Part::Fixed(index) = part else { return Err(Refusal::Unsupported.into()) };
                    let member = &members[*index as usize];
                    memory.word += member.offset / 4;
                    loaded = Loaded::Type(member.ty);
                    continue;
                }
                TypeInner::Array { base, size: ArraySize::Constant(length), stride } => (length.get(), stride / 4, Loaded::Type(*base)),
                TypeInner::Vector { size, scalar } => (*size as u32, 1, Loaded::Component(Kind::of(scalar.kind, scalar.width)?)),
                _ => return Err(Refusal::Unsupported.into()),
            };
            loaded = inner;
            match part {
                Part::Fixed(index) => memory.word += index * stride,
                Part::At(_) => {
                    let bounded = format!("bounded({}, {length}, {})", self.position(*part)?, self.live);
                    let step = if stride == 1 { bounded } else { format!("{bounded}.mul(U32s::splat({stride}))") };
                    memory.offset = Some(Code::atom(match memory.offset {
                        None => step,
                        Some(offset) => format!("{offset}.add({step})"),
                    }));
                }
            }
        }
        Ok((memory, loaded))
    }

    fn position(&self, part: Part) -> Result<Code, Fault> {
        match part {
            Part::Fixed(index) => Ok(Code::atom(format!("U32s::splat({index})"))),
            Part::At(index) => self.index(index),
        }
    }

    /// One word of a buffer as a scalar.
    fn word(&self, memory: &Memory, kind: Kind) -> Code {
        let word = match &memory.offset {
            None => format!("U32s::splat({})", memory.word),
            Some(offset) if memory.word == 0 => offset.to_string(),
            Some(offset) => format!("{offset}.add(U32s::splat({}))", memory.word),
        };
        let bits = format!("gather_word({}, {}, {word}, {})", memory.buffer, memory.element, self.live);
        Code::atom(format!("{bits}{}", of_bits(kind)))
    }

    /// A value of any type from a buffer.
    fn gathered(&self, memory: &Memory, ty: Handle<Type>) -> Result<Code, Refusal> {
        let part = |word: u32| Memory {
            buffer: memory.buffer.clone(),
            element: memory.element.clone(),
            word: memory.word + word,
            offset: memory.offset.clone(),
        };
        match self.wide.shader.inner(ty) {
            TypeInner::Struct { members, .. } => {
                self.wide.type_name(ty)?;
                let values =
                    members.iter().map(|member| self.gathered(&part(member.offset / 4), member.ty)).collect::<Result<Vec<_>, _>>()?;
                self.wide.shader.struct_value(ty, &values)
            }
            TypeInner::Array { base, size: ArraySize::Constant(length), stride } => {
                let values = (0..length.get()).map(|k| self.gathered(&part(k * stride / 4), *base)).collect::<Result<Vec<_>, _>>()?;
                Ok(Code::atom(format!("[{}]", Code::list(&values))))
            }
            inner => {
                let shape = Shape::of(inner)?;
                match (shape.components, &memory.offset) {
                    (1, _) => Ok(self.word(memory, shape.kind)),
                    (4, None) => Ok(Code::atom(format!(
                        "gather_row({}, {}, {}, {}){}",
                        memory.buffer,
                        memory.element,
                        memory.word,
                        self.live,
                        of_bits(shape.kind)
                    ))),
                    (components, _) => {
                        let values: Vec<_> = (0..u32::from(components)).map(|k| self.word(&part(k), shape.kind)).collect();
                        Ok(Code::atom(format!("V{components}::new({})", Code::list(&values))))
                    }
                }
            }
        }
    }
}

/// What lies at a place in a buffer.
#[derive(Clone, Copy)]
enum Loaded {
    Type(Handle<Type>),
    /// One component of a vector.
    Component(Kind),
}

fn of_bits(kind: Kind) -> &'static str {
    match kind {
        Kind::F32 => ".bits_f32()",
        Kind::I32 => ".as_i32()",
        Kind::U32 | Kind::Bool => "",
    }
}

/// A place's text that can be followed by a method or an index.
fn parenthesised(place: &str) -> String {
    if place.starts_with('*') { format!("({place})") } else { place.to_owned() }
}
