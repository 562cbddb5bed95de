//! Where the time of `fit` goes: 784-64-10 on 60,000 samples, batches of 32, one thread.
//!
//!     cargo bench --bench profile
//!
//! prints the table of docs/profile.md. The phases of the model are timed one by one over the same shuffled batches; what
//! the whole of `fit` takes beyond them is what the training loop adds.

use std::hint::black_box;
use std::time::Instant;

use keras::__private::kernels::Isa;
use keras::__private::kernels::memory::{Sink, Workspace};
use keras::__private::{Block, Context};
use keras::optimizers::Step;
use keras::prelude::*;
use keras::{Model, Samples};

sequential! { struct Mlp< Input(784), Dense(64, relu), Dense(10, softmax) >; }

const SAMPLES: usize = 60_000;
const BATCH: usize = 32;
/// Each figure is the least of so many epochs, so that what other programs take does not count.
const EPOCHS: usize = 7;

fn sgd() -> Sgd {
    // So slow that nothing is learnt: vanishing gradients are subnormal numbers, which processors are slow at.
    Sgd::new(1e-6).momentum(0.9).nesterov(true)
}

/// Microseconds for each batch: the least over the epochs.
#[derive(Clone, Copy)]
struct Least(f64);

impl Least {
    const NONE: Least = Least(f64::INFINITY);

    fn take(&mut self, seconds: f64) {
        self.0 = self.0.min(seconds * 1e6 / (SAMPLES / BATCH) as f64);
    }
}

fn main() {
    let pixel = |i: usize, j: usize| ((i * 31 + j * 17) % 256) as f32 / 255.0;
    let x: Vec<[f32; 784]> = (0..SAMPLES).map(|i| std::array::from_fn(|j| pixel(i, j))).collect();
    let y: Vec<[f32; 10]> = (0..SAMPLES).map(|i| std::array::from_fn(|j| f32::from(u8::from(i % 10 == j)))).collect();
    // An order without a pattern that the processor could foresee: 7919 is prime and shares no factor with the number.
    let order: Vec<u32> = (0..SAMPLES).map(|i| (i * 7919 * 37 % SAMPLES) as u32).collect();

    let compiled = || {
        let loss = CategoricalCrossentropy::default();
        Mlp::seeded(1).compile(sgd(), loss, (Accuracy::default(),)).expect("compiled").threads(1)
    };
    let (mut whole, mut steps, mut copies) = (Least::NONE, Least::NONE, Least::NONE);
    let mut phases = [Least::NONE; 3];
    let mut model = compiled();
    let mut weights = Mlp::seeded(1);
    let (mut grads, mut velocity) = (vec![0.0; Mlp::FLOATS], vec![0.0; Mlp::FLOATS]);
    let (mut xs, mut workspace, mut optimizer) = (Vec::new(), Workspace::new(), sgd());
    let cx = Context { training: true, fused_heads: 1, ..Context::inference(Isa::current()) };
    for _ in 0..EPOCHS {
        let begin = Instant::now();
        model.fit(&x, &y, Fit::epochs(1).batch_size(BATCH).verbose(0)).expect("a history");
        whole.take(begin.elapsed().as_secs_f64());

        let begin = Instant::now();
        for _ in 0..SAMPLES / BATCH {
            black_box(model.train_on_batch(&x[..BATCH], &y[..BATCH])).expect("scores");
        }
        steps.take(begin.elapsed().as_secs_f64());

        let mut seconds = [0.0; 4];
        for rows in order.chunks_exact(BATCH) {
            let mut last = Instant::now();
            let mut lap = |i: usize| {
                let now = Instant::now();
                seconds[i] += (now - last).as_secs_f64();
                last = now;
            };
            let batch = <[f32; 784]>::gather(&x, rows, &mut xs);
            lap(3);
            let mut values = workspace.batch(Mlp::GRAPH.train.layout, BATCH, 1);
            weights.forward(&cx, batch, &mut values.rows());
            lap(0);
            let logits = Mlp::GRAPH.train.grads[Mlp::GRAPH.outputs[0].logits].expect("the gradient of the logits");
            values.get_mut(logits).fill(1e-3);
            lap(0);
            weights.backward_data(&cx, batch, &mut values.rows());
            lap(1);
            let Step::Elementwise(rule) = optimizer.step(0) else { unreachable!("Sgd updates weight by weight") };
            let slots = &mut [&mut velocity[..]];
            let mut sink = Sink::update(weights.as_mut_slice(), &mut grads, &[], rule, slots);
            Mlp::backward_params(&cx, batch, &mut values.whole(), &mut sink);
            lap(2);
        }
        copies.take(seconds[3]);
        for (least, &seconds) in phases.iter_mut().zip(&seconds) {
            least.take(seconds);
        }
    }
    let kernels: f64 = phases.iter().map(|phase| phase.0).sum();
    let (whole, steps, copies) = (whole.0, steps.0, copies.0);
    let row = |what: &str, time: f64| println!("| {what} | {time:.1} | {:.1} % |", time / whole * 100.0);
    println!("| part of a step of `fit` | µs | share |\n|---|---|---|");
    row("forward pass", phases[0].0);
    row("gradients of activations", phases[1].0);
    row("gradients of weights, with the update", phases[2].0);
    row("loss and accuracy", steps - kernels);
    row("copying 32 samples from anywhere in 188 MB", copies);
    row("the rest: order, callbacks, scores, colder caches", whole - steps - copies);
    row("whole", whole);
}
