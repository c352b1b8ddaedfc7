//! Names of the generated code: WGSL's own, made unique and kept away from Rust's.

use super::Shader;
use super::error::{Fault, Item, Refusal, WriteError};
use naga::{Span, TypeInner};
use std::collections::HashSet;

/// What the generated modules import from the runtimes, plus the names that it makes itself or takes from the language.
pub(super) const RESERVED: &[&str] = &[
    "V2",
    "V3",
    "V4",
    "float_min",
    "float_max",
    "saturate",
    "float_to_u32",
    "float_to_i32",
    "float_to_i32_bits",
    "float_from_i32_bits",
    "divide_u32",
    "divide_i32",
    "remainder_u32",
    "remainder_i32",
    "count_one_bits_i32",
    "count_leading_zeros_i32",
    "count_trailing_zeros_i32",
    "first_leading_bit_u32",
    "first_leading_bit_i32",
    "first_trailing_bit_u32",
    "first_trailing_bit_i32",
    "extract_bits_u32",
    "extract_bits_i32",
    "insert_bits_u32",
    "insert_bits_i32",
    "F32s",
    "U32s",
    "I32s",
    "Mask",
    "LANES",
    "FREE_MIN",
    "Words",
    "bounded",
    "gather_word",
    "gather_row",
    "Ext",
    "X",
    "cx",
    "core",
    "f32",
    "u32",
    "i32",
    "bool",
    "usize",
];

/// Rust's keywords that WGSL allows as names, or may allow one day.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum", "extern", "final",
    "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "static", "struct", "trait", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// A WGSL name as Rust writes it.
pub(super) fn rust_name(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("r#{name}") } else { name.to_owned() }
}

/// Name of a declaration at module level.
pub(super) fn item_name(name: &Option<String>) -> &str {
    name.as_deref().expect("the WGSL front end names every function, struct, member and module variable")
}

/// Names inside one function: every value gets its own, so that no `let` hides another that is still used.
pub(super) struct Namer {
    taken: HashSet<String>,
}

impl Namer {
    /// Starts with everything that a function can see.
    pub(super) fn new(shader: &Shader<'_>) -> Self {
        let reserved = RESERVED.iter().map(|name| (*name).to_owned());
        let items = shader.item_names().map(|(name, _, _)| name);
        Self { taken: reserved.chain(items).chain([shader.options.context_name.to_owned()]).collect() }
    }

    /// The name itself, or with the first free number behind it.
    pub(super) fn unique(&mut self, wish: &str) -> String {
        let mut name = wish.to_owned();
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{wish}_{number}");
            number += 1;
        }
        rust_name(&name)
    }
}

impl Shader<'_> {
    /// Names at module level with what they name and where.
    pub(super) fn item_names(&self) -> impl Iterator<Item = (String, Item, Span)> {
        fn named(name: &Option<String>, item: fn(String) -> Item, span: Span) -> (String, Item, Span) {
            (item_name(name).to_owned(), item(item_name(name).to_owned()), span)
        }
        let module = self.module;
        let functions = module.functions.iter().map(|(h, f)| named(&f.name, Item::Function, module.functions.get_span(h)));
        let structs = module.types.iter().filter(|(_, ty)| matches!(ty.inner, TypeInner::Struct { .. }));
        let structs = structs.map(|(h, ty)| named(&ty.name, Item::Struct, module.types.get_span(h)));
        let constants = module.constants.iter().filter(|(_, constant)| constant.name.is_some());
        let constants = constants.map(|(h, constant)| named(&constant.name, Item::Constant, module.constants.get_span(h)));
        let variables = module.global_variables.iter();
        let variables = variables.map(|(h, global)| named(&global.name, Item::Variable, module.global_variables.get_span(h)));
        functions.chain(structs).chain(constants).chain(variables)
    }

    /// Refuses names that would hide the runtime's.
    pub(super) fn check_names(&self) -> Result<(), WriteError> {
        let taken = |name: &str| RESERVED.contains(&name) || name == self.options.context_name;
        match self.item_names().find(|(name, _, _)| taken(name)) {
            Some((_, item, span)) => Err(self.refused(item, Fault::from(Refusal::ReservedName).at(span))),
            None => Ok(()),
        }
    }
}
