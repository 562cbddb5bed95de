//! Values one behind the other along an axis.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use crate::graph::code::{Call, Ref, call};
use crate::graph::{Num, Site};

/// Rows of the inputs one behind the other, `outer` rows for each sample; input `i` has rows of `widths[i]`.
pub struct Concatenate {
    /// Rows for each sample.
    pub outer: Num,
    /// Length of each input's row.
    pub widths: Vec<Num>,
}

impl Op for Concatenate {
    fn kind(&self) -> Option<TokenStream> {
        let Concatenate { outer, widths } = self;
        Some(quote!(Concatenate { outer: #outer, widths: &[#(#widths),*] }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let widths = &self.widths;
        let y = site.y();
        let xs: Vec<_> = (0..widths.len()).map(|i| site.x(i)).collect();
        Some(call!(site, concatenate::forward(y, xs[..], Ref(widths))))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, dy, acc) = (site.dx(i), site.dy(), site.acc());
        let at = self.widths[..i].iter().fold(Num::Lit(0), |at, width| at.add(width));
        let total = self.widths.iter().fold(Num::Lit(0), |total, width| total.add(width));
        let width = &self.widths[i];
        call!(site, concatenate::backward(dx, dy, at, width, total, acc))
    }

    fn is_exact(&self) -> bool {
        true
    }
}
