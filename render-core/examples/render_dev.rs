use raylance_render_core::*;
use raylance_render_core::scene::import::*;
use raylance_render_core::image::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let j: serde_json::Value = serde_json::from_str(&std::fs::read_to_string("/work/shared/scenes/scenes.json").unwrap()).unwrap();
    let spp: u32 = a[2].parse().unwrap();
    for s in j.as_array().unwrap() { if s["name"] != a[1] { continue; }
        let f = |v: &serde_json::Value| -> [f32;3] { std::array::from_fn(|i| v[i].as_f64().unwrap() as f32) };
        let o = ImportOptions { environment: s["env"].as_str().map(|e| format!("/work/shared/scenes/{e}").into()), env_strength: s["env_strength"].as_f64().unwrap_or(1.0) as f32,
            camera: CameraChoice::Look { from: f(&s["look_from"]), at: f(&s["look_at"]), fov_y_deg: s["fov_y_deg"].as_f64().unwrap() as f32 }, ..Default::default() };
        let t = std::time::Instant::now();
        let im = match import(std::path::Path::new(&format!("/work/shared/scenes/{}", s["scene"].as_str().unwrap())), &o) { Ok(i) => i, Err(e) => { eprintln!("{e}"); return; } };
        for w in &im.warnings { println!("warn {w}"); }
        println!("import {:?} tris {}", t.elapsed(), im.scene.triangles.len());
        let (w, h) = (s["width"].as_u64().unwrap() as u32, s["height"].as_u64().unwrap() as u32);
        let t = std::time::Instant::now();
        let dev: DeviceChoice = a.get(3).map(|s| s.as_str()).unwrap_or("cpu").parse().unwrap();
        let mut r = Renderer::new(&im.scene, &dev, Profile::Exact, 0).unwrap();
        println!("load {:?} on {:?}", t.elapsed(), r.device());
        let set = Settings { width_px: w, height_px: h, depth_max: s["max_depth"].as_u64().unwrap() as u32, seed: 1 };
        let leaves = spp.div_ceil(16);
        let mut req = vec![];
        for k in 0..leaves { for y in 0..h { for x in 0..w { req.push(LeafRequest { x_px: x, y_px: y, first_sample: k*16, samples: 16.min(spp - k*16) }); } } }
        let t = std::time::Instant::now();
        let sums = r.render(&set, &req, &Control::default()).unwrap();
        let e = t.elapsed();
        println!("render {e:?} {:.3} Ms/s wall", (w*h*spp) as f64 / e.as_secs_f64() / 1e6);
        let n = (w*h) as usize;
        let mut px = vec![[0f32;3]; n];
        for k in 0..leaves as usize { for i in 0..n { for c in 0..3 { px[i][c] += sums[k*n+i][c]; } } }
        for p in &mut px { for c in 0..3 { p[c] /= spp as f32; } }
        let pic = Picture { width_px: w, height_px: h, pixels: px };
        pic.write_exr(std::path::Path::new(&format!("/tmp/l/{}.exr", a[1]))).unwrap();
        pic.write_png(std::path::Path::new(&format!("/tmp/l/{}.png", a[1])), ViewTransform::default()).unwrap();
    }
}
