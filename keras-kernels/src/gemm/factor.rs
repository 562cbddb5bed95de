//! A factor of a product, as it lies in memory.

use super::Operand;
use crate::Real;

/// A factor of a product, as it lies in memory; its size comes from that of the product.
#[derive(Clone, Copy, Debug)]
pub enum Factor<'a, R = f32> {
    /// The matrix itself, row by row.
    Plain(&'a [R]),
    /// Its transpose, row by row.
    Transposed(&'a [R]),
}

impl<R: Real> Factor<'_, R> {
    pub(super) fn len(&self) -> usize {
        match self {
            Factor::Plain(x) | Factor::Transposed(x) => x.len(),
        }
    }

    /// An element of the factor, which has so many rows and columns.
    pub(super) fn get(&self, row: usize, col: usize, rows: usize, cols: usize) -> R {
        match self {
            Factor::Plain(x) => x[row * cols + col],
            Factor::Transposed(x) => x[col * rows + row],
        }
    }
}

impl Factor<'_> {
    /// For a product, where the factor has so many rows and columns.
    pub(super) fn operand(&self, rows: usize, cols: usize) -> Operand {
        match self {
            Factor::Plain(x) => Operand::rows(x.as_ptr(), cols),
            Factor::Transposed(x) => Operand::columns(x.as_ptr(), rows),
        }
    }
}
