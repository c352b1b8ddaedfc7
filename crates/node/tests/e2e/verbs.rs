//! The command line as a contract: files, exit codes, JSON lines, and a node of one's own.

use crate::swarm::Swarm;
use crate::{arg, last_json, raylance, scenes, stderr, turn};
use raylance_render_core::image::Picture;

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
        "render a.glb -o b.exr --spp 0",
        "render a.glb -o b.exr --look-from 1,2",
        "render a.glb -o b.exr --look-from 1,2,3",
        "render a.glb -o b.exr --faster",
        "render a.glb -o b.exr --look-from 1,x,3 --look-at 0,0,0",
        "render a.glb -o b.exr --camera 0 --look-from 1,2,3 --look-at 0,0,0",
        "render a.glb -o b.exr --fov 180 --look-from 0,0,1 --look-at 0,0,0",
        "render a.glb -o b.exr --profile rough",
        "demo --cheat somehow",
        "demo --workers 0",
        "submit --data no-such-folder a.glb",
        "job list --data no-such-folder",
        "wallet show --data no-such-folder",
        "ring show no-such-file",
    ] {
        let output = raylance(&[], flags);
        assert_eq!(output.status.code(), Some(2), "{flags}: {}", stderr(&output));
        assert!(stderr(&output).starts_with("error: "), "{flags}: {}", stderr(&output));
        // The flags themselves are wrong: nobody has looked for the scene yet.
        assert!(!stderr(&output).contains("a.glb: "), "{flags}: {}", stderr(&output));
    }
}

#[test]
fn a_node_of_ones_own_answers_job_and_wallet_verbs() {
    let _turn = turn();
    let mut swarm = Swarm::new();
    swarm.start_solo("solo");
    let data = swarm.data("solo");
    let shown = last_json(&raylance(&["wallet", "show", "--data", arg(&data)], "--json"));
    assert_eq!(shown["balance_microlux"], "1000000000", "{shown}");
    assert_eq!(shown["agrees"], true, "{shown}");

    // Nobody else is there, so the job waits; it can be ended, and nothing is lost.
    let scene = scenes::write(swarm.dir(), "tiny.glb", &scenes::tiny());
    let submit =
        |flags: &str| raylance(&["submit", "--data", arg(&data), arg(&scene)], &format!("--width 16 --height 16 --spp 16 {flags}"));
    let output = submit("--price 0.5 --json");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let job = last_json(&output)["job"].as_str().unwrap().to_owned();
    let shown = last_json(&raylance(&["job", "show", "--data", arg(&data), &job[..10]], "--json"));
    assert_eq!((&shown["state"], &shown["name"]), (&"looking_for_workers".into(), &"tiny.glb".into()), "{shown}");
    let output = raylance(&["job", "cancel", "--data", arg(&data), &job], "");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let jobs = swarm.wait_for("solo", "the job has ended", |view| view.jobs[0].state == "failed");
    assert!(jobs.jobs[0].sentence.contains("Ended by you"), "{}", jobs.jobs[0].sentence);

    // More than the wallet holds is refused at once, and so is a broken scene.
    let output = submit("--price 2000");
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let broken = scenes::write(swarm.dir(), "broken.glb", b"glTF");
    let output = raylance(&["submit", "--data", arg(&data), arg(&broken)], "");
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("broken.glb"), "{}", stderr(&output));

    // One folder belongs to one process.
    let output = raylance(&["node", "run", "--data", arg(&data)], "--solo --no-mdns");
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
}
