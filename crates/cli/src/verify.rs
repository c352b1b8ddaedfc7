//! `raylance verify`: pixels of a finished picture, rendered again and compared bit by bit. Needs no node, no ring and nobody's word.

use super::picture::SceneArgs;
use super::render::DeviceArgs;
use super::{Failure, Progress, out, print_json};
use clap::Args;
use raylance_files::films::{in_picture, request, settings};
use raylance_files::jobs::{IMAGE_EXR, IMAGE_PNG};
use raylance_files::receipt::{self, Receipt};
use raylance_picture::{Assembly, Completeness, Picture, View};
use raylance_protocol::job::Unit;
use raylance_protocol::{Address, JobSpec, LeafIndex, UnitIndex, Work, limits};
use raylance_scene::import::import;
use raylance_tracer::{Control, LeafRequest, Profile, Renderer};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Leaves of one call to the renderer.
const BATCH_LEAVES: usize = 1 << 16;
/// Tiles that an error names; more tell no more.
const NAMED_MAX: usize = 10;

/// Arguments of `raylance verify`.
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// receipt.json, as it was written beside the picture
    receipt: PathBuf,
    /// The scene that was rendered, with --camera, --env and the like as for the job
    #[arg(long, value_name = "SCENE")]
    scene: PathBuf,
    #[command(flatten)]
    look: SceneArgs,
    /// The picture, if it is not image.exr beside the receipt
    #[arg(long, value_name = "IMAGE.exr")]
    picture: Option<PathBuf>,
    /// Pixels to draw at random and to render again, with all their samples
    #[arg(long, default_value_t = 256, value_name = "N", conflicts_with = "all")]
    pixels: u32,
    /// Render every pixel again
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    device: DeviceArgs,
    /// Print one JSON object as the last line
    #[arg(long)]
    json: bool,
}

/// What was found.
#[derive(Serialize)]
struct Report {
    agrees: bool,
    pixels: u32,
    pixels_rendered: u32,
    leaves_rendered: u64,
    /// Tiles with pixels that differ.
    differing: Vec<Tile>,
    /// Do all bytes of the EXR follow from its pixels?
    exr_follows: bool,
    /// Does the PNG beside it? None where there is none.
    png_follows: Option<bool>,
    /// Who rendered how many units of the picture; `None` = the artist's own machine.
    rendered_by: Vec<(Option<String>, u32)>,
    /// Whose receipt it is.
    artist: String,
    paid: String,
}

#[derive(Clone, Serialize)]
struct Tile {
    x_px: u16,
    y_px: u16,
    width_px: u16,
    height_px: u16,
    /// Who rendered its units; `None` = the artist's own machine.
    rendered_by: BTreeSet<Option<String>>,
}

/// Verifies a picture.
///
/// # Errors
/// A line for a person; exit 1 where a bit differs, 2 where something else was given than the receipt is about.
pub fn run(args: &VerifyArgs) -> Result<(), Failure> {
    if args.device.profile != Profile::Exact {
        return Err(Failure::input("bits can only be compared in the exact profile"));
    }
    std::fs::metadata(&args.receipt).map_err(|error| Failure::input(format!("{}: {error}", args.receipt.display())))?;
    let changed = || Failure::work(format!("{} is no receipt, or was changed after it was signed", args.receipt.display()));
    let file = receipt::read(&args.receipt).ok_or_else(changed)?;
    let spec = file.receipt.job_spec().ok_or_else(changed)?;
    if spec.renderer.0 != raylance_tracer::renderer_digest() {
        return Err(Failure::work("the picture was rendered by another version of this program, which alone can render it again"));
    }
    let Work::Render(work) = &spec.work;
    let picture_path = args.picture.clone().unwrap_or_else(|| args.receipt.with_file_name(IMAGE_EXR));
    let unreadable = |error: &dyn std::fmt::Display| Failure::input(format!("{}: {error}", picture_path.display()));
    let bytes = std::fs::read(&picture_path).map_err(|error| unreadable(&error))?;
    let picture = Picture::from_exr_bytes(&bytes, limits::EDGE_PX_MAX, limits::EDGE_PX_MAX).map_err(|error| unreadable(&error))?;
    if (picture.width_px, picture.height_px) != (work.width_px.into(), work.height_px.into()) {
        let Picture { width_px, height_px, .. } = picture;
        return Err(Failure::work(format!(
            "the picture is {width_px} × {height_px}, the receipt says {} × {}",
            work.width_px, work.height_px
        )));
    }
    let mut renderer = renderer(args, &spec)?;

    let units = shown(&file.receipt, &spec)?;
    let drawn = drawn(args, &picture)?;
    let (again, leaves_rendered) = render(&mut renderer, &spec, &units, &drawn, &picture)?;
    let bits = |picture: &Picture, pixel: usize| picture.pixels[pixel].map(f32::to_bits);
    let differs = (0..drawn.len()).filter(|pixel| drawn[*pixel] && bits(&again, *pixel) != bits(&picture, *pixel));
    let differing = tiles(&units, differs.map(|pixel| pixel as u32).collect(), &picture);
    let exr_follows = picture.to_exr_bytes().is_ok_and(|whole| whole == bytes);
    let png_follows = png(args, &picture)?;
    let mut rendered_by: BTreeMap<Option<String>, u32> = BTreeMap::new();
    units.iter().for_each(|(_, worker)| *rendered_by.entry(worker.clone()).or_default() += 1);
    let report = Report {
        agrees: differing.is_empty() && exr_follows && png_follows != Some(false),
        pixels: picture.pixels.len() as u32,
        pixels_rendered: drawn.iter().filter(|drawn| **drawn).count() as u32,
        leaves_rendered,
        differing,
        exr_follows,
        png_follows,
        rendered_by: rendered_by.into_iter().collect(),
        artist: file.account,
        paid: file.receipt.paid,
    };
    tell(args, &report)
}

/// The renderer of the scene, which must be the receipt's.
fn renderer(args: &VerifyArgs, spec: &JobSpec) -> Result<Renderer, Failure> {
    let Work::Render(work) = &spec.work;
    let options = args.look.options(None, f32::from(work.width_px) / f32::from(work.height_px));
    let imported = import(&args.scene, &options).map_err(|error| super::render::refused(&args.scene, &error))?;
    if raylance_files::scenes::name(&imported.scene.pack()) != spec.scene {
        let line = format!("{} is not the scene of this receipt", args.scene.display());
        let why = "or it was rendered with another --camera, --look-from, --env or the like, or the file has changed since";
        return Err(Failure::input(line).with_details(vec![why.to_owned()]));
    }
    let DeviceArgs { device, profile, threads } = &args.device;
    Renderer::new(&imported.scene, device, *profile, *threads).map_err(|error| Failure::work(&error).caused_by(&error))
}

/// Units of the picture in ascending order, with who rendered them.
fn shown(receipt: &Receipt, spec: &JobSpec) -> Result<Vec<(Unit, Option<String>)>, Failure> {
    let Work::Render(work) = &spec.work;
    let units = receipt.shown.iter().map(|shown| Some((work.unit(UnitIndex(shown.unit))?, shown.worker.clone())));
    let mut units = units.collect::<Option<Vec<_>>>().ok_or_else(|| Failure::work("the receipt names units that its job does not have"))?;
    units.sort_by_key(|(unit, _)| unit.index);
    Ok(units)
}

/// Which pixels to render again, by their place in the picture.
fn drawn(args: &VerifyArgs, picture: &Picture) -> Result<Vec<bool>, Failure> {
    let count = picture.pixels.len();
    if args.all || args.pixels as usize >= count {
        return Ok(vec![true; count]);
    }
    let mut drawn = vec![false; count];
    let mut left = args.pixels;
    while left > 0 {
        // What nobody could foresee; that 2^64 is no multiple of the pixels shifts no chance that matters.
        let number = getrandom::u64().map_err(|error| Failure::work(format!("the system gives no random numbers: {error}")))?;
        let pixel = (number % count as u64) as usize;
        left -= u32::from(!std::mem::replace(&mut drawn[pixel], true));
    }
    Ok(drawn)
}

/// Leaves of a unit whose pixels are drawn.
fn leaves(unit: &Unit, drawn: &[bool], picture: &Picture) -> Vec<Address> {
    let pixels: Vec<u32> = pixels_of(unit, picture).filter(|(pixel, _)| drawn[*pixel as usize]).map(|(_, place)| place).collect();
    let runs = unit.leaf_count() / unit.pixel_count();
    let leaf = |run: u32, place: &u32| unit.address(LeafIndex(run * unit.pixel_count() + place));
    (0..runs).flat_map(|run| pixels.iter().filter_map(move |place| leaf(run, place))).collect()
}

/// Pixels of a unit: their places in the picture and in the unit.
fn pixels_of(unit: &Unit, picture: &Picture) -> impl Iterator<Item = (u32, u32)> + use<> {
    let (unit, width_px) = (*unit, picture.width_px);
    (0..unit.pixel_count()).map(move |place| {
        let (x_px, y_px) = (place % u32::from(unit.width_px), place / u32::from(unit.width_px));
        ((u32::from(unit.y_px) + y_px) * width_px + u32::from(unit.x_px) + x_px, place)
    })
}

/// The drawn pixels as they should be, from all their leaves in the order of the units, and how many leaves that took.
fn render(
    renderer: &mut Renderer,
    spec: &JobSpec,
    units: &[(Unit, Option<String>)],
    drawn: &[bool],
    picture: &Picture,
) -> Result<(Picture, u64), Failure> {
    let Work::Render(work) = &spec.work;
    let runs = |unit: &Unit| u64::from(unit.leaf_count() / unit.pixel_count());
    let pixels = |unit: &Unit| pixels_of(unit, picture).filter(|(pixel, _)| drawn[*pixel as usize]).count() as u64;
    let count: u64 = units.iter().map(|(unit, _)| runs(unit) * pixels(unit)).sum();
    let mut progress = Progress::new("rendering again", count);
    let mut assembly = Assembly::with_gaps(work.width_px.into(), work.height_px.into(), work.samples);
    let (mut waiting, mut done) = (Vec::new(), 0);
    for (at, (unit, _)) in units.iter().enumerate() {
        waiting.extend(leaves(unit, drawn, picture));
        if waiting.len() < BATCH_LEAVES && at + 1 < units.len() {
            continue;
        }
        let batch = std::mem::take(&mut waiting);
        let requests: Vec<LeafRequest> = batch.iter().map(request).collect();
        let sums = renderer.render(&settings(spec), &requests, &Control::default());
        let sums = sums.map_err(|error| Failure::work(&error).caused_by(&error))?;
        for (address, sums) in batch.iter().zip(sums) {
            assembly.add(&in_picture(spec, address), sums).map_err(Failure::work)?;
        }
        done += batch.len() as u64;
        progress.show(done, "");
    }
    progress.finish();
    Ok((assembly.finish_measured(Completeness::Partial).map_err(Failure::work)?.picture, count))
}

/// The tiles in which these pixels lie, with all who rendered a part of them.
fn tiles(units: &[(Unit, Option<String>)], pixels: BTreeSet<u32>, picture: &Picture) -> Vec<Tile> {
    let mut tiles: BTreeMap<(u16, u16), Tile> = BTreeMap::new();
    let mut known = BTreeSet::new();
    for (unit, worker) in units {
        let mut lie_in = pixels_of(unit, picture).map(|(pixel, _)| pixel).filter(|pixel| pixels.contains(pixel)).peekable();
        if lie_in.peek().is_none() {
            continue;
        }
        known.extend(lie_in);
        let Unit { x_px, y_px, width_px, height_px, .. } = *unit;
        let tile = tiles.entry((y_px, x_px)).or_insert(Tile { x_px, y_px, width_px, height_px, rendered_by: BTreeSet::new() });
        tile.rendered_by.insert(worker.clone());
    }
    // A pixel that no unit of the receipt covers should be black.
    tiles.into_values().chain(pixels.difference(&known).map(|pixel| lone(*pixel, picture))).collect()
}

fn lone(pixel: u32, picture: &Picture) -> Tile {
    let (x_px, y_px) = ((pixel % picture.width_px) as u16, (pixel / picture.width_px) as u16);
    Tile { x_px, y_px, width_px: 1, height_px: 1, rendered_by: BTreeSet::new() }
}

/// Does the PNG beside the receipt follow from the picture? None where there is none, or another picture was given.
fn png(args: &VerifyArgs, picture: &Picture) -> Result<Option<bool>, Failure> {
    let path = args.receipt.with_file_name(IMAGE_PNG);
    if args.picture.is_some() || !path.exists() {
        return Ok(None);
    }
    let bytes = std::fs::read(&path).map_err(|error| Failure::input(format!("{}: {error}", path.display())))?;
    Ok(Some(picture.to_png_bytes(View::default()).is_ok_and(|whole| whole == bytes)))
}

fn tell(args: &VerifyArgs, report: &Report) -> Result<(), Failure> {
    if args.json {
        print_json(report)?;
    } else if report.agrees {
        let share = if report.pixels == report.pixels_rendered { "all".to_owned() } else { format!("{} of", report.pixels_rendered) };
        out!("picture   {share} {} pixels rendered again, {} leaves: every bit agrees", report.pixels, report.leaves_rendered);
        if report.png_follows == Some(true) {
            out!("look      {IMAGE_PNG} follows from it, byte for byte");
        }
        for (worker, units) in &report.rendered_by {
            out!("rendered  {units:6} units by {}", name(worker.as_deref()));
        }
        let paid = report.paid.parse().map(raylance_protocol::Microlux).unwrap_or_default();
        out!("receipt   signed by {}, who paid {paid}", report.artist);
    }
    if report.agrees {
        return Ok(());
    }
    let mut details: Vec<String> = report.differing.iter().take(NAMED_MAX).map(words).collect();
    if report.differing.len() > NAMED_MAX {
        details.push(format!("and {} more", report.differing.len() - NAMED_MAX));
    }
    let line = match (report.differing.len(), report.exr_follows) {
        (0, true) => format!("{IMAGE_PNG} is not what the picture looks like"),
        (0, false) => "the EXR has bytes that do not follow from its pixels: it was changed".to_owned(),
        (1, _) => "one tile is not what the scene looks like".to_owned(),
        (count, _) => format!("{count} tiles are not what the scene looks like"),
    };
    Err(Failure::work(line).with_details(details))
}

fn words(Tile { x_px, y_px, width_px, height_px, rendered_by }: &Tile) -> String {
    let by: Vec<&str> = rendered_by.iter().map(|worker| name(worker.as_deref())).collect();
    let by = if by.is_empty() { "no unit of the receipt".to_owned() } else { by.join(", ") };
    format!("tile at {x_px},{y_px} of {width_px} × {height_px} pixels, rendered by {by}")
}

fn name(worker: Option<&str>) -> &str {
    worker.unwrap_or("the artist's own machine")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_is_named_with_all_who_rendered_it() {
        let rendered_by = BTreeSet::from([None, Some("ab12".to_owned())]);
        let tile = Tile { x_px: 64, y_px: 0, width_px: 32, height_px: 8, rendered_by };
        assert_eq!(words(&tile), "tile at 64,0 of 32 × 8 pixels, rendered by the artist's own machine, ab12");
    }
}
