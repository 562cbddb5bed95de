//! Arguments and inputs of tables, and of attention.
use keras::{model, sequential};

fn main() {
    sequential!(Input(4, dtype = u32), Embedding(1000));
    sequential!(Input(4, dtype = u32), Embedding(0, 8));
    sequential!(Input(4, dtype = u32), Embedding(100_000_000, 8));
    model!(|x: [u32; 4]| ReversibleEmbedding(1000)(x));
    model!(|x: [u32; 4]| {
        let table = ReversibleEmbedding(6, 3);
        table(Dense(4)(table(x)), reverse = true)
    });
    model!(|q: [3, 4], v: [5, 6]| Attention()(q, v));
    model!(|q: [3, 4], v: [5, 6]| AdditiveAttention()(q, v));
    model!(|q: [3, 4]| AdditiveAttention(score_mode = dot)(q, q));
    model!(|x: [3, 4]| GroupQueryAttention(8, 3, 2)(x, x));
    model!(|x: [3, 4]| GroupQueryAttention(8, 4)(x, x));
    model!(|x: [3, 4]| MultiHeadAttention(0, 8)(x, x));
}
