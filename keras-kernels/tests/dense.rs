//! Dense kernels of every instruction set against the scalar bodies in `f64`.
//!
//! The bound is that of a sum in any order: with d terms, |error| ≤ (d + 2) · ε · Σ|terms|, ε = 2⁻²⁴.

mod common;

use common::{EPSILON, Guarded, Random, close, same_bits, wide};
use keras_kernels::activation::Act;
use keras_kernels::memory::{Rule, Sink, Slots, Use};
use keras_kernels::{Isa, dense};
use keras_shapes::plan::dense_scratch;

/// Every small size in each place, some that cross vectors, tiles and blocks, and many at random.
fn sizes() -> Vec<(usize, usize, usize)> {
    let mut sizes = vec![
        (32, 784, 64),
        (32, 64, 10),
        (1, 784, 64),
        (2, 300, 128),
        (3, 40, 300),
        (130, 50, 70),
        (5, 1030, 33),
        (300, 7, 260),
        (7, 600, 20),
        (64, 64, 64),
        (25, 130, 1000),
        (9, 260, 1030),
        (260, 1025, 530),
    ];
    let small = [0, 1, 2, 3, 5, 8, 13, 16, 17];
    for m in small {
        for k in small {
            sizes.extend([0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33].map(|n| (m, k, n)));
        }
    }
    let mut random = Random::new(0);
    sizes.extend((0..200).map(|_| (random.below(70), random.below(150), random.below(150))));
    sizes
}

fn scratch(k: usize, n: usize) -> Guarded {
    Guarded::new(&vec![f32::NAN; dense_scratch(k, n)], 0)
}

/// |a| · |b| of an `m × k` and a `k × n` matrix, `a` given by its elements.
fn magnitudes(
    m: usize,
    k: usize,
    n: usize,
    a: impl Fn(usize, usize) -> f32,
    b: impl Fn(usize, usize) -> f32,
) -> Vec<f64> {
    let mut sums = vec![0.0; m * n];
    for i in 0..m {
        for p in 0..k {
            for j in 0..n {
                sums[i * n + j] += f64::from(a(i, p).abs()) * f64::from(b(p, j).abs());
            }
        }
    }
    sums
}

#[test]
fn forward() {
    let mut random = Random::new(1);
    for (case, (m, k, n)) in sizes().into_iter().enumerate() {
        let (x, w, b) = (random.floats(m * k), random.floats(k * n), random.floats(n));
        let bias = case % 2 == 0;
        let mut expected = vec![0.0; m * n];
        let b64 = wide(&b);
        let bias64 = bias.then_some(&b64[..]);
        dense::scalar::forward(&mut expected, &wide(&x), &wide(&w), bias64, Act::Linear, m, k, n);
        let sums = magnitudes(m, k, n, |i, p| x[i * k + p], |p, j| w[p * n + j]);
        for isa in Isa::available() {
            let what = format!("{isa:?} forward {m}×{k}×{n}");
            let (x, w) = (Guarded::new(&x, case % 5), Guarded::new(&w, case % 3));
            let b = Guarded::new(&b, case % 2);
            let mut y = Guarded::new(&vec![f32::NAN; m * n], case % 7);
            let mut tmp = scratch(k, n);
            let bias = bias.then_some(b.get());
            dense::forward(isa, y.get_mut(), x.get(), w.get(), bias, Act::Linear, m, k, n, tmp.get_mut());
            tmp.get();
            close(&what, y.get(), &expected, |i| (k + 3) as f64 * EPSILON * (sums[i] + 1.0));
        }
    }
}

#[test]
fn activations_follow_the_product() {
    let mut random = Random::new(2);
    let (m, k, n) = (9, 40, 21);
    let (x, w, b) = (random.floats(m * k), random.floats(k * n), random.floats(n));
    for act in [Act::Linear, Act::Relu, Act::Sigmoid, Act::Tanh, Act::Gelu, Act::GeluTanh, Act::Silu] {
        let mut expected = vec![0.0; m * n];
        dense::scalar::forward(&mut expected, &wide(&x), &wide(&w), Some(&wide(&b)), act, m, k, n);
        for isa in Isa::available() {
            let mut y = vec![0.0; m * n];
            let mut tmp = vec![0.0; dense_scratch(k, n)];
            dense::forward(isa, &mut y, &x, &w, Some(&b), act, m, k, n, &mut tmp);
            // The steepest of these functions has slope 1.13; the sums are less than 41.
            close(&format!("{isa:?} {act:?}"), &y, &expected, |_| 1.2 * 43.0 * EPSILON * 41.0);
        }
    }
}

#[test]
fn backward_data() {
    let mut random = Random::new(3);
    for (case, (m, k, n)) in sizes().into_iter().enumerate() {
        let (dy, w, before) = (random.floats(m * n), random.floats(k * n), random.floats(m * k));
        let acc = case % 2 == 0;
        let mut expected = wide(&before);
        dense::scalar::backward_data(&mut expected, &wide(&dy), &wide(&w), m, k, n, acc);
        let sums = magnitudes(m, n, k, |i, p| dy[i * n + p], |p, j| w[j * n + p]);
        for isa in Isa::available() {
            let what = format!("{isa:?} backward data {m}×{k}×{n}");
            let (dy, w) = (Guarded::new(&dy, case % 5), Guarded::new(&w, case % 3));
            let mut dx = Guarded::new(&before, case % 7);
            let mut tmp = scratch(k, n);
            dense::backward_data(isa, dx.get_mut(), dy.get(), w.get(), m, k, n, acc, tmp.get_mut());
            tmp.get();
            close(&what, dx.get(), &expected, |i| (n + 3) as f64 * EPSILON * (sums[i] + 1.0));
        }
    }
}

/// An update from which the gradient and the number of its calls can be read.
struct Record;

impl Rule for Record {
    fn update(&self, w: &mut [f32], g: &[f32], [gradient, calls, ..]: Slots<'_>) {
        gradient.copy_from_slice(g);
        calls.iter_mut().for_each(|calls| *calls += 1.0);
        w.iter_mut().for_each(|w| *w = 0.0);
    }
}

/// Checks a gradient of `len` weights by every way that it can take: all must give the same bits, each weight once.
fn check_out(
    what: &str,
    len: usize,
    expected: &[f64],
    bound: impl Fn(usize) -> f64,
    run: impl Fn(keras_kernels::memory::Out<'_>),
) {
    let (before, total) = (3, len + 7);
    let mut weights = vec![1.0; total];
    let mut grads = Guarded::new(&vec![f32::NAN; total], 0);
    run(Sink::store(&mut weights, grads.get_mut(), &[]).param(0, before, len, Use::Only).unwrap());
    let grad = &grads.get()[before..before + len];
    close(what, grad, expected, bound);
    let outside = |all: &[f32]| all[..before].iter().chain(&all[before + len..]).all(|g| g.is_nan());
    assert!(outside(grads.get()), "{what}: wrote the gradient of another parameter");

    let mut twice = Guarded::new(&vec![f32::NAN; total], 0);
    let mut sink = Sink::store(&mut weights, twice.get_mut(), &[]);
    run(sink.param(0, before, len, Use::First).unwrap());
    run(sink.param(0, before, len, Use::Last).unwrap());
    let sum: Vec<f32> = grad.iter().map(|g| g + g).collect();
    same_bits(what, &twice.get()[before..before + len], &sum);

    let mut spare = vec![f32::NAN; total];
    let (mut gradient, mut calls) = (Guarded::new(&vec![f32::NAN; total], 0), vec![0.0; total]);
    let mut slots = [gradient.get_mut(), &mut calls];
    run(Sink::update(&mut weights, &mut spare, &[], &Record, &mut slots).param(0, before, len, Use::Only).unwrap());
    same_bits(what, &gradient.get()[before..before + len], grad);
    assert!(outside(gradient.get()), "{what}: updated another parameter");
    assert!(calls[before..before + len].iter().all(|&calls| calls == 1.0), "{what}: not each weight once");
}

#[test]
fn backward_kernel() {
    let mut random = Random::new(4);
    for (case, (m, k, n)) in sizes().into_iter().enumerate() {
        let (x, dy) = (random.floats(m * k), random.floats(m * n));
        let mut expected = vec![0.0; k * n];
        dense::scalar::backward_kernel(&mut expected, &wide(&x), &wide(&dy), m, k, n);
        let sums = magnitudes(k, m, n, |i, p| x[p * k + i], |p, j| dy[p * n + j]);
        for isa in Isa::available() {
            let (x, dy) = (Guarded::new(&x, case % 5), Guarded::new(&dy, case % 3));
            let what = format!("{isa:?} backward kernel {m}×{k}×{n}");
            check_out(
                &what,
                k * n,
                &expected,
                |i| (m + 2) as f64 * EPSILON * sums[i],
                |out| {
                    let mut tmp = scratch(k, n);
                    dense::backward_kernel(isa, out, x.get(), dy.get(), m, k, n, tmp.get_mut());
                    tmp.get();
                },
            );
        }
    }
}

#[test]
fn backward_bias() {
    let mut random = Random::new(5);
    for (case, (m, _, n)) in sizes().into_iter().enumerate() {
        let dy = random.floats(m * n);
        let mut expected = vec![0.0; n];
        dense::scalar::backward_bias(&mut expected, &wide(&dy), m, n);
        for isa in Isa::available() {
            let dy = Guarded::new(&dy, case % 5);
            check_out(
                &format!("{isa:?} backward bias {m}×{n}"),
                n,
                &expected,
                |_| (m * m) as f64 * EPSILON,
                |out| {
                    dense::backward_bias(isa, out, dy.get(), m, n);
                },
            );
        }
    }
}

/// Any split of the batch gives the same bits.
#[test]
fn rows_do_not_depend_on_each_other() {
    let mut random = Random::new(6);
    for (m, k, n) in [(37, 70, 10), (37, 300, 20), (37, 20, 30), (37, 600, 100), (50, 33, 16), (50, 65, 257)] {
        let (x, w, b) = (random.floats(m * k), random.floats(k * n), random.floats(n));
        let dy = random.floats(m * n);
        for isa in Isa::available() {
            let mut tmp = vec![0.0; dense_scratch(k, n)];
            let (mut y, mut dx) = (vec![0.0; m * n], vec![0.0; m * k]);
            dense::forward(isa, &mut y, &x, &w, Some(&b), Act::Tanh, m, k, n, &mut tmp);
            dense::backward_data(isa, &mut dx, &dy, &w, m, k, n, false, &mut tmp);
            for rows in [1, 2, 5, 12, 31] {
                let (mut y_parts, mut dx_parts) = (vec![0.0; m * n], vec![0.0; m * k]);
                let parts = y_parts.chunks_mut(rows * n).zip(dx_parts.chunks_mut(rows * k));
                for (((y, dx), x), dy) in parts.zip(x.chunks(rows * k)).zip(dy.chunks(rows * n)) {
                    let m = y.len() / n;
                    dense::forward(isa, y, x, &w, Some(&b), Act::Tanh, m, k, n, &mut tmp);
                    dense::backward_data(isa, dx, dy, &w, m, k, n, false, &mut tmp);
                }
                same_bits(&format!("{isa:?} forward {m}×{k}×{n} by {rows}"), &y, &y_parts);
                same_bits(&format!("{isa:?} backward data {m}×{k}×{n} by {rows}"), &dx, &dx_parts);
            }
        }
    }
}

/// 0 times what is not a number is not a number, also in the columns and rows at the edge.
#[test]
fn nan_and_infinity_go_through() {
    let (m, k, n) = (5, 19, 21);
    for isa in Isa::available() {
        let mut tmp = vec![0.0; dense_scratch(k, n)];
        let mut x = vec![0.0; m * k];
        (x[3 * k + 18], x[4 * k]) = (f32::NAN, f32::INFINITY);
        let mut y = vec![0.0; m * n];
        dense::forward(isa, &mut y, &x, &vec![1.0; k * n], None, Act::Relu, m, k, n, &mut tmp);
        assert!(y[..3 * n].iter().all(|&y| y == 0.0));
        assert!(y[3 * n..4 * n].iter().all(|y| y.is_nan()));
        assert!(y[4 * n..].iter().all(|&y| y == f32::INFINITY));
    }
}

#[test]
#[should_panic(expected = "w has 5 elements instead of 2 × 3")]
fn wrong_lengths_are_refused() {
    let (mut y, x, w) = ([0.0; 3], [0.0; 2], [0.0; 5]);
    dense::forward(Isa::best(), &mut y, &x, &w, None, Act::Linear, 1, 2, 3, &mut [0.0; 1000]);
}
