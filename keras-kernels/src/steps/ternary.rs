//! Products with a kernel whose weights count as −1, 0 or 1. A sample has `outer` rows. Where the kernel has no threshold of its
//! own, `own` has the mean of its magnitudes in each row; otherwise it is no buffer.

use super::{ParamPass, Pass, To};
use crate::memory::Buf;
use crate::ternary::{self, Rule};

/// See [`ternary::forward`].
pub fn forward(
    pass: &mut Pass<'_>,
    y: Buf,
    x: Buf,
    own: Buf,
    w: &[f32],
    threshold: Option<f32>,
    outer: usize,
    k: usize,
    n: usize,
) {
    let m = pass.rows.count() * outer;
    let ([y, own], [x], tmp) = pass.rows.step([y, own], [x]);
    let rule = Rule::of(pass.isa, w, threshold);
    ternary::forward(pass.isa, y, x, w, rule, m, k, n, tmp);
    own.fill(rule.factor);
}

/// dy times the mean, in its place: the gradient of x · T.
pub fn scale(pass: &mut Pass<'_>, dy: Buf, own: Buf) {
    let ([dy], [own], _) = pass.rows.step([dy], [own]);
    let Some(&mean) = own.first() else { return };
    dy.iter_mut().for_each(|dy| *dy *= mean);
}

/// See [`ternary::backward_data`]; dy is the gradient of x · T.
pub fn backward_data(
    pass: &mut Pass<'_>,
    dx: Buf,
    dy: Buf,
    own: Buf,
    w: &[f32],
    threshold: Option<f32>,
    outer: usize,
    k: usize,
    n: usize,
    acc: bool,
) {
    let m = pass.rows.count() * outer;
    let ([dx], [dy, own], tmp) = pass.rows.step([dx], [dy, own]);
    let threshold = threshold.or_else(|| own.first().map(|&mean| Rule::of_mean(mean).threshold)).unwrap_or_default();
    ternary::backward_data(pass.isa, dx, dy, w, Rule { threshold, factor: 1.0 }, m, k, n, acc, tmp);
}

/// What the mean adds to the gradient of a kernel of `k × n`: see [`ternary::backward_mean`].
pub fn backward_mean(pass: &mut ParamPass<'_, '_>, to: To, own: Buf, y: Buf, dy: Buf, k: usize, n: usize) {
    let isa = pass.isa;
    let Some((out, [own, y, dy], _)) = pass.some_rows(to, k * n, [own, y, dy]) else { return };
    let Some(&mean) = own.first() else { return };
    ternary::backward_mean(isa, out, mean, y, dy);
}
