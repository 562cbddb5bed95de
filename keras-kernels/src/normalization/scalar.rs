//! Normalization in plain Rust, over `f32` or `f64`.

use super::{Groups, check_backward, check_forward};
use crate::Real;

/// As [`super::forward`].
pub fn forward<R: Real>(
    y: &mut [R],
    x: &[R],
    gamma: Option<&[R]>,
    beta: Option<&[R]>,
    stats: &mut [R],
    groups: &Groups,
    tmp: &mut [R],
) {
    check_forward(y.len(), x.len(), gamma.map(<[R]>::len), beta.map(<[R]>::len), stats.len(), groups);
    if groups.positions == 1 {
        rows_forward(y, x, gamma, beta, stats, groups);
    } else {
        channels_forward(y, x, gamma, beta, stats, groups, tmp);
    }
}

/// As [`super::backward_data`].
pub fn backward_data<R: Real>(
    dx: &mut [R],
    dy: &[R],
    x: &[R],
    gamma: Option<&[R]>,
    stats: &[R],
    groups: &Groups,
    acc: bool,
    tmp: &mut [R],
) {
    check_backward(dx.len(), dy.len(), x.len(), gamma.map(<[R]>::len), stats.len(), groups);
    if groups.positions == 1 {
        rows_backward(dx, dy, x, gamma, stats, groups, acc);
    } else {
        channels_backward(dx, dy, x, gamma, stats, groups, acc, tmp);
    }
}

/// As [`super::backward_gamma`]; `g` is overwritten.
pub fn backward_gamma<R: Real>(g: &mut [R], x: &[R], dy: &[R], stats: &[R], groups: &Groups) {
    check_backward(dy.len(), dy.len(), x.len(), Some(g.len()), stats.len(), groups);
    gamma_piece(g, x, dy, stats, groups, 0);
}

/// Where the factors or offsets of a group begin, or none.
#[inline(always)]
pub(super) fn part<R>(of: Option<&[R]>, group: usize, depth: usize) -> Option<&[R]> {
    of.map(|of| &of[group * depth..][..depth])
}

/// One position: each group is a row.
pub(super) fn rows_forward<R: Real>(
    y: &mut [R],
    x: &[R],
    gamma: Option<&[R]>,
    beta: Option<&[R]>,
    stats: &mut [R],
    groups: &Groups,
) {
    let (n, one) = (groups.depth, R::ONE);
    if groups.is_empty() {
        return;
    }
    let scale = one / R::of(n as f64);
    for (row, (y, x)) in y.chunks_exact_mut(n).zip(x.chunks_exact(n)).enumerate() {
        let mean = if groups.centered { x.iter().copied().sum::<R>() * scale } else { R::ZERO };
        let square = x.iter().fold(R::ZERO, |sum, &x| (x - mean).mul_add(x - mean, sum)) * scale;
        let rstd = one / (square + R::of(f64::from(groups.epsilon))).sqrt();
        if let Some(stats) = stats.get_mut(2 * row..2 * row + 2) {
            stats.copy_from_slice(&[mean, rstd]);
        }
        let group = row % groups.groups;
        let (gamma, beta) = (part(gamma, group, n), part(beta, group, n));
        for i in 0..n {
            let normal = (x[i] - mean) * rstd;
            y[i] = gamma.map_or(one, |gamma| gamma[i]).mul_add(normal, beta.map_or(R::ZERO, |beta| beta[i]));
        }
    }
}

/// One position: each group is a row.
pub(super) fn rows_backward<R: Real>(
    dx: &mut [R],
    dy: &[R],
    x: &[R],
    gamma: Option<&[R]>,
    stats: &[R],
    groups: &Groups,
    acc: bool,
) {
    let n = groups.depth;
    if groups.is_empty() {
        return;
    }
    let scale = R::ONE / R::of(n as f64);
    for (row, dx) in dx.chunks_exact_mut(n).enumerate() {
        let (dy, x) = (&dy[row * n..][..n], &x[row * n..][..n]);
        let (mean, rstd) = (stats[2 * row], stats[2 * row + 1]);
        let gamma = part(gamma, row % groups.groups, n);
        let slope = |i: usize| gamma.map_or(R::ONE, |gamma| gamma[i]) * dy[i];
        let (mut sum, mut dot) = (R::ZERO, R::ZERO);
        for i in 0..n {
            sum += slope(i);
            dot += slope(i) * ((x[i] - mean) * rstd);
        }
        let (sum, dot) = (if groups.centered { sum * scale } else { R::ZERO }, dot * scale);
        for i in 0..n {
            let d = (slope(i) - sum - (x[i] - mean) * rstd * dot) * rstd;
            dx[i] = if acc { dx[i] + d } else { d };
        }
    }
}

/// Several positions: sums of channels first, then of the channels of each group.
#[inline(always)]
pub(super) fn channels_forward<R: Real>(
    y: &mut [R],
    x: &[R],
    gamma: Option<&[R]>,
    beta: Option<&[R]>,
    stats: &mut [R],
    groups: &Groups,
    tmp: &mut [R],
) {
    let (c, len) = (groups.channels(), groups.len());
    if len == 0 {
        return;
    }
    let scale = R::ONE / R::of((groups.positions * groups.depth) as f64);
    let [means, rstds, ..] = channels(tmp, c);
    for (sample, (y, x)) in y.chunks_exact_mut(len).zip(x.chunks_exact(len)).enumerate() {
        means.fill(R::ZERO);
        if groups.centered {
            for x in x.chunks_exact(c) {
                for i in 0..c {
                    means[i] += x[i];
                }
            }
            by_group(means, groups.depth, |sum| sum * scale);
        }
        rstds.fill(R::ZERO);
        for x in x.chunks_exact(c) {
            for i in 0..c {
                let d = x[i] - means[i];
                rstds[i] = d.mul_add(d, rstds[i]);
            }
        }
        by_group(rstds, groups.depth, |sum| R::ONE / (sum * scale + R::of(f64::from(groups.epsilon))).sqrt());
        if !stats.is_empty() {
            let stats = &mut stats[2 * sample * groups.groups..][..2 * groups.groups];
            for (group, stats) in stats.chunks_exact_mut(2).enumerate() {
                stats.copy_from_slice(&[means[group * groups.depth], rstds[group * groups.depth]]);
            }
        }
        for (y, x) in y.chunks_exact_mut(c).zip(x.chunks_exact(c)) {
            for i in 0..c {
                y[i] = (x[i] - means[i]) * rstds[i];
            }
            if let Some(gamma) = gamma {
                y.iter_mut().zip(gamma).for_each(|(y, &gamma)| *y *= gamma);
            }
            if let Some(beta) = beta {
                y.iter_mut().zip(beta).for_each(|(y, &beta)| *y += beta);
            }
        }
    }
}

/// Several positions: sums of channels first, then of the channels of each group.
#[inline(always)]
pub(super) fn channels_backward<R: Real>(
    dx: &mut [R],
    dy: &[R],
    x: &[R],
    gamma: Option<&[R]>,
    stats: &[R],
    groups: &Groups,
    acc: bool,
    tmp: &mut [R],
) {
    let (c, len) = (groups.channels(), groups.len());
    if len == 0 {
        return;
    }
    let scale = R::ONE / R::of((groups.positions * groups.depth) as f64);
    let [means, rstds, sums, dots] = channels(tmp, c);
    for (sample, dx) in dx.chunks_exact_mut(len).enumerate() {
        let (dy, x) = (&dy[sample * len..][..len], &x[sample * len..][..len]);
        let stats = &stats[2 * sample * groups.groups..][..2 * groups.groups];
        for (group, stats) in stats.chunks_exact(2).enumerate() {
            means[group * groups.depth..][..groups.depth].fill(stats[0]);
            rstds[group * groups.depth..][..groups.depth].fill(stats[1]);
        }
        sums.fill(R::ZERO);
        dots.fill(R::ZERO);
        for (dy, x) in dy.chunks_exact(c).zip(x.chunks_exact(c)) {
            for i in 0..c {
                sums[i] += dy[i];
                dots[i] += dy[i] * ((x[i] - means[i]) * rstds[i]);
            }
        }
        if let Some(gamma) = gamma {
            for i in 0..c {
                sums[i] *= gamma[i];
                dots[i] *= gamma[i];
            }
        }
        by_group(sums, groups.depth, |sum| if groups.centered { sum * scale } else { R::ZERO });
        by_group(dots, groups.depth, |sum| sum * scale);
        for (dx, (dy, x)) in dx.chunks_exact_mut(c).zip(dy.chunks_exact(c).zip(x.chunks_exact(c))) {
            for i in 0..c {
                let slope = gamma.map_or(R::ONE, |gamma| gamma[i]) * dy[i];
                let d = (slope - sums[i] - (x[i] - means[i]) * rstds[i] * dots[i]) * rstds[i];
                dx[i] = if acc { dx[i] + d } else { d };
            }
        }
    }
}

/// Puts a function of the sum of each group in the place of its channels.
#[inline(always)]
fn by_group<R: Real>(values: &mut [R], depth: usize, f: impl Fn(R) -> R) {
    for group in values.chunks_exact_mut(depth) {
        let value = f(group.iter().copied().sum());
        group.fill(value);
    }
}

/// Scratch as floats for each channel.
#[inline(always)]
fn channels<R>(tmp: &mut [R], c: usize) -> [&mut [R]; 4] {
    assert!(tmp.len() >= 4 * c, "{} floats of scratch for {c} channels", tmp.len());
    let (a, rest) = tmp.split_at_mut(c);
    let (b, rest) = rest.split_at_mut(c);
    let (d, rest) = rest.split_at_mut(c);
    [a, b, d, &mut rest[..c]]
}

/// The gradient of the factors from `from` on.
#[inline(always)]
pub(super) fn gamma_piece<R: Real>(g: &mut [R], x: &[R], dy: &[R], stats: &[R], groups: &Groups, from: usize) {
    g.fill(R::ZERO);
    let (c, depth, to) = (groups.channels(), groups.depth, from + g.len());
    if groups.is_empty() || g.is_empty() {
        return;
    }
    for (row, (x, dy)) in x.chunks_exact(c).zip(dy.chunks_exact(c)).enumerate() {
        let stats = &stats[2 * (row / groups.positions) * groups.groups..][..2 * groups.groups];
        for group in from / depth..to.div_ceil(depth) {
            let (mean, rstd) = (stats[2 * group], stats[2 * group + 1]);
            let (start, end) = ((group * depth).max(from), ((group + 1) * depth).min(to));
            let (g, x, dy) = (&mut g[start - from..end - from], &x[start..end], &dy[start..end]);
            for i in 0..g.len() {
                g[i] += dy[i] * ((x[i] - mean) * rstd);
            }
        }
    }
}
