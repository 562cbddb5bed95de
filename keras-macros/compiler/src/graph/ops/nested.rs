//! A model that is a layer.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Op, Scratch};
use crate::graph::code::Call;
use crate::graph::{Num, Operand, Site, ValueId};

/// A compiled model of one input and one output. Its one param is all of its weights.
pub struct Nested {
    /// The const that has its phases.
    pub info: TokenStream,
    /// Its kept area, in training.
    pub kept: ValueId,
    /// Its temporary area, in training.
    pub temp: ValueId,
    /// Its temporary area, in inference.
    pub infer: ValueId,
    /// Which stream its seed is made with.
    pub stream: u32,
    /// Where what its rows carry to the next batch begins in what those of the model around it carry.
    pub carried: Num,
}

impl Nested {
    fn train(&self, site: &mut Site<'_>) {
        let info = &self.info;
        site.region(Some(self.kept), Some(self.temp), quote!(#info.train));
    }
}

impl Op for Nested {
    fn kind(&self) -> Option<TokenStream> {
        let Nested { info, stream, carried, .. } = self;
        Some(quote!(Nested {
            graph: #info.graph, first: FIRST, stream: #stream, kept: KEPT, carried: #carried
        }))
    }

    fn region(&self) -> Option<Operand> {
        Some(Operand::Value(self.kept))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        site.as_slices();
        let (info, stream, model) = (&self.info, self.stream, site.part());
        let (y, x, carried, index) = (site.y(), site.x(0), &self.carried, site.index(0));
        if site.inference {
            site.region(None, Some(self.infer), quote!(#info.infer));
            return Some(quote!(#info.infer(#model, cx, #stream, #y, #x, ws.part(#index, #carried))).into());
        }
        self.train(site);
        Some(quote!(#info.forward(#model, cx, #stream, #y, #x, ws.part(#index, #carried))).into())
    }

    fn prepare(&self, site: &mut Site<'_>) -> Option<Call> {
        site.as_slices();
        let (info, stream, model) = (&self.info, self.stream, site.part());
        let (dy, x) = (site.dy(), site.x(0));
        let inputs = if site.wanted { quote!(true) } else { quote!(cx.input_gradients) };
        self.train(site);
        let (index, carried) = (site.index(0), &self.carried);
        Some(quote!(#info.backward(#model, cx, #stream, #inputs, #dy, #x, ws.part(#index, #carried))).into())
    }

    fn backward_data(&self, _: usize, site: &mut Site<'_>) -> Call {
        site.as_slices();
        let info = &self.info;
        let (dx, acc) = (site.dx(0), site.acc());
        self.train(site);
        quote!(#info.backward_data(cx, #dx, #acc, ws)).into()
    }

    fn backward_param(&self, _: usize, site: &mut Site<'_>) -> Call {
        site.as_slices();
        let (info, stream) = (&self.info, self.stream);
        let x = site.x(0);
        site.region(Some(self.kept), None, quote!(#info.train));
        quote!(#info.backward_params(cx, #stream, #x, ws, out)).into()
    }

    fn scratch(&self) -> Option<Scratch> {
        let info = &self.info;
        Some(Scratch {
            function: "max",
            args: vec![Num::Const(quote!(#info.train.scratch)), Num::Const(quote!(#info.infer.scratch))],
            known: None,
        })
    }
}
