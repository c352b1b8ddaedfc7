//! Opaque surfaces, layer by layer.

use super::stage::{Cover, extended, plain, share};
use super::{Exhibit, exhibit};
use crate::glb::Material;
use serde_json::json;

/// Films on titanium, nanometres: the colours that anodising gives.
const FILMS_NM: [f32; 5] = [45.0, 75.0, 120.0, 160.0, 210.0];

pub fn exhibits() -> Vec<Exhibit> {
    vec![metal(), plastic(), clearcoat(), sheen(), specular(), anisotropy(), iridescence()]
}

fn metal() -> Exhibit {
    exhibit(
        "metal",
        "Metal, roughness 0 to 1",
        "No ball darkens as it gets rougher: light that facets pass on to one another is kept.",
        plain("Metal", Cover::Paper, |i| Material::plain("gold", [1.0, 0.77, 0.34], share(i), 1.0)),
    )
}

fn plastic() -> Exhibit {
    exhibit(
        "plastic",
        "Plastic, roughness 0 to 1",
        "The coat's reflection spreads, and takes from the colour below what it reflects itself.",
        plain("Plastic", Cover::Paper, |i| Material::plain("plastic", [0.01, 0.16, 0.42], share(i), 0.0)),
    )
}

fn clearcoat() -> Exhibit {
    let lacquer = |_| Material::plain("lacquer", [0.55, 0.02, 0.02], 0.6, 0.0);
    exhibit(
        "clearcoat",
        "Clear coat, strength 0 to 1",
        "A rough red below a smooth clear layer (`KHR_materials_clearcoat`).",
        extended(
            "Clear coat",
            Cover::Paper,
            lacquer,
            "KHR_materials_clearcoat",
            |i| json!({ "clearcoatFactor": share(i), "clearcoatRoughnessFactor": 0.03 }),
        ),
    )
}

fn sheen() -> Exhibit {
    let cloth = |_| Material::plain("cloth", [0.10, 0.01, 0.06], 1.0, 0.0);
    exhibit(
        "sheen",
        "Sheen, roughness 0.15 to 1",
        "Fibres that shine at grazing angles, as on velvet (`KHR_materials_sheen`).",
        extended(
            "Sheen",
            Cover::Paper,
            cloth,
            "KHR_materials_sheen",
            |i| json!({ "sheenColorFactor": [1.0, 0.55, 0.75], "sheenRoughnessFactor": 0.15 + 0.85 * share(i) }),
        ),
    )
}

fn specular() -> Exhibit {
    let plastic = |_| Material::plain("plastic", [0.03, 0.03, 0.035], 0.15, 0.0);
    exhibit(
        "specular",
        "Specular, strength 0 to 1",
        "How much a plastic reflects, here with an orange tint (`KHR_materials_specular`).",
        extended(
            "Specular",
            Cover::Paper,
            plastic,
            "KHR_materials_specular",
            |i| json!({ "specularFactor": share(i), "specularColorFactor": [4.0, 1.6, 0.5] }),
        ),
    )
}

fn anisotropy() -> Exhibit {
    let steel = |_| Material::plain("steel", [0.62, 0.62, 0.64], 0.3, 1.0);
    exhibit(
        "anisotropy",
        "Anisotropy, 0 to 1",
        "Brushed metal: the highlight stretches across the grain (`KHR_materials_anisotropy`).",
        extended(
            "Anisotropy",
            Cover::Paper,
            steel,
            "KHR_materials_anisotropy",
            |i| json!({ "anisotropyStrength": share(i), "anisotropyRotation": 0.0 }),
        ),
    )
}

fn iridescence() -> Exhibit {
    let titanium = |_| Material::plain("titanium", [0.52, 0.49, 0.46], 0.18, 1.0);
    exhibit(
        "iridescence",
        "Iridescence, films of 45, 75, 120, 160 and 210 nm",
        "Anodised titanium: its colours are those of a thin film and no pigment's (`KHR_materials_iridescence`, index 2.3).",
        extended("Iridescence", Cover::Paper, titanium, "KHR_materials_iridescence", |i| {
            let nm = FILMS_NM[i];
            json!({ "iridescenceFactor": 1.0, "iridescenceIor": 2.3, "iridescenceThicknessMinimum": nm, "iridescenceThicknessMaximum": nm })
        }),
    )
}
