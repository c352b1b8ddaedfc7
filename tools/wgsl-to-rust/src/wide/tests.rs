//! What the wide writer makes of control flow, what stays scalar, and what it refuses. That the code computes the right bits is
//! tested where it runs, in `render-core/tracer/src/cpu/probe_tests.rs`.

use super::super::error::{Refusal, WriteError};
use super::super::{Options, WriteError as Error};
use super::{Root, WideOptions, write};

const SCALAR: Options<'_> = Options { externs: &[], context_name: "Cx", skip_entry_points: true, inline_always_max: 0 };

fn written(wgsl: &str, scalar: Options<'_>, uniform: &[&str]) -> Result<String, Error> {
    write(wgsl, &WideOptions { scalar, scalar_module: "generated", roots: &[Root { name: "f", uniform, pooled: false }] })
}

/// The lines of the function `f`, without its attributes and the macro around it.
#[track_caller]
fn check(wgsl: &str, uniform: &[&str], expected: &[&str]) {
    let text = written(wgsl, SCALAR, uniform).unwrap_or_else(|error| panic!("{error}: {:?}\n{wgsl}", std::error::Error::source(&error)));
    let (_, f) = text.split_once("pub fn f").expect("the root is written");
    let lines: Vec<_> = f.lines().skip(1).map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(&lines[..lines.len() - 2], expected, "\n{wgsl}");
}

#[test]
fn operations_become_methods_and_uniform_values_stay_scalar() {
    check(
        "fn f(a: f32, n: u32) -> f32 { let k = n * 2u + 1u; return a * f32(k) + max(a, 0.5); }",
        &["n"],
        &[
            "let mut live = Mask::splat(true);",
            "let k = n.wrapping_mul(2_u32).wrapping_add(1_u32);",
            "return a.mul(F32s::splat(k as f32)).add(a.max(F32s::splat(0.5_f32)));",
        ],
    );
}

#[test]
fn a_short_branch_is_blended_and_a_long_one_is_jumped_over() {
    check(
        "fn f(a: f32) -> f32 { if (a < 0.0) { return 1.0; } return a; }",
        &[],
        &[
            "let mut live = Mask::splat(true);",
            "let mut result = F32s::splat(0.0_f32);",
            "let mut taken = live.and(a.lt(F32s::splat(0.0_f32)));",
            "let mut other = live.and_not(taken);",
            "{",
            "result = F32s::splat(1.0_f32);",
            "}",
            "live = other;",
            "return a.when(live, result);",
        ],
    );
    let long = "a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a";
    let text = written(&format!("fn f(a: f32) -> f32 {{ var r = a; if (a < 0.0) {{ r = {long} * {long}; }} return r; }}"), SCALAR, &[]);
    assert!(text.unwrap().contains("if taken.any() {"));
}

#[test]
fn a_loop_runs_until_no_lane_is_left_in_it() {
    check(
        "fn f(a: u32) -> u32 { var s = 0u; for (var i = 0u; i < a; i++) { s += i; } return s; }",
        &[],
        &[
            "let mut s: U32s = U32s::splat(0_u32);",
            "let mut i: u32 = 0_u32;",
            "let mut lanes = live;",
            "'loop_1: loop {",
            "let mut taken = lanes.and(U32s::splat(i).lt(a));",
            "let mut other = lanes.and_not(taken);",
            "lanes = taken;",
            "if lanes.none() {",
            "break 'loop_1;",
            "}",
            "{",
            "s = s.add(U32s::splat(i)).when(lanes, s);",
            "}",
            "i = i.wrapping_add(1_u32);",
            "}",
            "return s;",
        ],
    );
}

#[test]
fn a_function_of_uniform_arguments_is_the_scalar_one() {
    let wgsl = "fn g(a: u32) -> u32 { return a * 3u; } fn f(a: u32, n: u32) -> u32 { return g(n) + g(a); }";
    let text = written(wgsl, SCALAR, &["n"]).unwrap();
    for line in ["let g_value = one::g(n);", "let g_value_2 = g(a);", "pub fn g(a: U32s) -> U32s {"] {
        assert!(text.contains(line), "{line}\nis not in\n{text}");
    }
}

#[test]
fn externs_are_called_for_all_lanes_at_once() {
    let wgsl = "struct Hit { t: f32, place: vec2<u32> }
        fn walk(d: vec3<f32>) -> Hit { return Hit(); }
        fn f(d: vec3<f32>) -> f32 { return walk(d).t; }";
    let text = written(wgsl, Options { externs: &["walk"], ..SCALAR }, &[]).unwrap();
    for line in [
        "fn walk<X: Ext>(cx: &Cx<X>, live: Mask, d: V3<F32s>) -> Hit {",
        "unsafe fn walk_of_lanes(&self, cx: &Cx<Self>, live: Mask, d: V3<F32s>) -> Hit;",
        "unsafe { cx.ext.walk_of_lanes(cx, live, d) }",
        "let walk_value = walk(cx, live, d);",
    ] {
        assert!(text.contains(line), "{line}\nis not in\n{text}");
    }
}

#[test]
fn the_same_shader_gives_the_same_text() {
    let source = raylance_shaders::shared_source();
    let scalar = Options { externs: &raylance_shaders::EXTERN_FUNCTIONS, ..SCALAR };
    let options =
        WideOptions { scalar, scalar_module: "generated", roots: &[Root { name: "trace", uniform: &["quantity"], pooled: true }] };
    assert_eq!(write(&source, &options).unwrap(), write(&source, &options).unwrap());
}

#[test]
fn what_has_no_wide_form_is_refused_with_its_line() {
    let cases = [
        (
            "fn g(p: ptr<function, u32>) { *p = 1u; }\nfn f(a: u32) -> u32 {\n var v: array<array<u32, 2>, 2>;\n v[a & 1u][a & 1u] = 1u;\n return 0u; }",
            4,
            Refusal::VaryingPlace,
        ),
        ("fn f(a: f32) -> f32 {\n  return 1.0 / a;\n}", 2, Refusal::FloatDivision),
    ];
    for (wgsl, expected_line, expected) in cases {
        match written(wgsl, SCALAR, &[]) {
            Err(WriteError::Refused { line, reason, .. }) => assert_eq!((line, reason), (expected_line, expected), "{wgsl}"),
            other => panic!("{other:?}\n{wgsl}"),
        }
    }
    assert!(matches!(written("fn g() {}", SCALAR, &[]), Err(WriteError::UnknownRoot { .. })));
    assert!(matches!(written("fn f(a: u32) {}", SCALAR, &["n"]), Err(WriteError::UnknownRoot { .. })));
}
