//! What has to be written where only rustc knows a shape, and what cannot be.

use keras::cell::{Backward, Next, Step};
use keras::prelude::*;

pub struct Leaky(f32);

impl<const N: usize> keras::Cell<[f32; N]> for Leaky {
    type States = [f32; N];
    type Output = [f32; N];
    type Weights = ();
    type Saved = [f32; 0];
    fn forward(&self, _: &Step, _: &(), x: &[f32; N], _: &[f32; N], next: Next<'_, [f32; N], Self>) {
        (*next.y, *next.states) = (*x, *x);
    }
    fn backward_data(
        &self, _: &Step, _: &(), _: Backward<'_, [f32; N], Self>, _: &mut [f32; N], _: &mut [f32; N],
    ) {}
}

sequential! { pub struct Unknown< Input(5, 8), RNN(self::Leaky(0.5), return_sequences = true), LSTM(3) >; }

sequential! { pub struct Declared< Input(5, 8), RNN(self::Leaky(0.5, output_shape = [4])) >; }

sequential! { pub struct Flat< Input(8), RNN(self::Leaky(0.5)) >; }

model! {
    pub struct Several(x: [5, 8], a: [8], b: [8]) {
        let cells = RNN([self::Leaky(0.5, output_shape = [8]), self::Leaky(0.25)]);
        cells(x, initial_state = [a, b])
    }
}

fn main() {
    let _ = (Unknown::new(), Declared::new(), Flat::new(), Several::new());
}
