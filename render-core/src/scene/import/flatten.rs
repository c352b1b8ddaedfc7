//! Instances flattened: each primitive built once, then set into the world wherever a node places it.

use std::{collections::BTreeMap, rc::Rc};

use glam::{DMat3, DMat4, DVec3};

use super::{
    container::Document,
    fault::{FaultKind, Faults, Place},
    material::{Materials, Worn},
    mesh::{self, Geometry},
    node::Instance,
};
use crate::scene::{Image, Material, POSITION_MAX_M, TRIANGLES_MAX, Triangle, VERTICES_MAX, Vertex};

/// The scene's geometry and what it wears.
#[derive(Default)]
pub(super) struct Flat {
    pub(super) vertices: Vec<Vertex>,
    pub(super) triangles: Vec<Triangle>,
    pub(super) materials: Vec<Material>,
    pub(super) images: Vec<Image>,
}

impl Flat {
    /// Whether any surface gives off light. Only materials that some triangle wears are in the list.
    pub(super) fn glows(&self) -> bool {
        let lit = |color: &[f32]| color.iter().any(|channel| *channel > 0.0);
        self.materials.iter().any(|material| lit(&material.emissive) || (material.unlit && lit(&material.base_color[..3])))
    }
}

/// Builds and places every instance.
pub(super) fn flatten(document: &Document, instances: &[Instance], faults: &mut Faults) -> Flat {
    let mut flat = Flat::default();
    let mut materials = Materials::default();
    let mut built = BTreeMap::new();
    for instance in instances {
        let parts = built.entry(instance.mesh).or_insert_with(|| build_mesh(document, instance.mesh, &mut materials, faults)).clone();
        for (geometry, worn) in parts.iter() {
            if let Err(fault) = place(&mut flat, geometry, *worn, instance.to_world) {
                let name = document.root.meshes.get(instance.mesh).and_then(|mesh| mesh.name.clone());
                faults.error(fault, Place::Primitive { mesh: instance.mesh, name, primitive: 0 });
                return flat;
            }
        }
    }
    if flat.triangles.is_empty() && !faults.has_errors() {
        faults.error(FaultKind::NoTriangles, Place::Scene);
    }
    flat.materials = materials.list;
    flat.images = materials.images.list;
    flat
}

/// Each drawn primitive of a mesh, with what it wears.
type Parts = Rc<Vec<(Geometry, Worn)>>;

fn build_mesh(document: &Document, index: usize, materials: &mut Materials, faults: &mut Faults) -> Parts {
    let Some(mesh) = document.root.meshes.get(index) else { return Parts::default() };
    let mut parts = Vec::new();
    for (p, primitive) in mesh.primitives.iter().enumerate() {
        let here = || Place::Primitive { mesh: index, name: mesh.name.clone(), primitive: p };
        if !mesh::is_drawn(primitive) {
            faults.warn(FaultKind::ModeSkipped, here());
            continue;
        }
        let worn = materials.wear(document, primitive.material.map(|material| material.value()), faults);
        let mut warnings = Vec::new();
        let geometry = mesh::build(document.reader(), primitive, worn, &mut warnings);
        warnings.into_iter().for_each(|warning| faults.warn(warning, here()));
        parts.extend(faults.keep(geometry, here).map(|geometry| (geometry, worn)));
    }
    Rc::new(parts)
}

fn place(flat: &mut Flat, geometry: &Geometry, worn: Worn, to_world: DMat4) -> Result<(), FaultKind> {
    if flat.vertices.len() + geometry.vertices.len() > VERTICES_MAX {
        return Err(FaultKind::TooMuch { things: "vertices", max: VERTICES_MAX });
    }
    if flat.triangles.len() + geometry.triangles.len() > TRIANGLES_MAX {
        return Err(FaultKind::TooMuch { things: "triangles", max: TRIANGLES_MAX });
    }
    let first = flat.vertices.len() as u32;
    let linear = DMat3::from_mat4(to_world);
    let mirrored = linear.determinant() < 0.0;
    let turn = if mirrored { -1.0 } else { 1.0 };
    // The cofactor matrix is the inverse transpose times the determinant; unlike the inverse it also exists for flattened objects.
    let (x, y, z) = (linear.x_axis, linear.y_axis, linear.z_axis);
    let normals = DMat3::from_cols(y.cross(z), z.cross(x), x.cross(y)) * turn;
    let wide = |v: [f32; 3]| DVec3::from_array(v.map(f64::from));
    let direction = |v: DVec3, old: [f32; 3]| v.try_normalize().map_or(old, |unit| unit.as_vec3().to_array());
    for vertex in &geometry.vertices {
        let position = to_world.transform_point3(wide(vertex.position)).as_vec3();
        let near = position.is_finite() && position.abs().max_element() <= POSITION_MAX_M;
        if !near {
            return Err(FaultKind::TooFar);
        }
        let [tx, ty, tz, sign] = vertex.tangent;
        let [tx, ty, tz] = if sign == 0.0 { [0.0; 3] } else { direction(linear * wide([tx, ty, tz]), [tx, ty, tz]) };
        let normal = direction(normals * wide(vertex.normal), vertex.normal);
        flat.vertices.push(Vertex { position: position.to_array(), normal, tangent: [tx, ty, tz, sign * turn as f32], ..*vertex });
    }
    let wind = |[a, b, c]: [u32; 3]| if mirrored { [a, c, b] } else { [a, b, c] };
    flat.triangles
        .extend(geometry.triangles.iter().map(|face| Triangle { vertices: wind(*face).map(|index| first + index), material: worn.index }));
    Ok(())
}
