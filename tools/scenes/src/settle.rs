//! Lets round fruit come to rest in a round bowl, so that pieces touch without sinking into one another.

use glam::DVec3;

/// A round piece of fruit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// Metres.
    pub centre: DVec3,
    /// Metres.
    pub radius: f64,
}

/// Rolls the pieces down inside a bowl, given as the sphere (centre, radius) that its inside is part of.
/// Position-based: fall a little, push overlapping neighbours apart, push back off the wall; repeat. The last
/// rounds don't fall, so that what remains of overlaps is pushed out.
pub fn settle(pieces: &mut [Piece], bowl: (DVec3, f64)) {
    const ROUNDS: u32 = 1200;
    const STILL: u32 = 400;
    let (centre, radius) = bowl;
    for round in 0..ROUNDS {
        if round < ROUNDS - STILL {
            for piece in pieces.iter_mut() {
                piece.centre.y -= 0.0002;
            }
        }
        for i in 0..pieces.len() {
            for j in 0..i {
                let apart = pieces[i].centre - pieces[j].centre;
                let overlap = pieces[i].radius + pieces[j].radius - apart.length();
                if overlap > 0.0 {
                    let push = apart.normalize_or(DVec3::Y) * (overlap * 0.5);
                    pieces[i].centre += push;
                    pieces[j].centre -= push;
                }
            }
        }
        for piece in pieces.iter_mut() {
            let out = piece.centre - centre;
            let room = radius - piece.radius;
            if out.y < 0.0 && out.length() > room {
                piece.centre = centre + out * (room / out.length());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settled_pieces_touch_the_bowl_and_not_each_other() {
        let bowl = (DVec3::new(0.0, 0.15, 0.0), 0.15);
        let at = |x: f64, y: f64, z: f64| Piece { centre: DVec3::new(x, y, z), radius: 0.035 };
        let mut pieces = [at(0.05, 0.1, 0.0), at(-0.05, 0.1, 0.01), at(0.0, 0.1, 0.06), at(0.0, 0.1, -0.06), at(0.001, 0.3, 0.002)];
        settle(&mut pieces, bowl);
        for (i, a) in pieces.iter().enumerate() {
            assert!(a.centre.distance(bowl.0) + a.radius < bowl.1 + 0.0005 || a.centre.y > 0.1, "{a:?} leaves the bowl");
            for b in &pieces[..i] {
                assert!(a.centre.distance(b.centre) > a.radius + b.radius - 0.0005, "{a:?} and {b:?} overlap");
            }
        }
        assert!(pieces[..4].iter().all(|p| p.centre.y < 0.09), "they fell");
    }
}
