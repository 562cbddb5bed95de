//! Hot kernels.

use std::hint::black_box;

use keras_kernels::activation::{self, Act};
use keras_kernels::memory::{Sink, Use};
use keras_kernels::{Isa, adam, crossentropy, dense, sgd, softmax};
use keras_shapes::plan::dense_scratch;

use super::{Cases, Work};

pub(crate) const CASES: Cases = &[
    ("dense/forward_32x784x64", || forward(32, 784, 64)),
    ("dense/forward_1x784x64", || forward(1, 784, 64)),
    ("dense/forward_96x96x96", || forward(96, 96, 96)),
    ("dense/backward_data_32x64x10", || backward_data(32, 64, 10)),
    ("dense/backward_data_32x128x128", || backward_data(32, 128, 128)),
    ("dense/backward_kernel_32x784x64", || backward_kernel(32, 784, 64)),
    ("activation/relu", || activation(Act::Relu)),
    ("activation/sigmoid", || activation(Act::Sigmoid)),
    ("activation/tanh", || activation(Act::Tanh)),
    ("activation/gelu", || activation(Act::Gelu)),
    ("softmax/of_10", || softmax(10)),
    ("softmax/of_64", || softmax(64)),
    ("crossentropy/of_10", entropy),
    ("sgd/nesterov", nesterov),
    ("adam/update", adam),
];

const LEN: usize = 7680;

/// From −scale / 2 to scale / 2 in no order.
fn floats(len: usize, scale: f32) -> Vec<f32> {
    (0..len).map(|i| ((i * 7919 % 1009) as f32 / 1008.0 - 0.5) * scale).collect()
}

fn forward(m: usize, k: usize, n: usize) -> Work {
    let (x, w, b) = (floats(m * k, 1.0), floats(k * n, 1.0), floats(n, 1.0));
    let (mut y, mut tmp) = (floats(m * n, 0.0), floats(dense_scratch(k, n), 0.0));
    Box::new(move || dense::forward(Isa::current(), black_box(&mut y), &x, &w, Some(&b), Act::Relu, m, k, n, &mut tmp))
}

fn backward_data(m: usize, k: usize, n: usize) -> Work {
    let (dy, w) = (floats(m * n, 1.0), floats(k * n, 1.0));
    let (mut dx, mut tmp) = (floats(m * k, 0.0), floats(dense_scratch(k, n), 0.0));
    Box::new(move || dense::backward_data(Isa::current(), black_box(&mut dx), &dy, &w, m, k, n, false, &mut tmp))
}

fn backward_kernel(m: usize, k: usize, n: usize) -> Work {
    let (x, dy) = (floats(m * k, 1.0), floats(m * n, 1.0));
    let (mut w, mut dw, mut tmp) = (floats(k * n, 1.0), floats(k * n, 0.0), floats(dense_scratch(k, n), 0.0));
    Box::new(move || {
        let mut sink = Sink::store(&mut w, black_box(&mut dw), &[]);
        let out = sink.param(0, 0, k * n, Use::Only).expect("not frozen");
        dense::backward_kernel(Isa::current(), out, &x, &dy, m, k, n, &mut tmp);
    })
}

fn activation(act: Act) -> Work {
    let (x, mut y) = (floats(LEN, 8.0), floats(LEN, 0.0));
    Box::new(move || activation::forward(Isa::current(), black_box(&mut y), Some(&x), act))
}

fn softmax(n: usize) -> Work {
    let (x, mut y) = (floats(LEN, 8.0), floats(LEN, 0.0));
    Box::new(move || softmax::forward(Isa::current(), black_box(&mut y), Some(&x), n))
}

fn entropy() -> Work {
    const N: usize = 10;
    let (z, mut p, mut dz) = (floats(LEN, 8.0), floats(LEN, 0.0), floats(LEN, 0.0));
    softmax::forward(Isa::current(), &mut p, Some(&z), N);
    let (labels, scale, mut losses) = (vec![3; LEN / N], vec![0.1; LEN / N], vec![0.0; LEN / N]);
    Box::new(move || crossentropy::sparse(Isa::current(), black_box(&mut dz), &z, &p, &labels, &scale, &mut losses, N))
}

fn nesterov() -> Work {
    let (g, mut w, mut m) = (floats(LEN, 0.1), floats(LEN, 1.0), floats(LEN, 0.0));
    Box::new(move || sgd::update(Isa::current(), black_box(&mut w), &g, &mut m, 0.01, 0.9, true, 0.0))
}

fn adam() -> Work {
    let (g, mut w) = (floats(LEN, 0.1), floats(LEN, 1.0));
    let (mut m, mut v) = (floats(LEN, 0.0), floats(LEN, 0.0));
    Box::new(move || {
        let w = black_box(&mut w);
        adam::update(Isa::current(), w, &g, &mut m, &mut v, &mut [], 0.001, 0.9, 0.999, 1e-7, 0.0);
    })
}
