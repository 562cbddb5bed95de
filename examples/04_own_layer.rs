//! Layers of one's own: a block of built-in layers, and a layer written in Rust with its weights, its gradient and its
//! state; and a trained model as a layer of another one.
//!
//!     cargo run --release --example 04_own_layer

use keras::datasets::digits;
use keras::layer::{Backward, Call};
use keras::prelude::*;
use keras::{Layer, Weights};

layer! {
    /// Two layers and a way around them.
    struct Residual(units, rate = 0.1)(x) {
        let h = Dense(units, relu)(x);
        let h = Dropout(rate)(h);
        Dense(units)(h) + x
    }
}

/// Brings each feature to a mean of 0 and a variance of 1, by means that follow the batches, and scales it by a weight.
struct Standardize {
    momentum: f32,
}

impl Standardize {
    const fn new(momentum: f32) -> Standardize {
        Standardize { momentum }
    }
}

#[derive(Weights)]
#[repr(C)]
struct Standards<const N: usize> {
    #[weight(initializer = Ones)]
    gain: [f32; N],
    #[weight(initializer = Zeros, trainable = false)]
    mean: [f32; N],
    #[weight(initializer = Ones, trainable = false)]
    variance: [f32; N],
}

impl<const N: usize> Standards<N> {
    /// What a feature is multiplied by, but for its gain.
    fn slope(&self, i: usize) -> f32 {
        1.0 / (self.variance[i] + 1e-3).sqrt()
    }
}

impl<const N: usize> Layer<[f32; N]> for Standardize {
    type Output = [f32; N];
    type Weights = Standards<N>;
    /// The standardized features, which the gradient of the gain is made of.
    type Saved = [f32; N];

    fn forward(&self, _: &Call, w: &Standards<N>, x: &[[f32; N]], y: &mut [[f32; N]], saved: &mut [[f32; N]]) {
        for ((y, x), saved) in y.iter_mut().zip(x).zip(saved) {
            *saved = std::array::from_fn(|i| (x[i] - w.mean[i]) * w.slope(i));
            *y = std::array::from_fn(|i| saved[i] * w.gain[i]);
        }
    }

    fn backward_data(&self, _: &Call, w: &Standards<N>, pass: Backward<'_, [f32; N], Self>, dx: &mut [[f32; N]]) {
        for (dx, dy) in dx.iter_mut().zip(pass.dy) {
            for i in 0..N {
                dx[i] += dy[i] * w.gain[i] * w.slope(i);
            }
        }
    }

    fn backward_params(&self, _: &Call, _: &Standards<N>, pass: Backward<'_, [f32; N], Self>, dw: &mut Standards<N>) {
        for (saved, dy) in pass.saved.iter().zip(pass.dy) {
            for i in 0..N {
                dw.gain[i] += saved[i] * dy[i];
            }
        }
    }

    fn update_state(&self, _: &Call, pass: Backward<'_, [f32; N], Self>, w: &mut Standards<N>) {
        let rows = pass.x.len() as f32;
        for i in 0..N {
            let mean = pass.x.iter().map(|x| x[i]).sum::<f32>() / rows;
            let variance = pass.x.iter().map(|x| (x[i] - mean).powi(2)).sum::<f32>() / rows;
            w.mean[i] = self.momentum * w.mean[i] + (1.0 - self.momentum) * mean;
            w.variance[i] = self.momentum * w.variance[i] + (1.0 - self.momentum) * variance;
        }
    }
}

sequential! {
    struct Backbone<
        Input(64),
        Dense(32, relu), self::Standardize::new(0.9),
        self::Residual!(32), self::Residual!(32, rate = 0.2),
    >;
}
sequential! { struct Digits< Input(64), self::Backbone, Dense(10, softmax) >; }
sequential! { struct EvenOrOdd< Input(64), self::Backbone(trainable = false), Dense(1, sigmoid) >; }

fn main() -> keras::Result<()> {
    let data = digits().shuffled(1).split(0.2)?;
    let (train, test) = (data.train, data.test);

    let loss = SparseCategoricalCrossentropy::default();
    let mut digits = Digits::seeded(1).compile(Adam::new(0.003), loss, (Accuracy::default(),))?.seed(1);
    println!("{}", digits.summary());
    digits.fit(&train.x, &train.y, Fit::epochs(15).batch_size(32).verbose(2))?;
    println!("digits it has not seen: {}\n", digits.evaluate(&test.x, &test.y, 128)?);

    // What the backbone has learnt serves another question; only the last layer is trained for it.
    let mut model = EvenOrOdd::seeded(2);
    model.backbone.set_weights(&digits.backbone);
    let mut model =
        model.compile(Adam::new(0.01), BinaryCrossentropy::default(), (BinaryAccuracy::default(),))?.seed(1);
    let odd = |labels: &[u8]| labels.iter().map(|y| [f32::from(y % 2)]).collect::<Vec<[f32; 1]>>();
    model.fit(&train.x, &odd(&train.y), Fit::epochs(5).batch_size(32).verbose(2))?;
    println!("even or odd: {}", model.evaluate(&test.x, &odd(&test.y), 128)?);
    Ok(())
}
