//! One sample of a batch.

use core::fmt::Debug;

use keras_shapes::Shape;

/// The numbers of one sample, or of one weight: what [`Sample::flatten`] gives of a batch of one.
// It is written for each weight in each phase of a model and compiled in the user's crate, so it is a pointer and a
// constant rather than a call for each size.
#[inline(always)]
#[must_use]
pub fn flat<S: Sample<Elem = f32>>(sample: &S) -> &[f32] {
    // SAFETY: the trait is sealed over numbers and nested arrays of them, so a sample is `LEN` numbers in a row.
    unsafe { core::slice::from_raw_parts(core::ptr::from_ref(sample).cast(), S::LEN) }
}

mod sealed {
    pub trait Sealed {}
}

/// A number that samples can be made of.
pub trait Element: Sample<Elem = Self> + PartialEq {
    /// Its name, as Keras writes a dtype.
    const DTYPE: &'static str;

    /// The number as a float: exactly up to 2²⁴, the nearest beyond.
    fn to_f32(self) -> f32;
}

/// One sample: a number, or nested arrays of numbers such as `[[f32; 28]; 28]`. A batch is a slice of samples.
///
/// The trait is sealed: a sample is plain numbers in row-major order without padding, and all bits zero is a sample.
///
/// ```
/// use keras_kernels::memory::Sample;
/// type Image = [[f32; 3]; 2];
/// assert_eq!((Image::LEN, Image::SHAPE.dims()), (6, &[2, 3][..]));
/// let batch = [[[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]];
/// assert_eq!(Image::flatten(&batch), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a sample",
    label = "not a number or nested arrays of numbers",
    note = "a sample is `f32`, `[f32; 784]`, `[[f32; 28]; 28]`, `[u32; 16]`, …"
)]
pub trait Sample: Copy + Debug + Send + Sync + 'static + sealed::Sealed {
    /// The number it is made of.
    type Elem: Element;
    /// Its dimensions.
    const SHAPE: Shape;
    /// How many numbers it holds.
    const LEN: usize;
    /// A sample of zeros. Beware of it for large samples: it passes over the stack.
    const ZERO: Self;
    /// Its dimensions as a slice.
    const DIMS: &'static [usize] = <Self as SampleShape>::REF.dims();

    /// The numbers of a batch, one sample after the other.
    fn flatten(batch: &[Self]) -> &[Self::Elem];
    /// The numbers of a batch, to be written.
    fn flatten_mut(batch: &mut [Self]) -> &mut [Self::Elem];
    /// The samples in a slice of numbers; numbers at the end that fill no sample are left out.
    fn samples(flat: &[Self::Elem]) -> &[Self];

    /// The `n` samples in a slice of numbers. Samples may be empty.
    ///
    /// # Panics
    /// If the slice has another length.
    #[must_use]
    fn rows(flat: &[Self::Elem], n: usize) -> &[Self] {
        assert_eq!(Some(flat.len()), n.checked_mul(Self::LEN), "numbers for {n} samples of {}", Self::LEN);
        // SAFETY: the trait is sealed over numbers and nested arrays of them, which have no padding and the alignment of
        // the number; the length was checked.
        unsafe { core::slice::from_raw_parts(flat.as_ptr().cast(), n) }
    }

    /// The `n` samples in a slice of numbers, to be written. Samples may be empty.
    ///
    /// # Panics
    /// If the slice has another length.
    #[must_use]
    fn rows_mut(flat: &mut [Self::Elem], n: usize) -> &mut [Self] {
        assert_eq!(Some(flat.len()), n.checked_mul(Self::LEN), "numbers for {n} samples of {}", Self::LEN);
        // SAFETY: as in `rows`; any number is valid in its place.
        unsafe { core::slice::from_raw_parts_mut(flat.as_mut_ptr().cast(), n) }
    }
}

/// The place where a sample's shape lies, so that its dimensions can be borrowed for ever.
trait SampleShape: Sample {
    const REF: &'static Shape = &Self::SHAPE;
}

impl<S: Sample> SampleShape for S {}

/// A shape as a type: the first `RANK` of six dimensions.
pub struct Dims<
    const RANK: usize,
    const A: usize,
    const B: usize,
    const C: usize,
    const D: usize,
    const E: usize,
    const F: usize,
>;

/// The nested array of `f32` with these dimensions. Of rank 0, which is what a mistake leaves, it is an array of one.
pub trait Nest {
    /// The array.
    type Array: Sample<Elem = f32>;
}

macro_rules! nest {
    ($($rank:literal $array:ty;)*) => {$(
        impl<const A: usize, const B: usize, const C: usize, const D: usize, const E: usize, const F: usize> Nest
            for Dims<$rank, A, B, C, D, E, F>
        {
            type Array = $array;
        }
    )*};
}

nest! {
    0 [f32; 1];
    1 [f32; A];
    2 [[f32; B]; A];
    3 [[[f32; C]; B]; A];
    4 [[[[f32; D]; C]; B]; A];
    5 [[[[[f32; E]; D]; C]; B]; A];
    6 [[[[[[f32; F]; E]; D]; C]; B]; A];
}

macro_rules! elements {
    ($($t:ident $name:literal),*) => {$(
        impl sealed::Sealed for $t {}

        impl Element for $t {
            const DTYPE: &'static str = $name;

            #[inline]
            fn to_f32(self) -> f32 {
                self as f32
            }
        }

        impl Sample for $t {
            type Elem = $t;
            const SHAPE: Shape = Shape::new(&[]);
            const LEN: usize = 1;
            const ZERO: $t = 0 as $t;

            #[inline]
            fn flatten(batch: &[$t]) -> &[$t] {
                batch
            }
            #[inline]
            fn flatten_mut(batch: &mut [$t]) -> &mut [$t] {
                batch
            }
            #[inline]
            fn samples(flat: &[$t]) -> &[$t] {
                flat
            }
        }
    )*};
}

elements!(f32 "float32", f64 "float64", u8 "uint8", u16 "uint16", u32 "uint32", i32 "int32", i64 "int64", usize "uint64");

impl<T: Sample, const N: usize> sealed::Sealed for [T; N] {}

impl<T: Sample, const N: usize> Sample for [T; N] {
    type Elem = T::Elem;
    const SHAPE: Shape = T::SHAPE.prepend(N);
    const LEN: usize = N * T::LEN;
    const ZERO: [T; N] = [T::ZERO; N];

    #[inline]
    fn flatten(batch: &[[T; N]]) -> &[T::Elem] {
        T::flatten(batch.as_flattened())
    }
    #[inline]
    fn flatten_mut(batch: &mut [[T; N]]) -> &mut [T::Elem] {
        T::flatten_mut(batch.as_flattened_mut())
    }
    #[inline]
    fn samples(flat: &[T::Elem]) -> &[[T; N]] {
        const { assert!(N > 0, "a sample must hold at least one number") };
        T::samples(flat).as_chunks().0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_samples() {
        assert_eq!(<[f32; 2]>::rows(&[1.0, 2.0, 3.0, 4.0], 2), [[1.0, 2.0], [3.0, 4.0]]);
        assert_eq!(<[[f32; 0]; 3]>::rows(&[], 5), [[[0.0; 0]; 3]; 5]);
        assert_eq!(<[f32; 2]>::rows_mut(&mut [], 0).len(), 0);
    }

    #[test]
    #[should_panic(expected = "numbers for")]
    fn a_number_of_rows_that_wraps_is_refused() {
        let _ = <[f32; 2]>::rows(&[], usize::MAX / 2 + 1);
    }

    #[test]
    #[should_panic(expected = "numbers for")]
    fn a_number_of_rows_to_write_that_wraps_is_refused() {
        let _ = <[f32; 4]>::rows_mut(&mut [0.0; 4], usize::MAX / 4 + 2);
    }
}
