//! Whole scenes.

use super::{Exhibit, Shows, Sky, exhibit};
use crate::still_life;

pub fn exhibits() -> Vec<Exhibit> {
    vec![
        exhibit(
            "layers",
            "Layers of a picture",
            "`raylance render` keeps what the eye's ray meets first beside the picture, in the same EXR: colour without light, direction, distance.",
            still_life(),
        )
        .under(Sky::Dark)
        .showing(Shows::Layers),
    ]
}
