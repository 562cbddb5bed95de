//! The targets of all outputs of a model.

use keras_kernels::memory::Sample;

use crate::Result;
use crate::model::Samples;
use crate::target::{Label, Target, Targets};

/// Targets of a model: for each output `f32` values or class labels.
///
/// It is there for numbers and arrays of numbers, and for tuples of them where a model has several outputs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the target of a model",
    label = "not a target",
    note = "targets are `f32` values or class labels of `u8`, `u16`, `u32`, `i32`, `i64` or `usize`, or arrays of them; tuples of these for several outputs"
)]
pub trait TargetSet: Samples {
    /// How many numbers output `i` has in each sample.
    fn width(i: usize) -> usize;

    /// The targets of output `i`, whose last dimension is `classes`. Class labels are converted to `staging`.
    ///
    /// # Errors
    /// If a label is not a class.
    fn targets<'b: 's, 's>(
        batch: Self::Batch<'b>,
        i: usize,
        staging: &'s mut Vec<u32>,
        classes: usize,
        first: usize,
    ) -> Result<Targets<'s>>;
}

fn flat<'b, T: Target>(batch: &'b [T], staging: &'b mut Vec<u32>, classes: usize, first: usize) -> Result<Targets<'b>> {
    <T::Elem as Label>::targets(T::flatten(batch), staging, classes, first, T::LEN)
}

macro_rules! single {
    ([$($generics:tt)*] $t:ty) => {
        impl<$($generics)*> TargetSet for $t {
            #[inline]
            fn width(_: usize) -> usize {
                Self::LEN
            }
            #[inline]
            fn targets<'b: 's, 's>(
                batch: Self::Batch<'b>,
                _: usize,
                staging: &'s mut Vec<u32>,
                classes: usize,
                first: usize,
            ) -> Result<Targets<'s>> {
                flat(batch, staging, classes, first)
            }
        }
    };
}

single!([T: Sample<Elem: Label>, const N: usize] [T; N]);
single!([] f32);
single!([] u8);
single!([] u16);
single!([] u32);
single!([] i32);
single!([] i64);
single!([] usize);

macro_rules! tuple {
    ($($t:ident $i:tt),*) => {
        impl<$($t: Target),*> TargetSet for ($($t,)*) {
            fn width(i: usize) -> usize {
                [$($t::LEN),*][i]
            }
            fn targets<'b: 's, 's>(
                batch: Self::Batch<'b>,
                i: usize,
                staging: &'s mut Vec<u32>,
                classes: usize,
                first: usize,
            ) -> Result<Targets<'s>> {
                match i {
                    $($i => flat(batch.$i, staging, classes, first),)*
                    _ => unreachable!("a target of output {i}"),
                }
            }
        }
    };
}

tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
