//! Measures the kernels of a train step of the network of two convolutions that the benchmarks have, and some others.

use std::hint::black_box;

use keras_kernels::activation::{self, Act};
use keras_kernels::conv::{self, Geometry, Windows};
use keras_kernels::memory::{Sink, Use};
use keras_kernels::pool::{self, Pool};
use keras_kernels::{Isa, dense, peak};
use keras_shapes::windows::{conv_scratch, same, same_before};

use crate::{Aligned, timed};

/// Measures with a batch of `m`.
pub(crate) fn measure(m: usize) {
    for (n, k, padded, cin, cout) in [
        (28, 3, false, 1, 32),
        (13, 3, false, 32, 64),
        (32, 3, true, 3, 32),
        (28, 3, true, 64, 64),
        (14, 3, true, 256, 256),
        (28, 5, false, 6, 16),
    ] {
        let (out, before) = if padded { (n, same_before(n, k, 1)) } else { (n + 1 - k, 0) };
        let windows = Windows {
            n: [1, n, n],
            k: [1, k, k],
            stride: [1; 3],
            dilation: [1; 3],
            before: [0, before, before],
            out: [1, out, out],
        };
        println!("{cin} to {cout}, {n} x {n}, {k} x {k}, {}", if padded { "same" } else { "valid" });
        one(m, &Geometry { windows, cin, cout, groups: 1 });
    }
    for (n, k, stride, features, times) in [
        ([32, 32], [3, 3], 1, 64, 1),
        ([8, 8], [3, 3], 1, 32, 1),
        ([14, 14], [3, 3], 1, 256, 1),
        ([112, 112], [3, 3], 2, 32, 1),
        ([1, 256], [1, 7], 1, 64, 1),
        ([32, 32], [5, 5], 1, 24, 1),
        ([32, 32], [3, 3], 1, 32, 2),
        ([32, 32], [3, 3], 1, 8, 8),
    ] {
        depthwise(m, n, k, stride, features, times);
    }
    for (n, features) in [(26, 32), (11, 64)] {
        println!("pool {n} x {n}, {features}");
        pools(m, n, features);
    }
}

/// A convolution that makes of each feature some of its own, padded.
fn depthwise(m: usize, n: [usize; 2], k: [usize; 2], stride: usize, features: usize, times: usize) {
    let steps = k.map(|k| if k == 1 { 1 } else { stride });
    let pair = |of: fn(usize, usize, usize) -> usize| [0, 1].map(|i| of(n[i], k[i], steps[i]));
    let three = |one: usize, [a, b]: [usize; 2]| [one, a, b];
    let windows = Windows {
        n: three(1, n),
        k: three(1, k),
        stride: three(1, steps),
        dilation: [1; 3],
        before: three(0, pair(same_before)),
        out: three(1, pair(|n, _, stride| same(n, stride))),
    };
    let g = Geometry { windows, cin: features, cout: features * times, groups: features };
    println!("depthwise, {features} times {times}, {} x {}, {} x {}, stride {stride}", n[0], n[1], k[0], k[1]);
    one(m, &g);
    let floats = m * (g.windows.positions() * g.cin + g.windows.count() * g.cout);
    if let Some(read) = peak::bytes_read(Isa::current(), 4 * floats) {
        println!("{:<28} {:14.2} µs", "to read input and output", 4.0 * floats as f64 / read);
    }
}

fn one(m: usize, g: &Geometry) {
    let isa = Isa::current();
    let (inside, count) = (m * g.windows.positions() * g.cin, m * g.windows.count() * g.cout);
    let work = m * g.windows.count() * g.depth() * g.cout;
    let (x, mut dx) = (Aligned::random(inside, 2.0), Aligned::random(inside, 0.0));
    let (mut y, mut dy) = (Aligned::random(count, 0.0), Aligned::random(count, 0.1));
    let (mut w, mut dw) = (Aligned::random(g.depth() * g.cout, 0.2), Aligned::random(g.depth() * g.cout, 0.0));
    let (b, mut tmp) = (Aligned::random(g.cout, 0.1), Aligned::random(conv_scratch(g), 0.0));
    timed("forward", work, || {
        conv::forward(isa, &mut y, black_box(&x), &w, Some(&b), Act::Linear, m, g, &mut tmp);
    });
    timed("forward, relu", work, || {
        conv::forward(isa, &mut y, black_box(&x), &w, Some(&b), Act::Relu, m, g, &mut tmp);
    });
    timed("relu backward", 0, || activation::backward(isa, &mut dy, None, black_box(&y), Act::Relu, false));
    timed("backward data", work, || conv::backward_data(isa, &mut dx, black_box(&dy), &w, m, g, false, &mut tmp));
    let len = w.len();
    timed("backward kernel", work, || {
        let mut sink = Sink::store(&mut w, &mut dw, &[]);
        let out = sink.param(0, 0, len, Use::Only).expect("not frozen");
        conv::backward_kernel(isa, out, black_box(&x), &dy, m, g, &mut tmp);
    });
    let (mut b, mut db) = (Aligned::random(g.cout, 0.1), Aligned::random(g.cout, 0.0));
    timed("backward bias", 0, || {
        let mut sink = Sink::store(&mut b, &mut db, &[]);
        let out = sink.param(0, 0, g.cout, Use::Only).expect("not frozen");
        dense::backward_bias(isa, out, black_box(&dy), m * g.windows.count(), g.cout);
    });
}

fn pools(m: usize, n: usize, features: usize) {
    let isa = Isa::current();
    let (k, out) = (2, n / 2);
    let windows =
        Windows { n: [1, n, n], k: [1, k, k], stride: [1, k, k], dilation: [1; 3], before: [0; 3], out: [1, out, out] };
    let (inside, count) = (m * windows.positions() * features, m * windows.count() * features);
    let (x, mut dx) = (Aligned::random(inside, 2.0), Aligned::random(inside, 0.0));
    let (mut y, dy) = (Aligned::random(count, 0.0), Aligned::random(count, 0.1));
    for kind in [Pool::Max, Pool::Average] {
        timed(&format!("{kind:?}"), 0, || pool::forward(isa, &mut y, black_box(&x), kind, m, features, &windows));
        timed(&format!("{kind:?} backward"), 0, || {
            pool::backward(isa, &mut dx, black_box(&dy), &x, &y, kind, m, features, &windows, false);
        });
    }
}
