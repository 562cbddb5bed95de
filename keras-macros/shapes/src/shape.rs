//! The dimensions of one sample.

use crate::Msg;

/// The most dimensions that a sample can have, the batch not counted.
pub const MAX_RANK: usize = 6;

/// The dimensions of one sample, without the batch: `[28, 28, 1]`.
///
/// ```
/// use keras_shapes::Shape;
/// const S: Shape = Shape::new(&[28, 28, 3]);
/// assert_eq!((S.rank(), S.len(), S.last(), S.outer()), (3, 2352, 3, 784));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    rank: usize,
    dims: [usize; MAX_RANK],
    poison: bool,
}

/// What a shape rule answers: the output shape, or what is wrong.
pub type Inferred = Result<Shape, Msg>;

impl Shape {
    /// The shape of a layer whose mistake was already told: every rule answers it with itself, so that one mistake
    /// gives one error.
    pub const POISON: Shape = Shape { rank: 0, dims: [1; MAX_RANK], poison: true };

    /// The shape with these dimensions.
    ///
    /// # Panics
    /// With more than [`MAX_RANK`] dimensions.
    #[must_use]
    pub const fn new(dims: &[usize]) -> Shape {
        assert!(dims.len() <= MAX_RANK, "a sample can have 6 dimensions at the most");
        let mut shape = Shape { rank: dims.len(), dims: [1; MAX_RANK], poison: false };
        let mut i = 0;
        while i < dims.len() {
            shape.dims[i] = dims[i];
            i += 1;
        }
        shape
    }

    /// Whether a mistake before this shape was already told.
    #[must_use]
    pub const fn is_poison(&self) -> bool {
        self.poison
    }

    /// How many dimensions there are.
    #[must_use]
    pub const fn rank(&self) -> usize {
        self.rank
    }

    /// Dimension `i`, counted from 0; 1 beyond the rank, so that poison can be asked anything.
    #[must_use]
    pub const fn dim(&self, i: usize) -> usize {
        if i < self.rank { self.dims[i] } else { 1 }
    }

    /// The last dimension, the features; 1 for a scalar.
    #[must_use]
    pub const fn last(&self) -> usize {
        if self.rank == 0 { 1 } else { self.dims[self.rank - 1] }
    }

    /// The product of all dimensions but the last.
    #[must_use]
    pub const fn outer(&self) -> usize {
        if self.rank == 0 { 1 } else { self.product(0, self.rank - 1) }
    }

    /// How many numbers one sample holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.product(0, self.rank)
    }

    /// Whether one sample holds no number at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The product of the dimensions `from..to`; `usize::MAX` if it is larger.
    #[must_use]
    pub const fn product(&self, from: usize, to: usize) -> usize {
        let mut product = 1;
        let mut i = from;
        while i < to {
            product = self.dims[i].saturating_mul(product);
            i += 1;
        }
        product
    }

    /// The same shape with another dimension `i`.
    #[must_use]
    pub const fn with(mut self, i: usize, dim: usize) -> Shape {
        self.dims[i] = dim;
        self
    }

    /// The same shape, or poison if it was worked out from poison.
    #[must_use]
    pub const fn after(self, other: Shape) -> Shape {
        if other.poison { Shape::POISON } else { self }
    }

    /// The shape of an array of `n` such samples.
    #[must_use]
    pub const fn prepend(self, n: usize) -> Shape {
        assert!(self.rank < MAX_RANK, "a sample can have 6 dimensions at the most");
        let mut dims = [1; MAX_RANK];
        dims[0] = n;
        let mut i = 0;
        while i < self.rank {
            dims[i + 1] = self.dims[i];
            i += 1;
        }
        Shape { rank: self.rank + 1, dims, poison: self.poison }
    }

    /// Whether both have the same dimensions; `==` in const code.
    #[must_use]
    pub const fn same(&self, other: &Shape) -> bool {
        if self.rank != other.rank {
            return false;
        }
        let mut i = 0;
        while i < self.rank {
            if self.dims[i] != other.dims[i] {
                return false;
            }
            i += 1;
        }
        true
    }

    /// The dimensions as a slice.
    #[must_use]
    pub const fn dims(&self) -> &[usize] {
        self.dims.split_at(self.rank).0
    }

    /// The same shape with another last dimension.
    #[must_use]
    pub const fn with_last(self, n: usize) -> Shape {
        if self.rank == 0 { self } else { self.with(self.rank - 1, n) }
    }
}

/// The inferred shape, or [`Shape::POISON`] after a mistake: what the rules further on are given.
#[must_use]
pub const fn or_poison(inferred: Inferred) -> Shape {
    match inferred {
        Ok(shape) => shape,
        Err(_) => Shape::POISON,
    }
}
