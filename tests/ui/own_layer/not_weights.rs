//! Weights without the derive.

use keras::layer::{Backward, Call};

pub struct Gain(u8);

pub struct Weights {
    pub gain: [f32; 8],
}

impl keras::Layer<[f32; 8]> for Gain {
    type Output = [f32; 8];
    type Weights = Weights;
    type Saved = [f32; 0];
    fn forward(&self, _: &Call, w: &Weights, x: &[[f32; 8]], y: &mut [[f32; 8]], _: &mut [[f32; 0]]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = std::array::from_fn(|i| w.gain[i] * x[i]);
        }
    }
    fn backward_data(&self, _: &Call, _: &Weights, _: Backward<'_, [f32; 8], Self>, _: &mut [[f32; 8]]) {}
}

fn main() {}
