//! Where each buffer lies.
//!
//! The planner itself is [`keras_shapes::plan`]. If all lengths are known it runs here and the code gets numbers;
//! otherwise the code gets const items that call it.

use keras_shapes::plan::{self, Life};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Memory, ParamStep, Step, When};
use crate::graph::ops::Head;
use crate::graph::{Graph, Node, Num, Operand, ValueId};

/// Where a buffer lies.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Whether it is in the kept area.
    pub kept: bool,
    /// Where in it.
    pub lies: Lies,
}

/// Where in its area a buffer lies.
#[derive(Clone, Copy, Debug)]
pub enum Lies {
    /// At this offset, with this length, both in floats per row.
    At(usize, usize),
    /// Where the buffer of this index in a const array of [`Planned::arrays`] lies: rustc works it out.
    Nth(usize),
}

/// A plan.
pub struct Planned {
    /// The buffers of the operands, those shared among them, by [`Operand::index`].
    pub(super) places: Vec<Option<Place>>,
    /// Floats per row in the kept area.
    pub kept: Num,
    /// The same with the gradients that only inputs need.
    pub kept_with_inputs: Num,
    /// Floats per row in the temporary area.
    pub temp: Num,
    /// Floats of scratch for each thread.
    pub scratch: Num,
    /// Const items that the above refer to.
    pub consts: Vec<TokenStream>,
    /// What generated code calls the const arrays of buffers, and their paths.
    pub arrays: Vec<(&'static str, TokenStream)>,
}

struct Buffer {
    operand: Operand,
    from: usize,
    to: usize,
}

/// The plan of inference: everything is temporary, outputs live to the end.
#[must_use]
pub fn inference(graph: &Graph, steps: &[Step], memory: &Memory) -> Planned {
    let end = steps.len();
    let mut buffers = lives(graph, steps.iter().enumerate());
    for (_, output) in &graph.outputs {
        let operand = memory.of(graph, Operand::Value(*output));
        extend(&mut buffers, operand, end);
    }
    let mut planned = Planned::empty(graph);
    (planned.temp, _) = planned.area(graph, "INFER", false, &buffers, buffers.len());
    planned.share(graph, memory);
    planned
}

/// The plan of training. What the loss or the phase of the weight gradients touches is kept.
#[must_use]
pub fn training(
    graph: &Graph,
    heads: &[Option<(ValueId, Head)>],
    forward: &[Step],
    backward: &[Step],
    params: &[ParamStep],
    memory: &Memory,
) -> Planned {
    let loss = forward.len();
    let after = backward.iter().enumerate().map(|(i, step)| (loss + 1 + i, step));
    let mut buffers = lives(graph, forward.iter().enumerate().chain(after));
    let mut kept: Vec<Operand> = Vec::new();
    for ((_, output), head) in graph.outputs.iter().zip(heads) {
        kept.extend([Operand::Value(*output), Operand::Grad(*output)]);
        kept.extend(head.map(|(logits, _)| Operand::Value(logits)));
        kept.extend(graph.values[*output].mask.map(Operand::Value));
    }
    kept.extend(graph.activity.iter().map(|(value, _)| Operand::Value(*value)));
    kept.extend(params.iter().flat_map(|param| param.step.operands()));
    kept.extend(graph.regions.iter().map(|&value| Operand::Value(value)));
    // The gradients of the inputs are the caller's to read.
    kept.extend((0..graph.inputs.len()).map(Operand::Grad));
    let set = || vec![false; 2 * graph.values.len()];
    let mut stored = set();
    buffers.iter().for_each(|buffer| stored[buffer.operand.index()] = true);
    let outputs: Vec<Operand> =
        graph.outputs.iter().map(|(_, output)| memory.of(graph, Operand::Grad(*output))).collect();
    let mut stays = set();
    for operand in kept {
        let operand = memory.of(graph, operand);
        stays[operand.index()] = true;
        if outputs.contains(&operand) && !std::mem::replace(&mut stored[operand.index()], true) {
            buffers.push(Buffer { operand, from: loss, to: loss });
        }
    }
    // What the forward pass and the loss write is there in every step, even if the backward pass changes it for the inputs alone.
    let (mut only_inputs, mut others) = (set(), set());
    forward.iter().flat_map(|step| &step.writes).chain(&outputs).for_each(|operand| others[operand.index()] = true);
    for step in backward {
        let written = if step.when == When::InputGradients { &mut only_inputs } else { &mut others };
        step.writes.iter().for_each(|operand| written[operand.index()] = true);
    }
    let only_inputs = |operand: Operand| only_inputs[operand.index()] && !others[operand.index()];
    let (mut stay, rest): (Vec<Buffer>, Vec<Buffer>) =
        buffers.into_iter().partition(|buffer| stays[buffer.operand.index()] || only_inputs(buffer.operand));
    stay.sort_by_key(|buffer| only_inputs(buffer.operand));
    let usual = stay.iter().filter(|buffer| !only_inputs(buffer.operand)).count();
    let end = loss + backward.len() + 1;
    for buffer in &mut stay {
        (buffer.from, buffer.to) = (0, end);
    }
    let mut planned = Planned::empty(graph);
    (planned.kept_with_inputs, planned.kept) = planned.area(graph, "KEPT", true, &stay, usual);
    (planned.temp, _) = planned.area(graph, "TEMP", false, &rest, rest.len());
    planned.share(graph, memory);
    planned
}

fn lives<'a>(graph: &Graph, steps: impl Iterator<Item = (usize, &'a Step)>) -> Vec<Buffer> {
    let mut buffers: Vec<Buffer> = Vec::new();
    let mut known: Vec<usize> = vec![usize::MAX; 2 * graph.values.len()];
    for (time, step) in steps {
        for operand in step.operands() {
            let known = &mut known[operand.index()];
            let i = if *known == usize::MAX { buffers.len() } else { *known };
            *known = i;
            match buffers.get_mut(i) {
                Some(buffer) => buffer.to = time,
                None => buffers.push(Buffer { operand, from: time, to: time }),
            }
        }
    }
    buffers
}

fn extend(buffers: &mut [Buffer], operand: Operand, to: usize) {
    if let Some(buffer) = buffers.iter_mut().find(|buffer| buffer.operand == operand) {
        buffer.to = to;
    }
}

/// Scratch for each thread: the most that any op needs.
#[must_use]
pub fn scratch(graph: &Graph, ops: &[Node]) -> Num {
    let needs: Vec<_> = ops.iter().filter_map(|node| node.op.scratch()).collect();
    let known = Num::Lit(needs.iter().filter_map(|need| need.known).max().unwrap_or(0));
    let mut unknown = needs.iter().filter(|need| need.known.is_none()).peekable();
    if unknown.peek().is_none() {
        return known;
    }
    let calls = unknown.map(|need| {
        let (function, args) = (format_ident!("{}", need.function), &need.args);
        quote!(plan::#function(#(#args),*))
    });
    let krate = &graph.krate;
    Num::Const(quote!({
        use #krate::__private::code::*;
        plan::most(&[#known, #(#calls),*])
    }))
}

impl Planned {
    fn empty(graph: &Graph) -> Planned {
        let zero = || Num::Lit(0);
        Planned {
            places: vec![None; 2 * graph.values.len()],
            kept: zero(),
            kept_with_inputs: zero(),
            temp: zero(),
            scratch: zero(),
            consts: Vec::new(),
            arrays: Vec::new(),
        }
    }

    /// Plans one area; its size, and its size if only the first `usual` buffers are there.
    fn area(&mut self, graph: &Graph, name: &str, kept: bool, buffers: &[Buffer], usual: usize) -> (Num, Num) {
        let lens: Vec<Num> = buffers.iter().map(|buffer| graph.len(value(buffer.operand))).collect();
        let known: Option<Vec<usize>> = lens.iter().map(Num::known).collect();
        let (places, totals): (Vec<Lies>, (Num, Num)) = match known {
            Some(known) => {
                let lives: Vec<Life> =
                    known.iter().zip(buffers).map(|(&len, buffer)| Life::new(len, buffer.from, buffer.to)).collect();
                let (mut at, mut order) = (vec![0; lives.len()], vec![0; lives.len()]);
                plan::place(&lives, &mut at, &mut order);
                let total = |n: usize| Num::Lit(plan::total(&lives[..n], &at));
                (at.iter().zip(known).map(|(&at, len)| Lies::At(at, len)).collect(), (total(lives.len()), total(usual)))
            }
            None => {
                let totals = self.const_area(graph, name, kept, buffers, &lens, usual);
                ((0..buffers.len()).map(Lies::Nth).collect(), totals)
            }
        };
        for (buffer, lies) in buffers.iter().zip(places) {
            self.places[buffer.operand.index()] = Some(Place { kept, lies });
        }
        totals
    }

    fn const_area(
        &mut self,
        graph: &Graph,
        name: &str,
        kept: bool,
        buffers: &[Buffer],
        lens: &[Num],
        usual: usize,
    ) -> (Num, Num) {
        let krate = &graph.krate;
        let code = quote!(#krate::__private::code);
        let (lives, at, bufs) =
            (format_ident!("{}_LIVES", name), format_ident!("{}_AT", name), format_ident!("{}", name));
        let (all, some) = (format_ident!("{}_ALL", name), format_ident!("{}_USUAL", name));
        let (n, usual) = (Num::Lit(buffers.len()), Num::Lit(usual));
        let entries = buffers.iter().zip(lens).map(|(buffer, len)| {
            let (from, to) = (Num::Lit(buffer.from), Num::Lit(buffer.to));
            quote!(life(#len, #from, #to))
        });
        let area = if kept { "kept" } else { "temp" };
        let variant = format_ident!("{}", if kept { "Kept" } else { "Temp" });
        self.consts.push(quote! {
            const #lives: [#code::Life; #n] = {
                use #code::life;
                [#(#entries),*]
            };
            const #at: [usize; #n] = #code::plan::offsets(&Self::#lives);
            const #all: usize = #code::plan::total(&Self::#lives, &Self::#at);
            const #some: usize = #code::plan::total(Self::#lives.split_at(#usual).0, &Self::#at);
            const #bufs: [#code::Buf; #n] = #code::bufs(#code::Area::#variant, &Self::#lives, &Self::#at);
        });
        let path = graph.sizes_path();
        self.arrays.push((area, quote!(#path::#bufs)));
        let num = |tokens| if graph.generic.is_some() { Num::Generic(tokens) } else { Num::Const(tokens) };
        (num(quote!(#path::#all)), num(quote!(#path::#some)))
    }

    fn share(&mut self, graph: &Graph, memory: &Memory) {
        for value in 0..graph.values.len() {
            for operand in [Operand::Value(value), Operand::Grad(value)] {
                let place = memory.of(graph, operand);
                if place != operand {
                    self.places[operand.index()] = self.places[place.index()];
                }
            }
        }
    }

    /// The buffer of an operand, its own or the one it shares.
    #[must_use]
    pub fn place(&self, operand: Operand) -> Option<&Place> {
        self.places[operand.index()].as_ref()
    }
}

fn value(operand: Operand) -> ValueId {
    match operand {
        Operand::Value(value) | Operand::Grad(value) => value,
    }
}
