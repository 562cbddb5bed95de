//! Dimensions that attention cannot go along.
use keras::model;

const STEPS: usize = 4;

model! { struct Features(x: [4, 5, 8]) { MultiHeadAttention(2, 4, attention_axes = 3)(x, x) } }

model! { struct Batch(x: [4, 5, 8]) { MultiHeadAttention(2, 4, attention_axes = (0, 1))(x, x) } }

model! { struct Others(q: [STEPS, 5, 8], v: [STEPS, 6, 8]) { MultiHeadAttention(2, 4, attention_axes = 1)(q, v) } }

model! { struct Causal(x: [4, 5, 8]) { MultiHeadAttention(2, 4)(x, x, use_causal_mask = true) } }

model! {
    struct Mask(x: [STEPS, 5, 8], m: [5, STEPS]) {
        MultiHeadAttention(2, 4, attention_axes = 2)(x, x, attention_mask = m)
    }
}

fn main() {}
