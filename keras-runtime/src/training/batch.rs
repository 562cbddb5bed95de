//! What data may be given as.

use keras_kernels::memory::Sample;

use crate::model::Samples;

/// Samples in memory: a reference to a `Vec`, a slice or an array of them, or a tuple of these where a model has several
/// inputs or outputs.
///
/// ```
/// use keras_runtime::training::IntoBatch;
/// let (images, labels) = (vec![[0.0f32; 784]; 3], [1u8, 2, 3]);
/// assert_eq!((&images, &labels[..]).into_batch().1, [1, 2, 3]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a batch of samples",
    label = "not samples",
    note = "give a reference to a `Vec`, a slice or an array of samples (`&x_train`), or a tuple of these where there are several"
)]
pub trait IntoBatch<'a> {
    /// One sample.
    type Sample: Samples;

    /// The samples as a slice, or a tuple of slices.
    fn into_batch(self) -> <Self::Sample as Samples>::Batch<'a>;
}

impl<'a, T: Sample> IntoBatch<'a> for &'a Vec<T>
where
    T: Samples<Batch<'a> = &'a [T]>,
{
    type Sample = T;

    fn into_batch(self) -> &'a [T] {
        self
    }
}

impl<'a, T: Sample> IntoBatch<'a> for &'a [T]
where
    T: Samples<Batch<'a> = &'a [T]>,
{
    type Sample = T;

    fn into_batch(self) -> &'a [T] {
        self
    }
}

impl<'a, T: Sample, const N: usize> IntoBatch<'a> for &'a [T; N]
where
    T: Samples<Batch<'a> = &'a [T]>,
{
    type Sample = T;

    fn into_batch(self) -> &'a [T] {
        self
    }
}

macro_rules! tuple {
    ($($p:ident $t:ident $i:tt),*) => {
        impl<'a, $($p, $t: Sample),*> IntoBatch<'a> for ($($p,)*)
        where
            $($p: IntoBatch<'a, Sample = $t>, $t: Samples<Batch<'a> = &'a [$t]>,)*
        {
            type Sample = ($($t,)*);

            fn into_batch(self) -> ($(&'a [$t],)*) {
                ($(self.$i.into_batch(),)*)
            }
        }
    };
}

tuple!(P T 0);
tuple!(P T 0, Q U 1);
tuple!(P T 0, Q U 1, R V 2);
tuple!(P T 0, Q U 1, R V 2, S W 3);
