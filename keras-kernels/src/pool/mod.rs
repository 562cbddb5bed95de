//! Pooling: the largest or the mean of what each window sees, feature by feature.
//!
//! A sample of `x` is the positions of [`Windows`], each of `n` features; one of `y` has a position for each window. Windows
//! whose stride is 0 are adaptive: so many that they cover the input, window `o` from `⌊o · n / out⌋` to `⌈(o + 1) · n / out⌉`.
//! Positions beyond the input count for nothing.

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
pub mod scalar;

pub use keras_shapes::windows::Windows;

use core::ops::Range;

use crate::Isa;
use crate::dispatch::per_isa;

/// What becomes of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool {
    /// The largest.
    Max,
    /// The mean.
    Average,
}

/// y = what becomes of each window, for `m` samples.
///
/// ```
/// use keras_kernels::{Isa, pool::{self, Pool, Windows}};
/// let windows =
///     Windows { n: [1, 1, 4], k: [1, 1, 2], stride: [1, 1, 2], dilation: [1; 3], before: [0; 3], out: [1, 1, 2] };
/// let mut y = [0.0; 2];
/// pool::forward(Isa::best(), &mut y, &[1.0, 3.0, 2.0, -2.0], Pool::Max, 1, 1, &windows);
/// assert_eq!(y, [3.0, 2.0]);
/// ```
///
/// # Panics
/// If a slice has another length than the sizes say.
pub fn forward(isa: Isa, y: &mut [f32], x: &[f32], pool: Pool, m: usize, n: usize, windows: &Windows) {
    check(y.len(), x.len(), m, n, windows);
    per_isa!(
        isa,
        lanes::forward(y: &mut [f32], x: &[f32], pool: Pool, m: usize, n: usize, windows: &Windows),
        scalar::forward
    )
}

/// dx = the gradient of `x`, or dx += that if `acc`, for `m` samples. `x` and `y` are what the forward pass read and wrote;
/// they may be empty for the mean. The gradient of a maximum goes to the first position that has it.
///
/// # Panics
/// If a slice has another length than the sizes say.
pub fn backward(
    isa: Isa,
    dx: &mut [f32],
    dy: &[f32],
    x: &[f32],
    y: &[f32],
    pool: Pool,
    m: usize,
    n: usize,
    windows: &Windows,
    acc: bool,
) {
    check(dy.len(), dx.len(), m, n, windows);
    if pool == Pool::Max {
        check(y.len(), x.len(), m, n, windows);
    }
    per_isa!(
        isa,
        lanes::backward(
            dx: &mut [f32],
            dy: &[f32],
            x: &[f32],
            y: &[f32],
            pool: Pool,
            m: usize,
            n: usize,
            windows: &Windows,
            acc: bool
        ),
        scalar::backward
    )
}

fn check(y: usize, x: usize, m: usize, n: usize, windows: &Windows) {
    let (positions, count) = (windows.positions(), windows.count());
    assert!(x == m * positions * n, "x has {x} elements instead of {m} × {positions} × {n}");
    assert!(y == m * count * n, "y has {y} elements instead of {m} × {count} × {n}");
}

/// Whether each position of the input is seen by one window and no more.
#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn see_each_once(windows: &Windows) -> bool {
    (0..3).all(|i| {
        let mut seen = 0;
        let follow = (0..windows.out[i]).all(|o| {
            let [start, end] = windows.bounds(i, o);
            start == core::mem::replace(&mut seen, end)
        });
        follow && seen == windows.n[i]
    })
}

/// The windows of a sample in order, each with its number.
///
/// This and [`Positions::line`] are no closures: these would be functions of their own, compiled for no instruction set.
struct Each<'a> {
    windows: &'a Windows,
    /// The line of windows, in the first two dimensions, and what it sees.
    at: [usize; 2],
    line: [[usize; 2]; 2],
    /// The window of the line.
    last: usize,
    window: usize,
}

impl<'a> Each<'a> {
    #[inline(always)]
    fn new(windows: &'a Windows) -> Each<'a> {
        let mut each = Each { windows, at: [0; 2], line: [[0; 2]; 2], last: 0, window: 0 };
        if windows.count() == 0 {
            each.at[0] = windows.out[0];
        } else {
            each.line = [windows.bounds(0, 0), windows.bounds(1, 0)];
        }
        each
    }
}

impl Iterator for Each<'_> {
    type Item = (usize, Positions);

    #[inline(always)]
    fn next(&mut self) -> Option<(usize, Positions)> {
        let ([_, n1, n2], out) = (self.windows.n, self.windows.out);
        if self.at[0] == out[0] {
            return None;
        }
        let ([[a, a_end], [b, b_end]], [c, c_end]) = (self.line, self.windows.bounds(2, self.last));
        let window = self.window;
        self.window += 1;
        self.last += 1;
        if self.last == out[2] {
            self.last = 0;
            self.at[1] += 1;
            if self.at[1] == out[1] {
                self.at = [self.at[0] + 1, 0];
            }
            if self.at[0] < out[0] {
                self.line = [self.windows.bounds(0, self.at[0]), self.windows.bounds(1, self.at[1])];
            }
        }
        let len = [a_end - a, b_end - b, c_end - c];
        Some((window, Positions { first: (a * n1 + b) * n2 + c, len, step: [n1 * n2, n2] }))
    }
}

/// Does something at each position of a window, in order.
macro_rules! at_each {
    ($positions:expr, $at:ident => $body:expr) => {
        for a in 0..$positions.len[0] {
            for b in 0..$positions.len[1] {
                for $at in $positions.line(a, b) {
                    $body
                }
            }
        }
    };
}
use at_each;

/// The positions that a window sees.
#[derive(Clone, Copy)]
struct Positions {
    first: usize,
    len: [usize; 3],
    step: [usize; 2],
}

impl Positions {
    /// Those of a line, one of the first two dimensions.
    #[inline(always)]
    fn line(&self, a: usize, b: usize) -> Range<usize> {
        let first = self.first + a * self.step[0] + b * self.step[1];
        first..first + self.len[2]
    }

    /// What each of them counts in their mean.
    #[inline(always)]
    fn share(&self) -> f64 {
        let count = self.len[0] * self.len[1] * self.len[2];
        if count == 0 { 0.0 } else { 1.0 / count as f64 }
    }
}
