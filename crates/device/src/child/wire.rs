//! What goes through the pipes between a peer and its render process: a length, then borsh. Scenes follow their message as plain bytes.

use crate::{Backend, SceneId};
use borsh::{BorshDeserialize, BorshSerialize};
use raylance_tracer::{LeafRequest, Settings};
use std::io::{self, Read, Write};

/// Longest message in both directions: 2^18 leaves of 16 bytes, and their sums of 13, with room to spare.
const MESSAGE_BYTES_MAX: u32 = 8 << 20;

/// From the peer.
#[derive(Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub enum Ask {
    /// The first message: what renders.
    Begin {
        /// In words that the tracer reads.
        device: String,
        /// Of the CPU backend.
        threads: u32,
    },
    /// So many bytes of a packed scene follow this message.
    Scene {
        /// Its name.
        scene: [u8; 32],
        /// Bytes that follow.
        len_bytes: u64,
    },
    /// Render leaves of a scene; answered by [`Tell::Begun`] and [`Tell::Rendered`], or by [`Tell::SceneMissing`].
    Render(Render),
    /// End that render as soon as you can. Comes to nothing if it is over.
    Cancel {
        /// Which.
        number: u64,
    },
    /// From now on.
    Pace {
        /// Does somebody sit at the machine?
        owner_present: bool,
    },
    /// Try what is forbidden, and tell what worked. For tests and for `raylance devices`.
    Probe {
        /// A file that the peer can read.
        file: String,
        /// A port of this machine at which the peer listens.
        port: u16,
    },
}

/// A piece of an order.
#[derive(Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Render {
    /// Numbers ascend.
    pub number: u64,
    scene: [u8; 32],
    cpu: bool,
    settings: [u32; 4],
    leaves: Vec<[u32; 4]>,
}

impl Render {
    /// In the words of the pipe.
    pub fn new(number: u64, scene: SceneId, backend: Backend, settings: &Settings, leaves: &[LeafRequest]) -> Self {
        let Settings { width_px, height_px, depth_max, seed } = *settings;
        let leaf = |leaf: &LeafRequest| [leaf.x_px, leaf.y_px, leaf.first_sample, leaf.samples];
        let leaves = leaves.iter().map(leaf).collect();
        Self { number, scene: scene.0, cpu: backend == Backend::Cpu, settings: [width_px, height_px, depth_max, seed], leaves }
    }

    /// Which scene.
    pub fn scene(&self) -> SceneId {
        SceneId(self.scene)
    }

    /// Where.
    pub fn backend(&self) -> Backend {
        if self.cpu { Backend::Cpu } else { Backend::Usual }
    }

    /// The picture.
    pub fn settings(&self) -> Settings {
        let [width_px, height_px, depth_max, seed] = self.settings;
        Settings { width_px, height_px, depth_max, seed }
    }

    /// Which leaves.
    pub fn leaves(&self) -> Vec<LeafRequest> {
        let leaf = |&[x_px, y_px, first_sample, samples]: &[u32; 4]| LeafRequest { x_px, y_px, first_sample, samples };
        self.leaves.iter().map(leaf).collect()
    }
}

/// From the render process.
#[derive(Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub enum Tell {
    /// The first message: how it is locked in.
    Ready(Jail),
    /// The scene is not here; send it and ask again.
    SceneMissing,
    /// A render was taken up; [`Tell::Rendered`] follows.
    Begun,
    /// What became of a render.
    Rendered {
        /// One for each leaf; none where it was not finished.
        sums: Vec<Option<[f32; 3]>>,
        /// Why it ended before all were.
        ended: Ended,
    },
    /// What a probe could do.
    Probed {
        /// Read the file?
        read: bool,
        /// Write beside it?
        write: bool,
        /// Connect to the port?
        connect: bool,
        /// Start another program?
        execute: bool,
    },
}

/// How a render ended.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Ended {
    /// All leaves are there.
    Whole,
    /// It was asked to.
    Cancelled,
    /// The bytes are no scene that can be rendered.
    Scene(String),
    /// A path has no value.
    PathBound,
    /// The device failed.
    Device(String),
}

/// What the system keeps the render process from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Jail {
    /// From files that drivers do not need (Landlock).
    pub files: bool,
    /// From sockets and other programs (seccomp).
    pub calls: bool,
}

/// Writes a message.
///
/// # Errors
/// The other side is gone.
pub fn write(to: &mut impl Write, message: &impl BorshSerialize) -> io::Result<()> {
    let bytes = borsh::to_vec(message)?;
    to.write_all(&(bytes.len() as u32).to_le_bytes())?;
    to.write_all(&bytes)?;
    to.flush()
}

/// Reads a message.
///
/// # Errors
/// The other side is gone, or what it says is no message.
pub fn read<T: BorshDeserialize>(from: &mut impl Read) -> io::Result<T> {
    let mut len = [0; 4];
    from.read_exact(&mut len)?;
    let len = u32::from_le_bytes(len);
    if len > MESSAGE_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    // Room is made as bytes come: a length alone must not make any.
    let mut bytes = Vec::new();
    from.take(len.into()).read_to_end(&mut bytes)?;
    if bytes.len() as u32 != len {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    borsh::from_slice(&bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]
mod tests {
    use super::*;

    #[test]
    fn messages_pass_a_pipe_and_nonsense_does_not() {
        let settings = Settings { width_px: 3, height_px: 4, depth_max: 5, seed: 6 };
        let leaves = [LeafRequest { x_px: 1, y_px: 2, first_sample: 16, samples: 7 }];
        let render = Render::new(9, SceneId([7; 32]), Backend::Cpu, &settings, &leaves);
        let mut pipe = Vec::new();
        write(&mut pipe, &Ask::Render(render)).unwrap();
        write(&mut pipe, &Ask::Pace { owner_present: true }).unwrap();
        let mut from = &pipe[..];
        let Ask::Render(render) = read::<Ask>(&mut from).unwrap() else { panic!("it was a render") };
        assert_eq!((render.scene(), render.backend(), render.settings()), (SceneId([7; 32]), Backend::Cpu, settings));
        assert_eq!(render.leaves(), leaves);
        assert_eq!(read::<Ask>(&mut from).unwrap(), Ask::Pace { owner_present: true });
        assert!(read::<Ask>(&mut from).is_err(), "the end");
        assert!(read::<Ask>(&mut &u32::MAX.to_le_bytes()[..]).is_err(), "a length of nothing");
        assert!(read::<Ask>(&mut &[1, 0, 0, 0, 200][..]).is_err(), "no such message");
        assert!(read::<Ask>(&mut &pipe[..pipe.len() - 1][4..]).is_err(), "cut off");
    }

    #[test]
    fn a_slice_of_the_largest_size_fits() {
        let leaf = LeafRequest { x_px: 0, y_px: 0, first_sample: 0, samples: 1 };
        let settings = Settings { width_px: 1, height_px: 1, depth_max: 1, seed: 0 };
        let ask = Ask::Render(Render::new(1, SceneId([0; 32]), Backend::Usual, &settings, &vec![leaf; crate::queues::SLICE_LEAVES_MAX]));
        assert!(borsh::to_vec(&ask).unwrap().len() < MESSAGE_BYTES_MAX as usize);
        let tell = Tell::Rendered { sums: vec![Some([0.0; 3]); crate::queues::SLICE_LEAVES_MAX], ended: Ended::Whole };
        assert!(borsh::to_vec(&tell).unwrap().len() < MESSAGE_BYTES_MAX as usize);
    }
}
