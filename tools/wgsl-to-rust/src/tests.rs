//! What is written, what is refused and where.

use super::error::{Item, Refusal, WriteError};
use super::{Options, names, write};
use naga::{AddressSpace, MathFunction};

const OPTIONS: Options<'_> = Options { externs: &[], context_name: "Cx", skip_entry_points: true, inline_always_max: 0 };

/// The text behind the header, without attributes.
fn body(wgsl: &str, options: &Options<'_>) -> String {
    let text = write(wgsl, options).unwrap_or_else(|error| panic!("{error}: {:?}\n{wgsl}", std::error::Error::source(&error)));
    let (_, body) = text.split_once("use super::runtime::*;\n").expect("the header ends with the import");
    let lines: Vec<_> = body.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("#[")).collect();
    lines.join("\n")
}

#[track_caller]
fn check(wgsl: &str, expected: &[&str]) {
    assert_eq!(body(wgsl, &OPTIONS).lines().collect::<Vec<_>>(), expected, "\n{wgsl}");
}

/// What a function body becomes.
#[track_caller]
fn check_body(parameters: &str, result: &str, statements: &str, expected: &[&str]) {
    let wgsl = format!("fn f({parameters}) -> {result} {{ {statements} }}");
    let text = body(&wgsl, &OPTIONS);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(&lines[1..lines.len() - 1], expected, "\n{wgsl}");
}

#[test]
fn arithmetic_keeps_its_order_and_wraps_where_wgsl_wraps() {
    let cases: &[(&str, &str, &str, &str)] = &[
        ("a: f32, b: f32", "f32", "a + b * 2.0 - a", "(a + (b * 2.0_f32)) - a"),
        ("a: f32", "f32", "-a * -0.5", "(-a) * (-0.5_f32)"),
        ("a: f32", "f32", "a * 0.1", "a * 0.1_f32"),
        ("a: f32", "f32", "a * 3.40282346e38", "a * 3.4028235e38_f32"),
        ("a: f32", "f32", "a * (1.0 / 3.0)", "a * 0.33333334_f32"),
        ("a: u32", "u32", "(a + 1u) * 0xff00ff00u", "a.wrapping_add(1_u32).wrapping_mul(0xff00ff00_u32)"),
        ("a: i32, b: i32", "i32", "-a / b % 3", "remainder_i32(divide_i32(a.wrapping_neg(), b), 3_i32)"),
        ("a: i32, b: u32", "i32", "a << b >> 3u", "a.wrapping_shl(b).wrapping_shr(3_u32)"),
        ("a: u32, b: u32", "u32", "(a & 7u) | ~b ^ a", "(a & 7_u32) | ((!b) ^ a)"),
        ("a: vec3<u32>", "vec3<u32>", "a + 1u", "a.zip(V3::splat(1_u32), u32::wrapping_add)"),
        ("a: vec3<f32>, b: f32", "vec3<f32>", "b * a * 2.0", "(b * a) * 2.0_f32"),
        ("a: vec2<f32>, b: vec2<f32>", "vec2<bool>", "a <= b", "a.zip(b, |a, b| a <= b)"),
        ("a: f32, b: f32", "f32", "min(a, max(b, 1.0))", "float_min(a, float_max(b, 1.0_f32))"),
        ("a: vec2<f32>", "vec2<f32>", "clamp(a, vec2(0.0), a)", "a.zip(V2::splat(0.0_f32), float_max).zip(a, float_min)"),
        ("a: u32, b: u32", "u32", "max(a, b)", "a.max(b)"),
        ("a: f32", "f32", "floor(abs(a))", "a.abs().floor()"),
        ("a: u32", "u32", "reverseBits(countOneBits(a))", "u32::count_ones(a).reverse_bits()"),
        ("a: f32, b: f32, c: bool", "f32", "select(a, b, c) + a", "(if c { b } else { a }) + a"),
        ("a: vec2<f32>, c: vec2<bool>", "vec2<f32>", "select(a, vec2(1.0), c)", "c.select(V2::splat(1.0_f32), a)"),
        ("a: f32, b: f32", "bool", "!(a == b)", "!(a == b)"),
    ];
    for (parameters, result, wgsl, rust) in cases {
        check_body(parameters, result, &format!("return {wgsl};"), &[rust]);
    }
}

#[test]
fn conversions_clamp_and_bitcasts_keep_bits() {
    let cases: &[(&str, &str, &str, &str)] = &[
        ("a: f32", "u32", "u32(a)", "float_to_u32(a)"),
        ("a: vec2<f32>", "vec2<i32>", "vec2<i32>(a)", "a.map(float_to_i32)"),
        ("a: u32", "f32", "f32(a)", "a as f32"),
        ("a: bool", "f32", "f32(a)", "f32::from(a)"),
        ("a: u32", "bool", "bool(a)", "a != 0"),
        ("a: i32", "u32", "u32(a) + 1u", "(a as u32).wrapping_add(1_u32)"),
        ("a: f32", "u32", "bitcast<u32>(a)", "a.to_bits()"),
        ("a: vec3<u32>", "vec3<f32>", "bitcast<vec3<f32>>(a)", "a.map(f32::from_bits)"),
        ("a: vec4<f32>", "vec3<f32>", "a.zyx", "a.swizzle3::<2, 1, 0>()"),
        ("a: vec2<f32>, b: f32", "vec4<f32>", "vec4(a, b, 1.0)", "V4::from((a, b, 1.0_f32))"),
        ("a: f32", "array<f32, 2>", "array<f32, 2>(a, 1.0)", "[a, 1.0_f32]"),
        ("a: vec3<f32>, i: u32", "f32", "a[i] + a.y", "a[i as usize] + a.y"),
    ];
    for (parameters, result, wgsl, rust) in cases {
        check_body(parameters, result, &format!("return {wgsl};"), &[rust]);
    }
}

#[test]
fn a_loaded_value_never_moves_past_a_store() {
    check_body(
        "n: u32",
        "u32",
        "var a = n; let old = a; a = a * 3u + 1u; let p = &a; *p = a + old; return *p;",
        &[
            "let mut a: u32 = 0_u32;",
            "a = n;",
            "let old = a;",
            "a = a.wrapping_mul(3_u32).wrapping_add(1_u32);",
            "a = a.wrapping_add(old);",
            "a",
        ],
    );
    // A pointer keeps the place that it was made for.
    check_body(
        "n: u32",
        "u32",
        "var a: array<u32, 4>; var i = n; let p = &a[i]; i = 3u; *p = 9u; return a[i];",
        &[
            "let mut a: [u32; 4] = [0_u32; 4];",
            "let mut i: u32 = 0_u32;",
            "i = n;",
            "let value = i;",
            "i = 3_u32;",
            "a[value as usize] = 9_u32;",
            "a[i as usize]",
        ],
    );
}

#[test]
fn pointers_are_lent_and_lent_on() {
    check(
        "fn put(p: ptr<function, vec2<f32>>, i: u32) { (*p)[i] = (*p).y; }
         fn both(p: ptr<function, vec2<f32>>) -> vec2<f32> { put(p, 0u); put(p, 1u); return *p; }
         fn whole() -> vec2<f32> { var v = vec2<f32>(1.0, 2.0); let r = both(&v); return r + v; }",
        &[
            "pub fn put(p: &mut V2<f32>, i: u32) {",
            "p[i as usize] = p.y;",
            "}",
            "pub fn both(p: &mut V2<f32>) -> V2<f32> {",
            "put(p, 0_u32);",
            "put(p, 1_u32);",
            "*p",
            "}",
            "pub fn whole() -> V2<f32> {",
            "let mut v: V2<f32> = V2::new(1.0_f32, 2.0_f32);",
            "let r = both(&mut v);",
            "r + v",
            "}",
        ],
    );
}

#[test]
fn continue_still_runs_the_step_of_a_for_loop() {
    check_body(
        "n: u32",
        "u32",
        "var s = 0u; for (var i = 0u; i < n; i++) { if (i == 3u) { continue; } s += i; } return s;",
        &[
            "let mut s: u32 = 0_u32;",
            "let mut i: u32 = 0_u32;",
            "'loop_1: loop {",
            "'turn_1: {",
            "if !(i < n) {",
            "break 'loop_1;",
            "}",
            "{",
            "if i == 3_u32 {",
            "break 'turn_1;",
            "}",
            "s = s.wrapping_add(i);",
            "}",
            "}",
            "i = i.wrapping_add(1_u32);",
            "}",
            "s",
        ],
    );
}

#[test]
fn switch_puts_the_default_last_and_keeps_breaks() {
    check_body(
        "k: i32",
        "u32",
        "var r = 0u; switch (k) { case 1, default: { r = 1u; } case -2: { if (r == 0u) { break; } r = 2u; } case 3, 4: { return 5u; } } return r;",
        &[
            "let mut r: u32 = 0_u32;",
            "'switch_1: {",
            "match k {",
            "-2_i32 => {",
            "if r == 0_u32 {",
            "break 'switch_1;",
            "}",
            "r = 2_u32;",
            "}",
            "3_i32 | 4_i32 => {",
            "return 5_u32;",
            "}",
            "_ => {",
            "r = 1_u32;",
            "}",
            "}",
            "}",
            "r",
        ],
    );
}

const BUFFERS: &str = "
struct Frame { eye: vec4<f32>, size: vec2<u32>, seed: u32, spare: u32 };
@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var<storage, read> words: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> sums: array<u32>;
fn walk(d: f32) -> bool { return false; }
fn pure_one(a: u32) -> u32 { return a; }
fn reads(i: u32) -> u32 { return words[i].y ^ frame.seed ^ pure_one(arrayLength(&words)); }
fn hits(d: f32) -> bool { return walk(d); }
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) { sums[id.x] = reads(id.x); }
";

#[test]
fn buffers_become_a_context_that_goes_to_those_who_need_it() {
    let text = body(BUFFERS, &Options { externs: &["walk"], ..OPTIONS });
    for line in [
        "pub struct Cx<'g, X> {\npub ext: X,\npub frame: &'g Frame,\npub words: &'g [V4<u32>],\n}",
        "pub trait Ext: Sized {\nfn walk(&self, cx: &Cx<'_, Self>, d: f32) -> bool;\n}",
        "pub fn pure_one(a: u32) -> u32 {",
        "pub fn reads<X: Ext>(cx: &Cx<'_, X>, i: u32) -> u32 {",
        "(cx.words[i as usize].y ^ cx.frame.seed) ^ pure_one_value",
        "pub fn hits<X: Ext>(cx: &Cx<'_, X>, d: f32) -> bool {",
        "let walk_value = cx.ext.walk(cx, d);",
        "const _: () = assert!(core::mem::offset_of!(Frame, size) == 16);",
        "const _: () = assert!(size_of::<Frame>() == 32);",
    ] {
        assert!(text.contains(line), "{line}\nis not in\n{text}");
    }
    for left_out in ["sums", "main", "fn walk(d"] {
        assert!(!text.contains(left_out), "{left_out}\nis in\n{text}");
    }
    let without = body(BUFFERS, &OPTIONS);
    assert!(without.contains("pub struct Cx<'g> {") && without.contains("pub fn hits(d: f32)"), "{without}");
}

#[test]
fn names_never_collide_with_rust_the_runtime_or_each_other() {
    check(
        "const LIMIT = 4u;
         fn gen(box: u32) -> u32 { var cx = box; { let cx = cx + 1u; let float_min = cx * cx; let gen = float_min; return gen + cx; } }",
        &[
            "pub const LIMIT: u32 = 4_u32;",
            "pub fn r#gen(r#box: u32) -> u32 {",
            "let mut cx_2: u32 = 0_u32;",
            "cx_2 = r#box;",
            "{",
            "let cx_3 = cx_2.wrapping_add(1_u32);",
            "let gen_2 = cx_3.wrapping_mul(cx_3);",
            "gen_2.wrapping_add(cx_3)",
            "}",
            "}",
        ],
    );
}

#[test]
fn reserved_names_are_exactly_those_of_the_runtime() {
    let runtime = include_str!("../../../render-core/tracer/src/cpu/runtime.rs");
    let (functions, _) = runtime.split_once("#[cfg(test)]").expect("the runtime has tests");
    let (_, functions) = functions.split_once("functions! {\n").expect("the runtime lists its functions");
    let of_macro =
        functions.lines().filter_map(|line| line.strip_prefix("    ")).filter(|line| line.contains(") -> ") && line.ends_with(['{', '}']));
    let found: Vec<_> = of_macro.filter(|line| !line.starts_with([' ', '/'])).filter_map(|line| line.split('(').next()).collect();
    assert!(found.len() > 20, "{found:?}");
    for name in &found {
        assert!(names::RESERVED.contains(name), "`{name}` is missing in RESERVED");
    }
}

#[test]
fn the_shaders_are_written_the_same_each_time() {
    let source = raylance_shaders::shared_source();
    let options = Options { externs: &raylance_shaders::EXTERN_FUNCTIONS, ..OPTIONS };
    assert_eq!(write(&source, &options).unwrap(), write(&source, &options).unwrap());
}

fn refused(wgsl: &str) -> (Item, u32, Refusal) {
    match write(wgsl, &OPTIONS) {
        Err(WriteError::Refused { item, line, reason, .. }) => (item, line, reason),
        other => panic!("{other:?}\n{wgsl}"),
    }
}

#[test]
fn what_gpus_round_in_their_own_way_is_refused_with_its_line() {
    use MathFunction as M;
    let builtin = Refusal::InexactBuiltin;
    let cases: &[(&str, Refusal)] = &[
        ("a / b", Refusal::FloatDivision),
        ("(vec2(a) / b).x", Refusal::FloatDivision),
        ("a % b", Refusal::FloatRemainder),
        ("f32(a != b)", Refusal::FloatNotEqual),
        ("f32(any(vec2(a) != vec2(b)))", Refusal::FloatNotEqual),
        ("f32(bool(a))", Refusal::FloatToBool),
        ("fma(a, b, a)", builtin(M::Fma)),
        ("sqrt(a)", builtin(M::Sqrt)),
        ("inverseSqrt(a)", builtin(M::InverseSqrt)),
        ("sin(a)", builtin(M::Sin)),
        ("pow(a, b)", builtin(M::Pow)),
        ("exp2(a)", builtin(M::Exp2)),
        ("mix(a, b, 0.5)", builtin(M::Mix)),
        ("fract(a)", builtin(M::Fract)),
        ("dot(vec3(a), vec3(b))", builtin(M::Dot)),
        ("length(vec3(a))", builtin(M::Length)),
        ("normalize(vec3(a)).x", builtin(M::Normalize)),
        ("cross(vec3(a), vec3(b)).x", builtin(M::Cross)),
        ("distance(vec3(a), vec3(b))", builtin(M::Distance)),
        ("reflect(vec3(a), vec3(b)).x", builtin(M::Reflect)),
        ("f32(dot(vec2<u32>(u32(a)), vec2(2u)))", Refusal::ScalarBuiltin(M::Dot)),
        ("f32(extractBits(vec2<u32>(u32(a)), 1u, 2u).x)", Refusal::ScalarBuiltin(M::ExtractBits)),
    ];
    for (expression, expected) in cases {
        let wgsl = format!("fn f(a: f32, b: f32) -> f32 {{\n  let c = a + b;\n  return {expression};\n}}");
        assert_eq!(refused(&wgsl), (Item::Function("f".into()), 3, expected.clone()), "{expression}");
    }
}

#[test]
fn what_only_a_gpu_has_is_refused_with_its_place() {
    let function = |name: &str| Item::Function(name.into());
    let variable = |name: &str| Item::Variable(name.into());
    let structure = |name: &str| Item::Struct(name.into());
    let cases: Vec<(&str, Item, u32, Refusal)> = vec![
        ("fn f() {\n  workgroupBarrier();\n}", function("f"), 2, Refusal::Workgroup),
        ("fn f(m: mat2x2<f32>, v: vec2<f32>) -> vec2<f32> { return m * v; }", function("f"), 1, Refusal::Matrix),
        ("\nvar<private> a: f32;\nfn f() -> f32 { return a; }", variable("a"), 2, Refusal::AddressSpace(AddressSpace::Private)),
        ("var<workgroup> a: f32;\nfn f() -> f32 { return a; }", variable("a"), 1, Refusal::Workgroup),
        (
            "@group(0) @binding(0) var t: texture_2d<f32>;\nfn f() -> vec4<f32> { return textureLoad(t, vec2(0u), 0u); }",
            variable("t"),
            1,
            Refusal::Texture,
        ),
        (
            "@group(0) @binding(0) var<storage, read_write> a: array<u32>;\nfn f() -> u32 {\n  return a[0];\n}",
            function("f"),
            3,
            Refusal::WritableBuffer { name: "a".into() },
        ),
        (
            "@group(0) @binding(0) var<storage, read_write> a: atomic<u32>;\nfn f() {\n  atomicAdd(&a, 1u);\n}",
            function("f"),
            3,
            Refusal::Atomic,
        ),
        ("override n: u32 = 3u;\nfn f() -> u32 { return n; }", Item::Constant("n".into()), 1, Refusal::Override),
        (
            "struct S { a: vec3<f32>, b: vec3<f32> }\n@group(0) @binding(0) var<uniform> s: S;",
            structure("S"),
            1,
            Refusal::Offset { member: "b".into(), wgsl: 16, rust: 12 },
        ),
        (
            "struct S { a: vec4<f32>, b: f32 }\n@group(0) @binding(0) var<uniform> s: S;",
            structure("S"),
            1,
            Refusal::Size { wgsl: 32, rust: 20 },
        ),
        ("\n@group(0) @binding(0) var<storage, read> s: array<vec3<f32>>;", variable("s"), 2, Refusal::Stride { wgsl: 16, rust: 12 }),
        (
            "struct S { n: u32, a: array<u32> }\n@group(0) @binding(0) var<storage, read> s: S;",
            structure("S"),
            1,
            Refusal::RuntimeSizedMember,
        ),
        ("\nfn float_min(a: f32) -> f32 { return a; }", function("float_min"), 2, Refusal::ReservedName),
        ("struct Cx { a: f32 }", structure("Cx"), 1, Refusal::ReservedName),
        (
            "fn f(n: u32) { var i = n; loop { let j = i; if (j == 2u) { continue; } i += 1u;\n continuing { i += j; break if i > 9u; } } }",
            function("f"),
            2,
            Refusal::OutOfScope,
        ),
    ];
    for (wgsl, item, line, reason) in cases {
        assert_eq!(refused(wgsl), (item, line, reason), "{wgsl}");
    }
}

#[test]
fn a_struct_outside_buffers_needs_no_padding() {
    assert!(body("struct S { a: vec3<f32>, b: vec3<f32> }\nfn f(s: S) -> f32 { return s.b.x; }", &OPTIONS).contains("s.b.x"));
}

#[test]
fn errors_say_where_and_how_to_mend() {
    let error = write("fn f(a: f32) -> f32 {\n  return 1.0 / a;\n}", &OPTIONS).unwrap_err();
    assert_eq!(error.to_string(), "function `f`, line 2: `return 1.0 / a;`");
    let reason = std::error::Error::source(&error).unwrap().to_string();
    assert!(reason.contains("own reciprocal"), "{reason}");
    assert!(matches!(write("fn f( {", &OPTIONS), Err(WriteError::Parse { line: 1, .. })));
    assert!(matches!(write("fn f() -> u32 { }", &OPTIONS), Err(WriteError::Parse { .. } | WriteError::Invalid { .. })));
    assert!(matches!(write("", &Options { externs: &["walk"], ..OPTIONS }), Err(WriteError::UnknownExtern { .. })));
    assert!(matches!(write(BUFFERS, &Options { skip_entry_points: false, ..OPTIONS }), Err(WriteError::EntryPoint { .. })));
}
