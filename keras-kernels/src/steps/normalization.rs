//! Normalization of groups of features. `stats` is what the backward pass reads, no buffer in inference.

use super::{ParamPass, Pass, To};
use crate::memory::Buf;
use crate::normalization;
pub use crate::normalization::Groups;

/// See [`normalization::forward`].
pub fn forward(
    pass: &mut Pass<'_>,
    y: Buf,
    x: Buf,
    stats: Buf,
    gamma: Option<&[f32]>,
    beta: Option<&[f32]>,
    groups: &Groups,
) {
    let ([y, stats], [x], tmp) = pass.rows.step([y, stats], [x]);
    normalization::forward(pass.isa, y, x, gamma, beta, stats, groups, tmp);
}

/// See [`normalization::backward_data`].
pub fn backward_data(
    pass: &mut Pass<'_>,
    dx: Buf,
    dy: Buf,
    x: Buf,
    stats: Buf,
    gamma: Option<&[f32]>,
    groups: &Groups,
    acc: bool,
) {
    let ([dx], [dy, x, stats], tmp) = pass.rows.step([dx], [dy, x, stats]);
    normalization::backward_data(pass.isa, dx, dy, x, gamma, stats, groups, acc, tmp);
}

/// See [`normalization::backward_gamma`].
pub fn backward_gamma(pass: &mut ParamPass<'_, '_>, to: To, x: Buf, dy: Buf, stats: Buf, groups: &Groups) {
    let isa = pass.isa;
    let Some((out, [x, dy, stats], _)) = pass.param(to, groups.channels(), [x, dy, stats]) else { return };
    normalization::backward_gamma(isa, out, x, dy, stats, groups);
}
