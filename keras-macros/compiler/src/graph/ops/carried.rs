//! States that rows carry from batch to batch.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site};

/// What an earlier batch has left of each row. No gradient goes into that batch.
pub struct Recall {
    /// Where it begins in what a row carries.
    pub at: Num,
}

/// Leaves its input for the next batch. Nothing reads its output, which is stored nowhere.
pub struct Carry {
    /// Where it begins in what a row carries.
    pub at: Num,
}

impl Op for Recall {
    fn kind(&self) -> Option<TokenStream> {
        let at = &self.at;
        Some(quote!(Recall { at: #at }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, at) = (site.y(), &self.at);
        Some(call!(site, carried::recall(y, at)))
    }

    fn backward_data(&self, _: usize, _: &mut Site<'_>) -> Call {
        Call::default()
    }

    fn is_constant(&self) -> bool {
        true
    }
}

impl Op for Carry {
    fn kind(&self) -> Option<TokenStream> {
        let at = &self.at;
        Some(quote!(Carry { at: #at }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (x, at) = (site.x(0), &self.at);
        Some(call!(site, carried::carry(x, at)))
    }

    fn backward_data(&self, _: usize, _: &mut Site<'_>) -> Call {
        Call::default()
    }

    fn is_constant(&self) -> bool {
        true
    }

    fn is_kept(&self) -> bool {
        true
    }
}
