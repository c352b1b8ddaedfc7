//! A patch of one material in the xy plane with its front at +z, and how it scatters towards any viewer.

use crate::cpu::Probe;
use crate::cpu::generated::{Basis, Bsdf, Hit, bsdf_of, surface_at, to_local};
use crate::cpu::runtime::V3;
use raylance_scene::{Camera, Filter, Image, Material, Scene, TextureUse, Triangle, UvSet, Vertex, Wrap};

/// Steps in which the number that chooses a model is searched for changes.
const CHANCE_STEPS: u32 = 256;
/// A place inside the triangle.
const HIT: Hit = Hit { t: 1.0, u: 0.3, v: 0.3, triangle: 0, primitive: 0, instance: 0 };

/// A material on a triangle.
pub struct Patch {
    probe: Probe,
}

/// A model, and the direction to the viewer in its frame.
pub struct Model {
    /// The model.
    pub bsdf: Bsdf,
    /// To the viewer, local.
    pub wo: V3<f32>,
}

/// A picture of one texel, as images 0 and up of [`Patch::new`].
pub fn texel(rgba: [u8; 4]) -> Image {
    Image { width_px: 1, height_px: 1, texels: rgba.to_vec() }
}

/// The whole of an image.
pub fn use_of(image: u32) -> Option<TextureUse> {
    let wrap = Wrap::Repeat;
    Some(TextureUse {
        image,
        uv_set: UvSet::First,
        wrap_u: wrap,
        wrap_v: wrap,
        filter: Filter::Nearest,
        transform: TextureUse::IDENTITY,
        srgb: false,
    })
}

impl Patch {
    /// The patch; its textures name `images`.
    pub fn new(material: Material, images: Vec<Image>) -> Self {
        let corner =
            |x: f32, y: f32| Vertex { position: [x, y, 0.0], normal: [0.0, 0.0, 1.0], tangent: [1.0, 0.0, 0.0, 1.0], ..Vertex::default() };
        let triangles = vec![Triangle { vertices: [0, 1, 2], material: 0 }];
        let (meshes, instances) = Scene::one_mesh(&triangles);
        let scene = Scene {
            vertices: vec![corner(0.0, 0.0), corner(1.0, 0.0), corner(0.0, 1.0)],
            triangles,
            meshes,
            instances,
            materials: vec![material],
            images,
            environment: None,
            camera: Camera::pinhole([0.0, 0.0, 2.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0], 0.5),
            lights: Vec::new(),
        };
        Self { probe: Probe::new(&scene) }
    }

    /// The model that `chance` chooses for light of colour `carried` on its way to a viewer in direction `to_viewer`, and that direction in
    /// the model's frame.
    pub fn model(&self, to_viewer: V3<f32>, chance: f32, carried: V3<f32>) -> (Bsdf, V3<f32>) {
        let cx = self.probe.context();
        let surface = surface_at(&cx, HIT, -to_viewer);
        let wo = to_local(surface.local, to_viewer);
        (bsdf_of(&cx, surface, HIT, wo, chance, carried), wo)
    }

    /// The frame in which the patch scatters towards a viewer.
    pub fn frame(&self, to_viewer: V3<f32>) -> Basis {
        surface_at(&self.probe.context(), HIT, -to_viewer).local
    }

    /// Every model that a chance can choose for white light. The places where one follows the other are found by bisection.
    pub fn models(&self, to_viewer: V3<f32>) -> Vec<Model> {
        let at = |chance: f32| self.model(to_viewer, chance, V3::splat(1.0)).0;
        let last = 1.0 - f32::EPSILON;
        let (_, wo) = self.model(to_viewer, 0.0, V3::splat(1.0));
        let mut models = Vec::new();
        let (mut begin, mut bsdf) = (0.0f32, at(0.0));
        for step in 1..=CHANCE_STEPS {
            let mut end = (step as f32 / CHANCE_STEPS as f32).min(last);
            while at(end) != bsdf {
                let (mut same, mut other) = (begin.max((step - 1) as f32 / CHANCE_STEPS as f32), end);
                while other - same > 1.0e-7 {
                    let middle = 0.5 * (same + other);
                    *(if at(middle) == bsdf { &mut same } else { &mut other }) = middle;
                }
                models.push(Model { bsdf, wo });
                (begin, bsdf) = (other, at(other));
                end = (step as f32 / CHANCE_STEPS as f32).min(last);
            }
        }
        models.push(Model { bsdf, wo });
        models
    }
}

/// Unit vector at an angle from the patch's normal, and around it.
pub fn direction(degrees: f32, turn_degrees: f32) -> V3<f32> {
    let ((s, c), (y, x)) = (degrees.to_radians().sin_cos(), turn_degrees.to_radians().sin_cos());
    V3::new(s * x, s * y, c)
}

/// The materials under test, each with its pictures. Between them they use every lobe alone and together.
pub fn materials() -> Vec<(String, Material, Vec<Image>)> {
    let plastic = Material { metallic: 0.0, roughness: 0.5, base_color: [0.8, 0.5, 0.3, 1.0], ..Material::default() };
    let metal = Material { metallic: 1.0, ..plastic.clone() };
    let glass = Material { transmission: 1.0, ..plastic.clone() };
    let bent = vec![texel([190, 100, 220, 255])];
    let mut list = vec![("matt".to_owned(), Material { ior: 1.0, roughness: 1.0, ..plastic.clone() }, Vec::new())];
    let mut add = |name: String, material: Material, images: &[Image]| list.push((name, material, images.to_vec()));
    for roughness in [0.2, 0.5, 1.0] {
        add(format!("plastic {roughness}"), Material { roughness, ..plastic.clone() }, &[]);
        add(format!("metal {roughness}"), Material { roughness, ..metal.clone() }, &[]);
    }
    for anisotropy in [0.3, 0.8] {
        add(
            format!("metal stretched by {anisotropy}"),
            Material { anisotropy, anisotropy_direction: [0.6, 0.8], roughness: 0.3, ..metal.clone() },
            &[],
        );
    }
    let coated = Material { clearcoat: 0.9, clearcoat_roughness: 0.3, ..plastic.clone() };
    add("clear coat".to_owned(), coated.clone(), &[]);
    let mut bent_coat = coated.clone();
    bent_coat.textures.clearcoat_normal = use_of(0);
    add("clear coat with a normal map".to_owned(), bent_coat, &bent);
    let mut bent_base = coated;
    bent_base.textures.normal = use_of(0);
    add("clear coat over a normal map".to_owned(), bent_base, &bent);
    for sheen_roughness in [0.1, 0.4, 1.0] {
        add(format!("sheen {sheen_roughness}"), Material { sheen_color: [1.0, 0.7, 0.9], sheen_roughness, ..plastic.clone() }, &[]);
    }
    add("tinted specular".to_owned(), Material { specular: 0.7, specular_color: [2.0, 0.3, 0.9], ..plastic.clone() }, &[]);
    let film = Material { iridescence: 0.8, iridescence_thickness_nm: [100.0, 350.0], ..plastic.clone() };
    add("film on plastic".to_owned(), film.clone(), &[]);
    add("film on metal".to_owned(), Material { metallic: 1.0, ..film.clone() }, &[]);
    add(
        "everything opaque".to_owned(),
        Material {
            metallic: 0.4,
            clearcoat: 0.6,
            clearcoat_roughness: 0.5,
            sheen_color: [0.4; 3],
            sheen_roughness: 0.5,
            anisotropy: 0.5,
            ..film
        },
        &[],
    );
    for roughness in [0.3, 0.7] {
        add(format!("glass {roughness}"), Material { roughness, ..glass.clone() }, &[]);
    }
    add("light glass".to_owned(), Material { ior: 1.1, ..glass.clone() }, &[]);
    add("half glass".to_owned(), Material { transmission: 0.6, metallic: 0.2, ..glass.clone() }, &[]);
    add("coated glass".to_owned(), Material { clearcoat: 1.0, clearcoat_roughness: 0.4, ..glass.clone() }, &[]);
    add("prism".to_owned(), Material { dispersion: 4.0, ..glass.clone() }, &[]);
    add(
        "coated prism, stretched".to_owned(),
        Material { dispersion: 2.0, clearcoat: 0.7, clearcoat_roughness: 0.3, anisotropy: 0.5, ..glass },
        &[],
    );
    list
}
