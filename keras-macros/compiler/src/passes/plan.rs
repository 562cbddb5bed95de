//! Where each buffer lies.
//!
//! The planner itself is [`keras_shapes::plan`]. If all lengths are known it runs here and the code gets numbers;
//! otherwise the code gets const items that call it.

use std::collections::{BTreeMap, HashMap, HashSet};

use keras_shapes::plan::{self, Life};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Memory, ParamStep, Step, When};
use crate::graph::ops::Head;
use crate::graph::{Graph, Node, Num, Operand, ValueId};

/// Where a buffer lies.
#[derive(Clone, Debug)]
pub struct Place {
    /// Whether it is in the kept area.
    pub kept: bool,
    /// Offset in floats per row.
    pub at: Num,
    /// Floats per row.
    pub len: Num,
}

/// A plan.
pub struct Planned {
    /// The buffers.
    pub places: BTreeMap<Operand, Place>,
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
    /// Which operands share memory: each of these has the buffer of another.
    pub shared: BTreeMap<Operand, Operand>,
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
    let mut buffers = lives(steps.iter().enumerate());
    for (_, output) in &graph.outputs {
        let operand = memory.of(graph, Operand::Value(*output));
        extend(&mut buffers, operand, end);
    }
    let mut planned = Planned::empty();
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
    let mut buffers =
        lives(forward.iter().enumerate().chain(backward.iter().enumerate().map(|(i, s)| (loss + 1 + i, s))));
    let mut kept: Vec<Operand> = Vec::new();
    for ((_, output), head) in graph.outputs.iter().zip(heads) {
        kept.extend([Operand::Value(*output), Operand::Grad(*output)]);
        kept.extend(head.map(|(logits, _)| Operand::Value(logits)));
    }
    kept.extend(graph.activity.iter().map(|(value, _)| Operand::Value(*value)));
    kept.extend(params.iter().flat_map(|param| param.step.operands()));
    kept.extend(graph.regions.iter().map(|&value| Operand::Value(value)));
    // The gradients of the inputs are the caller's to read.
    kept.extend((0..graph.inputs.len()).map(Operand::Grad));
    let mut stored: HashSet<Operand> = buffers.iter().map(|buffer| buffer.operand).collect();
    let outputs: Vec<Operand> =
        graph.outputs.iter().map(|(_, output)| memory.of(graph, Operand::Grad(*output))).collect();
    for operand in &mut kept {
        *operand = memory.of(graph, *operand);
        if outputs.contains(operand) && stored.insert(*operand) {
            buffers.push(Buffer { operand: *operand, from: loss, to: loss });
        }
    }
    let kept: HashSet<Operand> = kept.into_iter().collect();
    let mut only_inputs: HashMap<Operand, bool> = HashMap::new();
    for step in backward {
        for &operand in &step.writes {
            *only_inputs.entry(operand).or_insert(true) &= step.when == When::InputGradients;
        }
    }
    let only_inputs = |operand: Operand| only_inputs.get(&operand) == Some(&true);
    let (mut stay, rest): (Vec<Buffer>, Vec<Buffer>) =
        buffers.into_iter().partition(|buffer| kept.contains(&buffer.operand) || only_inputs(buffer.operand));
    stay.sort_by_key(|buffer| only_inputs(buffer.operand));
    let usual = stay.iter().filter(|buffer| !only_inputs(buffer.operand)).count();
    let end = loss + backward.len() + 1;
    for buffer in &mut stay {
        (buffer.from, buffer.to) = (0, end);
    }
    let mut planned = Planned::empty();
    (planned.kept_with_inputs, planned.kept) = planned.area(graph, "KEPT", true, &stay, usual);
    (planned.temp, _) = planned.area(graph, "TEMP", false, &rest, rest.len());
    planned.share(graph, memory);
    planned
}

fn lives<'a>(steps: impl Iterator<Item = (usize, &'a Step)>) -> Vec<Buffer> {
    let mut buffers: Vec<Buffer> = Vec::new();
    let mut known: HashMap<Operand, usize> = HashMap::new();
    for (time, step) in steps {
        for operand in step.operands() {
            let i = *known.entry(operand).or_insert(buffers.len());
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
    let krate = &graph.krate;
    let needs: Vec<_> = ops.iter().filter_map(|node| node.op.scratch()).collect();
    let known = needs.iter().filter_map(|need| need.known).max().unwrap_or(0);
    let unknown = needs.iter().filter(|need| need.known.is_none()).fold(None, |tokens, need| {
        let (function, args) = (format_ident!("{}", need.function), &need.args);
        let call = quote!(#krate::__private::shapes::plan::#function(#(#args),*));
        Some(match tokens {
            None => call,
            Some(tokens) => quote!(#krate::__private::shapes::plan::max(#tokens, #call)),
        })
    });
    match unknown {
        None => Num::Lit(known),
        Some(tokens) => {
            let known = Num::Lit(known);
            Num::Const(quote!(#krate::__private::shapes::plan::max(#known, #tokens)))
        }
    }
}

impl Planned {
    fn empty() -> Planned {
        let zero = || Num::Lit(0);
        Planned {
            places: BTreeMap::new(),
            kept: zero(),
            kept_with_inputs: zero(),
            temp: zero(),
            scratch: zero(),
            consts: Vec::new(),
            shared: BTreeMap::new(),
        }
    }

    /// Plans one area; its size, and its size if only the first `usual` buffers are there.
    fn area(&mut self, graph: &Graph, name: &str, kept: bool, buffers: &[Buffer], usual: usize) -> (Num, Num) {
        let lens: Vec<Num> = buffers.iter().map(|buffer| graph.len(value(buffer.operand))).collect();
        let known: Option<Vec<usize>> = lens.iter().map(Num::known).collect();
        let (ats, totals): (Vec<Num>, (Num, Num)) = match known {
            Some(known) => {
                let lives: Vec<Life> =
                    known.iter().zip(buffers).map(|(&len, buffer)| Life::new(len, buffer.from, buffer.to)).collect();
                let (mut at, mut order) = (vec![0; lives.len()], vec![0; lives.len()]);
                plan::place(&lives, &mut at, &mut order);
                let total = |n: usize| Num::Lit(plan::total(&lives[..n], &at));
                (at.iter().map(|&at| Num::Lit(at)).collect(), (total(lives.len()), total(usual)))
            }
            None => self.const_area(graph, name, buffers, &lens, usual),
        };
        for ((buffer, at), len) in buffers.iter().zip(ats).zip(lens) {
            self.places.insert(buffer.operand, Place { kept, at, len });
        }
        totals
    }

    fn const_area(
        &mut self,
        graph: &Graph,
        name: &str,
        buffers: &[Buffer],
        lens: &[Num],
        usual: usize,
    ) -> (Vec<Num>, (Num, Num)) {
        let krate = &graph.krate;
        let plan = quote!(#krate::__private::shapes::plan);
        let (lives, at) = (format_ident!("{}_LIVES", name), format_ident!("{}_AT", name));
        let (all, some) = (format_ident!("{}_ALL", name), format_ident!("{}_USUAL", name));
        let (n, usual) = (Num::Lit(buffers.len()), Num::Lit(usual));
        let entries = buffers.iter().zip(lens).map(|(buffer, len)| {
            let (from, to) = (Num::Lit(buffer.from), Num::Lit(buffer.to));
            quote!(#plan::Life::new(#len, #from, #to))
        });
        self.consts.push(quote! {
            const #lives: [#plan::Life; #n] = [#(#entries),*];
            const #at: [usize; #n] = #plan::offsets(&Self::#lives);
            const #all: usize = #plan::total(&Self::#lives, &Self::#at);
            const #some: usize = #plan::total(Self::#lives.split_at(#usual).0, &Self::#at);
        });
        let path = graph.sizes_path();
        let num = |tokens| if graph.generic.is_some() { Num::Generic(tokens) } else { Num::Const(tokens) };
        let ats = (0..buffers.len()).map(|i| {
            let i = Num::Lit(i);
            num(quote!(#path::#at[#i]))
        });
        (ats.collect(), (num(quote!(#path::#all)), num(quote!(#path::#some))))
    }

    fn share(&mut self, graph: &Graph, memory: &Memory) {
        for value in 0..graph.values.len() {
            for operand in [Operand::Value(value), Operand::Grad(value)] {
                let place = memory.of(graph, operand);
                if place != operand {
                    self.shared.insert(operand, place);
                }
            }
        }
    }

    /// The buffer of an operand, its own or the one it shares.
    #[must_use]
    pub fn place(&self, operand: Operand) -> Option<&Place> {
        self.places.get(self.shared.get(&operand).unwrap_or(&operand))
    }
}

fn value(operand: Operand) -> ValueId {
    match operand {
        Operand::Value(value) | Operand::Grad(value) => value,
    }
}
