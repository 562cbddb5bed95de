//! A model that is a layer of itself.

use keras::prelude::*;

sequential! { pub struct Net< Input(8), Dense(8), self::Net, Dense(8) >; }

fn main() {
    let model = Net::new();
    let _: [f32; 8] = model.predict_one(&[0.5; 8]);
}
