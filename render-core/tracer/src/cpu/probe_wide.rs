//! The shaders as Rust for many lanes at once, made by `cargo xtask bless`; change the shaders instead.

#![allow(missing_docs, dead_code, unused_labels, unused_mut, unused_variables, unused_assignments, unused_parens, unreachable_code)]
#![allow(non_snake_case, non_camel_case_types, non_upper_case_globals, unused_imports, clippy::all)]

use super::runtime::*;
use super::wide_memory::*;
use super::wide_runtime::*;
use super::probe as one;
use one::{Cx, STEPS};

// SAFETY: all parts of it were checked to be words that follow each other.
unsafe impl Words for one::Entry {}

#[derive(Clone, Copy)]
pub struct Pair {
    pub sum: U32s,
    pub parts: [F32s; 3],
    pub flag: Mask,
}

impl Pair {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            sum: self.sum.merge(mask, other.sum),
            parts: { let (yes, no) = (self.parts, other.parts); core::array::from_fn(|k| yes[k].merge(mask, no[k])) },
            flag: self.flag.merge(mask, other.flag),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::Pair {
        one::Pair {
            sum: self.sum.lane(lane),
            parts: core::array::from_fn(|k| self.parts[k].lane(lane)),
            flag: self.flag.lane(lane),
        }
    }
    }
}

#[derive(Clone, Copy)]
pub struct Entry {
    pub key: U32s,
    pub weight: F32s,
    pub place: V2<F32s>,
    pub color: V4<F32s>,
}

impl Entry {
    wide! {
    #[inline]
    pub fn merge(self, mask: Mask, other: Self) -> Self {
        Self {
            key: self.key.merge(mask, other.key),
            weight: self.weight.merge(mask, other.weight),
            place: self.place.merge(mask, other.place),
            color: self.color.merge(mask, other.color),
        }
    }
    }

    wide! {
    #[inline]
    pub fn lane(self, lane: usize) -> one::Entry {
        one::Entry {
            key: self.key.lane(lane),
            weight: self.weight.lane(lane),
            place: self.place.lane(lane),
            color: self.color.lane(lane),
        }
    }
    }
}

wide! {
#[inline(never)]
pub fn nested(mut live: Mask, a: U32s, n: u32) -> U32s {
    let mut result = U32s::splat(0_u32);
    let mut sum: U32s = U32s::splat(0_u32);
    let mut i: u32 = 0_u32;
    let mut inner: U32s = U32s::splat(0_u32);
    let mut j: u32 = 0_u32;
    let mut lanes = live;
    let mut left = Mask::splat(false);
    'loop_1: loop {
        let mut turn = lanes;
        let mut resumed = Mask::splat(false);
        'turn_1: {
            let mut taken = turn.and(U32s::splat(i).lt(a.and(U32s::splat(7_u32)).add(U32s::splat(2_u32))));
            let mut other = turn.and_not(taken);
            if other.any() {
                left = left.or(other);
            }
            turn = taken;
            if turn.none() {
                break 'turn_1;
            }
            {
                let mut taken_2 = turn.and(a.add(U32s::splat(i)).rem(U32s::splat(3_u32)).eq(U32s::splat(0_u32)));
                let mut other_2 = turn.and_not(taken_2);
                if taken_2.any() {
                    resumed = resumed.or(taken_2);
                }
                turn = other_2;
                if turn.none() {
                    break 'turn_1;
                }
                inner = U32s::splat(0_u32);
                j = 0_u32;
                let mut lanes_2 = turn;
                let mut left_2 = Mask::splat(false);
                'loop_4: loop {
                    'turn_4: {
                        if j < n {
                        } else {
                            left_2 = left_2.or(lanes_2);
                            break 'loop_4;
                        }
                        {
                            if j == i {
                                break 'turn_4;
                            } else {
                            }
                            let mut taken_3 = lanes_2.and(U32s::splat(j.wrapping_mul(i)).gt(a.and(U32s::splat(15_u32))));
                            let mut other_3 = lanes_2.and_not(taken_3);
                            if taken_3.any() {
                                left_2 = left_2.or(taken_3);
                            }
                            lanes_2 = other_3;
                            if lanes_2.none() {
                                break 'loop_4;
                            }
                            inner = inner.add(U32s::splat(j ^ i)).when(lanes_2, inner);
                            let mut taken_4 = lanes_2.and(inner.gt(U32s::splat(900_u32)));
                            let mut other_4 = lanes_2.and_not(taken_4);
                            if taken_4.any() {
                                result = sum.add(inner).when(taken_4, result);
                            }
                            lanes_2 = other_4;
                            if lanes_2.none() {
                                break 'loop_4;
                            }
                        }
                    }
                    j = j.wrapping_add(1_u32);
                }
                turn = left_2;
                if turn.none() {
                    break 'turn_1;
                }
                sum = sum.mul(U32s::splat(5_u32)).add(inner).when(turn, sum);
                let mut taken_5 = turn.and(sum.gt(U32s::splat(0x186a0_u32)));
                let mut other_5 = turn.and_not(taken_5);
                if taken_5.any() {
                    left = left.or(taken_5);
                }
                turn = other_5;
                if turn.none() {
                    break 'turn_1;
                }
            }
        }
        lanes = turn.or(resumed);
        if lanes.none() {
            break 'loop_1;
        }
        i = i.wrapping_add(1_u32);
    }
    live = left;
    if live.none() {
        return result;
    }
    return sum.when(live, result);
}
}

wide! {
#[inline]
pub fn early(mut live: Mask, a: U32s, b: F32s) -> U32s {
    let mut result = U32s::splat(0_u32);
    let mut left: U32s = U32s::splat(0_u32);
    let mut taken = live.and(b.lt(F32s::splat(0.0_f32)));
    let mut other = live.and_not(taken);
    if taken.any() {
        let mut taken_2 = taken.and(a.rem(U32s::splat(2_u32)).eq(U32s::splat(0_u32)));
        let mut other_2 = taken.and_not(taken_2);
        {
            result = U32s::splat(1_u32);
        }
        taken = other_2;
        let c = b.mul(b);
        let mut taken_3 = taken.and(c.gt(F32s::splat(2.0_f32)));
        let mut other_3 = taken.and_not(taken_3);
        {
            result = U32s::splat(2_u32).when(taken_3, result);
        }
        {
            let mut taken_4 = other_3.and(c.gt(F32s::splat(1.0_f32)));
            let mut other_4 = other_3.and_not(taken_4);
            {
                result = c.bits_u32().when(taken_4, result);
            }
            other_3 = other_4;
        }
        taken = other_3;
    }
    if other.any() {
        let mut taken_5 = other.and(a.gt(U32s::splat(5_u32)));
        let mut other_5 = other.and_not(taken_5);
        {
            result = U32s::splat(3_u32).when(taken_5, result);
        }
        other = other_5;
    }
    live = taken.or(other);
    if live.none() {
        return result;
    }
    left = a;
    let mut lanes = live;
    let mut left_2 = Mask::splat(false);
    'loop_8: loop {
        let mut taken_6 = lanes.and(left.eq(U32s::splat(0_u32)));
        let mut other_6 = lanes.and_not(taken_6);
        if taken_6.any() {
            left_2 = left_2.or(taken_6);
        }
        lanes = other_6;
        if lanes.none() {
            break 'loop_8;
        }
        left = left.sub(U32s::splat(1_u32));
        let mut taken_7 = lanes.and(left.eq(U32s::splat(3_u32)));
        let mut other_7 = lanes.and_not(taken_7);
        if taken_7.any() {
            result = left.add(a).when(taken_7, result);
        }
        lanes = other_7;
        if lanes.none() {
            break 'loop_8;
        }
    }
    live = left_2;
    if live.none() {
        return result;
    }
    return b.add(F32s::splat(1.0_f32)).bits_u32().when(live, result);
}
}

wide! {
#[inline]
pub fn by_case(mut live: Mask, a: U32s) -> U32s {
    let mut result = U32s::splat(0_u32);
    let mut r: U32s = U32s::splat(10_u32);
    let mut i: u32 = 0_u32;
    let mut left = Mask::splat(false);
    let chosen = a.rem(U32s::splat(6_u32));
    let mut rest = live;
    let mut taken = rest.and(chosen.eq(U32s::splat(0_u32)));
    rest = rest.and_not(taken);
    if taken.any() {
        r = U32s::splat(1_u32).when(taken, r);
    }
    left = left.or(taken);
    let mut taken_2 = rest.and(chosen.eq(U32s::splat(1_u32)).or(chosen.eq(U32s::splat(2_u32))));
    rest = rest.and_not(taken_2);
    if taken_2.any() {
    'arm_3: {
        let mut taken_3 = taken_2.and(a.gt(U32s::splat(7_u32)));
        let mut other = taken_2.and_not(taken_3);
        if taken_3.any() {
            left = left.or(taken_3);
        }
        taken_2 = other;
        if taken_2.none() {
            break 'arm_3;
        }
        r = r.add(a).when(taken_2, r);
    }
    }
    left = left.or(taken_2);
    let mut taken_4 = rest.and(chosen.eq(U32s::splat(3_u32)));
    rest = rest.and_not(taken_4);
    if taken_4.any() {
        result = a.mul(U32s::splat(3_u32));
    }
    let mut taken_5 = rest;
    rest = rest.and_not(taken_5);
    if taken_5.any() {
        let mut lanes = taken_5;
        'loop_7: loop {
            let mut taken_6 = lanes.and(U32s::splat(i).lt(a));
            let mut other_2 = lanes.and_not(taken_6);
            lanes = taken_6;
            if lanes.none() {
                break 'loop_7;
            }
            {
                if i == 4_u32 {
                    break 'loop_7;
                } else {
                }
                r = r.mul(U32s::splat(3_u32)).add(U32s::splat(i)).when(lanes, r);
            }
            i = i.wrapping_add(1_u32);
        }
    }
    left = left.or(taken_5);
    live = left;
    if live.none() {
        return result;
    }
    return r.mul(U32s::splat(2_u32)).when(live, result);
}
}

wide! {
#[inline]
pub fn by_signed_case(mut live: Mask, a: I32s) -> U32s {
    let mut r: I32s = I32s::splat(0_i32);
    let mut i: i32 = 0_i32;
    let mut lanes = live;
    'loop_1: loop {
        let mut turn = lanes;
        let mut resumed = Mask::splat(false);
        'turn_1: {
            if i < 5_i32 {
            } else {
                turn = Mask::splat(false);
                break 'turn_1;
            }
            {
                let mut left = Mask::splat(false);
                let chosen = a.add(I32s::splat(i));
                let mut rest = turn;
                let mut taken = rest.and(chosen.eq(I32s::splat(-1_i32)));
                rest = rest.and_not(taken);
                if taken.any() {
                    resumed = resumed.or(taken);
                }
                let mut taken_2 = rest.and(chosen.eq(I32s::splat(3_i32)));
                rest = rest.and_not(taken_2);
                if taken_2.any() {
                    r = r.add(I32s::splat(7_i32)).when(taken_2, r);
                    left = left.or(taken_2);
                }
                let mut taken_3 = rest;
                rest = rest.and_not(taken_3);
                if taken_3.any() {
                    r = r.sub(I32s::splat(i)).when(taken_3, r);
                }
                left = left.or(taken_3);
                turn = left;
                if turn.none() {
                    break 'turn_1;
                }
                r = r.mul(I32s::splat(2_i32)).when(turn, r);
            }
        }
        lanes = turn.or(resumed);
        if lanes.none() {
            break 'loop_1;
        }
        i = i.wrapping_add(1_i32);
    }
    return r.as_u32();
}
}

wide! {
#[inline]
pub fn same_case(mut live: Mask, n: u32, a: U32s) -> U32s {
    let mut result = U32s::splat(0_u32);
    let mut r: U32s = U32s::splat(0_u32);
    r = a;
    let mut left = Mask::splat(false);
    let mut lanes = live;
    'switch_1: {
        match n & 1_u32 {
            0_u32 => {
                let mut taken = lanes.and(a.gt(U32s::splat(3_u32)));
                let mut other = lanes.and_not(taken);
                if taken.any() {
                    left = left.or(taken);
                }
                lanes = other;
                if lanes.none() {
                    break 'switch_1;
                }
                r = r.add(U32s::splat(100_u32)).when(lanes, r);
            }
            _ => {
                r = r.mul(U32s::splat(3_u32)).when(lanes, r);
                let mut taken_2 = lanes.and(a.rem(U32s::splat(5_u32)).eq(U32s::splat(2_u32)));
                let mut other_2 = lanes.and_not(taken_2);
                if taken_2.any() {
                    result = r;
                }
                lanes = other_2;
                if lanes.none() {
                    break 'switch_1;
                }
                let mut taken_3 = lanes.and(a.rem(U32s::splat(5_u32)).eq(U32s::splat(3_u32)));
                let mut other_3 = lanes.and_not(taken_3);
                if taken_3.any() {
                    left = left.or(taken_3);
                }
                lanes = other_3;
                if lanes.none() {
                    break 'switch_1;
                }
                r = r.add(U32s::splat(1_u32)).when(lanes, r);
            }
        }
    }
    left = left.or(lanes);
    live = left;
    if live.none() {
        return result;
    }
    return r.xor(U32s::splat(85_u32)).when(live, result);
}
}

wide! {
#[inline(never)]
pub fn local_array(mut live: Mask, a: U32s, n: u32) -> U32s {
    let mut list: [U32s; 6] = [U32s::splat(0_u32); 6];
    let mut i: u32 = 0_u32;
    let mut sum: U32s = U32s::splat(0_u32);
    let mut i_2: u32 = 0_u32;
    'loop_1: loop {
        if i < 6_u32 {
        } else {
            break 'loop_1;
        }
        {
            list[i as usize] = U32s::splat(i).mul(a);
        }
        i = i.wrapping_add(1_u32);
    }
    { let (at, stored) = (bounded(a.rem(U32s::splat(6_u32)), 6, live), U32s::splat(77_u32)); for k in 0..6 { list[k] = stored.merge(live.and(at.eq(U32s::splat(k as u32))), list[k]); } }
    let mut taken = live.and(a.rem(U32s::splat(4_u32)).eq(U32s::splat(1_u32)));
    if taken.any() {
        { let (at, stored) = (bounded(a.add(U32s::splat(n)).rem(U32s::splat(6_u32)), 6, taken), { let (all, at) = (list, bounded(a.add(U32s::splat(n)).rem(U32s::splat(6_u32)), 6, taken)); (1..6).fold(all[0], |found, k| all[k].when(at.eq(U32s::splat(k as u32)), found)) }.add(U32s::splat(5_u32))); for k in 0..6 { list[k] = stored.merge(taken.and(at.eq(U32s::splat(k as u32))), list[k]); } }
    }
    sum = { let (all, at) = (list, bounded(a.mul(U32s::splat(5_u32)).add(U32s::splat(1_u32)).rem(U32s::splat(6_u32)), 6, live)); (1..6).fold(all[0], |found, k| all[k].when(at.eq(U32s::splat(k as u32)), found)) };
    'loop_3: loop {
        if i_2 < 6_u32 {
        } else {
            break 'loop_3;
        }
        {
            sum = sum.mul(U32s::splat(31_u32)).add(list[i_2 as usize]);
        }
        i_2 = i_2.wrapping_add(1_u32);
    }
    return sum;
}
}

wide! {
#[inline(never)]
pub fn component(mut live: Mask, a: U32s) -> U32s {
    let mut v: V3<F32s> = V3::splat(F32s::splat(0.0_f32));
    v = V3::<F32s>::wide(V3::new(1.0_f32, 2.0_f32, 3.0_f32)).mul(V3::splat(a.to_f32()));
    v.put(a.rem(U32s::splat(3_u32)), live, F32s::splat(-4.0_f32));
    let w = V4::new(a, a.add(U32s::splat(1_u32)), a.mul(U32s::splat(2_u32)), U32s::splat(9_u32));
    let mut taken = live.and(v.at(a.add(U32s::splat(1_u32)).rem(U32s::splat(3_u32)), live).gt(F32s::splat(10.0_f32)));
    {
        v.z = v.x.when(taken, v.z);
    }
    return w.at(a.and(U32s::splat(3_u32)), live).add(v.at(a.add(U32s::splat(2_u32)).rem(U32s::splat(3_u32)), live).add(v.z).max(F32s::splat(0.0_f32)).to_u32());
}
}

wide! {
#[inline]
pub fn chosen_step(mut live: Mask, a: U32s) -> U32s {
    let mut steps: [U32s; 5] = STEPS.map(|lanes| U32s::splat(lanes));
    { let (at, stored) = (bounded(a.rem(U32s::splat(5_u32)), 5, live), a); for k in 0..5 { steps[k] = stored.merge(live.and(at.eq(U32s::splat(k as u32))), steps[k]); } }
    return { let (all, at) = (steps, bounded(a.add(U32s::splat(2_u32)).rem(U32s::splat(5_u32)), 5, live)); (1..5).fold(all[0], |found, k| all[k].when(at.eq(U32s::splat(k as u32)), found)) }.mul(U32s::splat(10_u32)).add({ let (all, at) = (STEPS.map(|lanes| U32s::splat(lanes)), bounded(a.add(U32s::splat(1_u32)).rem(U32s::splat(5_u32)), 5, live)); (1..5).fold(all[0], |found, k| all[k].when(at.eq(U32s::splat(k as u32)), found)) });
}
}

wide! {
#[inline]
pub fn put(mut live: Mask, p: &mut Pair, a: U32s) -> Mask {
    let mut result = Mask::splat(false);
    let mut taken = live.and(a.rem(U32s::splat(3_u32)).eq(U32s::splat(0_u32)));
    let mut other = live.and_not(taken);
    if taken.any() {
        result = Mask::splat(false);
    }
    live = other;
    if live.none() {
        return result;
    }
    p.sum = p.sum.add(a).merge(live, p.sum);
    { let (at, stored) = (bounded(a.rem(U32s::splat(3_u32)), 3, live), a.to_f32().mul(F32s::splat(0.5_f32))); for k in 0..3 { p.parts[k] = stored.merge(live.and(at.eq(U32s::splat(k as u32))), p.parts[k]); } }
    let mut taken_2 = live.and(a.gt(U32s::splat(6_u32)));
    let mut other_2 = live.and_not(taken_2);
    {
        p.flag = Mask::splat(true).merge(taken_2, p.flag);
        result = Mask::splat(true).when(taken_2, result);
    }
    live = other_2;
    p.parts[1] = p.parts[1].add(F32s::splat(1.0_f32)).merge(live, p.parts[1]);
    return p.flag.when(live, result);
}
}

wide! {
#[inline]
pub fn add_one(mut live: Mask, p: &mut U32s) {
    *p = (*p).add(U32s::splat(1_u32)).merge(live, (*p));
    return;
}
}

wide! {
#[inline(never)]
pub fn lent(mut live: Mask, a: U32s, n: u32) -> V4<U32s> {
    let mut pair: Pair = Pair { sum: U32s::splat(0_u32), parts: [F32s::splat(0.0_f32); 3], flag: Mask::splat(false) };
    let mut count: U32s = U32s::splat(0_u32);
    let mut i: u32 = 0_u32;
    pair = Pair { sum: U32s::splat(n), parts: [1.0_f32, 2.0_f32, 3.0_f32].map(|lanes| F32s::splat(lanes)), flag: Mask::splat(false) };
    let mut lanes = live;
    'loop_1: loop {
        if i < n {
        } else {
            break 'loop_1;
        }
        {
            let mut taken = lanes.and(a.shr(U32s::splat(i)).rem(U32s::splat(2_u32)).eq(U32s::splat(1_u32)));
            let mut other = lanes.and_not(taken);
            if taken.any() {
                let value = i;
                let put_value = put(taken, &mut pair, a.add(U32s::splat(value)));
                let mut taken_2 = taken.and(put_value);
                {
                    add_one(taken_2, &mut count);
                }
                let mut taken_3 = taken.and(pair.sum.gt(U32s::splat(40_u32)));
                let mut other_3 = taken.and_not(taken_3);
                taken = other_3;
            }
            lanes = taken.or(other);
            if lanes.none() {
                break 'loop_1;
            }
            pair.sum = pair.sum.add(U32s::splat(1_u32)).merge(lanes, pair.sum);
        }
        i = i.wrapping_add(1_u32);
    }
    let copy = pair;
    pair.sum = U32s::splat(0_u32);
    return V4::new(copy.sum.add(pair.sum), count, pair.parts[0].add({ let (all, at) = (copy.parts, bounded(a.rem(U32s::splat(3_u32)), 3, live)); (1..3).fold(all[0], |found, k| all[k].when(at.eq(U32s::splat(k as u32)), found)) }).bits_u32(), copy.parts[1].bits_u32());
}
}

wide! {
#[inline(never)]
pub fn integers(a: U32s, c: U32s) -> V4<U32s> {
    let mut live = Mask::splat(true);
    let mut r: V4<U32s> = V4::splat(U32s::splat(0_u32));
    let i = a.mul(U32s::splat(0x9e3779b1_u32)).as_i32();
    let j = c.mul(U32s::splat(0x85ebca77_u32)).as_i32().shr(a.and(U32s::splat(31_u32)));
    r = V4::new(a.div(c), a.rem(c), a.shl(c), a.mul(U32s::splat(0x9e3779b9_u32)).shr(c.add(U32s::splat(3_u32))));
    r.x = r.x.xor(i.div(j).as_u32().add(i.rem(j).as_u32()).add(i.min(j).as_u32()).add(i.max(j).as_u32().shl(U32s::splat(1_u32))).add(i.abs().as_u32()).add(j.neg().as_u32()));
    r.y = r.y.add(U32s::splat(1_u32).when(i.lt(j), U32s::splat(0_u32)).or(U32s::splat(2_u32).when(i.ge(j), U32s::splat(0_u32))).or(U32s::splat(4_u32).when(a.gt(c), U32s::splat(0_u32))).or(U32s::splat(8_u32).when(a.le(c), U32s::splat(0_u32))).or(U32s::splat(16_u32).when(r.z.lt(r.w), U32s::splat(0_u32))));
    r.z = r.z.min(a.max(c)).add(r.w.ge(U32s::splat(0x80000000_u32)).to_u32()).add(a.not().and(c));
    let v = V3::new(i, j, I32s::splat(3_i32)).add(V3::new(I32s::splat(1_i32), i, j).mul(V3::splat(I32s::splat(3_i32))));
    r.w = r.w.add(v.lt(V3::new(I32s::splat(0_i32), i, j)).any_set().to_u32().add(U32s::splat(2_u32).mul(v.ne(V3::splat(j)).all_set().to_u32())).add(v.x.xor(v.y).xor(v.z).as_u32()));
    return r;
}
}

wide! {
#[inline]
pub fn conversions(b: F32s, a: U32s) -> V4<U32s> {
    let mut live = Mask::splat(true);
    let big = b.mul(F32s::splat(3000000000.0_f32));
    return V4::new(big.to_u32(), big.to_i32().as_u32(), a.mul(U32s::splat(0x9e3779b9_u32)).to_f32().bits_u32(), a.mul(U32s::splat(0x85ebca6b_u32)).as_i32().to_f32().bits_u32()).add(V4::new(b.lt(F32s::splat(1.0_f32)).to_u32(), b.gt(F32s::splat(0.5_f32)).to_i32().as_u32(), b.gt(F32s::splat(0.25_f32)).to_f32().bits_u32(), a.and(U32s::splat(1_u32)).to_bool().to_u32()));
}
}

wide! {
#[inline]
pub fn bits_of(v: V4<F32s>) -> V4<U32s> {
    let mut live = Mask::splat(true);
    return v.bits_u32();
}
}

wide! {
#[inline(never)]
pub fn gathered(cx: &Cx<'_>, mut live: Mask, a: U32s, n: u32) -> V4<U32s> {
    let mut sum: V4<F32s> = V4::splat(F32s::splat(0.0_f32));
    let count = cx.words.len() as u32;
    let whole = gather_row(cx.words, a.mul(U32s::splat(7_u32)).rem(U32s::splat(count)), 0, live);
    let value = gather_row(cx.words, a.rem(U32s::splat(count)), 0, live);
    let part = value.swizzle2::<2, 3>();
    let word = gather_word(cx.words, a.add(U32s::splat(n)).rem(U32s::splat(count)), bounded(a.and(U32s::splat(3_u32)), 4, live), live);
    let entry = Entry { key: gather_word(cx.entries, a.add(U32s::splat(1_u32)).rem(U32s::splat(cx.entries.len() as u32)), U32s::splat(0), live), weight: gather_word(cx.entries, a.add(U32s::splat(1_u32)).rem(U32s::splat(cx.entries.len() as u32)), U32s::splat(1), live).bits_f32(), place: V2::new(gather_word(cx.entries, a.add(U32s::splat(1_u32)).rem(U32s::splat(cx.entries.len() as u32)), U32s::splat(2), live).bits_f32(), gather_word(cx.entries, a.add(U32s::splat(1_u32)).rem(U32s::splat(cx.entries.len() as u32)), U32s::splat(3), live).bits_f32()), color: gather_row(cx.entries, a.add(U32s::splat(1_u32)).rem(U32s::splat(cx.entries.len() as u32)), 4, live).bits_f32() };
    sum = entry.color.add(V4::<F32s>::wide(cx.entries[remainder_u32(n, cx.entries.len() as u32) as usize].color));
    let mut taken = live.and(a.rem(U32s::splat(3_u32)).eq(U32s::splat(1_u32)));
    if taken.any() {
        let value_2 = gather_word(cx.entries, a.rem(U32s::splat(cx.entries.len() as u32)), U32s::splat(1), taken).bits_f32();
        sum = sum.mul(V4::splat(value_2)).when(taken, sum);
    }
    let place = V2::new(gather_word(cx.entries, a.rem(U32s::splat(cx.entries.len() as u32)), U32s::splat(2), live).bits_f32(), gather_word(cx.entries, a.rem(U32s::splat(cx.entries.len() as u32)), U32s::splat(3), live).bits_f32());
    let value_3 = sum;
    let bits_of_value = bits_of(value_3);
    let value_4 = gather_word(cx.words, U32s::splat(remainder_u32(n, count)), bounded(a.rem(U32s::splat(4_u32)), 4, live), live);
    return whole.add(V4::from((part, word, entry.key))).add(bits_of_value).add(V4::from((place.bits_u32(), U32s::splat(cx.entries[remainder_u32(n, 2_u32) as usize].key), value_4)));
}
}

wide! {
#[inline]
pub fn stale(mut live: Mask, a: U32s, n: u32) -> U32s {
    let mut seen: U32s = U32s::splat(1_u32);
    let mut sum: U32s = U32s::splat(0_u32);
    let mut i: u32 = 0_u32;
    'loop_1: loop {
        if i >= n {
            break 'loop_1;
        } else {
        }
        let mut taken = live.and(a.add(U32s::splat(i)).rem(U32s::splat(3_u32)).ne(U32s::splat(1_u32)));
        if taken.any() {
            seen = seen.mul(U32s::splat(2_u32)).add(U32s::splat(i)).when(taken, seen);
            let mut taken_2 = taken.and(seen.rem(U32s::splat(5_u32)).eq(U32s::splat(3_u32)));
            {
                sum = sum.add(seen).when(taken_2, sum);
            }
        }
        i = i.wrapping_add(1_u32);
    }
    return sum;
}
}

wide! {
#[inline]
pub fn bottom(mut live: Mask, a: U32s, n: u32) -> U32s {
    let mut result = U32s::splat(0_u32);
    let mut i: U32s = U32s::splat(0_u32);
    let mut sum: U32s = U32s::splat(0_u32);
    i = a.and(U32s::splat(3_u32));
    let mut lanes = live;
    let mut left = Mask::splat(false);
    'loop_1: loop {
        let mut turn = lanes;
        let mut resumed = Mask::splat(false);
        'turn_1: {
            let mut taken = turn.and(i.eq(U32s::splat(2_u32)));
            let mut other = turn.and_not(taken);
            if taken.any() {
                resumed = resumed.or(taken);
            }
            turn = other;
            if turn.none() {
                break 'turn_1;
            }
            sum = sum.mul(U32s::splat(7_u32)).add(i).when(turn, sum);
            let mut taken_2 = turn.and(sum.gt(U32s::splat(5000_u32)));
            let mut other_2 = turn.and_not(taken_2);
            if taken_2.any() {
                result = sum.when(taken_2, result);
            }
            turn = other_2;
            if turn.none() {
                break 'turn_1;
            }
        }
        lanes = turn.or(resumed);
        if lanes.none() {
            break 'loop_1;
        }
        i = i.add(U32s::splat(1_u32)).when(lanes, i);
        let value = i;
        let taken_3 = lanes.and(value.gt(U32s::splat(n).add(a.and(U32s::splat(1_u32)))));
        left = left.or(taken_3);
        lanes = lanes.and_not(taken_3);
        if lanes.none() {
            break 'loop_1;
        }
    }
    live = left;
    if live.none() {
        return result;
    }
    return sum.add(i).when(live, result);
}
}

wide! {
#[inline(never)]
pub fn either(a: U32s, b: F32s) -> U32s {
    let mut live = Mask::splat(true);
    let mut v: Mask = Mask::splat(false);
    let mut v_2: Mask = Mask::splat(false);
    let mut v_3: Mask = Mask::splat(false);
    let mut v_4: Mask = Mask::splat(false);
    {
        v = b.lt(F32s::splat(0.5_f32)).when(a.gt(U32s::splat(3_u32)), Mask::splat(false));
    }
    {
        v_2 = a.eq(U32s::splat(1_u32)).when(v.not(), Mask::splat(true));
    }
    let x = v_2;
    {
        v_3 = b.gt(F32s::splat(2.0_f32)).when(x.not(), Mask::splat(true));
    }
    {
        v_4 = a.and(U32s::splat(1_u32)).eq(U32s::splat(0_u32)).when(v_3.not(), Mask::splat(false));
    }
    let y = v_4;
    return U32s::splat(1_u32).when(x, U32s::splat(0_u32)).add(U32s::splat(2_u32).when(y, U32s::splat(0_u32))).add(U32s::splat(4_u32).when(x.ne(y), U32s::splat(0_u32)));
}
}

wide! {
#[inline(never)]
pub fn leaving(mut live: Mask, a: U32s, n: u32) -> U32s {
    let mut result = U32s::splat(0_u32);
    let mut r: U32s = U32s::splat(0_u32);
    let mut i: u32 = 0_u32;
    let mut v: bool = false;
    let mut lanes = live;
    let mut left = Mask::splat(false);
    'loop_1: loop {
        'turn_1: {
            if i < 9_u32 {
            } else {
                left = left.or(lanes);
                break 'loop_1;
            }
            {
                if i == n {
                    left = left.or(lanes);
                    break 'loop_1;
                } else {
                }
                if n == 5_u32 {
                    v = i == 4_u32;
                } else {
                    v = false;
                }
                if v {
                    result = r.add(U32s::splat(1000_u32)).when(lanes, result);
                    break 'loop_1;
                } else {
                }
                let mut taken = lanes.and(a.eq(U32s::splat(i.wrapping_add(2_u32))));
                let mut other = lanes.and_not(taken);
                if taken.any() {
                    left = left.or(taken);
                }
                lanes = other;
                if lanes.none() {
                    break 'loop_1;
                }
                if remainder_u32(n, 2_u32) == 0_u32 {
                    break 'turn_1;
                } else {
                }
                r = r.add(U32s::splat(i).mul(a)).when(lanes, r);
            }
        }
        i = i.wrapping_add(1_u32);
    }
    live = left;
    if live.none() {
        return result;
    }
    return r.add(U32s::splat(1_u32)).when(live, result);
}
}

wide! {
#[inline(never)]
pub fn builtins(a: U32s, n: u32) -> V4<U32s> {
    let mut live = Mask::splat(true);
    let x = a.mul(U32s::splat(0x9e3779b9_u32));
    let i = x.as_i32();
    return V4::new(x.reverse_bits().add(x.count_one_bits()).add(x.shr(a.and(U32s::splat(31_u32))).count_leading_zeros()).add(x.shl(a.and(U32s::splat(31_u32))).count_trailing_zeros()), x.shr(a.and(U32s::splat(31_u32))).first_leading_bit().add(x.shl(a.and(U32s::splat(31_u32))).first_trailing_bit()).add(i.first_leading_bit().as_u32()).add(i.first_trailing_bit().as_u32()), x.extract_bits(a.and(U32s::splat(31_u32)), U32s::splat(n)).add(i.extract_bits(U32s::splat(n), a.and(U32s::splat(15_u32))).as_u32()).add(i.reverse_bits().as_u32()), x.insert_bits(a, U32s::splat(n), a.and(U32s::splat(7_u32))).add(i.insert_bits(I32s::splat(5_i32), a.and(U32s::splat(7_u32)), U32s::splat(n)).as_u32()).add(i.max(I32s::splat(-5_i32)).min(I32s::splat(9_i32)).as_u32()).add(a.max(U32s::splat(2_u32)).min(U32s::splat(n.wrapping_add(2_u32)))));
}
}

wide! {
#[inline(never)]
pub fn rounded(b: F32s) -> V4<F32s> {
    let mut live = Mask::splat(true);
    let v = V4::new(b, b.mul(F32s::splat(7.3_f32)), b.neg(), b.mul(F32s::splat(0.5_f32)));
    let w = v.floor().add(v.mul(V4::splat(F32s::splat(3.0_f32))).ceil().mul(V4::splat(F32s::splat(2.0_f32)))).add(v.trunc()).add(v.round());
    let c = v.gt(V4::new(F32s::splat(0.0_f32), F32s::splat(1.0_f32), w.x, F32s::splat(0.5_f32)));
    return v.max(V4::<F32s>::wide(V4::splat(-1.0_f32))).min(V4::<F32s>::wide(V4::splat(2.0_f32))).when_each(c, w).add(V4::new(b.saturate(), v.z.abs(), v.x.min(v.y), v.z.max(v.w)));
}
}

wide! {
#[inline(never)]
pub fn probe(cx: &Cx<'_>, mut live: Mask, which: u32, n: u32, a: U32s, b: F32s) -> V4<U32s> {
    let mut r: V4<U32s> = V4::splat(U32s::splat(0_u32));
    r = V4::splat(a);
    'switch_1: {
        match which {
            0_u32 => {
                let nested_value = nested(live, a, n);
                let early_value = early(live, a, b);
                r = V4::new(nested_value, early_value, U32s::splat(0_u32), U32s::splat(0_u32));
            }
            1_u32 => {
                let by_case_value = by_case(live, a);
                let by_signed_case_value = by_signed_case(live, a.as_i32().sub(I32s::splat(4_i32)));
                let same_case_value = same_case(live, n, a);
                r = V4::new(by_case_value, by_signed_case_value, same_case_value, U32s::splat(1_u32));
            }
            2_u32 => {
                let local_array_value = local_array(live, a, n);
                let component_value = component(live, a);
                let chosen_step_value = chosen_step(live, a);
                r = V4::new(local_array_value, component_value, chosen_step_value, U32s::splat(2_u32));
            }
            3_u32 => {
                let lent_value = lent(live, a, n);
                r = lent_value;
            }
            4_u32 => {
                let integers_value = integers(a, U32s::splat(n.wrapping_mul(7_u32)).add(a.div(U32s::splat(3_u32))));
                r = integers_value;
            }
            5_u32 => {
                let conversions_value = conversions(b, a);
                r = conversions_value;
            }
            6_u32 => {
                let gathered_value = gathered(cx, live, a, n);
                r = gathered_value;
            }
            7_u32 => {
                let stale_value = stale(live, a, n);
                let bottom_value = bottom(live, a, n);
                let either_value = either(a, b);
                let leaving_value = leaving(live, a, n);
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
    }
    return r;
}
}

wide! {
/// One result for each list of arguments.
#[inline(never)]
pub fn walked_pool(n: u32, lists: &[(u32, f32,)], results: &mut [V4<u32>]) {
    let mut slots = [0_usize; LANES];
    let mut next = 0_usize;
    let mut lanes = Mask::splat(false);
    let mut a = U32s::splat(0_u32);
    let mut b = F32s::splat(0.0_f32);
    let mut x: U32s = U32s::splat(0_u32);
    let mut sum: V2<F32s> = V2::splat(F32s::splat(0.0_f32));
    let mut last: U32s = U32s::splat(0_u32);
    let mut seen: Mask = Mask::splat(false);
    let mut i: U32s = U32s::splat(0_u32);
    let mut v: Mask = Mask::splat(false);
    let mut v_2: Mask = Mask::splat(false);
    let mut j: u32 = 0_u32;
    let mut v_3: Mask = Mask::splat(false);
    let mut key = U32s::splat(0_u32);
    loop {
        if next < lists.len() && lanes.not().bits().count_ones() >= FREE_MIN {
            let mut list_0 = a.to_array();
            let mut list_1 = b.to_array();
            let mut begun = 0_u32;
            for lane in lanes.not().lanes() {
                let Some(list) = lists.get(next) else { break };
                list_0[lane] = list.0;
                list_1[lane] = list.1;
                slots[lane] = next;
                next += 1;
                begun |= 1 << lane;
            }
            let mut fresh = Mask::from_bits(begun);
            a = U32s::from_array(list_0);
            b = F32s::from_array(list_1);
            last = U32s::splat(0_u32).when(fresh, last);
            seen = Mask::splat(false).when(fresh, seen);
            i = U32s::splat(0_u32).when(fresh, i);
            v = Mask::splat(false).when(fresh, v);
            v_2 = Mask::splat(false).when(fresh, v_2);
            v_3 = Mask::splat(false).when(fresh, v_3);
            key = (a.mul(U32s::splat(77_u32)).add(U32s::splat(5_u32))).when(fresh, key);
            x = key.xor(U32s::splat(3_u32)).when(fresh, x);
            sum = V2::new(b, F32s::splat(1.0_f32)).when(fresh, sum);
            lanes = lanes.or(fresh);
        }
        if lanes.none() {
            break;
        }
        let before = lanes;
        let mut gone = Mask::splat(false);
        let mut resumed = Mask::splat(false);
        'turn_1: {
            let mut taken = lanes.and(i.lt(a.and(U32s::splat(7_u32)).add(U32s::splat(1_u32))));
            let mut other = lanes.and_not(taken);
            lanes = taken;
            if lanes.none() {
                break 'turn_1;
            }
            {
                let mut taken_2 = lanes.and(x.rem(U32s::splat(3_u32)).eq(U32s::splat(1_u32)));
                let mut other_2 = lanes.and_not(taken_2);
                if taken_2.any() {
                    x = x.mul(U32s::splat(5_u32)).add(i).when(taken_2, x);
                    resumed = resumed.or(taken_2);
                }
                lanes = other_2;
                if lanes.none() {
                    break 'turn_1;
                }
                {
                    v = x.gt(U32s::splat(100_u32)).when(b.gt(F32s::splat(1.0_f32)), Mask::splat(false)).when(lanes, v);
                }
                {
                    v_2 = i.eq(U32s::splat(3_u32)).when(v.not(), Mask::splat(true)).when(lanes, v_2);
                }
                let mut taken_3 = lanes.and(v_2);
                {
                    last = x.when(taken_3, last);
                    seen = seen.not().when(taken_3, seen);
                }
                j = 0_u32;
                let mut lanes_2 = lanes;
                'loop_5: loop {
                    let mut taken_4 = lanes_2.and(U32s::splat(j).lt(x.and(U32s::splat(3_u32))));
                    let mut other_4 = lanes_2.and_not(taken_4);
                    lanes_2 = taken_4;
                    if lanes_2.none() {
                        break 'loop_5;
                    }
                    {
                        sum = sum.add(V2::new(F32s::splat(j as f32), b)).when(lanes_2, sum);
                        let mut taken_5 = lanes_2.and(U32s::splat(j).eq(i));
                        let mut other_5 = lanes_2.and_not(taken_5);
                        lanes_2 = other_5;
                        if lanes_2.none() {
                            break 'loop_5;
                        }
                    }
                    j = j.wrapping_add(1_u32);
                }
                let mut taken_6 = lanes.and(x.rem(U32s::splat(11_u32)).eq(U32s::splat(4_u32)));
                let mut other_6 = lanes.and_not(taken_6);
                lanes = other_6;
                if lanes.none() {
                    break 'turn_1;
                }
                let mut taken_7 = lanes.and(x.rem(U32s::splat(13_u32)).eq(U32s::splat(n)));
                let mut other_7 = lanes.and_not(taken_7);
                if taken_7.any() {
                    let returned = V4::new(i, x, key, U32s::splat(n));
                    for lane in taken_7.lanes() {
                        results[slots[lane]] = returned.lane(lane);
                    }
                    gone = gone.or(taken_7);
                }
                lanes = other_7;
                if lanes.none() {
                    break 'turn_1;
                }
                if n == 3_u32 {
                    v_3 = i.eq(U32s::splat(2_u32)).when(lanes, v_3);
                } else {
                    v_3 = Mask::splat(false).when(lanes, v_3);
                }
                let mut taken_8 = lanes.and(v_3);
                let mut other_8 = lanes.and_not(taken_8);
                if taken_8.any() {
                    let returned_2 = V4::<U32s>::wide(V4::splat(n));
                    for lane in taken_8.lanes() {
                        results[slots[lane]] = returned_2.lane(lane);
                    }
                    gone = gone.or(taken_8);
                }
                lanes = other_8;
                if lanes.none() {
                    break 'turn_1;
                }
                x = x.mul(U32s::splat(3_u32)).add(key).when(lanes, x);
            }
        }
        lanes = lanes.or(resumed);
        if lanes.any() {
            i = i.add(U32s::splat(1_u32)).when(lanes, i);
        }
        let mut finished = before.and_not(lanes).and_not(gone);
        if finished.any() {
            let scaled = sum.mul(V2::splat(F32s::splat(2.0_f32)));
            let mut taken_9 = finished.and(seen);
            {
                last = last.mul(U32s::splat(2_u32)).when(taken_9, last);
            }
            let returned_3 = V4::new(x, last, scaled.x.bits_u32(), scaled.y.bits_u32().xor(key));
            for lane in finished.lanes() {
                results[slots[lane]] = returned_3.lane(lane);
            }
        }
    }
}
}

wide! {
/// One result for each list of arguments.
#[inline(never)]
pub fn by_case_pool(lists: &[(u32,)], results: &mut [u32]) {
    for (lists, results) in lists.chunks(LANES).zip(results.chunks_mut(LANES)) {
        let argument_0 = core::array::from_fn(|lane| lists.get(lane).map_or(0_u32, |list| list.0));
        let values = by_case(Mask::first(lists.len() as u32), U32s::from_array(argument_0));
        for (lane, result) in results.iter_mut().enumerate() {
            *result = values.lane(lane);
        }
    }
}
}
