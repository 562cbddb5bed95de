//! Batch normalization in plain Rust, over `f32` or `f64`. Its loops run over channels that lie side by side, of which the
//! compiler makes vectors.

use super::{Channels, least};
use crate::Real;

/// As [`super::statistics`].
#[inline(always)]
pub fn statistics<R: Real>(stats: &mut [R], x: &[R], mask: &[R], of: &Channels) {
    let (c, positions) = (of.channels, of.positions);
    if of.is_empty() {
        return;
    }
    for (sample, (stats, x)) in stats.chunks_exact_mut(of.statistics()).zip(x.chunks_exact(of.len())).enumerate() {
        let mask = if mask.is_empty() { mask } else { &mask[sample * positions..][..positions] };
        let (mean, rest) = stats.split_at_mut(c);
        let (variance, share) = rest.split_at_mut(c);
        let counts = |p: usize| mask.get(p).is_none_or(|&m| m != R::ZERO);
        let count = (0..positions).filter(|&p| counts(p)).count();
        share[0] = R::of(count as f64 / positions as f64);
        let scale = if count == 0 { R::ZERO } else { R::ONE / R::of(count as f64) };
        mean.fill(R::ZERO);
        variance.fill(R::ZERO);
        for (_, x) in x.chunks_exact(c).enumerate().filter(|(p, _)| counts(*p)) {
            add(mean, x);
        }
        mean.iter_mut().for_each(|mean| *mean *= scale);
        for (_, x) in x.chunks_exact(c).enumerate().filter(|(p, _)| counts(*p)) {
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
pub fn combine<R: Real>(mean: &mut [R], variance: &mut [R], stats: &[R], of: &Channels) -> R {
    let c = of.channels;
    mean.fill(R::ZERO);
    variance.fill(R::ZERO);
    let mut samples = R::of(least(of));
    for stats in stats.chunks_exact(of.statistics()) {
        let share = stats[2 * c];
        samples += share;
        for i in 0..c {
            mean[i] += share * stats[i];
        }
    }
    let scale = R::ONE / samples;
    mean.iter_mut().for_each(|mean| *mean *= scale);
    for stats in stats.chunks_exact(of.statistics()) {
        let share = stats[2 * c];
        for i in 0..c {
            let d = stats[i] - mean[i];
            variance[i] += share * d.mul_add(d, stats[c + i]);
        }
    }
    variance.iter_mut().for_each(|variance| *variance *= scale);
    samples
}

/// As [`super::deviation`].
#[inline(always)]
pub fn deviation<R: Real>(variance: &mut [R], epsilon: f32) {
    let epsilon = R::of(f64::from(epsilon));
    variance.iter_mut().for_each(|variance| *variance = R::ONE / (*variance + epsilon).sqrt());
}

/// As [`super::corrections`]. Nothing without renormalization.
pub fn corrections<R: Real>(
    [r, d]: [&mut [R]; 2],
    mean: &[R],
    variance: &[R],
    [old_mean, old_deviation]: [&[R]; 2],
    of: &Channels,
) {
    let Some(renorm) = of.renorm else { return };
    let [epsilon, rmin, rmax, dmax] = [of.epsilon, renorm.rmin, renorm.rmax, renorm.dmax].map(|x| R::of(f64::from(x)));
    for i in 0..of.channels {
        let deviation = old_deviation[i].max(epsilon.sqrt());
        r[i] = ((variance[i] + epsilon).sqrt() / deviation).max(rmin).min(rmax);
        d[i] = ((mean[i] - old_mean[i]) / deviation).max(-dmax).min(dmax);
    }
}

/// As [`super::factors`].
pub fn factors<R: Real>(r: &mut [R], d: &mut [R], gamma: Option<&[R]>, beta: Option<&[R]>) {
    for i in 0..r.len() {
        let gamma = gamma.map_or(R::ONE, |gamma| gamma[i]);
        r[i] *= gamma;
        d[i] = d[i] * gamma + beta.map_or(R::ZERO, |beta| beta[i]);
    }
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
pub fn totals<R: Real>(sum: &mut [R], dot: &mut [R], sums: &[R], count: R) {
    let c = sum.len();
    if c == 0 {
        return;
    }
    sum.fill(R::ZERO);
    dot.fill(R::ZERO);
    for sums in sums.chunks_exact(2 * c) {
        add(sum, &sums[..c]);
        add(dot, &sums[c..]);
    }
    let scale = R::ONE / count;
    sum.iter_mut().chain(dot).for_each(|total| *total *= scale);
}

/// As [`super::backward_data`].
#[inline(always)]
pub fn slopes<R: Real>(
    dx: &mut [R],
    dy: &[R],
    x: &[R],
    mask: &[R],
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
    for (p, (dx, (dy, x))) in dx.chunks_exact_mut(c).zip(dy.chunks_exact(c).zip(x.chunks_exact(c))).enumerate() {
        if mask.get(p) == Some(&R::ZERO) {
            for i in 0..c {
                let d = dy[i] * gamma.map_or(R::ONE, |gamma| gamma[i]) * rstd[i];
                dx[i] = if acc { dx[i] + d } else { d };
            }
            continue;
        }
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

/// As [`super::update_deviation`].
pub fn update_deviation<R: Real>(average: &mut [R], variance: &[R], epsilon: f32, momentum: f32) {
    let (epsilon, momentum) = (R::of(f64::from(epsilon)), R::of(f64::from(momentum)));
    for (average, &variance) in average.iter_mut().zip(variance) {
        *average = momentum.mul_add(*average, (R::ONE - momentum) * (variance + epsilon).sqrt());
    }
}
