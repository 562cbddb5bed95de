//! What layers for one, two and three spatial dimensions share.

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
