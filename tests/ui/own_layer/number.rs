//! A layer that gives a number, and not an array of one.

use keras::layer::{Backward, Call};
use keras::prelude::*;

pub struct Sum(u8);

impl<const N: usize> keras::Layer<[f32; N]> for Sum {
    type Output = f32;
    type Weights = ();
    type Saved = [f32; 0];
    fn forward(&self, _: &Call, _: &(), x: &[[f32; N]], y: &mut [f32], _: &mut [[f32; 0]]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = x.iter().sum();
        }
    }
    fn backward_data(&self, _: &Call, _: &(), _: Backward<'_, [f32; N], Self>, _: &mut [[f32; N]]) {}
}

sequential! { pub struct Net< Input(8), self::Sum(1), Dense(3, softmax) >; }

fn main() {}
