//! Scenes made of formulas: the sample scene, the gallery's exhibits, rooms for measurements, and broken files for the scene doctor.
//!
//! The same call gives the same bytes on every machine. Deliberately absent: anything made by others; the scenes may be used by anyone for
//! anything (CC0).

pub mod broken;

mod cornell;
mod furniture;
mod gallery;
mod glb;
mod interior;
mod mesh;
mod numbers;
mod paint;
mod settle;
mod shapes;
mod still_life;

pub use cornell::cornell;
pub use gallery::{Exhibit, Made, Shows, Sky, exhibits};
pub use interior::interior;
pub use still_life::{STILL_LIFE_PATH, still_life};
