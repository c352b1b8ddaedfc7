//! Materials with every layer, their textures in every format, and what breaks them.

use image::{DynamicImage, ImageFormat};

use super::*;
use crate::{AlphaMode, Filter, Material, MaterialTextures, TEXELS_TOTAL_MAX, UvSet, Wrap};

/// A picture of 8 × 8 px: squares of 4 px with red 40 or 200, green 100, blue 50; alpha 255 above and 128 below. Made with basisu 1.15.
const PICTURES: [(&str, &[u8]); 3] = [
    ("ETC1S", include_bytes!("../../../tests/pictures/etc1s.ktx2")),
    ("UASTC", include_bytes!("../../../tests/pictures/uastc.ktx2")),
    ("UASTC and Zstandard", include_bytes!("../../../tests/pictures/uastc_zstd.ktx2")),
];

impl Draft {
    /// A draft whose material is this.
    fn with_material(material: Value) -> Self {
        let mut draft = Self::new();
        draft.set("/materials/0", material);
        draft
    }

    /// A draft whose material's base colour is the picture in these bytes.
    fn with_picture(bytes: &[u8]) -> Self {
        let mut draft = Self::new();
        let view = draft.view(bytes);
        draft.set("/images/0", json!({"bufferView": view}));
        draft
    }

    fn material(&self) -> Material {
        self.scene().materials[0].clone()
    }
}

fn with_extension(name: &str, value: Value) -> Draft {
    Draft::with_material(json!({"name": "paint", "extensions": {name: value}}))
}

#[test]
fn every_layer_is_read_with_its_textures() {
    let at = |index: usize| json!({"index": index});
    let mut draft = Draft::with_material(json!({
        "emissiveFactor": [1.0, 1.0, 1.0], "emissiveTexture": at(3), "normalTexture": at(2),
        "pbrMetallicRoughness": {"baseColorTexture": at(0), "metallicRoughnessTexture": at(1)},
        "extensions": {
            "KHR_materials_transmission": {"transmissionFactor": 0.5, "transmissionTexture": at(4)},
            "KHR_materials_specular": {
                "specularFactor": 0.25, "specularColorFactor": [0.5, 2.0, 1.0], "specularTexture": at(5), "specularColorTexture": at(6)
            },
            "KHR_materials_clearcoat": {
                "clearcoatFactor": 0.75, "clearcoatRoughnessFactor": 0.125, "clearcoatTexture": at(7), "clearcoatRoughnessTexture": at(8),
                "clearcoatNormalTexture": {"index": 9, "scale": 0.5}
            },
            "KHR_materials_sheen": {
                "sheenColorFactor": [0.25, 0.5, 1.0], "sheenRoughnessFactor": 0.5, "sheenColorTexture": at(10), "sheenRoughnessTexture": at(11)
            },
            "KHR_materials_anisotropy": {"anisotropyStrength": 0.5, "anisotropyRotation": std::f32::consts::FRAC_PI_2, "anisotropyTexture": at(12)},
            "KHR_materials_iridescence": {
                "iridescenceFactor": 0.5, "iridescenceIor": 1.5, "iridescenceThicknessMinimum": 50.0, "iridescenceThicknessMaximum": 700.0,
                "iridescenceTexture": at(13), "iridescenceThicknessTexture": at(14)
            },
            "KHR_materials_dispersion": {"dispersion": 0.4}
        }
    }));
    let views: Vec<usize> = (0..MaterialTextures::COUNT as u32).map(|i| draft.view(&png(i + 1, 1))).collect();
    draft.set("/images", views.iter().map(|view| json!({"bufferView": view})).collect());
    draft.set("/textures", (0..views.len()).map(|source| json!({"source": source})).collect());
    let imported = draft.import().unwrap();
    assert_eq!(imported.warnings, []);
    let material = &imported.scene.materials[0];
    let images = &imported.scene.images;
    for (slot, texture) in material.textures.slots().into_iter().enumerate() {
        let texture = texture.unwrap_or_else(|| panic!("slot {slot} is empty"));
        assert_eq!(images[texture.image as usize].width_px, slot as u32 + 1, "slot {slot} has the picture it names");
        let colour = [0, 3, 6, 10].contains(&slot);
        assert_eq!((texture.srgb, texture.uv_set), (colour, UvSet::First), "slot {slot}");
    }
    let expected = Material {
        base_color: [1.0; 4],
        emissive: [1.0; 3],
        transmission: 0.5,
        specular: 0.25,
        specular_color: [0.5, 2.0, 1.0],
        clearcoat: 0.75,
        clearcoat_roughness: 0.125,
        clearcoat_normal_scale: 0.5,
        sheen_color: [0.25, 0.5, 1.0],
        sheen_roughness: 0.5,
        anisotropy: 0.5,
        anisotropy_direction: [material.anisotropy_direction[0], 1.0],
        iridescence: 0.5,
        iridescence_ior: 1.5,
        iridescence_thickness_nm: [50.0, 700.0],
        dispersion: 0.4,
        textures: material.textures.clone(),
        ..Material::default()
    };
    assert_eq!(*material, expected);
    assert!(material.anisotropy_direction[0].abs() < 1.0e-6, "a quarter turn from the tangent is the bitangent");
}

#[test]
fn layers_that_are_off_load_no_pictures() {
    let draft = Draft::with_material(json!({
        "emissiveTexture": {"index": 0},
        "extensions": {
            "KHR_materials_clearcoat": {"clearcoatTexture": {"index": 0}, "clearcoatNormalTexture": {"index": 0}},
            "KHR_materials_sheen": {"sheenColorTexture": {"index": 0}},
            "KHR_materials_anisotropy": {"anisotropyTexture": {"index": 0}},
            "KHR_materials_iridescence": {"iridescenceTexture": {"index": 0}},
            "KHR_materials_transmission": {"transmissionTexture": {"index": 0}},
            "KHR_materials_specular": {"specularFactor": 0.0, "specularTexture": {"index": 0}}
        }
    }));
    let scene = draft.scene();
    assert_eq!(scene.materials[0], Material { specular: 0.0, ..Material::default() });
    assert!(scene.images.is_empty());
}

#[test]
fn values_beyond_their_range_are_cut() {
    #[expect(clippy::type_complexity, reason = "the columns of a table that is used once")]
    let cases: [(&str, Value, fn(&Material) -> bool); 6] = [
        ("KHR_materials_clearcoat", json!({"clearcoatFactor": 7, "clearcoatRoughnessFactor": -1}), |m| {
            m.clearcoat == 1.0 && m.clearcoat_roughness == 0.0
        }),
        ("KHR_materials_sheen", json!({"sheenColorFactor": [2, -1, 0.5], "sheenRoughnessFactor": 3}), |m| {
            m.sheen_color == [1.0, 0.0, 0.5] && m.sheen_roughness == 1.0
        }),
        ("KHR_materials_iridescence", json!({"iridescenceFactor": 1, "iridescenceIor": 9, "iridescenceThicknessMaximum": 1e300}), |m| {
            m.iridescence_ior == 5.0 && m.iridescence_thickness_nm[1] == 1.0e5
        }),
        ("KHR_materials_dispersion", json!({"dispersion": 1e300}), |m| m.dispersion == 20.0),
        ("KHR_materials_ior", json!({"ior": 0}), |m| m.ior == 1000.0),
        ("KHR_materials_specular", json!({"specularColorFactor": [1e300, 1, -4]}), |m| m.specular_color == [1.0e4, 1.0, 0.0]),
    ];
    for (name, value, holds) in cases {
        let material = with_extension(name, value).material();
        assert!(holds(&material), "{name}: {material:?}");
    }
}

#[test]
fn broken_layers_are_named() {
    let texture = json!({"index": 0, "extensions": {"KHR_texture_transform": {"scale": "wide"}}});
    let kind = |draft: Draft| first(draft.import());
    let malformed = |kind: FaultKind, wanted: &str| matches!(kind, FaultKind::ExtensionMalformed { name, .. } if name == wanted);
    assert!(malformed(kind(with_extension("KHR_materials_sheen", json!({"sheenColorFactor": 1}))), "KHR_materials_sheen"));
    assert!(malformed(kind(with_extension("KHR_materials_clearcoat", json!([1]))), "KHR_materials_clearcoat"));
    assert!(malformed(kind(Draft::with_material(json!({"normalTexture": texture}))), "KHR_texture_transform"));
    let endless = [
        with_extension("KHR_materials_anisotropy", json!({"anisotropyStrength": 1, "anisotropyRotation": 1e300})),
        with_extension("KHR_materials_emissive_strength", json!({"emissiveStrength": 1e300})),
        Draft::with_material(json!({"normalTexture": {"index": 0, "scale": 1e300}})),
        Draft::with_material(json!({"normalTexture": {"index": 0, "extensions": {"KHR_texture_transform": {"offset": [1e300, 0]}}}})),
    ];
    for draft in endless {
        assert_eq!(kind(draft), FaultKind::MaterialNotFinite);
    }
}

#[test]
fn a_texture_that_leads_nowhere_names_material_and_slot() {
    let sheen = json!({"sheenColorFactor": [1, 1, 1], "sheenColorTexture": {"index": 9}});
    let error = with_extension("KHR_materials_sheen", sheen).import().unwrap_err();
    assert_eq!(error.faults[0].what, FaultKind::TextureDangling { texture: 9 });
    assert!(error.to_string().contains("sheen colour texture of material 0 \"paint\""), "{error}");
    let mut draft = Draft::new();
    draft.set("/textures/0", json!({"extensions": {"MSFT_texture_dds": {"source": 0}}}));
    assert_eq!(first(draft.import()), FaultKind::TextureWithoutImage { texture: 0 });
    draft.set("/textures/0", json!({"extensions": {"KHR_texture_basisu": {"source": 5}}}));
    assert_eq!(first(draft.import()), FaultKind::ImageWithoutBytes);
}

#[test]
fn two_sets_of_coordinates_are_kept_apart_and_a_third_is_told() {
    let mut draft = Draft::with_material(json!({
        "pbrMetallicRoughness": {
            "baseColorTexture": {"index": 0, "texCoord": 3},
            "metallicRoughnessTexture": {"index": 0, "texCoord": 3, "extensions": {"KHR_texture_transform": {"texCoord": 0}}}
        },
        "normalTexture": {"index": 0, "texCoord": 3}
    }));
    let textures = draft.material().textures;
    assert_eq!(textures.base_color.map(|texture| texture.uv_set), Some(UvSet::First));
    assert_eq!(textures.metallic_roughness.map(|texture| texture.uv_set), Some(UvSet::Second));
    assert_eq!(textures.normal.map(|texture| texture.uv_set), Some(UvSet::First));
    draft.set("/materials/0/normalTexture/texCoord", json!(1));
    let imported = draft.import().unwrap();
    assert!(warned(&imported, |what| *what == FaultKind::UvSetsTooMany { extra: 1, used: 3 }));
    assert_eq!(imported.scene.materials[0].textures.normal.map(|texture| texture.uv_set), Some(UvSet::First));
}

#[test]
fn normals_of_coats_and_stretched_highlights_bring_tangents() {
    let tangent = |draft: Draft| draft.scene().vertices[0].tangent[3].abs();
    let coat = json!({"clearcoatFactor": 1.0, "clearcoatNormalTexture": {"index": 0}});
    assert_eq!(tangent(with_extension("KHR_materials_clearcoat", coat)), 1.0);
    assert_eq!(tangent(with_extension("KHR_materials_anisotropy", json!({"anisotropyStrength": 0.5}))), 1.0);
    assert_eq!(tangent(with_extension("KHR_materials_anisotropy", json!({"anisotropyRotation": 1.0}))), 0.0);
}

#[test]
fn specular_glossiness_becomes_a_dielectric_with_a_coloured_reflection() {
    let mut draft = with_extension(
        "KHR_materials_pbrSpecularGlossiness",
        json!({
            "diffuseFactor": [0.5, 0.25, 0.125, 0.75], "specularFactor": [0.04, 0.5, 1.0], "glossinessFactor": 0.5,
            "diffuseTexture": {"index": 0}
        }),
    );
    let material = draft.material();
    assert_eq!((material.base_color, material.metallic, material.roughness), ([0.5, 0.25, 0.125, 0.75], 0.0, 0.5));
    assert_eq!((material.ior, material.specular_color), (1.5, [1.0, 12.5, 25.0]));
    assert!(material.textures.base_color.is_some_and(|texture| texture.srgb));
    let mut bytes = std::io::Cursor::new(Vec::new());
    ::image::RgbaImage::from_pixel(1, 1, ::image::Rgba([10, 20, 30, 102])).write_to(&mut bytes, ImageFormat::Png).unwrap();
    let view = draft.view(&bytes.into_inner());
    draft.set("/images/0", json!({"bufferView": view}));
    draft.set("/materials/0/extensions/KHR_materials_pbrSpecularGlossiness/specularGlossinessTexture", json!({"index": 0}));
    let scene = draft.scene();
    let material = &scene.materials[0];
    let picture = |texture: Option<TextureUse>| &scene.images[texture.unwrap().image as usize].texels[..];
    assert_eq!(material.roughness, 1.0);
    assert_eq!(picture(material.textures.metallic_roughness), [0, 204, 0, 255], "1 − ½ · 102 / 255");
    assert_eq!(picture(material.textures.specular_color), [10, 20, 30, 102]);
    assert_eq!(scene.images.len(), 2);
}

#[test]
fn a_variant_does_not_replace_the_default_material() {
    let mut draft = Draft::new();
    draft.push("/materials", json!({"name": "other"}));
    draft.set("/extensionsRequired", json!(["KHR_materials_variants"]));
    draft.set("/extensions/KHR_materials_variants", json!({"variants": [{"name": "red"}]}));
    draft.set("/meshes/0/primitives/0/extensions", json!({"KHR_materials_variants": {"mappings": [{"material": 1, "variants": [0]}]}}));
    assert!(draft.material().textures.base_color.is_some());
}

/// The picture's first pixel as the tracer will see it.
fn first_texel(bytes: &[u8]) -> [u8; 4] {
    let scene = Draft::with_picture(bytes).scene();
    *scene.images[0].texels.first_chunk().unwrap()
}

#[test]
fn pictures_of_every_depth_become_eight_bit_colours() {
    let written = |picture: DynamicImage, format: ImageFormat| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    let grey = ::image::GrayImage::from_pixel(3, 2, ::image::Luma([77]));
    let deep = ::image::ImageBuffer::from_pixel(2, 2, ::image::Rgba([65_535u16, 32_896, 257, 0]));
    let deep_grey = ::image::ImageBuffer::from_pixel(2, 2, ::image::LumaA([32_896u16, 65_535]));
    assert_eq!(first_texel(&written(grey.clone().into(), ImageFormat::Png)), [77, 77, 77, 255]);
    assert_eq!(first_texel(&written(grey.into(), ImageFormat::Jpeg)), [77, 77, 77, 255]);
    assert_eq!(first_texel(&written(DynamicImage::ImageRgba16(deep), ImageFormat::Png)), [255, 128, 1, 0]);
    assert_eq!(first_texel(&written(DynamicImage::ImageLumaA16(deep_grey), ImageFormat::Png)), [128, 128, 128, 255]);
    // One pixel of one bit, the second colour of a palette, which a further chunk makes a quarter opaque.
    let palette = include_bytes!("../../../tests/pictures/palette.png");
    assert_eq!(first_texel(palette), [9, 8, 7, 64]);
}

#[test]
fn universal_textures_are_unpacked() {
    for (name, bytes) in PICTURES {
        let mut draft = Draft::with_picture(bytes);
        draft.set("/textures/0", json!({"extensions": {"KHR_texture_basisu": {"source": 0}}}));
        draft.set("/extensionsRequired", json!(["KHR_texture_basisu"]));
        let scene = draft.scene();
        let image = &scene.images[0];
        assert_eq!((image.width_px, image.height_px), (8, 8), "{name}");
        let texel = |x: usize, y: usize| &image.texels[(y * 8 + x) * 4..][..4];
        for (x, y, expected) in
            [(1, 1, [40, 100, 50, 255]), (6, 1, [200, 100, 50, 255]), (1, 6, [200, 100, 50, 128]), (6, 6, [40, 100, 50, 128])]
        {
            let near = texel(x, y).iter().zip(expected).all(|(a, b): (&u8, u8)| a.abs_diff(b) <= 12);
            assert!(near, "{name} at {x}, {y}: {:?} for {expected:?}", texel(x, y));
        }
    }
}

/// A KTX2 file of one level in a plain format.
fn plain_ktx(format: u32, size: (u32, u32), scheme: u32, swizzle: Option<&[u8; 4]>, data: &[u8], unpacked: u64) -> Vec<u8> {
    let value = swizzle.map_or(Vec::new(), |swizzle| [&16u32.to_le_bytes()[..], b"KTXswizzle\0", swizzle, b"\0"].concat());
    let mut bytes = vec![0xab, b'K', b'T', b'X', b' ', b'2', b'0', 0xbb, b'\r', b'\n', 0x1a, b'\n'];
    for word in [format, 1, size.0, size.1, 0, 0, 1, 1, scheme, 104, 4, 108, value.len() as u32, 0, 0, 0, 0] {
        bytes.extend(u32::to_le_bytes(word));
    }
    for word in [108 + value.len() as u64, data.len() as u64, unpacked] {
        bytes.extend(u64::to_le_bytes(word));
    }
    [&bytes, &4u32.to_le_bytes()[..], &value, data].concat()
}

#[test]
fn plain_ktx_pictures_are_spread_to_four_channels() {
    for (format, data, swizzle, expected) in [
        (9, &[7u8][..], None, [7, 0, 0, 255]),
        (9, &[7], Some(b"rrr1"), [7, 7, 7, 255]),
        (16, &[7, 8], None, [7, 8, 0, 255]),
        (16, &[7, 8], Some(b"rrrg"), [7, 7, 7, 8]),
        (29, &[7, 8, 9], None, [7, 8, 9, 255]),
        (30, &[7, 8, 9], None, [9, 8, 7, 255]),
        (43, &[7, 8, 9, 10], None, [7, 8, 9, 10]),
        (50, &[7, 8, 9, 10], None, [9, 8, 7, 10]),
    ] {
        let bytes = plain_ktx(format, (1, 1), 0, swizzle, data, data.len() as u64);
        assert_eq!(first_texel(&bytes), expected, "format {format}, {swizzle:?}");
    }
    // A Zstandard frame of one raw block: magic, descriptor with a one-byte size, last block of 3 bytes.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 3, 0x19, 0, 0, 7, 8, 9];
    assert_eq!(first_texel(&plain_ktx(23, (1, 1), 2, None, &frame, 3)), [7, 8, 9, 255]);
}

#[test]
fn broken_ktx_pictures_are_told_before_they_take_memory() {
    let kind = |bytes: &[u8]| first(Draft::with_picture(bytes).import());
    let told = |kind: FaultKind, part: &str| matches!(&kind, FaultKind::ImageUndecodable { detail } if detail.contains(part));
    assert!(matches!(kind(&plain_ktx(37, (16_384, 16_385), 0, None, &[0], 1)), FaultKind::ImageTooLarge { .. }));
    assert!(told(kind(&plain_ktx(37, (16_384, 16_384), 0, None, &[0], 1)), "shorter"));
    assert!(told(kind(&plain_ktx(37, (9, 9), 2, None, &[0; 16], 324)), "Zstandard"));
    assert!(told(kind(&plain_ktx(37, (1, 1), 3, None, &[0; 16], 4)), "compression"));
    assert!(told(kind(&plain_ktx(37, (4, 0), 0, None, &[0; 16], 16)), "no pixels"));
    assert!(told(kind(&plain_ktx(145, (4, 4), 0, None, &[0; 16], 16)), "BC7_UNORM_BLOCK"));
    assert!(told(kind(&PICTURES[0].1[..90]), "header"));
    let texels = TEXELS_TOTAL_MAX as u32;
    let shown = FaultKind::ImageTooLarge { width_px: texels, height_px: 1, edge_max: 16_384, texels_max: TEXELS_TOTAL_MAX };
    assert_eq!(kind(&plain_ktx(37, (texels, 1), 0, None, &[0; 16], 16)), shown);
}

#[test]
fn regression_a_ktx_block_of_256_texels_is_an_error_and_no_panic() {
    let mut bytes = PICTURES[0].1.to_vec();
    // The width of a block, less 1, in the data format descriptor: behind its length, the block's header and four bytes on colours.
    let at = u32::from_le_bytes(bytes[48..52].try_into().unwrap()) as usize + 4 + 8 + 4;
    assert_eq!(bytes[at], 3, "ETC1S has blocks of 4 texels");
    bytes[at] = 255;
    assert!(matches!(first(Draft::with_picture(&bytes).import()), FaultKind::ImageUndecodable { .. }));
}

#[test]
fn samplers_say_how_a_picture_goes_on() {
    let mut draft = Draft::new();
    draft.set("/samplers", json!([{"wrapS": 33071, "wrapT": 33648, "magFilter": 9728}, {}]));
    draft.set("/textures/0/sampler", json!(0));
    draft.set("/materials/0/alphaMode", json!("BLEND"));
    let material = draft.material();
    assert_eq!(material.alpha_mode, AlphaMode::Blend);
    let texture = material.textures.base_color.unwrap();
    assert_eq!((texture.wrap_u, texture.wrap_v, texture.filter), (Wrap::Clamp, Wrap::Mirror, Filter::Nearest));
    draft.set("/textures/0/sampler", json!(1));
    let texture = draft.material().textures.base_color.unwrap();
    assert_eq!((texture.wrap_u, texture.wrap_v, texture.filter), (Wrap::Repeat, Wrap::Repeat, Filter::Linear));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn flipped_or_cut_universal_textures_never_panic(
        which in 0..PICTURES.len(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
        keep in 0.5f64..1.2,
    ) {
        let mut bytes = PICTURES[which].1.to_vec();
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate((bytes.len() as f64 * keep) as usize);
        let _ = Draft::with_picture(&bytes).import();
    }
}
