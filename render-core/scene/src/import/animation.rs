//! Node poses at one moment: translation, rotation, scale and morph weights (glTF 2.0, section 3.11 and appendix C).

use std::collections::BTreeMap;

use glam::{DQuat, DVec3, DVec4};
use gltf::json::{
    Animation,
    animation::{Interpolation, Property, Sampler},
    validation::Checked,
};

use super::{
    accessor::Reader,
    fault::{FaultKind, Faults, Place},
};

/// Frames per second that a frame number is counted in.
pub const FRAMES_PER_SECOND: f64 = 24.0;

/// What animation says about one node; `None` leaves the node's own value.
#[derive(Clone, Debug, Default)]
pub(super) struct Pose {
    pub(super) translation: Option<DVec3>,
    pub(super) rotation: Option<DQuat>,
    pub(super) scale: Option<DVec3>,
    /// How far each morph target is taken.
    pub(super) weights: Option<Vec<f32>>,
}

/// The pose of every animated node at `frame`. Where several channels move the same property, the first wins.
pub(super) fn poses(reader: Reader<'_>, frame: u32, faults: &mut Faults) -> BTreeMap<usize, Pose> {
    let time = f64::from(frame) / FRAMES_PER_SECOND;
    let mut poses = BTreeMap::<usize, Pose>::new();
    let mut overlap = false;
    for (a, animation) in reader.root.animations.iter().enumerate() {
        for (c, channel) in animation.channels.iter().enumerate() {
            let place = || Place::Animation { animation: a, channel: c };
            let Checked::Valid(property) = channel.target.path else { continue };
            let pose = poses.entry(channel.target.node.value()).or_default();
            overlap |= match property {
                Property::Translation => pose.translation.is_some(),
                Property::Rotation => pose.rotation.is_some(),
                Property::Scale => pose.scale.is_some(),
                Property::MorphTargetWeights => pose.weights.is_some(),
            };
            if let Some(change) = faults.keep(sample_channel(reader, animation, channel.sampler.value(), property, time), place) {
                pose.translation = pose.translation.or(change.translation);
                pose.rotation = pose.rotation.or(change.rotation);
                pose.scale = pose.scale.or(change.scale);
                pose.weights = pose.weights.take().or(change.weights);
            }
        }
    }
    if overlap {
        faults.warn(FaultKind::AnimationsOverlap, Place::Scene);
    }
    if poses.is_empty() {
        faults.warn(FaultKind::NothingAnimated, Place::Options);
    }
    poses
}

fn sample_channel(reader: Reader<'_>, animation: &Animation, sampler: usize, property: Property, time: f64) -> Result<Pose, FaultKind> {
    let sampler = animation.samplers.get(sampler).ok_or(FaultKind::AnimationKeys)?;
    let keys = Keys::read(reader, sampler)?;
    let wide = |values: Vec<[f32; 3]>| values.into_iter().map(|[x, y, z]| DVec4::new(x.into(), y.into(), z.into(), 0.0)).collect();
    let mut pose = Pose::default();
    match property {
        Property::Translation | Property::Scale => {
            let values: Vec<DVec4> = wide(reader.floats::<3>(sampler.output)?);
            let value = finite(keys.sample(&values, DVec4::lerp, time)?)?.truncate();
            *(if property == Property::Scale { &mut pose.scale } else { &mut pose.translation }) = Some(value);
        }
        Property::Rotation => {
            let values: Vec<DVec4> = reader.floats::<4>(sampler.output)?.into_iter().map(|v| DVec4::from_array(v.map(f64::from))).collect();
            let turn = |from: DVec4, to: DVec4, t: f64| DVec4::from(to_rotation(from).slerp(to_rotation(to), t));
            pose.rotation = Some(to_rotation(finite(keys.sample(&values, turn, time)?)?));
        }
        Property::MorphTargetWeights => pose.weights = Some(sample_weights(reader, sampler, &keys, time)?),
    }
    Ok(pose)
}

/// Each key holds one weight for each target; the weights of one target are a track of their own.
fn sample_weights(reader: Reader<'_>, sampler: &Sampler, keys: &Keys, time: f64) -> Result<Vec<f32>, FaultKind> {
    let values = reader.floats::<1>(sampler.output)?;
    let rows = keys.times.len() * keys.per_key;
    let targets = values.len() / rows.max(1);
    if targets == 0 || targets * rows != values.len() {
        return Err(FaultKind::AnimationKeys);
    }
    let weight = |target: usize| {
        let track: Vec<DVec4> = (0..rows).map(|row| DVec4::splat(values[row * targets + target][0].into())).collect();
        Ok(finite(keys.sample(&track, DVec4::lerp, time)?)?.x as f32)
    };
    (0..targets).map(weight).collect()
}

fn finite(value: DVec4) -> Result<DVec4, FaultKind> {
    if value.is_finite() { Ok(value) } else { Err(FaultKind::AnimationKeys) }
}

/// When a sampler has values, and what happens between.
struct Keys {
    times: Vec<f64>,
    interpolation: Interpolation,
    /// A spline key is (in-tangent, value, out-tangent).
    per_key: usize,
}

impl Keys {
    fn read(reader: Reader<'_>, sampler: &Sampler) -> Result<Self, FaultKind> {
        let Checked::Valid(interpolation) = sampler.interpolation else { return Err(FaultKind::AnimationKeys) };
        let times: Vec<f64> = reader.floats::<1>(sampler.input)?.into_iter().map(|[time]| f64::from(time)).collect();
        let ascending = times.windows(2).all(|pair| pair[0] <= pair[1]) && times.iter().all(|time| time.is_finite());
        if times.is_empty() || !ascending {
            return Err(FaultKind::AnimationKeys);
        }
        Ok(Self { times, interpolation, per_key: if interpolation == Interpolation::CubicSpline { 3 } else { 1 } })
    }

    fn sample(&self, values: &[DVec4], between: impl Fn(DVec4, DVec4, f64) -> DVec4, time: f64) -> Result<DVec4, FaultKind> {
        let Self { times, interpolation, per_key } = self;
        if values.len() != times.len() * per_key {
            return Err(FaultKind::AnimationKeys);
        }
        let key = |at: usize| values[at * per_key + per_key / 2];
        let next = times.partition_point(|key_time| *key_time <= time);
        if next == 0 {
            return Ok(key(0));
        }
        if next == times.len() {
            return Ok(key(next - 1));
        }
        let (before, span) = (next - 1, times[next] - times[next - 1]);
        let t = (time - times[before]) / span;
        Ok(match interpolation {
            Interpolation::Step => key(before),
            Interpolation::Linear => between(key(before), key(next), t),
            Interpolation::CubicSpline => {
                let (t2, t3) = (t * t, t * t * t);
                let (leave, arrive) = (values[before * 3 + 2] * span, values[next * 3] * span);
                key(before) * (2.0 * t3 - 3.0 * t2 + 1.0)
                    + leave * (t3 - 2.0 * t2 + t)
                    + key(next) * (3.0 * t2 - 2.0 * t3)
                    + arrive * (t3 - t2)
            }
        })
    }
}

/// A quaternion of any length; the zero one, and one that is not finite, turn nothing.
pub(super) fn to_rotation(value: DVec4) -> DQuat {
    value.try_normalize().map_or(DQuat::IDENTITY, DQuat::from_vec4)
}
