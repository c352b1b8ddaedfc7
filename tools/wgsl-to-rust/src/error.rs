//! Why a shader can't be written as Rust, and where.

use naga::front::wgsl::ParseError;
use naga::valid::ValidationError;
use naga::{AddressSpace, MathFunction, RelationalFunction, Span, WithSpan};
use std::fmt;

/// Why no Rust was written. Lines count from 1 in the text that the writer was given.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// No WGSL.
    #[error("line {line}: no WGSL: `{text}`")]
    Parse {
        /// Where.
        line: u32,
        /// That line.
        text: String,
        /// What the front end says.
        source: Box<ParseError>,
    },
    /// WGSL that breaks its rules.
    #[error("line {line}: invalid WGSL: `{text}`")]
    Invalid {
        /// Where; 0 = unknown.
        line: u32,
        /// That line.
        text: String,
        /// What the validator says.
        source: Box<WithSpan<ValidationError>>,
    },
    /// An extern that the shader does not declare.
    #[error("extern function `{name}` is not in the shader: declare it with any body, or drop it from the externs")]
    UnknownExtern {
        /// Its name.
        name: String,
    },
    /// A root of the wide code that the shader does not declare, or an argument of it.
    #[error("`{name}` is to be the wide code's root or its argument, but the shader has none of that name")]
    UnknownRoot {
        /// Its name.
        name: String,
    },
    /// An entry point, though they were not to be skipped.
    #[error("entry point `{name}` belongs to the driver: leave it out of the shared source or skip entry points")]
    EntryPoint {
        /// Its name.
        name: String,
    },
    /// Something that has no Rust twin with the same bits.
    #[error("{item}, line {line}: `{text}`")]
    Refused {
        /// In what.
        item: Item,
        /// Where; 0 = unknown.
        line: u32,
        /// That line.
        text: String,
        /// What and how to mend it.
        #[source]
        reason: Refusal,
    },
}

impl WriteError {
    pub(super) fn parse(wgsl: &str, source: ParseError) -> Self {
        let line = source.location(wgsl).map_or(0, |location| location.line_number);
        Self::Parse { line, text: line_text(wgsl, line), source: Box::new(source) }
    }

    pub(super) fn invalid(wgsl: &str, source: WithSpan<ValidationError>) -> Self {
        let line = source.location(wgsl).map_or(0, |location| location.line_number);
        Self::Invalid { line, text: line_text(wgsl, line), source: Box::new(source) }
    }

    pub(super) fn refused(wgsl: &str, item: Item, fault: Fault) -> Self {
        let line = if fault.span.is_defined() { fault.span.location(wgsl).line_number } else { 0 };
        Self::Refused { item, line, text: line_text(wgsl, line), reason: fault.refusal }
    }
}

fn line_text(wgsl: &str, line: u32) -> String {
    let text = (line as usize).checked_sub(1).and_then(|index| wgsl.lines().nth(index));
    text.unwrap_or_default().trim().to_owned()
}

/// The declaration in which something was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A function.
    Function(String),
    /// A struct.
    Struct(String),
    /// A `var` at module level.
    Variable(String),
    /// A `const` or `override`.
    Constant(String),
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(name) => write!(f, "function `{name}`"),
            Self::Struct(name) => write!(f, "struct `{name}`"),
            Self::Variable(name) => write!(f, "variable `{name}`"),
            Self::Constant(name) => write!(f, "constant `{name}`"),
        }
    }
}

/// What is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// `/` on floats.
    #[error("float division is rounded by each GPU in its own way (2.5 ulp): multiply by an own reciprocal")]
    FloatDivision,
    /// `%` on floats.
    #[error("float `%` is made of a division: write `a - b * floor(…)` with an own reciprocal")]
    FloatRemainder,
    /// `!=` on floats.
    #[error("float `!=` differs between GPUs where NaN meets it: write `!(a == b)`, or compare with `<`")]
    FloatNotEqual,
    /// `bool(x)` of a float.
    #[error("`bool` of a float hides a float `!=`: write `!(x == 0.0)`")]
    FloatToBool,
    /// A builtin whose last bits are the GPU's choice.
    #[error("builtin `{0:?}` is not specified to the last bit: write it out in additions and multiplications")]
    InexactBuiltin(MathFunction),
    /// A builtin that the writer has for scalars only.
    #[error("builtin `{0:?}` is supported for single `u32` and `i32` only: apply it to each component")]
    ScalarBuiltin(MathFunction),
    /// Questions about floats that GPUs may answer by assuming there is no NaN.
    #[error("`{0:?}` may be assumed away by a GPU compiler: test the bits")]
    Relational(RelationalFunction),
    /// Screen-space derivatives.
    #[error("derivatives exist in fragment shaders only")]
    Derivative,
    /// Textures and samplers.
    #[error("textures and samplers filter with a precision of their own: read texels from a storage buffer")]
    Texture,
    /// Atomics.
    #[error("atomics make the order of invocations visible: let one invocation own each result")]
    Atomic,
    /// Barriers and workgroup loads.
    #[error("barriers and workgroup memory have no meaning for one invocation: keep them in the entry point's file")]
    Workgroup,
    /// Subgroup operations.
    #[error("subgroup operations depend on the GPU's width: keep them in the entry point's file")]
    Subgroup,
    /// Hardware rays.
    #[error("hardware ray queries are not exact: name the function that uses them as an extern")]
    RayQuery,
    /// `discard`.
    #[error("`discard` exists in fragment shaders only")]
    Discard,
    /// Pipeline constants.
    #[error("`override` is known at run time only: use `const`")]
    Override,
    /// Matrices.
    #[error("matrix products have no fixed order of additions: use vectors and write the order out")]
    Matrix,
    /// A scalar other than `f32`, `u32`, `i32`, `bool`.
    #[error("only `f32`, `u32`, `i32` and `bool` are supported")]
    Scalar,
    /// Something that the writer does not know in this place.
    #[error("this is not supported here")]
    Unsupported,
    /// Memory that no Rust field stands for.
    #[error("variables in {0:?} memory are not supported: pass a `ptr<function, …>`")]
    AddressSpace(AddressSpace),
    /// A buffer that shaders write.
    #[error("buffer `{name}` is writable and belongs to the driver: return the value and store it in the entry point")]
    WritableBuffer {
        /// Its name.
        name: String,
    },
    /// An array without length inside a struct.
    #[error("an array without length must be a buffer of its own")]
    RuntimeSizedMember,
    /// A member that would move.
    #[error("member `{member}` lies at byte {wgsl} in WGSL but at {rust} in Rust: use `vec4`, or add members that fill the gap")]
    Offset {
        /// Which.
        member: String,
        /// Its offset in WGSL.
        wgsl: u32,
        /// Its offset in Rust.
        rust: u32,
    },
    /// A struct that would shrink.
    #[error("takes {wgsl} bytes in WGSL but {rust} in Rust: add members that fill the gap at its end")]
    Size {
        /// Size in WGSL.
        wgsl: u32,
        /// Size in Rust.
        rust: u32,
    },
    /// Array elements that would move together.
    #[error("array elements lie {wgsl} bytes apart in WGSL but {rust} in Rust: use `vec4` elements")]
    Stride {
        /// Distance in WGSL.
        wgsl: u32,
        /// Distance in Rust.
        rust: u32,
    },
    /// A name that the generated module needs.
    #[error("the name is taken by the CPU runtime: choose another")]
    ReservedName,
    /// Declared in a loop's body, used in its `continuing`.
    #[error("a value of the loop's body is used in its `continuing` block past a `continue`: keep it in a `var`")]
    OutOfScope,
    /// Memory addressed by lane in a way that the wide writer does not know.
    #[error("an index that differs from sample to sample may stand once in a variable's place and never in a pointer: copy the element")]
    VaryingPlace,
    /// An extern that takes a pointer.
    #[error("an extern function is called lane by lane and can't take a pointer: return the value")]
    ExternPointer,
    /// SPIR-V style switch.
    #[error("a case must not fall through to the next")]
    FallThrough,
}

/// A refusal with its place, as far as it is known yet.
#[derive(Debug)]
pub(super) struct Fault {
    refusal: Refusal,
    span: Span,
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, span: Span::UNDEFINED }
    }
}

impl Fault {
    /// Adds the place, unless a narrower one is known.
    pub(super) fn at(self, span: Span) -> Self {
        if self.span.is_defined() { self } else { Self { span, ..self } }
    }
}
