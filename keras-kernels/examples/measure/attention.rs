//! Measures attention by itself: small heads over few steps, and large ones over many; and the other kernels of an encoder.

use std::hint::black_box;

use keras_kernels::attention::{self, Dropped, Heads, Key, Learnt, Masked};
use keras_kernels::memory::{Sink, Use};
use keras_kernels::normalization::{self, Groups};
use keras_kernels::{Isa, dense};
use keras_shapes::plan::{attention_scratch, dense_scratch};

use crate::{Aligned, timed};

/// Measures a batch of `m` with small heads, and an eighth of it with large ones.
pub(crate) fn measure(m: usize) {
    for (m, steps, heads, depth, causal) in
        [(m, 28, 4, 16, false), (m.div_ceil(8), 256, 8, 64, false), (m, 28, 4, 16, true)]
    {
        println!("{m} samples of {steps} steps, {heads} heads of {depth}{}", if causal { ", causal" } else { "" });
        one(m, steps, heads, depth, causal);
    }
    around(m * 28, 64);
}

fn one(m: usize, steps: usize, heads: usize, depth: usize, causal: bool) {
    let isa = Isa::current();
    let of = Heads {
        queries: steps,
        keys: steps,
        heads,
        kv_heads: heads,
        depth,
        width: depth,
        additive: false,
        scale: attention::scale(depth),
        causal,
        window: 0,
        none: false,
    };
    let len = m * steps * heads * depth;
    let [q, k, v, dy] = [(); 4].map(|()| Aligned::random(len, 2.0));
    let [mut y, mut dq, mut dk, mut dv] = [(); 4].map(|()| Aligned::random(len, 0.0));
    let mut tmp = Aligned::random(attention_scratch(steps, depth, depth), 0.0);
    let product = m * heads * steps * steps * depth / if causal { 2 } else { 1 };
    for dropped in [None, Some(Dropped { rate: 0.1, key: Key { seed: 1, step: 1, stream: 1 }, first: 0 })] {
        let with = if dropped.is_some() { ", dropout" } else { "" };
        timed(&format!("forward{with}"), 2 * product, || {
            attention::forward(isa, &mut y, [&q, &k, &v], Masked::NONE, Learnt::NONE, dropped, &of, &mut tmp);
        });
        timed(&format!("backward{with}"), 4 * product, || {
            let gradients: [&mut [f32]; 5] = [&mut dq, &mut dk, &mut dv, &mut [], &mut []];
            attention::backward(isa, gradients, &dy, [&q, &k, &v], Masked::NONE, Learnt::NONE, dropped, &of, &mut tmp);
        });
    }
    black_box((&y, &dq, &dk, &dv));
}

/// What else an encoder of `n` features computes, over so many rows.
fn around(rows: usize, n: usize) {
    println!("{rows} rows of {n}");
    let isa = Isa::current();
    let [x, dy] = [(); 2].map(|()| Aligned::random(rows * n, 2.0));
    let [mut y, mut dx] = [(); 2].map(|()| Aligned::random(rows * n, 0.0));
    let (mut weights, mut grads) = (Aligned::random(n * n, 0.2), Aligned::random(n * n, 0.0));
    let (w, b) = (Aligned::random(n * n, 0.2), Aligned::random(n, 0.2));
    let mut tmp = Aligned::random(dense_scratch(n, n), 0.0);
    let product = rows * n * n;
    timed("dense forward", product, || {
        dense::forward(isa, &mut y, &x, &w, Some(&b), Default::default(), rows, n, n, &mut tmp);
    });
    timed("dense data", product, || dense::backward_data(isa, &mut dx, &dy, &w, rows, n, n, true, &mut tmp));
    timed("dense kernel", product, || {
        let mut sink = Sink::store(&mut weights, &mut grads, &[]);
        dense::backward_kernel(isa, sink.param(0, 0, n * n, Use::Only).unwrap(), &x, &dy, rows, n, n, &mut tmp);
    });
    timed("dense bias", 0, || {
        let mut sink = Sink::store(&mut weights[..n], &mut grads[..n], &[]);
        dense::backward_bias(isa, sink.param(0, 0, n, Use::Only).unwrap(), &dy, rows, n);
    });
    let of = Groups { positions: 1, groups: 1, depth: n, epsilon: 1e-3, centered: true };
    let mut stats = Aligned::random(2 * rows, 0.0);
    timed("normalization", 0, || {
        normalization::forward(isa, &mut y, &x, Some(&b), Some(&b), &mut stats, &of, &mut tmp);
    });
    timed("normalization data", 0, || {
        normalization::backward_data(isa, &mut dx, &dy, &x, Some(&b), &stats, &of, false, &mut tmp);
    });
    timed("normalization gamma", 0, || {
        let mut sink = Sink::store(&mut weights[..n], &mut grads[..n], &[]);
        normalization::backward_gamma(isa, sink.param(0, 0, n, Use::Only).unwrap(), &x, &dy, &stats, &of);
    });
    black_box((&y, &dx, &weights));
}
