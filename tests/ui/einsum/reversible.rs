//! Tables whose way back does not fit, or is never taken.
use keras::model;

model! { struct Features(x: [2, 4]) { ReversibleEmbedding(9, 3)(x, reverse = true) } }

model! { struct Never(x: [u32; 4]) { ReversibleEmbedding(9, 3, tie_weights = false)(x) } }

model! { struct Switch(x: [2, 3]) { ReversibleEmbedding(9, 3)(x, reverse = 1) } }

fn main() {}
