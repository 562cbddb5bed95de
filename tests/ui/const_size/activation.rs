//! Numbers of activations that rustc works out.
use keras::sequential;

const ALPHA: f32 = -1.0;

sequential! { struct Wrong< Input(4), Dense(8, elu(alpha = ALPHA)), ReLU(max_value = ALPHA) >; }

fn main() {}
