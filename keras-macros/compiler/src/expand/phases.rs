//! The phases: straight-line kernel calls, one for each op and pass.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Names, structs};
use crate::graph::site::{Region, name};
use crate::graph::{Num, Operand};
use crate::passes::{ParamStep, Planned, Program, Step, When};

/// All phases of `trait Model`.
pub(super) fn all(names: &Names<'_>, program: &Program) -> TokenStream {
    let private = &{
        let krate = names.krate;
        quote!(#krate::__private)
    };
    let krate = names.krate;
    let input = structs::input(names);
    let batch = quote!(<#input as #krate::Samples>::Batch<'_>);
    let open = open(names);
    let rows = quote!(ws: &mut #private::Rows<'_>);
    let scope = quote!(use #private::code::*;);
    let count = quote!(let (m, first, n) = (ws.count(), ws.first(), ws.batch()););

    let infer = program.infer.iter().map(|step| self::step(names, &program.infer_plan, step, true));
    let forward = program.forward.iter().map(|step| {
        let (code, stop) = (self::step(names, &program.train_plan, step, true), stop(program, step));
        quote!(#code #stop)
    });
    let backward = program.backward.iter().map(|step| self::step(names, &program.train_plan, step, true));
    let params = program.params.iter().map(|step| param(names, program, step));
    quote! {
        fn infer(&self, cx: &#private::Context, x: #batch, #rows) {
            #scope
            #count
            #open
            #(#infer)*
        }

        fn forward(&self, cx: &#private::Context, x: #batch, #rows) {
            #scope
            #count
            #open
            #(#forward)*
        }

        fn backward_data(&self, cx: &#private::Context, x: #batch, #rows) {
            #scope
            #count
            #open
            #(#backward)*
        }

        fn backward_params(
            cx: &#private::Context,
            x: #batch,
            ws: &mut #private::Whole<'_>,
            sink: &mut #private::Sink<'_>,
        ) {
            #scope
            let m = ws.n();
            #open
            #(#params)*
        }
    }
}

/// Ends the pass where the output of a step is asked for that another step would write over. Other outputs are still there
/// at the end.
fn stop(program: &Program, step: &Step) -> Option<TokenStream> {
    let (op, plan) = (Num::Lit(step.op?), &program.train_plan);
    let temporary = |operand: &Operand| plan.place(*operand).is_some_and(|place| !place.kept);
    step.writes.iter().any(temporary).then(|| quote!(if cx.until == #op { return; }))
}

/// Takes the inputs apart into flat slices.
fn open(names: &Names<'_>) -> TokenStream {
    let graph = names.graph;
    let flat = |i: usize, from: TokenStream| {
        let (name, sample) = (&graph.inputs[i].name, graph.values[i].shape.array(&graph.krate, &graph.inputs[i].dtype));
        quote!(let #name = <#sample as Sample>::flatten(#from);)
    };
    if graph.inputs.len() == 1 {
        return flat(0, quote!(x));
    }
    let inputs: Vec<_> = graph.inputs.iter().map(|input| &input.name).collect();
    let flat = inputs.iter().enumerate().map(|(i, name)| flat(i, quote!(#name)));
    quote!(let (#(#inputs),*) = x; #(#flat)*)
}

fn buf(plan: &Planned, operand: Operand) -> TokenStream {
    match plan.place(operand) {
        Some(place) => {
            let (at, len) = (&place.at, &place.len);
            let area = format_ident!("{}", if place.kept { "kept" } else { "temp" });
            quote!(Buf::#area(#at, #len))
        }
        None => quote!(::core::unreachable!()),
    }
}

/// `let ([y], [x], tmp) = ws.step([…], […]);`
fn slices(names: &Names<'_>, plan: &Planned, step: &Step, writes: bool) -> TokenStream {
    let list = |operands: &[Operand]| -> (Vec<_>, Vec<_>) {
        operands.iter().map(|&operand| (name(names.graph, operand), buf(plan, operand))).unzip()
    };
    let reads: Vec<Operand> = step.reads.iter().copied().filter(|read| !step.writes.contains(read)).collect();
    let ((out_names, outs), (in_names, ins)) = (list(&step.writes), list(&reads));
    if let Some(Region { kept, temp, layout }) = &step.region {
        let place = |operand: &Option<Operand>, none| operand.map_or(none, |operand| buf(plan, operand));
        let (kept, temp) = (place(kept, quote!(Buf::kept(0, 0))), place(temp, quote!(Buf::temp(0, 0))));
        return if writes {
            quote!(
                let ([#(#out_names),*], [#(#in_names),*], ws) =
                    ws.nested([#(#outs),*], [#(#ins),*], [#kept, #temp], #layout);
            )
        } else {
            quote!(let ([#(#in_names),*], ws) = ws.nested([#(#ins),*], #kept, #layout);)
        };
    }
    let tmp = if step.scratch { quote!(tmp) } else { quote!(_) };
    if writes {
        quote!(let ([#(#out_names),*], [#(#in_names),*], #tmp) = ws.step([#(#outs),*], [#(#ins),*]);)
    } else if reads.is_empty() && !step.scratch {
        quote!()
    } else {
        quote!(let ([#(#in_names),*], #tmp) = ws.step([#(#ins),*]);)
    }
}

fn step(names: &Names<'_>, plan: &Planned, step: &Step, writes: bool) -> TokenStream {
    let (slices, call) = (slices(names, plan, step, writes), &step.call);
    let body = quote!({ #slices #call; });
    match step.when {
        When::Always => body,
        When::InputGradients => quote!(if cx.input_gradients #body),
        When::UnfusedHead(output) => {
            let output = Num::Lit(output);
            quote!(if !cx.fused_head(#output) #body)
        }
    }
}

fn param(names: &Names<'_>, program: &Program, param: &ParamStep) -> TokenStream {
    let graph = names.graph;
    let (index, at, len) = (&names.index[param.param], &names.at[param.param], graph.params[param.param].len());
    let uses = format_ident!("{}", param.uses);
    let (slices, call) = (slices(names, &program.train_plan, &param.step, false), &param.step.call);
    if let Some(part) = &graph.params[param.param].part {
        // A model takes its part of the sink along.
        let out = if part.model { quote!(out) } else { quote!(mut out) };
        return quote!({
            let #out = sink.part(#index, #at, #len, Use::#uses);
            #slices
            #call;
        });
    }
    let way = format_ident!("{}", if param.penalty { "penalty" } else { "param" });
    quote! {
        if let Some(out) = sink.#way(#index, #at, #len, Use::#uses) {
            #slices
            #call;
        }
    }
}
