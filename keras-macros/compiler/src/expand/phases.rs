//! The phases: straight-line calls, one for each op and pass.

use proc_macro2::{Delimiter, Ident, TokenStream};
use quote::{format_ident, quote};

use super::{Names, structs};
use crate::graph::code::{Code, Write};
use crate::graph::site::{Region, Slices, name};
use crate::graph::{Num, Operand};
use crate::passes::plan::{Lies, Place};
use crate::passes::{ParamStep, Planned, Program, Step, When};

/// All phases of `trait Model`.
pub(super) fn all(names: &Names<'_>, program: &Program) -> TokenStream {
    let krate = names.krate;
    let private = &quote!(#krate::__private);
    let input = structs::input(names);
    let batch = quote!(<#input as #krate::Samples>::Batch<'_>);
    let rows = quote!(cx: &#private::Context, x: #batch, ws: &mut #private::Rows<'_>);
    let open = open(names);
    let open = quote! {
        use #private::code::*;
        #open
    };
    let begin = quote! {
        #open
        let pass = &mut Pass::new(cx.isa, ws, &inputs);
    };
    let phase = |plan: &Planned, write: &dyn Fn(&mut Phase<'_, '_>)| {
        let mut phase =
            Phase { names, plan, code: Code::new(names.words), named: vec![false; 2 * names.graph.values.len()] };
        phase.begin();
        write(&mut phase);
        phase.code.finish()
    };
    let steps = |steps: &[Step], plan: &Planned| {
        phase(plan, &|phase| {
            for step in steps {
                phase.step(step);
                if let Some(stop) = stop(program, step) {
                    phase.code.tokens(&stop);
                }
            }
        })
    };
    let infer = steps(&program.infer, &program.infer_plan);
    let forward = steps(&program.forward, &program.train_plan);
    let backward = steps(&program.backward, &program.train_plan);
    let params = phase(&program.train_plan, &|phase| program.params.iter().for_each(|step| phase.param(step)));
    quote! {
        fn infer(&self, #rows) {
            #begin
            #infer
        }

        fn forward(&self, #rows) {
            #begin
            #forward
        }

        fn backward_data(&self, #rows) {
            #begin
            #backward
        }

        fn backward_params(
            cx: &#private::Context,
            x: #batch,
            ws: &mut #private::Whole<'_>,
            sink: &mut #private::Sink<'_>,
        ) {
            #open
            let pass = &mut ParamPass::new(cx.isa, ws, sink, &inputs);
            #params
        }
    }
}

/// `trait Tiny` of a tiny network, and the method of `trait Model` that calls it.
pub(super) fn tiny(names: &Names<'_>, program: &Program) -> (TokenStream, TokenStream) {
    let (Some(steps), [(_, output)]) = (&program.tiny, &names.graph.outputs[..]) else { return Default::default() };
    let (graph, krate, name) = (names.graph, names.krate, names.name());
    let private = quote!(#krate::__private);
    let (input, result) = (structs::input(names), structs::output(names));
    let x = &graph.values[0].name;
    let steps = steps.iter().map(|(value, call)| {
        let name = &graph.values[*value].name;
        quote!(let #name = #call;)
    });
    let output = &graph.values[graph.root(*output)].name;
    let tiny = quote! {
        impl #private::kernels::tiny::Tiny for #name {
            type Input = #input;
            type Output = #result;

            #[inline(always)]
            fn run<const LANES: usize>(&self, isa: #private::kernels::Isa, x: &#input) -> #result {
                use #private::code::*;
                let #x = *x;
                #(#steps)*
                #output
            }
        }
    };
    let method = quote! {
        #[inline]
        fn infer_tiny(&self, isa: #private::kernels::Isa, x: &#input) -> ::core::option::Option<#result> {
            #private::kernels::tiny::run(isa, self, x)
        }
    };
    (tiny, method)
}

/// Ends the pass where the output of a step is asked for that another step would write over. Other outputs are still there
/// at the end.
fn stop(program: &Program, step: &Step) -> Option<TokenStream> {
    let (op, plan) = (Num::Lit(step.op?), &program.train_plan);
    let temporary = |operand: &Operand| plan.place(*operand).is_some_and(|place| !place.kept);
    step.writes.iter().any(temporary).then(|| quote!(if cx.until == #op { return; }))
}

/// Takes the inputs apart into flat slices. Those that are not of `f32` keep their names: no buffer stands for them.
fn open(names: &Names<'_>) -> TokenStream {
    let graph = names.graph;
    let n = Num::Lit(graph.inputs.len());
    let flat = graph.inputs.iter().zip(&graph.values).map(|(input, value)| {
        let (name, sample) = (&input.name, value.shape.array(&graph.krate, &input.dtype));
        let from = if graph.inputs.len() == 1 { quote!(x) } else { quote!(#name) };
        (input, quote!(<#sample as Sample>::flatten(#from)))
    });
    let all: Vec<_> = graph.inputs.iter().map(|input| &input.name).collect();
    let apart = (all.len() > 1).then(|| quote!(let (#(#all),*) = x;));
    let others = flat.clone().filter(|(input, _)| !input.is_f32()).map(|(input, flat)| {
        let name = &input.name;
        quote!(let #name = #flat;)
    });
    let inputs = flat.clone().map(|(input, flat)| if input.is_f32() { flat } else { quote!(&[]) });
    quote! {
        #apart
        let inputs: [&[f32]; #n] = [#(#inputs),*];
        #(#others)*
    }
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

/// Names the const arrays of buffers: `kept[3]` is a buffer then.
pub(super) fn arrays(plan: &Planned) -> TokenStream {
    let arrays = plan.arrays.iter().map(|(name, path)| {
        let name = format_ident!("{}", name);
        quote!(let #name = &#path;)
    });
    arrays.collect()
}

/// The body of a phase as it is written.
struct Phase<'a, 'n> {
    names: &'a Names<'n>,
    plan: &'a Planned,
    code: Code<'a>,
    /// Whether an operand has been named, by [`Operand::index`].
    named: Vec<bool>,
}

impl Phase<'_, '_> {
    /// `let x = input(0, 784);`
    fn begin(&mut self) {
        let graph = self.names.graph;
        self.code.tokens(&arrays(self.plan));
        for (i, input) in graph.inputs.iter().enumerate().filter(|(_, input)| input.is_f32()) {
            let (name, i, len) = (&input.name, Num::Lit(i), graph.len(i));
            self.code.tokens(&quote!(let #name = input(#i, #len);));
        }
    }

    /// `let dense = kept(0, 64);` for each buffer that has no name yet.
    fn name(&mut self, step: &Step) {
        let (code, words) = (&mut self.code, self.names.words);
        for &operand in step.writes.iter().chain(&step.reads) {
            if !std::mem::replace(&mut self.named[operand.index()], true) {
                code.word(&words.let_);
                code.word(&name(self.names.graph, operand));
                code.sign(&words.equals);
                buf(code, self.plan, operand);
                code.sign(&words.end);
            }
        }
    }

    /// `call;`, with a condition if there is one.
    fn step(&mut self, step: &Step) {
        self.name(step);
        match step.when {
            When::Always => {}
            When::InputGradients => self.code.tokens(&quote!(if cx.input_gradients)),
            When::UnfusedHead(output) => {
                let output = Num::Lit(output);
                self.code.tokens(&quote!(if !cx.fused_head(#output)));
            }
        }
        if let Some(slices) = &step.slices {
            let (writes, reads) = self.lists(step, slices);
            let (ws, take) = match &slices.region {
                None => (quote!(_), quote!(step([#(#writes),*], [#(#reads),*]))),
                Some(region) => {
                    let (kept, temp, layout) = self.region(region);
                    (quote!(ws), quote!(nested([#(#writes),*], [#(#reads),*], [#kept, #temp], #layout)))
                }
            };
            let call = &step.call;
            self.code.tokens(&quote! {{
                let (m, first, n) = (pass.rows.count(), pass.rows.first(), pass.rows.batch());
                let ([#(#writes),*], [#(#reads),*], #ws) = pass.rows.#take;
                #call;
            }});
        } else if step.when == When::Always {
            self.code.call(&step.call);
            self.code.sign(&self.names.words.end);
        } else {
            self.code.group(Delimiter::Brace, |code| {
                code.call(&step.call);
                code.sign(&code.words.end);
            });
        }
    }

    /// `call;`
    fn param(&mut self, ParamStep { to, step }: &ParamStep) {
        self.name(step);
        let Some(slices) = &step.slices else {
            self.code.call(&step.call);
            self.code.sign(&self.names.words.end);
            return;
        };
        let (_, reads) = self.lists(step, slices);
        let (out, ws, take) = match &slices.region {
            None => (quote!(mut out), quote!(_), quote!(step([#(#reads),*]))),
            // A model takes its part of the sink along.
            Some(region) => {
                let (kept, _, layout) = self.region(region);
                (quote!(out), quote!(ws), quote!(nested([#(#reads),*], #kept, #layout)))
            }
        };
        let mut part = Code::new(self.names.words);
        to.write(&mut part);
        let (part, len, call) = (part.finish(), &to.len, &step.call);
        self.code.tokens(&quote! {{
            let m = pass.whole.n();
            if let Some((#out, whole)) = pass.part(#part, #len) {
                let ([#(#reads),*], #ws) = whole.#take;
                #call;
            }
        }});
    }

    /// The names of what a call writes and reads.
    fn lists(&self, step: &Step, slices: &Slices) -> (Vec<Ident>, Vec<Ident>) {
        let named = |operand: &Operand| name(self.names.graph, *operand);
        let reads = step.reads.iter().filter(|read| !step.writes.contains(read)).map(named);
        (step.writes.iter().map(named).collect(), reads.chain(slices.inputs.iter().cloned()).collect())
    }

    fn region(&self, Region { kept, temp, layout }: &Region) -> (TokenStream, TokenStream, TokenStream) {
        let place = |operand: &Option<Operand>, none| {
            let mut code = Code::new(self.names.words);
            if operand.is_some_and(|operand| buf(&mut code, self.plan, operand)) { code.finish() } else { none }
        };
        (place(kept, quote!(Buf::kept(0, 0))), place(temp, quote!(Buf::temp(0, 0))), layout.clone())
    }
}
