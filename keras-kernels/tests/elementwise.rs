//! Kernels that work on elements and rows, of every instruction set, against the scalar bodies in `f64`.

mod common;

use common::acts::ACTS;
use common::{EPSILON, Guarded, LENGTHS, Random, close, same_bits, wide};
use keras_kernels::activation::{self, Act, Saves};
use keras_kernels::dropout::{self, Key};
use keras_kernels::{Isa, add, concatenate, crossentropy, softmax};

/// Small and large numbers of both signs.
fn values(random: &mut Random, len: usize) -> Vec<f32> {
    random.floats(len).into_iter().enumerate().map(|(i, x)| x * [0.01, 1.0, 3.0, 12.0][i % 4]).collect()
}

#[test]
fn activation_forward() {
    let mut random = Random::new(1);
    for (case, len) in LENGTHS.into_iter().enumerate() {
        let x = values(&mut random, len);
        for act in ACTS {
            let mut expected = vec![0.0; len];
            activation::scalar::forward(&mut expected, Some(&wide(&x)), act);
            for isa in Isa::available() {
                let what = format!("{isa:?} {act:?} of {len}");
                let from = Guarded::new(&x, case % 5);
                let mut y = Guarded::new(&vec![f32::NAN; len], case % 7);
                activation::forward(isa, y.get_mut(), Some(from.get()), act);
                // GELU multiplies x by 1 + erf, whose error is relative to 1 and not to itself.
                close(&what, y.get(), &expected, |i| 4.0 * EPSILON * expected[i].abs().max(f64::from(x[i].abs())));
                let mut in_place = Guarded::new(&x, case % 3);
                activation::forward(isa, in_place.get_mut(), None, act);
                same_bits(&what, in_place.get(), y.get());
            }
        }
    }
}

#[test]
fn activation_backward() {
    let mut random = Random::new(2);
    for (case, len) in LENGTHS.into_iter().enumerate() {
        let (x, dy, before) = (values(&mut random, len), random.floats(len), random.floats(len));
        for act in ACTS {
            let saved = match act.saves() {
                Saves::Nothing => Vec::new(),
                Saves::Input => x.clone(),
                Saves::Output => {
                    let mut y = x.clone();
                    activation::scalar::forward(&mut y, None, act);
                    y
                }
            };
            for acc in [false, true] {
                let mut expected = wide(&before);
                activation::scalar::backward(&mut expected, Some(&wide(&dy)), &wide(&saved), act, acc);
                for isa in Isa::available() {
                    let what = format!("{isa:?} {act:?} backward of {len}");
                    let (dy, saved) = (Guarded::new(&dy, case % 5), Guarded::new(&saved, case % 3));
                    let mut dx = Guarded::new(&before, case % 7);
                    activation::backward(isa, dx.get_mut(), Some(dy.get()), saved.get(), act, acc);
                    // The cubic argument of tanh in GELU's approximation loses a few more bits; eˣ is its own slope.
                    close(&what, dx.get(), &expected, |i| 40.0 * EPSILON * expected[i].abs().max(1.0));
                    if !acc {
                        let mut in_place = Guarded::new(dy.get(), case % 3);
                        activation::backward(isa, in_place.get_mut(), None, saved.get(), act, false);
                        same_bits(&what, in_place.get(), dx.get());
                    }
                }
            }
        }
    }
}

#[test]
fn activations_of_special_values() {
    let special = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, 1e30, -1e30, 1e-40];
    for isa in Isa::available() {
        for act in ACTS {
            let (mut y, mut expected) = ([0.0; 7], [0.0; 7]);
            activation::forward(isa, &mut y, Some(&special), act);
            activation::scalar::forward(&mut expected, Some(&special), act);
            // Functions of their own for the lanes agree with libm's to a few units.
            let bound = |i: usize| 1e-41_f64.max(4.0 * EPSILON * f64::from(expected[i].abs()));
            close(&format!("{isa:?} {act:?}"), &y, &wide(&expected), bound);
        }
        let mut dx = [1.0, 2.0, f32::NAN, f32::INFINITY];
        activation::backward(isa, &mut dx, None, &[0.0, f32::NAN, 0.0, 1.0], Act::Relu, false);
        assert_eq!(dx, [0.0, 0.0, 0.0, f32::INFINITY]);
    }
}

fn rows() -> impl Iterator<Item = (usize, usize)> {
    [0, 1, 2, 3, 7, 33].into_iter().flat_map(|rows| LENGTHS.into_iter().skip(1).map(move |n| (rows, n)))
}

#[test]
fn softmax_forward() {
    let mut random = Random::new(3);
    for (case, (rows, n)) in rows().enumerate() {
        let x = values(&mut random, rows * n);
        let mut expected = vec![0.0; rows * n];
        softmax::scalar::forward(&mut expected, Some(&wide(&x)), n);
        for isa in Isa::available() {
            let what = format!("{isa:?} softmax {rows}×{n}");
            let from = Guarded::new(&x, case % 5);
            let mut y = Guarded::new(&vec![f32::NAN; rows * n], case % 7);
            softmax::forward(isa, y.get_mut(), Some(from.get()), n);
            // x − max is rounded to half a unit, up to 24 of which e makes a relative error of.
            close(&what, y.get(), &expected, |i| (n as f64 + 28.0) * EPSILON * expected[i]);
            let mut in_place = Guarded::new(&x, case % 3);
            softmax::forward(isa, in_place.get_mut(), None, n);
            same_bits(&what, in_place.get(), y.get());
        }
    }
}

#[test]
fn softmax_of_special_values() {
    for isa in Isa::available() {
        for n in [3, 20, 130] {
            let mut y = vec![0.0; 5 * n];
            y[..n].fill(f32::NEG_INFINITY);
            y[n] = f32::NAN;
            y[2 * n + 1] = f32::INFINITY;
            y[3 * n] = f32::NEG_INFINITY;
            y[4 * n] = 1e30;
            softmax::forward(isa, &mut y, None, n);
            assert!(y[..3 * n].iter().all(|y| y.is_nan()), "{isa:?}: {y:?}");
            assert_eq!(y[3 * n], 0.0);
            assert!(y[3 * n + 1..4 * n].iter().all(|y| (y * (n - 1) as f32 - 1.0).abs() < 1e-6));
            assert_eq!(y[4 * n..4 * n + 2], [1.0, 0.0]);
        }
    }
}

#[test]
fn softmax_backward() {
    let mut random = Random::new(4);
    for (case, (rows, n)) in rows().enumerate() {
        let mut y = values(&mut random, rows * n);
        softmax::scalar::forward(&mut y, None, n);
        let (dy, before) = (random.floats(rows * n), random.floats(rows * n));
        for acc in [false, true] {
            let mut expected = wide(&before);
            softmax::scalar::backward(&mut expected, Some(&wide(&dy)), &wide(&y), n, acc);
            for isa in Isa::available() {
                let what = format!("{isa:?} softmax backward {rows}×{n}");
                let (dy, y) = (Guarded::new(&dy, case % 5), Guarded::new(&y, case % 3));
                let mut dx = Guarded::new(&before, case % 7);
                softmax::backward(isa, dx.get_mut(), Some(dy.get()), y.get(), n, acc);
                close(&what, dx.get(), &expected, |_| 8.0 * EPSILON);
                if !acc {
                    let mut in_place = Guarded::new(dy.get(), case % 3);
                    softmax::backward(isa, in_place.get_mut(), None, y.get(), n, false);
                    same_bits(&what, in_place.get(), dx.get());
                }
            }
        }
    }
}

#[test]
fn cross_entropy() {
    let mut random = Random::new(5);
    for (case, (rows, n)) in rows().enumerate() {
        let z = values(&mut random, rows * n);
        let mut p = vec![0.0; rows * n];
        softmax::scalar::forward(&mut p, Some(&z), n);
        let t: Vec<f32> = random.floats(rows * n).iter().map(|t| t.abs()).collect();
        let labels: Vec<u32> = (0..rows).map(|_| random.below(n) as u32).collect();
        let scale = random.floats(rows);
        let (mut dz64, mut losses64) = (vec![0.0; rows * n], vec![0.0; rows]);
        for isa in Isa::available() {
            let what = format!("{isa:?} cross-entropy {rows}×{n}");
            let (z, p) = (Guarded::new(&z, case % 5), Guarded::new(&p, case % 3));
            let t = Guarded::new(&t, case % 2);
            let mut dz = Guarded::new(&vec![f32::NAN; rows * n], case % 7);
            let mut losses = Guarded::new(&vec![f32::NAN; rows], case % 4);
            let (wide_z, wide_p, wide_scale) = (wide(z.get()), wide(p.get()), wide(&scale));

            crossentropy::scalar::softmax(&mut dz64, &wide_z, &wide_p, &wide(t.get()), &wide_scale, &mut losses64, n);
            crossentropy::softmax(isa, dz.get_mut(), z.get(), p.get(), t.get(), &scale, losses.get_mut(), n);
            // Up to n targets of 1, times differences of up to 24 + ln n.
            let bound = (n + 4) as f64 * EPSILON * n as f64;
            close(&what, dz.get(), &dz64, |_| bound);
            close(&what, losses.get(), &losses64, |_| 32.0 * bound);

            crossentropy::scalar::sparse(&mut dz64, &wide_z, &wide_p, &labels, &wide_scale, &mut losses64, n);
            crossentropy::sparse(isa, dz.get_mut(), z.get(), p.get(), &labels, &scale, losses.get_mut(), n);
            close(&what, dz.get(), &dz64, |_| 2.0 * EPSILON);
            close(&what, losses.get(), &losses64, |_| 32.0 * 3.0 * EPSILON);
        }
    }
}

#[test]
fn cross_entropy_of_special_values() {
    for isa in Isa::available() {
        // Far apart, as probabilities of 0 and 1: the loss of the unlikely class is still exact.
        let (z, p) = ([1000.0, 0.0, f32::NAN, 0.0, 0.0, 0.0], [1.0, 0.0, f32::NAN, f32::NAN, 0.5, 0.5]);
        let (mut dz, mut losses) = ([0.0; 6], [0.0; 3]);
        crossentropy::sparse(isa, &mut dz, &z, &p, &[1, 0, 2], &[1.0; 3], &mut losses, 2);
        assert_eq!((losses[0], &dz[..2]), (1000.0, &[1.0, -1.0][..]));
        assert!(losses[1..].iter().chain(&dz[2..]).all(|x| x.is_nan()), "{losses:?} {dz:?}");
        crossentropy::softmax(isa, &mut dz[..2], &z[..2], &p[..2], &[0.0, 1.0], &[0.5], &mut losses[..1], 2);
        assert_eq!((losses[0], &dz[..2]), (1000.0, &[0.5, -0.5][..]));
    }
}

#[test]
fn dropout_is_the_scalar_mask() {
    let mut random = Random::new(6);
    let key = Key { seed: 0xFEED_5EED_1234_5678, step: 1 << 33 | 5, stream: 9 };
    for (case, len) in LENGTHS.into_iter().enumerate() {
        let (x, before) = (random.floats(len), random.floats(len));
        for first in [0, 1, 15, 64, 100, (1 << 38) - 7, u64::MAX - 70] {
            for rate in [0.0, 0.1, 0.5, 1.0] {
                let mut expected = vec![0.0; len];
                dropout::scalar::forward(&mut expected, Some(&wide(&x)), rate, key, first);
                let mut sum = wide(&before);
                dropout::scalar::backward(&mut sum, Some(&wide(&x)), rate, key, first, true);
                for isa in Isa::available() {
                    let what = format!("{isa:?} dropout {rate} of {len} from {first}");
                    let from = Guarded::new(&x, case % 5);
                    let mut y = Guarded::new(&vec![f32::NAN; len], case % 7);
                    dropout::forward(isa, y.get_mut(), Some(from.get()), rate, key, first);
                    close(&what, y.get(), &expected, |i| 3.0 * EPSILON * expected[i].abs());
                    let mut in_place = Guarded::new(&x, case % 3);
                    dropout::backward(isa, in_place.get_mut(), None, rate, key, first, false);
                    same_bits(&what, in_place.get(), y.get());
                    let mut dx = Guarded::new(&before, case % 7);
                    dropout::backward(isa, dx.get_mut(), Some(from.get()), rate, key, first, true);
                    close(&what, dx.get(), &sum, |_| 8.0 * EPSILON);
                }
            }
        }
    }
}

#[test]
fn dropout_keeps_its_share() {
    let n = 100_000;
    for isa in Isa::available() {
        for rate in [0.1, 0.5, 0.9] {
            let mut y = vec![1.0; n];
            dropout::forward(isa, &mut y, None, rate, Key::default(), 3);
            let kept = y.iter().filter(|&&y| y > 0.0).count() as f64 / n as f64;
            let share = 1.0 - f64::from(rate);
            // Five standard errors.
            assert!((kept - share).abs() < 5.0 * (share * (1.0 - share) / n as f64).sqrt(), "{kept} of {share}");
        }
    }
}

#[test]
fn sums_and_concatenations_are_exact() {
    let mut random = Random::new(7);
    for (case, len) in LENGTHS.into_iter().enumerate() {
        let parts = [random.floats(len), random.floats(len), random.floats(len)];
        for isa in Isa::available() {
            let inputs: Vec<Guarded> = parts.iter().enumerate().map(|(i, x)| Guarded::new(x, i + case % 3)).collect();
            for count in 0..=3 {
                let xs: Vec<&[f32]> = inputs[..count].iter().map(Guarded::get).collect();
                let mut y = Guarded::new(&vec![f32::NAN; len], case % 7);
                add::forward(isa, y.get_mut(), &xs);
                let expected: Vec<f32> = (0..len).map(|i| xs.iter().fold(0.0, |sum, x| sum + x[i])).collect();
                close("sum", y.get(), &wide(&expected), |_| 0.0);
            }
            let mut dx = Guarded::new(&parts[0], case % 7);
            add::backward(isa, dx.get_mut(), inputs[1].get(), true);
            let expected: Vec<f32> = parts[0].iter().zip(&parts[1]).map(|(a, b)| a + b).collect();
            same_bits("gradient of a sum", dx.get(), &expected);
            add::backward(isa, dx.get_mut(), inputs[2].get(), false);
            same_bits("gradient of a sum", dx.get(), &parts[2]);
        }
    }
    for isa in Isa::available() {
        for rows in [0, 1, 5] {
            let widths = [3, 0, 17, 1];
            let parts = widths.map(|width| random.floats(rows * width));
            let mut y = Guarded::new(&vec![f32::NAN; rows * 21], 1);
            concatenate::forward(isa, y.get_mut(), &parts.each_ref().map(|x| &x[..]), &widths);
            let mut at = 0;
            for (x, width) in parts.iter().zip(widths) {
                let mut dx = Guarded::new(&vec![1.0; rows * width], 2);
                concatenate::backward(isa, dx.get_mut(), y.get(), at, width, 21, false);
                same_bits("part", dx.get(), x);
                concatenate::backward(isa, dx.get_mut(), y.get(), at, width, 21, true);
                same_bits("part twice", dx.get(), &x.iter().map(|x| x + x).collect::<Vec<_>>());
                at += width;
            }
        }
    }
}
