//! A primitive's numbers, wherever they are kept: in accessors or in compressed data.

use gltf::json::{
    Accessor, Index,
    mesh::{Mode, Primitive, Semantic},
    validation::Checked,
};

use super::{
    accessor::Reader,
    draco::{self, Decoded},
    fault::FaultKind,
};

/// A primitive opened for reading.
pub(super) struct Attributes<'a> {
    reader: Reader<'a>,
    primitive: &'a Primitive,
    draco: Option<Decoded>,
}

impl<'a> Attributes<'a> {
    /// Decodes the primitive if it is compressed; `left` is how many bytes that may take. Where the compressed data are broken and the file
    /// holds the primitive a second time, that copy is read, and `warnings` say so.
    pub(super) fn open(
        reader: Reader<'a>,
        primitive: &'a Primitive,
        left: &mut u64,
        warnings: &mut Vec<FaultKind>,
    ) -> Result<Self, FaultKind> {
        let draco = match draco::decode(reader, primitive, left) {
            Err(FaultKind::DracoUndecodable { detail }) if has_copy(reader, primitive) => {
                warnings.push(FaultKind::DracoReplaced { detail });
                None
            }
            decoded => decoded?,
        };
        Ok(Self { reader, primitive, draco })
    }

    /// One entry per corner, or nothing if the primitive has no such attribute.
    pub(super) fn get<const N: usize>(&self, semantic: &Semantic) -> Result<Option<Vec<[f32; N]>>, FaultKind> {
        let Some(index) = self.accessor(semantic) else { return Ok(None) };
        match &self.draco {
            Some(draco) if draco.has(semantic) => draco.floats(semantic, self.reader.normalized(index)).map(Some),
            // The accessor only describes what the compressed data should hold.
            Some(_) if !self.reader.has_bytes(index) => Err(FaultKind::DracoAttribute { attribute: semantic.to_string() }),
            _ => self.reader.floats(index).map(Some),
        }
    }

    /// [`Self::get`] with exactly `vertices` entries.
    pub(super) fn matching<const N: usize>(&self, semantic: Semantic, vertices: usize) -> Result<Option<Vec<[f32; N]>>, FaultKind> {
        let values = self.get::<N>(&semantic)?;
        values.map(|values| matching(values, name(&semantic), vertices)).transpose()
    }

    /// Texture coordinates; a broken one has no remedy where a texture needs it, unlike a broken direction.
    pub(super) fn uvs(&self, set: u32, vertices: usize, needed: bool) -> Result<Option<Vec<[f32; 2]>>, FaultKind> {
        let mut uvs = self.matching::<2>(Semantic::TexCoords(set), vertices)?;
        if !needed {
            let broken = uvs.iter_mut().flatten().filter(|uv| !uv.iter().all(|c| c.is_finite()));
            broken.for_each(|uv| *uv = [0.0; 2]);
        }
        match uvs.iter().flatten().position(|uv| !uv.iter().all(|c| c.is_finite())) {
            Some(vertex) => Err(FaultKind::NotFinite { attribute: "TEXCOORD", vertex }),
            None => Ok(uvs),
        }
    }

    /// Linear colours, RGB or RGBA, in 16 bits.
    pub(super) fn colors(&self, vertices: usize) -> Result<Option<Vec<[u16; 4]>>, FaultKind> {
        let semantic = Semantic::Colors(0);
        let Some(index) = self.accessor(&semantic) else { return Ok(None) };
        let packed = self.draco.as_ref().and_then(|draco| draco.lanes(&semantic));
        let lanes = packed.map_or_else(|| self.reader.lanes(index), Ok)?;
        let code = |channel: f32| (channel.clamp(0.0, 1.0) * 65_535.0 + 0.5) as u16;
        Ok(if lanes == 3 {
            let rgb = self.matching::<3>(semantic, vertices)?;
            rgb.map(|rgb| rgb.into_iter().map(|[r, g, b]| [code(r), code(g), code(b), u16::MAX]).collect())
        } else {
            let rgba = self.matching::<4>(semantic, vertices)?;
            rgba.map(|rgba| rgba.into_iter().map(|color| color.map(code)).collect())
        })
    }

    /// The primitive's triangles over `vertices` corners. Harmless oddities are pushed to `warnings`.
    pub(super) fn faces(&self, vertices: usize, warnings: &mut Vec<FaultKind>) -> Result<Vec<[u32; 3]>, FaultKind> {
        let past_end = |index: u32| FaultKind::IndexOutOfRange { index, vertices };
        let in_range = |indices: &[u32]| match indices.iter().copied().find(|index| *index as usize >= vertices) {
            Some(index) => Err(past_end(index)),
            None => Ok(()),
        };
        if let Some(draco) = &self.draco {
            let faces = draco.faces();
            return in_range(faces.as_flattened()).map(|()| faces);
        }
        let order = match self.primitive.indices {
            Some(indices) => self.reader.indices(indices)?,
            None => (0..u32::try_from(vertices).map_err(|_| past_end(u32::MAX))?).collect(),
        };
        in_range(&order)?;
        let Checked::Valid(mode) = self.primitive.mode else { return Ok(Vec::new()) };
        Ok(match mode {
            Mode::Triangles => {
                let (whole, rest) = order.as_chunks::<3>();
                if !rest.is_empty() {
                    warnings.push(FaultKind::TriangleIncomplete { left_over: rest.len() });
                }
                whole.to_vec()
            }
            // Every other triangle of a strip runs the other way round (glTF 2.0, section 3.7.2.1).
            Mode::TriangleStrip => {
                order.windows(3).enumerate().map(|(i, w)| if i % 2 == 0 { [w[0], w[1], w[2]] } else { [w[0], w[2], w[1]] }).collect()
            }
            Mode::TriangleFan => order.windows(2).skip(1).map(|w| [w[0], w[1], order[0]]).collect(),
            Mode::Points | Mode::Lines | Mode::LineLoop | Mode::LineStrip => Vec::new(),
        })
    }

    /// Reads an accessor that is no attribute, such as a morph target's, with exactly `vertices` entries.
    pub(super) fn beside<const N: usize>(
        &self,
        index: Index<Accessor>,
        attribute: &'static str,
        vertices: usize,
    ) -> Result<Vec<[f32; N]>, FaultKind> {
        matching(self.reader.floats(index)?, attribute, vertices)
    }

    fn accessor(&self, semantic: &Semantic) -> Option<Index<Accessor>> {
        self.primitive.attributes.get(&Checked::Valid(semantic.clone())).copied()
    }
}

/// Whether the primitive can be read without its compressed data: files that do not require the extension bring a copy for readers without it.
fn has_copy(reader: Reader<'_>, primitive: &Primitive) -> bool {
    let mut accessors = primitive.attributes.values().chain(&primitive.indices);
    !draco::is_required(reader) && accessors.all(|accessor| reader.has_bytes(*accessor))
}

fn matching<const N: usize>(values: Vec<[f32; N]>, attribute: &'static str, vertices: usize) -> Result<Vec<[f32; N]>, FaultKind> {
    match values.len() {
        count if count == vertices => Ok(values),
        count => Err(FaultKind::CountMismatch { attribute, count, vertices }),
    }
}

/// What a message calls an attribute.
fn name(semantic: &Semantic) -> &'static str {
    match semantic {
        Semantic::Positions => "POSITION",
        Semantic::Normals => "NORMAL",
        Semantic::Tangents => "TANGENT",
        Semantic::Colors(_) => "COLOR_0",
        Semantic::TexCoords(_) => "TEXCOORD",
        Semantic::Joints(_) => "JOINTS",
        Semantic::Weights(_) => "WEIGHTS",
        Semantic::Extras(_) => "attribute",
    }
}
