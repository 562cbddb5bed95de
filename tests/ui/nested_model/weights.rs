//! Weights of another model.

use keras::prelude::*;

sequential! { pub struct Base< Input(8), Dense(4) >; }
sequential! { pub struct Other< Input(8), Dense(5) >; }
sequential! { pub struct Net< Input(8), self::Base, Dense(3) >; }

fn main() {
    let mut model = Net::new();
    model.base.set_weights(&Other::new());
}
