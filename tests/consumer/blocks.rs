//! Blocks and layers of one's own, here and from another crate whose blocks have the same names.
// `self::` is how a model names what is not Keras's.
#![allow(unused_qualifications)]

use kk::layer::{Backward, Call};
use kk::prelude::*;
use kk::{Layer, Weights};

/// A factor for each number.
#[derive(Weights, Debug, Clone, PartialEq)]
#[weights(crate = kk)]
#[repr(C)]
pub struct Gains<const N: usize> {
    /// The factors.
    #[weight(initializer = Ones)]
    pub gain: [f32; N],
}

/// Multiplies each number by a weight.
#[derive(Debug)]
pub struct Scale(());

impl Scale {
    /// The layer.
    #[must_use]
    pub const fn new() -> Scale {
        Scale(())
    }
}

impl Default for Scale {
    fn default() -> Scale {
        Scale::new()
    }
}

impl<const N: usize> Layer<[f32; N]> for Scale {
    type Output = [f32; N];
    type Weights = Gains<N>;
    type Saved = [f32; 0];

    fn forward(&self, _: &Call, w: &Gains<N>, x: &[[f32; N]], y: &mut [[f32; N]], _: &mut [[f32; 0]]) {
        for (y, x) in y.iter_mut().zip(x) {
            for ((y, x), gain) in y.iter_mut().zip(x).zip(&w.gain) {
                *y = x * gain;
            }
        }
    }

    fn backward_data(&self, _: &Call, w: &Gains<N>, pass: Backward<'_, [f32; N], Self>, dx: &mut [[f32; N]]) {
        for (dx, dy) in dx.iter_mut().zip(pass.dy) {
            for ((dx, dy), gain) in dx.iter_mut().zip(dy).zip(&w.gain) {
                *dx += dy * gain;
            }
        }
    }

    fn backward_params(&self, _: &Call, _: &Gains<N>, pass: Backward<'_, [f32; N], Self>, dw: &mut Gains<N>) {
        for (x, dy) in pass.x.iter().zip(pass.dy) {
            for ((dw, x), dy) in dw.gain.iter_mut().zip(x).zip(dy) {
                *dw += x * dy;
            }
        }
    }
}

kk::layer! {
    /// A block within a block of this crate.
    pub struct Outer(units)(x) {
        let h = crate::blocks::Inner!(units, rate = 0.5)(x);
        h + x
    }
}

kk::layer! {
    /// Of this crate.
    pub struct Inner(units, rate) < Dense(units, relu, name = "first"), Dropout(rate), Dense(units), crate::blocks::Scale::new() >;
}

kk::layer! { pub(crate) struct Head(classes) < Dense(classes, softmax) >; }

kk::sequential! {
    /// A model that is a layer of another one.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Backbone< Input(4), self::Outer!(4), self::Scale::new() >;
}

kk::sequential! {
    /// Blocks, models and layers from here and from elsewhere.
    pub struct Net< Input(4), self::Backbone, library::blocks::Outer!(4), self::Outer!(4), library::blocks::Backbone, self::Head!(3) >;
}

/// Widths that only one of the two crates' blocks gives.
#[must_use]
pub fn all() -> [usize; 3] {
    let net = Net::seeded(1);
    let [a, ..] = net.predict_one(&[0.5; 4]);
    [net.outer.inner.dense.bias.len(), net.outer_1.inner.first.bias.len(), usize::from(a.is_finite())]
}
