//! The command line as a contract: files, exit codes, JSON lines, and a node of one's own.

use crate::swarm::Swarm;
use crate::{arg, last_json, raylance, scenes, stderr, turn};
use raylance_control::view::JobState;
use raylance_picture::Picture;

#[test]
fn render_writes_a_linear_and_a_visible_picture() {
    let dir = tempfile::tempdir().unwrap();
    let scene = scenes::write(dir.path(), "tiny.glb", &scenes::tiny());
    let (exr, png) = (dir.path().join("sub/out.exr"), dir.path().join("sub/out.png"));
    let flags = "--width 24 --height 16 --spp 20 --device cpu --look-from -1,1.5,4 --look-at 0,0.5,-0.5 --fov 35 --json";
    let output = raylance(&["render", arg(&scene), "-o", arg(&exr), "--png", arg(&png)], flags);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = last_json(&output);
    assert_eq!((told["width_px"].as_u64(), told["samples"].as_u64()), (Some(24), Some(20)), "{told}");
    let picture = Picture::read_exr(&exr, 64).unwrap();
    assert_eq!((picture.width_px, picture.height_px), (24, 16));
    assert!(picture.pixels.iter().flatten().all(|channel| channel.is_finite()));
    assert!(picture.pixels.iter().flatten().any(|&channel| channel > 0.0));
    assert!(std::fs::read(&png).unwrap().starts_with(b"\x89PNG"));

    // Threads and a repetition change no bit; another seed does.
    let again = |extra: &str| {
        let output = raylance(&["render", arg(&scene), "-o", arg(&exr)], &format!("{flags} {extra}"));
        last_json(&output)["pixels_digest"].clone()
    };
    assert_eq!(again(""), told["pixels_digest"]);
    assert_eq!(again("--threads 1"), told["pixels_digest"]);
    assert_ne!(again("--seed 1"), told["pixels_digest"]);
}

#[test]
fn render_knows_views_lenses_layers_and_noise() {
    let dir = tempfile::tempdir().unwrap();
    let scene = scenes::write(dir.path(), "tiny.glb", &scenes::tiny());
    let path = |name: &str| dir.path().join(name);
    let (exr, png, jpg) = (path("a.exr"), path("a.png"), path("a.jpg"));
    let flags = "--width 40 --height 24 --device cpu --look-from -1,1.5,4 --look-at 0,0.5,-0.5 --fov 35 --json";
    let render = |files: &[&str], extra: &str| {
        let output = raylance(&[&["render", arg(&scene)], files].concat(), &format!("{flags} {extra}"));
        assert_eq!(output.status.code(), Some(0), "{extra}: {}", stderr(&output));
        last_json(&output)
    };
    let told = render(
        &["-o", arg(&exr), "--png", arg(&png), "--jpg", arg(&jpg)],
        "--spp 512 --noise 0.05 --f-stop 1.4 --view aces --exposure -1.5",
    );
    assert_eq!(told["layers"], serde_json::json!(["albedo", "normal", "depth", "samples", "variance"]), "{told}");
    assert_eq!((told["view"].as_str(), told["exposure_stops"].as_f64()), (Some("aces"), Some(-1.5)), "{told}");
    let (mean, max) = (told["samples_mean"].as_f64().unwrap(), told["samples_max"].as_f64().unwrap());
    assert!((64.0..=max).contains(&mean) && max <= 512.0, "{told}");
    assert!(told["noise"]["error_mean"].as_f64() <= told["noise"]["error_max"].as_f64(), "{told}");
    // The lens is sharp where the eye looks.
    assert!(told["camera"]["lens_radius_m"].as_f64().unwrap() > 0.0, "{told}");
    assert!((told["camera"]["focus_distance_m"].as_f64().unwrap() - 4.717).abs() < 0.01, "{told}");
    assert!(std::fs::read(&jpg).unwrap().starts_with(&[0xff, 0xd8, 0xff]));
    assert!(std::fs::read(&png).unwrap().windows(4).any(|chunk| chunk == b"sRGB"));
    assert!(Picture::read_exr(&exr, 64).is_ok());

    // Layers change no bit of the picture; a lens does.
    let plain = render(&["-o", arg(&exr)], "--spp 16 --no-aovs");
    assert_eq!(plain["layers"], serde_json::json!([]), "{plain}");
    assert_eq!(plain["pixels_digest"], render(&["-o", arg(&exr)], "--spp 16")["pixels_digest"]);
    assert_ne!(plain["pixels_digest"], render(&["-o", arg(&exr)], "--spp 16 --lens-radius 0.2 --focus-distance 2")["pixels_digest"]);
}

#[test]
fn a_run_of_frames_goes_on_where_it_ended() {
    let dir = tempfile::tempdir().unwrap();
    let scene = scenes::write(dir.path(), "tiny.glb", &scenes::tiny());
    let out = dir.path().join("frames/a_###.png");
    let run = || {
        let flags = "--width 8 --height 8 --spp 1 --device cpu --frame 8..10 --skip-existing --json";
        let output = raylance(&["render", arg(&scene), "-o", arg(&out)], flags);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        last_json(&output)
    };
    let first = run();
    let file = |number: u32| dir.path().join(format!("frames/a_{number:03}.png"));
    assert_eq!(first["images"], serde_json::json!([file(8), file(9), file(10)]), "{first}");
    assert_eq!(first["frames_skipped"], 0, "{first}");
    std::fs::remove_file(file(9)).unwrap();
    let second = run();
    assert!(file(9).is_file());
    assert_eq!((&second["frames_skipped"], &second["images"]), (&2.into(), &first["images"]), "{second}");
    let third = run();
    assert_eq!((&third["frames_skipped"], &third["pixels_digest"]), (&3.into(), &serde_json::Value::Null), "{third}");
}

#[test]
fn a_gpu_gives_the_bits_of_the_cpu() {
    let dir = tempfile::tempdir().unwrap();
    let scene = scenes::write(dir.path(), "tiny.glb", &scenes::tiny());
    let told = |device: &str| {
        let exr = dir.path().join(format!("{device}.exr"));
        let output = raylance(&["render", arg(&scene), "-o", arg(&exr), "--device", device], "--width 40 --height 24 --spp 16 --json");
        assert_eq!(output.status.code(), Some(0), "{device}: {}", stderr(&output));
        last_json(&output)
    };
    let (cpu, gpu) = (told("cpu"), told("gpu"));
    assert_eq!(cpu["device_kind"], "cpu", "{cpu}");
    assert_ne!(gpu["device_kind"], "cpu", "{gpu}");
    assert_eq!(cpu["renderer"], gpu["renderer"], "the binary was built anew while this test ran");
    assert_eq!(cpu["scene"], gpu["scene"]);
    assert_eq!(cpu["pixels_digest"], gpu["pixels_digest"], "{cpu} {gpu}");
    assert_eq!(cpu["warnings"], serde_json::json!([]));
}

#[test]
fn wrong_usage_ends_with_2() {
    for flags in [
        "fly",
        "render",
        "render a.glb",
        "render a.glb -o b.exr --width many",
        "render a.glb -o b.exr --width 0",
        "render a.glb -o b.exr --width -1",
        "submit a.glb --spp -5",
        "render a.glb -o b.exr --spp 0",
        "render a.glb -o b.exr --look-from 1,2",
        "render a.glb -o b.exr --look-from 1,2,3",
        "render a.glb -o b.exr --faster",
        "render a.glb -o b.exr --look-from 1,x,3 --look-at 0,0,0",
        "render a.glb -o b.exr --camera 0 --look-from 1,2,3 --look-at 0,0,0",
        "render a.glb -o b.exr --fov 180 --look-from 0,0,1 --look-at 0,0,0",
        "render a.glb -o b.exr --profile rough",
        "render a.glb -o b.tif",
        "render a.glb -o b.exr --view rosy",
        "render a.glb -o b.exr --exposure inf",
        "render a.glb -o b.exr --noise 0",
        "render a.glb -o b.exr --focus-distance 2",
        "render a.glb -o b.exr --f-stop 2 --lens-radius 0.1",
        "render a.glb -o b.exr --frame 9..1",
        "demo --cheat somehow",
        "demo --workers 0",
        "demo --out Cargo.toml",
        "demo --out Cargo.toml/below",
        "submit --data no-such-folder a.glb",
        "submit --data no-such-folder a.glb --out Cargo.toml",
        "check",
        "check no-such-scene.glb",
        "check src",
        "job list --data no-such-folder",
        "wallet show --data no-such-folder",
        "ring show no-such-file",
        "snooze 0",
        "storage --free everything",
    ] {
        let output = raylance(&[], flags);
        assert_eq!(output.status.code(), Some(2), "{flags}: {}", stderr(&output));
        assert!(stderr(&output).starts_with("error: "), "{flags}: {}", stderr(&output));
        // The flags themselves are wrong: nobody has looked for the scene yet.
        assert!(!stderr(&output).contains("a.glb: "), "{flags}: {}", stderr(&output));
    }
}

#[test]
fn alone_a_scene_becomes_a_picture_and_nothing_is_paid() {
    let _turn = turn();
    let mut swarm = Swarm::new();
    swarm.start_solo("solo");
    let data = swarm.data("solo");
    let shown = last_json(&raylance(&["wallet", "show", "--data", arg(&data)], "--json"));
    assert_eq!((&shown["balance_microlux"], &shown["agrees"]), (&"1000000000".into(), &true.into()), "{shown}");

    let scene = scenes::write(swarm.dir(), "tiny.glb", &scenes::tiny());
    let out = swarm.dir().join("out");
    let submit = |flags: &str| {
        let args = ["submit", "--data", arg(&data), arg(&scene), "--out", arg(&out), "--key", "the same"];
        raylance(&args, &format!("--width 24 --height 16 --spp 20 --json {flags}"))
    };
    let output = submit("--wait");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = last_json(&output);
    assert_eq!((&told["view"]["state"], &told["view"]["paid"]), (&"ended".into(), &"0".into()), "{told}");
    let picture = Picture::read_exr(&out.join("image.exr"), 64).unwrap();
    assert_eq!((picture.width_px, picture.height_px), (24, 16));
    for verb in ["show", "verify"] {
        let output = raylance(&["wallet", verb, "--data", arg(&data)], "--json");
        assert_eq!(last_json(&output)["balance_microlux"], "1000000000", "{}", stderr(&output));
    }

    // Regression C7: a request that is repeated under its name is the same job, and another one may not overwrite its picture.
    let again = last_json(&submit(""));
    assert_eq!(again["job"], told["job"]);
    let listed = last_json(&raylance(&["job", "list", "--data", arg(&data)], "--json"));
    assert_eq!(listed["jobs"].as_array().unwrap().len(), 1, "{listed}");
    let output = raylance(&["submit", "--data", arg(&data), arg(&scene), "--out", arg(&out)], "--width 8 --height 8 --spp 1");
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));

    // Regression C7: ending what has ended is said so, and the empty name is nobody's.
    let job = told["job"].as_str().unwrap();
    let shown = last_json(&raylance(&["job", "show", "--data", arg(&data), &job[..10]], "--json"));
    assert_eq!((&shown["state"], &shown["name"]), (&"ended".into(), &"tiny.glb".into()), "{shown}");
    let ended = last_json(&raylance(&["job", "cancel", "--data", arg(&data), job], "--json"));
    assert_eq!(ended["cancelled"], false, "{ended}");
    let output = raylance(&["job", "cancel", "--data", arg(&data), ""], "");
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));

    // What is forgotten is gone from the list, and the picture stays.
    let before = last_json(&raylance(&["storage", "--data", arg(&data)], "--json"));
    assert_eq!((&before["ended_jobs"], &before["condemned"]), (&1.into(), &0.into()), "{before}");
    let after = last_json(&raylance(&["storage", "--data", arg(&data), "--free", "jobs"], "--json"));
    assert_eq!(after["ended_jobs"], 0, "{after}");
    assert!(last_json(&raylance(&["job", "list", "--data", arg(&data)], "--json"))["jobs"].as_array().unwrap().is_empty());
    assert!(out.join("image.exr").exists());
    assert_eq!(raylance(&["storage", "--data", arg(&data), "--free", "condemned"], "").status.code(), Some(0));

    // A device that snoozes says so.
    assert_eq!(raylance(&["snooze", "5", "--data", arg(&data)], "").status.code(), Some(0));
    assert!(swarm.look("solo").device.paused);
    assert_eq!(raylance(&["resume", "--data", arg(&data)], "").status.code(), Some(0));
    assert!(!swarm.look("solo").device.paused);
}

#[test]
fn a_stopped_job_leaves_the_picture_so_far() {
    let _turn = turn();
    let mut swarm = Swarm::new();
    swarm.start_solo("solo");
    let data = swarm.data("solo");
    let scene = scenes::write(swarm.dir(), "tiny.glb", &scenes::tiny());
    let out = swarm.dir().join("out");
    // Far more than any machine renders before it is stopped.
    let output = raylance(
        &["submit", "--data", arg(&data), arg(&scene), "--out", arg(&out)],
        "--width 512 --height 512 --spp 60000 --max-depth 8 --json",
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let job = last_json(&output)["job"].as_str().unwrap().to_owned();
    swarm.job("solo", &job, "a unit is there", |view| view.line.shown > 0);
    assert_eq!(raylance(&["job", "cancel", "--data", arg(&data), &job], "").status.code(), Some(0));
    let ended = swarm.job("solo", &job, "the job has ended", |view| view.line.state == JobState::Ended);
    assert!(ended.line.shown < ended.line.units, "{ended:?}");
    let picture = Picture::read_exr(&out.join("image.exr"), 512).unwrap();
    assert!(picture.pixels.iter().flatten().any(|&channel| channel > 0.0));
}

#[test]
fn a_node_refuses_what_it_cannot_do() {
    let _turn = turn();
    let mut swarm = Swarm::new();
    swarm.start_solo("solo");
    let data = swarm.data("solo");
    let scene = scenes::write(swarm.dir(), "tiny.glb", &scenes::tiny());
    // More than the wallet holds is refused at once, and so is a broken scene, and a folder that is a file.
    let refused = |args: &[&str], flags: &str, what: &str| {
        let output = raylance(&[&["submit", "--data", arg(&data)], args].concat(), flags);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(what), "{}", stderr(&output));
    };
    let out = swarm.dir().join("out");
    refused(&[arg(&scene), "--out", arg(&out)], "--price 1000000", "are needed");
    let broken = scenes::write(swarm.dir(), "broken.glb", b"glTF");
    refused(&[arg(&broken), "--out", arg(&out)], "", "broken.glb");
    let listed = last_json(&raylance(&["job", "list", "--data", arg(&data)], "--json"));
    assert_eq!(listed["jobs"], serde_json::json!([]), "{listed}");

    // One folder belongs to one process.
    let state = swarm.dir().join("state-2");
    let output = raylance(&["node", "run", "--data", arg(&data), "--state", arg(&state)], "--solo --no-mdns");
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));

    // The small looks.
    for (verb, key) in [("peers", "addresses"), ("storage", "database"), ("pause", "paused"), ("resume", "paused")] {
        let output = raylance(&[verb, "--data", arg(&data)], "--json");
        assert!(last_json(&output).get(key).is_some(), "{verb}: {}", stderr(&output));
    }
    let notices = last_json(&raylance(&["node", "notices", "--data", arg(&data)], "--json"));
    assert_eq!(notices["notices"], serde_json::json!([]), "{notices}");
}

/// The reader of a pipe may go when it has seen enough.
#[test]
fn regression_c7_a_closed_pipe_is_no_failure() {
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_raylance")).args(["devices", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_pause_outlives_its_process_and_a_snooze_does_not() {
    let mut swarm = Swarm::new();
    swarm.start_solo("owner");
    let data = swarm.data("owner");
    let verbs = [("snooze", "60", true, false), ("pause", "", true, true), ("snooze", "60", true, true), ("resume", "", false, false)];
    for (verb, flags, paused_now, paused_later) in verbs {
        assert_eq!(raylance(&[verb, "--data", arg(&data)], flags).status.code(), Some(0), "{verb}");
        assert_eq!(swarm.look("owner").device.paused, paused_now, "{verb}");
        swarm.kill("owner");
        swarm.start_solo("owner");
        assert_eq!(swarm.look("owner").device.paused, paused_later, "{verb}, after a start");
    }
}

/// What a receipt says is checked without the node that wrote it.
#[test]
fn a_finished_picture_is_verified_by_anybody_who_has_the_scene() {
    let _turn = turn();
    let mut swarm = Swarm::new();
    swarm.start_solo("artist");
    let scene = scenes::write(swarm.dir(), "tiny.glb", &scenes::tiny());
    let (data, out) = (swarm.data("artist"), swarm.dir().join("out"));
    let submit = ["submit", "--data", arg(&data), arg(&scene), "--out", arg(&out), "--wait"];
    let output = raylance(&submit, "--width 96 --height 64 --spp 24 --json");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    swarm.kill("artist");

    let (receipt, exr, png) = (out.join("receipt.json"), out.join("image.exr"), out.join("image.png"));
    let verify = |scene: &std::path::Path, flags: &str| {
        let output = raylance(&["verify", arg(&receipt), "--scene", arg(scene), "--device", "cpu"], flags);
        (output.status.code(), stderr(&output), output)
    };
    let (code, error, output) = verify(&scene, "--all --json");
    assert_eq!(code, Some(0), "{error}");
    let found = last_json(&output);
    assert_eq!((&found["agrees"], &found["pixels_rendered"], &found["png_follows"]), (&true.into(), &(96 * 64).into(), &true.into()));
    let (code, error, output) = verify(&scene, "--pixels 50 --json");
    assert_eq!((code, last_json(&output)["leaves_rendered"].as_u64()), (Some(0), Some(50 * 2)), "{error}");

    let other = scenes::write(swarm.dir(), "other.glb", &scenes::tiny());
    assert_eq!(verify(&other, "--look-from 9 9 9 --look-at 0 0 0").0, Some(2), "another view is another scene");

    // One bit of one pixel.
    let mut picture = Picture::read_exr(&exr, 1_000).unwrap();
    let whole = picture.clone();
    let pixel = &mut picture.pixels[70 + 40 * 96][1];
    *pixel = f32::from_bits(pixel.to_bits() ^ 1);
    picture.write_exr(&exr).unwrap();
    let (code, error, _) = verify(&scene, "--all");
    assert_eq!(code, Some(1), "{error}");
    assert!(error.starts_with("error: one tile is not") && error.contains("rendered by the artist's own machine"), "{error}");

    // One byte that is no pixel's.
    whole.write_exr(&exr).unwrap();
    let bytes = std::fs::read(&exr).unwrap();
    std::fs::write(&exr, [&bytes[..], b"!"].concat()).unwrap();
    let (code, error, _) = verify(&scene, "");
    assert!(code == Some(1) && error.contains("do not follow"), "{error}");
    std::fs::write(&exr, bytes).unwrap();
    std::fs::write(&png, [&std::fs::read(&png).unwrap()[..], b"!"].concat()).unwrap();
    let (code, error, _) = verify(&scene, "");
    assert!(code == Some(1) && error.contains("image.png"), "{error}");

    let text = std::fs::read_to_string(&receipt).unwrap();
    std::fs::write(&receipt, text.replace("\"samples\": 24", "\"samples\": 23")).unwrap();
    let (code, error, _) = verify(&scene, "");
    assert!(code == Some(1) && error.contains("was changed"), "{error}");
}
