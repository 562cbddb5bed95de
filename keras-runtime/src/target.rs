//! What a model is to learn: dense values or class indices.

use keras_kernels::memory::{Element, Sample};

use crate::Result;
use crate::error::Error;

/// Targets as losses and metrics see them: flat, one group for each position of the output.
///
/// An output `[f32; 10]` has one position for each row, `[[f32; 10]; 7]` has seven.
#[derive(Clone, Copy, Debug)]
pub enum Targets<'a> {
    /// As many values as the output has.
    Dense(&'a [f32]),
    /// One class index for each position, checked to be a class of the output.
    Classes(&'a [u32]),
}

/// A number that targets can be made of: `f32` for values, an integer for classes.
pub trait Label: Element {
    /// The targets in a slice of numbers. Class indices are converted to `staging`, whose memory is kept from batch to
    /// batch; `f32` are used where they lie. `classes` is the last dimension of the output; where it is 1, the classes
    /// are 0 and 1. `first` is the index of the first number's sample, `positions` the numbers for each sample.
    ///
    /// # Errors
    /// If a label is not a class.
    fn targets<'a>(
        flat: &'a [Self],
        staging: &'a mut Vec<u32>,
        classes: usize,
        first: usize,
        positions: usize,
    ) -> Result<Targets<'a>>;
}

impl Label for f32 {
    fn targets<'a>(flat: &'a [f32], _: &'a mut Vec<u32>, _: usize, _: usize, _: usize) -> Result<Targets<'a>> {
        Ok(Targets::Dense(flat))
    }
}

/// An integer that names a class.
pub trait Class: Label {}

macro_rules! classes {
    ($($t:ident),*) => {$(
        impl Class for $t {}

        impl Label for $t {
            fn targets<'a>(
                flat: &'a [$t],
                staging: &'a mut Vec<u32>,
                classes: usize,
                first: usize,
                positions: usize,
            ) -> Result<Targets<'a>> {
                let classes = classes.max(2);
                staging.clear();
                for (i, &label) in flat.iter().enumerate() {
                    match u32::try_from(label) {
                        Ok(class) if (class as usize) < classes => staging.push(class),
                        _ => {
                            let index = first + i / positions.max(1);
                            return Err(Error::Label { index, value: label as i64, classes });
                        }
                    }
                }
                Ok(Targets::Classes(staging))
            }
        }
    )*};
}

classes!(u8, u16, u32, i32, i64, usize);

/// A target sample: nested arrays of `f32` or of integers, or one of these.
pub trait Target: Sample<Elem: Label> {}

impl<T: Sample<Elem: Label>> Target for T {}
