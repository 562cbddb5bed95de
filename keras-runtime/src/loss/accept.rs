//! Which targets go with which outputs.

use keras_kernels::memory::{Element, Sample};

use crate::Result;
use crate::error::Error;

/// Targets that have a value for each of the output's: the output's own type; `f32` for `[f32; 1]` as well.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a target for the output `{O}` here",
    label = "expected targets of the type `{O}`",
    note = "`SparseCategoricalCrossentropy` and `SparseCategoricalAccuracy` take class indices (`u8`, `u32`, `usize`, …)"
)]
pub trait DenseTarget<O> {}

impl<O: Sample<Elem = f32>> DenseTarget<O> for O {}
impl DenseTarget<[f32; 1]> for f32 {}
impl<const T: usize> DenseTarget<[[f32; 1]; T]> for [f32; T] {}

/// Targets that are class indices, one for each position of the output: `u8` or another integer for `[f32; 10]`,
/// `[u32; 7]` for `[[f32; 10]; 7]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a target for the output `{O}` here",
    label = "expected one class index (`u8`, `u32`, `usize`, …) for each position of `{O}`",
    note = "`CategoricalCrossentropy` and `CategoricalAccuracy` take targets of the output's own type"
)]
pub trait ClassTarget<O> {}

/// Targets of yes and no: those of [`DenseTarget`], and 0 or 1 as integers where the output's last dimension is 1.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a target for the output `{O}` here",
    label = "expected targets of the type `{O}`",
    note = "where the last dimension is 1, integers 0 and 1 are targets as well"
)]
pub trait BinaryTarget<O> {}

impl<O: Sample<Elem = f32>> BinaryTarget<O> for O {}
impl BinaryTarget<[f32; 1]> for f32 {}
impl<const T: usize> BinaryTarget<[[f32; 1]; T]> for [f32; T] {}

/// Targets of [`DenseTarget`] or of [`ClassTarget`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a target for the output `{O}`",
    label = "expected targets of the type `{O}`, or one class index (`u8`, `u32`, `usize`, …) for each position of it"
)]
pub trait AnyTarget<O> {}

impl<O: Sample<Elem = f32>> AnyTarget<O> for O {}
impl AnyTarget<[f32; 1]> for f32 {}
impl<const T: usize> AnyTarget<[[f32; 1]; T]> for [f32; T] {}

// One by one rather than for all `C: Class`, so that the compiler's errors speak of targets and not of classes.
macro_rules! class_targets {
    ($($c:ident)*) => {$(
        impl<const N: usize> ClassTarget<[f32; N]> for $c {}
        impl<const N: usize> ClassTarget<[f32; N]> for [$c; 1] {}
        impl<const N: usize, const T: usize> ClassTarget<[[f32; N]; T]> for [$c; T] {}
        impl<const N: usize, const W: usize, const H: usize> ClassTarget<[[[f32; N]; W]; H]> for [[$c; W]; H] {}

        impl BinaryTarget<[f32; 1]> for $c {}
        impl BinaryTarget<[f32; 1]> for [$c; 1] {}
        impl<const T: usize> BinaryTarget<[[f32; 1]; T]> for [$c; T] {}

        impl<const N: usize> AnyTarget<[f32; N]> for $c {}
        impl<const N: usize> AnyTarget<[f32; N]> for [$c; 1] {}
        impl<const N: usize, const T: usize> AnyTarget<[[f32; N]; T]> for [$c; T] {}
        impl<const N: usize, const W: usize, const H: usize> AnyTarget<[[[f32; N]; W]; H]> for [[$c; W]; H] {}
    )*};
}

class_targets!(u8 u16 u32 i32 i64 usize);

/// The traits above as values, for losses and metrics that are chosen at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::enum_variant_names)] // The names are those of the traits, so that one word in a list stands for both.
pub(crate) enum Accept {
    DenseTarget,
    ClassTarget,
    BinaryTarget,
    AnyTarget,
}

impl Accept {
    /// Whether targets `T` go with outputs `O`; otherwise an error about the `argument` (`loss`) of this name.
    pub(crate) fn check<O: Sample, T: Sample>(self, argument: &'static str, name: &str) -> Result<()> {
        self.check_shapes(O::SHAPE.dims(), T::SHAPE.dims(), T::Elem::DTYPE, argument, name)
    }

    fn check_shapes(self, o: &[usize], t: &[usize], dtype: &str, argument: &'static str, name: &str) -> Result<()> {
        if self == Accept::ClassTarget && o.last().is_none_or(|&n| n == 1) {
            let reason = "the output has one number for each position, and classes need one each: use a binary loss or \
                          metric, or an output of two";
            return Err(Error::Argument { argument, value: format!("{name:?}"), reason: reason.to_owned() });
        }
        if self.fits(o, t, dtype == f32::DTYPE) {
            return Ok(());
        }
        let expected = match self {
            Accept::DenseTarget => "it takes targets of the output's own shape, in float32",
            Accept::ClassTarget => "it takes one class index (an integer) for each position of the output",
            Accept::BinaryTarget => {
                "it takes targets of the output's own shape in float32, or integers 0 and 1 where the output's last \
                 dimension is 1"
            }
            Accept::AnyTarget => {
                "it takes targets of the output's own shape in float32, or one class index (an integer) for each \
                 position of the output"
            }
        };
        let reason = format!("{expected}; found {dtype} targets of shape {t:?} for an output of shape {o:?}");
        Err(Error::Argument { argument, value: format!("{name:?}"), reason })
    }

    fn fits(self, o: &[usize], t: &[usize], float: bool) -> bool {
        let Some((&n, positions)) = o.split_last() else { return false };
        let dense = float && (t == o || n == 1 && t == positions);
        let classes = !float && (t == positions || t.strip_suffix(&[1]) == Some(positions));
        match self {
            Accept::DenseTarget => dense,
            Accept::ClassTarget => classes,
            Accept::BinaryTarget => dense || classes && n == 1,
            Accept::AnyTarget => dense || classes,
        }
    }
}
