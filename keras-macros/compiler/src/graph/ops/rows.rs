//! What is done to rows along a dimension, besides softmax.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site};

/// The logarithm of softmax over rows of this length.
pub struct LogSoftmax(pub Num);

impl Op for LogSoftmax {
    fn kind(&self) -> Option<TokenStream> {
        let n = &self.0;
        Some(quote!(LogSoftmax { n: #n }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, n) = (site.y(), site.x(0), &self.0);
        Some(call!(site, log_softmax::forward(y, x, n)))
    }

    fn backward_data(&self, _: usize, site: &mut Site<'_>) -> Call {
        let (dx, dy, y, acc, n) = (site.dx(0), site.dy(), site.saved_y(), site.acc(), &self.0);
        call!(site, log_softmax::backward(dx, dy, y, n, acc))
    }

    fn in_place(&self) -> bool {
        true
    }
}

/// The probabilities nearest to rows of this length.
pub struct Sparsemax(pub Num);

impl Op for Sparsemax {
    fn kind(&self) -> Option<TokenStream> {
        let n = &self.0;
        Some(quote!(Sparsemax { n: #n }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, n) = (site.y(), site.x(0), &self.0);
        Some(call!(site, sparsemax::forward(y, x, n)))
    }

    fn backward_data(&self, _: usize, site: &mut Site<'_>) -> Call {
        let (dx, dy, y, acc, n) = (site.dx(0), site.dy(), site.saved_y(), site.acc(), &self.0);
        call!(site, sparsemax::backward(dx, dy, y, n, acc))
    }

    fn in_place(&self) -> bool {
        true
    }
}

/// Rows of this length from rows of twice of it: the first half, gated by the second.
pub struct Glu(pub Num);

impl Op for Glu {
    fn kind(&self) -> Option<TokenStream> {
        let n = &self.0;
        Some(quote!(Glu { n: #n }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, n) = (site.y(), site.x(0), &self.0);
        Some(call!(site, glu::forward(y, x, n)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, dy, x, acc, n) = (site.dx(i), site.dy(), site.x(i), site.acc(), &self.0);
        call!(site, glu::backward(dx, dy, x, n, acc))
    }
}

/// Rows of this length, divided by their norm.
pub struct UnitNormalization(pub Num);

impl Op for UnitNormalization {
    fn kind(&self) -> Option<TokenStream> {
        let n = &self.0;
        Some(quote!(UnitNormalization { n: #n }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, n) = (site.y(), site.x(0), &self.0);
        Some(call!(site, unit_normalization::forward(y, x, n)))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, dy, x, acc, n) = (site.dx(i), site.dy(), site.x(i), site.acc(), &self.0);
        call!(site, unit_normalization::backward(dx, dy, x, n, acc))
    }

    fn in_place(&self) -> bool {
        true
    }
}
