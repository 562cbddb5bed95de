//! An elementwise activation.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::{Head, Op};
use crate::graph::Site;
use crate::graph::code::{Call, Code, Write, call};

/// Which activation.
#[derive(Clone, Debug)]
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
    /// Another one of keras-kernels.
    Curve {
        /// Its variant.
        variant: &'static str,
        /// Its constants, `f32` expressions.
        constants: Vec<(&'static str, TokenStream)>,
        /// What its derivative is worked out from.
        saves: Saves,
    },
}

/// What a derivative is worked out from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saves {
    /// Neither input nor output.
    Nothing,
    /// The output, so that the input need not be kept.
    Output,
    /// The input.
    Input,
}

impl Act {
    /// The value in keras-kernels.
    #[must_use]
    pub fn path(&self) -> TokenStream {
        let word = |word: &str| Ident::new(word, Span::call_site());
        match self {
            Act::Curve { variant, constants, .. } if !constants.is_empty() => {
                let variant = word(variant);
                let (names, values): (Vec<_>, Vec<_>) =
                    constants.iter().map(|(name, value)| (word(name), value)).unzip();
                quote!(Act::#variant { #(#names: #values),* })
            }
            Act::Curve { variant, .. } => {
                let variant = word(variant);
                quote!(Act::#variant)
            }
            named => {
                let variant = word(named.name());
                quote!(Act::#variant)
            }
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Act::Linear => "Linear",
            Act::Relu => "Relu",
            Act::Sigmoid => "Sigmoid",
            Act::Tanh => "Tanh",
            Act::Gelu => "Gelu",
            Act::GeluTanh => "GeluTanh",
            Act::Curve { variant, .. } => variant,
        }
    }

    /// What its derivative is worked out from.
    #[must_use]
    pub fn saves(&self) -> Saves {
        match self {
            Act::Linear => Saves::Nothing,
            Act::Relu | Act::Sigmoid | Act::Tanh => Saves::Output,
            Act::Gelu | Act::GeluTanh => Saves::Input,
            Act::Curve { saves, .. } => *saves,
        }
    }

    /// Whether its derivative is worked out from its output, so that the input need not be kept.
    #[must_use]
    pub fn by_output(&self) -> bool {
        self.saves() != Saves::Input
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_linear(&self) -> bool {
        matches!(self, Act::Linear)
    }
}

impl Write for Act {
    fn write(&self, code: &mut Code<'_>) {
        match self {
            Act::Curve { .. } => code.tokens(&self.path()),
            named => {
                code.word(&code.words.act);
                code.path();
                code.word(&Ident::new(named.name(), Span::call_site()));
            }
        }
    }
}

/// An activation.
pub struct Activation(pub Act);

impl Op for Activation {
    fn kind(&self) -> Option<TokenStream> {
        let act = self.0.path();
        Some(quote!(Activation { act: #act }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, act) = (site.y(), site.x(0), &self.0);
        Some(call!(site, activation::forward(y, x, act)))
    }

    fn backward_data(&self, _: usize, site: &mut Site<'_>) -> Call {
        let (dx, dy, act, acc) = (site.dx(0), site.dy(), &self.0, site.acc());
        let saved = match self.0.saves() {
            Saves::Nothing => site.nothing(),
            Saves::Output => site.saved_y(),
            Saves::Input => site.x(0),
        };
        call!(site, activation::backward(dx, dy, saved, act, acc))
    }

    fn tiny(&self, x: &Ident, _: &Site<'_>) -> Option<TokenStream> {
        let act = self.0.path();
        Some(quote!(tiny::activation(isa, #x, #act)))
    }

    fn in_place(&self) -> bool {
        true
    }

    fn activation(&self) -> Option<Act> {
        Some(self.0.clone())
    }

    fn head(&self) -> Option<Head> {
        matches!(self.0, Act::Sigmoid).then_some(Head::Sigmoid)
    }

    fn is_exact(&self) -> bool {
        matches!(self.0, Act::Linear | Act::Relu)
    }
}
