//! Data moved by a rule: permuted, cropped, padded with zeros, repeated.
//!
//! The rule is a list of [`Axis`], one for each dimension of the output. Position p of an axis stands for input position
//! q = p / repeat − before + skip of as many as the input has, `from`; where there is none the output is 0. The input's
//! element is where all axes' q · stride lead.

pub mod scalar;

use crate::Isa;
use crate::dispatch::per_isa;

/// Where the elements of one dimension of the output come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Positions of the output.
    pub len: usize,
    /// Positions of the input.
    pub from: usize,
    /// Elements from one position of the input to the next.
    pub stride: usize,
    /// Zeros before the first position.
    pub before: usize,
    /// Positions of the input that are left out at the beginning.
    pub skip: usize,
    /// How often each position comes.
    pub repeat: usize,
}

impl Axis {
    /// The positions of the output that have an input, and the input's position of the first of them.
    fn inside(&self) -> (usize, usize) {
        let positions = self.from.saturating_sub(self.skip);
        let first = (self.before * self.repeat).min(self.len);
        (first, (first + positions * self.repeat).min(self.len))
    }

    /// The input's element of position `p` of the output, which has one.
    fn at(&self, p: usize) -> usize {
        (p / self.repeat - self.before + self.skip) * self.stride
    }
}

/// Each sample of `y`, as the axes say, from a sample of `x`, which has `len` elements.
///
/// ```
/// use keras_kernels::{Isa, gather::{self, Axis}};
/// let plain = Axis { len: 2, from: 2, stride: 1, before: 0, skip: 0, repeat: 1 };
/// // The transpose of 2 × 3.
/// let axes = [Axis { len: 3, from: 3, ..plain }, Axis { stride: 3, ..plain }];
/// let mut y = [0.0; 6];
/// gather::forward(Isa::best(), &mut y, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 6, &axes);
/// assert_eq!(y, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
/// ```
///
/// # Panics
/// If the slices are not samples of these sizes, or the axes lead beyond them.
pub fn forward(isa: Isa, y: &mut [f32], x: &[f32], len: usize, axes: &[Axis]) {
    // Copies alone, which are the same on every instruction set.
    let _ = isa;
    scalar::forward(y, x, len, axes);
}

/// dx = the sum of what of dy came from each element, or dx += that if `acc`.
///
/// # Panics
/// If the slices are not samples of these sizes, or the axes lead beyond them.
pub fn backward(isa: Isa, dx: &mut [f32], dy: &[f32], len: usize, axes: &[Axis], acc: bool) {
    per_isa!(
        isa,
        scalar::backward(dx: &mut [f32], dy: &[f32], len: usize, axes: &[Axis], acc: bool),
        scalar::backward
    )
}

fn check(y: usize, x: usize, len: usize, axes: &[Axis]) -> usize {
    let out: usize = axes.iter().map(|axis| axis.len).product();
    assert!(axes.iter().all(|axis| axis.repeat > 0), "an axis repeated no times");
    let rows = x.checked_div(len).unwrap_or(0);
    assert!(x == rows * len && y == rows * out, "{x} elements in rows of {len} to {y} in rows of {out}");
    out
}
