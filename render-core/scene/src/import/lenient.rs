//! JSON brought into the form that the parser wants, for files that are valid or nearly so and that other readers open.
//!
//! Only a file that the parser or its rules refuse comes here, so that others are read once. What is changed without being allowed by the
//! format is told.

use gltf::json::Root;
use serde_json::{Map, Number, Value, json};

use super::fault::{FaultKind, Place};

/// Larger documents are not mended: a tree of values takes ten times the text.
const JSON_BYTES_MAX: usize = 32 << 20;
/// As many as make a point; more of the same are left out silently.
const WARNINGS_MAX: usize = 32;

/// A mended document and what there is to say of it; `None` where it is no JSON, or none that a root can be made of.
pub(super) fn read(json: &[u8]) -> Option<(Root, Vec<(FaultKind, Place)>)> {
    if json.len() > JSON_BYTES_MAX {
        return None;
    }
    let mut mend = Mend { document: serde_json::from_slice(json).ok()?, told: Vec::new() };
    whole(&mut mend.document);
    mend.scenes();
    mend.channels();
    mend.enums();
    mend.primitives();
    Some((serde_json::from_value(mend.document).ok()?, mend.told))
}

struct Mend {
    document: Value,
    told: Vec<(FaultKind, Place)>,
}

/// Whole numbers may be written with a point (glTF 2.0, section 2.7).
fn whole(value: &mut Value) {
    const EXACT_MAX: f64 = 9.0e15;
    match value {
        Value::Number(number) if number.is_f64() => {
            if let Some(float) = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < EXACT_MAX && !is_minus_zero(*float)) {
                *number = if float < 0.0 { Number::from(float as i64) } else { Number::from(float as u64) };
            }
        }
        Value::Array(list) => list.iter_mut().for_each(whole),
        Value::Object(fields) => fields.values_mut().for_each(whole),
        _ => {}
    }
}

fn is_minus_zero(value: f64) -> bool {
    value == 0.0 && value.is_sign_negative()
}

/// What a value that the format does not know is taken for; `None` = it is left out.
type Meaning = fn(&Value) -> Option<Value>;

impl Mend {
    fn tell(&mut self, what: FaultKind, place: Place) {
        if self.told.len() < WARNINGS_MAX {
            self.told.push((what, place));
        }
    }

    /// The objects of a list of the root.
    fn each(&mut self, list: &str, mut change: impl FnMut(usize, &mut Map<String, Value>) -> Option<(FaultKind, Place)>) {
        let objects = self.document.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        let told: Vec<_> = objects.enumerate().filter_map(|(at, value)| change(at, value.as_object_mut()?)).collect();
        told.into_iter().for_each(|(what, place)| self.tell(what, place));
    }

    /// A scene may be empty, which the format says by leaving `nodes` out.
    fn scenes(&mut self) {
        self.each("scenes", |_, scene| {
            scene.entry("nodes").or_insert_with(|| json!([]));
            None
        });
    }

    /// Channels without a node, and those that move what an extension says, move nothing that is drawn.
    fn channels(&mut self) {
        self.each("animations", |animation, fields| {
            let channels = fields.get_mut("channels")?.as_array_mut()?;
            let before = channels.len();
            channels.retain(|channel| {
                let target = &channel["target"];
                let is_known = target["path"].as_str().is_some_and(|path| ["translation", "rotation", "scale", "weights"].contains(&path));
                target["node"].is_u64() && is_known
            });
            let lost = before - channels.len();
            (lost > 0).then(|| (FaultKind::ChannelsLeftOut { lost }, Place::Json(format!("animations[{animation}].channels"))))
        });
    }

    fn enums(&mut self) {
        // A magnified texture has no smaller levels.
        self.meaning("samplers", "magFilter", &[9728, 9729], |value| match value.as_u64() {
            Some(9984 | 9986) => Some(json!(9728)),
            Some(9985 | 9987) => Some(json!(9729)),
            _ => None,
        });
        self.meaning("samplers", "minFilter", &[9728, 9729, 9984, 9985, 9986, 9987], |_| None);
        self.meaning("samplers", "wrapS", &[33_071, 33_648, 10_497], |_| None);
        self.meaning("samplers", "wrapT", &[33_071, 33_648, 10_497], |_| None);
        self.meaning("bufferViews", "target", &[34_962, 34_963], |_| None);
        self.word("materials", "alphaMode", &["OPAQUE", "MASK", "BLEND"]);
        self.each("cameras", |camera, fields| {
            let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
            if ["perspective", "orthographic"].contains(&kind) {
                return None;
            }
            let orthographic = fields.contains_key("orthographic");
            fields.insert("type".to_owned(), json!(if orthographic { "orthographic" } else { "perspective" }));
            if !orthographic {
                fields.entry("perspective").or_insert_with(|| json!({"yfov": 0.8, "znear": 0.1}));
            }
            Some((FaultKind::EnumUnknown { field: "type" }, Place::Json(format!("cameras[{camera}].type"))))
        });
    }

    /// Takes values that the format does not know for what they mean, or for none.
    fn meaning(&mut self, list: &'static str, field: &'static str, known: &[u64], means: Meaning) {
        self.each(list, |at, fields| {
            let value = fields.get(field).filter(|value| !value.as_u64().is_some_and(|value| known.contains(&value)))?;
            match means(value) {
                Some(meant) => _ = fields.insert(field.to_owned(), meant),
                None => _ = fields.remove(field),
            }
            Some((FaultKind::EnumUnknown { field }, Place::Json(format!("{list}[{at}].{field}"))))
        });
    }

    fn word(&mut self, list: &'static str, field: &'static str, known: &[&str]) {
        self.each(list, |at, fields| {
            fields.get(field).filter(|value| !value.as_str().is_some_and(|value| known.contains(&value)))?;
            fields.remove(field);
            Some((FaultKind::EnumUnknown { field }, Place::Json(format!("{list}[{at}].{field}"))))
        });
    }

    /// A primitive without positions is not drawn (glTF 2.0, section 3.7.2.1).
    fn primitives(&mut self) {
        self.each("meshes", |mesh, fields| {
            let name = fields.get("name").and_then(Value::as_str).map(str::to_owned);
            let primitives = fields.get_mut("primitives")?.as_array_mut()?;
            let first = primitives.iter().position(|primitive| primitive["attributes"].get("POSITION").is_none())?;
            primitives.retain(|primitive| primitive["attributes"].get("POSITION").is_some());
            Some((FaultKind::PrimitiveWithoutPositions, Place::Primitive { mesh, name, primitive: first }))
        });
    }
}
