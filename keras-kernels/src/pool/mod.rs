//! Pooling: the largest or the mean of what each window sees, feature by feature.
//!
//! A sample of `x` is the positions of [`Windows`], each of `n` features; one of `y` has a position for each window. Windows
//! whose stride is 0 are adaptive: so many that they cover the input, window `o` from `⌊o · n / out⌋` to `⌈(o + 1) · n / out⌉`.
//! Positions beyond the input count for nothing.

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
pub mod scalar;

pub use keras_shapes::windows::Windows;

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

/// Calls `f` with each window of a sample, its number, where its positions lie, and how many there are.
#[inline(always)]
fn each(windows: &Windows, mut f: impl FnMut(usize, Positions)) {
    let [_, n1, n2] = windows.n;
    let mut window = 0;
    for o0 in 0..windows.out[0] {
        let [a, a_end] = windows.bounds(0, o0);
        for o1 in 0..windows.out[1] {
            let [b, b_end] = windows.bounds(1, o1);
            for o2 in 0..windows.out[2] {
                let [c, c_end] = windows.bounds(2, o2);
                let len = [a_end - a, b_end - b, c_end - c];
                f(window, Positions { first: (a * n1 + b) * n2 + c, len, step: [n1 * n2, n2] });
                window += 1;
            }
        }
    }
}

/// The positions that a window sees.
#[derive(Clone, Copy)]
struct Positions {
    first: usize,
    len: [usize; 3],
    step: [usize; 2],
}

impl Positions {
    /// Calls `f` with each of them, in order.
    #[inline(always)]
    fn each(&self, mut f: impl FnMut(usize)) {
        for a in 0..self.len[0] {
            for b in 0..self.len[1] {
                let line = self.first + a * self.step[0] + b * self.step[1];
                (line..line + self.len[2]).for_each(&mut f);
            }
        }
    }

    /// What each of them counts in their mean.
    #[inline(always)]
    fn share(&self) -> f64 {
        let count = self.len[0] * self.len[1] * self.len[2];
        if count == 0 { 0.0 } else { 1.0 / count as f64 }
    }
}
