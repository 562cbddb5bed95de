//! A block that does not exist, and one that is called as an expression.

use keras::prelude::*;

layer! { pub struct Head(classes) < Dense(classes, softmax) >; }

sequential! { pub struct Net< Input(8), self::Heads!(3) >; }

fn main() {
    let _ = Head!(3);
    let model = Net::new();
    let _: [f32; 3] = model.predict_one(&[0.5; 8]);
}
