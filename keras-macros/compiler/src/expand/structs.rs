//! The parameter block: a struct of the layers' structs, in declaration order.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Delimiter, Ident, Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;

use super::Names;
use super::docs::{self, Docs};
use crate::graph::code::Code;
use crate::graph::{Graph, LayerId, Num, Param};
use crate::syntax::{Form, Model};

/// The struct, those of its layers, and its constructors.
pub(super) fn block(names: &Names<'_>, model: &Model) -> TokenStream {
    let (krate, name, declared, used) = (names.krate, names.name(), &names.declared, &names.used);
    let graph = names.graph;
    let vis = model.vis();
    let attrs: &[syn::Attribute] = match &model.form {
        Form::Item { attrs, .. } => attrs,
        Form::Expression => &[],
    };
    // What is derived for the model is derived for its parts.
    let derives: Vec<_> =
        attrs.iter().filter(|a| a.path().is_ident("derive") || a.path().is_ident("cfg_attr")).collect();
    let layers = Layers::new(names, &vis, &derives, layer_structs(graph));
    let mut doc = layers.docs.model(&layers.structs);
    if attrs.iter().any(|attr| attr.path().is_ident("doc")) {
        // A paragraph after what the user says.
        doc.insert(0, '\n');
    }
    let (fields, layers) = layers.of(None);
    let constructors = constructors(names, model);
    quote! {
        #(#attrs)*
        #[doc = #doc]
        #[repr(C)]
        #vis struct #name #declared { #fields }

        #layers

        // SAFETY: the struct and those of its layers are `repr(C)` and made of arrays of `f32`.
        unsafe impl #declared #krate::__private::Block for #name #used {}

        #constructors
    }
}

/// The structs of layers, and the fields that they are in the model or in a block.
struct Layers<'a> {
    names: &'a Names<'a>,
    /// `#[repr(C)] vis struct`
    head: TokenStream,
    derives: &'a [&'a syn::Attribute],
    structs: Vec<Ident>,
    /// The layers of each block, and of the model.
    within: HashMap<Option<LayerId>, Vec<LayerId>>,
    /// The params of each layer.
    params: Vec<Vec<&'a Param>>,
    docs: Docs<'a>,
}

impl<'a> Layers<'a> {
    fn new(
        names: &'a Names<'a>,
        vis: &TokenStream,
        derives: &'a [&'a syn::Attribute],
        structs: Vec<Ident>,
    ) -> Layers<'a> {
        let graph = names.graph;
        let mut within: HashMap<Option<LayerId>, Vec<LayerId>> = HashMap::new();
        for (id, layer) in graph.layers.iter().enumerate() {
            within.entry(layer.parent).or_default().push(id);
        }
        let mut params = vec![Vec::new(); graph.layers.len()];
        graph.params.iter().for_each(|param| params[param.layer].push(param));
        Layers { names, head: quote!(#[repr(C)] #vis struct), derives, structs, within, params, docs: Docs::new(graph) }
    }

    /// The fields of the model, or of a block of layers in it; and the structs of these.
    fn of(&self, parent: Option<LayerId>) -> (TokenStream, TokenStream) {
        let (graph, words) = (self.names.graph, self.names.words);
        let (mut fields, mut structs) = (Code::new(words), Code::new(words));
        for &id in self.within.get(&parent).into_iter().flatten() {
            let (layer, params) = (&graph.layers[id], &self.params[id]);
            let (inner, inner_structs) = self.of(Some(id));
            if params.is_empty() && inner.is_empty() {
                continue;
            }
            let span = Span::call_site().located_at(layer.place);
            field(&mut fields, &self.docs.field(id), &layer.name, span);
            if let [Param { part: Some(part), .. }] = params[..] {
                fields.tokens(&part.kind);
                fields.comma();
                continue;
            }
            let name = &self.structs[id];
            fields.word(name);
            let whose = format!("Weights of `{}`, a `{}` layer of [`{}`].", layer.name, layer.class, graph.name);
            self.derives.iter().for_each(|derive| structs.tokens(derive));
            doc(&mut structs, &whose);
            structs.tokens(&self.head);
            structs.word(name);
            if params.iter().any(|param| param.shape.iter().any(Num::is_generic)) {
                structs.tokens(&self.names.declared);
                fields.tokens(&self.names.used);
            }
            fields.comma();
            structs.group(Delimiter::Brace, |code| {
                for param in params {
                    field(code, &format!("`{}`, {}.", param.name, docs::tuple(graph, &param.shape)), param.name, span);
                    nested(code, &param.shape);
                    code.comma();
                }
                code.tokens(&inner);
            });
            structs.tokens(&inner_structs);
        }
        (fields.finish(), structs.finish())
    }
}

fn doc(code: &mut Code<'_>, text: &str) {
    code.sign(&code.words.hash);
    code.group(Delimiter::Bracket, |code| {
        code.word(&code.words.doc);
        code.sign(&code.words.equals);
        code.text(text);
    });
}

/// `#[doc = …] pub name:`
fn field(code: &mut Code<'_>, text: &str, name: &str, span: Span) {
    doc(code, text);
    code.word(&code.words.public);
    code.word(&Ident::new(name, span));
    code.sign(&code.words.colon);
}

/// The nested array type of `f32` with these dimensions.
fn nested(code: &mut Code<'_>, dims: &[Num]) {
    let Some((first, rest)) = dims.split_first() else { return code.word(&code.words.f32) };
    code.group(Delimiter::Bracket, |code| {
        nested(code, rest);
        code.sign(&code.words.end);
        match first {
            Num::Const(expr) => code.group(Delimiter::Brace, |code| code.tokens(expr)),
            dim => code.num(dim),
        }
    });
}

/// `new` and `seeded`.
pub(super) fn constructors(names: &Names<'_>, model: &Model) -> TokenStream {
    let (krate, name, declared, used) = (names.krate, names.name(), &names.declared, &names.used);
    let vis = model.vis();
    quote! {
        #krate::__std! {
            impl #declared #name #used {
                /// The model with new weights, drawn with the global seed.
                #[must_use]
                #vis fn new() -> #krate::Boxed<Self> {
                    #krate::__private::initialized(::core::option::Option::None)
                }

                /// The model with new weights, drawn with this seed.
                #[must_use]
                #vis fn seeded(seed: u64) -> #krate::Boxed<Self> {
                    #krate::__private::initialized(::core::option::Option::Some(seed))
                }
            }
        }
    }
}

/// The hidden type that holds sizes which rustc works out, if there are any, and the checks of them.
pub(super) fn sizes<'a>(names: &Names<'_>, consts: impl Iterator<Item = &'a TokenStream>) -> TokenStream {
    let (consts, offsets, checks) = (consts.collect::<Vec<_>>(), names.graph.offsets(), &names.graph.checks);
    if consts.is_empty() && offsets.is_none() && checks.is_empty() {
        return TokenStream::new();
    }
    let (sizes, declared, used) = (names.graph.sizes(), &names.declared, &names.used);
    quote! {
        #[doc(hidden)]
        struct #sizes #declared;
        impl #declared #sizes #used {
            #(#consts)*
            #offsets
        }
        #(#checks)*
    }
}

/// The names of the layers' structs: `MlpDense1` for `dense_1` of `Mlp`. No two are the same.
fn layer_structs(graph: &Graph) -> Vec<Ident> {
    let model = graph.name.unraw();
    let mut taken = HashSet::from([model.to_string()]);
    let structs = (0..graph.layers.len()).map(|layer| {
        let mut name = format!("{model}{}", pascal(graph, layer));
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        Ident::new(&name, graph.name.span())
    });
    structs.collect()
}

/// The path of a layer in capitals: `EncoderDense1` for `encoder.dense_1`.
fn pascal(graph: &Graph, layer: LayerId) -> String {
    let path = graph.path(layer).join("_");
    path.split('_')
        .map(|part| {
            let mut chars = part.chars();
            chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
        })
        .collect()
}

/// The type of one input sample.
pub(super) fn input(names: &Names<'_>) -> TokenStream {
    let graph = names.graph;
    let types: Vec<TokenStream> = graph
        .inputs
        .iter()
        .zip(&graph.values)
        .map(|(input, value)| value.shape.array(&graph.krate, &input.dtype))
        .collect();
    one_or_tuple(&types)
}

/// The type of one output sample.
pub(super) fn output(names: &Names<'_>) -> TokenStream {
    let graph = names.graph;
    let types: Vec<TokenStream> =
        graph.outputs.iter().map(|(_, value)| graph.values[*value].shape.array(&graph.krate, &quote!(f32))).collect();
    one_or_tuple(&types)
}

fn one_or_tuple(types: &[TokenStream]) -> TokenStream {
    match types {
        [] => quote!([f32; 1]),
        [one] => one.clone(),
        several => quote!((#(#several),*)),
    }
}
