//! Copies of one node's mesh (`EXT_mesh_gpu_instancing`).

use glam::{DMat4, DQuat, DVec3, DVec4};
use gltf::json::{Accessor, Index, Node};
use serde::Deserialize;

use super::{accessor::Reader, animation::to_rotation, deform::wide, fault::FaultKind};

/// The extension's name.
const NAME: &str = "EXT_mesh_gpu_instancing";

#[derive(Deserialize)]
struct Description {
    attributes: Attributes,
}

/// Attributes of another name are the application's own.
#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
struct Attributes {
    translation: Option<u32>,
    rotation: Option<u32>,
    scale: Option<u32>,
}

/// Where the copies stand in their node's space, at most `max` of them; nothing if the node is a plain one.
pub(super) fn copies(reader: Reader<'_>, node: &Node, max: usize) -> Result<Option<Vec<DMat4>>, FaultKind> {
    let Some(extension) = node.extensions.as_ref().and_then(|extensions| extensions.others.get(NAME)) else { return Ok(None) };
    let Description { attributes } = Description::deserialize(extension).map_err(|_| FaultKind::InstancesMalformed)?;
    let Attributes { translation, rotation, scale } = attributes;
    let accessor = Index::<Accessor>::new;
    let translations = translation.map(|index| reader.floats::<3>(accessor(index))).transpose()?;
    let rotations = rotation.map(|index| reader.floats::<4>(accessor(index))).transpose()?;
    let scales = scale.map(|index| reader.floats::<3>(accessor(index))).transpose()?;
    let lengths = [translations.as_ref().map(Vec::len), rotations.as_ref().map(Vec::len), scales.as_ref().map(Vec::len)];
    let count = lengths.into_iter().flatten().next().ok_or(FaultKind::InstancesMalformed)?;
    if lengths.into_iter().flatten().any(|other| other != count) {
        return Err(FaultKind::InstancesMalformed);
    }
    if count > max {
        return Err(FaultKind::TooMuch { things: "instances", max: crate::INSTANCES_MAX });
    }
    let vector = |list: &Option<Vec<[f32; 3]>>, at: usize, default| list.as_ref().map_or(default, |list| wide(list[at]));
    let copy = |at: usize| {
        let rotation = rotations.as_ref().map_or(DQuat::IDENTITY, |list| to_rotation(DVec4::from_array(list[at].map(f64::from))));
        let (scale, translation) = (vector(&scales, at, DVec3::ONE), vector(&translations, at, DVec3::ZERO));
        DMat4::from_scale_rotation_translation(scale, rotation, translation)
    };
    Ok(Some((0..count).map(copy).collect()))
}
