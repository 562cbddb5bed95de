//! Rows of a table, by their numbers.
//!
//! Numbers are floats, as far as a table can be long: whole numbers up to 2²⁴ are exact. What lies between two of them
//! is rounded towards zero. A number that no row has gives a row of NaN, as in Keras on JAX, and has no gradient.

pub mod scalar;

use crate::memory::Out;
use crate::{Isa, Real};

/// Row `x[i]` of the table `w`, which has rows of `n` elements, to row `i` of `y`.
///
/// ```
/// use keras_kernels::{Isa, embedding};
/// let (table, mut y) = ([1.0, 2.0, 3.0, 4.0], [0.0; 6]);
/// embedding::forward(Isa::best(), &mut y, &[1.0, 0.0, 7.0], &table, 2);
/// assert_eq!(y[..4], [3.0, 4.0, 1.0, 2.0]);
/// assert!(y[4].is_nan());
/// ```
///
/// # Panics
/// If `y` is not as many rows as `x` has elements, or `w` is not whole rows.
pub fn forward(_: Isa, y: &mut [f32], x: &[f32], w: &[f32], n: usize) {
    scalar::forward(y, x, w, n);
}

/// The gradient of the table: row `x[i]` gets row `i` of `dy`, in the order of `i`.
///
/// A rule that leaves weights alone whose gradient is 0 is applied to the rows that occur; others to all of the table.
///
/// # Panics
/// If `dy` is not as many rows as `x` has elements, or the table is not whole rows.
pub fn backward(_: Isa, mut out: Out<'_>, x: &[f32], dy: &[f32], n: usize) {
    check(dy.len(), x.len(), out.len(), n);
    let Some(rows) = out.len().checked_div(n).filter(|&rows| rows > 0) else { return };
    let own = out.rows(rows);
    let used = || x.iter().enumerate().filter_map(|(i, &x)| Some((i, index(x, rows).filter(|row| own.contains(row))?)));
    let some = out.skips_zeros();
    let first = out.is_first();
    let sum = out.sum();
    if some {
        used().for_each(|(_, row)| sum[(row - own.start) * n..][..n].fill(0.0));
    } else if first {
        sum.fill(0.0);
    }
    for (i, row) in used() {
        let (sum, dy) = (&mut sum[(row - own.start) * n..][..n], &dy[i * n..][..n]);
        sum.iter_mut().zip(dy).for_each(|(sum, dy)| *sum += dy);
    }
    if !some {
        return out.done(own.start * n, own.len() * n);
    }
    for (_, row) in used() {
        out.done(row * n, n);
        // A row that occurs again has had all of its gradient.
        out.sum()[(row - own.start) * n..][..n].fill(0.0);
    }
}

/// The row that a number stands for.
fn index<R: Real>(x: R, rows: usize) -> Option<usize> {
    let x = x.f64();
    // NaN is not in the range.
    (x > -1.0 && x < rows as f64).then_some(x as usize)
}

fn check(y: usize, x: usize, w: usize, n: usize) {
    assert!(y == x * n, "{x} rows of {n} elements in {y}");
    assert!(n > 0 && w.is_multiple_of(n), "a table of rows of {n} elements in {w}");
}
