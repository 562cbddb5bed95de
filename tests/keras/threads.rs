//! Any number of threads gives the same weights, to the bit.

use keras::__private::Block;
use keras::__private::kernels::Isa;
use keras::__private::kernels::isa::with_isa;
use keras::layer::{Backward, Call};
use keras::optimizers::LossScaleOptimizer;
use keras::prelude::*;
use keras::{Layer, Weights};

use crate::support::count::allocations;

sequential! { struct Mlp< Input(784), Dense(64, relu), Dense(10, softmax) >; }
sequential! { struct Base< Input(96), Dense(80, tanh, kernel_regularizer = L2(0.01)), Dropout(0.25), Dense(64) >; }

/// Multiplies by a number and by one weight.
struct Scale(f32);

#[derive(Weights)]
#[repr(C)]
struct Factor {
    #[weight(initializer = Ones)]
    factor: [f32; 1],
}

impl<const N: usize> Layer<[f32; N]> for Scale {
    type Output = [f32; N];
    type Weights = Factor;
    type Saved = [f32; 0];

    fn forward(&self, _: &Call, w: &Factor, x: &[[f32; N]], y: &mut [[f32; N]], _: &mut [[f32; 0]]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = x.map(|x| self.0 * w.factor[0] * x);
        }
    }

    fn backward_data(&self, _: &Call, w: &Factor, pass: Backward<'_, [f32; N], Self>, dx: &mut [[f32; N]]) {
        for (dx, dy) in dx.as_flattened_mut().iter_mut().zip(pass.dy.as_flattened()) {
            *dx += self.0 * w.factor[0] * dy;
        }
    }

    fn backward_params(&self, _: &Call, _: &Factor, pass: Backward<'_, [f32; N], Self>, dw: &mut Factor) {
        for (x, dy) in pass.x.as_flattened().iter().zip(pass.dy.as_flattened()) {
            dw.factor[0] += self.0 * x * dy;
        }
    }
}

model! {
    struct Parts(x: [96]) {
        let twice = Dense(96, relu, kernel_regularizer = L1(0.001), bias_regularizer = L2(0.01));
        let h = twice(self::Scale(0.5)(twice(x)));
        let base = self::Base;
        Dense(10, softmax)(base(h) + base(PReLU()(Dropout(0.3)(twice(x)))))
    }
}

/// Numbers that look random, and labels.
fn data<const N: usize>(n: usize) -> (Vec<[f32; N]>, Vec<u8>) {
    let value = |i: usize| (i as u32).wrapping_mul(2_654_435_761) as f32 / u32::MAX as f32 - 0.5;
    let x = (0..n).map(|row| std::array::from_fn(|i| value(row * N + i))).collect();
    (x, (0..n).map(|row| (row * 7 % 10) as u8).collect())
}

/// Trains on so many threads, each fourth step on a smaller batch, and gives the bits of the weights.
macro_rules! bits {
    ($model:ident, $optimizer:expr, $threads:expr, $steps:expr) => {{
        let (x, y) = data(160);
        let loss = SparseCategoricalCrossentropy::default();
        let mut model = $model::seeded(1).compile($optimizer, loss, ()).unwrap().seed(2).threads($threads);
        for step in 0..$steps {
            let n = if step % 4 == 3 { 99 } else { 160 };
            model.train_on_batch(&x[..n], &y[..n]).unwrap();
        }
        assert_eq!(allocations(|| model.train_on_batch(&x, &y).map(|_| ()).unwrap()), 0);
        model.as_slice().iter().map(|w| w.to_bits()).collect::<Vec<u32>>()
    }};
}

macro_rules! same {
    ($model:ident, $optimizer:expr, $steps:expr) => {
        let one = bits!($model, $optimizer, 1, $steps);
        for threads in [2, 7] {
            let several = bits!($model, $optimizer, threads, $steps);
            assert!(several == one, "{threads} threads give other weights than one");
        }
    };
}

#[test]
fn a_hundred_steps() {
    same!(Mlp, Sgd::new(0.01).momentum(0.9).nesterov(true), 100);
}

#[test]
fn every_kind_of_weight() {
    same!(Parts, Adam::default(), 9);
}

#[test]
fn a_rule_for_whole_tensors() {
    same!(Parts, Sgd::new(0.1).global_clipnorm(0.5), 9);
}

/// Gradients of a scaled loss are all there before the first weight is updated. A power of two changes no bit of the weights.
#[test]
fn a_scaled_loss() {
    let scaled = |inner: Adam| LossScaleOptimizer::new(inner).initial_scale(1024.0);
    same!(Parts, scaled(Adam::default()), 9);
    assert!(bits!(Parts, scaled(Adam::default()), 2, 9) == bits!(Parts, Adam::default(), 1, 9));
    same!(Parts, scaled(Adam::default().clipnorm(0.1)), 9);
}

#[test]
fn every_instruction_set() {
    for isa in Isa::available() {
        with_isa(isa, || {
            same!(Mlp, Adam::default(), 3);
        });
    }
}

#[test]
fn two_models_at_once() {
    let alone = bits!(Mlp, Adam::default(), 2, 20);
    std::thread::scope(|scope| {
        let both: Vec<_> = (0..2).map(|_| scope.spawn(|| bits!(Mlp, Adam::default(), 2, 20))).collect();
        for other in both {
            assert!(other.join().unwrap() == alone);
        }
    });
}

#[test]
fn evaluation_too() {
    let (x, y) = data(160);
    let evaluate = |threads| {
        let loss = SparseCategoricalCrossentropy::default();
        let mut model = Mlp::seeded(1).compile(Adam::default(), loss, (Accuracy::default(),)).unwrap().threads(threads);
        let scores = model.evaluate(&x, &y, Evaluate::batch_size(150).verbose(0)).unwrap();
        scores.to_string()
    };
    assert_eq!(evaluate(2), evaluate(1));
}
