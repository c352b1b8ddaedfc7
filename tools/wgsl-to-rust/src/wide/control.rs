//! Where lanes wait for each other, and how the code gets there.
//!
//! A lane that has left (`break`, `continue`, `return`) is off in every mask inwards of the place where it will be live again: its *join*.
//! Once a mask is empty, the code jumps to the innermost join: no lane is lost, because none is live between here and there.

use super::function::LaneWriter;
use super::types::Kept;
use naga::{Statement, TypeInner};

/// How the Rust code behind a statement is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// With the lanes of the current mask.
    Falls,
    /// With no lane, though the mask does not say so yet.
    Ends,
    /// Never.
    Left,
}

/// A place where lanes may be live again.
#[derive(Debug)]
pub(super) enum Join {
    /// The end of the function; lanes never are.
    Function,
    /// The end of a labelled block, which looks at the mask.
    Block { label: String, is_used: bool },
    /// The end of a loop, which does not look at the mask of those that were in it.
    Loop { label: String },
    /// Behind a block without a jump.
    Flat,
}

/// What a `break` or `continue` leaves.
#[derive(Clone, Debug)]
pub(super) enum Target {
    /// A loop.
    Loop {
        label: u32,
        /// Masks for lanes that leave by themselves.
        leavers: Option<Leavers>,
        /// Whether a `continue` of all lanes has to go to the end of a block inside the loop.
        has_turn: bool,
    },
    /// A switch.
    Switch { label: u32, leavers: Option<Leavers> },
}

/// Names of masks.
#[derive(Clone, Debug, Default)]
pub(super) struct Leavers {
    /// Gathers lanes that break, where that must be known.
    pub(super) left: Option<String>,
    /// Gathers lanes that continue.
    pub(super) resumed: Option<String>,
}

impl LaneWriter<'_> {
    /// The code that goes to the innermost join when no lane is live. `None`: it just runs on.
    fn jump(&mut self) -> Option<String> {
        let result = self.gathers_results().then(|| self.result.clone());
        match self.joins.last_mut()? {
            Join::Function => Some(result.map_or("return;".to_owned(), |result| format!("return {result};"))),
            Join::Block { label, is_used } => {
                *is_used = true;
                Some(format!("break '{label};"))
            }
            Join::Loop { label } => Some(format!("break '{label};")),
            Join::Flat => None,
        }
    }

    /// Goes to the join if no lane is left.
    pub(super) fn leave_if_none(&mut self) {
        if let Some(jump) = self.jump() {
            let live = self.live.clone();
            self.one.line(&format!("if {live}.none() {{"));
            self.one.line(&format!("    {jump}"));
            self.one.line("}");
        }
    }

    /// After a block in which all live lanes have left, and which no lane has jumped over: goes to the join.
    pub(super) fn leave(&mut self, flow: Flow) -> Flow {
        if flow != Flow::Ends {
            return flow;
        }
        let live = self.live.clone();
        if !matches!(self.joins.last(), Some(Join::Function | Join::Loop { .. })) {
            self.one.line(&format!("{live} = Mask::splat(false);"));
        }
        match self.jump() {
            Some(jump) => {
                self.one.line(&jump);
                Flow::Left
            }
            None => Flow::Falls,
        }
    }

    pub(super) fn returned(&mut self, statement: &Statement) -> Result<Flow, super::super::error::Fault> {
        let Statement::Return { value } = statement else { return Ok(Flow::Falls) };
        let is_everyone = self.joins.iter().all(|join| matches!(join, Join::Function));
        let (live, result) = (self.live.clone(), self.result.clone());
        let Some(value) = value else {
            if is_everyone {
                self.one.line("return;");
            }
            return Ok(if is_everyone { Flow::Left } else { Flow::Ends });
        };
        if let Some(flow) = self.kept_result(*value)? {
            return Ok(flow);
        }
        if !self.variant.variance.result {
            let value = self.one.value(*value)?;
            self.one.line(&format!("return {value};"));
            return Ok(Flow::Left);
        }
        let (value, inner) = (self.value(*value)?, self.inner(*value));
        // The first to return need not spare anyone: whoever returns later writes over it.
        let is_first = !self.is_result_set && (is_everyone || self.loops == 0);
        // A scalar is returned in a register, all else through memory.
        let kept = if let TypeInner::Scalar(_) = inner { Kept::InRegister } else { Kept::InMemory };
        let gathered = if is_first { value.to_string() } else { self.wide.blend(inner, &live, &value, &result, kept) };
        let is_struct = matches!(inner, TypeInner::Struct { .. });
        if is_everyone {
            if is_struct && !is_first {
                // Often no lane has returned yet, and a struct is long.
                let entered = self.entered.clone();
                self.one.line(&format!("if {entered}.and_not({live}).none() {{"));
                self.one.line(&format!("    return {value};"));
                self.one.line("}");
            }
            self.one.line(&format!("return {gathered};"));
            return Ok(Flow::Left);
        }
        self.is_result_set = true;
        self.one.line(&format!("{result} = {gathered};"));
        Ok(Flow::Ends)
    }

    /// A `break` out of the innermost loop or switch.
    pub(super) fn broken(&mut self) -> Flow {
        let target = self.targets.last().expect("the validator allows `break` inside loops and switches only");
        let (word, label, leavers) = match target {
            Target::Loop { label, leavers, .. } => ("loop", *label, leavers),
            Target::Switch { label, leavers } => ("switch", *label, leavers),
        };
        let Some(leavers) = leavers else {
            self.one.line(&format!("break '{word}_{label};"));
            return Flow::Left;
        };
        if let Some(left) = leavers.left.clone() {
            let live = self.live.clone();
            self.one.line(&format!("{left} = {left}.or({live});"));
        }
        Flow::Ends
    }

    /// A `continue` of the innermost loop.
    pub(super) fn continued(&mut self) -> Flow {
        let target = self.targets.iter().rev().find_map(|target| match target {
            Target::Loop { label, leavers, has_turn } => Some((*label, leavers.clone(), *has_turn)),
            Target::Switch { .. } => None,
        });
        let (label, leavers, has_turn) = target.expect("the validator allows `continue` inside loops only");
        if let Some(resumed) = leavers.and_then(|leavers| leavers.resumed) {
            let live = self.live.clone();
            self.one.line(&format!("{resumed} = {resumed}.or({live});"));
            return Flow::Ends;
        }
        self.one.line(&if has_turn { format!("break 'turn_{label};") } else { format!("continue 'loop_{label};") });
        Flow::Left
    }
}
