//! What is done to the rows of a tensor.

use core::array::from_fn;

use super::{Number, Tensor, zeros};

/// The sum of the rows.
#[inline]
#[must_use]
pub fn sum_rows<T: Tensor, const N: usize>(x: [T; N]) -> T {
    let mut sum = zeros::<T>();
    for row in x {
        sum.add(row);
    }
    sum
}

/// `f` of each two rows in the same place.
#[inline]
#[must_use]
pub fn zip<A: Copy, B: Copy, C, const N: usize>(a: [A; N], b: [B; N], f: impl Fn(A, B) -> C) -> [C; N] {
    from_fn(|i| f(a[i], b[i]))
}

fn largest<R: Number>(x: &[R]) -> R {
    x.iter().copied().reduce(R::max).unwrap_or(R::ZERO)
}

/// eˣ / Σ eˣ
#[inline]
#[must_use]
pub fn softmax<R: Number, const N: usize>(x: [R; N]) -> [R; N] {
    let top = largest(&x);
    let e = x.map(|x| (x - top).exp());
    let sum = e.iter().copied().sum::<R>();
    e.map(|e| e / sum)
}

/// The gradient of [`softmax`] from what it gave: y (dy − Σ y dy).
#[inline]
#[must_use]
pub fn softmax_pull<R: Number, const N: usize>(y: [R; N], dy: [R; N]) -> [R; N] {
    let sum = super::vv(y, dy);
    from_fn(|i| y[i] * (dy[i] - sum))
}

/// x − ln Σ eˣ
#[inline]
#[must_use]
pub fn log_softmax<R: Number, const N: usize>(x: [R; N]) -> [R; N] {
    let top = largest(&x);
    let sum = x.iter().map(|&x| (x - top).exp()).sum::<R>().ln();
    x.map(|x| x - top - sum)
}

/// The gradient of [`log_softmax`] from what it gave: dy − eʸ Σ dy.
#[inline]
#[must_use]
pub fn log_softmax_pull<R: Number, const N: usize>(y: [R; N], dy: [R; N]) -> [R; N] {
    let sum = dy.iter().copied().sum::<R>();
    from_fn(|i| dy[i] - y[i].exp() * sum)
}
