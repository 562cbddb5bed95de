//! Mistakes in a block itself, told once however often it is used.

use keras::prelude::*;

layer! { pub struct Typo(units) < Dence(units, relu), Dense(units) >; }
layer! { pub struct Relative(units) < Dense(units), self::Scale(0.5) >; }
layer! { pub struct Unused(units, rate = 0.5) < Dense(units) >; }
layer! { pub struct Input_(units) < Input(8), Dense(units) >; }
layer! { pub struct Twice(units, units) < Dense(units) >; }
layer! { pub struct Shapes(units)(x: [8]) { Dense(units)(x) } }
layer! { pub struct Empty() < >; }

sequential! { pub struct Net< Input(8), self::Typo!(8), Dense(3) >; }

fn main() {
    let model = Net::new();
    let _: [f32; 3] = model.predict_one(&[0.5; 8]);
}
