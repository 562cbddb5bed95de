//! An elementwise activation.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::{Head, Op};
use crate::graph::Site;

/// Which activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// x
    Linear,
    /// max(x, 0)
    Relu,
    /// 1 / (1 + e⁻ˣ)
    Sigmoid,
    /// tanh x
    Tanh,
    /// x·Φ(x), by the error function
    Gelu,
    /// x·Φ(x), by tanh
    GeluTanh,
}

impl Act {
    /// The variant in keras-kernels.
    #[must_use]
    pub fn path(self) -> TokenStream {
        let variant = Ident::new(&format!("{self:?}"), Span::call_site());
        quote!(Act::#variant)
    }

    /// Whether its derivative is worked out from its output, so that the input need not be kept.
    #[must_use]
    pub fn by_output(self) -> bool {
        !matches!(self, Act::Gelu | Act::GeluTanh)
    }
}

/// An activation.
pub struct Activation(pub Act);

impl Op for Activation {
    fn kind(&self) -> Option<TokenStream> {
        let act = self.0.path();
        Some(quote!(Activation { act: #act }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<TokenStream> {
        let ((y, x), act) = (site.y_of_x(), self.0.path());
        Some(quote!(activation::forward(cx.isa, #y, #x, #act)))
    }

    fn backward_data(&self, _: usize, site: &mut Site<'_>) -> TokenStream {
        let ((dx, dy), act, acc) = (site.dx_of_dy(), self.0.path(), site.acc());
        let saved = match self.0 {
            Act::Linear => quote!(&[]),
            act if act.by_output() => site.saved_y(),
            _ => site.x(0),
        };
        quote!(activation::backward(cx.isa, #dx, #dy, #saved, #act, #acc))
    }

    fn in_place(&self) -> bool {
        true
    }

    fn activation(&self) -> Option<Act> {
        Some(self.0)
    }

    fn head(&self) -> Option<Head> {
        (self.0 == Act::Sigmoid).then_some(Head::Sigmoid)
    }
}
