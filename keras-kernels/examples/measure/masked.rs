//! Measures what masks save: a train step of an LSTM, of one of convolutions, and of attention with rows of different lengths,
//! beside one without a mask.

use std::hint::black_box;

use keras_kernels::Isa;
use keras_kernels::attention::{self, Heads, Learnt, Masked};
use keras_kernels::conv_recurrent;
use keras_kernels::memory::{Sink, Use};
use keras_kernels::philox::{self, Key};
use keras_kernels::recurrent::{self, Cell, Given, Output, Saved, Weights};
use keras_shapes::plan::{attention_scratch, conv_recurrent_scratch, masked_recurrent_scratch};

use crate::conv_recurrent::lstm;
use crate::recurrent::layer;
use crate::{Aligned, clock};

/// Steps of a sample.
const STEPS: usize = 64;

/// Lengths of the samples of a batch.
fn lengths(m: usize) -> [(&'static str, Vec<usize>); 5] {
    let key = Key { seed: 3, ..Key::default() };
    let drawn: Vec<usize> = (0..m).map(|i| 1 + (philox::uniform(key, i as u64) * STEPS as f32) as usize).collect();
    let mut sorted = drawn.clone();
    sorted.sort_unstable();
    [
        ("no mask", Vec::new()),
        ("all count", vec![STEPS; m]),
        ("any length", drawn),
        ("any length, sorted", sorted),
        ("a quarter counts", vec![STEPS / 4; m]),
    ]
}

/// Measures a batch of `m`.
pub(crate) fn measure(m: usize) {
    println!("LSTM of 64 units, {m} samples of {STEPS} steps of 64 features");
    recurrent(m);
    let few = m.div_ceil(8);
    for (n, filters) in [(4, 32), (8, 16)] {
        println!(
            "ConvLSTM of {filters} filters, 3 x 3, {few} samples of {STEPS} images of {n} x {n} of {filters} features"
        );
        convolutions(few, n, filters);
    }
    println!("attention of 4 heads of 16, {m} samples of {STEPS} steps");
    attention(m, false);
    println!("the same where queries are masked, too");
    attention(m, true);
}

/// Times a step with each mask in turn, and prints the medians beside the first of them.
fn compare(m: usize, mut step: impl FnMut(Option<&[f32]>)) {
    let kinds = lengths(m);
    let masks: Vec<Aligned> = kinds.iter().map(|(_, lengths)| mask(lengths)).collect();
    let mut times = vec![Vec::new(); kinds.len()];
    for _ in 0..60 {
        for (mask, times) in masks.iter().zip(&mut times) {
            let mask = (!mask.is_empty()).then_some(&**mask);
            step(mask);
            let before = clock();
            step(mask);
            times.push(clock() - before);
        }
    }
    let mut first = None;
    for ((name, lengths), times) in kinds.iter().zip(&mut times) {
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        let count = if lengths.is_empty() { m * STEPS } else { lengths.iter().sum() };
        let part = count as f64 / (m * STEPS) as f64;
        let ratio = median / *first.get_or_insert(median);
        println!("{name:<20} median {median:9.1} µs  {ratio:5.2} of the first, for {part:.2} of the steps");
    }
}

fn mask(lengths: &[usize]) -> Aligned {
    let mut mask = Aligned::random(lengths.len() * STEPS, 0.0);
    for (mask, len) in mask.chunks_exact_mut(STEPS).zip(lengths) {
        mask[..*len].fill(1.0);
    }
    mask
}

fn recurrent(m: usize) {
    let isa = Isa::current();
    let l = layer(Cell::Lstm, STEPS, 64, 64, Output::Sequence);
    let (k, u, n, rows) = (l.k, l.units, l.n(), m * l.steps);
    let mut tmp = Aligned::random(masked_recurrent_scratch(k, u, n), 0.0);
    let [w, recurrent, b] = [k * n, u * n, n].map(|len| Aligned::random(len, 0.2));
    let (mut weights, mut grads) = (Aligned::random(k * n, 0.2), Aligned::random(k * n, 0.0));
    let (x, mut dx) = (Aligned::random(rows * k, 2.0), Aligned::random(rows * k, 0.0));
    let (mut y, dy) = (Aligned::random(rows * u, 0.0), Aligned::random(rows * u, 0.1));
    let zeros = |len: usize| Aligned::random(m * len, 0.0);
    let mut kept = [l.gates_len(), l.a_len(), l.aux_len(), l.pre_len(), l.h_len(), l.drop_len()].map(zeros);
    let [gates, a, aux, pre, h, drop] = &mut kept;
    let (mut state, mut sums, mut work) = (zeros(l.state_len()), zeros(l.sums_len()), zeros(l.work_len()));
    let mut saved = Saved { gates, a, aux, pre, h, drop, state: &mut state, sums: &mut sums, work: &mut work };
    let both = Weights { kernel: &w, recurrent: &recurrent, bias: Some(&b) };
    compare(m, |mask| {
        recurrent::forward(isa, &l, &mut y, &x, Given { mask, ..Given::default() }, both, &mut saved, &mut tmp);
        recurrent::backward(isa, &l, &dy, mask, both, &mut saved, &mut tmp);
        recurrent::backward_data(isa, &l, &mut dx, saved.gates, mask, &w, false, &mut tmp);
        let mut sink = Sink::store(&mut weights, &mut grads, &[]);
        let out = sink.param(0, 0, k * n, Use::Only).unwrap();
        recurrent::backward_kernel(isa, out, &l, &x, saved.gates, mask, &mut tmp);
        let out = sink.param(0, 0, u * n, Use::Only).unwrap();
        recurrent::backward_recurrent(isa, out, &l, saved.a, saved.gates, saved.aux, mask, &mut tmp);
        let out = sink.param(0, 0, n, Use::Only).unwrap();
        recurrent::backward_bias(isa, out, &l, saved.gates, saved.aux);
    });
    black_box((&grads, &y, &dx));
}

fn convolutions(m: usize, n: usize, filters: usize) {
    let isa = Isa::current();
    let l = lstm(STEPS, n, filters, filters);
    let len = l.input.depth() * l.input.cout;
    let [w, recurrent, b] = [len, len, l.cell.n()].map(|len| Aligned::random(len, 0.1));
    let (mut weights, mut grads) = (Aligned::random(len, 0.1), Aligned::random(len, 0.0));
    let (x, mut dx) = (Aligned::random(m * l.x_len(), 2.0), Aligned::random(m * l.x_len(), 0.0));
    let (mut y, dy) = (Aligned::random(m * l.y_len(), 0.0), Aligned::random(m * l.y_len(), 0.1));
    let mut kept = l.lens().map(|len| Aligned::random(m * len, 0.0));
    let [gates, a, aux, pre, h, drop, state, sums, work] = &mut kept;
    let mut saved = Saved { gates, a, aux, pre, h, drop, state, sums, work };
    let mut tmp = Aligned::random(conv_recurrent_scratch(&l.input, &l.state), 0.0);
    let both = Weights { kernel: &w, recurrent: &recurrent, bias: Some(&b) };
    compare(m, |mask| {
        conv_recurrent::forward(isa, &l, &mut y, &x, Given { mask, ..Given::default() }, both, &mut saved, &mut tmp);
        conv_recurrent::backward(isa, &l, &dy, mask, both, &mut saved, &mut tmp);
        conv_recurrent::backward_data(isa, &l, &mut dx, saved.gates, mask, &w, false, &mut tmp);
        let mut sink = Sink::store(&mut weights, &mut grads, &[]);
        let out = sink.param(0, 0, len, Use::Only).unwrap();
        conv_recurrent::backward_kernel(isa, out, &l, &x, saved.gates, mask, &mut tmp);
        let out = sink.param(0, 0, len, Use::Only).unwrap();
        conv_recurrent::backward_recurrent(isa, out, &l, saved.a, saved.gates, mask, &mut tmp);
        let out = sink.param(0, 0, l.cell.n(), Use::Only).unwrap();
        conv_recurrent::backward_bias(isa, out, &l, saved.gates);
    });
    black_box((&grads, &y, &dx));
}

fn attention(m: usize, of_queries: bool) {
    let (isa, heads, depth) = (Isa::current(), 4, 16);
    let of = Heads {
        queries: STEPS,
        keys: STEPS,
        heads,
        kv_heads: heads,
        depth,
        width: depth,
        additive: false,
        scale: attention::scale(depth),
        causal: false,
        window: 0,
        none: false,
    };
    let len = m * STEPS * heads * depth;
    let [q, k, v, dy] = [(); 4].map(|()| Aligned::random(len, 2.0));
    let [mut y, mut dq, mut dk, mut dv] = [(); 4].map(|()| Aligned::random(len, 0.0));
    let mut tmp = Aligned::random(attention_scratch(STEPS, depth, depth), 0.0);
    compare(m, |mask| {
        let keys = mask.unwrap_or_default();
        let masked = Masked { queries: if of_queries { keys } else { &[] }, keys, pairs: &[] };
        attention::forward(isa, &mut y, [&q, &k, &v], masked, Learnt::NONE, None, &of, &mut tmp);
        let gradients: [&mut [f32]; 5] = [&mut dq, &mut dk, &mut dv, &mut [], &mut []];
        attention::backward(isa, gradients, &dy, [&q, &k, &v], masked, Learnt::NONE, None, &of, &mut tmp);
    });
    black_box((&y, &dq, &dk, &dv));
}
