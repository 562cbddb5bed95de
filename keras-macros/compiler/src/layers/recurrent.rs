//! What recurrent layers share: how they are called, and their arguments.

use super::activations::Activated;
use super::bound::{Bound, Float};
use super::given::require;
use super::kinds::Arity;
use super::steps::Sizes;
use super::{Args, Lower};
use crate::graph::ops::{Act, Cell, Output};
use crate::graph::{Shape, ValueId};

/// A layer that goes through time.
pub trait Recurrent {
    /// Lowers a call of it: its output, and its states if they come out. Nothing after a mistake.
    fn go(&self, args: &Args, x: ValueId, way: Way, cx: &mut Lower<'_>) -> Option<Vec<ValueId>>;
}

/// How a recurrent layer is used, besides its arguments.
#[derive(Clone, Debug, Default)]
pub struct Way {
    /// Whether it goes backwards through time, its output in the order of time: the second layer of a `Bidirectional`.
    pub(super) back: bool,
    /// Whether the output of steps that a mask leaves out is 0, if a wrapper says so.
    pub(super) zero_masked: Option<bool>,
    /// The states before the first step.
    pub(super) initial: Vec<ValueId>,
    /// For each step 0 if it is left out.
    pub(super) mask: Option<ValueId>,
    /// How many states the model has names for, if they come out. A cell of keras has as many as it has.
    pub(super) states: usize,
}

/// In which order a cell takes the steps, and what comes out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Course {
    pub(super) output: Output,
    pub(super) states: bool,
    /// Whether the states go on from batch to batch.
    pub(super) stateful: bool,
    pub(super) backwards: bool,
    /// Whether the output of steps that a mask leaves out is 0.
    pub(super) zero_masked: bool,
}

impl Course {
    /// What the arguments of a recurrent layer say, which is used in some way.
    pub(super) fn of(args: &Args, way: &Way) -> Course {
        Course {
            output: match (args.bool("return_sequences", false), way.back) {
                (false, _) => Output::Last,
                (true, false) => Output::Sequence,
                (true, true) => Output::InTime,
            },
            states: args.bool("return_state", false),
            stateful: args.bool("stateful", false),
            backwards: args.bool("go_backwards", false) || way.back,
            zero_masked: way.zero_masked.unwrap_or_else(|| args.bool("zero_output_for_mask", false)),
        }
    }

    /// Whether the states come out of the op: to come out of the layer, or to be left for the next batch.
    pub(super) fn gives_states(self) -> bool {
        self.states || self.stateful
    }
}

impl Lower<'_> {
    /// The values that the call at hand is given by this keyword.
    pub(super) fn keyword(&self, word: &str) -> Option<Vec<ValueId>> {
        self.given.iter().find(|(name, _)| name == word).map(|(_, values)| values.clone())
    }

    /// The mask that the call at hand is given by this keyword, if it is given one. Nothing after a mistake.
    pub(super) fn mask_given(&mut self, args: &Args, word: &str) -> Option<Option<ValueId>> {
        match self.keyword(word).as_deref() {
            Some(&[mask]) => Some(Some(mask)),
            Some(found) => {
                let message = format!("`{}`: `{word}` must be one value, found {}", args.spec.name, found.len());
                self.error(args.span, message);
                None
            }
            None => Some(None),
        }
    }

    /// How a recurrent layer is called: with initial states and a mask, that which is given or that of its input. Nothing
    /// after a mistake.
    pub(super) fn way(&mut self, args: &Args, x: ValueId) -> Option<Way> {
        let initial = self.keyword("initial_state").unwrap_or_default();
        let mask = match self.mask_given(args, "mask")? {
            Some(mask) => {
                let (shape, steps) = (self.shape(mask), self.shape(x).dims.first().cloned());
                let expected = Shape::new(steps.into_iter().collect());
                require!(self, args.span, step_mask(shape, expected))?;
                Some(self.floats(mask))
            }
            None => self.mask_of(x),
        };
        Some(Way { initial, mask, states: self.results.saturating_sub(1), ..Way::default() })
    }

    /// Checks the states that cells are given whose states have these shapes, all or none. Nothing after a mistake.
    pub(super) fn initial(&mut self, args: &Args, cells: &[(Cell, Shape)], initial: &[ValueId]) -> Option<()> {
        let states: usize = cells.iter().map(|(cell, _)| cell.states()).sum();
        if !initial.is_empty() && initial.len() != states {
            let (layer, found) = (args.spec.name, initial.len());
            let s = if states == 1 { "" } else { "s" };
            self.error(args.span, format!("`{layer}`: `initial_state` must be {states} value{s}, found {found}"));
            return None;
        }
        let word = usize::from(args.spec.inputs == Arity::States);
        let expected = cells.iter().flat_map(|(cell, shape)| vec![shape; cell.states()]);
        for (&state, expected) in initial.iter().zip(expected) {
            let shape = self.shape(state);
            require!(self, args.span, initial_state(shape, expected, word))?;
        }
        Some(())
    }

    /// An activation of the cell; `tanh` and the like where none is given. Nothing after a mistake.
    pub(super) fn cell_activation(&mut self, args: &Args, name: &str, default: Act) -> Option<Act> {
        let chosen = match args.get(name) {
            None => return Some(default),
            Some(Bound::Activation(chosen)) => chosen,
            Some(_) => return Some(Act::Linear),
        };
        for (condition, message) in chosen.conditions() {
            self.check(args.span_of(name), &condition, &message);
        }
        match chosen.activated() {
            Activated::Linear => Some(Act::Linear),
            Activated::Elementwise(act) => Some(act),
            Activated::Rows(..) => {
                let message = format!("`{}`: `{name}` must work on each element by itself", args.spec.name);
                self.error(args.span_of(name), message);
                None
            }
        }
    }

    /// A rate from 0 on and below 1, if it is not 0.
    pub(super) fn rate(&mut self, args: &Args, name: &str) -> Option<Option<Float>> {
        let rate = self.below_one(args, name)?;
        Some(if rate.known == Some(0.0) { None } else { Some(rate) })
    }

    /// Lowers one call of a recurrent layer of a cell whose arguments are its own. Nothing after a mistake.
    pub(super) fn recurrent(&mut self, args: &Args, cell: Cell, x: ValueId, way: Way) -> Option<Vec<ValueId>> {
        let course = Course::of(args, &way);
        self.initial(args, &[(cell, Shape::new(vec![args.size("units")?]))], &way.initial)?;
        let results = self.steps(args, cell, x, &way, course)?;
        // Keras takes the argument for a `SimpleRNN` and does nothing with it.
        if let (Some(penalty), true) = (args.object("activity_regularizer"), cell != Cell::Simple) {
            results.iter().for_each(|&result| self.penalize(result, penalty.clone()));
        }
        self.step_mask(&way, course, results[0]);
        Some(results)
    }

    /// Gives an output of all steps the mask of the steps.
    pub(super) fn step_mask(&mut self, way: &Way, course: Course, y: ValueId) {
        if let (Some(mask), true) = (way.mask, course.output != Output::Last) {
            self.mask(y, mask);
        }
    }

    /// Lowers the steps of a cell with these arguments: its output, and its states if they come out. Nothing after a
    /// mistake.
    pub(super) fn steps(
        &mut self,
        args: &Args,
        cell: Cell,
        x: ValueId,
        way: &Way,
        course: Course,
    ) -> Option<Vec<ValueId>> {
        let shape = self.rank(args, x, 2, "steps, features")?;
        let units = args.size("units")?;
        self.built(args, "kernel", &shape)?;
        require!(self, args.span_of("units"), at_least_one(units))?;
        let act = self.cell_activation(args, "activation", Act::Tanh)?;
        let recurrent_act = self.cell_activation(args, "recurrent_activation", Act::Sigmoid)?;
        let (dropout, rate) = (self.rate(args, "dropout")?, self.rate(args, "recurrent_dropout")?);
        let each = dropout.is_some() && rate.is_some() && cell != Cell::Simple;
        let sizes = Sizes {
            steps: shape.dims[0].clone(),
            k: shape.dims[1].clone(),
            units,
            cell,
            course,
            dropout: rate.is_some(),
            inputs: if each { cell.gates() } else { 1 },
            acts: [act, recurrent_act],
            convolved: None,
        };
        Some(self.taken(args, &sizes, x, way, [dropout, rate]))
    }
}
