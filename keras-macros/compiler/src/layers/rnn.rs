//! What recurrent layers share: their arguments, their weights, and the op that they become.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::activations::Activated;
use super::args::{Bound, Float};
use super::given::require;
use super::{Args, Lower};
use crate::graph::ops::{self, Act, Axis, Cell, Output};
use crate::graph::{Num, ParamId, Shape, ValueId};

/// What is said of `stateful`.
pub(super) const STATEFUL: &str =
    "a model keeps nothing between batches; take the states with `return_state` and give them with `initial_state`";

/// How a recurrent layer is used, besides its arguments.
#[derive(Clone, Debug, Default)]
pub(super) struct Way {
    /// Whether it goes backwards through time, its output in the order of time: the second layer of a `Bidirectional`.
    pub(super) back: bool,
    /// Whether the output of steps that a mask leaves out is 0.
    pub(super) zero_masked: bool,
    /// The states before the first step.
    pub(super) initial: Vec<ValueId>,
    /// For each step 0 if it is left out.
    pub(super) mask: Option<ValueId>,
}

/// A recurrent layer's sizes and what its arguments make of it.
struct Sizes {
    steps: Num,
    k: Num,
    units: Num,
    cell: Cell,
    output: Output,
    states: bool,
    backwards: bool,
    dropout: bool,
    inputs: usize,
    acts: [Act; 2],
}

impl Sizes {
    fn n(&self) -> Num {
        self.units.mul(&Num::Lit(self.cell.gates()))
    }

    /// The products at each step, as keras-kernels has them.
    fn parts(&self) -> usize {
        match self.cell {
            Cell::Simple => 1,
            cell if self.dropout => cell.gates(),
            Cell::Gru(false) => 2,
            _ => 1,
        }
    }

    fn out(&self) -> Num {
        if self.output == Output::Last { self.units.clone() } else { self.steps.mul(&self.units) }
    }

    fn states(&self) -> Num {
        self.units.mul(&Num::Lit(self.cell.states()))
    }

    /// The lengths of what is kept, as keras-kernels has them in `recurrent::Saved`.
    fn saved(&self) -> [Option<Num>; 9] {
        let (each, u) = (|len: Num| Some(self.steps.mul(&len)), &self.units);
        let times = |n: usize| u.mul(&Num::Lit(n));
        let gru = matches!(self.cell, Cell::Gru(_));
        let inputs = |act: &Act| act.saves() == ops::Saves::Input;
        let pre = inputs(&self.acts[0]) || self.cell != Cell::Simple && inputs(&self.acts[1]);
        [
            each(self.n()),
            each(times(self.parts())),
            match self.cell {
                Cell::Lstm => each(times(2)),
                Cell::Gru(true) => each(self.n()),
                _ => None,
            },
            if pre { each(if self.cell == Cell::Lstm { times(5) } else { self.n() }) } else { None },
            if self.dropout && gru { each(u.clone()) } else { None },
            self.dropout.then(|| times(self.parts())),
            Some(self.states()),
            Some(self.n()),
            (self.dropout || self.cell == Cell::Gru(false)).then(|| u.clone()),
        ]
    }
}

impl Lower<'_> {
    /// The values that the call at hand is given by this keyword.
    pub(super) fn keyword(&self, word: &str) -> Option<Vec<ValueId>> {
        self.given.iter().find(|(name, _)| name == word).map(|(_, values)| values.clone())
    }

    /// How a recurrent layer is called: with initial states and a mask, that which is given or that of its input. Nothing
    /// after a mistake.
    pub(super) fn way(&mut self, args: &Args, x: ValueId) -> Option<Way> {
        let initial = self.keyword("initial_state").unwrap_or_default();
        let mask = match self.keyword("mask").as_deref() {
            Some(&[mask]) => {
                let (shape, steps) = (self.shape(mask), self.shape(x).dims.first().cloned());
                let expected = Shape::new(steps.into_iter().collect());
                require!(self, args.span, step_mask(shape, expected))?;
                Some(mask)
            }
            Some(found) => {
                let message = format!("`{}`: `mask` must be one value, found {}", args.spec.name, found.len());
                self.error(args.span, message);
                return None;
            }
            None => self.mask_of(x),
        };
        Some(Way { initial, mask, ..Way::default() })
    }

    /// Checks initial states. Nothing after a mistake.
    fn initial(&mut self, args: &Args, initial: &[ValueId], states: usize, units: &Num) -> Option<()> {
        if !initial.is_empty() && initial.len() != states {
            let (layer, found) = (args.spec.name, initial.len());
            let s = if states == 1 { "" } else { "s" };
            self.error(args.span, format!("`{layer}`: `initial_state` must be {states} value{s}, found {found}"));
            return None;
        }
        for &state in initial {
            let (shape, expected) = (self.shape(state), Shape::new(vec![units.clone()]));
            require!(self, args.span, initial_state(shape, expected))?;
        }
        Some(())
    }

    /// An activation of the cell; `tanh` and the like where none is given. Nothing after a mistake.
    fn cell_activation(&mut self, args: &Args, name: &str, default: Act) -> Option<Act> {
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
    fn rate(&mut self, args: &Args, name: &str) -> Option<Option<Float>> {
        let rate = self.below_one(args, name)?;
        Some(if rate.known == Some(0.0) { None } else { Some(rate) })
    }

    /// Lowers one call of a recurrent layer. Nothing after a mistake.
    pub(super) fn recurrent(&mut self, args: &Args, cell: Cell, x: ValueId, way: Way) -> Option<Vec<ValueId>> {
        let shape = self.rank(args, x, 2, "steps, features")?;
        let units = args.size("units")?;
        self.built(args, "kernel", &shape)?;
        require!(self, args.span_of("units"), at_least_one(units))?;
        self.initial(args, &way.initial, cell.states(), &units)?;
        let act = self.cell_activation(args, "activation", Act::Tanh)?;
        let recurrent_act = self.cell_activation(args, "recurrent_activation", Act::Sigmoid)?;
        let (dropout, rate) = (self.rate(args, "dropout")?, self.rate(args, "recurrent_dropout")?);
        let each = dropout.is_some() && rate.is_some() && cell != Cell::Simple;
        let sizes = Sizes {
            steps: shape.dims[0].clone(),
            k: shape.dims[1].clone(),
            units,
            cell,
            output: match (args.bool("return_sequences", false), way.back) {
                (false, _) => Output::Last,
                (true, false) => Output::Sequence,
                (true, true) => Output::InTime,
            },
            states: args.bool("return_state", false),
            backwards: args.bool("go_backwards", false) || way.back,
            dropout: rate.is_some(),
            inputs: if each { cell.gates() } else { 1 },
            acts: [act, recurrent_act],
        };
        let x = match dropout {
            Some(dropout) => self.dropped(args, x, &dropout, sizes.inputs),
            None => x,
        };
        let params = self.cell_weights(args, &sizes);
        let layer = self.described(&sizes, way.zero_masked);
        let saved = sizes.saved().map(|len| len.map(|len| self.value(Shape::new(vec![len]), None)));
        let stream = if rate.is_some() { self.stream() } else { 0 };
        let op = ops::Recurrent {
            layer,
            cell,
            k: sizes.k.clone(),
            units: sizes.units.clone(),
            bias: params.len() > 2,
            given: [!way.initial.is_empty(), way.initial.len() > 1, way.mask.is_some()],
            rate: rate.map(|rate| rate.tokens),
            stream,
            seed: args.seed("seed"),
            saved,
        };
        let inputs = [x].into_iter().chain(way.initial).chain(way.mask).collect();
        let out = match sizes.output {
            Output::Last => vec![sizes.units.clone()],
            _ => vec![sizes.steps.clone(), sizes.units.clone()],
        };
        let out = Shape { dims: out, ..shape };
        let results = if sizes.states {
            self.with_states(op, inputs, params, &sizes, &out)
        } else {
            vec![self.op(Rc::new(op), inputs, params, out)]
        };
        // Keras takes the argument for a `SimpleRNN` and does nothing with it.
        if let (Some(penalty), true) = (args.object("activity_regularizer"), cell != Cell::Simple) {
            results.iter().for_each(|&result| self.penalize(result, penalty.clone()));
        }
        if let (Some(mask), true) = (way.mask, sizes.output != Output::Last) {
            self.mask(results[0], mask);
        }
        Some(results)
    }

    /// The output and the states after the last step.
    fn with_states(
        &mut self,
        op: ops::Recurrent,
        inputs: Vec<ValueId>,
        params: Vec<ParamId>,
        sizes: &Sizes,
        out: &Shape,
    ) -> Vec<ValueId> {
        let all = out.with_dims(vec![sizes.out().add(&sizes.states())]);
        let all = self.op(Rc::new(op), inputs, params, all);
        let mut results = vec![self.piece(all, &Num::Lit(0), out.clone())];
        for state in 0..sizes.cell.states() {
            let at = sizes.out().add(&sizes.units.mul(&Num::Lit(state)));
            results.push(self.piece(all, &at, out.with_dims(vec![sizes.units.clone()])));
        }
        results
    }

    /// Some elements of a value of one dimension, from `at` on, in this shape.
    pub(super) fn piece(&mut self, value: ValueId, at: &Num, shape: Shape) -> ValueId {
        let (len, from) = (shape.len(), self.shape(value).len());
        let axis = Axis {
            len: len.clone(),
            from,
            stride: Num::Lit(1),
            before: Num::Lit(0),
            skip: at.clone(),
            repeat: Num::Lit(1),
        };
        let flat = self.gather(value, vec![axis], shape.with_dims(vec![len]));
        if shape.rank() == 1 { flat } else { self.alias(flat, shape) }
    }

    /// The input with some features dropped, the same at every step: in so many versions side by side, each with a mask of
    /// its own.
    fn dropped(&mut self, args: &Args, x: ValueId, rate: &Float, versions: usize) -> ValueId {
        let mut all = Vec::new();
        for _ in 0..versions {
            all.push(self.shaped_dropout(args, x, rate.clone(), false, true, &[false, true]));
        }
        if versions == 1 { all[0] } else { self.beside(all) }
    }

    /// Kernel, recurrent kernel and bias, in Keras's order.
    fn cell_weights(&mut self, args: &Args, sizes: &Sizes) -> Vec<ParamId> {
        let n = sizes.n();
        let mut params = vec![
            self.weight(args, "kernel", vec![sizes.k.clone(), n.clone()], "GlorotUniform"),
            self.weight_by(args, "recurrent_kernel", "recurrent", vec![sizes.units.clone(), n.clone()], "Orthogonal"),
        ];
        if args.bool("use_bias", true) {
            let shape = if sizes.cell == Cell::Gru(true) { vec![Num::Lit(2), n] } else { vec![n] };
            let bias = self.weight(args, "bias", shape, "Zeros");
            if sizes.cell == Cell::Lstm && args.bool("unit_forget_bias", true) && !self.shared {
                let others = self.graph.params[bias].init.clone();
                self.graph.params[bias].init = quote!(Init::UnitForget { others: &#others });
            }
            params.push(bias);
        }
        params
    }

    /// A const that has what keras-kernels knows of the layer.
    fn described(&mut self, sizes: &Sizes, zero_masked: bool) -> TokenStream {
        let Sizes { steps, k, units, cell, output, states, backwards, dropout, inputs, acts: [act, gate] } = sizes;
        let (cell, output, act, gate) = (cell.path(), output.path(), act.path(), gate.path());
        let (inputs, code) = (Num::Lit(*inputs), {
            let krate = self.krate();
            quote!(#krate::__private::code)
        });
        let layer = quote!({
            use #code::*;
            recurrent::Recurrent {
                cell: #cell, steps: #steps, k: #k, units: #units, act: #act, recurrent_act: #gate,
                backwards: #backwards, output: #output, states: #states, zero_masked: #zero_masked,
                inputs: #inputs, dropout: #dropout,
            }
        });
        self.hidden(&quote!(#code::recurrent::Recurrent), &layer)
    }
}
