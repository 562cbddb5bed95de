//! Concatenation in plain Rust, over `f32` or `f64`; copies and additions alone, which every compiler makes vectors of.

use crate::Real;

/// As [`super::forward`].
#[inline(always)]
pub fn forward<R: Real>(y: &mut [R], xs: &[&[R]], widths: &[usize]) {
    assert!(xs.len() == widths.len(), "{} widths for {} inputs", widths.len(), xs.len());
    let total: usize = widths.iter().sum();
    let rows = y.len().checked_div(total).unwrap_or(0);
    assert!(y.len() == rows * total, "{} elements in rows of {total}", y.len());
    let mut at = 0;
    for (x, &width) in xs.iter().zip(widths) {
        assert!(x.len() == rows * width, "{} elements in {rows} rows of {width}", x.len());
        for row in 0..rows {
            y[row * total + at..][..width].copy_from_slice(&x[row * width..][..width]);
        }
        at += width;
    }
}

/// As [`super::backward`].
#[inline(always)]
pub fn backward<R: Real>(dx: &mut [R], dy: &[R], at: usize, width: usize, total: usize, acc: bool) {
    assert!(at + width <= total, "columns {at} to {} of {total}", at + width);
    let rows = dy.len().checked_div(total).unwrap_or(0);
    assert!(
        dy.len() == rows * total && dx.len() == rows * width,
        "{} elements in rows of {total}, {} in rows of {width}",
        dy.len(),
        dx.len()
    );
    for row in 0..rows {
        let dy = &dy[row * total + at..][..width];
        let dx = &mut dx[row * width..][..width];
        if acc {
            for (dx, &dy) in dx.iter_mut().zip(dy) {
                *dx += dy;
            }
        } else {
            dx.copy_from_slice(dy);
        }
    }
}
