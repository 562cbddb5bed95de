//! Shape rules, called by the compiler where all sizes are known and by const items of the generated code elsewhere.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::graph::{Num, Shape};

/// What a shape rule is given: known to the macro, or as tokens.
pub(crate) trait Given {
    type Known;
    fn known(&self) -> Option<Self::Known>;
    fn quoted(&self, krate: &TokenStream) -> TokenStream;
}

impl<T: Given> Given for &T {
    type Known = T::Known;
    fn known(&self) -> Option<T::Known> {
        (*self).known()
    }
    fn quoted(&self, krate: &TokenStream) -> TokenStream {
        (*self).quoted(krate)
    }
}

impl Given for Shape {
    type Known = keras_shapes::Shape;
    fn known(&self) -> Option<keras_shapes::Shape> {
        Shape::known(self)
    }
    fn quoted(&self, krate: &TokenStream) -> TokenStream {
        Shape::quoted(self, krate)
    }
}

impl Given for Num {
    type Known = usize;
    fn known(&self) -> Option<usize> {
        Num::known(self)
    }
    fn quoted(&self, _: &TokenStream) -> TokenStream {
        self.to_token_stream()
    }
}

/// A name that only the model knows, as the front of a message.
impl Given for String {
    type Known = &'static str;
    fn known(&self) -> Option<&'static str> {
        None
    }
    fn quoted(&self, _: &TokenStream) -> TokenStream {
        self.to_token_stream()
    }
}

impl Given for usize {
    type Known = usize;
    fn known(&self) -> Option<usize> {
        Some(*self)
    }
    fn quoted(&self, _: &TokenStream) -> TokenStream {
        Num::Lit(*self).to_token_stream()
    }
}

impl Given for Option<usize> {
    type Known = Option<usize>;
    fn known(&self) -> Option<Option<usize>> {
        Some(*self)
    }
    fn quoted(&self, _: &TokenStream) -> TokenStream {
        self.map_or_else(
            || quote!(::core::option::Option::None),
            |n| {
                let n = Num::Lit(n);
                quote!(::core::option::Option::Some(#n))
            },
        )
    }
}

/// Calls a rule of keras-shapes: at once if all it is given is known, otherwise in const items of the generated code.
macro_rules! infer {
    ($cx:expr, $span:expr, $rank:expr, $rule:ident($($arg:expr),*)) => {{
        use $crate::layers::given::Given;
        let known = (|| Some(keras_shapes::rules::$rule($(Given::known(&$arg)?),*)))();
        let krate = $cx.krate().clone();
        let tokens = || {
            let args = [$(Given::quoted(&$arg, &krate)),*];
            quote::quote!(#krate::__private::shapes::rules::$rule(#(#args),*))
        };
        $cx.inferred($span, $rank, known, tokens)
    }};
}
pub(crate) use infer;

/// Calls a rule of keras-shapes for what it finds wrong: at once if all it is given is known, otherwise in a const item.
/// The shape that comes out is the layer's to say, so that it can be said in the words of the model.
macro_rules! require {
    ($cx:expr, $span:expr, $rule:ident($($arg:expr),*)) => {{
        use $crate::layers::given::Given;
        let known = (|| Some(keras_shapes::rules::$rule($(Given::known(&$arg)?),*)))();
        let krate = $cx.krate().clone();
        let tokens = || {
            let args = [$(Given::quoted(&$arg, &krate)),*];
            quote::quote!(#krate::__private::shapes::rules::$rule(#(#args),*))
        };
        $cx.required($span, known, tokens)
    }};
}
pub(crate) use require;
