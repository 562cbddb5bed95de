//! An argument of a constructor by its name.

use keras::layer::{Backward, Call};
use keras::prelude::*;

pub struct Scale(f32);

impl Scale {
    pub const fn new(factor: f32) -> Scale {
        Scale(factor)
    }
}

impl<const N: usize> keras::Layer<[f32; N]> for Scale {
    type Output = [f32; N];
    type Weights = ();
    type Saved = [f32; 0];
    fn forward(&self, _: &Call, _: &(), x: &[[f32; N]], y: &mut [[f32; N]], _: &mut [[f32; 0]]) {
        y.copy_from_slice(x);
    }
    fn backward_data(&self, _: &Call, _: &(), _: Backward<'_, [f32; N], Self>, _: &mut [[f32; N]]) {}
}

sequential! { pub struct Net< Input(8), self::Scale(factor = 0.5), Dense(3, softmax) >; }

fn main() {
    let model = Net::new();
    let _: [f32; 3] = model.predict_one(&[0.5; 8]);
}
