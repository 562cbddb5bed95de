//! Queries, keys and values that do not fit together.
use keras::model;

model! { struct Steps(q: [4, 8], v: [6, 8], k: [5, 8]) { Attention()(q, v, k) } }

model! { struct Features(q: [4, 8], v: [6, 5]) { Attention()(q, v) } }

model! { struct Rank(q: [8], v: [6, 5]) { MultiHeadAttention(2, 4)(q, v) } }

model! { struct Alone(x: [4, 8]) { MultiHeadAttention(2, 4)(x) } }

model! { struct Groups(x: [4, 8]) { GroupQueryAttention(4, 6, 4)(x, x) } }

model! { struct Switch(x: [4, 8]) { MultiHeadAttention(2, 4)(x, x, use_causal_mask = 1) } }

model! { struct Mode(x: [4, 8]) { Attention(score_mode = mult)(x, x) } }

model! { struct Added(q: [4, 8], v: [6, 5]) { AdditiveAttention()(q, v) } }

model! { struct Pairs(x: [4, 8], m: [4, 5]) { MultiHeadAttention(2, 4)(x, x, attention_mask = m) } }

model! { struct Scores(x: [4, 8]) { MultiHeadAttention(2, 4)(x, x, return_attention_scores = true) } }

model! { struct Given(x: [4, 8], m: [4]) { AdditiveAttention()(x, x, mask = m) } }

fn main() {}
