//! Kernels that merge, move and normalize, of every instruction set, against the scalar bodies in `f64`.

mod common;

use common::{EPSILON, Guarded, LENGTHS, Random, close, same_bits, wide};
use keras_kernels::gather::{self, Axis};
use keras_kernels::interpolate::{self, Along, Method, Weights};
use keras_kernels::merge::{self, Merge};
use keras_kernels::{Isa, glu, log_softmax, sparsemax, unit_normalization};

#[test]
fn merging() {
    let mut random = Random::new(8);
    for (case, len) in LENGTHS.into_iter().enumerate() {
        let mut parts = [random.floats(len), random.floats(len), random.floats(len)];
        // Some that are equal.
        for i in (0..len).step_by(3) {
            parts[1][i] = parts[i % 2 * 2][i];
        }
        let (dy, before) = (random.floats(len), random.floats(len));
        for merge in [Merge::Subtract, Merge::Multiply, Merge::Average, Merge::Maximum, Merge::Minimum] {
            for count in if merge == Merge::Subtract { 2..3 } else { 1..4 } {
                let wide64: Vec<Vec<f64>> = parts[..count].iter().map(|x| wide(x)).collect();
                let xs64: Vec<&[f64]> = wide64.iter().map(Vec::as_slice).collect();
                let mut expected = vec![0.0; len];
                merge::scalar::forward(&mut expected, &xs64, merge);
                for isa in Isa::available() {
                    let what = format!("{isa:?} {merge:?} of {count} x {len}");
                    let xs: Vec<Guarded> = parts[..count].iter().map(|x| Guarded::new(x, case % 5)).collect();
                    let xs: Vec<&[f32]> = xs.iter().map(Guarded::get).collect();
                    let mut y = Guarded::new(&vec![f32::NAN; len], case % 7);
                    merge::forward(isa, y.get_mut(), &xs, merge);
                    close(&what, y.get(), &expected, |_| 6.0 * EPSILON);
                    for (i, acc) in (0..count).flat_map(|i| [(i, false), (i, true)]) {
                        let mut expected = wide(&before);
                        merge::scalar::backward(&mut expected, &wide(&dy), &xs64, i, count, merge, acc);
                        let mut dx = Guarded::new(&before, case % 7);
                        merge::backward(isa, dx.get_mut(), &dy, &xs, i, count, merge, acc);
                        close(&what, dx.get(), &expected, |_| 6.0 * EPSILON);
                    }
                }
            }
        }
    }
    let (mut dx, three) = ([0.0; 3], [[2.0, 1.0, 5.0], [2.0, 3.0, 5.0], [1.0, 3.0, 5.0]]);
    let xs = three.each_ref().map(|x| &x[..]);
    let mut shares = Vec::new();
    for i in 0..3 {
        merge::backward(Isa::best(), &mut dx, &[4.0; 3], &xs, i, 3, Merge::Maximum, false);
        shares.push(dx);
    }
    assert_eq!(shares, [[2.0, 0.0, 1.0], [2.0, 2.0, 1.0], [0.0, 2.0, 2.0]]);
    merge::forward(Isa::best(), &mut dx, &[&[f32::NAN, 1.0, 0.0], &[1.0, f32::NAN, 0.0]], Merge::Minimum);
    assert!(dx[0].is_nan() && dx[1].is_nan());
}

#[test]
fn gathering() {
    let mut random = Random::new(9);
    let plain = |len, stride| Axis { len, from: len, stride, before: 0, skip: 0, repeat: 1 };
    // Of samples 4 × 5: the transpose; rows 1 and 2 of columns 2 to 4; zeros around; each row twice, each column thrice;
    // a row that lies beyond all others; nothing but zeros.
    let rules: [Vec<Axis>; 6] = [
        vec![plain(5, 1), plain(4, 5)],
        vec![Axis { len: 2, skip: 1, ..plain(4, 5) }, Axis { len: 3, skip: 2, ..plain(5, 1) }],
        vec![Axis { len: 7, before: 1, ..plain(4, 5) }, Axis { len: 10, before: 3, ..plain(5, 1) }],
        vec![Axis { len: 8, repeat: 2, ..plain(4, 5) }, Axis { len: 15, repeat: 3, ..plain(5, 1) }],
        vec![Axis { len: 3, from: 1, repeat: 3, ..plain(1, 0) }, plain(4, 5), plain(5, 1)],
        vec![Axis { len: 2, skip: 9, ..plain(4, 5) }, plain(5, 1)],
    ];
    for axes in &rules {
        let out: usize = axes.iter().map(|axis| axis.len).product();
        for rows in [0, 1, 3] {
            let (x, dy, before) = (random.floats(20 * rows), random.floats(out * rows), random.floats(20 * rows));
            let from = |i: usize| {
                let (row, mut rest) = (i / out, i % out);
                let mut at = 20 * row;
                for axis in axes.iter().rev() {
                    let p = rest % axis.len / axis.repeat;
                    rest /= axis.len;
                    let q = (p + axis.skip).checked_sub(axis.before).filter(|&q| q < axis.from)?;
                    at += q * axis.stride;
                }
                Some(at)
            };
            let expected: Vec<f32> = (0..out * rows).map(|i| from(i).map_or(0.0, |at| x[at])).collect();
            let mut sums = wide(&before);
            for (i, &dy) in dy.iter().enumerate() {
                from(i).into_iter().for_each(|at| sums[at] += f64::from(dy));
            }
            for isa in Isa::available() {
                let from = Guarded::new(&x, 1);
                let mut y = Guarded::new(&vec![f32::NAN; out * rows], 2);
                gather::forward(isa, y.get_mut(), from.get(), 20, axes);
                same_bits("gathered", y.get(), &expected);
                let mut dx = Guarded::new(&before, 3);
                gather::backward(isa, dx.get_mut(), &dy, 20, axes, true);
                close("scattered", dx.get(), &sums, |_| 16.0 * EPSILON);
            }
        }
    }
}

/// The weight of a position at a distance.
fn weight(method: Method, d: f64) -> f64 {
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x) };
    let lanczos = |radius: f64| if d < radius { sinc(d) * sinc(d / radius) } else { 0.0 };
    match method {
        Method::Bilinear => (1.0 - d).max(0.0),
        Method::Bicubic if d < 1.0 => 1.5 * d.powi(3) - 2.5 * d.powi(2) + 1.0,
        Method::Bicubic if d < 2.0 => -0.5 * d.powi(3) + 2.5 * d.powi(2) - 4.0 * d + 2.0,
        Method::Bicubic => 0.0,
        Method::Lanczos3 => lanczos(3.0),
        Method::Lanczos5 => lanczos(5.0),
    }
}

fn weights<const SIZE: usize>(method: Method) -> &'static [[f32; interpolate::TAPS]] {
    match method {
        Method::Bilinear => Weights::<SIZE>::BILINEAR,
        Method::Bicubic => Weights::<SIZE>::BICUBIC,
        Method::Lanczos3 => Weights::<SIZE>::LANCZOS3,
        Method::Lanczos5 => Weights::<SIZE>::LANCZOS5,
    }
}

/// By a matrix of the weights of all positions for all others, whose rows add up to 1.
fn interpolated<const SIZE: usize>(random: &mut Random) {
    for method in [Method::Bilinear, Method::Bicubic, Method::Lanczos3, Method::Lanczos5] {
        for (n, inner) in [(1, 1), (2, 3), (5, 1), (40, 1), (23, 5), (3, 8), (12, 33)] {
            let of = Along { n, size: SIZE, inner, method, weights: weights::<SIZE>(method) };
            let row = |o: usize| {
                let at = (o as f64 + 0.5) / SIZE as f64 - 0.5;
                let row: Vec<f64> = (0..n).map(|i| weight(method, (at - i as f64).abs())).collect();
                let sum: f64 = row.iter().sum();
                row.into_iter().map(|weight| weight / sum).collect::<Vec<_>>()
            };
            let rows: Vec<Vec<f64>> = (0..n * SIZE).map(row).collect();
            let (x, dy) = (random.floats(2 * n * inner), random.floats(2 * n * SIZE * inner));
            let before = random.floats(x.len());
            let (mut y, mut dx) = (vec![0.0; dy.len()], wide(&before));
            for (o, i, c) in
                (0..2 * n * SIZE).flat_map(|o| (0..n).flat_map(move |i| (0..inner).map(move |c| (o, i, c))))
            {
                let (to, from) = (o * inner + c, (o / (n * SIZE) * n + i) * inner + c);
                y[to] += rows[o % (n * SIZE)][i] * f64::from(x[from]);
                dx[from] += rows[o % (n * SIZE)][i] * f64::from(dy[to]);
            }
            for isa in Isa::available() {
                let what = format!("{isa:?} {of:?}");
                let mut ours = Guarded::new(&vec![f32::NAN; y.len()], 1);
                interpolate::forward(isa, ours.get_mut(), Guarded::new(&x, 3).get(), &of);
                close(&what, ours.get(), &y, |_| 32.0 * EPSILON);
                let mut ours = Guarded::new(&before, 2);
                interpolate::backward(isa, ours.get_mut(), &dy, &of, true);
                close(&what, ours.get(), &dx, |_| 128.0 * EPSILON);
                interpolate::backward(isa, ours.get_mut(), &dy, &of, false);
                let without: Vec<f64> = dx.iter().zip(&before).map(|(dx, &before)| dx - f64::from(before)).collect();
                close(&what, ours.get(), &without, |_| 128.0 * EPSILON);
            }
        }
    }
}

#[test]
fn interpolating() {
    let mut random = Random::new(10);
    interpolated::<1>(&mut random);
    interpolated::<2>(&mut random);
    interpolated::<3>(&mut random);
    interpolated::<4>(&mut random);
}

type Forward = fn(Isa, &mut [f32], Option<&[f32]>, usize);
type Backward = fn(Isa, &mut [f32], Option<&[f32]>, &[f32], usize, bool);
type Forward64 = fn(&mut [f64], Option<&[f64]>, usize);
type Backward64 = fn(&mut [f64], Option<&[f64]>, &[f64], usize, bool);

/// An op over rows: forward, backward, both in `f64`, and whether the backward pass reads the output.
type OverRows = (&'static str, Forward, Backward, Forward64, Backward64, bool);

const OVER_ROWS: [OverRows; 3] = [
    (
        "log-softmax",
        log_softmax::forward,
        log_softmax::backward,
        log_softmax::scalar::forward::<f64>,
        log_softmax::scalar::backward::<f64>,
        true,
    ),
    (
        "sparsemax",
        sparsemax::forward,
        sparsemax::backward,
        sparsemax::scalar::forward::<f64>,
        sparsemax::scalar::backward::<f64>,
        true,
    ),
    (
        "unit normalization",
        unit_normalization::forward,
        unit_normalization::backward,
        unit_normalization::scalar::forward::<f64>,
        unit_normalization::scalar::backward::<f64>,
        false,
    ),
];

#[test]
fn over_rows() {
    let mut random = Random::new(10);
    for (name, forward, backward, forward64, backward64, reads_output) in OVER_ROWS {
        for (case, (rows, n)) in
            [0, 1, 3].into_iter().flat_map(|m| LENGTHS[1..].iter().map(move |&n| (m, n))).enumerate()
        {
            let x: Vec<f32> = random.floats(rows * n).iter().map(|x| 3.0 * x).collect();
            let (dy, before) = (random.floats(rows * n), random.floats(rows * n));
            let mut expected = vec![0.0; rows * n];
            forward64(&mut expected, Some(&wide(&x)), n);
            let bound = (n + 40) as f64 * EPSILON;
            let saved: Vec<f32> = if reads_output { expected.iter().map(|&y| y as f32).collect() } else { x.clone() };
            for isa in Isa::available() {
                let what = format!("{isa:?} {name} {rows}×{n}");
                let from = Guarded::new(&x, case % 5);
                let mut y = Guarded::new(&vec![f32::NAN; rows * n], case % 7);
                forward(isa, y.get_mut(), Some(from.get()), n);
                close(&what, y.get(), &expected, |_| bound);
                let mut in_place = Guarded::new(&x, case % 3);
                forward(isa, in_place.get_mut(), None, n);
                same_bits(&what, in_place.get(), y.get());
                for acc in [false, true] {
                    let mut expected = wide(&before);
                    backward64(&mut expected, Some(&wide(&dy)), &wide(&saved), n, acc);
                    let (dy, saved) = (Guarded::new(&dy, case % 5), Guarded::new(&saved, case % 3));
                    let mut dx = Guarded::new(&before, case % 7);
                    backward(isa, dx.get_mut(), Some(dy.get()), saved.get(), n, acc);
                    close(&what, dx.get(), &expected, |_| 4.0 * bound);
                    if !acc {
                        let mut in_place = Guarded::new(dy.get(), case % 3);
                        backward(isa, in_place.get_mut(), None, saved.get(), n, false);
                        same_bits(&what, in_place.get(), dx.get());
                    }
                }
            }
        }
    }
}

#[test]
fn rows_of_special_values() {
    for isa in Isa::available() {
        for n in [3, 20, 130] {
            for (name, forward, ..) in OVER_ROWS {
                let mut y = vec![0.5; 2 * n];
                y[1] = f32::NAN;
                forward(isa, &mut y, None, n);
                assert!(y[..n].iter().all(|y| y.is_nan()), "{isa:?} {name}");
                assert!(y[n..].iter().all(|y| y.is_finite()), "{isa:?} {name}");
            }
            let mut y = vec![-1000.0; n];
            y[2] = 1e30;
            sparsemax::forward(isa, &mut y, None, n);
            assert!((y[2], y.iter().sum::<f32>()) == (1.0, 1.0));
            y.fill(0.0);
            unit_normalization::forward(isa, &mut y, None, n);
            assert!(y.iter().all(|&y| y == 0.0));
            let mut dx = vec![1e-12; n];
            unit_normalization::backward(isa, &mut dx, None, &y, n, false);
            assert!(dx.iter().all(|&d| (d - 1.0).abs() < 1e-6), "{dx:?}");
        }
    }
}

#[test]
fn gates() {
    let mut random = Random::new(11);
    for (case, (rows, n)) in [0, 1, 3].into_iter().flat_map(|m| LENGTHS[1..].iter().map(move |&n| (m, n))).enumerate() {
        let x: Vec<f32> = random.floats(2 * rows * n).iter().map(|x| 4.0 * x).collect();
        let (dy, before) = (random.floats(rows * n), random.floats(2 * rows * n));
        let mut expected = vec![0.0; rows * n];
        glu::scalar::forward(&mut expected, &wide(&x), n);
        for isa in Isa::available() {
            let what = format!("{isa:?} glu {rows}×{n}");
            let from = Guarded::new(&x, case % 5);
            let mut y = Guarded::new(&vec![f32::NAN; rows * n], case % 7);
            glu::forward(isa, y.get_mut(), from.get(), n);
            close(&what, y.get(), &expected, |_| 24.0 * EPSILON);
            for acc in [false, true] {
                let mut expected = wide(&before);
                glu::scalar::backward(&mut expected, &wide(&dy), &wide(&x), n, acc);
                let mut dx = Guarded::new(&before, case % 7);
                glu::backward(isa, dx.get_mut(), &dy, from.get(), n, acc);
                close(&what, dx.get(), &expected, |_| 24.0 * EPSILON);
            }
        }
    }
}
