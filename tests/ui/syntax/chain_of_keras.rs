use keras::prelude::*;

keras! { pub type Net = sequential!< Input(784), Dense(64), Dense(10, softmax); }

fn main() {}
