//! `#[derive(Weights)]`: a struct of arrays as the weights of a layer of the user's; `#[derive(States)]`: one as the states
//! of a cell.
//!
//! ```text
//! #[derive(Weights)]
//! #[repr(C)]
//! struct Weights<const N: usize> {
//!     #[weight(initializer = Ones, constraint = NonNeg())]
//!     gain: [f32; N],
//!     #[weight(trainable = false, initializer = Zeros)]
//!     mean: [f32; N],
//! }
//! ```

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, Path, Token};

use crate::Errors;
use crate::errors::suggestion;
use crate::layers::build::located;
use crate::layers::objects::{Object, parse};
use crate::layers::values::switch;
use crate::syntax::call::argument;

/// What a struct of arrays is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Weights,
    States,
}

impl Of {
    /// In messages.
    fn word(self) -> &'static str {
        match self {
            Of::Weights => "weights",
            Of::States => "states",
        }
    }

    /// A struct as it is meant.
    fn example(self) -> &'static str {
        match self {
            Of::Weights => "`struct Weights { gain: [f32; 8] }`",
            Of::States => "`struct States { h: [f32; 8], c: [f32; 8] }`",
        }
    }
}

/// Expands `#[derive(Weights)]`.
#[must_use]
pub fn expand(tokens: TokenStream) -> TokenStream {
    expanded(tokens, Of::Weights)
}

/// Expands `#[derive(States)]`.
#[must_use]
pub fn states(tokens: TokenStream) -> TokenStream {
    expanded(tokens, Of::States)
}

fn expanded(tokens: TokenStream, of: Of) -> TokenStream {
    let mut errors = Errors::default();
    let code = errors.take(syn::parse2(tokens)).map(|input| derive(&input, of, &mut errors));
    let errors = errors.into_tokens();
    // After a mistake the traits are there all the same, so that nothing follows from it.
    quote!(#errors #code)
}

fn derive(input: &DeriveInput, of: Of, errors: &mut Errors) -> TokenStream {
    let (krate, word, example) = (krate(&input.attrs, of, errors), of.word(), of.example());
    let fields: Vec<Field> = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => fields.named.iter().map(|field| Field::read(field, errors)).collect(),
            Fields::Unit => Vec::new(),
            Fields::Unnamed(fields) => {
                errors.on(fields, format!("{word} have names: {example}"));
                Vec::new()
            }
        },
        Data::Enum(_) | Data::Union(_) => {
            errors.on(&input.ident, format!("{word} are a struct of arrays: {example}"));
            Vec::new()
        }
    };
    if !is_repr_c(&input.attrs) {
        let message = format!(
            "{word} are one block of memory: write `#[repr(C)]` (and nothing else in `repr`) before the struct"
        );
        errors.on(&input.ident, message);
    }
    let (name, (generics, used, bounds)) = (&input.ident, input.generics.split_for_impl());
    let types = || fields.iter().map(|field| &field.kind);
    let own = bounds.map(|bounds| bounds.predicates.iter().map(ToTokens::to_token_stream).collect::<Vec<_>>());
    let own = own.unwrap_or_default();
    // That the fields are arrays of `f32` is what makes the struct a block; rustc says so at the field that is not.
    let arrays = types().map(|kind| {
        let bound = located(quote!(#krate::Sample<Elem = f32>), kind.span());
        quote_spanned!(kind.span()=> #kind: #bound)
    });
    let bounds = quote!(where #(#own,)* #(#arrays,)*);
    let params = fields.iter().enumerate().map(|(i, field)| {
        let Field { name, kind, trainable, init, regularizer, constraint } = field;
        let before = fields[..i].iter().map(|field| &field.kind);
        let (name, trainable) = (name.to_string(), format_ident!("{}", if *trainable { "true" } else { "false" }));
        let [regularizer, constraint] = [regularizer, constraint].map(|object| match object {
            Some(tokens) => quote!(Some(#tokens)),
            None => quote!(None),
        });
        let name = name.trim_start_matches("r#");
        quote!(Param {
            name: #name,
            layer: 0,
            at: 0 #(+ <#before as Sample>::LEN)*,
            shape: <#kind as Sample>::DIMS,
            trainable: #trainable,
            init: #init,
            regularizer: #regularizer,
            constraint: #constraint,
            precision: Precision::Float32,
        })
    });
    let all = types();
    let places = fields.iter().enumerate().map(|(i, Field { name, .. })| {
        let before = fields[..i].iter().map(|field| &field.kind);
        quote!(::core::mem::offset_of!(Self, #name) == 4 * (0 #(+ <#before as Sample>::LEN)*))
    });
    // After a mistake they would only tell it again.
    let padding = match of {
        Of::Weights => quote!("weights are a `repr(C)` struct of arrays of `f32`, without padding"),
        Of::States => quote!("states are a `repr(C)` struct of arrays of `f32`, without padding"),
    };
    let floats = errors.is_empty().then(|| {
        quote! {
            const FLOATS: usize = {
                use #krate::__private::code::*;
                let floats = 0 #(+ <#all as Sample>::LEN)*;
                ::core::assert!(
                    ::core::mem::size_of::<Self>() == 4 * floats && ::core::mem::align_of::<Self>() <= 4 #(&& #places)*,
                    #padding
                );
                floats
            };
        }
    });
    let described = match of {
        Of::Weights => quote! {
            impl #generics #krate::Weights for #name #used #bounds {
                const PARAMS: &'static [#krate::graph::Param] = {
                    use #krate::__private::code::*;
                    &[#(#params),*]
                };
            }
        },
        Of::States => {
            let shapes = types();
            quote! {
                impl #generics #krate::States for #name #used #bounds {
                    const SHAPES: &'static [#krate::__private::shapes::Shape] =
                        &[#(<#shapes as #krate::Sample>::SHAPE),*];
                }
            }
        }
    };
    quote! {
        // SAFETY: the struct is `repr(C)`, and its fields are nested arrays of `f32`, as the bounds say. That nothing was
        // made of it since (by an attribute behind the derive) is what the assertions see to.
        unsafe impl #generics #krate::__private::Block for #name #used #bounds {
            #floats
        }

        #described
    }
}

/// The facade's path: `::keras`, or what `#[weights(crate = path)]` says.
fn krate(attrs: &[Attribute], of: Of, errors: &mut Errors) -> TokenStream {
    let (mut krate, word) = (quote!(::keras), of.word());
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(word)) {
        let read = attr.parse_nested_meta(|meta| {
            if !meta.path.is_ident("crate") {
                let message = format!("`{word}` takes `crate = path`, the path of keras under another name");
                return Err(meta.error(message));
            }
            krate = meta.value()?.parse::<Path>()?.to_token_stream();
            Ok(())
        });
        errors.take(read);
    }
    krate
}

fn is_repr_c(attrs: &[Attribute]) -> bool {
    let mut reprs = attrs.iter().filter(|attr| attr.path().is_ident("repr"));
    let c = |attr: &Attribute| attr.parse_args::<Ident>().is_ok_and(|word| word == "C");
    reprs.clone().count() > 0 && reprs.all(c)
}

/// One array of weights.
struct Field {
    name: Ident,
    kind: syn::Type,
    trainable: bool,
    init: TokenStream,
    regularizer: Option<TokenStream>,
    constraint: Option<TokenStream>,
}

const WORDS: [&str; 4] = ["initializer", "regularizer", "constraint", "trainable"];

impl Field {
    fn read(field: &syn::Field, errors: &mut Errors) -> Field {
        let object = |kind, expr: &Expr| parse(kind, expr).map(|made| made.tokens());
        let default = object(Object::Initializer, &syn::parse_quote!(GlorotUniform));
        let mut read = Field {
            name: field.ident.clone().unwrap_or_else(|| format_ident!("weight")),
            kind: field.ty.clone(),
            trainable: true,
            init: default.unwrap_or_default(),
            regularizer: None,
            constraint: None,
        };
        for attr in field.attrs.iter().filter(|attr| attr.path().is_ident("weight")) {
            let list = attr.parse_args_with(Punctuated::<Expr, Token![,]>::parse_terminated);
            for expr in errors.take(list).into_iter().flatten() {
                let Some(argument) = errors.take(argument(&expr)) else { continue };
                let word = argument.keyword.as_ref().map_or_else(String::new, ToString::to_string);
                let value = &argument.value;
                let label = |error: syn::Error| syn::Error::new(error.span(), format!("`{word}` {error}"));
                match word.as_str() {
                    "initializer" => {
                        let made = errors.take(object(Object::Initializer, value).map_err(label));
                        read.init = made.unwrap_or(read.init);
                    }
                    "regularizer" => read.regularizer = errors.take(object(Object::Regularizer, value).map_err(label)),
                    "constraint" => read.constraint = errors.take(object(Object::Constraint, value).map_err(label)),
                    "trainable" => read.trainable = errors.take(switch(value).map_err(label)).unwrap_or(true),
                    "" => errors.on(
                        value,
                        "expected `initializer = …`, `regularizer = …`, `constraint = …` or `trainable = …`",
                    ),
                    other => {
                        let near = suggestion(other, WORDS);
                        let message =
                            format!("`weight` has no argument `{other}`{near}\navailable: {}", WORDS.join(", "));
                        errors.on(&argument.keyword, message);
                    }
                }
            }
        }
        read
    }
}
