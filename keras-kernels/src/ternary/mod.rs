//! Products with a kernel whose weights count as −1, 0 or 1.
//!
//! T = sign(W) where |W| > t, and 0 elsewhere; Y = β X · T. With a threshold of its own a layer has t = that and β = 1; without
//! one t = mean(|W|) / 2 and β = mean(|W|) (Ma et al., "The Era of 1-bit LLMs", arXiv:2402.17764, which rounds W / β to −1, 0
//! or 1). On the way back T counts as W ("straight through"), and β is the function of W that it is: dW = β Xᵀ · dY, the
//! gradient of a dense layer for dZ = β dY, and the sign of each weight times Σ dY (X · T) / len ([`backward_mean`]).
//!
//! T is never held as a whole: a call makes panels of it in its scratch, as large products copy panels of their kernels. All
//! calls of a step see the same weights, and so the same T. Without a threshold the mean of all of W is worked out once in each call of
//! `forward` (`steps/ternary.rs`), which is one more pass over W for each block of rows; the way back reads what that has kept.

pub mod scalar;

use keras_shapes::plan::{TERNARY_PANEL, ternary_panel, ternary_scratch};

use crate::Isa;
use crate::dispatch::per_isa;
use crate::gemm::view::{Begin, View, ViewMut, product};
use crate::memory::Out;
use crate::penalty::{self, Penalty};
use crate::spectral::dot;

/// What makes a kernel ternary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// Weights of no more than this magnitude count as 0.
    pub threshold: f32,
    /// What the others count as, but for their sign.
    pub factor: f32,
}

impl Rule {
    /// That of a kernel: by the threshold given, and with a factor of 1; or by half of the mean magnitude, which is the factor.
    ///
    /// ```
    /// use keras_kernels::{Isa, ternary::Rule};
    /// let w = [0.5, -2.0, 0.5, 1.0];
    /// assert_eq!(Rule::of(Isa::best(), &w, None), Rule { threshold: 0.5, factor: 1.0 });
    /// assert_eq!(Rule::of(Isa::best(), &w, Some(0.75)), Rule { threshold: 0.75, factor: 1.0 });
    /// ```
    #[must_use]
    pub fn of(isa: Isa, w: &[f32], threshold: Option<f32>) -> Rule {
        match threshold {
            Some(threshold) => Rule { threshold, factor: 1.0 },
            None => Rule::of_mean(mean(isa, w)),
        }
    }

    /// That of a kernel of this mean magnitude.
    #[must_use]
    pub fn of_mean(mean: f32) -> Rule {
        Rule { threshold: 0.5 * mean, factor: mean }
    }
}

/// The mean of |w|, 0 if there are no weights. The order of the sums depends on their number alone.
#[must_use]
pub fn mean(isa: Isa, w: &[f32]) -> f32 {
    per_isa!(isa, scalar::mean(w: &[f32]) -> f32, scalar::mean)
}

/// Y = factor · X · T for `m` rows; W and T are `k × n`.
///
/// `tmp` is scratch of [`ternary_scratch`]`(k, n)` floats.
///
/// ```
/// use keras_kernels::{Isa, ternary::{self, Rule}};
/// let (mut y, rule) = ([0.0; 2], Rule { threshold: 0.5, factor: 2.0 });
/// ternary::forward(Isa::best(), &mut y, &[3.0], &[0.5, -0.75], rule, 1, 1, 2, &mut [0.0; 144]);
/// assert_eq!(y, [0.0, -6.0]);
/// ```
///
/// # Panics
/// If a slice has another length than the sizes say, or `tmp` is shorter than it must be.
pub fn forward(
    isa: Isa,
    y: &mut [f32],
    x: &[f32],
    w: &[f32],
    rule: Rule,
    m: usize,
    k: usize,
    n: usize,
    tmp: &mut [f32],
) {
    check([y.len(), x.len(), w.len(), tmp.len()], m, k, n);
    let (t, tmp) = tmp.split_at_mut(ternary_panel(k, n));
    if k == 0 {
        y.fill(0.0);
    }
    let (depth, width) = panel(k);
    for col in (0..n).step_by(width) {
        let cols = width.min(n - col);
        for row in (0..k).step_by(depth) {
            let rows = depth.min(k - row);
            let t = &mut t[..rows * cols];
            ternarize(isa, t, &w[row * n + col..], n, cols, rule);
            let y = ViewMut { data: &mut *y, at: col, stride: n };
            let (x, t) = (View::rows(x, row, k), View::rows(t, 0, cols));
            product(isa, y, x, t, [m, cols, rows], Begin::from_acc(row > 0), tmp);
        }
    }
}

/// dX = factor · dY · Tᵀ, or dX += that if `acc`.
///
/// `tmp` is scratch of [`ternary_scratch`]`(k, n)` floats.
///
/// # Panics
/// As [`forward`].
pub fn backward_data(
    isa: Isa,
    dx: &mut [f32],
    dy: &[f32],
    w: &[f32],
    rule: Rule,
    m: usize,
    k: usize,
    n: usize,
    acc: bool,
    tmp: &mut [f32],
) {
    check([dy.len(), dx.len(), w.len(), tmp.len()], m, k, n);
    let (t, tmp) = tmp.split_at_mut(ternary_panel(k, n));
    if n == 0 && !acc {
        dx.fill(0.0);
    }
    let (depth, width) = panel(n);
    for row in (0..k).step_by(width) {
        let rows = width.min(k - row);
        for col in (0..n).step_by(depth) {
            let cols = depth.min(n - col);
            let t = &mut t[..rows * cols];
            ternarize(isa, t, &w[row * n + col..], n, cols, rule);
            let dx = ViewMut { data: &mut *dx, at: row, stride: k };
            let (dy, t) = (View::rows(dy, col, n), View::columns(t, 0, cols));
            product(isa, dx, dy, t, [m, rows, cols], Begin::from_acc(acc || col > 0), tmp);
        }
    }
}

/// What the mean of the magnitudes adds to the gradient of the kernel whose factor it is: sign(W) · Σ Y dZ / (mean² · len),
/// where dZ is the gradient of Y times the mean. A kernel that is 0 has the gradient 0.
///
/// # Panics
/// If `y` and `dz` differ in length.
pub fn backward_mean(isa: Isa, out: Out<'_>, mean: f32, y: &[f32], dz: &[f32]) {
    let slope = if mean == 0.0 { 0.0 } else { dot(isa, y, dz) / mean / mean / out.len() as f32 };
    // That of a sum of magnitudes.
    penalty::backward(isa, out, Penalty { l1: slope, l2: 0.0 });
}

fn ternarize(isa: Isa, t: &mut [f32], w: &[f32], n: usize, cols: usize, rule: Rule) {
    let rule = [rule.threshold, rule.factor];
    per_isa!(
        isa,
        scalar::ternarize(t: &mut [f32], w: &[f32], n: usize, cols: usize, rule: [f32; 2]),
        scalar::ternarize
    )
}

/// How much of a depth is done before the next panel: as in products.
const DEPTH: usize = 512;

/// The depth and the width of a panel of a product of that depth.
fn panel(depth: usize) -> (usize, usize) {
    let depth = depth.clamp(1, DEPTH);
    (depth, TERNARY_PANEL / depth / 64 * 64)
}

fn check([y, x, w, tmp]: [usize; 4], m: usize, k: usize, n: usize) {
    for (name, len, rows, cols) in [("Y", y, m, n), ("X", x, m, k), ("W", w, k, n)] {
        assert!(Some(len) == rows.checked_mul(cols), "{name} has {len} elements instead of {rows} × {cols}");
    }
    assert!(tmp >= ternary_scratch(k, n), "scratch of {tmp} floats for a {k} × {n} product");
}
