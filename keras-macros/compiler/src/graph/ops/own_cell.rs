//! A cell of the user's that goes through time.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site, ValueId};

/// The steps of a cell that implements the trait `Cell`. Its one param is all of its weights; its inputs are the
/// sequences, the initial states and the mask.
pub struct OwnCell {
    /// The const that has its value.
    pub cell: TokenStream,
    /// The const that has its phases.
    pub info: TokenStream,
    /// How many steps there are.
    pub steps: Num,
    /// How many initial states are given.
    pub initial: usize,
    /// Whether a mask is given.
    pub mask: bool,
    /// The states before each step and after the last.
    pub states: ValueId,
    /// What its phases leave for each other.
    pub saved: ValueId,
    /// The gradients that go from step to step.
    pub carried: ValueId,
    /// The gradient of the sequences.
    pub dx: ValueId,
    /// Which stream of random numbers it draws from.
    pub stream: u32,
}

impl OwnCell {
    /// The circumstances of a call by rows.
    fn call(&self, site: &mut Site<'_>) -> TokenStream {
        site.as_slices();
        let stream = self.stream;
        quote!(&LayerCall::new(cx, #stream, first, n))
    }

    /// The mask as a slice; an empty one if there is none.
    fn mask(&self, site: &mut Site<'_>) -> TokenStream {
        if !self.mask {
            return quote!(&[]);
        }
        let mask = site.x(1 + self.initial);
        quote!(#mask)
    }
}

impl Op for OwnCell {
    fn kind(&self) -> Option<TokenStream> {
        let (steps, stream) = (&self.steps, self.stream);
        Some(quote!(Own { first: FIRST, times: #steps, stream: #stream, body: None }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (info, cell, call, w) = (&self.info, &self.cell, self.call(site), site.part());
        let to = [site.y(), site.own_mut(self.states), site.own_mut(self.saved)];
        let (x, mask) = (site.x(0), self.mask(site));
        let initial = (1..=self.initial).map(|i| site.x(i)).collect::<Vec<_>>();
        let call = quote! {
            #info.forward(
                &#cell, #call, Held { w: Block::as_slice(#w), x: #x, mask: #mask, ..Held::EMPTY },
                &[#(#initial),*], [#(#to),*], m
            )
        };
        Some(call.into())
    }

    fn prepare(&self, site: &mut Site<'_>) -> Option<Call> {
        let (info, cell, call, w) = (&self.info, &self.cell, self.call(site), site.part());
        let to = [self.saved, self.carried, self.dx].map(|value| site.own_mut(value));
        let (x, mask, states, dy) = (site.x(0), self.mask(site), site.own(self.states), site.dy());
        let call = quote! {
            #info.backward(
                &#cell, #call,
                Held { w: Block::as_slice(#w), x: #x, mask: #mask, states: #states, dy: #dy, ..Held::EMPTY },
                [#(#to),*], m
            )
        };
        Some(call.into())
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let acc = site.acc();
        if i > self.initial {
            let dx = site.dx(i);
            return call!(site, constant::backward(dx, acc));
        }
        let (info, call) = (&self.info, self.call(site));
        let dx = site.dx(i);
        let call = match i.checked_sub(1) {
            None => {
                let from = site.own(self.dx);
                quote!(#info.backward_data(#call, #dx, #from, #acc))
            }
            Some(state) => {
                let (state, from) = (Num::Lit(state), site.own(self.carried));
                quote!(#info.backward_state(#call, #state, #dx, #from, #acc))
            }
        };
        call.into()
    }

    fn backward_param(&self, _: usize, site: &mut Site<'_>) -> Call {
        site.as_slices();
        let (info, cell, stream) = (&self.info, &self.cell, self.stream);
        let (x, mask) = (site.x(0), self.mask(site));
        let (states, saved) = (site.own(self.states), site.own(self.saved));
        let call = quote! {
            #info.backward_params(
                &#cell, &LayerCall::new(cx, #stream, 0, m),
                Held { x: #x, mask: #mask, states: #states, saved: #saved, ..Held::EMPTY }, &mut out
            )
        };
        call.into()
    }
}
