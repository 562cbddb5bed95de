//! How losses of positions become one number.

/// What the sum of weighted losses of a batch is divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// By the number of positions, whatever their weights.
    #[default]
    SumOverBatchSize,
    /// By nothing.
    Sum,
    /// By the sum of the weights of all positions. Keras adds weights up as they are given: where one weight stands for
    /// several positions of a sample, it counts once there, and what comes out is not a mean.
    MeanWithSampleWeight,
}

impl Reduction {
    /// What a position of weight 1 counts in the loss of a batch: 1 over the divisor, or 0 where that is 0.
    ///
    /// `positions` is how many there are, without those of a class to be ignored; `weights` the sum of their weights.
    ///
    /// ```
    /// use keras_runtime::loss::Reduction;
    /// assert_eq!(Reduction::SumOverBatchSize.scale(4, 2.0), 0.25);
    /// assert_eq!(Reduction::MeanWithSampleWeight.scale(4, 2.0), 0.5);
    /// ```
    #[must_use]
    pub fn scale(self, positions: usize, weights: f64) -> f64 {
        let divisor = match self {
            Reduction::SumOverBatchSize => positions as f64,
            Reduction::Sum => 1.0,
            Reduction::MeanWithSampleWeight => weights,
        };
        if divisor == 0.0 { 0.0 } else { 1.0 / divisor }
    }
}
