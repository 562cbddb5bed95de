//! `const GRAPH`: the model's description.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::Names;
use crate::graph::ops::Head;
use crate::graph::{Num, Operand, ValueId};
use crate::passes::{Planned, Program};

/// The `Graph` of a program.
pub(super) fn graph(names: &Names<'_>, program: &Program) -> TokenStream {
    let graph = names.graph;
    let name = crate::layers::objects::snake(&graph.name.unraw().to_string());
    let sequential = Ident::new(if graph.sequential { "true" } else { "false" }, Span::call_site());

    let inputs = graph.inputs.iter().zip(&graph.values).map(|(input, value)| {
        let (dims, name, dtype) = (value.shape.described(), input.name.to_string(), dtype(&input.dtype));
        quote!(Input { name: #name, shape: #dims, dtype: #dtype })
    });
    let layers = graph.layers.iter().map(|layer| {
        let (name, class, parent) = (&layer.name, &layer.class, option(&layer.parent.map(Num::Lit)));
        let trainable = Ident::new(if layer.trainable { "true" } else { "false" }, Span::call_site());
        let calls = layer.calls.iter().map(|(inputs, outputs)| {
            let (inputs, outputs) = (indices(inputs), indices(outputs));
            quote!(Call { inputs: #inputs, outputs: #outputs })
        });
        quote!(Layer { parent: #parent, name: #name, class: #class, calls: &[#(#calls),*], trainable: #trainable })
    });
    let own = graph.params.iter().enumerate().filter(|(_, param)| param.part.is_none());
    let params = own.map(|(id, param)| {
        let (name, layer, at, dims) = (param.name, Num::Lit(param.layer), &names.at[id], &param.shape);
        let (init, regularizer, constraint) = (&param.init, option(&param.regularizer), option(&param.constraint));
        let trainable = Ident::new(if param.trainable { "true" } else { "false" }, Span::call_site());
        quote!(Param {
            name: #name, layer: #layer, at: #at, shape: &[#(#dims),*], trainable: #trainable, init: #init,
            regularizer: #regularizer, constraint: #constraint
        })
    });
    let values = graph.values.iter().map(|value| {
        let (dims, alias) = (value.shape.described(), option(&value.alias.map(Num::Lit)));
        quote!(Value { shape: #dims, alias: #alias })
    });
    let mut numbers = Vec::new();
    let mut ops = Vec::new();
    for node in &program.ops {
        numbers.push(Num::Lit(ops.len()));
        let Some(kind) = node.op.kind() else { continue };
        let (layer, output) = (Num::Lit(node.layer), Num::Lit(node.output));
        let inputs = indices(&node.inputs);
        let part = node.params.iter().find(|&&param| graph.params[param].part.is_some());
        let params = node.params.iter().filter(|_| part.is_none()).map(|&param| graph.index(param));
        let op = quote!(Op {
            kind: OpKind::#kind, layer: #layer, inputs: #inputs, output: #output, params: &[#(#params),*]
        });
        ops.push(match part {
            None => op,
            Some(&part) => {
                let first = graph.index(part);
                let kept = node.op.region().and_then(|operand| program.train_plan.place(operand)).map(|place| {
                    let (at, len) = (&place.at, &place.len);
                    quote!(const KEPT: Buf = Buf::kept(#at, #len);)
                });
                quote!({ const FIRST: usize = #first; #kept #op })
            }
        });
    }
    let backward = program.gradients.iter().map(|row| {
        let flag = |on: bool| Ident::new(if on { "true" } else { "false" }, Span::call_site());
        let (op, input) = (&numbers[row.op], Num::Lit(row.input));
        let (accumulate, only) = (flag(row.accumulate), flag(row.only_for_inputs));
        quote!(Gradient { op: #op, input: #input, accumulate: #accumulate, only_for_inputs: #only })
    });
    let outputs = graph.outputs.iter().zip(&program.heads).map(|((name, value), head)| {
        let (logits, head) = match head {
            Some((logits, Head::Softmax)) => (*logits, format_ident!("Softmax")),
            Some((logits, Head::Sigmoid)) => (*logits, format_ident!("Sigmoid")),
            None => (*value, format_ident!("Linear")),
        };
        let (value, logits) = (Num::Lit(*value), Num::Lit(logits));
        quote!(Output { name: #name, value: #value, logits: #logits, head: Head::#head, mask: None })
    });
    let activity = graph.activity.iter().map(|(value, penalty)| {
        let value = Num::Lit(*value);
        quote!((#value, #penalty))
    });
    let (train, infer) = (plan(names, &program.train_plan), plan(names, &program.infer_plan));
    let (layers, params) = joined(names, quote!(&[#(#layers),*]), quote!(&[#(#params),*]));
    quote!(Graph {
        name: #name,
        sequential: #sequential,
        inputs: &[#(#inputs),*],
        layers: #layers,
        params: #params,
        values: &[#(#values),*],
        ops: &[#(#ops),*],
        backward: &[#(#backward),*],
        outputs: &[#(#outputs),*],
        activity: &[#(#activity),*],
        train: #train,
        infer: #infer,
    })
}

/// The layers and params with those of the layers that the compiler does not know.
fn joined(names: &Names<'_>, layers: TokenStream, params: TokenStream) -> (TokenStream, TokenStream) {
    let graph = names.graph;
    let parts: Vec<_> = graph.params.iter().enumerate().filter_map(|(id, p)| Some((id, p, p.part.as_ref()?))).collect();
    if parts.is_empty() {
        return (layers, params);
    }
    let private = {
        let krate = names.krate;
        quote!(#krate::__private::parts)
    };
    let list = parts.iter().map(|(id, param, part)| {
        let (info, layer, at) = (&part.info, Num::Lit(param.layer), &names.at[*id]);
        quote!(#private::Part { layer: #layer, at: #at, layers: #info.layers, params: #info.params })
    });
    let infos = || parts.iter().map(|(.., part)| &part.info);
    let own = graph.params.len() - parts.len();
    let (own, n) = (Num::Lit(own), Num::Lit(graph.layers.len()));
    let (layer_infos, param_infos) = (infos(), infos());
    let list = quote!(&[#(#list),*]);
    let layers = quote!({
        const N: usize = #n #(+ #layer_infos.layers.len())*;
        const ALL: [Layer; N] = #private::layers(#layers, #list);
        &ALL
    });
    let params = quote!({
        const N: usize = #own #(+ #param_infos.params.len())*;
        const ALL: [Param; N] = #private::params(#params, #n, #list);
        &ALL
    });
    (layers, params)
}

fn plan(names: &Names<'_>, plan: &Planned) -> TokenStream {
    let Planned { kept, kept_with_inputs, temp, scratch, .. } = plan;
    let buf = |operand| match plan.place(operand) {
        Some(place) => {
            let (at, len) = (&place.at, &place.len);
            let area = format_ident!("{}", if place.kept { "kept" } else { "temp" });
            quote!(Some(Buf::#area(#at, #len)))
        }
        None => quote!(None),
    };
    let values = (0..names.graph.values.len()).map(|value| buf(Operand::Value(value)));
    let grads = (0..names.graph.values.len()).map(|value| buf(Operand::Grad(value)));
    quote!(Plan {
        layout: Layout { kept: #kept, temp: #temp, scratch: #scratch },
        layout_with_inputs: Layout { kept: #kept_with_inputs, temp: #temp, scratch: #scratch },
        values: &[#(#values),*],
        grads: &[#(#grads),*],
    })
}

fn indices(values: &[ValueId]) -> TokenStream {
    let values = values.iter().map(|&value| Num::Lit(value));
    quote!(&[#(#values),*])
}

fn option(value: &Option<impl quote::ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(Some(#value)),
        None => quote!(None),
    }
}

fn dtype(rust: &Ident) -> &'static str {
    match rust.to_string().as_str() {
        "u8" => "uint8",
        "u16" => "uint16",
        "u32" => "uint32",
        "i32" => "int32",
        "i64" => "int64",
        _ => "float32",
    }
}
