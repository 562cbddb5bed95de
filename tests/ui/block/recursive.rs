//! Blocks that contain themselves.

use keras::prelude::*;

layer! { pub struct Once(units) < Dense(units), crate::Once!(units) >; }
layer! { pub struct Ping(units) < Dense(units), crate::Pong!(units) >; }
layer! { pub struct Pong(units) < Dense(units), crate::Ping!(units) >; }

sequential! { pub struct A< Input(8), self::Once!(8), Dense(3) >; }
sequential! { pub struct B< Input(8), self::Ping!(8), Dense(3) >; }

fn main() {
    let model = A::new();
    let _: [f32; 3] = model.predict_one(&[0.5; 8]);
}
