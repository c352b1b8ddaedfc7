//! WGSL to SPIR-V in which every float operation is marked `NoContraction`, so that no driver may fuse or reorder it.
//!
//! naga never writes that decoration, and without it drivers reassociate products with constants: half of the pixels then differ.

use naga::back::spv;
use naga::valid::{Capabilities, ValidationFlags, Validator};

const OP_TYPE_FIRST: u32 = 19;
const OP_TYPE_LAST: u32 = 33;
const OP_DECORATE: u32 = 71;
const OP_FUNCTION: u32 = 54;
const DECORATION_NO_CONTRACTION: u32 = 42;
/// Words before the first instruction.
const HEADER_WORDS: usize = 5;

/// Why the shader did not become SPIR-V.
#[derive(Debug, thiserror::Error)]
pub enum SpirvError {
    /// Not WGSL.
    #[error("the shader is not valid WGSL")]
    Parse(#[source] Box<naga::front::wgsl::ParseError>),
    /// Breaks a rule of WGSL.
    #[error("the shader breaks a rule of WGSL")]
    Validate(#[source] Box<naga::WithSpan<naga::valid::ValidationError>>),
    /// Can't be written.
    #[error("the shader can't be written as SPIR-V")]
    Write(#[source] Box<spv::Error>),
}

/// SPIR-V 1.3 words of a WGSL module, every float operation decorated.
///
/// # Errors
/// [`SpirvError`]; with the module of this crate it never happens (a test compiles it).
pub fn exact_spirv(wgsl: &str) -> Result<Vec<u32>, SpirvError> {
    let module = naga::front::wgsl::parse_str(wgsl).map_err(|error| SpirvError::Parse(Box::new(error)))?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::default())
        .validate(&module)
        .map_err(|error| SpirvError::Validate(Box::new(error)))?;
    // Private arrays are kept in bounds here; storage buffers by the device's robust access, which wgpu always switches on.
    let bounds_check_policies = naga::proc::BoundsCheckPolicies { index: naga::proc::BoundsCheckPolicy::Restrict, ..Default::default() };
    let options = spv::Options { lang_version: (1, 3), bounds_check_policies, ..spv::Options::default() };
    let words = spv::write_vec(&module, &info, &options, None).map_err(|error| SpirvError::Write(Box::new(error)))?;
    Ok(forbid_contraction(&words))
}

/// Float add, sub, mul, div, rem, mod, negate and the vector products.
fn is_float_arithmetic(op: u32) -> bool {
    matches!(op, 127 | 129 | 131 | 133 | 136 | 140 | 141 | 142..=148)
}

fn forbid_contraction(words: &[u32]) -> Vec<u32> {
    let (mut results, mut insert_at, mut i) = (Vec::new(), None, HEADER_WORDS);
    while i < words.len() {
        let (op, length) = (words[i] & 0xffff, (words[i] >> 16) as usize);
        if is_float_arithmetic(op) {
            results.push(words[i + 2]);
        }
        // Decorations stand before all types.
        if insert_at.is_none() && (op == OP_DECORATE || op == OP_FUNCTION || (OP_TYPE_FIRST..=OP_TYPE_LAST).contains(&op)) {
            insert_at = Some(i);
        }
        i += length.max(1);
    }
    let insert_at = insert_at.unwrap_or(words.len());
    let mut out = Vec::with_capacity(words.len() + results.len() * 3);
    out.extend_from_slice(&words[..insert_at]);
    for id in results {
        out.extend([(3 << 16) | OP_DECORATE, id, DECORATION_NO_CONTRACTION]);
    }
    out.extend_from_slice(&words[insert_at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_float_operation_is_decorated() {
        let wgsl = "@group(0) @binding(0) var<storage, read_write> v: array<f32>;
            @compute @workgroup_size(1) fn main() { v[0] = v[1] * v[2] + v[3] - v[4]; }";
        let words = exact_spirv(wgsl).unwrap();
        let (mut decorated, mut arithmetic, mut i) = (Vec::new(), Vec::new(), HEADER_WORDS);
        while i < words.len() {
            let (op, length) = (words[i] & 0xffff, (words[i] >> 16) as usize);
            if op == OP_DECORATE && words[i + 2] == DECORATION_NO_CONTRACTION {
                decorated.push(words[i + 1]);
            }
            if is_float_arithmetic(op) {
                arithmetic.push(words[i + 2]);
            }
            i += length;
        }
        assert_eq!(arithmetic.len(), 3);
        assert_eq!(decorated, arithmetic);
    }
}
