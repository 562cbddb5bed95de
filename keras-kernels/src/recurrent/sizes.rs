//! What a recurrent layer is, and how much memory its parts take.

use crate::activation::{Act, Saves};

/// What is computed at each step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// One activation.
    Simple,
    /// Long short-term memory.
    Lstm,
    /// Gated recurrent unit.
    Gru {
        /// Whether the reset gate is applied to h·U, and not to h.
        reset_after: bool,
    },
}

impl Cell {
    /// How many gates there are.
    #[must_use]
    pub const fn gates(self) -> usize {
        match self {
            Cell::Simple => 1,
            Cell::Lstm => 4,
            Cell::Gru { .. } => 3,
        }
    }

    /// How many states there are.
    #[must_use]
    pub const fn states(self) -> usize {
        if matches!(self, Cell::Lstm) { 2 } else { 1 }
    }
}

/// What comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// h after the last step that is taken.
    Last,
    /// h after each step, in the order in which steps are taken.
    Sequence,
    /// h after each step, in the order of time.
    InTime,
}

/// A recurrent layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recurrent {
    /// The cell.
    pub cell: Cell,
    /// Steps of a sample.
    pub steps: usize,
    /// Features of a step.
    pub k: usize,
    /// Elements of a state.
    pub units: usize,
    /// The activation.
    pub act: Act,
    /// That of the gates.
    pub recurrent_act: Act,
    /// Whether the last step of a sample is taken first.
    pub backwards: bool,
    /// What comes out.
    pub output: Output,
    /// Whether the states after the last step come out too.
    pub states: bool,
    /// Whether the output of steps that are left out is 0.
    pub zero_masked: bool,
    /// How many versions of x there are, side by side for each step: one, or one for each gate, each with its own dropout.
    pub inputs: usize,
    /// Whether h is multiplied by a mask before it is multiplied by U.
    pub dropout: bool,
}

impl Recurrent {
    /// Columns of the kernels: `units` for each gate.
    #[must_use]
    pub const fn n(&self) -> usize {
        self.cell.gates() * self.units
    }

    /// The products with U at each step: in all of them together, each column of U once.
    #[must_use]
    pub const fn parts(&self) -> usize {
        match self.cell {
            Cell::Simple => 1,
            cell if self.dropout => cell.gates(),
            Cell::Gru { reset_after: false } => 2,
            _ => 1,
        }
    }

    /// The first column of product `part`, and how many columns it has.
    #[must_use]
    pub const fn columns(&self, part: usize) -> (usize, usize) {
        let (u, n) = (self.units, self.n());
        match (self.parts(), part) {
            (1, _) => (0, n),
            (2, 0) => (0, 2 * u),
            (2, _) => (2 * u, u),
            (_, part) => (part * u, u),
        }
    }

    /// Masks of the recurrent dropout.
    pub(crate) const fn masks(&self) -> usize {
        if self.dropout { self.parts() } else { 0 }
    }

    /// Elements of [`Saved::gates`](super::Saved::gates) for a sample.
    #[must_use]
    pub const fn gates_len(&self) -> usize {
        self.steps * self.n()
    }

    /// Elements of [`Saved::a`](super::Saved::a) for a sample.
    #[must_use]
    pub const fn a_len(&self) -> usize {
        self.steps * self.parts() * self.units
    }

    /// Elements of [`Saved::aux`](super::Saved::aux) for a step.
    pub(crate) const fn aux(&self) -> usize {
        match self.cell {
            Cell::Lstm => 2 * self.units,
            Cell::Gru { reset_after: true } => self.n(),
            _ => 0,
        }
    }

    /// Elements of [`Saved::aux`](super::Saved::aux) for a sample.
    #[must_use]
    pub const fn aux_len(&self) -> usize {
        self.steps * self.aux()
    }

    const fn saves_input(&self) -> bool {
        let gated = !matches!(self.cell, Cell::Simple);
        matches!(self.act.saves(), Saves::Input) || gated && matches!(self.recurrent_act.saves(), Saves::Input)
    }

    /// Elements of [`Saved::pre`](super::Saved::pre) for a step: the inputs of the gates, and c.
    pub(crate) const fn pre(&self) -> usize {
        match self.cell {
            _ if !self.saves_input() => 0,
            Cell::Lstm => self.n() + self.units,
            _ => self.n(),
        }
    }

    /// Elements of [`Saved::pre`](super::Saved::pre) for a sample.
    #[must_use]
    pub const fn pre_len(&self) -> usize {
        self.steps * self.pre()
    }

    /// Elements of [`Saved::h`](super::Saved::h) for a sample.
    #[must_use]
    pub const fn h_len(&self) -> usize {
        if self.dropout && matches!(self.cell, Cell::Gru { .. }) { self.steps * self.units } else { 0 }
    }

    /// Elements of [`Saved::drop`](super::Saved::drop) for a sample.
    #[must_use]
    pub const fn drop_len(&self) -> usize {
        self.masks() * self.units
    }

    /// Elements of [`Saved::state`](super::Saved::state) for a sample.
    #[must_use]
    pub const fn state_len(&self) -> usize {
        self.cell.states() * self.units
    }

    /// Whether a step needs its projections and what is summed up by U apart from each other.
    pub(super) const fn apart(&self) -> bool {
        matches!(self.cell, Cell::Gru { reset_after: true })
    }

    /// Elements of [`Saved::sums`](super::Saved::sums) for a sample.
    #[must_use]
    pub const fn sums_len(&self) -> usize {
        self.n()
    }

    /// Elements of [`Saved::work`](super::Saved::work) for a sample.
    #[must_use]
    pub const fn work_len(&self) -> usize {
        if self.dropout || matches!(self.cell, Cell::Gru { reset_after: false }) { self.units } else { 0 }
    }

    /// Elements of the output for a sample, without states.
    #[must_use]
    pub const fn out_len(&self) -> usize {
        if matches!(self.output, Output::Last) { self.units } else { self.steps * self.units }
    }

    /// Elements of the output for a sample, with states if they come out.
    #[must_use]
    pub const fn y_len(&self) -> usize {
        self.out_len() + if self.states { self.state_len() } else { 0 }
    }

    /// The step of a sample that is taken as number `s`.
    pub(crate) const fn step(&self, s: usize) -> usize {
        if self.backwards { self.steps - 1 - s } else { s }
    }

    /// Where the output of the step that is taken as number `s` goes, if it comes out.
    pub(crate) const fn place(&self, s: usize) -> Option<usize> {
        match self.output {
            Output::Last if s + 1 < self.steps => None,
            Output::Last => Some(0),
            Output::Sequence => Some(s * self.units),
            Output::InTime => Some(self.step(s) * self.units),
        }
    }
}
