//! The phases: straight-line kernel calls, one for each op and pass.

use proc_macro2::{Delimiter, Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::{Names, structs};
use crate::graph::code::Code;
use crate::graph::site::{Region, name};
use crate::graph::{Num, Operand};
use crate::passes::plan::{Lies, Place};
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
    let count = quote!(let (isa, m, first, n) = (cx.isa, ws.count(), ws.first(), ws.batch()););
    let (infer_arrays, train_arrays) = (arrays(&program.infer_plan), arrays(&program.train_plan));

    let steps = |steps: &[Step], plan: &Planned| {
        let mut code = Code::new(names.words);
        for step in steps {
            self::step(&mut code, names, plan, step);
            if let Some(stop) = stop(program, step) {
                code.tokens(&stop);
            }
        }
        code.finish()
    };
    let infer = steps(&program.infer, &program.infer_plan);
    let forward = steps(&program.forward, &program.train_plan);
    let backward = steps(&program.backward, &program.train_plan);
    let mut params = Code::new(names.words);
    program.params.iter().for_each(|step| param(&mut params, names, program, step));
    let params = params.finish();
    quote! {
        fn infer(&self, cx: &#private::Context, x: #batch, #rows) {
            #scope
            #count
            #infer_arrays
            #open
            #infer
        }

        fn forward(&self, cx: &#private::Context, x: #batch, #rows) {
            #scope
            #count
            #train_arrays
            #open
            #forward
        }

        fn backward_data(&self, cx: &#private::Context, x: #batch, #rows) {
            #scope
            #count
            #train_arrays
            #open
            #backward
        }

        fn backward_params(
            cx: &#private::Context,
            x: #batch,
            ws: &mut #private::Whole<'_>,
            sink: &mut #private::Sink<'_>,
        ) {
            #scope
            let (isa, m) = (cx.isa, ws.n());
            #train_arrays
            #open
            #params
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

/// Names the const arrays of buffers: `kept[3]` is a buffer then.
pub(super) fn arrays(plan: &Planned) -> TokenStream {
    let arrays = plan.arrays.iter().map(|(name, path)| {
        let name = format_ident!("{}", name);
        quote!(let #name = &#path;)
    });
    arrays.collect()
}

/// The place of a buffer: `kept(64, 10)`; `kept[3]` where rustc works it out. False if it has none.
pub(super) fn buf(code: &mut Code<'_>, plan: &Planned, operand: Operand) -> bool {
    let Some(Place { kept, lies }) = plan.place(operand) else { return false };
    code.word(if *kept { &code.words.kept } else { &code.words.temp });
    match *lies {
        Lies::At(at, len) => code.group(Delimiter::Parenthesis, |code| {
            code.number(at);
            code.comma();
            code.number(len);
        }),
        Lies::Nth(i) => code.group(Delimiter::Bracket, |code| code.number(i)),
    }
    true
}

/// `let ([y], [x], tmp) = ws.step([…], […]);`
fn slices(code: &mut Code<'_>, names: &Names<'_>, plan: &Planned, step: &Step, writes: bool) {
    let (graph, words) = (names.graph, names.words);
    let outs: &[Operand] = if writes { &step.writes } else { &[] };
    let reads: Vec<Operand> = step.reads.iter().copied().filter(|read| !step.writes.contains(read)).collect();
    if step.region.is_none() && !writes && reads.is_empty() && !step.scratch {
        return;
    }
    code.word(&words.let_);
    code.group(Delimiter::Parenthesis, |code| {
        for list in [outs, &reads].into_iter().skip(usize::from(!writes)) {
            code.list(list, |code, &operand| code.word(&name(graph, operand)));
            code.comma();
        }
        code.word(match (&step.region, step.scratch) {
            (Some(_), _) => &words.ws,
            (None, true) => &words.tmp,
            (None, false) => &words.unused,
        });
    });
    code.sign(&words.equals);
    code.word(&words.ws);
    code.sign(&words.dot);
    let lists = |code: &mut Code<'_>| {
        for (i, list) in [outs, &reads].into_iter().skip(usize::from(!writes)).enumerate() {
            if i > 0 {
                code.comma();
            }
            code.list(list, |code, &operand| {
                buf(code, plan, operand);
            });
        }
    };
    match &step.region {
        None => {
            code.word(&words.step);
            code.group(Delimiter::Parenthesis, lists);
        }
        Some(Region { kept, temp, layout }) => {
            let place = |operand: &Option<Operand>, none| {
                let mut code = Code::new(words);
                if operand.is_some_and(|operand| buf(&mut code, plan, operand)) { code.finish() } else { none }
            };
            let (kept, temp) = (place(kept, quote!(Buf::kept(0, 0))), place(temp, quote!(Buf::temp(0, 0))));
            code.tokens(&quote!(nested));
            code.group(Delimiter::Parenthesis, |code| {
                lists(code);
                let areas = if writes { quote!([#kept, #temp]) } else { kept };
                code.tokens(&quote!(, #areas, #layout));
            });
        }
    }
    code.sign(&words.end);
}

/// `{ let … = ws.step(…); call; }`, with a condition if there is one.
fn step(code: &mut Code<'_>, names: &Names<'_>, plan: &Planned, step: &Step) {
    match step.when {
        When::Always => {}
        When::InputGradients => code.tokens(&quote!(if cx.input_gradients)),
        When::UnfusedHead(output) => {
            let output = Num::Lit(output);
            code.tokens(&quote!(if !cx.fused_head(#output)));
        }
    }
    code.group(Delimiter::Brace, |code| {
        slices(code, names, plan, step, true);
        code.tokens(&step.call);
        code.sign(&names.words.end);
    });
}

/// `if let Some(out) = sink.param(…) { let … = ws.step(…); call; }`
fn param(code: &mut Code<'_>, names: &Names<'_>, program: &Program, param: &ParamStep) {
    let graph = names.graph;
    let (index, at, len) = (&names.index[param.param], &names.at[param.param], graph.params[param.param].len());
    let words = names.words;
    let uses = Ident::new(param.uses, Span::call_site());
    let taken = |code: &mut Code<'_>, way| {
        code.tokens(&quote!(= sink.#way));
        code.group(Delimiter::Parenthesis, |code| {
            code.num(index);
            code.arg(at);
            code.arg(&len);
            code.comma();
            code.word(&words.uses);
            code.path();
            code.word(&uses);
        });
    };
    let call = |code: &mut Code<'_>| {
        slices(code, names, &program.train_plan, &param.step, false);
        code.tokens(&param.step.call);
        code.sign(&words.end);
    };
    if let Some(part) = &graph.params[param.param].part {
        code.group(Delimiter::Brace, |code| {
            // A model takes its part of the sink along.
            code.tokens(&if part.model { quote!(let out) } else { quote!(let mut out) });
            taken(code, quote!(part));
            code.sign(&words.end);
            call(code);
        });
        return;
    }
    code.tokens(&quote!(if let Some(out)));
    taken(code, if param.penalty { quote!(penalty) } else { quote!(param) });
    code.group(Delimiter::Brace, call);
}
