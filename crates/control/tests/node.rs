//! Whole peers on this machine: real connections, real devices, real databases, from empty folders.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]

use raylance_agent::{Command, Earning};
use raylance_control::notices::{NoticeCode, notices};
use raylance_control::submit::{self, SubmitRequest};
use raylance_control::view::{self, JobState, JobView};
use raylance_files::folder::RingChoice;
use raylance_files::ring;
use raylance_node::{Lag, Node, NodeConfig, StartError, start};
use raylance_picture::Picture;
use raylance_picture::frame::{Extras, FrameOrder, Watch, render_frame};
use raylance_protocol::{AccountId, Digest, Genesis, Microlux, Rate, RingParameters, SpecHash};
use raylance_scene::import::{ImportOptions, import};
use raylance_tracer::{DeviceChoice, Profile, Renderer, Settings};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Only against hanging for ever: nothing here is measured.
const PATIENCE: Duration = Duration::from_secs(600);
const STILL_LIFE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/still-life.glb");

fn config(dir: &Path, ring: RingChoice, dial: Vec<String>) -> NodeConfig {
    NodeConfig {
        data: dir.join("data"),
        state: dir.join("state"),
        ring,
        listen: vec!["/ip4/127.0.0.1/tcp/0".to_owned()],
        dial,
        mdns: false,
        device: DeviceChoice::Cpu,
        threads: 1,
        child: None,
        lag: Lag::USUAL,
        cheat: None,
    }
}

/// A peer with a folder of its own.
struct Machine {
    dir: tempfile::TempDir,
    node: Node,
}

/// `RAYLANCE_LOG=debug` shows what peers do.
fn log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("RAYLANCE_LOG").unwrap_or_default();
    // Every test of this process asks for it.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
}

impl Machine {
    fn alone() -> Self {
        log();
        let dir = tempfile::tempdir().unwrap();
        let node = start(config(dir.path(), RingChoice::Stored, Vec::new())).unwrap();
        Self { dir, node }
    }

    async fn address(&self) -> String {
        until(async || self.node.peer().listen_addresses().first().cloned()).await
    }

    async fn balance(&self) -> u64 {
        view::wallet(&self.node).await.unwrap().balance.parse().unwrap()
    }

    async fn job(&self, spec: SpecHash) -> JobView {
        view::job(&self.node, spec).await.unwrap()
    }

    async fn ended(&self, spec: SpecHash) -> JobView {
        until(async || Some(self.job(spec).await).filter(|job| job.line.state == JobState::Ended)).await
    }

    fn request(&self) -> SubmitRequest {
        SubmitRequest {
            scene: STILL_LIFE.into(),
            env: None,
            env_strength: None,
            camera: None,
            look: None,
            width_px: 48,
            height_px: 32,
            samples: 40,
            depth_max: 4,
            rate_microlux: None,
            alone: false,
            out_dir: Some(self.dir.path().join("picture")),
            key: None,
        }
    }

    async fn submit(&self) -> SpecHash {
        let submitted = submit::submit(&self.node, self.request()).await.unwrap();
        SpecHash(Digest::from_hex(&submitted.job).unwrap())
    }
}

/// Starts a peer on a folder that another one has just left: what it still wrote down may hold the folder for a moment.
async fn start_again(config: NodeConfig) -> Node {
    until(async || match start(config.clone()) {
        Err(StartError::Open(_)) => None,
        started => Some(started.unwrap()),
    })
    .await
}

/// Asks again and again until there is an answer.
async fn until<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.expect("what is waited for")
}

/// The picture as one device renders it.
fn reference(request: &SubmitRequest) -> Picture {
    let options = ImportOptions { aspect: request.width_px as f32 / request.height_px as f32, ..ImportOptions::default() };
    let scene = import(&request.scene, &options).unwrap().scene;
    let mut renderer = Renderer::new(&scene, &DeviceChoice::Cpu, Profile::Exact, 1).unwrap();
    let settings = Settings { width_px: request.width_px, height_px: request.height_px, depth_max: request.depth_max, seed: 0 };
    let order = FrameOrder { settings, samples: request.samples, noise: None, extras: Extras::None };
    render_frame(&mut renderer, &order, &Watch::new(&order, 1)).unwrap().picture
}

fn written(job: &JobView) -> Picture {
    let exr: PathBuf = job.files.iter().find(|file| file.extension().is_some_and(|kind| kind == "exr")).unwrap().clone();
    Picture::read_exr(&exr, 1_000).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alone_a_job_simply_renders() {
    let machine = Machine::alone();
    let before = machine.balance().await;
    let spec = machine.submit().await;
    let job = machine.ended(spec).await;
    assert_eq!((job.line.shown, job.line.paid.as_str()), (job.line.units, "0"));
    assert_eq!(written(&job), reference(&machine.request()));
    assert_eq!(machine.balance().await, before, "one's own device is free");
    let receipt = raylance_files::receipt::read(job.files.last().unwrap()).expect("a receipt with a good signature");
    assert_eq!(receipt.receipt.shown.len() as u32, job.line.units);
    machine.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_goes_on_where_it_was() {
    let machine = Machine::alone();
    machine.node.card().pause(true);
    let spec = machine.submit().await;
    let Machine { dir, node } = machine;
    node.stop().await.unwrap();
    let node = start_again(config(dir.path(), RingChoice::Stored, Vec::new())).await;
    let machine = Machine { dir, node };
    let job = machine.ended(spec).await;
    assert_eq!(written(&job), reference(&machine.request()));
    machine.node.stop().await.unwrap();
}

/// The folder was good when the job began, and takes nothing when the picture is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn regression_c10_a_folder_that_fails_is_a_question_and_another_one_is_the_answer() {
    let machine = Machine::alone();
    machine.node.card().pause(true);
    let spec = machine.submit().await;
    let folder = machine.job(spec).await.folder;
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "a file stands in the way").unwrap();
    machine.node.card().pause(false);
    let failing = until(async || Some(machine.job(spec).await).filter(|job| job.line.state == JobState::FolderFails)).await;
    assert!(failing.folder_fault.is_some());
    assert!(notices(&machine.node).iter().any(|line| line.code == NoticeCode::PictureNotWritten));
    let other = machine.dir.path().join("other");
    submit::set_folder(&machine.node, spec, other.clone()).await.unwrap();
    let job = machine.ended(spec).await;
    assert_eq!(job.folder, other);
    assert_eq!(written(&job), reference(&machine.request()));
    machine.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scene_that_no_device_would_end_is_refused_before_money_moves() {
    let machine = Machine::alone();
    let pile = concat!(env!("CARGO_MANIFEST_DIR"), "/../../render-core/picture/tests/broken/triangles-in-one-place.gltf");
    let request = SubmitRequest { scene: pile.into(), ..machine.request() };
    let refused = submit::submit(&machine.node, request).await.unwrap_err();
    assert!(refused.message.contains("cannot be rendered") && refused.details[0].contains("in one place"), "{refused:?}");
    assert!(!machine.dir.path().join("picture").exists());
    machine.node.stop().await.unwrap();
}

/// A disk cleaner took a film of a unit that is done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn regression_c9_a_lost_film_is_rendered_again() {
    let machine = Machine::alone();
    machine.node.card().pause(true);
    let spec = machine.submit().await;
    let films = machine.dir.path().join("data/own").join(spec.0.to_hex());
    machine.node.card().pause(false);
    // Whatever is there is taken away, again and again, as long as the job renders: some of it was done, and the last of it may be.
    let taken = std::cell::Cell::new(0);
    let cleaner = async {
        loop {
            taken.set(taken.get() + u32::from(std::fs::remove_dir_all(&films).is_ok()));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let done = until(async || Some(machine.job(spec).await).filter(|job| job.line.state == JobState::Ended));
    let job = tokio::select! {
        job = done => job,
        () = cleaner => unreachable!(),
    };
    assert!(taken.get() > 0, "no film was lost");
    assert_eq!(written(&job), reference(&machine.request()));
    machine.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn regression_c7_a_request_that_is_repeated_is_one_job() {
    let machine = Machine::alone();
    let request = SubmitRequest { key: Some("monday".to_owned()), ..machine.request() };
    let one = submit::submit(&machine.node, request.clone()).await.unwrap();
    let two = submit::submit(&machine.node, request).await.unwrap();
    assert_eq!((&one.job, &one.folder), (&two.job, &two.folder));
    assert_eq!(view::jobs(&machine.node, 0).await.unwrap().len(), 1);
    machine.node.stop().await.unwrap();
}

/// A ring that lives for minutes: everybody has money, the first one makes the blocks.
struct Ring {
    machines: Vec<Machine>,
}

impl Ring {
    async fn of(count: usize) -> Self {
        log();
        let dirs: Vec<_> = (0..count).map(|_| tempfile::tempdir().unwrap()).collect();
        let folder = |dir: &tempfile::TempDir| raylance_files::folder::Folder::new(dir.path().join("data"), dir.path().join("state"));
        let accounts: Vec<AccountId> = dirs.iter().map(|dir| folder(dir).open().unwrap().keys.account()).collect();
        let mut balances: Vec<_> = accounts.iter().map(|account| (*account, Microlux::from_lux(10))).collect();
        balances.sort();
        let solo = ring::solo(accounts[0], raylance_node::renderer(), 1);
        let genesis = Genesis { parameters: RingParameters::DEMO, balances, ..solo };
        let mut machines: Vec<Machine> = Vec::new();
        for dir in dirs {
            let dial = match machines.first() {
                Some(first) => vec![first.address().await],
                None => Vec::new(),
            };
            let node = start(config(dir.path(), RingChoice::Join(Box::new(genesis.clone())), dial)).unwrap();
            machines.push(Machine { dir, node });
        }
        let ring = Self { machines };
        ring.connected().await;
        ring
    }

    /// Everybody knows everybody.
    async fn connected(&self) {
        let first = self.machines[0].address().await;
        for (at, machine) in self.machines.iter().enumerate().skip(1) {
            for other in &self.machines[at + 1..] {
                let address = machine.address().await;
                other.node.peer().dial(&address).unwrap();
            }
            machine.node.peer().dial(&first).unwrap();
        }
        for machine in &self.machines {
            let all = self.machines.len() - 1;
            until(async || (view::network(&machine.node).await?.peers.len() == all).then_some(())).await;
        }
    }

    async fn earn(&self, who: usize) {
        let earning = Earning {
            rate: Rate(1_000_000),
            samples_per_s: 100_000,
            checks: true,
            free: true,
            unpaid_max: Microlux::from_lux(1),
            device_bytes: 1 << 30,
        };
        self.machines[who].node.command(Command::Earn(Some(earning))).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_rendered_checked_and_paid_by_peers() {
    let ring = Ring::of(4).await;
    for worker in [2, 3] {
        ring.earn(worker).await;
    }
    let artist = &ring.machines[1];
    // So that the workers have something to do: a picture this small is rendered before they have bid.
    artist.node.card().pause(true);
    let spec = artist.submit().await;
    let job = artist.ended(spec).await;
    assert_eq!(job.line.shown, job.line.units);
    assert_eq!(written(&job), reference(&artist.request()), "the bits are those of one device");
    let receipt = raylance_files::receipt::read(job.files.last().unwrap()).unwrap().receipt;
    assert!(receipt.shown.iter().all(|unit| unit.worker.is_some() && unit.checked), "{receipt:?}");
    let paid: u64 = receipt.paid.parse().unwrap();
    assert!(paid > 0);
    // Everybody agrees on who has what.
    let mut earned = 0;
    for worker in [2, 3] {
        let machine = &ring.machines[worker];
        let account = machine.node.account().to_hex();
        let paid: u64 = receipt.workers.iter().filter(|row| row.account == account).map(|row| row.paid.parse::<u64>().unwrap()).sum();
        until(async || (machine.balance().await >= 10_000_000 + paid / 2).then_some(())).await;
        earned += paid;
        until(async || view::work(&machine.node).await.unwrap().is_empty().then_some(())).await;
    }
    assert_eq!(earned, paid);
    for machine in ring.machines {
        machine.node.stop().await.unwrap();
    }
}

/// Windows so short that blocks are forgotten after seconds, and a state that is kept with every block.
fn forgetful(dir: &Path, genesis: &Genesis, dial: Vec<String>) -> NodeConfig {
    NodeConfig { lag: Lag { txs: 1, blocks: 1 }, ..config(dir, RingChoice::Join(Box::new(genesis.clone())), dial) }
}

/// Two followers: one that comes once the first blocks are kept nowhere, and one that was there before, and away meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_missed_more_than_is_kept_takes_the_state_instead() {
    log();
    let [maker, away, late] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let folder = raylance_files::folder::Folder::new(maker.path().join("data"), maker.path().join("state"));
    let account = folder.open().unwrap().keys.account();
    let parameters = RingParameters { window_ms: 800, beat_ms: 50, ..RingParameters::DEMO };
    let genesis = Genesis { parameters, ..ring::solo(account, raylance_node::renderer(), 1) };
    let maker = Machine { node: start(forgetful(maker.path(), &genesis, Vec::new())).unwrap(), dir: maker };
    let dial = vec![maker.address().await];
    let heights = async |node: &Node| node.look(|agent| agent.network()).await.map(|network| (network.height, network.oldest));
    let pay = async |to: AccountId| {
        let before = heights(&maker.node).await.unwrap().0;
        maker.node.command(Command::Transfer { to, amount: Microlux::from_lux(1) }).await.unwrap();
        until(async || heights(&maker.node).await.filter(|(height, _)| *height > before)).await.0
    };

    let node = start(forgetful(away.path(), &genesis, dial.clone())).unwrap();
    let account = node.account();
    let seen = pay(account).await;
    until(async || heights(&node).await.filter(|(height, _)| *height >= seen)).await;
    node.stop().await.unwrap();
    while heights(&maker.node).await.unwrap().1.is_none_or(|oldest| oldest <= seen.next()) {
        pay(account).await;
    }

    let state = |agent: &raylance_agent::Agent| (agent.chain().height(), agent.chain().state().root());
    for dir in [away, late] {
        let node = start_again(forgetful(dir.path(), &genesis, dial.clone())).await;
        let follows = Machine { dir, node };
        let known = until(async || Some(notices(&follows.node)).filter(|lines| !lines.is_empty())).await;
        assert_eq!(known.iter().map(|line| line.code).collect::<Vec<_>>(), [NoticeCode::BlocksSkipped]);
        // It goes on from there like everybody else, after another start, too.
        let paid = pay(follows.node.account()).await;
        until(async || heights(&follows.node).await.filter(|(height, _)| *height >= paid)).await;
        let Machine { dir, node } = follows;
        assert!(node.look(raylance_agent::Agent::movements_agree).await.unwrap());
        node.stop().await.unwrap();
        let again = start_again(forgetful(dir.path(), &genesis, dial.clone())).await;
        let same = async || (again.look(state).await? == maker.node.look(state).await?).then_some(());
        until(same).await;
        assert!(again.look(raylance_agent::Agent::movements_agree).await.unwrap());
        again.stop().await.unwrap();
    }
    maker.node.stop().await.unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (path, copied) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            std::fs::copy(&path, &copied).unwrap();
        }
    }
}

/// The mark lies outside the folder, and a follower has the blocks: nothing is signed twice, and no money is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn regression_c2_a_validator_from_a_backup_makes_no_block_before_it_has_what_it_signed() {
    let Ring { machines } = Ring::of(2).await;
    let [maker, follower] = <[Machine; 2]>::try_from(machines).ok().unwrap();
    let to = follower.node.account();
    let pay = async |node: &Node| {
        let before = node.look(|agent| agent.chain().height()).await.unwrap();
        node.command(Command::Transfer { to, amount: Microlux::from_lux(1) }).await.unwrap();
        until(async || node.look(|agent| agent.chain().height()).await.filter(|height| *height > before)).await
    };
    pay(&maker.node).await;
    let Machine { dir, node } = maker;
    node.stop().await.unwrap();
    let (data, backup) = (dir.path().join("data"), dir.path().join("backup"));
    copy(&data, &backup);

    let dial = vec![follower.address().await];
    let node = start_again(config(dir.path(), RingChoice::Stored, dial.clone())).await;
    pay(&node).await;
    let newest = pay(&node).await;
    until(async || follower.node.look(|agent| agent.chain().height()).await.filter(|height| *height >= newest)).await;
    node.stop().await.unwrap();
    std::fs::remove_dir_all(&data).unwrap();
    copy(&backup, &data);

    let node = start_again(config(dir.path(), RingChoice::Stored, dial)).await;
    let behind = async || notices(&node).into_iter().find(|line| line.code == NoticeCode::BehindOwnSignature);
    assert_eq!(until(behind).await.about, Some(newest.0.to_string()));
    until(async || node.look(|agent| agent.chain().height()).await.filter(|height| *height >= newest)).await;
    let paid = pay(&node).await;
    until(async || follower.node.look(|agent| agent.chain().height()).await.filter(|height| *height >= paid)).await;
    let root = async |node: &Node| node.look(|agent| agent.chain().state().root()).await;
    assert_eq!(root(&node).await, root(&follower.node).await);
    assert_eq!(follower.balance().await, 14_000_000, "four transfers of 1 lux, each once");
    assert!(notices(&follower.node).is_empty(), "{:?}", notices(&follower.node));
    node.stop().await.unwrap();
    follower.node.stop().await.unwrap();
}

/// Folders that earlier versions wrote open for ever. Each is that of a solo peer with an ended job and a transfer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn folders_of_every_schema_open() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = |path: PathBuf| std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let (folders, steps) = (list(root.join("tests/folders")), list(root.join("../../migrations")));
    assert_eq!(folders.len(), steps.len(), "a new schema step keeps a folder of its own: see docs/CONTRIBUTING.md");
    for folder in folders {
        let dir = tempfile::tempdir().unwrap();
        copy(&folder, &dir.path().join("data"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(dir.path().join("data/key"), std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let node = start(config(dir.path(), RingChoice::Stored, Vec::new())).unwrap();
        let seen = node.look(|agent| (agent.ended_jobs().count(), agent.movements().count(), agent.movements_agree())).await.unwrap();
        assert!(seen.0 == 1 && seen.1 > 0 && seen.2, "{}: {seen:?}", folder.display());
        let before = node.look(|agent| agent.chain().height()).await.unwrap();
        node.command(Command::Transfer { to: AccountId([9; 32]), amount: Microlux::from_lux(1) }).await.unwrap();
        until(async || node.look(|agent| agent.chain().height()).await.filter(|height| *height > before)).await;
        let bad = [NoticeCode::DatabaseGone, NoticeCode::JobUnreadable, NoticeCode::Forked, NoticeCode::BehindOwnSignature];
        assert!(notices(&node).iter().all(|line| !bad.contains(&line.code)), "{:?}", notices(&node));
        node.stop().await.unwrap();
    }
}
