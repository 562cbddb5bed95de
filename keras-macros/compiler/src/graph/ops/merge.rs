//! Several values of one shape to one, element by element.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::Op;
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site};

/// How values are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// The first less the second.
    Subtract,
    /// The product.
    Multiply,
    /// The mean.
    Average,
    /// The largest.
    Maximum,
    /// The smallest.
    Minimum,
}

/// Merges this many values.
pub struct Merged(pub Merge, pub usize);

impl Merged {
    fn path(&self) -> TokenStream {
        let variant = Ident::new(&format!("{:?}", self.0), Span::call_site());
        quote!(Merge::#variant)
    }
}

impl Op for Merged {
    fn kind(&self) -> Option<TokenStream> {
        let merge = self.path();
        Some(quote!(Merge { merge: #merge }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, merge) = (site.y(), self.path());
        let xs: Vec<_> = (0..self.1).map(|i| site.x(i)).collect();
        Some(call!(site, merge::forward(y, xs[..], merge)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, mut ins, acc, merge) = (site.dx(i), vec![site.dy()], site.acc(), self.path());
        if !matches!(self.0, Merge::Subtract | Merge::Average) {
            ins.extend((0..self.1).map(|i| site.x(i)));
        }
        let (i, n) = (Num::Lit(i), Num::Lit(self.1));
        call!(site, merge::backward(dx, ins[..], i, n, merge, acc))
    }
}
