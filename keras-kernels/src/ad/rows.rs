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

/// The nearest point of the simplex: max(x − τ, 0), with τ such that the sum is 1.
///
/// Of the numbers from the largest on, those count whose k-th is above (Σ − 1) / k, the τ that they would have.
#[inline]
#[must_use]
pub fn sparsemax<R: Number, const N: usize>(x: [R; N]) -> [R; N] {
    let mut sorted = x;
    sorted.sort_unstable_by(|a, b| b.partial_cmp(a).unwrap_or(core::cmp::Ordering::Equal));
    let (mut sum, mut tau) = (R::ZERO, R::ZERO);
    for (k, &x) in sorted.iter().enumerate() {
        sum += x;
        let next = (sum - R::ONE) / R::of(k as f64 + 1.0);
        // A NaN is handed on.
        if x > next || next.is_nan() {
            tau = next;
        }
    }
    x.map(|x| (x - tau).max(R::ZERO))
}

/// The gradient of [`sparsemax`] from what it gave: dy less its mean, over the elements that are not 0.
#[inline]
#[must_use]
pub fn sparsemax_pull<R: Number, const N: usize>(y: [R; N], dy: [R; N]) -> [R; N] {
    let (mut sum, mut count) = (R::ZERO, R::ZERO);
    for i in 0..N {
        if y[i] > R::ZERO {
            sum += dy[i];
            count += R::ONE;
        }
    }
    let mean = sum / count;
    from_fn(|i| if y[i] > R::ZERO { dy[i] - mean } else { R::ZERO })
}

/// a σ(b), where a and b are the halves of x.
#[inline]
#[must_use]
pub fn glu<R: Number, const N: usize, const H: usize>(x: [R; N]) -> [R; H] {
    from_fn(|i| x[i] * x[H + i].apply(super::unary::Sigmoid))
}

/// The gradient of [`glu`]: dy σ(b) and dy a σ′(b).
#[inline]
#[must_use]
pub fn glu_pull<R: Number, const N: usize, const H: usize>(x: [R; N], dy: [R; H]) -> [R; N] {
    from_fn(|i| {
        let gate = x[H + i % H].apply(super::unary::Sigmoid);
        if i < H { dy[i] * gate } else { dy[i - H] * x[i - H] * gate * (R::ONE - gate) }
    })
}
