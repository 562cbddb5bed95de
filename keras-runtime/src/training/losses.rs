//! The losses of all outputs of a model.

use keras_kernels::memory::Sample;

use super::TargetSet;
use crate::Result;
#[cfg(feature = "cuda")]
use crate::loss::AnyLoss;
use crate::loss::{Loss, Predictions, Reduction};
use crate::model::Outputs;
use crate::model::graph::Head;
use crate::target::Target;

/// One loss for each output: a loss for a model of one output, a tuple of losses for one of several.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a loss for the outputs `{O}` and the targets `{T}`",
    label = "not one loss for each output",
    note = "a model of one output takes a loss; a model of several takes a tuple of as many losses, and a tuple of targets"
)]
pub trait Losses<O: Outputs, T: TargetSet>: Send + Sync {
    /// How many there are.
    const COUNT: usize;

    /// [`Loss::check`] of all.
    ///
    /// # Errors
    /// If one does not suit its output and targets.
    fn check(&self) -> Result<()>;

    /// [`Loss::reduction`] of output `i`.
    fn reduction(&self, i: usize) -> Reduction;

    /// [`Loss::ignored_class`] of output `i`.
    fn ignored_class(&self, i: usize) -> Option<u32>;

    /// [`Loss::fuses`] of output `i`.
    fn fuses(&self, i: usize, head: Head) -> bool;

    /// [`Loss::evaluate`] of output `i`.
    fn evaluate(&self, i: usize, p: Predictions<'_>, scale: &[f32], losses: &mut [f32], grad: Option<&mut [f32]>);

    /// [`Loss::built_in`] of output `i`.
    #[cfg(feature = "cuda")]
    fn built_in(&self, i: usize) -> Option<AnyLoss>;
}

impl<S, const N: usize, T, L> Losses<[S; N], T> for L
where
    S: Sample<Elem = f32>,
    T: Target + TargetSet,
    L: Loss<[S; N], T>,
{
    const COUNT: usize = 1;

    fn check(&self) -> Result<()> {
        Loss::check(self)
    }

    #[inline]
    fn reduction(&self, _: usize) -> Reduction {
        Loss::reduction(self)
    }

    #[inline]
    fn ignored_class(&self, _: usize) -> Option<u32> {
        Loss::ignored_class(self)
    }

    #[inline]
    fn fuses(&self, _: usize, head: Head) -> bool {
        Loss::fuses(self, head)
    }

    #[inline]
    fn evaluate(&self, _: usize, p: Predictions<'_>, scale: &[f32], losses: &mut [f32], grad: Option<&mut [f32]>) {
        Loss::evaluate(self, p, scale, losses, grad);
    }

    #[cfg(feature = "cuda")]
    fn built_in(&self, _: usize) -> Option<AnyLoss> {
        Loss::built_in(self)
    }
}

macro_rules! tuple {
    ($count:literal; $($l:ident $o:ident $t:ident $i:tt),*) => {
        impl<$($l, $o, $t),*> Losses<($($o,)*), ($($t,)*)> for ($($l,)*)
        where
            $($o: Sample<Elem = f32>, $t: Target, $l: Loss<$o, $t>,)*
        {
            const COUNT: usize = $count;

            fn check(&self) -> Result<()> {
                $(self.$i.check()?;)*
                Ok(())
            }

            fn reduction(&self, i: usize) -> Reduction {
                match i {
                    $($i => self.$i.reduction(),)*
                    _ => unreachable!("a loss of output {i}"),
                }
            }

            fn ignored_class(&self, i: usize) -> Option<u32> {
                match i {
                    $($i => self.$i.ignored_class(),)*
                    _ => unreachable!("a loss of output {i}"),
                }
            }

            fn fuses(&self, i: usize, head: Head) -> bool {
                match i {
                    $($i => self.$i.fuses(head),)*
                    _ => false,
                }
            }

            fn evaluate(
                &self,
                i: usize,
                p: Predictions<'_>,
                scale: &[f32],
                losses: &mut [f32],
                grad: Option<&mut [f32]>,
            ) {
                match i {
                    $($i => self.$i.evaluate(p, scale, losses, grad),)*
                    _ => unreachable!("a loss of output {i}"),
                }
            }

            #[cfg(feature = "cuda")]
            fn built_in(&self, i: usize) -> Option<AnyLoss> {
                match i {
                    $($i => self.$i.built_in(),)*
                    _ => None,
                }
            }
        }
    };
}

tuple!(1; L A T 0);
tuple!(2; L A T 0, M B U 1);
tuple!(3; L A T 0, M B U 1, N C V 2);
tuple!(4; L A T 0, M B U 1, N C V 2, O D W 3);
