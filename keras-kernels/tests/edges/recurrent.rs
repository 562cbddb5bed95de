//! Recurrent cells.

use super::{Kernel, Rows, Scratch, Whole, stored};
use keras_kernels::activation::Act;
use keras_kernels::conv::{Geometry, Windows};
use keras_kernels::conv_recurrent::{self, ConvRecurrent};
use keras_kernels::dropout::Key;
use keras_kernels::recurrent::{self, Cell, Given, Recurrent, Saved, Weights};
use keras_shapes::plan::{conv_recurrent_scratch, masked_recurrent_scratch};

/// Recurrent layers of `n` units.
pub(super) fn cells(all: &mut Vec<Kernel>, n: usize) {
    let each = |cell, dropout, act| Recurrent {
        cell,
        steps: 2,
        k: 3,
        units: n,
        act,
        recurrent_act: Act::Sigmoid,
        backwards: dropout,
        output: recurrent::Output::Sequence,
        states: true,
        zero_masked: false,
        inputs: if dropout && cell != Cell::Simple { cell.gates() } else { 1 },
        dropout,
    };
    let all_cells = [Cell::Simple, Cell::Lstm, Cell::Gru { reset_after: true }, Cell::Gru { reset_after: false }];
    for (cell, dropout) in all_cells.into_iter().flat_map(|cell| [(cell, false), (cell, true)]) {
        let l = each(cell, dropout, if dropout { Act::Gelu } else { Act::Tanh });
        let (x, scratch) = (2 * l.inputs * l.k, masked_recurrent_scratch(l.k, n, l.n()));
        let biases = if cell == (Cell::Gru { reset_after: true }) { 2 * l.n() } else { l.n() };
        let name = format!("{cell:?}, {dropout}");
        kernel!(
            all,
            name,
            [
                y: Rows(l.y_len()), dx: Rows(x), x: Rows(x), mask: Rows(2), dy: Rows(l.y_len()),
                gates: Rows(l.gates_len()), a: Rows(l.a_len()), aux: Rows(l.aux_len()), pre: Rows(l.pre_len()),
                h: Rows(l.h_len()), drop: Rows(l.drop_len()), state: Rows(l.state_len()), sums: Rows(l.sums_len()), work: Rows(l.work_len()),
                w: Whole(l.k * l.n()), u: Whole(n * l.n()), b: Whole(biases), tmp: Scratch(scratch)
            ],
            |isa, first, r| {
                let weights = Weights { kernel: w, recurrent: u, bias: Some(b) };
                let key = Key { seed: 5, step: 3, stream: 1 };
                recurrent::draw(isa, drop, 0.5, Some(key), (first * l.drop_len()) as u64);
                mask.iter_mut().for_each(|mask| *mask = f32::from(*mask > -0.5));
                let mut saved = Saved { gates, a, aux, pre, h, drop, state, sums, work };
                let given = Given { mask: Some(mask), ..Given::default() };
                recurrent::forward(isa, &l, y, x, given, weights, &mut saved, tmp);
                recurrent::backward(isa, &l, dy, Some(mask), weights, &mut saved, tmp);
                recurrent::backward_data(isa, &l, dx, saved.gates, Some(mask), w, false, tmp);
                // Room for a step, where rows that count lie side by side.
                saved.sums.fill(0.0);
                saved.work.fill(0.0);
            }
        );
        let (a, gates, x, aux) = (3 * l.a_len(), 3 * l.gates_len(), 3 * x, 3 * l.aux_len());
        kernel!(
            all,
            format!("gradients of {cell:?}, {dropout}"),
            [
                dw: Whole(l.k * l.n()), w: Whole(l.k * l.n()), du: Whole(n * l.n()), u: Whole(n * l.n()),
                db: Whole(biases), b: Whole(biases), x: Whole(x), a: Whole(a), gates: Whole(gates), aux: Whole(aux), mask: Whole(6),
                tmp: Scratch(scratch)
            ],
            |isa, f, r| {
                mask.iter_mut().for_each(|mask| *mask = f32::from(*mask > -0.5));
                stored(w, dw, |out| recurrent::backward_kernel(isa, out, &l, x, gates, Some(mask), tmp));
                stored(u, du, |out| recurrent::backward_recurrent(isa, out, &l, a, gates, aux, Some(mask), tmp));
                stored(b, db, |out| recurrent::backward_bias(isa, out, &l, gates, aux))
            }
        );
    }
}

/// An LSTM over two steps of two by three positions, with and without dropout.
pub(super) fn convolved_cells(all: &mut Vec<Kernel>, n: usize) {
    let windows =
        Windows { n: [1, 2, 4], k: [1, 1, 2], stride: [1; 3], dilation: [1; 3], before: [0; 3], out: [1, 2, 3] };
    for dropout in [false, true] {
        let cell = Recurrent {
            cell: Cell::Lstm,
            steps: 2,
            k: 3,
            units: n,
            act: if dropout { Act::Gelu } else { Act::Tanh },
            recurrent_act: Act::Sigmoid,
            backwards: dropout,
            output: recurrent::Output::Sequence,
            states: true,
            zero_masked: false,
            inputs: if dropout { 4 } else { 1 },
            dropout,
        };
        let parts = cell.inputs;
        let input = Geometry { windows, cin: parts * cell.k, cout: cell.n(), groups: parts };
        let windows = Windows { n: windows.out, ..windows };
        let l =
            ConvRecurrent { cell, input, state: Geometry { windows, cin: parts * n, cout: cell.n(), groups: parts } };
        let [gates, a, aux, pre, h, drop, state, sums, work] = l.lens();
        let (w, u) = (l.input.depth() * l.input.cout, l.state.depth() * l.state.cout);
        let scratch = conv_recurrent_scratch(&l.input, &l.state);
        kernel!(
            all,
            format!("convolved cell, {dropout}"),
            [
                y: Rows(l.y_len()), dx: Rows(l.x_len()), dh: Rows(l.image()), x: Rows(l.x_len()), mask: Rows(2),
                dy: Rows(l.y_len()), gates: Rows(gates), a: Rows(a), aux: Rows(aux), pre: Rows(pre), h: Rows(h),
                drop: Rows(drop), state: Rows(state), sums: Rows(sums), work: Rows(work),
                w: Whole(w), u: Whole(u), b: Whole(l.cell.n()), tmp: Scratch(scratch)
            ],
            |isa, first, r| {
                let weights = Weights { kernel: w, recurrent: u, bias: Some(b) };
                let key = Key { seed: 5, step: 3, stream: 1 };
                recurrent::draw(isa, drop, 0.5, Some(key), (first * l.drop_len()) as u64);
                mask.iter_mut().for_each(|mask| *mask = f32::from(*mask > -0.5));
                let mut saved = Saved { gates, a, aux, pre, h, drop, state, sums, work };
                let given = Given { mask: Some(mask), ..Given::default() };
                conv_recurrent::forward(isa, &l, y, x, given, weights, &mut saved, tmp);
                conv_recurrent::backward(isa, &l, dy, Some(mask), weights, &mut saved, tmp);
                conv_recurrent::backward_data(isa, &l, dx, saved.gates, Some(mask), w, false, tmp);
                conv_recurrent::backward_state(isa, &l, 1, dh, saved.state, false)
            }
        );
        let (a, gates, x) = (3 * a, 3 * gates, 3 * l.x_len());
        kernel!(
            all,
            format!("gradients of a convolved cell, {dropout}"),
            [
                dw: Whole(w), w: Whole(w), du: Whole(u), u: Whole(u), db: Whole(l.cell.n()), b: Whole(l.cell.n()),
                x: Whole(x), a: Whole(a), gates: Whole(gates), mask: Whole(6), tmp: Scratch(scratch)
            ],
            |isa, f, r| {
                mask.iter_mut().for_each(|mask| *mask = f32::from(*mask > -0.5));
                stored(w, dw, |out| conv_recurrent::backward_kernel(isa, out, &l, x, gates, Some(mask), tmp));
                stored(u, du, |out| conv_recurrent::backward_recurrent(isa, out, &l, a, gates, Some(mask), tmp));
                stored(b, db, |out| conv_recurrent::backward_bias(isa, out, &l, gates))
            }
        );
    }
}
