//! The hidden function that gives the gradients of all parameters, as it is called.
//!
//! It takes its parameters, and gives their gradients, as pairs in pairs: `(a, (b, c))`. Of a function of another
//! `gradient!` the macro does not know the signature; what is wrong with such a call is told where the function itself is
//! called, and pairs can be turned into any other pairs, so that rustc does not tell it again.

use proc_macro2::TokenStream;
use quote::quote;

use super::callee::Callee;
use super::forward::{Writer, local};
use super::values::Id;

/// Pairs in pairs; one by itself.
pub(super) fn pairs(list: &[TokenStream]) -> TokenStream {
    match list {
        [] => quote!(()),
        [one] => one.clone(),
        [first, rest @ ..] => {
            let rest = pairs(rest);
            quote!((#first, #rest))
        }
    }
}

/// One of `count` parts of pairs in pairs.
pub(super) fn part(of: &TokenStream, i: usize, count: usize) -> TokenStream {
    let deep = (0..i).fold(of.clone(), |of, _| quote!(#of.1));
    if i + 1 == count { deep } else { quote!(#deep.0) }
}

impl Writer<'_> {
    /// The types of values, with this kind of number.
    pub(super) fn kinds(&self, ids: &[Id], number: &TokenStream) -> TokenStream {
        let kinds: Vec<TokenStream> = ids.iter().map(|&id| self.shape(id).kind(number)).collect();
        pairs(&kinds)
    }

    /// Calls the function for this kind of number and these arguments, which `argument` has as pairs; binds the value and
    /// the gradients to these names.
    pub(super) fn full(
        &self,
        (callee, number): (&Callee, &TokenStream),
        args: &[Id],
        argument: &TokenStream,
        [value, shares]: [&TokenStream; 2],
    ) -> TokenStream {
        let (ad, full, kinds, packed) = (&self.ad, callee.full(number), self.kinds(args, number), local("packed"));
        if callee.known {
            return quote! {
                let #packed: #kinds = #argument;
                let (#value, #shares) = #full(&#packed);
            };
        }
        quote! {
            let #packed: #kinds = #argument;
            let (#value, #shares) = #full(&#ad::coerce(&#packed));
            let #shares: #kinds = #ad::coerce(&#shares);
        }
    }

    /// The same with the values themselves.
    pub(super) fn full_of(&self, callee: &Callee, args: &[Id], names: [&TokenStream; 2]) -> TokenStream {
        self.full((callee, self.number), args, &pairs(&self.list(args)), names)
    }
}
