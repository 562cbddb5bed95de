//! Models that between them launch all kernels, each trained and tested for a few batches.

mod attention;
mod convolution;
mod dense;
mod losses;
mod merging;
mod normalization;
mod own;
mod precision;
mod products;
mod recurrent;
mod rows;
mod shapes;

use keras::device::Device;

/// Trains a model on a device.
pub(crate) type Train = fn(Device);

/// Calls a macro with all models.
macro_rules! each_model {
    ($what:ident) => {
        $what! {
            attention { heads wide shown }
            convolution { images signals }
            dense { classes layers_sgd layers_adam tiles divided rows clipped clipped_together }
            losses { shares labels errors divergences positions }
            merging { merged words tables table masked }
            normalization { scaled renormalized large }
            own { own }
            precision { mixed half rounded }
            products { ragged few_tiles }
            recurrent { cells dropped carried films signals_carried }
            rows { slopes drawn multiplied grouped sparse spectral ternary }
            shapes { moved pooled interpolated }
        }
    };
}
pub(crate) use each_model;
pub(crate) use own::Own;

macro_rules! list {
    ($($family:ident { $($model:ident)* })*) => {
        $(pub(crate) use self::$family::{$($model),*};)*

        /// All of them.
        pub(crate) const ALL: &[Train] = &[$($($model,)*)*];
    };
}
each_model!(list);

/// Calls a macro with those that are run as one kernel, too.
macro_rules! each_as_one_kernel {
    ($what:ident) => {
        $what! { clipped_together divided images cells shown tables own half rounded }
    };
}
pub(crate) use each_as_one_kernel;

macro_rules! as_one_kernel {
    ($($model:ident)*) => {
        /// Those that are run as one kernel, too.
        pub(crate) const AS_ONE_KERNEL: &[Train] = &[$($model,)*];
    };
}
each_as_one_kernel!(as_one_kernel);

/// Numbers that look random.
pub(crate) struct Numbers(pub(crate) u32);

impl Numbers {
    /// From −1 to 1.
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / 8_388_608.0 - 1.0
    }

    pub(crate) fn rows<const N: usize>(&mut self, rows: usize) -> Vec<[f32; N]> {
        (0..rows).map(|_| std::array::from_fn(|_| self.next())).collect()
    }

    /// Distributions.
    fn shares<const N: usize>(&mut self, rows: usize) -> Vec<[f32; N]> {
        let mut share = || {
            let row: [f32; N] = std::array::from_fn(|_| self.next() + 1.0);
            let sum: f32 = row.iter().sum();
            row.map(|x| x / sum)
        };
        (0..rows).map(|_| share()).collect()
    }

    pub(crate) fn classes(&mut self, rows: usize, of: u32) -> Vec<u8> {
        (0..rows).map(|_| ((self.next() + 1.0) * 0.5 * of as f32) as u8).collect()
    }
}
