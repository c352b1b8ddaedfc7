//! Every function once per choice of arguments that vary.

use super::super::Shader;
use super::super::names::item_name;
use super::sites::Sites;
use super::variance::{Variance, is_lane_type};
use super::weight::{Plan, Weigher};
use naga::{Function, Handle, TypeInner};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// A function for one choice of varying arguments.
#[derive(Debug)]
pub(super) struct Variant {
    pub(super) function: Handle<Function>,
    /// By argument.
    pub(super) varying: Vec<bool>,
    pub(super) variance: Variance,
    plan: OnceCell<Plan>,
}

impl Variant {
    /// How its control flow is written; known once the variant is complete.
    pub(super) fn plan(&self, shader: &Shader<'_>, variants: &Variants<'_>) -> &Plan {
        self.plan.get_or_init(|| Weigher::plan(shader, variants, self))
    }
}

/// A function and which of its arguments vary.
type Key = (Handle<Function>, Vec<bool>);

/// All variants that were asked for so far.
pub(super) struct Variants<'a> {
    shader: &'a Shader<'a>,
    sites: RefCell<HashMap<Handle<Function>, Rc<Sites>>>,
    known: RefCell<HashMap<Key, Rc<Variant>>>,
}

impl<'a> Variants<'a> {
    pub(super) fn new(shader: &'a Shader<'a>) -> Self {
        Self { shader, sites: RefCell::default(), known: RefCell::default() }
    }

    pub(super) fn sites(&self, function: Handle<Function>) -> Rc<Sites> {
        let sites = || Rc::new(Sites::of(&self.shader.module.functions[function]));
        Rc::clone(self.sites.borrow_mut().entry(function).or_insert_with(sites))
    }

    /// The variant for arguments of which these vary.
    pub(super) fn of(&self, function: Handle<Function>, mut varying: Vec<bool>) -> Rc<Variant> {
        let body = &self.shader.module.functions[function];
        let is_extern = self.shader.is_extern(body);
        for (varies, argument) in varying.iter_mut().zip(&body.arguments) {
            let inner = self.shader.inner(argument.ty);
            *varies |= is_extern || is_lane_type(self.shader, inner) || matches!(inner, TypeInner::Pointer { .. });
        }
        let key = (function, varying);
        if let Some(variant) = self.known.borrow().get(&key) {
            return Rc::clone(variant);
        }
        // Callees are asked for meanwhile, so nothing may be borrowed. WGSL has no recursion.
        let mut variance = Variance::of(self.shader, function, &key.1, self, None);
        variance.result |= is_extern;
        let variant = Rc::new(Variant { function, varying: key.1.clone(), variance, plan: OnceCell::new() });
        self.known.borrow_mut().insert(key, Rc::clone(&variant));
        variant
    }

    /// The variant that begins anew at its loop's head; the plain one where that is impossible.
    pub(super) fn pooled(&self, function: Handle<Function>, varying: Vec<bool>) -> Rc<Variant> {
        let body = &self.shader.module.functions[function];
        let Some(at) = super::pool::loop_of(body) else { return self.of(function, varying) };
        let variance = Variance::of(self.shader, function, &varying, self, body.body.get(at));
        Rc::new(Variant { function, varying, variance, plan: OnceCell::new() })
    }

    /// Whether the scalar function gives the same for all lanes.
    pub(super) fn is_scalar(&self, variant: &Variant) -> bool {
        !variant.variance.result && !variant.varying.iter().any(|varies| *varies)
    }

    pub(super) fn name(&self, variant: &Variant) -> &str {
        item_name(&self.shader.module.functions[variant.function].name)
    }
}
