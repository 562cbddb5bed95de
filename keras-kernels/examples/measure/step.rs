//! Measures the kernels of a train step of a 784-64-10 network, each and together.

use std::hint::black_box;

use keras_kernels::activation::{self, Act};
use keras_kernels::memory::{Rule, Sink, Slots, Use};
use keras_kernels::{Isa, crossentropy, dense, sgd, softmax};

use crate::{Aligned, timed};

const IN: usize = 784;
const HIDDEN: usize = 64;
const OUT: usize = 10;

struct Nesterov(Isa);

impl Rule for Nesterov {
    fn update(&self, w: &mut [f32], g: &[f32], [m, ..]: Slots<'_>) {
        sgd::update(self.0, w, g, m, 0.01, 0.9, true, 0.0);
    }
}

/// Measures a step with a batch of `m`.
pub(crate) fn measure(m: usize) {
    let isa = Isa::current();
    let (l1, b1, l2, b2) = (0, IN * HIDDEN, IN * HIDDEN + HIDDEN, IN * HIDDEN + HIDDEN + HIDDEN * OUT);
    let len = b2 + OUT;
    let mut weights = Aligned::random(len, 0.2);
    let (mut grads, mut slot) = (Aligned::random(len, 0.0), Aligned::random(len, 0.0));
    let x = Aligned::random(m * IN, 2.0);
    let labels: Vec<u32> = (0..m as u32).map(|i| i % OUT as u32).collect();
    let scale = vec![1.0 / m as f32; m];
    let (mut h, mut z, mut p, mut losses) =
        (Aligned::random(m * HIDDEN, 0.0), Aligned::random(m * OUT, 0.0), Aligned::random(m * OUT, 0.0), vec![0.0; m]);
    let (mut dz, mut dh) = (Aligned::random(m * OUT, 0.0), Aligned::random(m * HIDDEN, 0.0));
    let mut tmp = Aligned::random(512 * 64, 0.0);
    let rule = Nesterov(isa);

    let mut w = Aligned::random(len, 0.0);
    w.copy_from_slice(&weights);
    timed("dense forward 784-64", m * IN * HIDDEN, || {
        dense::forward(isa, &mut h, &x, &w[..b1], Some(&w[b1..l2]), Act::Relu, m, IN, HIDDEN, &mut tmp);
    });
    timed("dense forward 64-10", m * HIDDEN * OUT, || {
        dense::forward(isa, &mut z, &h, &w[l2..b2], Some(&w[b2..]), Act::Linear, m, HIDDEN, OUT, &mut tmp);
    });
    timed("softmax", 0, || softmax::forward(isa, &mut p, Some(&z), OUT));
    timed("crossentropy", 0, || crossentropy::sparse(isa, &mut dz, &z, &p, &labels, &scale, &mut losses, OUT));
    timed("dense backward data 64-10", m * HIDDEN * OUT, || {
        dense::backward_data(isa, &mut dh, &dz, &w[l2..b2], m, HIDDEN, OUT, false, &mut tmp);
    });
    timed("relu backward", 0, || activation::backward(isa, &mut dh, None, &h, Act::Relu, false));
    timed("dense backward kernel stored", m * IN * HIDDEN, || {
        let mut sink = Sink::store(&mut weights, &mut grads, &[]);
        dense::backward_kernel(isa, sink.param(0, l1, b1, Use::Only).unwrap(), &x, &dh, m, IN, HIDDEN, &mut tmp);
    });
    timed("dense backward kernel fused", m * IN * HIDDEN, || {
        let mut slots = [&mut slot[..]];
        let mut sink = Sink::update(&mut weights, &mut grads, &[], &rule, &mut slots);
        dense::backward_kernel(isa, sink.param(0, l1, b1, Use::Only).unwrap(), &x, &dh, m, IN, HIDDEN, &mut tmp);
    });
    timed("dense backward bias 64", 0, || {
        let mut slots = [&mut slot[..]];
        let mut sink = Sink::update(&mut weights, &mut grads, &[], &rule, &mut slots);
        dense::backward_bias(isa, sink.param(1, b1, HIDDEN, Use::Only).unwrap(), &dh, m, HIDDEN);
    });
    timed("dense backward kernel 64-10", m * HIDDEN * OUT, || {
        let mut slots = [&mut slot[..]];
        let mut sink = Sink::update(&mut weights, &mut grads, &[], &rule, &mut slots);
        dense::backward_kernel(isa, sink.param(2, l2, b2 - l2, Use::Only).unwrap(), &h, &dz, m, HIDDEN, OUT, &mut tmp);
    });
    timed("dense backward bias 10", 0, || {
        let mut slots = [&mut slot[..]];
        let mut sink = Sink::update(&mut weights, &mut grads, &[], &rule, &mut slots);
        dense::backward_bias(isa, sink.param(3, b2, OUT, Use::Only).unwrap(), &dz, m, OUT);
    });
    weights.copy_from_slice(&w);
    slot.fill(0.0);
    timed("whole step", m * (2 * IN + 3 * OUT) * HIDDEN, || {
        let w = &weights;
        dense::forward(isa, &mut h, &x, &w[..b1], Some(&w[b1..l2]), Act::Relu, m, IN, HIDDEN, &mut tmp);
        dense::forward(isa, &mut z, &h, &w[l2..b2], Some(&w[b2..]), Act::Linear, m, HIDDEN, OUT, &mut tmp);
        softmax::forward(isa, &mut p, Some(&z), OUT);
        crossentropy::sparse(isa, &mut dz, &z, &p, &labels, &scale, &mut losses, OUT);
        dense::backward_data(isa, &mut dh, &dz, &w[l2..b2], m, HIDDEN, OUT, false, &mut tmp);
        activation::backward(isa, &mut dh, None, &h, Act::Relu, false);
        let mut slots = [&mut slot[..]];
        let mut sink = Sink::update(&mut weights, &mut grads, &[], &rule, &mut slots);
        dense::backward_kernel(isa, sink.param(0, l1, b1, Use::Only).unwrap(), &x, &dh, m, IN, HIDDEN, &mut tmp);
        dense::backward_bias(isa, sink.param(1, b1, HIDDEN, Use::Only).unwrap(), &dh, m, HIDDEN);
        dense::backward_kernel(isa, sink.param(2, l2, b2 - l2, Use::Only).unwrap(), &h, &dz, m, HIDDEN, OUT, &mut tmp);
        dense::backward_bias(isa, sink.param(3, b2, OUT, Use::Only).unwrap(), &dz, m, OUT);
    });
    black_box((&weights, &losses));
    println!("loss {}", losses.iter().sum::<f32>() / m as f32);
}
