//! A layer of the user's.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use crate::graph::code::Call;
use crate::graph::{Num, Site, ValueId};

/// A layer that implements the trait `Layer`. Its one param is all of its weights.
pub struct Own {
    /// The const that has its value.
    pub layer: TokenStream,
    /// The const that has its phases.
    pub info: TokenStream,
    /// What it keeps for the backward pass.
    pub saved: ValueId,
    /// Which stream of random numbers it draws from.
    pub stream: u32,
    /// How often a row goes through it, if that is not once: each of its steps is a row by itself.
    pub steps: Option<Num>,
}

impl Own {
    /// What every phase by rows begins with: its value, and the circumstances of the call.
    fn call(&self, site: &mut Site<'_>) -> TokenStream {
        site.as_slices();
        let (layer, stream, [first, n]) = (&self.layer, self.stream, [quote!(first), quote!(n)].map(|n| self.rows(&n)));
        quote!(&#layer, &LayerCall::new(cx, #stream, #first, #n))
    }

    /// So many rows, each of which may be several.
    fn rows(&self, n: &TokenStream) -> TokenStream {
        match &self.steps {
            Some(steps) => quote!(#n * #steps),
            None => n.clone(),
        }
    }
}

impl Op for Own {
    fn kind(&self) -> Option<TokenStream> {
        let times = self.steps.clone().unwrap_or(Num::Lit(1));
        let (info, layer, stream) = (&self.info, &self.layer, self.stream);
        Some(quote!(Own { first: FIRST, times: #times, stream: #stream, body: __on_device!(#info, #layer) }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (info, call, w) = (&self.info, self.call(site), site.part());
        let (y, saved, x) = (site.y(), site.own_mut(self.saved), site.x(0));
        let m = self.rows(&quote!(m));
        let call = quote! {
            #info.forward(#call, Flat { w: Block::as_slice(#w), x: #x, ..Flat::EMPTY }, #y, #saved, #m)
        };
        Some(call.into())
    }

    fn backward_data(&self, _: usize, site: &mut Site<'_>) -> Call {
        let (info, call, w) = (&self.info, self.call(site), site.part());
        let (dx, acc, m) = (site.dx(0), site.acc(), self.rows(&quote!(m)));
        let (x, y, saved, dy) = (site.x(0), site.saved_y(), site.own(self.saved), site.dy());
        let call = quote! {
            #info.backward_data(
                #call, Flat { w: Block::as_slice(#w), x: #x, y: #y, saved: #saved, dy: #dy }, #dx, #m, #acc
            )
        };
        call.into()
    }

    fn backward_param(&self, _: usize, site: &mut Site<'_>) -> Call {
        site.as_slices();
        let (info, layer, stream, m) = (&self.info, &self.layer, self.stream, self.rows(&quote!(m)));
        let (x, y, saved, dy) = (site.x(0), site.saved_y(), site.own(self.saved), site.dy());
        let call = quote! {
            #info.backward_params(
                &#layer, &LayerCall::new(cx, #stream, 0, #m), Flat { w: &[], x: #x, y: #y, saved: #saved, dy: #dy }, &mut out
            )
        };
        call.into()
    }
}
