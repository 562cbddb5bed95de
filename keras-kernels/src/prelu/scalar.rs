//! Learnt slopes in plain Rust, over `f32` or `f64`.

use super::Dim;
use crate::Real;

/// As [`super::forward`].
#[inline(always)]
pub fn forward<R: Real>(y: &mut [R], x: Option<&[R]>, alpha: &[R], dims: &[Dim]) {
    if let Some(x) = x {
        assert!(x.len() == y.len(), "{} elements to {}", x.len(), y.len());
        y.copy_from_slice(x);
    }
    check(y.len(), alpha.len(), dims);
    each(y.len(), dims, |run| {
        for i in 0..run.len {
            let (y, a) = (&mut y[run.at + i], alpha[run.alpha + i * run.step]);
            *y = if *y > R::ZERO { *y } else { a * *y };
        }
    });
}

/// As [`super::backward_data`].
#[inline(always)]
pub fn backward_data<R: Real>(dx: &mut [R], dy: Option<&[R]>, x: &[R], alpha: &[R], dims: &[Dim], acc: bool) {
    assert!(dy.is_some() || !acc, "a gradient in place cannot also be added to");
    assert!(x.len() == dx.len() && dy.is_none_or(|dy| dy.len() == dx.len()), "a gradient of {} elements", dx.len());
    check(dx.len(), alpha.len(), dims);
    each(dx.len(), dims, |run| {
        for i in 0..run.len {
            let (at, a) = (run.at + i, alpha[run.alpha + i * run.step]);
            let d = dy.map_or(dx[at], |dy| dy[at]);
            let below = if x[at] < R::ZERO { a * d } else { R::ZERO };
            let d = if x[at] > R::ZERO { d } else { below };
            dx[at] = if acc { dx[at] + d } else { d };
        }
    });
}

/// As [`super::backward_alpha`]; `g` is overwritten.
#[inline(always)]
pub fn backward_alpha<R: Real>(g: &mut [R], x: &[R], dy: &[R], dims: &[Dim]) {
    check(dy.len(), g.len(), dims);
    alpha_piece(g, x, dy, dims, 0);
}

/// The gradient of the slopes from `from` on.
#[inline(always)]
pub(super) fn alpha_piece<R: Real>(g: &mut [R], x: &[R], dy: &[R], dims: &[Dim], from: usize) {
    assert!(x.len() == dy.len(), "gradients of {} elements for {}", dy.len(), x.len());
    g.fill(R::ZERO);
    each(x.len(), dims, |run| {
        // Those elements of the run whose slopes are among these.
        let (low, high) = match run.step {
            0 if (from..from + g.len()).contains(&run.alpha) => (0, run.len),
            0 => return,
            _ => (from.saturating_sub(run.alpha).min(run.len), (from + g.len()).saturating_sub(run.alpha).min(run.len)),
        };
        for i in low..high {
            let at = run.at + i;
            if x[at] < R::ZERO {
                g[run.alpha + i * run.step - from] += x[at] * dy[at];
            }
        }
    });
}

/// Elements side by side, and their slopes.
struct Run {
    /// The first element.
    at: usize,
    /// How many.
    len: usize,
    /// The slope of the first.
    alpha: usize,
    /// From one element's slope to the next one's: 0 or 1.
    step: usize,
}

/// Calls `f` with the runs along the last dimension, in order.
#[inline(always)]
fn each(len: usize, dims: &[Dim], mut f: impl FnMut(Run)) {
    let Some((last, outer)) = dims.split_last() else { return };
    let sample: usize = dims.iter().map(|dim| dim.len).product();
    if sample == 0 {
        return;
    }
    let runs = sample / last.len;
    for at in (0..len).step_by(last.len) {
        let (mut rest, mut alpha) = (at / last.len % runs, 0);
        let mut stride = if last.shared { 1 } else { last.len };
        for dim in outer.iter().rev() {
            if !dim.shared {
                alpha += rest % dim.len * stride;
                stride *= dim.len;
            }
            rest /= dim.len;
        }
        f(Run { at, len: last.len, alpha, step: usize::from(!last.shared) });
    }
}

fn check(len: usize, alpha: usize, dims: &[Dim]) {
    let sample: usize = dims.iter().map(|dim| dim.len).product();
    let slopes: usize = dims.iter().filter(|dim| !dim.shared).map(|dim| dim.len).product();
    assert!(len.is_multiple_of(sample), "{len} elements in samples of {sample}");
    assert!(alpha == slopes, "{alpha} slopes where there are {slopes}");
}
