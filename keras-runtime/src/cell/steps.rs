//! What generated code calls of a cell of the user's: all steps of a sequence.

use core::marker::PhantomData;

use keras_kernels::activation::{self, Act};
use keras_kernels::memory::{Block, Sample, Sink};
use keras_shapes::Shape;

use super::{Backward, Cell, Next, States, Step, Taken};
use crate::layer::{Call, Weighing, Weights, to_sink};
use crate::model::graph::{Layer, Param};

/// In which order a cell takes the steps, and what comes out.
#[derive(Clone, Copy, Debug)]
pub struct Course {
    /// Steps of a sample.
    pub steps: usize,
    /// What comes out.
    pub output: Output,
    /// Whether the states after the last step come out too, behind the output.
    pub states: bool,
    /// Whether the last step of a sample is taken first.
    pub backwards: bool,
    /// Whether the output of steps that a mask leaves out is 0, and not that of the step before.
    pub zero_masked: bool,
}

/// What comes out of the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// The output of the last step that is taken.
    Last,
    /// That of each step, in the order in which steps are taken.
    Sequence,
    /// That of each step, in the order of time.
    InTime,
}

/// A cell `C` that goes through sequences of `X`, in terms of slices of floats.
///
/// Generated code names the trait in the one const that makes this, so that a cell that does not fit its place gives one
/// error.
pub struct Steps<C: 'static, X: Sample<Elem = f32>> {
    /// The shape of the output of a step.
    pub each: Shape,
    /// The shape of the output.
    pub output: Shape,
    /// The shapes of the states.
    pub states: &'static [Shape],
    /// Floats of the weights.
    pub weights: usize,
    /// Floats for each row of the states before each step and after the last.
    pub held: usize,
    /// Floats for each row of what the phases leave for each other.
    pub saved: usize,
    /// Floats for each row of the gradients that go from step to step: those of the states, twice, and of the output.
    pub carried: usize,
    /// None: layers within it are its own business.
    pub layers: &'static [Layer],
    /// The weights, by array.
    pub params: &'static [Param],
    course: Course,
    forward: Forward<C, X>,
    data: Data<C, X>,
    gradients: Params<C, X>,
    samples: PhantomData<X>,
}

type Forward<C, X> = fn(&Steps<C, X>, &C, &Call, Held<'_>, &[&[f32]], [&mut [f32]; 3], usize);
type Data<C, X> = fn(&Steps<C, X>, &C, &Call, Held<'_>, [&mut [f32]; 3], usize);
type Params<C, X> = fn(&Steps<C, X>, &C, &Call, Held<'_>, &mut [f32]);

/// The weights of `C` for steps of type `X`. See [`crate::layer::Weighs`].
pub trait Weighs<C, X> {
    /// The struct of weights.
    type Weights;
}

impl<X: Sample<Elem = f32>, C: Cell<X>, const FLOATS: usize> Weighs<C, X> for Weighing<FLOATS> {
    type Weights = C::Weights;
}

/// What the phases read, for all rows. What a phase does not read, or what is not given, is empty.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// Weights.
    pub w: &'a [f32],
    /// Sequences.
    pub x: &'a [f32],
    /// For each step 0 if it is left out.
    pub mask: &'a [f32],
    /// The states before each step and after the last.
    pub states: &'a [f32],
    /// What the phases leave for each other.
    pub saved: &'a [f32],
    /// The gradient of the outputs.
    pub dy: &'a [f32],
}

impl Held<'_> {
    /// Nothing.
    pub const EMPTY: Held<'static> = Held { w: &[], x: &[], mask: &[], states: &[], saved: &[], dy: &[] };
}

/// Part `i` of those of length `len`.
fn nth(flat: &[f32], i: usize, len: usize) -> &[f32] {
    &flat[i * len..(i + 1) * len]
}

fn nth_mut(flat: &mut [f32], i: usize, len: usize) -> &mut [f32] {
    &mut flat[i * len..(i + 1) * len]
}

impl<C: 'static, X: Sample<Elem = f32>> Steps<C, X> {
    /// The cell for steps of type `X`, in this course.
    #[must_use]
    pub const fn of(course: Course) -> Steps<C, X>
    where
        C: Cell<X>,
    {
        let each = C::Output::SHAPE;
        Steps {
            each,
            output: if matches!(course.output, Output::Last) { each } else { each.prepend(course.steps) },
            states: C::States::SHAPES,
            weights: C::Weights::FLOATS,
            held: (course.steps + 1) * C::States::FLOATS,
            saved: course.steps * C::Saved::LEN,
            carried: 2 * C::States::FLOATS + C::Output::LEN,
            layers: &[],
            params: C::Weights::PARAMS,
            course,
            forward: Self::all_forward,
            data: Self::all_back,
            gradients: Self::all_gradients,
            samples: PhantomData,
        }
    }

    /// The shape of state `i`; poison if there is none, which is told elsewhere.
    #[must_use]
    pub const fn state(&self, i: usize) -> Shape {
        if i < self.states.len() { self.states[i] } else { Shape::POISON }
    }

    /// Floats of all states together.
    const fn memory(&self) -> usize {
        self.held / (self.course.steps + 1)
    }

    /// Floats that come out of a row.
    const fn outputs(&self) -> usize {
        self.output.len() + if self.course.states { self.memory() } else { 0 }
    }

    /// Where state `i` begins among all of them.
    fn at(&self, i: usize) -> usize {
        self.states[..i].iter().map(Shape::len).sum()
    }

    /// The step of a sample that is taken as number `s`.
    const fn step(&self, s: usize) -> usize {
        if self.course.backwards { self.course.steps - 1 - s } else { s }
    }

    /// Where in a row the output of the step goes that is taken as number `s`: for [`Output::Last`] each writes over the one
    /// before.
    fn place(&self, s: usize) -> core::ops::Range<usize> {
        let len = self.each.len();
        let i = match self.course.output {
            Output::Last => 0,
            Output::Sequence => s,
            Output::InTime => self.step(s),
        };
        i * len..(i + 1) * len
    }

    fn is_left_out(&self, mask: &[f32], row: usize, t: usize) -> bool {
        !mask.is_empty() && mask[row * self.course.steps + t] == 0.0
    }

    /// The forward pass of some rows. `initial` has the states before the first step, all of them or none, which are 0
    /// then. Writes the outputs, the states, and what is saved.
    #[inline]
    pub fn forward(
        &self,
        cell: &C,
        call: &Call,
        given: Held<'_>,
        initial: &[&[f32]],
        to: [&mut [f32]; 3],
        rows: usize,
    ) {
        (self.forward)(self, cell, call, given, initial, to, rows);
    }

    /// The way back through time of some rows, over what was saved. Writes what is left of the gradients that are carried,
    /// those of the initial states first, and the gradient of the sequences.
    #[inline]
    pub fn backward(&self, cell: &C, call: &Call, held: Held<'_>, to: [&mut [f32]; 3], rows: usize) {
        (self.data)(self, cell, call, held, to, rows);
    }

    /// The gradient of the sequences, which [`Steps::backward`] computed; added to `dx` if `acc`.
    pub fn backward_data(&self, call: &Call, dx: &mut [f32], from: &[f32], acc: bool) {
        activation::backward(call.isa, dx, Some(from), &[], Act::Linear, acc);
    }

    /// The gradient of initial state `i`, of what was carried; added to `dx` if `acc`.
    pub fn backward_state(&self, call: &Call, i: usize, dx: &mut [f32], carried: &[f32], acc: bool) {
        let (at, len) = (self.at(i), self.state(i).len());
        for (dx, from) in dx.chunks_exact_mut(len.max(1)).zip(carried.chunks_exact(self.carried.max(1))) {
            activation::backward(call.isa, dx, Some(&from[at..at + len]), &[], Act::Linear, acc);
        }
    }

    /// The gradients of the weights over the whole batch, to `sink`, which is the cell's part of the model's.
    pub fn backward_params(&self, cell: &C, call: &Call, held: Held<'_>, sink: &mut Sink<'_>) {
        to_sink(call, self.params, sink, |w, dw| (self.gradients)(self, cell, call, Held { w, ..held }, dw));
    }
}

impl<C: Cell<X>, X: Sample<Elem = f32>> Steps<C, X> {
    fn all_forward(
        &self,
        cell: &C,
        call: &Call,
        given: Held<'_>,
        initial: &[&[f32]],
        [y, states, saved]: [&mut [f32]; 3],
        rows: usize,
    ) {
        let (w, steps, memory) = (C::Weights::from_slice(given.w), self.course.steps, C::States::FLOATS);
        let (xs, saved) = (X::rows(given.x, rows * steps), C::Saved::rows_mut(saved, rows * steps));
        for row in 0..rows {
            let (y, states) = (nth_mut(y, row, self.outputs()), nth_mut(states, row, self.held));
            self.begin(&mut states[..memory], initial, row);
            y[..self.output.len()].fill(0.0);
            for s in 0..steps {
                let (t, to) = (self.step(s), self.place(s));
                let (before, next) = states[s * memory..(s + 2) * memory].split_at_mut(memory);
                if self.is_left_out(given.mask, row, t) {
                    next.copy_from_slice(before);
                    if self.course.zero_masked {
                        y[to].fill(0.0);
                    } else if s > 0 {
                        y.copy_within(self.place(s - 1), to.start);
                    }
                    continue;
                }
                let next = Next {
                    y: &mut C::Output::rows_mut(&mut y[to], 1)[0],
                    states: C::States::from_mut_slice(next),
                    saved: &mut saved[row * steps + s],
                };
                let states = C::States::from_slice(before);
                cell.forward(&Step::new(call, row, t), w, &xs[row * steps + t], states, next);
            }
            if self.course.states {
                y[self.output.len()..].copy_from_slice(&states[steps * memory..]);
            }
        }
    }

    fn all_back(&self, cell: &C, call: &Call, held: Held<'_>, [saved, carried, dx]: [&mut [f32]; 3], rows: usize) {
        let (w, steps, memory) = (C::Weights::from_slice(held.w), self.course.steps, C::States::FLOATS);
        let (xs, dxs) = (X::rows(held.x, rows * steps), X::rows_mut(dx, rows * steps));
        let saved = C::Saved::rows_mut(saved, rows * steps);
        for row in 0..rows {
            let from = nth(held.dy, row, self.outputs());
            let (dstates, dy) = nth_mut(carried, row, self.carried).split_at_mut(2 * memory);
            let (mut dnext, mut before) = dstates.split_at_mut(memory);
            if self.course.states {
                dnext.copy_from_slice(&from[self.output.len()..]);
            } else {
                dnext.fill(0.0);
            }
            dy.fill(0.0);
            let mut swapped = false;
            for s in (0..steps).rev() {
                let t = self.step(s);
                let (left_out, dx) = (self.is_left_out(held.mask, row, t), &mut dxs[row * steps + t]);
                X::flatten_mut(core::slice::from_mut(dx)).fill(0.0);
                let comes_out = self.course.output != Output::Last || s + 1 == steps;
                if comes_out && !(left_out && self.course.zero_masked) {
                    dy.iter_mut().zip(&from[self.place(s)]).for_each(|(dy, from)| *dy += from);
                }
                // The output of a step that is left out is that of the step before, and so are its states.
                if left_out {
                    continue;
                }
                before.fill(0.0);
                let [states, next] = self.around(held, row, s);
                let saved = &mut saved[row * steps + s];
                let (dy_now, dnext_now) = (&C::Output::rows(dy, 1)[0], C::States::from_slice(dnext));
                let pass = Backward { x: &xs[row * steps + t], states, next, saved, dy: dy_now, dnext: dnext_now };
                cell.backward_data(&Step::new(call, row, t), w, pass, dx, C::States::from_mut_slice(before));
                dy.fill(0.0);
                core::mem::swap(&mut dnext, &mut before);
                swapped = !swapped;
            }
            if swapped {
                // Those of the initial states are the first of the two.
                before.copy_from_slice(dnext);
            }
        }
    }

    fn all_gradients(&self, cell: &C, call: &Call, held: Held<'_>, dw: &mut [f32]) {
        let (w, dw) = (C::Weights::from_slice(held.w), C::Weights::from_mut_slice(dw));
        let (rows, steps) = (call.batch, self.course.steps);
        let (xs, saved) = (X::rows(held.x, rows * steps), C::Saved::rows(held.saved, rows * steps));
        for (row, s) in (0..rows).flat_map(|row| (0..steps).map(move |s| (row, s))) {
            let t = self.step(s);
            if self.is_left_out(held.mask, row, t) {
                continue;
            }
            let [states, next] = self.around(held, row, s);
            let pass = Taken { x: &xs[row * steps + t], states, next, saved: &saved[row * steps + s] };
            cell.backward_params(&Step::new(call, row, t), w, pass, dw);
        }
    }

    /// The states before and after step number `s` of a row.
    fn around<'a>(&self, held: Held<'a>, row: usize, s: usize) -> [&'a C::States; 2] {
        let at = row * (self.course.steps + 1) + s;
        [at, at + 1].map(|at| C::States::from_slice(nth(held.states, at, C::States::FLOATS)))
    }

    /// The states before the first step.
    fn begin(&self, first: &mut [f32], initial: &[&[f32]], row: usize) {
        if initial.is_empty() {
            first.fill(0.0);
        }
        for (i, initial) in initial.iter().enumerate() {
            let (at, len) = (self.at(i), self.state(i).len());
            first[at..at + len].copy_from_slice(nth(initial, row, len));
        }
    }
}
