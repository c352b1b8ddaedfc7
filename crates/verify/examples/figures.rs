//! Prints what sealing, hashing, drawing and opening cost for a unit of 8,192 leaves: best and median of 200 runs.

use raylance_protocol::{AccountId, Address, Digest, FilmKey, JobId, LeafIndex, Task, UnitIndex};
use raylance_verify::root::OpenedLeaf;
use raylance_verify::{FilmId, FilmTree, check_path, draw, open, open_leaf, root_of};
use std::hint::black_box;
use std::time::Instant;

const LEAVES: u32 = 8_192;

fn measure<T>(name: &str, mut run: impl FnMut() -> T) {
    let mut times: Vec<_> = (0..200)
        .map(|_| {
            let start = Instant::now();
            black_box(run());
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!("{name}: best {:?}, median {:?}", times[0], times[100]);
}

fn main() {
    let film = FilmId { job: JobId(Digest([1; 32])), worker: AccountId([2; 32]), task: Task::Unit(UnitIndex(0)) };
    let key = FilmKey([3; 32]);
    let address =
        |i: u32| Address { frame: 0, x_px: (i % 64) as u16, y_px: (i / 64 % 64) as u16, first_sample: i / 4096 * 16, samples: 16 };
    let mut bytes: Vec<u8> = (0..LEAVES * 12).map(|i| i as u8).collect();
    let weights: Vec<u32> = (0..LEAVES).map(|i| i % 1000).collect();
    let Ok(tree) = FilmTree::new(&film, (0..LEAVES).map(address), &bytes) else { return };
    let index = LeafIndex(4_711);
    let Some(path) = tree.path(index) else { return };
    let mut sealed = [0; 12];
    sealed.copy_from_slice(&bytes[index.0 as usize * 12..][..12]);
    let leaf = OpenedLeaf { index, leaf_count: LEAVES, address: address(index.0), sealed };

    measure("root_of", || root_of(&film, (0..LEAVES).map(address), black_box(&bytes)));
    measure("FilmTree::new", || FilmTree::new(&film, (0..LEAVES).map(address), black_box(&bytes)));
    measure("draw of 74", || draw(black_box(&[7; 32]), LEAVES, 74, |leaf| weights[leaf.0 as usize]));
    measure("draw of 296", || draw(black_box(&[7; 32]), LEAVES, 296, |leaf| weights[leaf.0 as usize]));
    measure("check_path", || check_path(&film, tree.root(), black_box(&leaf), &path));
    measure("open_leaf", || open_leaf(&key, &film, black_box(index), sealed));
    measure("open a film", || open(&key, &film, black_box(&mut bytes)));
}
