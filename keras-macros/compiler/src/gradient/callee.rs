//! A function of `gradient!` that another one calls.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::expand::{full_name, gradient_name};

/// A function that is called.
#[derive(Clone, Debug)]
pub struct Callee {
    /// Its path, without sizes.
    pub(super) path: syn::Path,
    /// The sizes that it is generic over.
    pub(super) sizes: Vec<TokenStream>,
    /// The parentheses of the call.
    pub parens: Span,
    /// Whether it stands in the same `gradient!`, so that its signature is known.
    pub known: bool,
}

impl Callee {
    fn renamed(&self, name: impl Fn(&Ident) -> Ident, generics: &[TokenStream]) -> TokenStream {
        let mut path = self.path.clone();
        if let Some(last) = path.segments.last_mut() {
            last.ident = name(&last.ident);
        }
        if generics.is_empty() { quote!(#path) } else { quote!(#path::<#(#generics),*>) }
    }

    /// The function itself.
    #[must_use]
    pub fn function(&self) -> TokenStream {
        self.renamed(Ident::clone, &self.sizes)
    }

    /// The one that gives the value and the gradients.
    #[must_use]
    pub fn gradient(&self) -> TokenStream {
        self.renamed(gradient_name, &self.sizes)
    }

    /// The one that gives the gradients of all parameters, for any kind of number.
    #[must_use]
    pub fn full(&self, number: &TokenStream) -> TokenStream {
        let mut generics = vec![number.clone()];
        generics.extend(self.sizes.clone());
        self.renamed(full_name, &generics)
    }
}

/// A part of what the gradient of a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The value of the function.
    Value,
    /// The gradient of a parameter.
    Share(usize),
}
