//! Meshes brought to where they stand: what occurs once is flattened into one static mesh, what is repeated is kept once with instances.

use std::collections::BTreeMap;

use glam::{DMat3, DMat4, DVec3};

use super::{
    container::Document,
    deform::{Deform, cofactors, wide},
    draco,
    fault::{FaultKind, Faults, Place},
    material::{Materials, Worn},
    mesh::{self, Geometry},
    node::Standing,
};
use crate::{
    INSTANCED_TRIANGLES_MAX, INSTANCES_MAX, Image, Instance, MESHES_MAX, Material, Mesh, POSITION_MAX_M, TRIANGLES_MAX, Triangle,
    VERTICES_MAX, Vertex,
};

/// From how many triangles on copies are kept as instances: 16,384 of them cost about 2 MB of the packed scene and no time to trace.
const COPIES_MIN: u64 = 1 << 14;
/// A mesh of fewer triangles than a box becomes instances only when its copies would be many: a ray enters a triangle sooner than an instance.
const INSTANCED_MIN: usize = 12;
/// How many copies of such small meshes are too many to flatten.
const SMALL_COPIES_MIN: u64 = 1 << 20;

/// The scene's geometry and what it wears.
#[derive(Default)]
pub(super) struct Stage {
    pub(super) vertices: Vec<Vertex>,
    pub(super) triangles: Vec<Triangle>,
    pub(super) meshes: Vec<Mesh>,
    pub(super) instances: Vec<Instance>,
    pub(super) materials: Vec<Material>,
    pub(super) images: Vec<Image>,
    /// The lowest and the highest corner in the world.
    pub(super) bounds: [DVec3; 2],
}

impl Stage {
    /// Whether any surface gives off light that a picture can be seen by. Only materials that some triangle wears are in the list.
    pub(super) fn glows(&self) -> bool {
        let lit = |color: &[f32]| color.iter().any(|channel| *channel > 0.0);
        self.materials.iter().any(|material| self.emits(material) || (material.unlit && lit(&material.base_color[..3])))
    }

    /// Exporters write an emissive factor of 1 over a texture that is black but for a lamp or two.
    fn emits(&self, material: &Material) -> bool {
        let image = material.textures.emissive.and_then(|texture| self.images.get(texture.image as usize));
        let mean = image.map_or([1.0; 3], mean_of);
        (0..3).any(|channel| material.emissive[channel] * mean[channel] > EMISSION_MIN)
    }
}

/// Mean emission below which a surface lights nothing: a few diodes on a black atlas.
const EMISSION_MIN: f32 = 0.005;

/// Linear mean of some million texels.
fn mean_of(image: &Image) -> [f32; 3] {
    const LOOKED_AT: usize = 1 << 20;
    let step = (image.texels.len() / 4).div_ceil(LOOKED_AT).max(1);
    let mut sums = [0u64; 3];
    let linear = |code: u8| (f64::from(code) / 255.0).powf(2.2);
    let table: Vec<u64> = (0..=255).map(|code| (linear(code) * 65_535.0) as u64).collect();
    let texels = image.texels.chunks_exact(4).step_by(step);
    let count = texels.len().max(1) as f64;
    for texel in texels {
        (0..3).for_each(|channel| sums[channel] += table[usize::from(texel[channel])]);
    }
    sums.map(|sum| (sum as f64 / count / 65_535.0) as f32)
}

/// Builds each shape of each mesh once, and brings it to every place where it stands.
pub(super) fn set(document: &Document, standing: Vec<Standing>, deforms: &[Deform], faults: &mut Faults) -> Stage {
    let mut builder = Builder::default();
    let mut left = draco::UNPACKED_BYTES_MAX;
    for ((index, deform), places) in shapes(standing) {
        let deform = deform.and_then(|deform| deforms.get(deform as usize));
        let parts = build(document, index as usize, deform, &mut left, &mut builder.materials, faults);
        if let Err(fault) = builder.stand(parts, &places) {
            let name = document.root.meshes.get(index as usize).and_then(|mesh| mesh.name.clone());
            faults.error(fault, Place::Primitive { mesh: index as usize, name, primitive: 0 });
            break;
        }
    }
    let stage = builder.finish();
    if stage.triangles.is_empty() && !faults.has_errors() {
        faults.error(FaultKind::NoTriangles, Place::Scene);
    }
    stage
}

/// A mesh and the shape it has.
type Shape = (u32, Option<u32>);

/// Where each shape stands; shapes in the order in which they are first met.
fn shapes(standing: Vec<Standing>) -> Vec<(Shape, Vec<DMat4>)> {
    let mut known = BTreeMap::<Shape, usize>::new();
    let mut shapes = Vec::<(Shape, Vec<DMat4>)>::new();
    for Standing { mesh, deform, to_world } in standing {
        let at = *known.entry((mesh, deform)).or_insert(shapes.len());
        match shapes.get_mut(at) {
            Some((_, places)) => places.push(to_world),
            None => shapes.push(((mesh, deform), vec![to_world])),
        }
    }
    shapes
}

/// Each drawn primitive of a mesh, with what it wears.
type Parts = Vec<(Geometry, Worn)>;

fn build(
    document: &Document,
    index: usize,
    deform: Option<&Deform>,
    left: &mut u64,
    materials: &mut Materials,
    faults: &mut Faults,
) -> Parts {
    let Some(mesh) = document.root.meshes.get(index) else { return Parts::new() };
    let mut parts = Parts::new();
    for (p, primitive) in mesh.primitives.iter().enumerate() {
        let here = || Place::Primitive { mesh: index, name: mesh.name.clone(), primitive: p };
        if !mesh::is_drawn(primitive) {
            faults.warn(FaultKind::ModeSkipped, here());
            continue;
        }
        let worn = materials.wear(document, primitive.material.map(|material| material.value()), faults);
        let mut warnings = Vec::new();
        let geometry = mesh::build(document.reader(), primitive, worn, deform, left, &mut warnings);
        warnings.into_iter().for_each(|warning| faults.warn(warning, here()));
        parts.extend(faults.keep(geometry, here).map(|geometry| (geometry, worn)));
    }
    parts
}

/// The stage under construction. The static mesh comes first in the scene, but is finished last.
struct Builder {
    vertices: Vec<Vertex>,
    flat: Vec<Triangle>,
    /// Triangles of the meshes that have instances, one mesh after the other.
    kept: Vec<Triangle>,
    /// Their runs in `kept`.
    meshes: Vec<Mesh>,
    /// `mesh` counts in `meshes`.
    instances: Vec<Instance>,
    instanced_triangles: u64,
    materials: Materials,
    low: DVec3,
    high: DVec3,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            vertices: Vec::new(),
            flat: Vec::new(),
            kept: Vec::new(),
            meshes: Vec::new(),
            instances: Vec::new(),
            instanced_triangles: 0,
            materials: Materials::default(),
            low: DVec3::INFINITY,
            high: DVec3::NEG_INFINITY,
        }
    }
}

impl Builder {
    /// Brings one shape to all its places.
    ///
    /// Places that cannot be undone are flattened, for an instance is traced through its inverse. Mirrored ones share a mirrored copy of the
    /// shape, so that every instance keeps fronts and tangent frames as they are.
    fn stand(&mut self, mut parts: Parts, places: &[DMat4]) -> Result<(), FaultKind> {
        let triangles = parts.iter().map(|(geometry, _)| geometry.triangles.len()).sum::<usize>();
        if triangles == 0 {
            return Ok(());
        }
        let small = |vertex: &Vertex| vertex.position.iter().all(|c| c.abs() <= POSITION_MAX_M);
        let fits = parts.iter().all(|(geometry, _)| geometry.vertices.iter().all(small));
        let (mut upright, mut mirrored, mut flat) = (Vec::new(), Vec::new(), Vec::new());
        for place in places {
            let mirror = DMat3::from_mat4(*place).determinant() < 0.0;
            let kept = if mirror { *place * MIRROR } else { *place };
            match instance(kept) {
                Some(instance) if fits && mirror => mirrored.push((instance, *place)),
                Some(instance) if fits => upright.push((instance, *place)),
                _ => flat.push(*place),
            }
        }
        for (list, mirror) in [(upright, false), (mirrored, true)] {
            if is_worthwhile(list.len(), triangles) {
                self.keep(&parts, &list, mirror)?;
            } else {
                flat.extend(list.into_iter().map(|(_, place)| place));
            }
        }
        if let Some((last, others)) = flat.split_last() {
            others.iter().try_for_each(|place| parts.iter().try_for_each(|(geometry, worn)| self.flatten(geometry, *worn, place)))?;
            parts.drain(..).try_for_each(|(geometry, worn)| self.flatten_last(geometry, worn, last))?;
        }
        Ok(())
    }

    /// Adds a mesh and its instances.
    fn keep(&mut self, parts: &Parts, list: &[(Instance, DMat4)], mirror: bool) -> Result<(), FaultKind> {
        let first = self.kept.len();
        let (mut low, mut high) = (DVec3::INFINITY, DVec3::NEG_INFINITY);
        for (geometry, worn) in parts {
            self.make_room(geometry)?;
            let base = self.vertices.len() as u32;
            for vertex in &geometry.vertices {
                low = low.min(wide(vertex.position));
                high = high.max(wide(vertex.position));
                self.vertices.push(if mirror { mirrored(vertex) } else { *vertex });
            }
            self.kept.extend(geometry.triangles.iter().map(|face| triangle(*face, base, *worn, mirror)));
        }
        let count = (self.kept.len() - first) as u32;
        let mesh = self.meshes.len() as u32;
        self.instanced_triangles += u64::from(count) * list.len() as u64;
        let too_much = |things, max| Err(FaultKind::TooMuch { things, max });
        match () {
            // One of each is left for the static mesh.
            () if self.meshes.len() + 1 >= MESHES_MAX => return too_much("meshes", MESHES_MAX),
            () if self.instances.len() + list.len() >= INSTANCES_MAX => return too_much("instances", INSTANCES_MAX),
            () if self.instanced_triangles > INSTANCED_TRIANGLES_MAX => {
                return too_much("triangles of all instances", INSTANCED_TRIANGLES_MAX as usize);
            }
            () => self.meshes.push(Mesh { first: first as u32, count }),
        }
        for (instance, place) in list {
            let corner = |at: usize| DVec3::from_array([0, 1, 2].map(|axis| if at >> axis & 1 == 0 { low[axis] } else { high[axis] }));
            (0..8).try_for_each(|at| self.cover(place.transform_point3(corner(at))))?;
            self.instances.push(Instance { mesh, ..*instance });
        }
        Ok(())
    }

    /// Adds a copy of the part to the static mesh.
    fn flatten(&mut self, geometry: &Geometry, worn: Worn, to_world: &DMat4) -> Result<(), FaultKind> {
        self.make_room(geometry)?;
        let base = self.vertices.len() as u32;
        let mover = Mover::new(to_world);
        for vertex in &geometry.vertices {
            let vertex = mover.place(vertex);
            self.cover(wide(vertex.position))?;
            self.vertices.push(vertex);
        }
        self.flat.extend(geometry.triangles.iter().map(|face| triangle(*face, base, worn, mover.mirrors())));
        Ok(())
    }

    /// [`Self::flatten`] for a part that is not needed again: where it is the first it need not be copied.
    fn flatten_last(&mut self, mut geometry: Geometry, worn: Worn, to_world: &DMat4) -> Result<(), FaultKind> {
        if !self.vertices.is_empty() {
            return self.flatten(&geometry, worn, to_world);
        }
        self.make_room(&geometry)?;
        let mover = Mover::new(to_world);
        for vertex in &mut geometry.vertices {
            *vertex = mover.place(vertex);
            self.cover(wide(vertex.position))?;
        }
        self.vertices = geometry.vertices;
        self.flat.extend(geometry.triangles.iter().map(|face| triangle(*face, 0, worn, mover.mirrors())));
        Ok(())
    }

    fn make_room(&mut self, geometry: &Geometry) -> Result<(), FaultKind> {
        if self.vertices.len() + geometry.vertices.len() > VERTICES_MAX {
            return Err(FaultKind::TooMuch { things: "vertices", max: VERTICES_MAX });
        }
        if self.flat.len() + self.kept.len() + geometry.triangles.len() > TRIANGLES_MAX {
            return Err(FaultKind::TooMuch { things: "triangles", max: TRIANGLES_MAX });
        }
        Ok(())
    }

    /// Widens the bounds by a point of the world.
    fn cover(&mut self, point: DVec3) -> Result<(), FaultKind> {
        self.low = self.low.min(point);
        self.high = self.high.max(point);
        let near = point.is_finite() && point.abs().max_element() <= f64::from(POSITION_MAX_M);
        if near { Ok(()) } else { Err(FaultKind::TooFar) }
    }

    /// The static mesh, if there is one, goes before all others.
    fn finish(self) -> Stage {
        let Self { vertices, flat, kept, mut meshes, mut instances, materials, low, high, .. } = self;
        let mut triangles = flat;
        let standing = triangles.len() as u32;
        if standing == 0 {
            triangles = kept;
        } else {
            triangles.extend(kept);
            meshes.iter_mut().for_each(|mesh| mesh.first += standing);
            meshes.insert(0, Mesh { first: 0, count: standing });
            instances.iter_mut().for_each(|instance| instance.mesh += 1);
            instances.insert(0, Instance { mesh: 0, to_world: Instance::IDENTITY });
        }
        Stage { vertices, triangles, meshes, instances, materials: materials.list, images: materials.images.list, bounds: [low, high] }
    }
}

/// Whether `instances` of a mesh with so many `triangles` gain more than they cost.
fn is_worthwhile(instances: usize, triangles: usize) -> bool {
    let copies = instances.saturating_sub(1) as u64 * triangles as u64;
    copies > SMALL_COPIES_MIN || (copies > COPIES_MIN && triangles >= INSTANCED_MIN)
}

/// The mirror that makes mirrored places upright.
const MIRROR: DMat4 = DMat4::from_cols(glam::DVec4::NEG_X, glam::DVec4::Y, glam::DVec4::Z, glam::DVec4::W);

/// A vertex behind [`MIRROR`]. The bitangent is the cross product of two mirrored vectors, so its sign turns over.
fn mirrored(vertex: &Vertex) -> Vertex {
    let ([px, py, pz], [nx, ny, nz], [tx, ty, tz, sign]) = (vertex.position, vertex.normal, vertex.tangent);
    // Zero stays plain, so that equal scenes have equal bytes.
    let turn = |value: f32| 0.0 - value;
    Vertex { position: [turn(px), py, pz], normal: [turn(nx), ny, nz], tangent: [turn(tx), ty, tz, turn(sign)], ..*vertex }
}

fn triangle(face: [u32; 3], base: u32, worn: Worn, mirror: bool) -> Triangle {
    let [a, b, c] = face.map(|index| base + index);
    Triangle { vertices: if mirror { [a, c, b] } else { [a, b, c] }, material: worn.index }
}

/// The matrix as an instance keeps it, if it is one that can be undone.
fn instance(to_world: DMat4) -> Option<Instance> {
    let rows = to_world.transpose();
    let mut rounded = [0.0; 12];
    for (row, target) in [rows.x_axis, rows.y_axis, rows.z_axis].into_iter().zip(rounded.as_chunks_mut::<4>().0) {
        // A negative zero becomes a plain one.
        *target = row.as_vec4().to_array().map(|value| value + 0.0);
    }
    let instance = Instance { mesh: 0, to_world: rounded };
    let near = rounded.iter().all(|value| value.abs() <= POSITION_MAX_M);
    (near && instance.from_world().is_some()).then_some(instance)
}

/// A transform with what normals need of it.
struct Mover {
    to_world: DMat4,
    linear: DMat3,
    normals: DMat3,
    /// −1 if it mirrors, else 1.
    turn: f64,
}

impl Mover {
    fn new(to_world: &DMat4) -> Self {
        let linear = DMat3::from_mat4(*to_world);
        let turn = if linear.determinant() < 0.0 { -1.0 } else { 1.0 };
        Self { to_world: *to_world, linear, normals: cofactors(linear) * turn, turn }
    }

    fn mirrors(&self) -> bool {
        self.turn < 0.0
    }

    fn place(&self, vertex: &Vertex) -> Vertex {
        let direction = |v: DVec3, old: [f32; 3]| v.try_normalize().map_or(old, |unit| unit.as_vec3().to_array());
        let [tx, ty, tz, sign] = vertex.tangent;
        let [tx, ty, tz] = if sign == 0.0 { [0.0; 3] } else { direction(self.linear * wide([tx, ty, tz]), [tx, ty, tz]) };
        Vertex {
            position: self.to_world.transform_point3(wide(vertex.position)).as_vec3().to_array(),
            normal: direction(self.normals * wide(vertex.normal), vertex.normal),
            tangent: [tx, ty, tz, sign * self.turn as f32],
            ..*vertex
        }
    }
}
