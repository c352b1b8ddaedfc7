//! Processes that die half-way and come back: the picture is finished, and nobody is paid twice.

use crate::swarm::Swarm;
use crate::{arg, last_json, raylance, scenes, stderr, turn};
use raylance_control::view::JobState;
use raylance_control::{Ask, Told};
use raylance_files::receipt::{self, Receipt};
use std::path::Path;

/// A picture whose first samples keep three slow workers busy for some seconds.
const SIZE: &str = "--width 128 --height 96 --json";
/// Samples per pixel. Where half of the picture is there before anybody has looked, a longer job tells the same.
const SAMPLES: [u32; 4] = [512, 1_024, 2_048, 4_096];
/// Every process of the ring.
const ALL: [&str; 5] = ["ring", "artist", "worker-1", "worker-2", "worker-3"];

/// Submits a job of a few seconds, kills `victims` when some units are there, starts `returning` again, and checks picture and money at the end.
fn check(victims: &[&str], returning: &[&str]) {
    let harm = |swarm: &mut Swarm| {
        victims.iter().for_each(|victim| swarm.kill(victim));
        returning.iter().for_each(|name| swarm.start(name));
        true
    };
    check_harm(harm);
}

/// Does harm to a ring half-way through a job; where the job was too short for that on this machine, a longer one tells the same.
fn check_harm(harm: impl Fn(&mut Swarm) -> bool) {
    let _turn = turn();
    let was_midway = SAMPLES.into_iter().any(|samples| check_with(samples, &harm));
    assert!(was_midway, "every job was half done before any harm could be done");
}

/// Returns `false` when the job was too short for this machine.
fn check_with(samples: u32, harm: impl Fn(&mut Swarm) -> bool) -> bool {
    let size = format!("{SIZE} --spp {samples}");
    let mut swarm = Swarm::start_all(3);
    swarm.network("artist", "all are connected", |view| view.peers.len() >= 4);
    let scene = scenes::write(swarm.dir(), "tiny.glb", &scenes::tiny());
    let (data, out) = (swarm.data("artist"), swarm.dir().join("out"));
    // Others shall have something to do.
    assert_eq!(raylance(&["pause", "--data", arg(&data)], "").status.code(), Some(0));
    let output = raylance(&["submit", "--data", arg(&data), arg(&scene), "--out", arg(&out)], &size);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let job = last_json(&output)["job"].as_str().expect("a name").to_owned();

    let seen = swarm.job("artist", &job, "some units are there", |view| view.line.shown >= 2);
    if seen.line.shown >= seen.line.units / 2 || !harm(&mut swarm) {
        return false;
    }
    // What a worker that is gone for good has reserved is back only at the job's end: the artist's own device does the rest.
    assert_eq!(raylance(&["resume", "--data", arg(&data)], "").status.code(), Some(0));

    let done = swarm.job("artist", &job, "the job has ended", |view| view.line.state == JobState::Ended);
    assert_eq!(done.line.shown, done.line.units);
    let file = receipt::read(&out.join("receipt.json")).expect("the receipt is signed");
    assert_eq!(file.account, swarm.look("artist").account);
    assert_eq!(file.receipt.paid, done.line.paid);
    check_money(&mut swarm, &[file.receipt]);
    check_picture(&scene, &out, &size, &swarm.dir().join("again.exr"));
    true
}

/// No money was made or lost on the way, and every worker that runs has earned on its own verified chain what the receipts say, once.
pub fn check_money(swarm: &mut Swarm, receipts: &[Receipt]) {
    let Ok(Told::Audit(audit)) = swarm.ask("ring", Ask::Audit) else { panic!("the ring counts its money") };
    assert_eq!((audit.supply_ok, audit.jobs, audit.fault), (true, 0, None));
    let workers: Vec<_> = receipts.iter().flat_map(|receipt| &receipt.workers).collect();
    assert!(workers.iter().all(|worker| !worker.refused), "a crash is no cheat: {workers:?}");
    assert!(receipts.iter().flat_map(|receipt| &receipt.shown).all(|unit| unit.checked));
    let height = audit.height;
    for name in swarm.running() {
        let view = swarm.network(&name, "it has all blocks", |view| view.height >= height);
        assert_eq!(view.makes_blocks, name == "ring");
        let wallet = swarm.wallet(&name, "it has all blocks", |view| view.height >= height);
        let mine = workers.iter().filter(|worker| worker.account == wallet.account);
        let paid = mine.map(|worker| worker.paid.parse::<i64>().unwrap()).sum::<i64>();
        let Ok(Told::Movements(movements)) = swarm.ask(&name, Ask::Movements) else { panic!("{name} knows its movements") };
        let earned = movements.iter().filter(|row| row.kind == "earned").map(|row| row.change.parse::<i64>().unwrap()).sum::<i64>();
        assert_eq!(earned, paid, "{name}: {movements:?}");
        let data = swarm.data(&name);
        let output = raylance(&["wallet", "verify", "--data", arg(&data)], "--json");
        assert_eq!(output.status.code(), Some(0), "{name}: {}", stderr(&output));
        assert_eq!(last_json(&output)["agrees"], true, "{name}");
    }
}

pub fn check_picture(scene: &Path, out: &Path, size: &str, again: &Path) {
    let output = raylance(&["render", arg(scene), "--device", "cpu", "--no-aovs", "-o", arg(again)], size);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // Not `assert_eq`: nobody wants to see the bytes.
    let same = std::fs::read(again).unwrap() == std::fs::read(out.join("image.exr")).unwrap();
    assert!(same, "the picture is the one of a local render");
}

#[test]
fn a_killed_worker_comes_back_and_nobody_is_paid_twice() {
    check(&["worker-1"], &["worker-1"]);
}

#[test]
fn a_worker_that_dies_for_good_is_replaced_by_the_others() {
    check(&["worker-1"], &[]);
}

#[test]
fn a_killed_artist_comes_back_and_finishes_its_picture() {
    check(&["artist"], &["artist"]);
}

#[test]
fn a_killed_validator_comes_back_and_goes_on_with_its_chain() {
    check(&["ring"], &["ring"]);
}

#[test]
fn a_power_cut_of_all_processes_loses_neither_picture_nor_money() {
    check(&ALL, &ALL);
}

/// A worker's render process dies under the artist's scene: that is told, the scene is not tried again there, and the others do the rest.
#[cfg(target_os = "linux")]
#[test]
fn a_scene_that_kills_a_render_process_is_left_to_other_machines() {
    use crate::child::{kill, render_processes_of};
    use raylance_control::notices::NoticeCode;
    const WORKER: &str = "worker-1";
    let told = |swarm: &mut Swarm| match swarm.ask(WORKER, Ask::Notices) {
        Ok(Told::Notices(lines)) => lines.iter().filter(|line| line.code == NoticeCode::SceneTooMuch).count(),
        _ => 0,
    };
    check_harm(|swarm| {
        let worker = swarm.process_id(WORKER);
        // One that dies between two orders, or before it has begun, condemns no scene.
        while told(swarm) == 0 {
            render_processes_of(worker).iter().for_each(|id| kill(id));
            let Ok(Told::Jobs(jobs)) = swarm.ask("artist", Ask::Jobs { skip: 0 }) else { continue };
            if jobs.iter().any(|job| job.shown == job.units) {
                return false;
            }
        }
        true
    });
}
