use keras::prelude::*;

sequential! { pub Net< Input(784), Dense(64), Dense(10, softmax) >; }

fn main() {}
