//! Measures the kernels of a train step of a recurrent layer of 128 units over 28 steps of 28 features, each and together.

use std::hint::black_box;

use keras_kernels::activation::Act;
use keras_kernels::memory::{Sink, Use};
use keras_kernels::recurrent::{self, Cell, Given, Output, Recurrent, Saved, Weights};
use keras_kernels::{Isa, activation};
use keras_shapes::plan::recurrent_scratch;

use crate::{Aligned, timed};

/// Measures a step with a batch of `m`, for each cell.
pub(crate) fn measure(m: usize) {
    for cell in [Cell::Lstm, Cell::Gru { reset_after: true }, Cell::Gru { reset_after: false }, Cell::Simple] {
        println!("{cell:?}");
        one(m, cell);
    }
}

/// A layer as Keras makes it.
pub(crate) fn layer(cell: Cell, steps: usize, k: usize, units: usize, output: Output) -> Recurrent {
    Recurrent {
        cell,
        steps,
        k,
        units,
        act: Act::Tanh,
        recurrent_act: Act::Sigmoid,
        backwards: false,
        output,
        states: false,
        zero_masked: false,
        inputs: 1,
        dropout: false,
    }
}

fn one(m: usize, cell: Cell) {
    let isa = Isa::current();
    let l = layer(cell, 28, 28, 128, Output::Last);
    let (k, u, n, rows) = (l.k, l.units, l.n(), m * l.steps);
    let (len, mut tmp) = (k * n + u * n + n, Aligned::random(recurrent_scratch(k, u, n), 0.0));
    let mut weights = Aligned::random(len, 0.2);
    let mut grads = Aligned::random(len, 0.0);
    let (x, mut dx) = (Aligned::random(rows * k, 2.0), Aligned::random(rows * k, 0.0));
    let (mut y, dy) = (Aligned::random(m * u, 0.0), Aligned::random(m * u, 0.1));
    let zeros = |len: usize| Aligned::random(m * len, 0.0);
    let mut kept = [l.gates_len(), l.a_len(), l.aux_len(), l.pre_len(), l.h_len(), l.drop_len()].map(zeros);
    let [gates, a, aux, pre, h, drop] = &mut kept;
    let (mut state, mut sums, mut work) = (zeros(l.state_len()), zeros(l.sums_len()), zeros(l.work_len()));
    let mut saved = Saved { gates, a, aux, pre, h, drop, state: &mut state, sums: &mut sums, work: &mut work };
    let mut own = Aligned::random(len, 0.0);
    own.copy_from_slice(&weights);
    let (w, rest) = own.split_at(k * n);
    let (recurrent, b) = rest.split_at(u * n);
    let both = Weights {
        kernel: w,
        recurrent,
        bias: if l.cell == (Cell::Gru { reset_after: true }) { None } else { Some(b) },
    };
    timed("forward", rows * (k + u) * n, || {
        recurrent::forward(isa, &l, &mut y, &x, Given::default(), both, &mut saved, &mut tmp);
    });
    timed("backward, gates as they are", rows * u * n, || {
        recurrent::backward(isa, &l, &dy, None, both, &mut saved, &mut tmp);
    });
    timed("data", rows * k * n, || recurrent::backward_data(isa, &l, &mut dx, saved.gates, None, w, false, &mut tmp));
    timed("gradient of W", rows * k * n, || {
        let mut sink = Sink::store(&mut weights, &mut grads, &[]);
        recurrent::backward_kernel(
            isa,
            sink.param(0, 0, k * n, Use::Only).unwrap(),
            &l,
            &x,
            saved.gates,
            None,
            &mut tmp,
        );
    });
    timed("gradient of U", rows * u * n, || {
        let mut sink = Sink::store(&mut weights, &mut grads, &[]);
        let out = sink.param(1, k * n, u * n, Use::Only).unwrap();
        recurrent::backward_recurrent(isa, out, &l, saved.a, saved.gates, saved.aux, None, &mut tmp);
    });
    timed("sigmoid of all gates", 0, || activation::forward(isa, saved.gates, None, Act::Sigmoid));
    timed("whole step", rows * (2 * k + 3 * u) * n, || {
        recurrent::forward(isa, &l, &mut y, &x, Given::default(), both, &mut saved, &mut tmp);
        recurrent::backward(isa, &l, &dy, None, both, &mut saved, &mut tmp);
        let mut sink = Sink::store(&mut weights, &mut grads, &[]);
        recurrent::backward_kernel(
            isa,
            sink.param(0, 0, k * n, Use::Only).unwrap(),
            &l,
            &x,
            saved.gates,
            None,
            &mut tmp,
        );
        let out = sink.param(1, k * n, u * n, Use::Only).unwrap();
        recurrent::backward_recurrent(isa, out, &l, saved.a, saved.gates, saved.aux, None, &mut tmp);
    });
    black_box((&weights, &y, &dx));
}
