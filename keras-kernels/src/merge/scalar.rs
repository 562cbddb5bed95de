//! Merging in plain Rust, over `f32` or `f64`.

use super::Merge;
use crate::Real;

/// As [`super::forward`].
#[inline(always)]
pub fn forward<R: Real>(y: &mut [R], xs: &[&[R]], merge: Merge) {
    let Some((first, rest)) = xs.split_first() else { panic!("nothing to merge") };
    for x in xs {
        assert!(x.len() == y.len(), "{} elements merged to {}", x.len(), y.len());
    }
    assert!(merge != Merge::Subtract || xs.len() == 2, "a difference of {}", xs.len());
    y.copy_from_slice(first);
    for x in rest {
        let pairs = y.iter_mut().zip(*x);
        match merge {
            Merge::Subtract => pairs.for_each(|(y, &x)| *y -= x),
            Merge::Multiply => pairs.for_each(|(y, &x)| *y *= x),
            Merge::Average => pairs.for_each(|(y, &x)| *y += x),
            Merge::Maximum => pairs.for_each(|(y, &x)| *y = x.max(*y)),
            Merge::Minimum => pairs.for_each(|(y, &x)| *y = x.min(*y)),
        }
    }
    if merge == Merge::Average {
        let scale = R::ONE / R::of(xs.len() as f64);
        y.iter_mut().for_each(|y| *y *= scale);
    }
}

/// As [`super::backward`].
#[inline(always)]
pub fn backward<R: Real>(dx: &mut [R], dy: &[R], xs: &[&[R]], i: usize, n: usize, merge: Merge, acc: bool) {
    assert!(dx.len() == dy.len(), "{} elements merged to {}", dx.len(), dy.len());
    let constant = match merge {
        Merge::Subtract => Some(if i == 0 { R::ONE } else { -R::ONE }),
        Merge::Average => Some(R::ONE / R::of(n as f64)),
        Merge::Multiply | Merge::Maximum | Merge::Minimum => None,
    };
    if let Some(factor) = constant {
        for (dx, &dy) in dx.iter_mut().zip(dy) {
            *dx = if acc { *dx + dy * factor } else { dy * factor };
        }
        return;
    }
    assert!(i < xs.len() && xs.iter().all(|x| x.len() == dy.len()), "input {i} of {} that were merged", xs.len());
    for at in 0..dy.len() {
        let factor = match merge {
            Merge::Multiply => others(xs, i, at),
            _ => share(xs, i, at, merge == Merge::Maximum),
        };
        let d = dy[at] * factor;
        dx[at] = if acc { dx[at] + d } else { d };
    }
}

/// The product of all but input `i`.
#[inline(always)]
fn others<R: Real>(xs: &[&[R]], i: usize, at: usize) -> R {
    let mut product = R::ONE;
    for (j, x) in xs.iter().enumerate() {
        if j != i {
            product *= x[at];
        }
    }
    product
}

/// What input `i` has of the gradient of the largest, found one after the other: half where two are equal.
#[inline(always)]
fn share<R: Real>(xs: &[&[R]], i: usize, at: usize, largest: bool) -> R {
    // Smallest is largest with the sign changed.
    let value = |j: usize| if largest { xs[j][at] } else { -xs[j][at] };
    let half = |own: R, other: R| match own == other {
        true => R::of(0.5),
        false if own > other => R::ONE,
        false => R::ZERO,
    };
    let mut top = value(0);
    let mut share = R::ONE;
    for j in 1..xs.len() {
        let x = value(j);
        if j == i {
            share = half(x, top);
        } else if j > i {
            share *= half(top, x);
        }
        top = x.max(top);
    }
    share
}
