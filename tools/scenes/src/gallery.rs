//! Small scenes of our own, one per feature, for `docs/gallery.md`: the same stage each time, and on it what the feature changes.

mod geometry;
mod glass;
mod layers;
mod lights;
mod moving;
mod sky;
mod stage;
mod textures;
mod whole;

/// A picture of the gallery.
pub struct Exhibit {
    /// File name without its ending.
    pub name: &'static str,
    /// The heading in the page.
    pub title: &'static str,
    /// What to look for.
    pub caption: &'static str,
    /// The scene, as binary glTF.
    pub scene: Vec<u8>,
    /// What surrounds it.
    pub sky: Sky,
    /// A moment of its animation, counted in 24 per second.
    pub frame: Option<u32>,
    /// Further arguments of `raylance render`.
    pub arguments: &'static [&'static str],
    /// What of it the page shows.
    pub shows: Shows,
}

/// An environment of our own.
#[derive(Clone, Copy, PartialEq)]
pub enum Sky {
    /// None: the scene's lamps are all there is.
    Dark,
    /// A photographer's studio.
    Studio,
    /// A bright day.
    Day,
}

/// A file that is made when somebody wants it: its name, and what makes its bytes.
pub type Made = (&'static str, fn() -> Vec<u8>);

impl Sky {
    /// Its EXR file; none in the dark.
    pub fn file(self) -> Option<Made> {
        match self {
            Self::Dark => None,
            Self::Studio => Some(("studio.exr", sky::studio)),
            Self::Day => Some(("day.exr", sky::day)),
        }
    }
}

/// Which pictures are made of an exhibit.
#[derive(Clone, Copy, PartialEq)]
pub enum Shows {
    /// The picture.
    Picture,
    /// The picture through each view transform.
    Views,
    /// The picture and the layers of its file.
    Layers,
}

/// Every exhibit, in the order of the page.
pub fn exhibits() -> Vec<Exhibit> {
    let rooms =
        [layers::exhibits, glass::exhibits, textures::exhibits, lights::exhibits, moving::exhibits, geometry::exhibits, whole::exhibits];
    rooms.into_iter().flat_map(|room| room()).collect()
}

fn exhibit(name: &'static str, title: &'static str, caption: &'static str, scene: Vec<u8>) -> Exhibit {
    Exhibit { name, title, caption, scene, sky: Sky::Studio, frame: None, arguments: &[], shows: Shows::Picture }
}

impl Exhibit {
    fn under(self, sky: Sky) -> Self {
        Self { sky, ..self }
    }

    fn at_frame(self, frame: u32) -> Self {
        Self { frame: Some(frame), ..self }
    }

    fn with(self, arguments: &'static [&'static str]) -> Self {
        Self { arguments, ..self }
    }

    fn showing(self, shows: Shows) -> Self {
        Self { shows, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn exhibits_have_names_of_their_own_and_small_files() {
        let all = exhibits();
        let names: BTreeSet<_> = all.iter().map(|exhibit| exhibit.name).collect();
        assert_eq!(names.len(), all.len());
        for Exhibit { name, scene, .. } in &all {
            assert!(scene.len() < 12_000_000, "{name}: {} bytes", scene.len());
        }
    }
}
