//! Measures the kernels of a train step of recurrent layers of convolutions, each and together.

use std::hint::black_box;

use keras_kernels::Isa;
use keras_kernels::conv_recurrent::{self, ConvRecurrent, Geometry, Given, Saved, Weights, Windows};
use keras_kernels::memory::{Sink, Use};
use keras_kernels::recurrent::{Cell, Output};
use keras_shapes::plan::conv_recurrent_scratch;
use keras_shapes::windows::same_before;

use crate::recurrent::layer;
use crate::{Aligned, timed};

/// Measures steps with a batch of `m`, for some sizes of images and numbers of filters.
pub(crate) fn measure(m: usize) {
    for (n, k, filters) in [(32, 1, 16), (32, 16, 16), (16, 32, 32), (16, 64, 64), (4, 64, 64)] {
        println!("8 steps of {n} x {n}, {k} to {filters}, 3 x 3, same");
        one(m, n, k, filters);
    }
}

/// An LSTM of so many steps of `n × n` positions, of `k` features to `filters`, with windows of 3 × 3.
pub(crate) fn lstm(steps: usize, n: usize, k: usize, filters: usize) -> ConvRecurrent {
    let cell = layer(Cell::Lstm, steps, k, filters, Output::Sequence);
    let before = same_before(n, 3, 1);
    let windows = Windows {
        n: [1, n, n],
        k: [1, 3, 3],
        stride: [1; 3],
        dilation: [1; 3],
        before: [0, before, before],
        out: [1, n, n],
    };
    let geometry = |cin| Geometry { windows, cin, cout: cell.n(), groups: 1 };
    ConvRecurrent { cell, input: geometry(k), state: geometry(filters) }
}

fn one(m: usize, n: usize, k: usize, filters: usize) {
    let isa = Isa::current();
    let l = lstm(8, n, k, filters);
    let [wide, deep] = [&l.input, &l.state].map(|g| g.depth() * g.cout);
    let points = m * l.cell.steps * l.positions();
    let (mut weights, mut grads) = (Aligned::random(wide + deep, 0.1), Aligned::random(wide + deep, 0.0));
    let mut own = Aligned::random(wide + deep, 0.0);
    own.copy_from_slice(&weights);
    let (kernel, recurrent) = own.split_at(wide);
    let both = Weights { kernel, recurrent, bias: None };
    let (x, mut dx) = (Aligned::random(m * l.x_len(), 2.0), Aligned::random(m * l.x_len(), 0.0));
    let (mut y, dy) = (Aligned::random(m * l.y_len(), 0.0), Aligned::random(m * l.y_len(), 0.1));
    let mut kept = l.lens().map(|len| Aligned::random(m * len, 0.0));
    let [gates, a, aux, pre, h, drop, state, sums, work] = &mut kept;
    let mut saved = Saved { gates, a, aux, pre, h, drop, state, sums, work };
    let mut tmp = Aligned::random(conv_recurrent_scratch(&l.input, &l.state), 0.0);
    timed("forward", points * (wide + deep), || {
        conv_recurrent::forward(isa, &l, &mut y, &x, Given::default(), both, &mut saved, &mut tmp);
    });
    timed("forward and backward", points * (wide + 2 * deep), || {
        conv_recurrent::forward(isa, &l, &mut y, &x, Given::default(), both, &mut saved, &mut tmp);
        conv_recurrent::backward(isa, &l, &dy, None, both, &mut saved, &mut tmp);
    });
    timed("data", points * wide, || {
        conv_recurrent::backward_data(isa, &l, &mut dx, saved.gates, None, kernel, false, &mut tmp);
    });
    timed("gradient of W", points * wide, || {
        let mut sink = Sink::store(&mut weights, &mut grads, &[]);
        let out = sink.param(0, 0, wide, Use::Only).expect("not frozen");
        conv_recurrent::backward_kernel(isa, out, &l, &x, saved.gates, None, &mut tmp);
    });
    timed("gradient of U", points * deep, || {
        let mut sink = Sink::store(&mut weights, &mut grads, &[]);
        let out = sink.param(1, wide, deep, Use::Only).expect("not frozen");
        conv_recurrent::backward_recurrent(isa, out, &l, saved.a, saved.gates, None, &mut tmp);
    });
    black_box((&weights, &y, &dx));
}
