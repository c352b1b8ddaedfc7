//! Each rule of the room, from its good side and its bad side.

mod blocks;
mod certificates;
mod chance;
mod engine;
mod peers;
mod pool;
mod ring;
mod shell;
mod snapshots;
mod time;
