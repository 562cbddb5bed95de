//! Batch normalization in plain Rust, over `f32` or `f64`. Its loops run over channels that lie side by side, of which the
//! compiler makes vectors.

use super::Channels;
use crate::Real;

/// As [`super::statistics`].
#[inline(always)]
pub fn statistics<R: Real>(stats: &mut [R], x: &[R], of: &Channels) {
    let c = of.channels;
    if of.is_empty() {
        return;
    }
    let scale = R::ONE / R::of(of.positions as f64);
    for (stats, x) in stats.chunks_exact_mut(2 * c).zip(x.chunks_exact(of.len())) {
        let (mean, variance) = stats.split_at_mut(c);
        variance.fill(R::ZERO);
        if of.positions == 1 {
            mean.copy_from_slice(x);
            continue;
        }
        mean.fill(R::ZERO);
        for x in x.chunks_exact(c) {
            add(mean, x);
        }
        mean.iter_mut().for_each(|mean| *mean *= scale);
        for x in x.chunks_exact(c) {
            for i in 0..c {
                let d = x[i] - mean[i];
                variance[i] = d.mul_add(d, variance[i]);
            }
        }
        variance.iter_mut().for_each(|variance| *variance *= scale);
    }
}

#[inline(always)]
fn add<R: Real>(sum: &mut [R], x: &[R]) {
    for (sum, &x) in sum.iter_mut().zip(x) {
        *sum += x;
    }
}

/// As [`super::combine`].
#[inline(always)]
pub fn combine<R: Real>(mean: &mut [R], variance: &mut [R], stats: &[R]) {
    let c = mean.len();
    if stats.is_empty() {
        return;
    }
    let scale = R::ONE / R::of((stats.len() / (2 * c)) as f64);
    mean.fill(R::ZERO);
    variance.fill(R::ZERO);
    for stats in stats.chunks_exact(2 * c) {
        add(mean, &stats[..c]);
        add(variance, &stats[c..]);
    }
    mean.iter_mut().for_each(|mean| *mean *= scale);
    for stats in stats.chunks_exact(2 * c) {
        for i in 0..c {
            let d = stats[i] - mean[i];
            variance[i] = d.mul_add(d, variance[i]);
        }
    }
    variance.iter_mut().for_each(|variance| *variance *= scale);
}

/// As [`super::deviation`].
#[inline(always)]
pub fn deviation<R: Real>(variance: &mut [R], epsilon: f32) {
    let epsilon = R::of(f64::from(epsilon));
    variance.iter_mut().for_each(|variance| *variance = R::ONE / (*variance + epsilon).sqrt());
}

/// As [`super::apply`].
#[inline(always)]
pub fn apply<R: Real>(
    y: &mut [R],
    x: &[R],
    mean: &[R],
    rstd: &[R],
    gamma: Option<&[R]>,
    beta: Option<&[R]>,
    tmp: &mut [R],
) {
    let c = mean.len();
    if c == 0 {
        return;
    }
    for i in 0..c {
        tmp[i] = gamma.map_or(R::ONE, |gamma| gamma[i]) * rstd[i];
    }
    for (y, x) in y.chunks_exact_mut(c).zip(x.chunks_exact(c)) {
        match beta {
            Some(beta) => {
                for i in 0..c {
                    y[i] = (x[i] - mean[i]).mul_add(tmp[i], beta[i]);
                }
            }
            None => {
                for i in 0..c {
                    y[i] = (x[i] - mean[i]) * tmp[i];
                }
            }
        }
    }
}

/// As [`super::sums`].
#[inline(always)]
pub fn sums<R: Real>(sums: &mut [R], dy: &[R], x: &[R], mean: &[R], rstd: &[R], of: &Channels) {
    let (c, len) = (of.channels, of.len());
    if len == 0 {
        return;
    }
    for (sums, (dy, x)) in sums.chunks_exact_mut(2 * c).zip(dy.chunks_exact(len).zip(x.chunks_exact(len))) {
        let (sum, dot) = sums.split_at_mut(c);
        sum.fill(R::ZERO);
        dot.fill(R::ZERO);
        for (dy, x) in dy.chunks_exact(c).zip(x.chunks_exact(c)) {
            for i in 0..c {
                sum[i] += dy[i];
                dot[i] = (x[i] - mean[i]).mul_add(dy[i], dot[i]);
            }
        }
        dot.iter_mut().zip(rstd).for_each(|(dot, &rstd)| *dot *= rstd);
    }
}

/// As [`super::totals`].
#[inline(always)]
pub fn totals<R: Real>(sum: &mut [R], dot: &mut [R], sums: &[R], count: usize) {
    let c = sum.len();
    if c == 0 || count == 0 {
        return;
    }
    sum.fill(R::ZERO);
    dot.fill(R::ZERO);
    for sums in sums.chunks_exact(2 * c) {
        add(sum, &sums[..c]);
        add(dot, &sums[c..]);
    }
    let scale = R::ONE / R::of(count as f64);
    sum.iter_mut().chain(dot).for_each(|total| *total *= scale);
}

/// As [`super::backward_data`].
#[inline(always)]
pub fn slopes<R: Real>(
    dx: &mut [R],
    dy: &[R],
    x: &[R],
    mean: &[R],
    rstd: &[R],
    sum: &[R],
    dot: &[R],
    gamma: Option<&[R]>,
    acc: bool,
) {
    let c = mean.len();
    if c == 0 {
        return;
    }
    for (dx, (dy, x)) in dx.chunks_exact_mut(c).zip(dy.chunks_exact(c).zip(x.chunks_exact(c))) {
        for i in 0..c {
            let factor = gamma.map_or(R::ONE, |gamma| gamma[i]) * rstd[i];
            let d = (dy[i] - sum[i] - (x[i] - mean[i]) * rstd[i] * dot[i]) * factor;
            dx[i] = if acc { dx[i] + d } else { d };
        }
    }
}

/// Σ of `g.len()` floats from `at` on, of each row of `stride`.
#[inline(always)]
pub fn column<R: Real>(g: &mut [R], sums: &[R], stride: usize, at: usize) {
    g.fill(R::ZERO);
    let len = g.len();
    for sums in sums.chunks_exact(stride) {
        add(g, &sums[at..at + len]);
    }
}

/// As [`super::update`].
#[inline(always)]
pub fn update<R: Real>(average: &mut [R], value: &[R], momentum: f32) {
    let momentum = R::of(f64::from(momentum));
    for (average, &value) in average.iter_mut().zip(value) {
        *average = momentum.mul_add(*average, (R::ONE - momentum) * value);
    }
}
