//! Normalization of rows in lanes.

use super::Groups;
use super::scalar::part;
use crate::lanes::{LANES, LONG, padded, padded_with, sum};

/// Σ f(x, s), where f(fill, 0) is 0.
#[inline(always)]
fn total(x: &[f32], s: &[f32], fill: f32, f: impl Fn(f32, f32, f32) -> f32) -> f32 {
    if x.len() < LONG {
        return x.iter().zip(s).fold(0.0, |sum, (&x, &s)| f(x, s, sum));
    }
    let (xs, x_rest) = x.as_chunks::<LANES>();
    let (ss, s_rest) = s.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (x, s) in xs.iter().zip(ss) {
        for i in 0..LANES {
            sums[i] = f(x[i], s[i], sums[i]);
        }
    }
    if !x_rest.is_empty() {
        let (x, s) = (padded_with(x_rest, fill), padded(s_rest));
        for i in 0..LANES {
            sums[i] = f(x[i], s[i], sums[i]);
        }
    }
    sum(sums)
}

/// As [`super::forward`] for one position; the lengths have been checked.
#[inline(always)]
pub(super) fn forward(
    y: &mut [f32],
    x: &[f32],
    gamma: Option<&[f32]>,
    beta: Option<&[f32]>,
    stats: &mut [f32],
    groups: &Groups,
) {
    let n = groups.depth;
    if groups.is_empty() {
        return;
    }
    let scale = 1.0 / n as f32;
    for (row, (y, x)) in y.chunks_exact_mut(n).zip(x.chunks_exact(n)).enumerate() {
        let mean = if groups.centered { total(x, x, 0.0, |x, _, sum| sum + x) * scale } else { 0.0 };
        let square = total(x, x, mean, |x, _, sum| (x - mean).mul_add(x - mean, sum)) * scale;
        let rstd = 1.0 / (square + groups.epsilon).sqrt();
        if let Some(stats) = stats.get_mut(2 * row..2 * row + 2) {
            stats.copy_from_slice(&[mean, rstd]);
        }
        let group = row % groups.groups;
        match (part(gamma, group, n), part(beta, group, n)) {
            (Some(gamma), Some(beta)) => {
                for i in 0..n {
                    y[i] = ((x[i] - mean) * rstd).mul_add(gamma[i], beta[i]);
                }
            }
            (Some(gamma), None) => {
                for i in 0..n {
                    y[i] = (x[i] - mean) * rstd * gamma[i];
                }
            }
            (None, Some(beta)) => {
                for i in 0..n {
                    y[i] = (x[i] - mean).mul_add(rstd, beta[i]);
                }
            }
            (None, None) => {
                for i in 0..n {
                    y[i] = (x[i] - mean) * rstd;
                }
            }
        }
    }
}

/// As [`super::backward_data`] for one position; the lengths have been checked.
#[inline(always)]
pub(super) fn backward(
    dx: &mut [f32],
    dy: &[f32],
    x: &[f32],
    gamma: Option<&[f32]>,
    stats: &[f32],
    groups: &Groups,
    acc: bool,
) {
    let n = groups.depth;
    if groups.is_empty() {
        return;
    }
    for (row, dx) in dx.chunks_exact_mut(n).enumerate() {
        let (dy, x) = (&dy[row * n..][..n], &x[row * n..][..n]);
        let (mean, rstd) = (stats[2 * row], stats[2 * row + 1]);
        // γ dy waits where the result goes, unless that holds what is added to.
        match part(gamma, row % groups.groups, n) {
            Some(gamma) if acc => slopes(dx, dy, x, mean, rstd, groups, Some(gamma)),
            None if acc => slopes(dx, dy, x, mean, rstd, groups, None),
            gamma => {
                match gamma {
                    Some(gamma) => {
                        for i in 0..n {
                            dx[i] = dy[i] * gamma[i];
                        }
                    }
                    None => dx.copy_from_slice(dy),
                }
                let (sum, dot) = means(dx, x, mean, rstd, groups);
                for i in 0..n {
                    dx[i] = ((mean - x[i]) * rstd).mul_add(dot, dx[i] - sum) * rstd;
                }
            }
        }
    }
}

/// The means of g and g x̂.
#[inline(always)]
fn means(g: &[f32], x: &[f32], mean: f32, rstd: f32, groups: &Groups) -> (f32, f32) {
    let scale = 1.0 / groups.depth as f32;
    let sum = if groups.centered { total(g, g, 0.0, |g, _, sum| sum + g) * scale } else { 0.0 };
    let dot = total(x, g, mean, |x, g, sum| ((x - mean) * rstd).mul_add(g, sum)) * scale;
    (sum, dot)
}

/// Adds the gradient of a row to what `dx` holds, with γ dy computed twice.
#[inline(always)]
fn slopes(dx: &mut [f32], dy: &[f32], x: &[f32], mean: f32, rstd: f32, groups: &Groups, gamma: Option<&[f32]>) {
    let (n, scale) = (groups.depth, 1.0 / groups.depth as f32);
    let (sum, dot) = match gamma {
        None => means(dy, x, mean, rstd, groups),
        Some(gamma) => {
            let sum = total(gamma, dy, 0.0, |gamma, dy, sum| gamma.mul_add(dy, sum)) * scale;
            (if groups.centered { sum } else { 0.0 }, weighted(dy, x, gamma, mean, rstd) * scale)
        }
    };
    for i in 0..n {
        let slope = gamma.map_or(dy[i], |gamma| dy[i] * gamma[i]);
        dx[i] = (((mean - x[i]) * rstd).mul_add(dot, slope - sum)).mul_add(rstd, dx[i]);
    }
}

/// Σ γ dy x̂.
#[inline(always)]
fn weighted(dy: &[f32], x: &[f32], gamma: &[f32], mean: f32, rstd: f32) -> f32 {
    if x.len() < LONG {
        return (0..x.len()).fold(0.0, |sum, i| ((x[i] - mean) * rstd).mul_add(dy[i] * gamma[i], sum));
    }
    let (dys, dy_rest) = dy.as_chunks::<LANES>();
    let (xs, x_rest) = x.as_chunks::<LANES>();
    let (gammas, gamma_rest) = gamma.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for ((dy, x), gamma) in dys.iter().zip(xs).zip(gammas) {
        for i in 0..LANES {
            sums[i] = ((x[i] - mean) * rstd).mul_add(dy[i] * gamma[i], sums[i]);
        }
    }
    if !x_rest.is_empty() {
        let (dy, x, gamma) = (padded(dy_rest), padded_with(x_rest, mean), padded(gamma_rest));
        for i in 0..LANES {
            sums[i] = ((x[i] - mean) * rstd).mul_add(dy[i] * gamma[i], sums[i]);
        }
    }
    sum(sums)
}
