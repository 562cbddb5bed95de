//! Convolutions in plain Rust, over `f32` or `f64`.

use super::{Geometry, check};
use crate::Real;
use crate::activation::{self, Act};

/// As [`super::forward`].
pub fn forward<R: Real>(y: &mut [R], x: &[R], w: &[R], b: Option<&[R]>, act: Act, m: usize, g: &Geometry) {
    check(y.len(), x.len(), Some(w.len()), m, g);
    let (from, to) = (g.from_each(), g.to_each());
    if g.cout > 0 {
        for y in y.chunks_exact_mut(g.cout) {
            match b {
                Some(b) => y.copy_from_slice(b),
                None => y.fill(R::ZERO),
            }
        }
    }
    each(m, g, |at, out, tap| {
        for group in 0..g.groups {
            let y = &mut y[out * g.cout + group * to..][..to];
            for c in 0..from {
                let x = x[at * g.cin + group * from + c];
                add_scaled(y, x, &w[(tap * from + c) * g.cout + group * to..][..to]);
            }
        }
    });
    activation::scalar::forward(y, None, act);
}

/// As [`super::backward_data`].
pub fn backward_data<R: Real>(dx: &mut [R], dy: &[R], w: &[R], m: usize, g: &Geometry, acc: bool) {
    check(dy.len(), dx.len(), Some(w.len()), m, g);
    let (from, to) = (g.from_each(), g.to_each());
    if !acc {
        dx.fill(R::ZERO);
    }
    each(m, g, |at, out, tap| {
        for group in 0..g.groups {
            let dy = &dy[out * g.cout + group * to..][..to];
            for c in 0..from {
                let w = &w[(tap * from + c) * g.cout + group * to..][..to];
                let dx = &mut dx[at * g.cin + group * from + c];
                *dx = dy.iter().zip(w).fold(*dx, |sum, (&dy, &w)| dy.mul_add(w, sum));
            }
        }
    });
}

/// As [`super::backward_kernel`]; `dw` is overwritten.
pub fn backward_kernel<R: Real>(dw: &mut [R], x: &[R], dy: &[R], m: usize, g: &Geometry) {
    check(dy.len(), x.len(), Some(dw.len()), m, g);
    if g.cout > 0 {
        for (row, dw) in dw.chunks_exact_mut(g.cout).enumerate() {
            kernel_row(dw, x, dy, m, g, row);
        }
    }
}

/// The gradient of one row of the kernel.
fn kernel_row<R: Real>(dw: &mut [R], x: &[R], dy: &[R], m: usize, g: &Geometry, row: usize) {
    let (from, to) = (g.from_each(), g.to_each());
    dw.fill(R::ZERO);
    each(m, g, |at, out, tap| {
        if tap == row / from {
            for group in 0..g.groups {
                let x = x[at * g.cin + group * from + row % from];
                add_scaled(&mut dw[group * to..][..to], x, &dy[out * g.cout + group * to..][..to]);
            }
        }
    });
}

/// Calls `f` with each position of `m` samples, window and tap that meet, by windows and then by taps.
fn each(m: usize, g: &Geometry, mut f: impl FnMut(usize, usize, usize)) {
    let w = &g.windows;
    let at = |i: usize, out: usize, tap: usize| {
        (out * w.stride[i] + tap * w.dilation[i]).checked_sub(w.before[i]).filter(|&at| at < w.n[i])
    };
    let triples = |n: [usize; 3]| {
        let pairs = (0..n[0]).flat_map(move |a| (0..n[1]).map(move |b| (a, b)));
        pairs.flat_map(move |(a, b)| (0..n[2]).map(move |c| [a, b, c]))
    };
    for sample in 0..m {
        for (out, o) in triples(w.out).enumerate() {
            for (tap, t) in triples(w.k).enumerate() {
                let (Some(a), Some(b), Some(c)) = (at(0, o[0], t[0]), at(1, o[1], t[1]), at(2, o[2], t[2])) else {
                    continue;
                };
                let position = ((sample * w.n[0] + a) * w.n[1] + b) * w.n[2] + c;
                f(position, sample * w.count() + out, tap);
            }
        }
    }
}

/// y += a · x.
#[inline]
fn add_scaled<R: Real>(y: &mut [R], a: R, x: &[R]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = a.mul_add(x, *y);
    }
}
