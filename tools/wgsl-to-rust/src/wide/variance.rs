//! What differs from lane to lane.
//!
//! A value is *uniform* where all live lanes agree on it: it is computed once, by scalar code. A variable is uniform where every store
//! to it is uniform and no lane that reads it later can have missed that store. The same question decides whether a store has to leave
//! other lanes' values alone.

use super::super::Shader;
use super::sites::{Access, CONTINUING, Kind, Path, Sites, Step, root};
use super::variants::Variants;
use naga::{Block, Expression, Function, Handle, LocalVariable, Statement, TypeInner};
use std::rc::Rc;

/// Which parts of a function vary, for one choice of varying arguments.
#[derive(Debug)]
pub(super) struct Variance {
    sites: Rc<Sites>,
    /// By expression; a pointer varies when what it leads to does.
    values: Vec<bool>,
    /// By local variable.
    locals: Vec<bool>,
    /// What the function returns.
    pub(super) result: bool,
    /// By construct: whether lanes go different ways.
    constructs: Vec<Split>,
    /// The loop at whose head lanes begin anew, if the function is a pool.
    pooled: Option<usize>,
}

/// How a construct parts the lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Split {
    /// Of an `if` or `switch`: lanes take different blocks, or leave a block early.
    pub(super) blocks: bool,
    /// Of a `loop`: lanes leave in different turns. Of a `switch`: some lanes leave a case early.
    pub(super) breaks: bool,
    /// Of a `loop`: some lanes skip the rest of a turn.
    pub(super) continues: bool,
}

impl Split {
    pub(super) fn any(self) -> bool {
        self.blocks || self.breaks || self.continues
    }
}

impl Variance {
    /// Finds all that varies. `varying`: which arguments do.
    /// `pooled`: the statement that is the loop of a pool.
    pub(super) fn of(
        shader: &Shader<'_>,
        function: Handle<Function>,
        varying: &[bool],
        variants: &Variants<'_>,
        pooled: Option<&Statement>,
    ) -> Self {
        let (body, sites) = (&shader.module.functions[function], variants.sites(function));
        let search = Search { shader, function: body, info: &shader.info[function], variants, varying };
        let mut found = Self {
            values: vec![false; body.expressions.len()],
            locals: vec![false; body.local_variables.len()],
            result: false,
            constructs: vec![Split::default(); sites.constructs.len()],
            pooled: pooled.map(|statement| sites.number(statement)),
            sites,
        };
        // Only ever from uniform to varying, so it ends.
        while search.pass(&mut found) {}
        found
    }

    pub(super) fn value(&self, handle: Handle<Expression>) -> bool {
        self.values[handle.index()]
    }

    pub(super) fn local(&self, variable: Handle<LocalVariable>) -> bool {
        self.locals[variable.index()]
    }

    pub(super) fn is_pooled(&self) -> bool {
        self.pooled.is_some()
    }

    /// Whether a variable is always set before it is read, by all lanes that come where it is used.
    pub(super) fn is_set_first(&self, variable: Handle<LocalVariable>) -> bool {
        let accesses = &self.sites.accesses[variable.index()];
        is_set_first(accesses, &common(accesses))
    }

    /// Whether lanes that began at different times may hold different values.
    fn is_kept(&self, variable: Handle<LocalVariable>) -> bool {
        self.is_pooled() && !self.is_set_first(variable)
    }

    pub(super) fn split(&self, statement: &Statement) -> Split {
        self.constructs[self.sites.number(statement)]
    }

    pub(super) fn path(&self, statement: &Statement) -> &[Step] {
        self.sites.path(statement)
    }

    /// Whether some lanes are elsewhere at a `return` while others are at it.
    pub(super) fn returns_apart(&self) -> bool {
        self.sites.returns.iter().any(|path| path.iter().any(|step| self.constructs[step.construct].any()))
    }

    /// Whether a store with this path must keep the values of lanes that are not live there.
    pub(super) fn parts(&self, variable: Handle<LocalVariable>, path: &[Step]) -> bool {
        let accesses = &self.sites.accesses[variable.index()];
        let region = common(accesses);
        if self.is_pooled() && region.is_empty() {
            return true;
        }
        let inner = path.get(region.len()..).unwrap_or_default();
        for (i, step) in inner.iter().enumerate() {
            let split = self.constructs[step.construct];
            if split.blocks || (split.continues && step.block != CONTINUING) {
                return true;
            }
            let depth = region.len() + i;
            let is_outside = |access: &&Access| access.path.get(depth).is_none_or(|other| other.construct != step.construct);
            if split.breaks && accesses.iter().filter(is_outside).any(|access| access.reads) {
                return true;
            }
        }
        // Lanes may come back to the region in another turn of a loop around it, having missed some stores of earlier turns.
        self.may_return_stale(&region, inner) && !is_set_first(accesses, &region)
    }

    fn may_return_stale(&self, region: &[Step], inner: &[Step]) -> bool {
        let is_loop = |step: &&Step| matches!(self.sites.constructs[step.construct].kind, Kind::Loop { .. });
        let Some(outermost) = region.iter().position(|step| is_loop(&step)) else { return false };
        let missed = |step: &Step| {
            let split = self.constructs[step.construct];
            split.blocks || split.breaks || (split.continues && step.block != CONTINUING)
        };
        let first = self.constructs[region[outermost].construct];
        (first.continues && region[outermost].block != CONTINUING)
            || region[outermost + 1..].iter().any(missed)
            || inner.iter().any(|step| is_loop(&step) && self.constructs[step.construct].breaks)
    }

    /// What is around a construct or statement splits the lanes, seen from the given construct.
    fn is_split_below(&self, path: &Path, construct: usize) -> bool {
        path.iter().skip_while(|step| step.construct != construct).skip(1).any(|step| self.constructs[step.construct].any())
    }
}

/// The part of the paths that all accesses share.
fn common(accesses: &[Access]) -> Path {
    let Some(first) = accesses.first() else { return Vec::new() };
    let mut length = first.path.len();
    for access in &accesses[1..] {
        length = length.min(first.path.iter().zip(&access.path).take_while(|(a, b)| a == b).count());
    }
    first.path[..length].to_vec()
}

/// Whether the first thing that happens to a variable in its region is that it is set, by all who come there.
fn is_set_first(accesses: &[Access], region: &[Step]) -> bool {
    accesses.iter().min_by_key(|access| access.position).is_some_and(|access| access.replaces && access.path == region)
}

/// One search for what varies.
struct Search<'a> {
    shader: &'a Shader<'a>,
    function: &'a Function,
    info: &'a naga::valid::FunctionInfo,
    variants: &'a Variants<'a>,
    varying: &'a [bool],
}

impl Search<'_> {
    /// Goes through the function once; whether something new was found.
    fn pass(&self, found: &mut Variance) -> bool {
        let before = (found.values.clone(), found.locals.clone(), found.result, found.constructs.clone());
        for (handle, expression) in self.function.expressions.iter() {
            let varies = self.varies(found, handle, expression);
            found.values[handle.index()] |= varies;
        }
        self.constructs(found);
        self.block(found, &self.function.body);
        found.result |= found.returns_apart();
        before != (found.values.clone(), found.locals.clone(), found.result, found.constructs.clone())
    }

    fn varies(&self, found: &Variance, handle: Handle<Expression>, expression: &Expression) -> bool {
        let value = |handle: Handle<Expression>| found.values[handle.index()];
        match *expression {
            Expression::FunctionArgument(index) => self.varying[index as usize],
            Expression::LocalVariable(variable) => found.locals[variable.index()],
            Expression::CallResult(_) | Expression::GlobalVariable(_) => false,
            _ => {
                let inner = self.info[handle].ty.inner_with(&self.shader.module.types);
                super::super::inline::operands(expression).into_iter().any(value) || is_lane_type(self.shader, inner)
            }
        }
    }

    /// From the innermost outwards: what breaks out of a construct stands inside it.
    fn constructs(&self, found: &mut Variance) {
        let sites = Rc::clone(&found.sites);
        for (number, construct) in sites.constructs.iter().enumerate().rev() {
            let apart = |paths: &[Path]| paths.iter().any(|path| found.is_split_below(path, number));
            let value = |handle: Handle<Expression>| found.values[handle.index()];
            found.constructs[number] = match construct.kind {
                Kind::If { condition } => Split { blocks: value(condition), ..Split::default() },
                Kind::Switch { selector } => {
                    let breaks = apart(&construct.breaks);
                    Split { blocks: value(selector) || breaks, breaks, continues: false }
                }
                Kind::Loop { break_if } => {
                    let continues = apart(&construct.continues);
                    let is_left = !construct.breaks.is_empty() || break_if.is_some();
                    let breaks = apart(&construct.breaks) || break_if.is_some_and(value) || (continues && is_left);
                    Split { blocks: false, breaks, continues }
                }
            };
        }
    }

    fn block(&self, found: &mut Variance, block: &Block) {
        for statement in block.iter() {
            match statement {
                Statement::Store { pointer, value } => self.store(found, statement, *pointer, *value),
                Statement::Call { function, arguments, result } => {
                    let varies = self.call(found, *function, arguments);
                    if let Some(result) = result {
                        found.values[result.index()] |= varies;
                    }
                }
                Statement::Return { value: Some(value) } => found.result |= found.values[value.index()],
                _ => {}
            }
            super::super::statement::blocks_of(statement).into_iter().for_each(|inner| self.block(found, inner));
        }
    }

    fn store(&self, found: &mut Variance, statement: &Statement, pointer: Handle<Expression>, value: Handle<Expression>) {
        let Some(variable) = root(self.function, pointer) else { return };
        let varies = found.values[value.index()]
            || found.values[pointer.index()]
            || is_lane_type(self.shader, &self.shader.module.types[self.function.local_variables[variable].ty].inner)
            || found.is_kept(variable)
            || found.parts(variable, found.sites.path(statement));
        found.locals[variable.index()] |= varies;
    }

    fn call(&self, found: &mut Variance, function: Handle<Function>, arguments: &[Handle<Expression>]) -> bool {
        for argument in arguments {
            if let Some(variable) = root(self.function, *argument) {
                found.locals[variable.index()] = true;
                found.values[argument.index()] = true;
            }
        }
        let varying = arguments.iter().map(|argument| found.values[argument.index()]).collect();
        self.variants.of(function, varying).variance.result
    }
}

/// Whether a type always stands for a value of each lane: structs do, so that each has one twin, and what is lent by pointer.
pub(super) fn is_lane_type(shader: &Shader<'_>, inner: &TypeInner) -> bool {
    match inner {
        TypeInner::Struct { .. } => true,
        TypeInner::Array { base, .. } => is_lane_type(shader, shader.inner(*base)),
        _ => false,
    }
}
