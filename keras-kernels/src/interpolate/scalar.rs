//! Interpolation in plain Rust, over `f32` or `f64`. Its loops run over elements that lie side by side, of which the compiler
//! makes vectors: those of a position where it has enough of them, or else those of many positions whose weights are the
//! same.

use super::Along;
use crate::Real;

/// Elements that are worked out at once.
const AT_ONCE: usize = 32;

/// Elements of a position from which on they are enough.
const WIDE: usize = 8;

/// As [`super::forward`].
#[inline(always)]
pub fn forward<R: Real>(y: &mut [R], x: &[R], of: &Along) {
    let [len, out] = of.lens(y.len(), x.len());
    if out == 0 {
        return;
    }
    for (y, x) in y.chunks_exact_mut(out).zip(x.chunks_exact(len)) {
        for p in 0..of.size {
            let (from, to) = if of.inner < WIDE { of.inside(p) } else { (0, 0) };
            if from < to {
                spread(y, x, p, from, to, of);
            }
            for i in (0..from).chain(to..of.n) {
                let (first, taps, scale) = at(i, p, of);
                let y = &mut y[(i * of.size + p) * of.inner..][..of.inner];
                sum(y, &x[first * of.inner..], &of.weights[p][taps.0..taps.1], R::of(f64::from(scale)));
            }
        }
    }
}

/// The first position that counts for the `p`th of position i, which of the weights those that are there have, and what these
/// are multiplied with.
#[inline(always)]
fn at(i: usize, p: usize, of: &Along) -> (usize, (usize, usize), f32) {
    let (back, count) = (of.back(p), of.taps());
    let first = i.saturating_sub(back);
    let from = back.saturating_sub(i);
    let to = count.min(from + of.n - first);
    if to - from == count {
        return (first, (0, count), 1.0);
    }
    (first, (from, to), 1.0 / of.weights[p][from..to].iter().sum::<f32>())
}

/// A weighted sum of positions of `y.len()` elements.
#[inline(always)]
fn sum<R: Real>(y: &mut [R], x: &[R], weights: &[f32], scale: R) {
    let inner = y.len();
    for (chunk, y) in y.chunks_mut(AT_ONCE).enumerate() {
        let (mut sum, from) = ([R::ZERO; AT_ONCE], chunk * AT_ONCE);
        for (k, &weight) in weights.iter().enumerate() {
            let (weight, x) = (R::of(f64::from(weight)) * scale, &x[k * inner + from..][..y.len()]);
            add(&mut sum, x, weight);
        }
        y.copy_from_slice(&sum[..y.len()]);
    }
}

/// sum += weight · x; the whole of `sum` if that is how long `x` is.
#[inline(always)]
fn add<R: Real>(sum: &mut [R; AT_ONCE], x: &[R], weight: R) {
    if let Ok(x) = <&[R; AT_ONCE]>::try_from(x) {
        for i in 0..AT_ONCE {
            sum[i] = weight.mul_add(x[i], sum[i]);
        }
    } else {
        for (sum, &x) in sum.iter_mut().zip(x) {
            *sum = weight.mul_add(x, *sum);
        }
    }
}

/// The `p`th of all positions from `from` to `to`, for each of which all are there that count.
#[inline(always)]
fn spread<R: Real>(y: &mut [R], x: &[R], p: usize, from: usize, to: usize, of: &Along) {
    let (inner, weights) = (of.inner, &of.weights[p][..of.taps()]);
    let per = AT_ONCE / inner;
    for i in (from..to).step_by(per) {
        let count = per.min(to - i);
        let (mut sum, first) = ([R::ZERO; AT_ONCE], (i - of.back(p)) * inner);
        for (k, &weight) in weights.iter().enumerate() {
            add(&mut sum, &x[first + k * inner..][..count * inner], R::of(f64::from(weight)));
        }
        let y = y[(i * of.size + p) * inner..].chunks_mut(of.size * inner);
        for (y, sum) in y.zip(sum[..count * inner].chunks_exact(inner)) {
            y[..inner].copy_from_slice(sum);
        }
    }
}

/// As [`super::backward`].
#[inline(always)]
pub fn backward<R: Real>(dx: &mut [R], dy: &[R], of: &Along, acc: bool) {
    let [len, out] = of.lens(dy.len(), dx.len());
    if !acc {
        dx.fill(R::ZERO);
    }
    if out == 0 {
        return;
    }
    for (dx, dy) in dx.chunks_exact_mut(len).zip(dy.chunks_exact(out)) {
        if of.inner >= WIDE {
            wide(dx, dy, of);
            continue;
        }
        for p in 0..of.size {
            let (from, to) = of.inside(p);
            if from < to {
                gather(dx, dy, p, from, to, of);
            }
            for i in (0..from).chain(to..of.n) {
                let (first, taps, scale) = at(i, p, of);
                let dy = &dy[(i * of.size + p) * of.inner..][..of.inner];
                for (k, &weight) in of.weights[p][taps.0..taps.1].iter().enumerate() {
                    let weight = R::of(f64::from(weight)) * R::of(f64::from(scale));
                    let dx = &mut dx[(first + k) * of.inner..][..of.inner];
                    dx.iter_mut().zip(dy).for_each(|(dx, &dy)| *dx = weight.mul_add(dy, *dx));
                }
            }
        }
    }
}

/// Each position of the input from all of the output for which it counts.
#[inline(always)]
fn wide<R: Real>(dx: &mut [R], dy: &[R], of: &Along) {
    let inner = of.inner;
    for (q, dx) in dx.chunks_exact_mut(inner).enumerate() {
        for (chunk, dx) in dx.chunks_mut(AT_ONCE).enumerate() {
            let (mut sum, from) = ([R::ZERO; AT_ONCE], chunk * AT_ONCE);
            for p in 0..of.size {
                let back = of.back(p);
                for (k, &weight) in of.weights[p][..of.taps()].iter().enumerate() {
                    // Position i has this one as its `k`th: i − back + k = q.
                    let Some(i) = (q + back).checked_sub(k).filter(|&i| i < of.n) else { continue };
                    let (_, _, scale) = at(i, p, of);
                    let weight = R::of(f64::from(weight)) * R::of(f64::from(scale));
                    add(&mut sum, &dy[(i * of.size + p) * inner + from..][..dx.len()], weight);
                }
            }
            dx.iter_mut().zip(&sum).for_each(|(dx, &sum)| *dx += sum);
        }
    }
}

/// What comes from the `p`th of all positions from `from` to `to`.
#[inline(always)]
fn gather<R: Real>(dx: &mut [R], dy: &[R], p: usize, from: usize, to: usize, of: &Along) {
    let (inner, weights) = (of.inner, &of.weights[p][..of.taps()]);
    let per = AT_ONCE / inner;
    for i in (from..to).step_by(per) {
        let count = per.min(to - i);
        let (mut all, first) = ([R::ZERO; AT_ONCE], (i - of.back(p)) * inner);
        let dy = dy[(i * of.size + p) * inner..].chunks(of.size * inner);
        for (all, dy) in all[..count * inner].chunks_exact_mut(inner).zip(dy) {
            all.copy_from_slice(&dy[..inner]);
        }
        for (k, &weight) in weights.iter().enumerate() {
            let weight = R::of(f64::from(weight));
            let dx = &mut dx[first + k * inner..][..count * inner];
            dx.iter_mut().zip(&all).for_each(|(dx, &dy)| *dx = weight.mul_add(dy, *dx));
        }
    }
}
