//! Sums and what is made of them, over few and many numbers of mixed size, against sums in `f64`.

mod common;

use common::{EPSILON, Random, close};
use keras_kernels::memory::{Sink, Use};
use keras_kernels::penalty::{self, Penalty};
use keras_kernels::{Isa, crossentropy, dense, log_softmax, softmax, unit_normalization};

/// Around vectors and blocks of vectors, and long.
const LENGTHS: [usize; 17] = [0, 1, 2, 3, 7, 8, 15, 16, 17, 23, 24, 63, 64, 65, 191, 1009, 100_003];

/// The most additions that an element of a sum of `n` goes through, at least in one of its parts: the stated error is so
/// many half units in the last place of the sum of the absolute values.
fn additions(isa: Isa, n: usize) -> f64 {
    if isa == Isa::SCALAR { n as f64 } else { (n.min(64) + n / 64 + 6) as f64 }
}

/// Numbers of both signs from 10⁻⁶ to 10³.
fn mixed(random: &mut Random, len: usize) -> Vec<f32> {
    let signs = random.floats(len);
    random.floats(len).iter().zip(signs).map(|(x, sign)| 10.0_f32.powf(x * 4.5 - 1.5).copysign(sign)).collect()
}

fn sum(x: impl Iterator<Item = f64>) -> f64 {
    x.sum()
}

#[test]
fn penalties() {
    let mut random = Random::new(41);
    for n in LENGTHS {
        let w = mixed(&mut random, n);
        for p in [Penalty { l1: 1.0, l2: 0.0 }, Penalty { l1: 0.0, l2: 1.0 }] {
            let term = |&w: &f32| f64::from(p.l1 * w.abs()) + f64::from(p.l2) * f64::from(w) * f64::from(w);
            let expected = sum(w.iter().map(term));
            for isa in Isa::available() {
                let bound = (additions(isa, n) + 2.0) * EPSILON * expected;
                close(&format!("{isa:?} penalty of {n}"), &[penalty::value(isa, &w, p)], &[expected], |_| bound);
            }
        }
    }
}

#[test]
fn sums_of_columns() {
    let mut random = Random::new(42);
    for m in LENGTHS {
        let n = 5;
        let dy = mixed(&mut random, m * n);
        let column = |col: usize| dy.iter().skip(col).step_by(n).map(|&dy| f64::from(dy));
        let expected: Vec<f64> = (0..n).map(|col| sum(column(col))).collect();
        for isa in Isa::available() {
            let (mut b, mut db) = (vec![0.0; n], vec![0.0; n]);
            let mut sink = Sink::store(&mut b, &mut db, &[]);
            dense::backward_bias(isa, sink.param(0, 0, n, Use::Only).expect("not frozen"), &dy, m, n);
            // Four sums side by side.
            let additions = if isa == Isa::SCALAR { m } else { m / 4 + 4 } as f64;
            let bound = |col| additions * EPSILON * sum(column(col).map(f64::abs));
            close(&format!("{isa:?} sums of {m} rows"), &db, &expected, bound);
        }
    }
}

/// Softmax in `f64`, and ln Σ eˣ.
fn exact_softmax(x: &[f32]) -> (Vec<f64>, f64) {
    let top = x.iter().fold(f64::NEG_INFINITY, |top, &x| top.max(f64::from(x)));
    let sum = sum(x.iter().map(|&x| (f64::from(x) - top).exp()));
    (x.iter().map(|&x| (f64::from(x) - top).exp() / sum).collect(), top + sum.ln())
}

/// Logits: most between −30 and 30, some far below.
fn logits(random: &mut Random, n: usize) -> Vec<f32> {
    random.floats(n).iter().enumerate().map(|(i, x)| if i % 11 == 3 { x * 1e3 - 1e3 } else { x * 30.0 }).collect()
}

#[test]
fn softmax_and_its_logarithm() {
    let mut random = Random::new(43);
    for n in LENGTHS.into_iter().skip(1) {
        let x = logits(&mut random, n);
        let (p, lse) = exact_softmax(&x);
        let top = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let below: Vec<f64> = x.iter().map(|&x| f64::from(top) - f64::from(x)).collect();
        for isa in Isa::available() {
            let additions = additions(isa, n);
            let mut y = vec![0.0; n];
            softmax::forward(isa, &mut y, Some(&x), n);
            // x − max x is rounded before it is in an exponent. What is subnormal is 0.
            let bound = |i: usize| (below[i] + additions + 9.0) * EPSILON * p[i] + 1.2e-38;
            close(&format!("{isa:?} softmax of {n}"), &y, &p, bound);
            log_softmax::forward(isa, &mut y, Some(&x), n);
            let logs: Vec<f64> = x.iter().map(|&x| f64::from(x) - lse).collect();
            let bound = |i: usize| (2.0 * below[i] + 5.0 * logs[i].abs() + additions + 9.0) * EPSILON;
            close(&format!("{isa:?} log-softmax of {n}"), &y, &logs, bound);
        }
    }
}

#[test]
fn gradients_of_softmax() {
    let mut random = Random::new(44);
    for n in LENGTHS.into_iter().skip(1) {
        let y: Vec<f32> = exact_softmax(&logits(&mut random, n)).0.iter().map(|&y| y as f32).collect();
        let logs: Vec<f32> = y.iter().map(|y| y.max(1e-30).ln()).collect();
        let dy = mixed(&mut random, n);
        let pairs = || y.iter().zip(&dy).map(|(&y, &dy)| (f64::from(y), f64::from(dy)));
        let dot = sum(pairs().map(|(y, dy)| y * dy));
        let size = sum(pairs().map(|(y, dy)| (y * dy).abs()));
        let (total, total_size) = (sum(pairs().map(|(_, dy)| dy)), sum(pairs().map(|(_, dy)| dy.abs())));
        for isa in Isa::available() {
            let additions = additions(isa, n) + 4.0;
            let mut dx = vec![0.0; n];
            softmax::backward(isa, &mut dx, Some(&dy), &y, n, false);
            let expected: Vec<f64> = pairs().map(|(y, dy)| y * (dy - dot)).collect();
            let bound = |i: usize| {
                let (y, dy) = (f64::from(y[i]), f64::from(dy[i]));
                y * (additions * size + 3.0 * dy.abs()) * EPSILON + 1.2e-38
            };
            close(&format!("{isa:?} softmax backward of {n}"), &dx, &expected, bound);
            log_softmax::backward(isa, &mut dx, Some(&dy), &logs, n, false);
            let power = |i: usize| f64::from(logs[i]).exp();
            let expected: Vec<f64> = (0..n).map(|i| f64::from(dy[i]) - power(i) * total).collect();
            let bound = |i: usize| {
                (power(i) * additions * total_size + 2.0 * f64::from(dy[i].abs())) * EPSILON + 1.2e-38 * total_size
            };
            close(&format!("{isa:?} log-softmax backward of {n}"), &dx, &expected, bound);
        }
    }
}

#[test]
fn losses() {
    let mut random = Random::new(45);
    for n in LENGTHS.into_iter().skip(1) {
        let z = logits(&mut random, n);
        let (p, lse) = exact_softmax(&z);
        let p: Vec<f32> = p.iter().map(|&p| p as f32).collect();
        let t: Vec<f32> = random.floats(n).iter().map(|t| t.abs()).collect();
        let terms = || z.iter().zip(&t).map(|(&z, &t)| (f64::from(z), f64::from(t)));
        let expected = sum(terms().map(|(z, t)| t * (lse - z)));
        let label = random.below(n) as u32;
        let below = lse - f64::from(z[label as usize]);
        for isa in Isa::available() {
            let (mut dz, mut loss) = (vec![0.0; n], [0.0]);
            crossentropy::softmax(isa, &mut dz, &z, &p, &t, &[1.0], &mut loss, n);
            // lse itself is rounded three times.
            let rounded = sum(terms().map(|(z, t)| t * (4.0 * lse.abs() + z.abs() + 4.0)));
            let bound = (additions(isa, n) * expected + rounded) * EPSILON;
            close(&format!("{isa:?} cross-entropy of {n}"), &loss, &[expected], |_| bound);
            crossentropy::sparse(isa, &mut dz, &z, &p, &[label], &[1.0], &mut loss, n);
            let bound = (4.0 * lse.abs() + 2.0 * below.abs() + 4.0) * EPSILON;
            close(&format!("{isa:?} sparse cross-entropy of {n}"), &loss, &[below], |_| bound);
        }
    }
}

#[test]
fn norms() {
    let mut random = Random::new(46);
    for n in LENGTHS.into_iter().skip(1) {
        let x = mixed(&mut random, n);
        let norm = sum(x.iter().map(|&x| f64::from(x) * f64::from(x))).sqrt();
        let expected: Vec<f64> = x.iter().map(|&x| f64::from(x) / norm).collect();
        for isa in Isa::available() {
            let mut y = vec![0.0; n];
            unit_normalization::forward(isa, &mut y, Some(&x), n);
            // Half of the relative error of the sum of squares.
            let bound = |i: usize| (additions(isa, n) / 2.0 + 5.0) * EPSILON * expected[i].abs();
            close(&format!("{isa:?} norm of {n}"), &y, &expected, bound);
        }
    }
}
