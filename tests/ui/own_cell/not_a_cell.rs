//! A layer of the own where a cell is to be.

use keras::layer::{Backward, Call};
use keras::prelude::*;

pub struct Scale(f32);

impl<const N: usize> keras::Layer<[f32; N]> for Scale {
    type Output = [f32; N];
    type Weights = ();
    type Saved = [f32; 0];
    fn forward(&self, _: &Call, _: &(), x: &[[f32; N]], y: &mut [[f32; N]], _: &mut [[f32; 0]]) {
        y.copy_from_slice(x);
    }
    fn backward_data(&self, _: &Call, _: &(), _: Backward<'_, [f32; N], Self>, _: &mut [[f32; N]]) {}
}

sequential! { pub struct Net< Input(5, 8), RNN(self::Scale(0.5)), Dense(3, softmax) >; }

fn main() {
    let model = Net::new();
    let _: [f32; 3] = model.predict_one(&[[0.5; 8]; 5]);
}
