//! Integers as floats.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use crate::graph::Site;
use crate::graph::code::{Call, call};

/// An input of integers as floats, which kernels compute with.
pub struct Cast;

impl Op for Cast {
    fn kind(&self) -> Option<TokenStream> {
        Some(quote!(Cast))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x) = (site.y(), site.x(0));
        Some(call!(site, cast::forward(y, x)))
    }

    fn backward_data(&self, _: usize, _: &mut Site<'_>) -> Call {
        Call::default()
    }

    fn is_constant(&self) -> bool {
        true
    }
}
