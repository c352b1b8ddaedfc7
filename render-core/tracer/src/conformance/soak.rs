//! The long test of a device: leaves by the million, of scenes that nobody chose, beside the CPU's.

use super::hostile::edges;
use super::{Chance, scene};
use crate::{Control, DeviceChoice, LeafRequest, Profile, RenderError, Renderer, Settings};

/// Scenes that the leaves are spread over: random ones and such at the edges of arithmetic, by turns.
pub const SCENES: u64 = 24;
/// Edge of each picture.
const EDGE_PX: u32 = 256;
/// As in a job's film.
const LEAF_SAMPLES: u32 = 16;
/// Leaves between two words about how far it is.
const BATCH: u64 = 4_096;

/// What came of it so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Soak {
    /// Leaves that were compared.
    pub leaves: u64,
    /// Words of their sums that differ.
    pub words_differing: u64,
    /// The first leaf that differs, and the number of its scene.
    pub first: Option<(u64, LeafRequest)>,
}

/// Renders so many leaves on a device and on the CPU. The same seed draws the same ones. `tell` hears how far it is.
///
/// # Errors
/// [`RenderError`]: a device is missing or failed.
pub fn soak(choice: &DeviceChoice, leaves: u64, seed: u64, mut tell: impl FnMut(&Soak)) -> Result<Soak, RenderError> {
    let mut chance = Chance(seed);
    let mut soak = Soak::default();
    let mut pair: Option<[Renderer; 2]> = None;
    for number in 0..SCENES {
        let scene = if number % 2 == 0 { scene(seed.wrapping_add(number)) } else { edges(seed.wrapping_add(number)) };
        let pair = match &mut pair {
            Some(pair) => {
                pair.iter_mut().try_for_each(|renderer| renderer.load(&scene))?;
                pair
            }
            none => none
                .insert([Renderer::new(&scene, &DeviceChoice::Cpu, Profile::Exact, 0)?, Renderer::new(&scene, choice, Profile::Exact, 0)?]),
        };
        let settings = Settings { width_px: EDGE_PX, height_px: EDGE_PX, depth_max: chance.between(1.0, 17.0) as u32, seed: number as u32 };
        let goal = leaves * (number + 1) / SCENES;
        while soak.leaves < goal {
            let count = BATCH.min(goal - soak.leaves);
            let requests: Vec<LeafRequest> = (0..count).map(|_| random_leaf(&mut chance)).collect();
            let [expected, got] = [0, 1].map(|which| pair[which].render(&settings, &requests, &Control::default()));
            for (request, (a, b)) in requests.iter().zip(expected?.iter().zip(&got?)) {
                let words = a.iter().zip(b).filter(|(a, b)| a.to_bits() != b.to_bits()).count() as u64;
                soak.words_differing += words;
                if words > 0 {
                    soak.first.get_or_insert((number, *request));
                }
            }
            soak.leaves += count;
            tell(&soak);
        }
    }
    Ok(soak)
}

fn random_leaf(chance: &mut Chance) -> LeafRequest {
    let mut pixel = || ((chance.next() * EDGE_PX as f32) as u32).min(EDGE_PX - 1);
    let (x_px, y_px) = (pixel(), pixel());
    LeafRequest { x_px, y_px, first_sample: (chance.next() * 65_536.0) as u32 * LEAF_SAMPLES, samples: LEAF_SAMPLES }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_drawn_at_random_agree_and_every_one_is_counted() {
        let mut told = 0;
        let count = 24 * 16;
        let soak = soak(&DeviceChoice::Gpu, count, 7, |soak| told = soak.leaves).unwrap();
        assert_eq!((soak, told), (Soak { leaves: count, words_differing: 0, first: None }, count));
    }
}
