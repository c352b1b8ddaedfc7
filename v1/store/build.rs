//! Compiles the migrations in anew when a file is added to their folder.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
