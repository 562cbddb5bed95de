//! The sum of several values of one shape.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use crate::graph::code::{Call, call};
use crate::graph::{Node, Operand, Site};

/// Adds this many values.
pub struct Add(pub usize);

impl Op for Add {
    fn kind(&self) -> Option<TokenStream> {
        Some(quote!(Add))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let y = site.y();
        let xs: Vec<_> = (0..self.0).map(|i| site.x(i)).collect();
        Some(call!(site, add::forward(y, xs[..])))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, dy, acc) = (site.dx(i), site.dy(), site.acc());
        call!(site, add::backward(dx, dy, acc))
    }

    /// The last term can have what all others have copied.
    fn passes_on(&self, i: usize, node: &Node) -> Option<Operand> {
        (i + 1 == self.0).then_some(Operand::Grad(node.output))
    }
}
