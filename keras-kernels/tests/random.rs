//! Noise, masks with shapes of their own and learnt slopes, of every instruction set, against the scalar bodies in `f64`.

mod common;

use common::{EPSILON, Guarded, LENGTHS, Random, close, same_bits, wide};
use keras_kernels::memory::{Sink, Use};
use keras_kernels::noise::{self, Key, Noise};
use keras_kernels::shaped_dropout::{self, Dim, Mask};
use keras_kernels::{Isa, prelu};

const KEY: Key = Key { seed: 0xFEED_5EED_1234_5678, step: 1 << 33 | 5, stream: 9 };

#[test]
fn noise_is_that_of_its_index() {
    let mut random = Random::new(12);
    for (case, len) in LENGTHS.into_iter().enumerate() {
        let (x, before) = (random.floats(len), random.floats(len));
        for first in [0, 1, 15, 64, 100, (1 << 38) - 7, u64::MAX - 70] {
            for noise in [Noise::Added { stddev: 0.5 }, Noise::Multiplied { rate: 0.3 }] {
                let (mut expected, mut sum) = (vec![0.0; len], wide(&before));
                noise::scalar::forward(&mut expected, Some(&wide(&x)), noise, KEY, first);
                noise::scalar::backward(&mut sum, Some(&wide(&x)), noise, KEY, first, true);
                for isa in Isa::available() {
                    let what = format!("{isa:?} {noise:?} on {len} from {first}");
                    let from = Guarded::new(&x, case % 5);
                    let mut y = Guarded::new(&vec![f32::NAN; len], case % 7);
                    noise::forward(isa, y.get_mut(), Some(from.get()), noise, KEY, first);
                    // Six deviations at the most, of sines that are right to 4e-7.
                    close(&what, y.get(), &expected, |_| 48.0 * EPSILON);
                    let mut in_place = Guarded::new(&x, case % 3);
                    noise::forward(isa, in_place.get_mut(), None, noise, KEY, first);
                    same_bits(&what, in_place.get(), y.get());
                    let mut dx = Guarded::new(&before, case % 7);
                    noise::backward(isa, dx.get_mut(), Some(from.get()), noise, KEY, first, true);
                    close(&what, dx.get(), &sum, |_| 48.0 * EPSILON);
                }
            }
        }
    }
}

#[test]
fn noise_does_not_depend_on_the_split() {
    for isa in Isa::available() {
        let mut whole = vec![1.0; 300];
        noise::forward(isa, &mut whole, None, Noise::Added { stddev: 1.0 }, KEY, 7);
        let mut parts = vec![1.0; 300];
        let (mut at, mut len) = (0, 1);
        while at < 300 {
            let part = &mut parts[at..][..len.min(300 - at)];
            noise::forward(isa, part, None, Noise::Added { stddev: 1.0 }, KEY, 7 + at as u64);
            at += part.len();
            len += 3;
        }
        same_bits("noise", &whole, &parts);
    }
}

#[test]
fn masks_with_shapes_of_their_own() {
    let mut random = Random::new(13);
    let lens = [3, 5, 70];
    for pattern in 0..8 {
        let dims: Vec<Dim> = (0..3).map(|i| Dim { len: lens[i], own: pattern >> i & 1 == 1 }).collect();
        for (by_sample, rows) in [(true, 0), (true, 1), (true, 4), (false, 4)] {
            let len = rows * 1050;
            let (x, before) = (random.floats(len), random.floats(len));
            for mask in [Mask::inverted(0.4, by_sample, &dims), Mask::alpha(0.4, by_sample, &dims)] {
                let (mut expected, mut sum) = (vec![0.0; len], wide(&before));
                shaped_dropout::scalar::forward(&mut expected, Some(&wide(&x)), mask, KEY, 2);
                shaped_dropout::scalar::backward(&mut sum, Some(&wide(&x)), mask, KEY, 2, true);
                // What lies along a dimension that the mask does not have is dropped together.
                let mut own = vec![1.0; len];
                shaped_dropout::scalar::backward(&mut own, None, mask, KEY, 2, false);
                for i in 0..len {
                    let (mut rest, mut first, mut stride) = (i, 0, 1);
                    for dim in dims.iter().rev() {
                        first += if dim.own { rest % dim.len * stride } else { 0 };
                        rest /= dim.len;
                        stride *= dim.len;
                    }
                    let first = first + if by_sample { rest * 1050 } else { 0 };
                    assert_eq!(own[i], own[first], "element {i} of {mask:?}");
                }
                for isa in Isa::available() {
                    let what = format!("{isa:?} {mask:?}, {rows} rows");
                    let from = Guarded::new(&x, 1);
                    let mut y = Guarded::new(&vec![f32::NAN; len], 2);
                    shaped_dropout::forward(isa, y.get_mut(), Some(from.get()), mask, KEY, 2);
                    close(&what, y.get(), &expected, |_| 6.0 * EPSILON);
                    let mut dx = Guarded::new(&before, 3);
                    shaped_dropout::backward(isa, dx.get_mut(), Some(from.get()), mask, KEY, 2, true);
                    close(&what, dx.get(), &sum, |_| 6.0 * EPSILON);
                    // Each row for itself.
                    for row in 0..rows {
                        let mut alone = x[row * 1050..][..1050].to_vec();
                        shaped_dropout::forward(isa, &mut alone, None, mask, KEY, 2 + row);
                        same_bits(&what, &alone, &y.get()[row * 1050..][..1050]);
                    }
                }
            }
        }
    }
}

#[test]
fn learnt_slopes() {
    let mut random = Random::new(14);
    let lens = [3, 5, 70];
    for pattern in 0..8 {
        let dims: Vec<prelu::Dim> =
            (0..3).map(|i| prelu::Dim { len: lens[i], shared: pattern >> i & 1 == 1 }).collect();
        let slopes: usize = dims.iter().map(|dim| if dim.shared { 1 } else { dim.len }).product();
        for rows in [0, 1, 3] {
            let len = rows * 1050;
            let (x, dy, before) = (random.floats(len), random.floats(len), random.floats(len));
            let alpha = random.floats(slopes);
            let (mut expected, mut sum) = (vec![0.0; len], wide(&before));
            prelu::scalar::forward(&mut expected, Some(&wide(&x)), &wide(&alpha), &dims);
            prelu::scalar::backward_data(&mut sum, Some(&wide(&dy)), &wide(&x), &wide(&alpha), &dims, true);
            // Differences in the slopes: y is linear in each of them.
            let mut dalpha = vec![0.0; slopes];
            prelu::scalar::backward_alpha(&mut dalpha, &wide(&x), &wide(&dy), &dims);
            for i in (0..slopes).step_by(slopes.div_ceil(9)) {
                let (mut moved, mut y) = (wide(&alpha), vec![0.0; len]);
                moved[i] += 1.0;
                prelu::scalar::forward(&mut y, Some(&wide(&x)), &moved, &dims);
                let difference: f64 = (0..len).map(|j| (y[j] - expected[j]) * f64::from(dy[j])).sum();
                assert!((difference - dalpha[i]).abs() < 1e-9, "slope {i}: {difference}, {}", dalpha[i]);
            }
            for isa in Isa::available() {
                let what = format!("{isa:?} {dims:?}, {rows} rows");
                let from = Guarded::new(&x, 1);
                let mut y = Guarded::new(&vec![f32::NAN; len], 2);
                prelu::forward(isa, y.get_mut(), Some(from.get()), &alpha, &dims);
                close(&what, y.get(), &expected, |_| EPSILON);
                let mut dx = Guarded::new(&before, 3);
                prelu::backward_data(isa, dx.get_mut(), Some(&dy), from.get(), &alpha, &dims, true);
                close(&what, dx.get(), &sum, |_| 3.0 * EPSILON);
                let (mut weights, mut grads) = (alpha.clone(), vec![f32::NAN; slopes]);
                let mut sink = Sink::store(&mut weights, &mut grads, &[]);
                if let Some(out) = sink.param(0, 0, slopes, Use::Only) {
                    prelu::backward_alpha(isa, out, from.get(), &dy, &dims);
                }
                let terms = len.div_ceil(slopes) as f64;
                close(&what, &grads, &dalpha, |_| terms * terms * EPSILON);
            }
        }
    }
}
