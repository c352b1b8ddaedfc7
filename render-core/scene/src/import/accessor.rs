//! Numbers out of buffers: every range is checked against bytes that exist before anything is allocated or read.

use std::collections::BTreeMap;

use gltf::json::{
    Accessor, Index, Root,
    accessor::{ComponentType, Type, sparse::Sparse},
    buffer::View,
    validation::Checked,
};

use super::{fault::FaultKind, meshopt};
use crate::TRIANGLES_MAX;

/// Most elements of one accessor: three indices for each of the most triangles a scene may have.
pub const ELEMENTS_MAX: u64 = 3 * TRIANGLES_MAX as u64;
/// Most elements of an accessor that has no bytes behind it and reads as zeros: such a claim costs the file nothing.
const ZEROS_MAX: u64 = 1 << 22;

/// Reads accessors of one document.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) root: &'a Root,
    pub(super) buffers: &'a [Vec<u8>],
    /// Buffer views that were stored compressed, by index.
    pub(super) unpacked: &'a BTreeMap<usize, Vec<u32>>,
}

/// An accessor whose whole range exists.
struct Elements<'a> {
    /// `None` reads as zeros.
    bytes: Option<&'a [u8]>,
    stride: usize,
    count: usize,
    component: ComponentType,
    normalized: bool,
}

impl<'a> Reader<'a> {
    /// The bytes of a buffer view.
    pub(super) fn view(&self, index: Index<View>) -> Option<(&'a [u8], &'a View)> {
        let view = self.root.buffer_views.get(index.value())?;
        if let Some(words) = self.unpacked.get(&index.value()) {
            return Some((meshopt::bytes(words, view)?, view));
        }
        let buffer = self.buffers.get(view.buffer.value())?;
        let start = usize::try_from(view.byte_offset.unwrap_or_default().0).ok()?;
        let end = start.checked_add(usize::try_from(view.byte_length.0).ok()?)?;
        Some((buffer.get(start..end)?, view))
    }

    /// Whether integers stand for fractions.
    pub(super) fn normalized(&self, index: Index<Accessor>) -> bool {
        self.root.accessors.get(index.value()).is_some_and(|accessor| accessor.normalized)
    }

    /// Whether there is anything behind an accessor but zeros.
    pub(super) fn has_bytes(&self, index: Index<Accessor>) -> bool {
        self.root.accessors.get(index.value()).is_some_and(|accessor| accessor.buffer_view.is_some() || accessor.sparse.is_some())
    }

    /// How many components each element has.
    pub(super) fn lanes(&self, index: Index<Accessor>) -> Result<usize, FaultKind> {
        let accessor = index.value();
        match self.root.accessors.get(accessor) {
            Some(Accessor { type_: Checked::Valid(kind), .. }) => Ok(kind.multiplicity()),
            _ => Err(FaultKind::AccessorDangling { accessor }),
        }
    }

    /// Elements of `N` components as floats; normalized integers as glTF 2.0 section 3.11 says, others by value.
    pub(super) fn floats<const N: usize>(&self, index: Index<Accessor>) -> Result<Vec<[f32; N]>, FaultKind> {
        let accessor = self.accessor(index)?;
        let elements = self.elements(index, accessor, N)?;
        let mut out = vec![[0.0; N]; elements.count];
        let read = |bytes: &[u8], stride: usize, at: usize| -> [f32; N] {
            std::array::from_fn(|lane| {
                decode(&bytes[at * stride + lane * elements.component.size()..], elements.component, elements.normalized)
            })
        };
        if let Some(bytes) = elements.bytes {
            for (at, slot) in out.iter_mut().enumerate() {
                *slot = read(bytes, elements.stride, at);
            }
        }
        if let Some(sparse) = &accessor.sparse {
            let size = N * elements.component.size();
            let (targets, values) = self.sparse(index.value(), sparse, size)?;
            for (at, target) in targets.into_iter().enumerate() {
                *out.get_mut(target as usize).ok_or(FaultKind::AccessorSparse { accessor: index.value() })? = read(values, size, at);
            }
        }
        Ok(out)
    }

    /// Unsigned scalars.
    pub(super) fn indices(&self, index: Index<Accessor>) -> Result<Vec<u32>, FaultKind> {
        let accessor = self.accessor(index)?;
        let elements = self.elements(index, accessor, 1)?;
        let component = elements.component;
        if !matches!(component, ComponentType::U8 | ComponentType::U16 | ComponentType::U32) {
            return Err(FaultKind::AccessorType { accessor: index.value() });
        }
        let mut out = match elements.bytes {
            Some(bytes) => (0..elements.count).map(|at| decode_unsigned(&bytes[at * elements.stride..], component)).collect(),
            None => vec![0; elements.count],
        };
        if let Some(sparse) = &accessor.sparse {
            let (targets, values) = self.sparse(index.value(), sparse, component.size())?;
            for (at, target) in targets.into_iter().enumerate() {
                let slot = out.get_mut(target as usize).ok_or(FaultKind::AccessorSparse { accessor: index.value() })?;
                *slot = decode_unsigned(&values[at * component.size()..], component);
            }
        }
        Ok(out)
    }

    fn accessor(&self, index: Index<Accessor>) -> Result<&'a Accessor, FaultKind> {
        self.root.accessors.get(index.value()).ok_or(FaultKind::AccessorDangling { accessor: index.value() })
    }

    fn elements(&self, index: Index<Accessor>, accessor: &'a Accessor, lanes: usize) -> Result<Elements<'a>, FaultKind> {
        let accessor_index = index.value();
        let (Checked::Valid(component), Checked::Valid(kind)) = (accessor.component_type, accessor.type_) else {
            return Err(FaultKind::AccessorType { accessor: accessor_index });
        };
        let component = component.0;
        // Columns of small components have padding between them; a 4×4 of floats has none and reads as 16 numbers.
        let padded = matches!(kind, Type::Mat2 | Type::Mat3) || (kind == Type::Mat4 && component != ComponentType::F32);
        if kind.multiplicity() != lanes || padded {
            return Err(FaultKind::AccessorType { accessor: accessor_index });
        }
        let max = if accessor.buffer_view.is_some() { ELEMENTS_MAX } else { ZEROS_MAX };
        let count = accessor.count.0;
        if count > max {
            return Err(FaultKind::AccessorTooLong { accessor: accessor_index, count, max });
        }
        let size = lanes * component.size();
        let mut elements = Elements { bytes: None, stride: size, count: count as usize, component, normalized: accessor.normalized };
        if let Some(view_index) = accessor.buffer_view {
            let (bytes, view) = self.view(view_index).ok_or(FaultKind::AccessorDangling { accessor: accessor_index })?;
            let stride = view.byte_stride.map_or(size, |stride| stride.0).max(size);
            let offset = accessor.byte_offset.unwrap_or_default().0;
            let bytes = in_bounds(accessor_index, bytes, offset, stride, size, count)?;
            elements = Elements { bytes: Some(bytes), stride, ..elements };
        }
        Ok(elements)
    }

    /// The target indices of a sparse accessor and the tightly packed bytes of their values.
    fn sparse(&self, accessor: usize, sparse: &Sparse, size: usize) -> Result<(Vec<u32>, &'a [u8]), FaultKind> {
        let Checked::Valid(component) = sparse.indices.component_type else { return Err(FaultKind::AccessorType { accessor }) };
        let component = component.0;
        let count = sparse.count.0;
        if count > ELEMENTS_MAX {
            return Err(FaultKind::AccessorTooLong { accessor, count, max: ELEMENTS_MAX });
        }
        let view = |index| self.view(index).map(|(bytes, _)| bytes).ok_or(FaultKind::AccessorDangling { accessor });
        let step = component.size();
        let targets = in_bounds(accessor, view(sparse.indices.buffer_view)?, sparse.indices.byte_offset.0, step, step, count)?;
        let values = in_bounds(accessor, view(sparse.values.buffer_view)?, sparse.values.byte_offset.0, size, size, count)?;
        Ok(((0..count as usize).map(|at| decode_unsigned(&targets[at * step..], component)).collect(), values))
    }
}

/// The bytes from `offset` on, if `count` elements fit.
fn in_bounds(accessor: usize, bytes: &[u8], offset: u64, stride: usize, size: usize, count: u64) -> Result<&[u8], FaultKind> {
    let span = match count {
        0 => Some(0),
        _ => (count - 1).checked_mul(stride as u64).and_then(|span| span.checked_add(size as u64)),
    };
    let needed = span.and_then(|span| span.checked_add(offset)).unwrap_or(u64::MAX);
    let present = bytes.len() as u64;
    if needed > present {
        return Err(FaultKind::AccessorOutOfBounds { accessor, needed, present });
    }
    Ok(&bytes[offset as usize..])
}

/// The caller has checked that the component's bytes are there.
fn decode(bytes: &[u8], component: ComponentType, normalized: bool) -> f32 {
    let (value, one) = match component {
        ComponentType::F32 => return f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
        ComponentType::I8 => (f32::from(bytes[0].cast_signed()), 127.0),
        ComponentType::U8 => (f32::from(bytes[0]), 255.0),
        ComponentType::I16 => (f32::from(i16::from_le_bytes([bytes[0], bytes[1]])), 32_767.0),
        ComponentType::U16 => (f32::from(u16::from_le_bytes([bytes[0], bytes[1]])), 65_535.0),
        ComponentType::U32 => (decode_unsigned(bytes, component) as f32, u32::MAX as f32),
    };
    if normalized { (value / one).max(-1.0) } else { value }
}

fn decode_unsigned(bytes: &[u8], component: ComponentType) -> u32 {
    match component {
        ComponentType::I8 | ComponentType::U8 => bytes[0].into(),
        ComponentType::I16 | ComponentType::U16 => u16::from_le_bytes([bytes[0], bytes[1]]).into(),
        ComponentType::U32 | ComponentType::F32 => u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
    }
}
