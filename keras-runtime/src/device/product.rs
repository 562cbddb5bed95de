//! Matrix products by themselves, for tests of devices and measurements.

use super::math::Math;
use super::memory::{Data, Region, Span};
use super::ops::{Part, Tile, multiply_as};
use super::program::Program;

/// Which factor of a product lies transposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transposed {
    /// A · B.
    Neither,
    /// Aᵀ · B.
    First,
    /// A · Bᵀ.
    Second,
}

/// C = A · B, of matrices in row-major order, one of which may lie transposed.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    /// Rows and columns of C, and terms of each of its sums.
    pub sizes: [usize; 3],
    /// Which factor lies transposed.
    pub transposed: Transposed,
    /// What is multiplied.
    pub math: Math,
    /// Whether tiles are large, which those in f32 are not; nothing leaves that to the sizes, as in a model.
    pub is_large: Option<bool>,
}

impl Product {
    /// Where A and B lie: in inputs 0 and 1 of the data, from their beginning on.
    #[must_use]
    pub fn factors(&self) -> [Span; 2] {
        let [rows, columns, depth] = self.sizes;
        [(0, rows * depth), (1, depth * columns)].map(|(i, len)| Region::Input(Data::Given, i).span(0, len))
    }

    /// Where C lies: output `i`.
    #[must_use]
    pub fn result(&self, i: usize) -> Span {
        Region::Output(i).span(0, self.sizes[0] * self.sizes[1])
    }

    /// A program of some products, one after the other.
    #[must_use]
    pub fn program(products: &[Product]) -> Program {
        let launch = |(i, product): (usize, &Product)| {
            let Product { sizes: [rows, columns, depth], transposed, math, is_large } = *product;
            let tile = Tile::new(math, [rows, columns], 1);
            let tile = is_large.map_or(tile, |is_large| Tile { is_large, ..tile });
            let part = |span, line| Part { span, at: 0, line };
            let [a, b] = product.factors();
            let a = part(a, if transposed == Transposed::First { rows } else { depth });
            let b = part(b, if transposed == Transposed::Second { depth } else { columns });
            let c = part(product.result(i), columns);
            multiply_as(tile, (c, false), [a, b], transposed, None, product.sizes)
        };
        Program::new(1, products.iter().enumerate().map(launch).collect(), &[], &[])
    }
}
