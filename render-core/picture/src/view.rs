//! From scene-linear light to what a screen shows.

use std::{fmt, str::FromStr};

/// How linear light becomes an 8-bit sRGB colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ViewTransform {
    /// Film-like: highlights lose colour instead of clipping. A polynomial fit of AgX's base look, within 2 to 4 levels of 255 of Blender's on average.
    #[default]
    AgX,
    /// The Academy's reference look for screens, in Stephen Hill's fit: contrasty, colours stay strong.
    Aces,
    /// John Hable's film curve, per channel: soft shadows and highlights.
    Filmic,
    /// The plain sRGB curve; light above 1 clips.
    Standard,
}

/// A view transform's name was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the view must be `agx`, `aces`, `filmic` or `standard`")]
pub struct UnknownView;

/// Rec.709 to Rec.2020 (ITU-R BT.2087), rows.
const REC709_TO_REC2020: [[f32; 3]; 3] = [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0113], [0.0164, 0.0880, 0.8956]];
/// Rec.2020 to Rec.709, rows.
const REC2020_TO_REC709: [[f32; 3]; 3] = [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]];
/// AgX's inset of the Rec.2020 primaries, which makes strong colours mix on their way to white (Eary Chow's AgX, base Rec.2020), rows.
const AGX_INSET: [[f32; 3]; 3] =
    [[0.856_627_15, 0.095_121_24, 0.048_251_606], [0.137_318_97, 0.761_242, 0.101_439_04], [0.111_898_21, 0.076_799_415, 0.811_302_4]];
/// Its way back after the curve, rows.
const AGX_OUTSET: [[f32; 3]; 3] = [
    [1.127_100_6, -0.110_606_64, -0.016_493_939],
    [-0.141_329_76, 1.157_823_7, -0.016_493_939],
    [-0.141_329_76, -0.110_606_64, 1.251_936_4],
];
/// 10 stops below middle grey, as a power of two.
const AGX_EV_MIN: f32 = -12.473_93;
/// 6.5 stops above middle grey.
const AGX_EV_MAX: f32 = 4.026_069;
/// From the curve's output to display light. AgX is formed for a 2.4 display; the 2.2 often seen is three times farther from Blender's pictures.
const AGX_POWER: f32 = 2.4;

/// Rec.709 to the reference rendering transform's working space, its saturation step included (Stephen Hill, "ACES.hlsl" of BakingLab), rows.
const ACES_INPUT: [[f32; 3]; 3] = [[0.597_19, 0.354_58, 0.048_23], [0.076_00, 0.908_34, 0.015_66], [0.028_40, 0.133_83, 0.837_77]];
/// Its way back to Rec.709, rows.
const ACES_OUTPUT: [[f32; 3]; 3] = [[1.604_75, -0.531_08, -0.073_67], [-0.102_08, 1.108_13, -0.006_05], [-0.003_27, -0.072_76, 1.076_02]];
/// Light that Hable's curve shows as white, and his factor in front of it (John Hable, "Filmic Tonemapping Operators", 2010).
const HABLE_WHITE: f32 = 11.2;
const HABLE_EXPOSURE: f32 = 2.0;

impl ViewTransform {
    /// All of them, as people name them.
    pub const NAMED: [(&str, Self); 4] = [("agx", Self::AgX), ("aces", Self::Aces), ("filmic", Self::Filmic), ("standard", Self::Standard)];

    /// One pixel of linear Rec.709 light as sRGB bytes; what is no number becomes black.
    pub fn encode(self, light: [f32; 3]) -> [u8; 3] {
        let light = light.map(|channel| if channel.is_nan() { 0.0 } else { channel.clamp(0.0, 1.0e12) });
        let shown = match self {
            Self::AgX => agx(light),
            Self::Aces => aces(light),
            Self::Filmic => light.map(|channel| hable(channel * HABLE_EXPOSURE) / hable(HABLE_WHITE)),
            Self::Standard => light,
        };
        shown.map(|channel| (srgb_from_linear(channel.clamp(0.0, 1.0)) * 255.0 + 0.5) as u8)
    }
}

impl FromStr for ViewTransform {
    type Err = UnknownView;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::NAMED.into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).map(|(_, view)| view).ok_or(UnknownView)
    }
}

impl fmt::Display for ViewTransform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMED.into_iter().find(|(_, view)| view == self).map_or("", |(name, _)| name);
        f.write_str(name)
    }
}

/// Hill's fit of the reference rendering transform and the output transform for 100-nit screens.
fn aces(light: [f32; 3]) -> [f32; 3] {
    let fit = |v: f32| (v * (v + 0.024_578_6) - 0.000_090_537) / (v * (0.983_729 * v + 0.432_951) + 0.238_081);
    multiply(&ACES_OUTPUT, multiply(&ACES_INPUT, light).map(fit))
}

/// Hable's curve: shoulder, linear part, toe.
fn hable(x: f32) -> f32 {
    const SHOULDER: f32 = 0.15;
    const LINEAR: f32 = 0.50;
    const LINEAR_ANGLE: f32 = 0.10;
    const TOE: f32 = 0.20;
    const TOE_RISE: f32 = 0.02;
    const TOE_RUN: f32 = 0.30;
    // Beyond this its squares would leave f32; it is flat long before.
    let x = x.min(1.0e6);
    (x * (SHOULDER * x + LINEAR_ANGLE * LINEAR) + TOE * TOE_RISE) / (x * (SHOULDER * x + LINEAR) + TOE * TOE_RUN) - TOE_RISE / TOE_RUN
}

fn agx(light: [f32; 3]) -> [f32; 3] {
    let inset = multiply(&AGX_INSET, multiply(&REC709_TO_REC2020, light));
    let curved = inset.map(|channel| {
        let stops = channel.max(1.0e-10).log2();
        contrast(((stops - AGX_EV_MIN) / (AGX_EV_MAX - AGX_EV_MIN)).clamp(0.0, 1.0))
    });
    let display = multiply(&AGX_OUTSET, curved).map(|channel| channel.max(0.0).powf(AGX_POWER));
    multiply(&REC2020_TO_REC709, display)
}

/// Benjamin Wrensch's sixth-order fit of AgX's default contrast curve ("Minimal AgX Implementation", 2023).
fn contrast(x: f32) -> f32 {
    const FIT: [f32; 7] = [15.5, -40.14, 31.96, -6.868, 0.4298, 0.1191, -0.00232];
    FIT.into_iter().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

fn multiply(rows: &[[f32; 3]; 3], v: [f32; 3]) -> [f32; 3] {
    rows.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
}

/// IEC 61966-2-1.
fn srgb_from_linear(x: f32) -> f32 {
    if x <= 0.003_130_8 { 12.92 * x } else { 1.055 * x.powf(1.0 / 2.4) - 0.055 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_view_rises_with_light_and_keeps_greys_grey() {
        for (name, view) in ViewTransform::NAMED {
            assert_eq!((name.parse(), view.to_string().as_str()), (Ok(view), name));
            let mut last = 0;
            for stop in -12..12 {
                let [r, g, b] = view.encode([0.18 * 2.0f32.powi(stop); 3]);
                assert!(r.abs_diff(g) <= 1 && g.abs_diff(b) <= 1, "{name} {stop}: {r} {g} {b}");
                assert!(g >= last, "{name} {stop}");
                last = g;
            }
            assert!(last >= 250, "{name}: bright light comes near white: {last}");
            let middle = view.encode([0.18; 3])[1];
            assert!((85..=140).contains(&middle), "{name}: middle grey lands near half: {middle}");
        }
        assert_eq!("filmlike".parse::<ViewTransform>(), Err(UnknownView));
    }

    #[test]
    fn film_like_views_lose_colour_where_light_is_strong() {
        let spread = |view: ViewTransform| {
            let [r, _, b] = view.encode([16.0, 1.0, 1.0]);
            r.abs_diff(b)
        };
        assert!(spread(ViewTransform::AgX) < 100, "{}", spread(ViewTransform::AgX));
        assert_eq!(ViewTransform::Standard.encode([16.0, 0.5, 0.5]), [255, 188, 188]);
    }

    #[test]
    fn impossible_light_becomes_a_colour() {
        for (name, view) in ViewTransform::NAMED {
            assert_eq!(view.encode([f32::NAN, -1.0, f32::NEG_INFINITY]), view.encode([0.0; 3]), "{name}");
            assert!(view.encode([f32::INFINITY; 3])[0] > 250, "{name}");
        }
        assert_eq!(ViewTransform::Standard.encode([f32::INFINITY, 1.0, 2.0]), [255; 3]);
    }
}
