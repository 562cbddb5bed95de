//! Integers as floats.

use crate::memory::Element;

/// A number that becomes a float: exactly up to 2²⁴, the nearest beyond.
pub trait Number: Element {
    /// The float.
    fn to_f32(self) -> f32;
}

macro_rules! numbers {
    ($($t:ty),*) => {$(
        impl Number for $t {
            #[inline]
            fn to_f32(self) -> f32 {
                self as f32
            }
        }
    )*};
}

numbers!(f32, f64, u8, u16, u32, i32, i64, usize);

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
pub fn forward<T: Number>(y: &mut [f32], x: &[T]) {
    assert_eq!(y.len(), x.len(), "numbers of x and y");
    for (y, x) in y.iter_mut().zip(x) {
        *y = x.to_f32();
    }
}
