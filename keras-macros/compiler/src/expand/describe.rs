//! `const GRAPH`: the model's description.

use proc_macro2::{Delimiter, Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::Names;
use super::phases::{arrays, buf};
use crate::graph::code::Code;
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
    let rows = |kind: &str, rows: TokenStream| {
        let (krate, kind) = (names.krate, Ident::new(kind, Span::call_site()));
        quote!(#krate::__rows!(#kind #rows))
    };
    let mut layers = Code::new(names.words);
    for layer in &graph.layers {
        layers.option(layer.parent.map(Num::Lit).as_ref());
        layers.text(&layer.name);
        layers.text(&layer.class);
        layers.group(Delimiter::Bracket, |code| {
            for (inputs, outputs) in &layer.calls {
                code.indices(inputs);
                code.indices(outputs);
            }
        });
        layers.flag(layer.trainable);
    }
    let mut params = Code::new(names.words);
    for (id, param) in graph.params.iter().enumerate().filter(|(_, param)| param.part.is_none()) {
        params.text(param.name);
        params.number(param.layer);
        params.one(&names.at[id]);
        params.list(&param.shape, Code::num);
        params.flag(param.trainable);
        params.group(Delimiter::Parenthesis, |code| code.tokens(&param.init));
        params.option(param.regularizer.as_ref());
        params.option(param.constraint.as_ref());
        params.word(&param.precision.word());
    }
    let mut values = Code::new(names.words);
    for value in &graph.values {
        match &value.shape.opaque {
            None => values.list(&value.shape.dims, Code::num),
            Some(shape) => values.group(Delimiter::Parenthesis, |code| code.tokens(&quote!(*#shape.dims()))),
        }
        values.option(value.alias.map(Num::Lit).as_ref());
    }
    let mut numbers = Vec::new();
    let (mut ops, mut count) = (Code::new(names.words), 0);
    for node in &program.ops {
        numbers.push(count);
        let Some(kind) = node.op.kind() else { continue };
        count += 1;
        let part = node.params.iter().find(|&&param| graph.params[param].part.is_some());
        if let Some(&part) = part {
            let (first, plan) = (&names.index[part], &program.train_plan);
            let kept = node.op.region().map(|operand| {
                let mut kept = Code::new(names.words);
                buf(&mut kept, plan, operand);
                let (arrays, kept) = (arrays(plan), kept.finish());
                quote!(const KEPT: Buf = { #arrays #kept };)
            });
            ops.tokens(&quote!(@[const FIRST: usize = #first; #kept]));
        }
        ops.tokens(&kind);
        ops.sign(&names.words.end);
        ops.number(node.layer);
        ops.indices(&node.inputs);
        ops.number(node.output);
        ops.list(node.params.iter().filter(|_| part.is_none()), |code, param| code.num(&names.index[*param]));
    }
    let mut backward = Code::new(names.words);
    for row in &program.gradients {
        backward.number(numbers[row.op]);
        backward.number(row.input);
        backward.flag(row.accumulate);
        backward.flag(row.only_for_inputs);
    }
    let outputs = graph.outputs.iter().zip(&program.heads).map(|((name, value), head)| {
        let (logits, head) = match head {
            Some((logits, Head::Softmax)) => (*logits, format_ident!("Softmax")),
            Some((logits, Head::Sigmoid)) => (*logits, format_ident!("Sigmoid")),
            None => (*value, format_ident!("Linear")),
        };
        let mask = match graph.values[*value].mask.map(Num::Lit) {
            Some(mask) => quote!(Some(#mask)),
            None => quote!(None),
        };
        let (value, logits) = (Num::Lit(*value), Num::Lit(logits));
        quote!(Output { name: #name, value: #value, logits: #logits, head: Head::#head, mask: #mask })
    });
    let activity = graph.activity.iter().map(|(value, penalty)| {
        let value = Num::Lit(*value);
        quote!((#value, #penalty))
    });
    let carried = graph.carries();
    let (train, infer) = (plan(names, &program.train_plan), plan(names, &program.infer_plan));
    let (layers, params) = (rows("layers", layers.finish()), rows("params", params.finish()));
    let (layers, params) = joined(names, layers, params);
    let (values, ops) = (rows("values", values.finish()), rows("ops", ops.finish()));
    let backward = rows("gradients", backward.finish());
    quote!(Graph {
        name: #name,
        sequential: #sequential,
        inputs: &[#(#inputs),*],
        layers: #layers,
        params: #params,
        values: #values,
        ops: #ops,
        backward: #backward,
        outputs: &[#(#outputs),*],
        activity: &[#(#activity),*],
        carried: #carried,
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
    let list = |operand: fn(ValueId) -> Operand| {
        let mut code = Code::new(names.words);
        let n = names.graph.values.len();
        if (0..n).all(|value| plan.place(operand(value)).is_none()) {
            let n = Num::Lit(n);
            return quote!(&[None; #n]);
        }
        code.list(0..n, |code, value| some_buf(code, plan, operand(value)));
        let list = code.finish();
        quote!(&#list)
    };
    let (values, grads) = (list(Operand::Value), list(Operand::Grad));
    let arrays = arrays(plan);
    quote!({
        #arrays
        let scratch = #scratch;
        Plan {
            layout: Layout { kept: #kept, temp: #temp, scratch },
            layout_with_inputs: Layout { kept: #kept_with_inputs, temp: #temp, scratch },
            values: #values,
            grads: #grads,
        }
    })
}

/// The place of a buffer in `Some`, or `None`.
fn some_buf(code: &mut Code<'_>, plan: &Planned, operand: Operand) {
    if plan.place(operand).is_none() {
        return code.word(&code.words.none);
    }
    code.word(&code.words.some);
    code.group(Delimiter::Parenthesis, |code| {
        buf(code, plan, operand);
    });
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
