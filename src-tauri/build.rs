//! Embeds the page and writes a permission for each of our commands.

fn main() {
    let commands = tauri_build::AppManifest::new().commands(&["command", "follow", "look_at", "default_scene"]);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands)) {
        println!("cargo::error={error:#}");
    }
}
