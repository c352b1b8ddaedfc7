//! The shaders as Rust, made by `cargo xtask bless`; change the shaders instead.

#![allow(missing_docs, dead_code, unused_labels, unused_mut, unused_variables, unused_assignments, unused_parens, unreachable_code)]
#![allow(non_snake_case, non_camel_case_types, non_upper_case_globals, clippy::all)]

use super::runtime::*;

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    pub sum: u32,
    pub parts: [f32; 3],
    pub flag: bool,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    pub key: u32,
    pub weight: f32,
    pub place: V2<f32>,
    pub color: V4<f32>,
}
const _: () = assert!(core::mem::offset_of!(Entry, key) == 0);
const _: () = assert!(core::mem::offset_of!(Entry, weight) == 4);
const _: () = assert!(core::mem::offset_of!(Entry, place) == 8);
const _: () = assert!(core::mem::offset_of!(Entry, color) == 16);
const _: () = assert!(size_of::<Entry>() == 32);

pub const STEPS: [u32; 5] = [3_u32, 1_u32, 4_u32, 1_u32, 5_u32];

pub struct Cx<'g> {
    pub words: &'g [V4<u32>],
    pub entries: &'g [Entry],
}

#[inline]
pub fn nested(a: u32, n: u32) -> u32 {
    let mut sum: u32 = 0_u32;
    let mut i: u32 = 0_u32;
    let mut inner: u32 = 0_u32;
    let mut j: u32 = 0_u32;
    'loop_1: loop {
        'turn_1: {
            if !(i < (a & 7_u32).wrapping_add(2_u32)) {
                break 'loop_1;
            }
            {
                if remainder_u32(a.wrapping_add(i), 3_u32) == 0_u32 {
                    break 'turn_1;
                }
                inner = 0_u32;
                j = 0_u32;
                'loop_2: loop {
                    'turn_2: {
                        if !(j < n) {
                            break 'loop_2;
                        }
                        {
                            if j == i {
                                break 'turn_2;
                            }
                            if j.wrapping_mul(i) > (a & 15_u32) {
                                break 'loop_2;
                            }
                            inner = inner.wrapping_add(j ^ i);
                            if inner > 900_u32 {
                                return sum.wrapping_add(inner);
                            }
                        }
                    }
                    j = j.wrapping_add(1_u32);
                }
                sum = sum.wrapping_mul(5_u32).wrapping_add(inner);
                if sum > 0x186a0_u32 {
                    break 'loop_1;
                }
            }
        }
        i = i.wrapping_add(1_u32);
    }
    sum
}

#[inline(always)]
pub fn early(a: u32, b: f32) -> u32 {
    let mut left: u32 = 0_u32;
    if b < 0.0_f32 {
        if remainder_u32(a, 2_u32) == 0_u32 {
            return 1_u32;
        }
        let c = b * b;
        if c > 2.0_f32 {
            return 2_u32;
        } else {
            if c > 1.0_f32 {
                return c.to_bits();
            }
        }
    } else {
        if a > 5_u32 {
            return 3_u32;
        }
    }
    left = a;
    'loop_1: loop {
        if left == 0_u32 {
            break 'loop_1;
        }
        left = left.wrapping_sub(1_u32);
        if left == 3_u32 {
            return left.wrapping_add(a);
        }
    }
    (b + 1.0_f32).to_bits()
}

#[inline(always)]
pub fn by_case(a: u32) -> u32 {
    let mut r: u32 = 10_u32;
    let mut i: u32 = 0_u32;
    'switch_1: {
        match remainder_u32(a, 6_u32) {
            0_u32 => {
                r = 1_u32;
            }
            1_u32 | 2_u32 => {
                if a > 7_u32 {
                    break 'switch_1;
                }
                r = r.wrapping_add(a);
            }
            3_u32 => {
                return a.wrapping_mul(3_u32);
            }
            _ => {
                'loop_2: loop {
                    if !(i < a) {
                        break 'loop_2;
                    }
                    {
                        if i == 4_u32 {
                            break 'loop_2;
                        }
                        r = r.wrapping_mul(3_u32).wrapping_add(i);
                    }
                    i = i.wrapping_add(1_u32);
                }
            }
        }
    }
    r.wrapping_mul(2_u32)
}

#[inline(always)]
pub fn by_signed_case(a: i32) -> u32 {
    let mut r: i32 = 0_i32;
    let mut i: i32 = 0_i32;
    'loop_1: loop {
        'turn_1: {
            if !(i < 5_i32) {
                break 'loop_1;
            }
            {
                'switch_2: {
                    match a.wrapping_add(i) {
                        -1_i32 => {
                            break 'turn_1;
                        }
                        3_i32 => {
                            r = r.wrapping_add(7_i32);
                            break 'switch_2;
                        }
                        _ => {
                            r = r.wrapping_sub(i);
                        }
                    }
                }
                r = r.wrapping_mul(2_i32);
            }
        }
        i = i.wrapping_add(1_i32);
    }
    r as u32
}

#[inline(always)]
pub fn same_case(n: u32, a: u32) -> u32 {
    let mut r: u32 = 0_u32;
    r = a;
    'switch_1: {
        match n & 1_u32 {
            0_u32 => {
                if a > 3_u32 {
                    break 'switch_1;
                }
                r = r.wrapping_add(100_u32);
            }
            _ => {
                r = r.wrapping_mul(3_u32);
                if remainder_u32(a, 5_u32) == 2_u32 {
                    return r;
                }
                if remainder_u32(a, 5_u32) == 3_u32 {
                    break 'switch_1;
                }
                r = r.wrapping_add(1_u32);
            }
        }
    }
    r ^ 85_u32
}

#[inline]
pub fn local_array(a: u32, n: u32) -> u32 {
    let mut list: [u32; 6] = [0_u32; 6];
    let mut i: u32 = 0_u32;
    let mut sum: u32 = 0_u32;
    let mut i_2: u32 = 0_u32;
    'loop_1: loop {
        if !(i < 6_u32) {
            break 'loop_1;
        }
        {
            list[i as usize] = i.wrapping_mul(a);
        }
        i = i.wrapping_add(1_u32);
    }
    list[remainder_u32(a, 6_u32) as usize] = 77_u32;
    if remainder_u32(a, 4_u32) == 1_u32 {
        list[remainder_u32(a.wrapping_add(n), 6_u32) as usize] = list[remainder_u32(a.wrapping_add(n), 6_u32) as usize].wrapping_add(5_u32);
    }
    sum = list[remainder_u32(a.wrapping_mul(5_u32).wrapping_add(1_u32), 6_u32) as usize];
    'loop_2: loop {
        if !(i_2 < 6_u32) {
            break 'loop_2;
        }
        {
            sum = sum.wrapping_mul(31_u32).wrapping_add(list[i_2 as usize]);
        }
        i_2 = i_2.wrapping_add(1_u32);
    }
    sum
}

#[inline]
pub fn component(a: u32) -> u32 {
    let mut v: V3<f32> = V3::splat(0.0_f32);
    v = V3::new(1.0_f32, 2.0_f32, 3.0_f32) * (a as f32);
    v[remainder_u32(a, 3_u32) as usize] = -4.0_f32;
    let w = V4::new(a, a.wrapping_add(1_u32), a.wrapping_mul(2_u32), 9_u32);
    if v[remainder_u32(a.wrapping_add(1_u32), 3_u32) as usize] > 10.0_f32 {
        v.z = v.x;
    }
    w[(a & 3_u32) as usize].wrapping_add(float_to_u32(float_max(v[remainder_u32(a.wrapping_add(2_u32), 3_u32) as usize] + v.z, 0.0_f32)))
}

#[inline(always)]
pub fn chosen_step(a: u32) -> u32 {
    let mut steps: [u32; 5] = STEPS;
    steps[remainder_u32(a, 5_u32) as usize] = a;
    steps[remainder_u32(a.wrapping_add(2_u32), 5_u32) as usize].wrapping_mul(10_u32).wrapping_add(STEPS[remainder_u32(a.wrapping_add(1_u32), 5_u32) as usize])
}

#[inline(always)]
pub fn put(p: &mut Pair, a: u32) -> bool {
    if remainder_u32(a, 3_u32) == 0_u32 {
        return false;
    }
    p.sum = p.sum.wrapping_add(a);
    p.parts[remainder_u32(a, 3_u32) as usize] = (a as f32) * 0.5_f32;
    if a > 6_u32 {
        p.flag = true;
        return true;
    }
    p.parts[1] = p.parts[1] + 1.0_f32;
    p.flag
}

#[inline(always)]
pub fn add_one(p: &mut u32) {
    *p = (*p).wrapping_add(1_u32);
}

#[inline]
pub fn lent(a: u32, n: u32) -> V4<u32> {
    let mut pair: Pair = Pair { sum: 0_u32, parts: [0.0_f32; 3], flag: false };
    let mut count: u32 = 0_u32;
    let mut i: u32 = 0_u32;
    pair = Pair { sum: n, parts: [1.0_f32, 2.0_f32, 3.0_f32], flag: false };
    'loop_1: loop {
        if !(i < n) {
            break 'loop_1;
        }
        {
            if remainder_u32(a.wrapping_shr(i), 2_u32) == 1_u32 {
                let value = i;
                let put_value = put(&mut pair, a.wrapping_add(value));
                if put_value {
                    add_one(&mut count);
                }
                if pair.sum > 40_u32 {
                    break 'loop_1;
                }
            }
            pair.sum = pair.sum.wrapping_add(1_u32);
        }
        i = i.wrapping_add(1_u32);
    }
    let copy = pair;
    pair.sum = 0_u32;
    V4::new(copy.sum.wrapping_add(pair.sum), count, (pair.parts[0] + copy.parts[remainder_u32(a, 3_u32) as usize]).to_bits(), copy.parts[1].to_bits())
}

#[inline]
pub fn integers(a: u32, c: u32) -> V4<u32> {
    let mut r: V4<u32> = V4::splat(0_u32);
    let i = a.wrapping_mul(0x9e3779b1_u32) as i32;
    let j = (c.wrapping_mul(0x85ebca77_u32) as i32).wrapping_shr(a & 31_u32);
    r = V4::new(divide_u32(a, c), remainder_u32(a, c), a.wrapping_shl(c), a.wrapping_mul(0x9e3779b9_u32).wrapping_shr(c.wrapping_add(3_u32)));
    r.x = r.x ^ (divide_i32(i, j) as u32).wrapping_add(remainder_i32(i, j) as u32).wrapping_add(i.min(j) as u32).wrapping_add((i.max(j) as u32).wrapping_shl(1_u32)).wrapping_add(i.wrapping_abs() as u32).wrapping_add(j.wrapping_neg() as u32);
    r.y = r.y.wrapping_add(((((if i < j { 1_u32 } else { 0_u32 }) | (if i >= j { 2_u32 } else { 0_u32 })) | (if a > c { 4_u32 } else { 0_u32 })) | (if a <= c { 8_u32 } else { 0_u32 })) | (if r.z < r.w { 16_u32 } else { 0_u32 }));
    r.z = r.z.min(a.max(c)).wrapping_add(u32::from(r.w >= 0x80000000_u32)).wrapping_add((!a) & c);
    let v = V3::new(i, j, 3_i32).zip(V3::new(1_i32, i, j).zip(V3::splat(3_i32), i32::wrapping_mul), i32::wrapping_add);
    r.w = r.w.wrapping_add(u32::from(v.zip(V3::new(0_i32, i, j), |a, b| a < b).any()).wrapping_add(2_u32.wrapping_mul(u32::from(v.zip(V3::splat(j), |a, b| a != b).all()))).wrapping_add(((v.x ^ v.y) ^ v.z) as u32));
    r
}

#[inline(always)]
pub fn conversions(b: f32, a: u32) -> V4<u32> {
    let big = b * 3000000000.0_f32;
    V4::new(float_to_u32(big), float_to_i32(big) as u32, (a.wrapping_mul(0x9e3779b9_u32) as f32).to_bits(), ((a.wrapping_mul(0x85ebca6b_u32) as i32) as f32).to_bits()).zip(V4::new(u32::from(b < 1.0_f32), i32::from(b > 0.5_f32) as u32, f32::from(b > 0.25_f32).to_bits(), u32::from((a & 1_u32) != 0)), u32::wrapping_add)
}

#[inline(always)]
pub fn bits_of(v: V4<f32>) -> V4<u32> {
    v.map(f32::to_bits)
}

#[inline]
pub fn gathered(cx: &Cx<'_>, a: u32, n: u32) -> V4<u32> {
    let mut sum: V4<f32> = V4::splat(0.0_f32);
    let count = cx.words.len() as u32;
    let whole = cx.words[remainder_u32(a.wrapping_mul(7_u32), count) as usize];
    let part = cx.words[remainder_u32(a, count) as usize].swizzle2::<2, 3>();
    let word = cx.words[remainder_u32(a.wrapping_add(n), count) as usize][(a & 3_u32) as usize];
    let entry = cx.entries[remainder_u32(a.wrapping_add(1_u32), cx.entries.len() as u32) as usize];
    sum = entry.color + cx.entries[remainder_u32(n, cx.entries.len() as u32) as usize].color;
    if remainder_u32(a, 3_u32) == 1_u32 {
        sum = sum * cx.entries[remainder_u32(a, cx.entries.len() as u32) as usize].weight;
    }
    let place = cx.entries[remainder_u32(a, cx.entries.len() as u32) as usize].place;
    let value = sum;
    let bits_of_value = bits_of(value);
    whole.zip(V4::from((part, word, entry.key)), u32::wrapping_add).zip(bits_of_value, u32::wrapping_add).zip(V4::from((place.map(f32::to_bits), cx.entries[remainder_u32(n, 2_u32) as usize].key, cx.words[remainder_u32(n, count) as usize][remainder_u32(a, 4_u32) as usize])), u32::wrapping_add)
}

#[inline(always)]
pub fn stale(a: u32, n: u32) -> u32 {
    let mut seen: u32 = 1_u32;
    let mut sum: u32 = 0_u32;
    let mut i: u32 = 0_u32;
    'loop_1: loop {
        if i >= n {
            break 'loop_1;
        }
        if remainder_u32(a.wrapping_add(i), 3_u32) != 1_u32 {
            seen = seen.wrapping_mul(2_u32).wrapping_add(i);
            if remainder_u32(seen, 5_u32) == 3_u32 {
                sum = sum.wrapping_add(seen);
            }
        }
        i = i.wrapping_add(1_u32);
    }
    sum
}

#[inline(always)]
pub fn bottom(a: u32, n: u32) -> u32 {
    let mut i: u32 = 0_u32;
    let mut sum: u32 = 0_u32;
    i = a & 3_u32;
    'loop_1: loop {
        'turn_1: {
            if i == 2_u32 {
                break 'turn_1;
            }
            sum = sum.wrapping_mul(7_u32).wrapping_add(i);
            if sum > 5000_u32 {
                return sum;
            }
        }
        i = i.wrapping_add(1_u32);
        let value = i;
        if value > n.wrapping_add(a & 1_u32) {
            break 'loop_1;
        }
    }
    sum.wrapping_add(i)
}

#[inline]
pub fn either(a: u32, b: f32) -> u32 {
    let mut v: bool = false;
    let mut v_2: bool = false;
    let mut v_3: bool = false;
    let mut v_4: bool = false;
    if a > 3_u32 {
        v = b < 0.5_f32;
    } else {
        v = false;
    }
    if !v {
        v_2 = a == 1_u32;
    } else {
        v_2 = true;
    }
    let x = v_2;
    if !x {
        v_3 = b > 2.0_f32;
    } else {
        v_3 = true;
    }
    if !v_3 {
        v_4 = (a & 1_u32) == 0_u32;
    } else {
        v_4 = false;
    }
    let y = v_4;
    (if x { 1_u32 } else { 0_u32 }).wrapping_add(if y { 2_u32 } else { 0_u32 }).wrapping_add(if x != y { 4_u32 } else { 0_u32 })
}

#[inline]
pub fn leaving(a: u32, n: u32) -> u32 {
    let mut r: u32 = 0_u32;
    let mut i: u32 = 0_u32;
    let mut v: bool = false;
    'loop_1: loop {
        'turn_1: {
            if !(i < 9_u32) {
                break 'loop_1;
            }
            {
                if i == n {
                    break 'loop_1;
                }
                if n == 5_u32 {
                    v = i == 4_u32;
                } else {
                    v = false;
                }
                if v {
                    return r.wrapping_add(1000_u32);
                }
                if a == i.wrapping_add(2_u32) {
                    break 'loop_1;
                }
                if remainder_u32(n, 2_u32) == 0_u32 {
                    break 'turn_1;
                }
                r = r.wrapping_add(i.wrapping_mul(a));
            }
        }
        i = i.wrapping_add(1_u32);
    }
    r.wrapping_add(1_u32)
}

#[inline]
pub fn builtins(a: u32, n: u32) -> V4<u32> {
    let x = a.wrapping_mul(0x9e3779b9_u32);
    let i = x as i32;
    V4::new(x.reverse_bits().wrapping_add(u32::count_ones(x)).wrapping_add(u32::leading_zeros(x.wrapping_shr(a & 31_u32))).wrapping_add(u32::trailing_zeros(x.wrapping_shl(a & 31_u32))), first_leading_bit_u32(x.wrapping_shr(a & 31_u32)).wrapping_add(first_trailing_bit_u32(x.wrapping_shl(a & 31_u32))).wrapping_add(first_leading_bit_i32(i) as u32).wrapping_add(first_trailing_bit_i32(i) as u32), extract_bits_u32(x, a & 31_u32, n).wrapping_add(extract_bits_i32(i, n, a & 15_u32) as u32).wrapping_add(i.reverse_bits() as u32), insert_bits_u32(x, a, n, a & 7_u32).wrapping_add(insert_bits_i32(i, 5_i32, a & 7_u32, n) as u32).wrapping_add(i.max(-5_i32).min(9_i32) as u32).wrapping_add(a.max(2_u32).min(n.wrapping_add(2_u32))))
}

#[inline]
pub fn rounded(b: f32) -> V4<f32> {
    let v = V4::new(b, b * 7.3_f32, -b, b * 0.5_f32);
    let w = ((v.map(f32::floor) + ((v * 3.0_f32).map(f32::ceil) * 2.0_f32)) + v.map(f32::trunc)) + v.map(f32::round_ties_even);
    let c = v.zip(V4::new(0.0_f32, 1.0_f32, w.x, 0.5_f32), |a, b| a > b);
    c.select(v.zip(V4::splat(-1.0_f32), float_max).zip(V4::splat(2.0_f32), float_min), w) + V4::new(saturate(b), v.z.abs(), float_min(v.x, v.y), float_max(v.z, v.w))
}

#[inline]
pub fn probe(cx: &Cx<'_>, which: u32, n: u32, a: u32, b: f32) -> V4<u32> {
    let mut r: V4<u32> = V4::splat(0_u32);
    r = V4::splat(a);
    match which {
        0_u32 => {
            let nested_value = nested(a, n);
            let early_value = early(a, b);
            r = V4::new(nested_value, early_value, 0_u32, 0_u32);
        }
        1_u32 => {
            let by_case_value = by_case(a);
            let by_signed_case_value = by_signed_case((a as i32).wrapping_sub(4_i32));
            let same_case_value = same_case(n, a);
            r = V4::new(by_case_value, by_signed_case_value, same_case_value, 1_u32);
        }
        2_u32 => {
            let local_array_value = local_array(a, n);
            let component_value = component(a);
            let chosen_step_value = chosen_step(a);
            r = V4::new(local_array_value, component_value, chosen_step_value, 2_u32);
        }
        3_u32 => {
            let lent_value = lent(a, n);
            r = lent_value;
        }
        4_u32 => {
            let integers_value = integers(a, n.wrapping_mul(7_u32).wrapping_add(divide_u32(a, 3_u32)));
            r = integers_value;
        }
        5_u32 => {
            let conversions_value = conversions(b, a);
            r = conversions_value;
        }
        6_u32 => {
            let gathered_value = gathered(cx, a, n);
            r = gathered_value;
        }
        7_u32 => {
            let stale_value = stale(a, n);
            let bottom_value = bottom(a, n);
            let either_value = either(a, b);
            let leaving_value = leaving(a, n);
            r = V4::new(stale_value, bottom_value, either_value, leaving_value);
        }
        8_u32 => {
            let builtins_value = builtins(a, n);
            r = builtins_value;
        }
        9_u32 | 10_u32 => {
            let rounded_value = rounded(b);
            let bits_of_value = bits_of(rounded_value);
            r = bits_of_value;
        }
        _ => {
        }
    }
    r
}

#[inline]
pub fn walked(a: u32, n: u32, b: f32) -> V4<u32> {
    let mut x: u32 = 0_u32;
    let mut sum: V2<f32> = V2::splat(0.0_f32);
    let mut last: u32 = 0_u32;
    let mut seen: bool = false;
    let mut i: u32 = 0_u32;
    let mut v: bool = false;
    let mut v_2: bool = false;
    let mut j: u32 = 0_u32;
    let mut v_3: bool = false;
    let key = a.wrapping_mul(77_u32).wrapping_add(5_u32);
    x = key ^ 3_u32;
    sum = V2::new(b, 1.0_f32);
    'loop_1: loop {
        'turn_1: {
            if !(i < (a & 7_u32).wrapping_add(1_u32)) {
                break 'loop_1;
            }
            {
                if remainder_u32(x, 3_u32) == 1_u32 {
                    x = x.wrapping_mul(5_u32).wrapping_add(i);
                    break 'turn_1;
                }
                if b > 1.0_f32 {
                    v = x > 100_u32;
                } else {
                    v = false;
                }
                if !v {
                    v_2 = i == 3_u32;
                } else {
                    v_2 = true;
                }
                if v_2 {
                    last = x;
                    seen = !seen;
                }
                j = 0_u32;
                'loop_2: loop {
                    if !(j < (x & 3_u32)) {
                        break 'loop_2;
                    }
                    {
                        sum = sum + V2::new(j as f32, b);
                        if j == i {
                            break 'loop_2;
                        }
                    }
                    j = j.wrapping_add(1_u32);
                }
                if remainder_u32(x, 11_u32) == 4_u32 {
                    break 'loop_1;
                }
                if remainder_u32(x, 13_u32) == n {
                    return V4::new(i, x, key, n);
                }
                if n == 3_u32 {
                    v_3 = i == 2_u32;
                } else {
                    v_3 = false;
                }
                if v_3 {
                    return V4::splat(n);
                }
                x = x.wrapping_mul(3_u32).wrapping_add(key);
            }
        }
        i = i.wrapping_add(1_u32);
    }
    let scaled = sum * 2.0_f32;
    if seen {
        last = last.wrapping_mul(2_u32);
    }
    V4::new(x, last, scaled.x.to_bits(), scaled.y.to_bits() ^ key)
}
