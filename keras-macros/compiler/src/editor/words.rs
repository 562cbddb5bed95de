//! The items that words stand for in an editor: `layers::Dense` with a field for each argument, `activations::relu` and so
//! on. They are made of the lists that the compiler itself reads, and say what stands in its sources.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::anchors::{Family, family as family_of};
use crate::layers::kinds::COMMON;
use crate::layers::objects::{self, Named, Object};
use crate::layers::{Kind, LAYERS, SOURCES, Spec, activations, words};

/// All of them, as the items of a module.
#[must_use]
pub fn items() -> TokenStream {
    let kinds = kinds();
    let next = next();
    let (mut layers, mut keywords) = (TokenStream::new(), TokenStream::new());
    let mut layer = |name: &str, doc: &str, args: &mut dyn Iterator<Item = (&str, String, String)>| {
        let name = ident(name);
        let (mut fields, mut consts) = (TokenStream::new(), TokenStream::new());
        for (arg, kind, doc) in args {
            let (arg, kind) = (ident(arg), ident(&kind));
            fields.extend(quote!(#[doc = #doc] pub #arg: super::kinds::#kind,));
            consts.extend(quote! {
                #[doc = #doc]
                pub const #arg: super::super::kinds::#kind = super::super::kinds::#kind;
            });
        }
        layers.extend(quote!(#[doc = #doc] pub struct #name { #fields }));
        keywords.extend(quote!(pub mod #name { #consts #next }));
    };
    for spec in LAYERS.iter().map(|layer| layer.spec()) {
        let doc = format!("{}\n\nA layer of {}.", described(spec.name), spec.inputs.words());
        let mut args = spec.args.iter().chain(COMMON).map(|(name, kind)| {
            let (variant, doc) = said(*kind, &kinds);
            (*name, variant, doc)
        });
        layer(spec.name, &doc, &mut args);
    }
    let positions = LAYERS.iter().map(|layer| positions(layer.spec()));
    let mut input = [
        ("shape", "TargetShape".to_owned(), "The sizes of one sample, without the batch.".to_owned()),
        ("dtype", "Dtype".to_owned(), "What its numbers are; `float32` if not given.".to_owned()),
    ]
    .into_iter();
    layer("Input", "`Input(shape)`: what a chain takes, the shape of one sample without the batch.", &mut input);

    let mut types = TokenStream::new();
    for (name, doc) in
        kinds.iter().map(|(name, doc)| (name.as_str(), doc.as_str())).chain([("Dtype", "What numbers are.")])
    {
        let name = ident(name);
        types.extend(quote!(#[doc = #doc] pub struct #name;));
    }
    let activations = family("activations", "Activation", "activation", "function", &mut activations::all());
    let initializers = objects("initializers", "Initializer", Object::Initializer);
    let regularizers = objects("regularizers", "Regularizer", Object::Regularizer);
    let constraints = objects("constraints", "Constraint", Object::Constraint);
    let dtypes = words::DTYPES.iter().map(|(keras, rust)| {
        let doc = format!("Samples of `{rust}`, which Keras calls `{keras}`.");
        let (keras, rust) = (ident(keras), ident(rust));
        quote! {
            #[doc = #doc]
            pub const #keras: super::kinds::Dtype = super::kinds::Dtype;
            #[doc = #doc]
            pub const #rust: super::kinds::Dtype = super::kinds::Dtype;
        }
    });
    quote! {
        /// What arguments are.
        pub mod kinds { #types }
        /// Layers, each with a field for each argument.
        pub mod layers {
            #layers
            #[doc(hidden)]
            pub struct __next;
        }
        /// The arguments of each layer.
        pub mod keywords { #keywords }
        /// The same beside the words that an argument takes: what can be meant where one stands.
        pub mod positions { #(#positions)* }
        #activations
        #initializers
        #regularizers
        #constraints
        /// What the numbers of an input are.
        pub mod dtypes { #(#dtypes)* #next }
        /// Where the channels stand.
        pub mod data_formats {
            /// The channels are the last dimension.
            pub const channels_last: super::kinds::Channels = super::kinds::Channels;
            /// The channels are the first dimension.
            pub const channels_first: super::kinds::Channels = super::kinds::Channels;
            #next
        }
        /// What becomes of windows that do not fit.
        pub mod paddings {
            /// They are left out.
            pub const valid: super::kinds::Padding = super::kinds::Padding;
            /// Zeros are put on both sides, so that there is a window at every stride.
            pub const same: super::kinds::Padding = super::kinds::Padding;
            /// Zeros are put before the first position, so that no window sees what comes later.
            pub const causal: super::kinds::Padding = super::kinds::Padding;
            #next
        }
    }
}

/// What [`super::anchors::NEXT`] stands for.
fn next() -> TokenStream {
    let next = ident(super::anchors::NEXT);
    quote!(#[doc(hidden)] pub const #next: () = ();)
}

/// The words of each kind that a layer's arguments take, with the arguments' names.
fn positions(spec: &Spec) -> TokenStream {
    let modules: BTreeSet<&str> = spec
        .args
        .iter()
        .filter_map(|(_, kind)| match family_of(Some(*kind)) {
            Family::Of(module) => Some(module),
            Family::Name | Family::Value => None,
        })
        .collect();
    let (layer, next) = (ident(spec.name), next());
    let modules = modules.into_iter().map(|module| {
        let module = ident(module);
        quote!(pub mod #module {
            pub use super::super::super::keywords::#layer::*;
            pub use super::super::super::#module::*;
            #next
        })
    });
    quote!(pub mod #layer { #(#modules)* })
}

fn objects(module: &str, kind: &str, object: Object) -> TokenStream {
    family(module, kind, &kind.to_lowercase(), "class", &mut objects::all(object))
}

/// A module of words: each as a const, and with arguments as a struct.
fn family(
    module: &str,
    kind: &str,
    what: &str,
    section: &str,
    members: &mut dyn Iterator<Item = Named>,
) -> TokenStream {
    let (mut consts, mut structs) = (TokenStream::new(), TokenStream::new());
    let (path, kind) = (ident(module), ident(kind));
    for Named { name, alias, fields } in members {
        let arguments = if fields.is_empty() { String::new() } else { format!("`{name}({})`\n\n", fields.join(", ")) };
        let anchor = name.to_lowercase();
        let doc = format!(
            "{arguments}The {what} `{name}`, as in \
             [Keras](https://keras.io/api/layers/{module}/#{anchor}-{section})."
        );
        let name = ident(name);
        let docs = fields.iter().map(|field| format!("The argument `{field}` of `{name}`."));
        let fields: Vec<Ident> = fields.iter().map(|field| ident(field)).collect();
        consts.extend(quote!(#[doc = #doc] pub const #name: super::kinds::#kind = super::kinds::#kind;));
        structs.extend(quote! {
            #[doc = #doc]
            pub struct #name { #(#[doc = #docs] pub #fields: crate::__private::editor::Argument),* }
        });
        for alias in alias.iter().filter(|alias| name != alias) {
            let alias = ident(alias);
            consts.extend(quote!(#[doc = #doc] pub const #alias: super::kinds::#kind = super::kinds::#kind;));
            structs.extend(quote!(#[doc = #doc] pub type #alias = #name;));
        }
    }
    let doc = format!("What an argument of the kind `{kind}` can be.");
    let next = next();
    quote! {
        #[doc = #doc]
        pub mod #path {
            #consts
            #next
            /// The same with their arguments.
            pub mod arguments { #structs }
        }
    }
}

fn ident(name: &str) -> Ident {
    syn::parse_str(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site()))
}

/// What the file of a layer says of it.
fn described(layer: &str) -> String {
    let heads = SOURCES.iter().map(|source| {
        let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
        lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
    });
    let begins = format!("`{layer}(");
    heads.into_iter().find(|head| head.contains(&begins)).unwrap_or_else(|| format!("`{layer}`"))
}

/// What the kinds of arguments are, by name: the documentation of [`Kind`].
fn kinds() -> BTreeMap<String, String> {
    let file = syn::parse_file(include_str!("../layers/kinds.rs"));
    let items = file.map_or_else(|_| Vec::new(), |file| file.items);
    let variants = items.into_iter().find_map(|item| match item {
        syn::Item::Enum(item) if item.ident == "Kind" => Some(item.variants),
        _ => None,
    });
    let variants = variants.into_iter().flatten();
    variants.map(|variant| (variant.ident.to_string(), documentation(&variant.attrs))).collect()
}

fn documentation(attrs: &[syn::Attribute]) -> String {
    let lines = attrs.iter().filter_map(|attr| match &attr.meta {
        syn::Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join(" ")
}

/// The name of a kind, and what it says of an argument.
fn said(kind: Kind, kinds: &BTreeMap<String, String>) -> (String, String) {
    let written = format!("{kind:?}");
    let (variant, value) = written.split_once('(').unwrap_or((&written, ""));
    let value = value.trim_end_matches(')').trim_matches('"');
    let text = match kind {
        Kind::Absent(reason) => format!("Not supported: {reason}."),
        _ => {
            let text = kinds.get(variant).map_or("", String::as_str);
            text.replace("this if not given", &format!("`{value}` if not given")).replace("so many", value)
        }
    };
    (variant.to_owned(), text)
}
