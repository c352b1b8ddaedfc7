//! Primitives stored compressed (`KHR_draco_mesh_compression`): the one place that knows the decoder.

use std::{collections::BTreeMap, panic};

use draco_core::{DecodeLimits, DecoderBuffer, ErrorKind, Mesh, MeshDecoder, PointAttribute, draco_types::DataType};
use gltf::json::{
    Index,
    buffer::View,
    mesh::{Primitive, Semantic},
};
use serde::Deserialize;

use super::{accessor::Reader, fault::FaultKind};
use crate::TRIANGLES_MAX;

/// The extension's name.
const NAME: &str = "KHR_draco_mesh_compression";
/// Most bytes that all Draco data of a scene may unpack to; each triangle takes some 50.
pub(super) const UNPACKED_BYTES_MAX: u64 = 4 << 30;
/// Most bytes of one primitive.
const PRIMITIVE_BYTES_MAX: u64 = 2 << 30;

/// What a primitive says about its compressed bytes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Description {
    buffer_view: u32,
    attributes: BTreeMap<String, u32>,
}

/// A decoded primitive.
pub(super) struct Decoded {
    mesh: Mesh,
    /// The decoder's id of each attribute.
    ids: BTreeMap<String, u32>,
}

/// Decodes the primitive if it is compressed. `left` is how many bytes the rest of the scene may still unpack to.
pub(super) fn decode(reader: Reader<'_>, primitive: &Primitive, left: &mut u64) -> Result<Option<Decoded>, FaultKind> {
    let extension = primitive.extensions.as_ref().and_then(|extensions| extensions.others.get(NAME));
    let Some(extension) = extension else { return Ok(None) };
    let undecodable = |detail: &str| FaultKind::DracoUndecodable { detail: detail.chars().take(200).collect() };
    let Description { buffer_view, attributes: ids } =
        Description::deserialize(extension).map_err(|_| undecodable("its description is malformed"))?;
    let bytes = reader.view(Index::<View>::new(buffer_view)).map(|(bytes, _)| bytes);
    let bytes = bytes.ok_or_else(|| undecodable("its buffer view does not exist"))?;
    let bytes_max = PRIMITIVE_BYTES_MAX.min(*left);
    let limits = DecodeLimits::default().with_max_faces(TRIANGLES_MAX as u64).with_max_decoded_bytes(bytes_max);
    // The decoder returns errors for what it foresees. It is young and reads hostile bytes: a panic that it does not foresee is caught.
    let decoded = panic::catch_unwind(|| {
        let mut mesh = Mesh::new();
        MeshDecoder::new().decode(&mut DecoderBuffer::new(bytes).with_limits(limits), &mut mesh).map(|()| mesh)
    });
    let mesh = match decoded {
        Ok(Ok(mesh)) => mesh,
        Ok(Err(error)) if error.kind() == ErrorKind::LimitExceeded => return Err(FaultKind::UnpackedTooLarge { max: bytes_max }),
        Ok(Err(error)) => return Err(undecodable(error.message())),
        Err(_) => return Err(undecodable("the decoder gave up")),
    };
    let attributes = (0..mesh.num_attributes()).filter_map(|at| mesh.try_attribute(at).ok());
    let unpacked: u64 = attributes.map(|attribute| attribute.buffer().data_size() as u64).sum();
    *left = left.saturating_sub(unpacked + mesh.num_faces() as u64 * 12);
    Ok(Some(Decoded { mesh, ids }))
}

/// Whether the file is meant only for readers that know the extension.
pub(super) fn is_required(reader: Reader<'_>) -> bool {
    reader.root.extensions_required.iter().any(|name| name == NAME)
}

impl Decoded {
    /// Whether the compressed bytes hold this attribute.
    pub(super) fn has(&self, semantic: &Semantic) -> bool {
        self.ids.contains_key(&semantic.to_string())
    }

    /// Triangles over [`Self::floats`]' entries. The caller checks that they exist.
    pub(super) fn faces(&self) -> Vec<[u32; 3]> {
        self.mesh.faces().iter().map(|face| face.map(|point| point.0)).collect()
    }

    /// One entry per corner. `normalized` is what the attribute's accessor says about its integers.
    pub(super) fn floats<const N: usize>(&self, semantic: &Semantic, normalized: bool) -> Result<Vec<[f32; N]>, FaultKind> {
        let name = semantic.to_string();
        let attribute = self.ids.get(&name).and_then(|id| self.mesh.attribute_by_unique_id(*id));
        let fits = |attribute: &&PointAttribute| usize::from(attribute.num_components()) == N;
        let attribute = attribute.filter(fits).ok_or(FaultKind::DracoAttribute { attribute: name })?;
        let flat = attribute.read_f32s(self.mesh.num_points(), N);
        let mut values = flat.as_chunks::<N>().0.to_vec();
        let one = if normalized { one(attribute.data_type()) } else { 1.0 };
        if one != 1.0 {
            values.as_flattened_mut().iter_mut().for_each(|value| *value = (*value / one).max(-1.0));
        }
        Ok(values)
    }

    /// How many components the attribute has.
    pub(super) fn lanes(&self, semantic: &Semantic) -> Option<usize> {
        let attribute = self.mesh.attribute_by_unique_id(*self.ids.get(&semantic.to_string())?)?;
        Some(attribute.num_components().into())
    }
}

/// The integer that stands for 1.
fn one(kind: DataType) -> f32 {
    match kind {
        DataType::Int8 => 127.0,
        DataType::Uint8 => 255.0,
        DataType::Int16 => 32_767.0,
        DataType::Uint16 => 65_535.0,
        DataType::Int32 => i32::MAX as f32,
        DataType::Uint32 => u32::MAX as f32,
        _ => 1.0,
    }
}
