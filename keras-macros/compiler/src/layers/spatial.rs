//! What layers for one, two and three spatial dimensions share.

use super::{Args, Lower};
use crate::graph::{Shape, ValueId};

/// How many spatial dimensions a layer has.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spatial {
    One = 1,
    Two,
    Three,
}

/// The dimensions of such a layer's input, by the number of spatial ones.
pub(super) const DIMS: [&str; 4] =
    ["features", "steps, features", "rows, columns, channels", "depth, rows, columns, channels"];

/// The same with `data_format = channels_first`.
const CHANNELS_FIRST: [&str; 4] =
    ["features", "features, steps", "channels, rows, columns", "channels, depth, rows, columns"];

impl Lower<'_> {
    /// The shape of the input of a layer over so many spatial dimensions, and the first of these. Nothing after a
    /// mistake.
    pub(super) fn spatial(&mut self, args: &Args, value: ValueId, dims: usize) -> Option<(Shape, usize)> {
        let first = args.bool("data_format", false);
        let names = if first { CHANNELS_FIRST } else { DIMS };
        let shape = self.rank(args, value, dims + 1, names[dims])?;
        Some((shape, usize::from(first)))
    }
}
