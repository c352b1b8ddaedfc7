//! Where in a function's control flow things happen: what encloses each statement, and who reads and writes each variable.

use naga::{Block, Expression, Function, Handle, LocalVariable, Statement};
use std::collections::HashMap;

/// A statement by its address in the module.
pub(super) type Id = *const Statement;

/// One enclosing construct, and in which of its blocks something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) construct: usize,
    pub(super) block: usize,
}

/// The constructs around a statement, the outermost first.
pub(super) type Path = Vec<Step>;

/// The block of a loop's `continuing` part.
pub(super) const CONTINUING: usize = 1;

/// What can send lanes different ways.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    If { condition: Handle<Expression> },
    Switch { selector: Handle<Expression> },
    Loop { break_if: Option<Handle<Expression>> },
}

/// An `if`, `switch` or `loop`.
#[derive(Debug)]
pub(super) struct Construct {
    pub(super) kind: Kind,
    /// What is around each `break` that leaves it.
    pub(super) breaks: Vec<Path>,
    /// What is around each `continue` of it.
    pub(super) continues: Vec<Path>,
}

/// Someone reads or writes a variable.
#[derive(Clone, Debug)]
pub(super) struct Access {
    /// Accesses of one function in the order of its text.
    pub(super) position: usize,
    pub(super) path: Path,
    pub(super) reads: bool,
    /// Whether it replaces the whole variable.
    pub(super) replaces: bool,
}

/// All sites of one function.
#[derive(Debug)]
pub(super) struct Sites {
    /// Enclosing ones before those inside them.
    pub(super) constructs: Vec<Construct>,
    /// What is around each statement.
    paths: HashMap<Id, Path>,
    /// The constructs' numbers.
    numbers: HashMap<Id, usize>,
    /// By local variable.
    pub(super) accesses: Vec<Vec<Access>>,
    /// What is around each `return`.
    pub(super) returns: Vec<Path>,
    position: usize,
}

impl Sites {
    pub(super) fn of(function: &Function) -> Self {
        let mut sites = Self {
            constructs: Vec::new(),
            paths: HashMap::new(),
            numbers: HashMap::new(),
            accesses: vec![Vec::new(); function.local_variables.len()],
            returns: Vec::new(),
            position: 0,
        };
        sites.block(function, &function.body, &Vec::new());
        sites
    }

    /// What is around a statement.
    pub(super) fn path(&self, statement: &Statement) -> &[Step] {
        self.paths.get(&std::ptr::from_ref(statement)).map_or(&[], Vec::as_slice)
    }

    /// A construct's number.
    pub(super) fn number(&self, statement: &Statement) -> usize {
        *self.numbers.get(&std::ptr::from_ref(statement)).expect("every construct of the function was numbered")
    }

    fn block(&mut self, function: &Function, block: &Block, path: &Path) {
        for statement in block.iter() {
            self.paths.insert(statement, path.clone());
            self.statement(function, statement, path);
        }
    }

    fn statement(&mut self, function: &Function, statement: &Statement, path: &Path) {
        match statement {
            Statement::Emit(run) => {
                for handle in run.clone() {
                    if let Expression::Load { pointer } = function.expressions[handle] {
                        self.access(function, pointer, path, true, false);
                    }
                }
            }
            Statement::Block(block) => self.block(function, block, path),
            Statement::If { condition, accept, reject } => {
                let number = self.construct(statement, Kind::If { condition: *condition });
                self.block(function, accept, &inside(path, number, 0));
                self.block(function, reject, &inside(path, number, 1));
            }
            Statement::Switch { selector, cases } => {
                let number = self.construct(statement, Kind::Switch { selector: *selector });
                for (i, case) in cases.iter().enumerate() {
                    self.block(function, &case.body, &inside(path, number, i));
                }
            }
            Statement::Loop { body, continuing, break_if } => {
                let number = self.construct(statement, Kind::Loop { break_if: *break_if });
                self.block(function, body, &inside(path, number, 0));
                self.block(function, continuing, &inside(path, number, CONTINUING));
            }
            Statement::Break => {
                if let Some(target) = self.target(path, |kind| !matches!(kind, Kind::If { .. })) {
                    self.constructs[target].breaks.push(path.clone());
                }
            }
            Statement::Continue => {
                if let Some(target) = self.target(path, |kind| matches!(kind, Kind::Loop { .. })) {
                    self.constructs[target].continues.push(path.clone());
                }
            }
            Statement::Return { .. } => self.returns.push(path.clone()),
            Statement::Store { pointer, .. } => {
                let replaces = matches!(function.expressions[*pointer], Expression::LocalVariable(_));
                self.access(function, *pointer, path, false, replaces);
            }
            Statement::Call { arguments, .. } => {
                // A value argument leads to no variable: it was loaded before.
                arguments.iter().for_each(|argument| self.access(function, *argument, path, true, false));
            }
            _ => {}
        }
    }

    fn construct(&mut self, statement: &Statement, kind: Kind) -> usize {
        let number = self.constructs.len();
        self.numbers.insert(statement, number);
        self.constructs.push(Construct { kind, breaks: Vec::new(), continues: Vec::new() });
        number
    }

    fn target(&self, path: &Path, is_target: impl Fn(Kind) -> bool) -> Option<usize> {
        path.iter().rev().map(|step| step.construct).find(|construct| is_target(self.constructs[*construct].kind))
    }

    fn access(&mut self, function: &Function, pointer: Handle<Expression>, path: &Path, reads: bool, replaces: bool) {
        if let Some(variable) = root(function, pointer) {
            self.position += 1;
            self.accesses[variable.index()].push(Access { position: self.position, path: path.clone(), reads, replaces });
        }
    }
}

fn inside(path: &Path, construct: usize, block: usize) -> Path {
    let mut path = path.clone();
    path.push(Step { construct, block });
    path
}

/// The local variable that a pointer leads into.
pub(super) fn root(function: &Function, mut pointer: Handle<Expression>) -> Option<Handle<LocalVariable>> {
    loop {
        match function.expressions[pointer] {
            Expression::LocalVariable(variable) => return Some(variable),
            Expression::Access { base, .. } | Expression::AccessIndex { base, .. } => pointer = base,
            _ => return None,
        }
    }
}
