//! Layers of the user's, and models, at each step of a sequence.

use keras::layer::{Backward, Call};
use keras::prelude::*;
use keras::{Layer, Weights};

use crate::support::layer_test::{allocates_nothing, directions, equal, survives_a_file};

/// tanh(x · kernel), which keeps its slopes, drops some numbers, and remembers a mean of what it is given.
struct Layered<const UNITS: usize> {
    rate: f32,
}

impl<const UNITS: usize> Layered<UNITS> {
    const fn new(rate: f32) -> Layered<UNITS> {
        Layered { rate }
    }

    fn factor(&self, call: &Call, row: usize, i: usize) -> f32 {
        let dropped = call.training && call.uniform(row, i) < self.rate;
        if dropped { 0.0 } else { 1.0 }
    }
}

#[derive(Weights)]
#[repr(C)]
struct LayeredWeights<const N: usize, const UNITS: usize> {
    #[weight(regularizer = L2(0.1))]
    kernel: [[f32; UNITS]; N],
    #[weight(initializer = Zeros, trainable = false)]
    mean: [f32; 1],
}

impl<const N: usize, const UNITS: usize> Layer<[f32; N]> for Layered<UNITS> {
    type Output = [f32; UNITS];
    type Weights = LayeredWeights<N, UNITS>;
    type Saved = [f32; UNITS];

    fn forward(
        &self,
        call: &Call,
        w: &Self::Weights,
        x: &[[f32; N]],
        y: &mut [Self::Output],
        saved: &mut [[f32; UNITS]],
    ) {
        for (row, ((y, x), slope)) in y.iter_mut().zip(x).zip(saved).enumerate() {
            for j in 0..UNITS {
                let tanh = x.iter().zip(&w.kernel).map(|(x, w)| x * w[j]).sum::<f32>().tanh();
                let factor = self.factor(call, row, j);
                (y[j], slope[j]) = (factor * tanh, factor * (1.0 - tanh * tanh));
            }
        }
    }

    fn backward_data(&self, _: &Call, w: &Self::Weights, pass: Backward<'_, [f32; N], Self>, dx: &mut [[f32; N]]) {
        for ((dx, slope), dy) in dx.iter_mut().zip(pass.saved).zip(pass.dy) {
            for (dx, w) in dx.iter_mut().zip(&w.kernel) {
                *dx += (0..UNITS).map(|j| dy[j] * slope[j] * w[j]).sum::<f32>();
            }
        }
    }

    fn backward_params(&self, _: &Call, _: &Self::Weights, pass: Backward<'_, [f32; N], Self>, dw: &mut Self::Weights) {
        for ((x, slope), dy) in pass.x.iter().zip(pass.saved).zip(pass.dy) {
            for (x, dw) in x.iter().zip(&mut dw.kernel) {
                (0..UNITS).for_each(|j| dw[j] += x * dy[j] * slope[j]);
            }
        }
    }

    fn update_state(&self, _: &Call, pass: Backward<'_, [f32; N], Self>, w: &mut Self::Weights) {
        w.mean = [pass.x.as_flattened().iter().sum::<f32>() / pass.x.as_flattened().len() as f32];
    }
}

/// The same without dropout, without a mean.
struct Plain<const UNITS: usize>(Layered<UNITS>);

impl<const UNITS: usize> Plain<UNITS> {
    const fn new() -> Plain<UNITS> {
        Plain(Layered::new(0.0))
    }
}

#[derive(Weights)]
#[repr(C)]
struct PlainWeights<const N: usize, const UNITS: usize> {
    #[weight(regularizer = L2(0.1))]
    kernel: [[f32; UNITS]; N],
}

impl<const N: usize, const UNITS: usize> Layer<[f32; N]> for Plain<UNITS> {
    type Output = [f32; UNITS];
    type Weights = PlainWeights<N, UNITS>;
    type Saved = [f32; 0];

    fn forward(&self, call: &Call, w: &Self::Weights, x: &[[f32; N]], y: &mut [Self::Output], _: &mut [[f32; 0]]) {
        let w = LayeredWeights { kernel: w.kernel, mean: [0.0] };
        for (y, x) in y.iter_mut().zip(x) {
            self.0.forward(call, &w, &[*x], std::slice::from_mut(y), &mut [[0.0; UNITS]]);
        }
    }

    fn backward_data(&self, _: &Call, w: &Self::Weights, pass: Backward<'_, [f32; N], Self>, dx: &mut [[f32; N]]) {
        for ((dx, y), dy) in dx.iter_mut().zip(pass.y).zip(pass.dy) {
            for (dx, w) in dx.iter_mut().zip(&w.kernel) {
                *dx += (0..UNITS).map(|j| dy[j] * (1.0 - y[j] * y[j]) * w[j]).sum::<f32>();
            }
        }
    }

    fn backward_params(&self, _: &Call, _: &Self::Weights, pass: Backward<'_, [f32; N], Self>, dw: &mut Self::Weights) {
        for ((x, y), dy) in pass.x.iter().zip(pass.y).zip(pass.dy) {
            for (x, dw) in x.iter().zip(&mut dw.kernel) {
                (0..UNITS).for_each(|j| dw[j] += x * dy[j] * (1.0 - y[j] * y[j]));
            }
        }
    }
}

sequential! { struct Own< Input(3, 4), TimeDistributed(self::Plain::<5>::new()), Flatten, Dense(2) >; }
sequential! {
    struct BuiltIn<
        Input(3, 4),
        TimeDistributed(Dense(5, tanh, use_bias = false, kernel_regularizer = L2(0.1))), Flatten, Dense(2),
    >;
}
model! {
    struct Shared(x: [3, 4], y: [2, 4]) {
        let layer = TimeDistributed(self::Plain::<5>::new(output_shape = [5]));
        Dense(2)(Flatten()(layer(x))) + Dense(2)(Flatten()(layer(y)))
    }
}
model! {
    struct SharedBuiltIn(x: [3, 4], y: [2, 4]) {
        let layer = TimeDistributed(Dense(5, tanh, use_bias = false, kernel_regularizer = L2(0.1)));
        Dense(2)(Flatten()(layer(x))) + Dense(2)(Flatten()(layer(y)))
    }
}
sequential! { struct Random< Input(3, 4), Dense(4), TimeDistributed(self::Layered::<5>::new(0.25)), Flatten, Dense(2) >; }
sequential! { struct Inner< Input(4), Dense(5, tanh), Dense(2) >; }
sequential! { struct Nested< Input(3, 4), TimeDistributed(self::Inner), Flatten, Dense(2) >; }
sequential! {
    struct NestedBuiltIn< Input(3, 4), TimeDistributed(Dense(5, tanh)), TimeDistributed(Dense(2)), Flatten, Dense(2) >;
}

layer! {
    struct Gate(units, rate = 0.0)(x) {
        let h = Dense(units, tanh)(x);
        let h = Dropout(rate)(h);
        Multiply()(Dense(units, sigmoid, name = gate)(x), h)
    }
}
sequential! { struct Blocks< Input(3, 4), TimeDistributed(self::Gate!(2)), Flatten, Dense(2) >; }
model! {
    struct BlocksBuiltIn(x: [3, 4]) {
        let h = Dense(2, tanh)(x);
        Dense(2)(Flatten()(Multiply()(Dense(2, sigmoid)(x), h)))
    }
}
model! {
    struct BlocksShared(x: [2, 4], y: [1, 4]) {
        let both = TimeDistributed(self::Gate!(2, rate = 0.25, name = part), name = all);
        Dense(2)(Flatten()(both(x))) + Flatten()(both(y))
    }
}

#[test]
fn blocks_are_what_their_layers_are() {
    equal(&Blocks::seeded(1), &BlocksBuiltIn::seeded(1));
    directions(&BlocksShared::seeded(1));
    allocates_nothing(&BlocksShared::seeded(1));
    survives_a_file(BlocksShared::seeded(1), "wrapped_blocks");
    let model = BlocksShared::seeded(1);
    assert_eq!((model.all.part.dense.kernel.len(), model.all.part.gate.bias.len()), (4, 2));
}

#[test]
fn are_what_built_in_layers_are() {
    equal(&Own::seeded(1), &BuiltIn::seeded(1));
    equal(&Shared::seeded(1), &SharedBuiltIn::seeded(1));
    equal(&Nested::seeded(1), &NestedBuiltIn::seeded(1));
}

#[test]
fn gradients_are_differences() {
    directions(&Own::seeded(1));
    directions(&Random::seeded(1));
}

#[test]
fn memory_and_files() {
    allocates_nothing(&Own::seeded(1));
    allocates_nothing(&Random::seeded(1));
    allocates_nothing(&Nested::seeded(1));
    survives_a_file(Own::seeded(1), "wrapped_own");
    survives_a_file(Nested::seeded(1), "wrapped_nested");
}

sequential! { struct State< Input(2, 2), TimeDistributed(self::Layered::<1>::new(0.0)), Flatten, Dense(1) >; }

/// State is made of all steps of all rows.
#[test]
fn state_is_of_all_steps() {
    let mut model = State::seeded(1).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
    model.train_on_batch(&[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]], &[[0.0]; 2]).unwrap();
    assert_eq!(model.time_distributed.layered.mean, [4.5]);
}
