//! What the test of editors looks around in.

use keras::layer::{Backward, Call};
use keras::prelude::*;

/// The size of the hidden layer.
pub const HIDDEN: usize = 32;

/// Multiplies by a number.
pub struct Scale(f32);

impl<const N: usize> keras::Layer<[f32; N]> for Scale {
    type Output = [f32; N];
    type Weights = ();
    type Saved = [f32; 0];

    fn forward(&self, _: &Call, _: &(), x: &[[f32; N]], y: &mut [[f32; N]], _: &mut [[f32; 0]]) {
        for (y, x) in y.as_flattened_mut().iter_mut().zip(x.as_flattened()) {
            *y = self.0 * x;
        }
    }

    fn backward_data(&self, _: &Call, _: &(), pass: Backward<'_, [f32; N], Self>, dx: &mut [[f32; N]]) {
        for (dx, dy) in dx.as_flattened_mut().iter_mut().zip(pass.dy.as_flattened()) {
            *dx += self.0 * dy;
        }
    }
}

layer! {
    /// A way around two layers.
    pub struct Residual(units, rate = 0.1, shape = tanh)(x) {
        let hidden = Dense(units, shape)(x);
        let hidden = Dropout(rate)(hidden);
        Dense(units)(hidden) + x
    }
}

sequential! {
    /// A trained part.
    pub struct Backbone< Input(HIDDEN), Dense(units = 32, activation = tanh) >;
}

sequential! {
    pub struct Net<
        Input(4),
        Dense(HIDDEN, relu, use_bias = false, kernel_initializer = HeNormal(seed = 1)),
        self::Scale(0.5),
        self::Residual!(32, rate = 0.2, shape = relu),
        self::Backbone,
        Dense(2, softmax) >;
}

model! {
    pub struct Towers(a: [4], b: [4]) {
        let encoder = Dense(HIDDEN, "relu", kernel_regularizer = L2(1e-4));
        let first = encoder(a);
        let second = encoder(b);
        let joined = Concatenate()(first, second);
        (Dense(2, softmax)(joined), Dense(1, name = "head")(first))
    }
}

/// Fields of both.
pub fn fields(net: &Net, towers: &Towers) -> f32 {
    net.dense.kernel[0][0] + towers.head.bias[0]
}
