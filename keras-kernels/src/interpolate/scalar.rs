//! Interpolation in plain Rust, over `f32` or `f64`. Its loops run over elements that lie side by side, as many as the compiler
//! knows, so that it makes vectors of them: those of a position where it has enough of them, or else those of several
//! positions whose weights are the same.

use super::Along;
use crate::Real;

/// Positions of few elements that are worked out at once.
const POSITIONS: usize = 8;

/// As [`super::forward`].
#[inline(always)]
pub fn forward<R: Real>(y: &mut [R], x: &[R], of: &Along) {
    let [len, out] = of.lens(y.len(), x.len());
    if out == 0 {
        return;
    }
    for (y, x) in y.chunks_exact_mut(out).zip(x.chunks_exact(len)) {
        for p in 0..of.size {
            let (from, to) = match of.inner {
                1 => several::<1, R>(y, x, p, of),
                2 => several::<2, R>(y, x, p, of),
                3 => several::<3, R>(y, x, p, of),
                4 => several::<4, R>(y, x, p, of),
                _ => (0, 0),
            };
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
    let (inner, mut from) = (y.len(), 0);
    while from < inner {
        from += match inner - from {
            32.. => sum_of::<32, R>(y, x, weights, scale, from),
            16.. => sum_of::<16, R>(y, x, weights, scale, from),
            8.. => sum_of::<8, R>(y, x, weights, scale, from),
            _ => sum_of::<1, R>(y, x, weights, scale, from),
        };
    }
}

/// `N` elements of it, of which there are as many.
#[inline(always)]
fn sum_of<const N: usize, R: Real>(y: &mut [R], x: &[R], weights: &[f32], scale: R, from: usize) -> usize {
    let (inner, mut sum) = (y.len(), [R::ZERO; N]);
    for (k, &weight) in weights.iter().enumerate() {
        let weight = R::of(f64::from(weight)) * scale;
        if let Some(x) = x[k * inner + from..].first_chunk::<N>() {
            add(&mut sum, x, weight);
        }
    }
    y[from..from + N].copy_from_slice(&sum);
    N
}

/// sum += weight · x.
#[inline(always)]
fn add<R: Real>(sum: &mut [R], x: &[R], weight: R) {
    sum.iter_mut().zip(x).for_each(|(sum, &x)| *sum = weight.mul_add(x, *sum));
}

/// The `p`th of positions of `C` elements, several at once, if there are enough for which all are there that count. Which
/// positions were done.
#[inline(always)]
fn several<const C: usize, R: Real>(y: &mut [R], x: &[R], p: usize, of: &Along) -> (usize, usize) {
    let (from, to) = of.inside(p);
    if to - from < POSITIONS {
        return (0, 0);
    }
    let (y, x) = (y.as_chunks_mut::<C>().0, x.as_chunks::<C>().0);
    for i in (from..to).step_by(POSITIONS) {
        // The last ones go over some of those before once more.
        let i = i.min(to - POSITIONS);
        let (mut sum, first) = ([[R::ZERO; C]; POSITIONS], i - of.back(p));
        for (k, &weight) in of.weights[p][..of.taps()].iter().enumerate() {
            if let Some(x) = x[first + k..].first_chunk::<POSITIONS>() {
                add(sum.as_flattened_mut(), x.as_flattened(), R::of(f64::from(weight)));
            }
        }
        let y = &mut y[i * of.size + p..][..(POSITIONS - 1) * of.size + 1];
        for (j, sum) in sum.into_iter().enumerate() {
            y[j * of.size] = sum;
        }
    }
    (from, to)
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
        match of.inner {
            1 => narrow::<1, R>(dx, dy, of),
            2 => narrow::<2, R>(dx, dy, of),
            3 => narrow::<3, R>(dx, dy, of),
            4 => narrow::<4, R>(dx, dy, of),
            _ => wide(dx, dy, of),
        }
    }
}

/// Each position of the input from all of the output for which it counts.
#[inline(always)]
fn wide<R: Real>(dx: &mut [R], dy: &[R], of: &Along) {
    for (q, dx) in dx.chunks_exact_mut(of.inner).enumerate() {
        for p in 0..of.size {
            let back = of.back(p);
            for (k, &weight) in of.weights[p][..of.taps()].iter().enumerate() {
                // Position i has this one as its `k`th: i − back + k = q.
                let Some(i) = (q + back).checked_sub(k).filter(|&i| i < of.n) else { continue };
                let (_, _, scale) = at(i, p, of);
                let weight = R::of(f64::from(weight)) * R::of(f64::from(scale));
                add(dx, &dy[(i * of.size + p) * of.inner..][..of.inner], weight);
            }
        }
    }
}

/// What comes from each position of `C` elements, several at once where all are there that count.
#[inline(always)]
fn narrow<const C: usize, R: Real>(dx: &mut [R], dy: &[R], of: &Along) {
    let (dx, dy) = (dx.as_chunks_mut::<C>().0, dy.as_chunks::<C>().0);
    for p in 0..of.size {
        let (from, mut to) = of.inside(p);
        if to - from < POSITIONS {
            to = from;
        }
        for next in (from..to).step_by(POSITIONS) {
            // Of the last ones, those that others before had count as 0.
            let i = next.min(to - POSITIONS);
            let (mut all, first) = ([[R::ZERO; C]; POSITIONS], i - of.back(p));
            let dy = &dy[i * of.size + p..][..(POSITIONS - 1) * of.size + 1];
            for j in next - i..POSITIONS {
                all[j] = dy[j * of.size];
            }
            for (k, &weight) in of.weights[p][..of.taps()].iter().enumerate() {
                if let Some(dx) = dx[first + k..].first_chunk_mut::<POSITIONS>() {
                    add(dx.as_flattened_mut(), all.as_flattened(), R::of(f64::from(weight)));
                }
            }
        }
        for i in (0..from).chain(to..of.n) {
            let (first, taps, scale) = at(i, p, of);
            for (k, &weight) in of.weights[p][taps.0..taps.1].iter().enumerate() {
                let weight = R::of(f64::from(weight)) * R::of(f64::from(scale));
                add(&mut dx[first + k], &dy[i * of.size + p], weight);
            }
        }
    }
}
