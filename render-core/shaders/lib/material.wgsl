// A material's words: factors, then the places of its texture uses.
//
// 0: base colour and alpha   1: emission, flags              2: metallic, roughness, transmission, index of refraction
// 3: normal scale, alpha cutoff, specular, light's density   4: specular colour, clearcoat      5: sheen colour, sheen roughness
// 6: clearcoat roughness, clearcoat normal scale, anisotropy, iridescence
// 7: cosine and sine of the anisotropy's direction, film's index, dispersion
// 8: film's thickness at 0 and 1 in nm, reflectance at normal incidence, unused   9: absorption per metre, bits of the slots in use
// 10..13: sixteen slots, each the word of a texture use or NO_TEXTURE

const MATERIAL_STRIDE: u32 = 14u;
const MATERIAL_SLOTS: u32 = 10u;
const NO_TEXTURE: u32 = 0xffffffffu;

const MATERIAL_MASK: u32 = 1u;
const MATERIAL_BLEND: u32 = 2u;
const MATERIAL_UNLIT: u32 = 4u;
const MATERIAL_CLEARCOAT: u32 = 8u;
const MATERIAL_SHEEN: u32 = 16u;
const MATERIAL_ANISOTROPY: u32 = 32u;
const MATERIAL_IRIDESCENCE: u32 = 64u;
const MATERIAL_DISPERSION: u32 = 128u;
const MATERIAL_VOLUME: u32 = 256u;
const MATERIAL_SPECULAR: u32 = 512u;

const SLOT_BASE_COLOR: u32 = 0u;
const SLOT_METALLIC_ROUGHNESS: u32 = 1u;
const SLOT_NORMAL: u32 = 2u;
const SLOT_EMISSIVE: u32 = 3u;
const SLOT_TRANSMISSION: u32 = 4u;
const SLOT_SPECULAR: u32 = 5u;
const SLOT_SPECULAR_COLOR: u32 = 6u;
const SLOT_CLEARCOAT: u32 = 7u;
const SLOT_CLEARCOAT_ROUGHNESS: u32 = 8u;
const SLOT_CLEARCOAT_NORMAL: u32 = 9u;
const SLOT_SHEEN_COLOR: u32 = 10u;
const SLOT_SHEEN_ROUGHNESS: u32 = 11u;
const SLOT_ANISOTROPY: u32 = 12u;
const SLOT_IRIDESCENCE: u32 = 13u;
const SLOT_IRIDESCENCE_THICKNESS: u32 = 14u;

fn material_float(material: u32, word: u32) -> vec4<f32> { return bitcast<vec4<f32>>(material_word(material * MATERIAL_STRIDE + word)); }

fn material_flags(material: u32) -> u32 { return material_word(material * MATERIAL_STRIDE + 1u).w & MATERIAL_FLAGS; }

// The word of a slot's texture use, or NO_TEXTURE.
fn slot_place(material: u32, slot: u32) -> u32 {
  if ((TEXTURE_SLOTS & (1u << slot)) == 0u) { return NO_TEXTURE; }
  return material_word(material * MATERIAL_STRIDE + MATERIAL_SLOTS + (slot >> 2u))[slot & 3u];
}

// Filtered value of a slot; white where it is empty.
fn sample_slot(material: u32, slot: u32, uvs: vec4<f32>) -> vec4<f32> {
  let place = slot_place(material, slot);
  if (place == NO_TEXTURE) { return vec4<f32>(1.0); }
  return sample_texture(place, uvs);
}

fn has_slot(slots: u32, slot: u32) -> bool { return ((slots >> slot) & 1u) != 0u; }

// What a material's textures hold at a point, as far as each is read; 1 where there is none.
struct Maps {
  slots: u32,                       // bits of those in use
  base: vec4<f32>,
  metallic_roughness: vec4<f32>,
  normal: vec3<f32>,
  emissive: vec3<f32>,
  transmission: f32,
  specular: f32,
  specular_color: vec3<f32>,
  clearcoat: f32,
  clearcoat_roughness: f32,
  clearcoat_normal: vec3<f32>,
  sheen_color: vec3<f32>,
  sheen_roughness: f32,
  anisotropy: vec3<f32>,
  iridescence: f32,
  iridescence_thickness: f32,
};

// One loop with one look-up in it: drivers copy a function to each place where it is called.
fn maps_at(material: u32, uvs: vec4<f32>) -> Maps {
  let one = vec3<f32>(1.0);
  var maps = Maps(material_word(material * MATERIAL_STRIDE + 9u).w & TEXTURE_SLOTS, vec4<f32>(1.0), vec4<f32>(1.0), one, one, 1.0, 1.0, one, 1.0, 1.0, one, one, 1.0, one, 1.0, 1.0);
  var left = maps.slots;
  loop {
    if (left == 0u) { break; }
    let slot = firstTrailingBit(left);
    left = left & (left - 1u);
    let v = sample_texture(slot_place(material, slot), uvs);
    switch slot {
      case SLOT_BASE_COLOR: { maps.base = v; }
      case SLOT_METALLIC_ROUGHNESS: { maps.metallic_roughness = v; }
      case SLOT_NORMAL: { maps.normal = v.xyz; }
      case SLOT_EMISSIVE: { maps.emissive = v.xyz; }
      case SLOT_TRANSMISSION: { maps.transmission = v.x; }
      case SLOT_SPECULAR: { maps.specular = v.w; }
      case SLOT_SPECULAR_COLOR: { maps.specular_color = v.xyz; }
      case SLOT_CLEARCOAT: { maps.clearcoat = v.x; }
      case SLOT_CLEARCOAT_ROUGHNESS: { maps.clearcoat_roughness = v.y; }
      case SLOT_CLEARCOAT_NORMAL: { maps.clearcoat_normal = v.xyz; }
      case SLOT_SHEEN_COLOR: { maps.sheen_color = v.xyz; }
      case SLOT_SHEEN_ROUGHNESS: { maps.sheen_roughness = v.w; }
      case SLOT_ANISOTROPY: { maps.anisotropy = v.xyz; }
      case SLOT_IRIDESCENCE: { maps.iridescence = v.x; }
      default: { maps.iridescence_thickness = v.y; }
    }
  }
  return maps;
}
