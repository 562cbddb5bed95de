//! What a model takes and gives: a sample, or a tuple of samples.

use core::fmt::Debug;
use core::ops::Range;

#[cfg(feature = "cuda")]
use keras_kernels::memory::Element;
use keras_kernels::memory::Sample;

/// Inputs (or outputs) of one batch that do not have the same number of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uneven {
    /// Which one differs from the first, counted from 0.
    pub index: usize,
    /// Rows of the first.
    pub expected: usize,
    /// Rows of the one that differs.
    pub found: usize,
}

/// One sample of a model's inputs, outputs or targets: an array (for targets also a number), or a tuple of them where
/// there are several.
///
/// A batch is a slice of samples, or a tuple of slices: `&[[f32; 784]]`, `(&[[f32; 64]], &[[u32; 16]])`.
pub trait Samples: Copy + Debug + Send + Sync + 'static {
    /// A batch.
    type Batch<'a>: Copy + Send + Sync;
    /// A batch to be written.
    type BatchMut<'a>;
    /// Batches on the heap.
    #[cfg(feature = "std")]
    type Vecs: Default + Send + Sync + Debug;
    /// How many inputs or outputs there are.
    const ARITY: usize;

    /// How many rows a batch has.
    ///
    /// # Errors
    /// If its parts differ.
    fn rows(batch: Self::Batch<'_>) -> Result<usize, Uneven>;
    /// Some rows of a batch.
    ///
    /// # Panics
    /// If they are beyond the end.
    fn slice<'a: 'b, 'b>(batch: Self::Batch<'a>, rows: Range<usize>) -> Self::Batch<'b>;
    /// A batch of one.
    fn one(sample: &Self) -> Self::Batch<'_>;
    /// A batch of one, to be written.
    fn one_mut(sample: &mut Self) -> Self::BatchMut<'_>;
    /// A sample of zeros.
    fn zero() -> Self;
    /// Copies the rows with these indices to the front of `to`, which grows if it must, and gives them as a batch.
    ///
    /// # Panics
    /// If an index is beyond the end.
    #[cfg(feature = "std")]
    fn gather<'a>(batch: Self::Batch<'_>, rows: &[u32], to: &'a mut Self::Vecs) -> Self::Batch<'a>;
    /// `n` samples of zeros.
    #[cfg(feature = "std")]
    fn zeros(n: usize) -> Self::Vecs;
    /// All that the vectors hold.
    #[cfg(feature = "std")]
    fn batch(vecs: &Self::Vecs) -> Self::Batch<'_>;
    /// All that the vectors hold, to be written.
    #[cfg(feature = "std")]
    fn batch_mut(vecs: &mut Self::Vecs) -> Self::BatchMut<'_>;
    /// Copies the numbers of input `i` of a batch as floats.
    #[cfg(feature = "cuda")]
    fn floats(batch: Self::Batch<'_>, i: usize, to: &mut [f32]);
}

/// What a model gives: samples of `f32`.
pub trait Outputs: Samples {
    /// Copies `values` to output `i` of a batch, from row `first` on.
    ///
    /// # Panics
    /// If there is no such output, or the rows are beyond the end.
    fn put(batch: &mut Self::BatchMut<'_>, i: usize, first: usize, values: &[f32]);
    /// A batch of outputs whose numbers `flat` gives, one output after the other.
    fn view<'a>(flat: impl Fn(usize) -> &'a [f32]) -> Self::Batch<'a>;
    /// The numbers of output `i` of a batch.
    fn part(batch: Self::Batch<'_>, i: usize) -> &[f32];
    /// How many rows a batch to be written has; the fewest if its parts differ.
    fn rows_mut(batch: &Self::BatchMut<'_>) -> usize;
}

#[cfg(feature = "cuda")]
fn floats<S: Sample>(batch: &[S], to: &mut [f32]) {
    to.iter_mut().zip(S::flatten(batch)).for_each(|(to, x)| *to = x.to_f32());
}

#[cfg(feature = "std")]
fn gather<'a, S: Sample>(from: &[S], rows: &[u32], to: &'a mut Vec<S>) -> &'a [S] {
    to.clear();
    to.extend(rows.iter().map(|&row| from[row as usize]));
    to
}

impl<T: Sample, const N: usize> Samples for [T; N] {
    type Batch<'a> = &'a [[T; N]];
    type BatchMut<'a> = &'a mut [[T; N]];
    #[cfg(feature = "std")]
    type Vecs = Vec<[T; N]>;
    const ARITY: usize = 1;

    #[inline]
    fn rows(batch: Self::Batch<'_>) -> Result<usize, Uneven> {
        Ok(batch.len())
    }
    #[inline]
    fn slice<'a: 'b, 'b>(batch: Self::Batch<'a>, rows: Range<usize>) -> Self::Batch<'b> {
        &batch[rows]
    }
    #[inline]
    fn one(sample: &[T; N]) -> &[[T; N]] {
        core::slice::from_ref(sample)
    }
    #[inline]
    fn one_mut(sample: &mut [T; N]) -> &mut [[T; N]] {
        core::slice::from_mut(sample)
    }
    #[inline]
    fn zero() -> [T; N] {
        [T::ZERO; N]
    }
    #[cfg(feature = "std")]
    fn gather<'a>(batch: Self::Batch<'_>, rows: &[u32], to: &'a mut Vec<[T; N]>) -> Self::Batch<'a> {
        gather(batch, rows, to)
    }
    #[cfg(feature = "std")]
    fn zeros(n: usize) -> Vec<[T; N]> {
        keras_kernels::memory::zeros(n)
    }
    #[cfg(feature = "std")]
    fn batch(vecs: &Vec<[T; N]>) -> &[[T; N]] {
        vecs
    }
    #[cfg(feature = "std")]
    fn batch_mut(vecs: &mut Vec<[T; N]>) -> &mut [[T; N]] {
        vecs
    }
    #[cfg(feature = "cuda")]
    fn floats(batch: &[[T; N]], _: usize, to: &mut [f32]) {
        floats(batch, to);
    }
}

impl<T: Sample<Elem = f32>, const N: usize> Outputs for [T; N] {
    #[inline]
    fn put(batch: &mut &mut [[T; N]], i: usize, first: usize, values: &[f32]) {
        assert_eq!(i, 0, "a model of one output");
        let at = first * <[T; N]>::LEN;
        <[T; N]>::flatten_mut(batch)[at..at + values.len()].copy_from_slice(values);
    }
    fn view<'a>(flat: impl Fn(usize) -> &'a [f32]) -> Self::Batch<'a> {
        <[T; N]>::samples(flat(0))
    }
    fn part(batch: Self::Batch<'_>, _: usize) -> &[f32] {
        <[T; N]>::flatten(batch)
    }
    #[inline]
    fn rows_mut(batch: &&mut [[T; N]]) -> usize {
        batch.len()
    }
}

/// One number: a class label, or the target of an output of one.
macro_rules! scalar {
    ($($t:ty),*) => {$(
        impl Samples for $t {
            type Batch<'a> = &'a [$t];
            type BatchMut<'a> = &'a mut [$t];
            #[cfg(feature = "std")]
            type Vecs = Vec<$t>;
            const ARITY: usize = 1;

            #[inline]
            fn rows(batch: &[$t]) -> Result<usize, Uneven> {
                Ok(batch.len())
            }
            #[inline]
            fn slice<'a: 'b, 'b>(batch: Self::Batch<'a>, rows: Range<usize>) -> Self::Batch<'b> {
                &batch[rows]
            }
            #[inline]
            fn one(sample: &$t) -> &[$t] {
                core::slice::from_ref(sample)
            }
            #[inline]
            fn one_mut(sample: &mut $t) -> &mut [$t] {
                core::slice::from_mut(sample)
            }
            #[inline]
            fn zero() -> $t {
                <$t>::ZERO
            }
            #[cfg(feature = "std")]
            fn gather<'a>(batch: &[$t], rows: &[u32], to: &'a mut Vec<$t>) -> &'a [$t] {
                gather(batch, rows, to)
            }
            #[cfg(feature = "std")]
            fn zeros(n: usize) -> Vec<$t> {
                keras_kernels::memory::zeros(n)
            }
            #[cfg(feature = "std")]
            fn batch(vecs: &Vec<$t>) -> &[$t] {
                vecs
            }
            #[cfg(feature = "std")]
            fn batch_mut(vecs: &mut Vec<$t>) -> &mut [$t] {
                vecs
            }
            #[cfg(feature = "cuda")]
            fn floats(batch: &[$t], _: usize, to: &mut [f32]) {
                floats(batch, to);
            }
        }
    )*};
}

scalar!(f32, f64, u8, u16, u32, i32, i64, usize);

macro_rules! tuple {
    ($arity:literal; $($t:ident $i:tt),*) => {
        impl<$($t: Sample),*> Samples for ($($t,)*) {
            type Batch<'a> = ($(&'a [$t],)*);
            type BatchMut<'a> = ($(&'a mut [$t],)*);
            #[cfg(feature = "std")]
            type Vecs = ($(Vec<$t>,)*);
            const ARITY: usize = $arity;

            fn rows(batch: Self::Batch<'_>) -> Result<usize, Uneven> {
                let expected = batch.0.len();
                $(if batch.$i.len() != expected {
                    return Err(Uneven { index: $i, expected, found: batch.$i.len() });
                })*
                Ok(expected)
            }
            fn slice<'a: 'b, 'b>(batch: Self::Batch<'a>, rows: Range<usize>) -> Self::Batch<'b> {
                ($(&batch.$i[rows.clone()],)*)
            }
            fn one(sample: &Self) -> Self::Batch<'_> {
                ($(core::slice::from_ref(&sample.$i),)*)
            }
            fn one_mut(sample: &mut Self) -> Self::BatchMut<'_> {
                ($(core::slice::from_mut(&mut sample.$i),)*)
            }
            fn zero() -> Self {
                ($($t::ZERO,)*)
            }
            #[cfg(feature = "std")]
            fn gather<'a>(batch: Self::Batch<'_>, rows: &[u32], to: &'a mut Self::Vecs) -> Self::Batch<'a> {
                ($(gather(batch.$i, rows, &mut to.$i),)*)
            }
            #[cfg(feature = "std")]
            fn zeros(n: usize) -> Self::Vecs {
                ($(keras_kernels::memory::zeros::<$t>(n),)*)
            }
            #[cfg(feature = "std")]
            fn batch(vecs: &Self::Vecs) -> Self::Batch<'_> {
                ($(&vecs.$i[..],)*)
            }
            #[cfg(feature = "std")]
            fn batch_mut(vecs: &mut Self::Vecs) -> Self::BatchMut<'_> {
                ($(&mut vecs.$i[..],)*)
            }
            #[cfg(feature = "cuda")]
            fn floats(batch: Self::Batch<'_>, i: usize, to: &mut [f32]) {
                match i {
                    $($i => floats(batch.$i, to),)*
                    _ => {}
                }
            }
        }

        impl<$($t: Sample<Elem = f32>),*> Outputs for ($($t,)*) {
            fn put(batch: &mut Self::BatchMut<'_>, i: usize, first: usize, values: &[f32]) {
                match i {
                    $($i => {
                        let at = first * $t::LEN;
                        $t::flatten_mut(batch.$i)[at..at + values.len()].copy_from_slice(values);
                    })*
                    _ => panic!(concat!("a model of ", $arity, " outputs")),
                }
            }
            fn view<'a>(flat: impl Fn(usize) -> &'a [f32]) -> Self::Batch<'a> {
                ($($t::samples(flat($i)),)*)
            }
            fn part(batch: Self::Batch<'_>, i: usize) -> &[f32] {
                match i {
                    $($i => $t::flatten(batch.$i),)*
                    _ => &[],
                }
            }
            fn rows_mut(batch: &Self::BatchMut<'_>) -> usize {
                [$(batch.$i.len()),*].into_iter().min().unwrap_or(0)
            }
        }
    };
}

tuple!(1; A 0);
tuple!(2; A 0, B 1);
tuple!(3; A 0, B 1, C 2);
tuple!(4; A 0, B 1, C 2, D 3);
tuple!(5; A 0, B 1, C 2, D 3, E 4);
tuple!(6; A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(7; A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(8; A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
