//! Thresholds of ternary kernels that are none: the second argument is not the activation, as it is of `Dense`.
use keras::sequential;

sequential! { struct Second< Input(784), TernaryDense(64, relu), Dense(10) >; }

sequential! { struct Negative< Input(784), TernaryDense(64, threshold = -0.5), Dense(10) >; }

const THRESHOLD: f32 = -0.5;

sequential! { struct Const< Input(784), TernaryDense(64, THRESHOLD), Dense(10) >; }

sequential! { struct Missing< Input(784), TernaryDense(threshold = 0.5), Dense(10) >; }

fn main() {}
