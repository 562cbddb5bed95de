//! L1 and L2 penalties.

/// What a regularizer adds to the loss: l1·Σ|w| + l2·Σw².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Penalty {
    /// Factor of Σ|w|.
    pub l1: f32,
    /// Factor of Σw².
    pub l2: f32,
}
