//! Attention, its weights, and means by them.

use keras::device::Device;
use keras::prelude::*;

use super::Numbers;

/// Sequences with steps that do not count.
fn sequences<const T: usize, const N: usize>(numbers: &mut Numbers, rows: usize) -> Vec<[[f32; N]; T]> {
    let step = |row: [f32; N]| if row[0] < -0.6 { [0.0; N] } else { row };
    (0..rows).map(|_| std::array::from_fn(|_| step(numbers.rows::<N>(1)[0]))).collect()
}

fn labels<const T: usize>(numbers: &mut Numbers, rows: usize) -> Vec<[u8; T]> {
    (0..rows).map(|_| numbers.classes(T, 2).try_into().unwrap()).collect()
}

model! {
    struct Heads(x: [67, 6]) {
        let m = Masking()(x);
        let h = MultiHeadAttention(2, 3, value_dim = 4, dropout = 0.25, use_bias = false)(m, m, use_causal_mask = true);
        let g = GroupQueryAttention(5, 4, 2, sliding_window = 9, use_bias = false)(x, h);
        Dense(2, softmax)(g)
    }
}

/// Heads that share keys, of queries, keys and values that are the same or not; masks, windows, dropout.
pub(crate) fn heads(device: Device) {
    let (n, mut numbers) = (3, Numbers(21));
    let (mut x, y) = (sequences::<67, 6>(&mut numbers, n), labels::<67>(&mut numbers, n));
    // This one attends to nothing at first.
    x[1][..5].fill([0.0; 6]);
    let loss = SparseCategoricalCrossentropy::default();
    let mut model = Heads::seeded(5).compile(Sgd::new(0.1), loss, ()).unwrap().seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(n).shuffle(false).verbose(0)).unwrap();
    model.evaluate(&x, &y, n).unwrap();
}

model! {
    struct Wide(q: [5, 70], v: [66, 70], k: [66, 70]) {
        let p = Attention(use_scale = true)(q, v);
        let r = AdditiveAttention(dropout = 0.5)(q, v, k);
        let s = Attention(score_mode = concat, use_scale = true)(p, v, use_causal_mask = true);
        Dense(2, softmax)(p + r + s)
    }
}

/// More features than a block has; scores that are products and others; factors that are learnt.
pub(crate) fn wide(device: Device) {
    let (n, mut numbers) = (2, Numbers(22));
    let (q, y) = (sequences::<5, 70>(&mut numbers, n), labels::<5>(&mut numbers, n));
    let (v, k) = (sequences::<66, 70>(&mut numbers, n), sequences::<66, 70>(&mut numbers, n));
    let loss = SparseCategoricalCrossentropy::default();
    let mut model = Wide::seeded(6).compile(Sgd::new(0.1), loss, ()).unwrap().seed(1).on(device).unwrap();
    model.fit((&q, &v, &k), &y, Fit::epochs(1).batch_size(n).shuffle(false).verbose(0)).unwrap();
}

model! {
    struct Shown(x: [66, 5], m: [[f32; 66]; 66]) {
        let attend = GroupQueryAttention(4, 4, 2, use_bias = false);
        let (h, p) = attend(x, x, attention_mask = m, return_attention_scores = true);
        let add = Attention(score_mode = concat, use_scale = true);
        let (s, q) = add(Masking()(x), Masking()(h), return_attention_scores = true, use_causal_mask = true);
        let r = Dense(5, use_bias = false)(q);
        (Dense(2, softmax)(s + r), Dense(3)(p))
    }
}

/// Weights that come out.
pub(crate) fn shown(device: Device) {
    let (n, mut numbers) = (2, Numbers(23));
    let (mut x, y) = (sequences::<66, 5>(&mut numbers, n), labels::<66>(&mut numbers, n));
    let mut m: Vec<[[f32; 66]; 66]> = sequences(&mut numbers, n);
    m.iter_mut().flatten().flatten().for_each(|m| *m = f32::from(*m > -0.5));
    m[0][3].fill(0.0);
    x.iter_mut().flatten().flatten().for_each(|x| *x *= 2.0);
    let z: Vec<[[[f32; 3]; 66]; 4]> = (0..n).map(|_| [[[0.5; 3]; 66]; 4]).collect();
    let losses = (SparseCategoricalCrossentropy::default(), MeanSquaredError::default());
    let mut model = Shown::seeded(7).compile(Sgd::new(0.1), losses, ()).unwrap().seed(1).on(device).unwrap();
    model.fit((&x, &m), (&y, &z), Fit::epochs(1).batch_size(n).shuffle(false).verbose(0)).unwrap();
}
