//! Integers as floats.

use crate::memory::Element;

/// Each number of `x` as a float.
///
/// ```
/// let mut y = [0.0; 3];
/// keras_kernels::cast::forward(&mut y, &[3u8, 0, 255]);
/// assert_eq!(y, [3.0, 0.0, 255.0]);
/// ```
///
/// # Panics
/// If the slices differ in length.
pub fn forward<T: Element>(y: &mut [f32], x: &[T]) {
    assert_eq!(y.len(), x.len(), "numbers of x and y");
    for (y, x) in y.iter_mut().zip(x) {
        *y = x.to_f32();
    }
}
