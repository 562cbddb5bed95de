//! A type that is no layer for the samples that it gets.

use keras::layer::{Backward, Call};
use keras::prelude::*;

pub struct Pairs(u8);

impl keras::Layer<[f32; 2]> for Pairs {
    type Output = [f32; 2];
    type Weights = ();
    type Saved = [f32; 0];
    fn forward(&self, _: &Call, _: &(), x: &[[f32; 2]], y: &mut [[f32; 2]], _: &mut [[f32; 0]]) {
        y.copy_from_slice(x);
    }
    fn backward_data(&self, _: &Call, _: &(), _: Backward<'_, [f32; 2], Self>, _: &mut [[f32; 2]]) {}
}

sequential! { pub struct Net< Input(8), Dense(4), self::Pairs(2), Dense(3, softmax) >; }

fn main() {
    let mut model =
        Net::new().compile(Sgd::new(0.1), CategoricalCrossentropy::default(), (Accuracy::default(),)).unwrap();
    let (x, y) = ([[0.5; 8]; 2], [[1.0, 0.0, 0.0]; 2]);
    model.fit(&x, &y, Fit::epochs(1)).unwrap();
    let _ = model.predict_one(&x[0]);
}
