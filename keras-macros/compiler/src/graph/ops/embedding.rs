//! Rows of a table, by their numbers.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site};

/// A row of the table for each number. Param: the table.
pub struct Embedding {
    /// Rows of the table.
    pub rows: Num,
    /// Length of a row.
    pub n: Num,
}

impl Op for Embedding {
    fn kind(&self) -> Option<TokenStream> {
        let Embedding { rows, n } = self;
        Some(quote!(Embedding { rows: #rows, n: #n }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, w, n) = (site.y(), site.x(0), site.weight(0), &self.n);
        Some(call!(site, embedding::forward(y, x, w, n)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, acc) = (site.dx(i), site.acc());
        call!(site, constant::backward(dx, acc))
    }

    fn backward_param(&self, _: usize, site: &mut Site<'_>) -> Call {
        let Embedding { rows, n } = self;
        let (to, x, dy) = (site.to().clone(), site.x(0), site.dy());
        call!(site, embedding::backward(to, x, dy, rows, n))
    }
}
