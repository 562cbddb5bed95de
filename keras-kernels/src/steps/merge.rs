//! Several values of one shape to one, element by element.

use super::Pass;
use crate::memory::Buf;
use crate::merge::{self, Merge};

/// See [`merge::forward`].
pub fn forward<const N: usize>(pass: &mut Pass<'_>, y: Buf, xs: [Buf; N], merge: Merge) {
    let ([y], xs, _) = pass.rows.step([y], xs);
    merge::forward(pass.isa, y, &xs, merge);
}

/// See [`merge::backward`]. `ins` are dy and, where the gradient depends on them, the xs.
///
/// # Panics
/// If `ins` is empty.
pub fn backward<const N: usize>(
    pass: &mut Pass<'_>,
    dx: Buf,
    ins: [Buf; N],
    i: usize,
    n: usize,
    merge: Merge,
    acc: bool,
) {
    let ([dx], ins, _) = pass.rows.step([dx], ins);
    let [dy, xs @ ..] = &ins[..] else { panic!("the gradient of a merged value comes from that of the result") };
    merge::backward(pass.isa, dx, dy, xs, i, n, merge, acc);
}
