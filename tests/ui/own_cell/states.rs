//! States of another number and of another shape.

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

model! {
    pub struct Names(x: [5, 8]) {
        let (y, h, c) = RNN(self::Leaky(0.5), return_state = true)(x);
        y + h + c
    }
}

model! {
    pub struct Two(x: [5, 8], h: [8]) {
        RNN(self::Leaky(0.5))(x, initial_state = [h, h])
    }
}

model! {
    pub struct Shape(x: [5, 8], h: [4]) {
        RNN(self::Leaky(0.5))(x, initial_state = [h])
    }
}

fn main() {
    let _ = (Names::new(), Two::new(), Shape::new());
}
