//! The op that a cell becomes which goes through time, and its weights.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::bound::Float;
use super::recurrent::{Course, Way};
use super::{Args, Lower};
use crate::graph::ops::{self, Act, Axis, Cell, Geometry, Output};
use crate::graph::{Num, ParamId, Shape, ValueId};

/// A recurrent layer's sizes and what its arguments make of it.
pub(super) struct Sizes {
    pub(super) steps: Num,
    /// Features of x.
    pub(super) k: Num,
    pub(super) units: Num,
    pub(super) cell: Cell,
    pub(super) course: Course,
    /// Whether h is dropped.
    pub(super) dropout: bool,
    /// How many versions of x there are, side by side.
    pub(super) inputs: usize,
    /// The activations of the cell, and of its gates.
    pub(super) acts: [Act; 2],
    pub(super) convolved: Option<Convolved>,
}

/// The convolutions that a cell's products are.
pub(super) struct Convolved {
    /// That of x, and that of h.
    pub(super) geometries: [Geometry; 2],
    /// The dimensions of a state, without its features.
    pub(super) dims: Vec<Num>,
    /// The taps of the kernels.
    pub(super) taps: Vec<Num>,
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

    /// The dimensions of a state.
    pub(super) fn state(&self) -> Vec<Num> {
        let positions = self.convolved.iter().flat_map(|convolved| &convolved.dims);
        positions.chain([&self.units]).cloned().collect()
    }

    /// Elements of a state.
    fn state_len(&self) -> Num {
        Shape::new(self.state()).len()
    }

    fn out(&self) -> Vec<Num> {
        match self.course.output {
            Output::Last => self.state(),
            _ => [self.steps.clone()].into_iter().chain(self.state()).collect(),
        }
    }

    /// The lengths of what is kept, as keras-kernels has them in `recurrent::Saved`.
    fn saved(&self) -> [Option<Num>; 9] {
        let u = &self.state_len();
        let each = |len: Num| Some(self.steps.mul(&len));
        let times = |n: usize| u.mul(&Num::Lit(n));
        let (gates, states) = (times(self.cell.gates()), times(self.cell.states()));
        let gru = matches!(self.cell, Cell::Gru(_));
        let inputs = |act: &Act| act.saves() == ops::Saves::Input;
        let pre = inputs(&self.acts[0]) || self.cell != Cell::Simple && inputs(&self.acts[1]);
        let parts = times(self.parts());
        [
            each(gates.clone()),
            each(parts.clone()),
            match self.cell {
                Cell::Lstm => each(times(2)),
                Cell::Gru(true) => each(gates.clone()),
                _ => None,
            },
            if pre { each(if self.cell == Cell::Lstm { times(5) } else { gates.clone() }) } else { None },
            if self.dropout && gru { each(u.clone()) } else { None },
            self.dropout.then(|| parts.clone()),
            Some(states),
            Some(gates),
            match &self.convolved {
                Some(_) => Some(parts),
                None => (self.dropout || self.cell == Cell::Gru(false)).then(|| u.clone()),
            },
        ]
    }
}

impl Lower<'_> {
    /// The steps of a cell whose arguments have been checked: its output, and its states if they come out. The rates are
    /// those of the dropout of x and of h.
    pub(super) fn taken(
        &mut self,
        args: &Args,
        sizes: &Sizes,
        x: ValueId,
        way: &Way,
        [dropout, rate]: [Option<Float>; 2],
    ) -> Vec<ValueId> {
        let shape = self.shape(x);
        let x = match dropout {
            Some(dropout) => self.dropped(args, x, &dropout, sizes.inputs),
            None => x,
        };
        let params = self.cell_weights(args, sizes);
        let layer = self.described(sizes);
        let initial = if sizes.course.stateful && way.initial.is_empty() {
            self.recalled(&vec![Shape::new(sizes.state()); sizes.cell.states()])
        } else {
            way.initial.clone()
        };
        let saved = sizes.saved().map(|len| len.map(|len| self.value(Shape::new(vec![len]), None)));
        let stream = if rate.is_some() { self.stream() } else { 0 };
        let op = ops::Recurrent {
            layer,
            cell: sizes.cell,
            k: sizes.k.clone(),
            units: sizes.units.clone(),
            bias: params.len() > 2,
            given: [!initial.is_empty(), initial.len() > 1, way.mask.is_some()],
            rate: rate.map(|rate| rate.tokens),
            stream,
            seed: args.seed("seed"),
            convolutions: sizes.convolved.as_ref().map(|convolved| convolved.geometries.clone()),
            saved,
        };
        let inputs = [x].into_iter().chain(initial).chain(way.mask).collect();
        let out = Shape { dims: sizes.out(), ..shape };
        if !sizes.course.gives_states() {
            return vec![self.op(Rc::new(op), inputs, params, out)];
        }
        let mut results = self.with_states(op, inputs, params, sizes, &out);
        if sizes.course.stateful {
            self.carry(&results[1..]);
        }
        if !sizes.course.states {
            results.truncate(1);
        }
        results
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
        let (first, each, states) = (out.len(), sizes.state_len(), sizes.cell.states());
        let all = out.with_dims(vec![first.add(&each.mul(&Num::Lit(states)))]);
        let all = self.op(Rc::new(op), inputs, params, all);
        let mut results = vec![self.piece(all, &Num::Lit(0), out.clone())];
        for state in 0..states {
            let at = first.add(&each.mul(&Num::Lit(state)));
            results.push(self.piece(all, &at, out.with_dims(sizes.state())));
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
        let own: Vec<bool> = (0..self.shape(x).rank()).map(|dim| dim > 0).collect();
        let mut all = Vec::new();
        for _ in 0..versions {
            all.push(self.shaped_dropout(args, x, rate.clone(), false, true, &own));
        }
        if versions == 1 { all[0] } else { self.beside(all) }
    }

    /// Kernel, recurrent kernel and bias, in Keras's order.
    fn cell_weights(&mut self, args: &Args, sizes: &Sizes) -> Vec<ParamId> {
        let n = sizes.n();
        let kernel = |rows: &Num| {
            let taps = sizes.convolved.iter().flat_map(|convolved| &convolved.taps);
            taps.chain([rows, &n]).cloned().collect::<Vec<_>>()
        };
        let mut params = vec![
            self.weight(args, "kernel", kernel(&sizes.k), "GlorotUniform"),
            self.weight_by(args, "recurrent_kernel", "recurrent", kernel(&sizes.units), "Orthogonal"),
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
    fn described(&mut self, sizes: &Sizes) -> TokenStream {
        let Sizes { steps, k, units, cell, course, dropout, inputs, acts: [act, gate], .. } = sizes;
        let Course { output, backwards, zero_masked, .. } = course;
        let states = course.gives_states();
        let (cell, output, act, gate) = (cell.path(), output.path(), act.path(), gate.path());
        let (inputs, code) = (Num::Lit(*inputs), {
            let krate = self.krate();
            quote!(#krate::__private::code)
        });
        let cell = quote!(recurrent::Recurrent {
            cell: #cell, steps: #steps, k: #k, units: #units, act: #act, recurrent_act: #gate,
            backwards: #backwards, output: #output, states: #states, zero_masked: #zero_masked,
            inputs: #inputs, dropout: #dropout,
        });
        match &sizes.convolved {
            None => self.hidden(&quote!(#code::recurrent::Recurrent), &quote!({ use #code::*; #cell })),
            Some(Convolved { geometries: [input, state], .. }) => {
                let (input, state) = (input.quoted(), state.quoted());
                let layer = quote!(conv_recurrent::ConvRecurrent { cell: #cell, input: #input, state: #state });
                self.hidden(&quote!(#code::conv_recurrent::ConvRecurrent), &quote!({ use #code::*; #layer }))
            }
        }
    }
}
