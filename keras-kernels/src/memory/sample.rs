//! One sample of a batch.

use core::fmt::Debug;

use keras_shapes::Shape;

mod sealed {
    pub trait Sealed {}
}

/// A number that samples can be made of.
pub trait Element: Sample<Elem = Self> + PartialEq {
    /// Its name, as Keras writes a dtype.
    const DTYPE: &'static str;
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

    /// The numbers of a batch, one sample after the other.
    fn flatten(batch: &[Self]) -> &[Self::Elem];
    /// The numbers of a batch, to be written.
    fn flatten_mut(batch: &mut [Self]) -> &mut [Self::Elem];
    /// The samples in a slice of numbers; numbers at the end that fill no sample are left out.
    fn samples(flat: &[Self::Elem]) -> &[Self];
}

macro_rules! elements {
    ($($t:ident $name:literal),*) => {$(
        impl sealed::Sealed for $t {}

        impl Element for $t {
            const DTYPE: &'static str = $name;
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
