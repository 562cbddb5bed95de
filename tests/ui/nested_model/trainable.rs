//! What is said of a model that is a layer.

use keras::prelude::*;

sequential! { pub struct Base< Input(8), Dense(4) >; }
sequential! { pub struct Frozen< Input(8), self::Base(trainable = no), Dense(3) >; }
sequential! { pub struct Named< Input(8), self::Base(name = "the base"), Dense(3) >; }
sequential! { pub struct Shaped< Input(8), self::Base(output_shape = [5]), Dense(3) >; }
sequential! { pub struct Rate< Input(8), self::Base(rate = 0.5), Dense(3) >; }

fn main() {
    let model = Frozen::new();
    let _: [f32; 3] = model.predict_one(&[0.5; 8]);
}
