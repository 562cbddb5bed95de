//! From a graph to a program: what is fused, which gradients are computed, where each buffer lies.

pub mod fuse;
pub mod gradient;
pub mod plan;

use proc_macro2::TokenStream;
use quote::quote;

use crate::graph::code::Call;
use crate::graph::ops::Head;
use crate::graph::site::{Slices, To};
use crate::graph::{Graph, Node, Num, Operand, Site, ValueId};
pub use plan::Planned;

/// A compiled model, ready to be written down.
pub struct Program {
    /// The graph as lowered.
    pub graph: Graph,
    /// The ops of training, fused.
    pub ops: Vec<Node>,
    /// What makes each output, if a loss can be fused with it: the value before, and what.
    pub heads: Vec<Option<(ValueId, Head)>>,
    /// The forward pass of inference.
    pub infer: Vec<Step>,
    /// The forward pass of training.
    pub forward: Vec<Step>,
    /// The gradients of activations.
    pub backward: Vec<Step>,
    /// The gradients of weights.
    pub params: Vec<ParamStep>,
    /// What `backward` computes, for `const GRAPH`.
    pub gradients: Vec<gradient::Row>,
    /// The index of each param's first float in the block.
    pub at: Vec<Num>,
    /// The index of each param in `const GRAPH`.
    pub index: Vec<Num>,
    /// The forward pass for one sample, if this is a tiny network: the value that each op gives, and how.
    pub tiny: Option<Vec<(ValueId, TokenStream)>>,
    /// Memory of inference.
    pub infer_plan: Planned,
    /// Memory of training.
    pub train_plan: Planned,
}

/// A kernel call.
pub struct Step {
    /// What it reads, but for the model's inputs.
    pub reads: Vec<Operand>,
    /// What it writes.
    pub writes: Vec<Operand>,
    /// The call.
    pub call: Call,
    /// Whether it is always made.
    pub when: When,
    /// What it takes as slices, if it is the call of a layer that the compiler does not know.
    pub slices: Option<Slices>,
    /// The index in `const GRAPH` of the op whose output the step makes; for forward passes.
    pub op: Option<usize>,
}

/// When a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// When the gradients of the inputs are wanted.
    InputGradients,
    /// When the loss has not written the gradient of the logits of this output itself.
    UnfusedHead(usize),
}

/// A kernel call for the gradient of a param.
pub struct ParamStep {
    /// Where the gradient goes.
    pub to: To,
    /// The call.
    pub step: Step,
}

impl Step {
    fn of(site: Site<'_>, call: Call, when: When) -> Step {
        Step { reads: site.reads, writes: site.writes, call, when, slices: site.slices, op: None }
    }

    /// All that it uses of the workspace.
    pub fn operands(&self) -> impl Iterator<Item = Operand> + '_ {
        let regions = self.slices.iter().filter_map(|slices| slices.region.as_ref());
        let region = regions.flat_map(|region| region.kept.into_iter().chain(region.temp));
        self.writes.iter().chain(&self.reads).copied().chain(region)
    }
}

/// Which operands stand for another one's memory, by [`Operand::index`].
#[derive(Default)]
pub struct Memory(Vec<Option<Operand>>);

impl Memory {
    /// The operand whose memory `operand` has.
    #[must_use]
    pub fn of(&self, graph: &Graph, operand: Operand) -> Operand {
        let mut operand = match operand {
            Operand::Value(value) => Operand::Value(graph.root(value)),
            Operand::Grad(value) => Operand::Grad(graph.root(value)),
        };
        while let Some(Some(other)) = self.0.get(operand.index()) {
            operand = *other;
        }
        operand
    }

    /// Gives `operand` the memory of `other`.
    pub fn share(&mut self, graph: &Graph, operand: Operand, other: Operand) {
        let (operand, other) = (self.of(graph, operand), self.of(graph, other));
        if operand != other {
            if self.0.len() <= operand.index() {
                self.0.resize(operand.index() + 1, None);
            }
            self.0[operand.index()] = Some(other);
        }
    }
}

/// Runs all passes.
#[must_use]
pub fn run(mut graph: Graph) -> Program {
    fuse::prune(&mut graph);
    fuse::exchange(&mut graph);
    let heads = fuse::heads(&graph);
    let ops = fuse::activations(&graph, &heads, false);
    let infer_ops = fuse::unmasked(&graph, fuse::activations(&graph, &heads, true));
    let (at, index) = (graph.ats(), graph.indices());

    let tiny = tiny(&graph, &infer_ops);
    let infer_ops = fuse::pools(&graph, infer_ops);
    let (infer, infer_memory) = inference(&graph, &infer_ops);
    let forward = forward(&graph, &ops);
    let gradient::Backward { steps: backward, params, rows, memory } = gradient::run(&graph, &ops, &heads, &at, &index);

    let infer_plan = plan::inference(&graph, &infer, &infer_memory);
    let train_plan = plan::training(&graph, &heads, &forward, &backward, &params, &memory);
    let scratch = |ops: &[Node]| plan::scratch(&graph, ops);
    let (infer_scratch, train_scratch) = (scratch(&infer_ops), scratch(&ops));
    Program {
        ops,
        heads,
        infer,
        forward,
        backward,
        params,
        gradients: rows,
        at,
        index,
        tiny,
        infer_plan: Planned { scratch: infer_scratch, ..infer_plan },
        train_plan: Planned { scratch: train_scratch, ..train_plan },
        graph,
    }
}

fn forward(graph: &Graph, ops: &[Node]) -> Vec<Step> {
    let own = Memory::default();
    let memory = |operand| own.of(graph, operand);
    let described = ops.iter().filter(|node| node.op.is_described()).enumerate();
    let step = |(i, node)| {
        let mut site = Site::new(graph, node, &memory);
        let call = node.op.forward(&mut site)?;
        Some(Step { op: Some(i), ..Step::of(site, call, When::Always) })
    };
    described.filter_map(step).collect()
}

/// The most ops of a tiny network.
const TINY: usize = 16;

/// The pass of a tiny network: one input and one output of known size and one dimension, and ops that have a place in it.
fn tiny(graph: &Graph, ops: &[Node]) -> Option<Vec<(ValueId, TokenStream)>> {
    let ([input], [(_, output)]) = (&graph.inputs[..], &graph.outputs[..]) else { return None };
    let known = |value: ValueId| matches!(graph.values[value].shape.dims[..], [Num::Lit(_)]);
    if !input.is_f32() || graph.generic.is_some() || !known(0) || !known(*output) || ops.len() > TINY {
        return None;
    }
    let own = Memory::default();
    let memory = |operand| own.of(graph, operand);
    let of = |node: &Node| {
        let &[x] = &node.inputs[..] else { return None };
        let x = &graph.values[graph.root(x)].name;
        let call = if node.op.identity_in_inference() {
            quote!(#x)
        } else {
            node.op.tiny(x, &Site::new(graph, node, &memory))?
        };
        known(node.output).then_some((node.output, call))
    };
    ops.iter().filter(|node| node.op.is_described()).map(of).collect()
}

/// The forward pass of inference: what does nothing then is left out, and an elementwise op whose input nobody reads
/// again works in place.
fn inference(graph: &Graph, ops: &[Node]) -> (Vec<Step>, Memory) {
    let mut memory = Memory::default();
    for (i, node) in ops.iter().enumerate() {
        let (Some(&x), y) = (node.inputs.first(), node.output) else { continue };
        if !(node.op.in_place() || node.op.identity_in_inference()) {
            continue;
        }
        let place = memory.of(graph, Operand::Value(x));
        let read = |value: &ValueId| memory.of(graph, Operand::Value(*value)) == place;
        let output = graph.outputs.iter().any(|(_, output)| read(output));
        let again = ops[i + 1..].iter().flat_map(|node| &node.inputs).any(read) || output;
        let caller = matches!(place, Operand::Value(value) if graph.is_input(value));
        // Each output has a buffer of its own.
        let apart = graph.outputs.iter().any(|(_, o)| graph.root(*o) == graph.root(y)) && (caller || output);
        let idle = node.op.identity_in_inference() && !apart;
        if idle || node.op.in_place() && !again && !caller {
            memory.share(graph, Operand::Value(y), Operand::Value(x));
        }
    }
    let place = |operand| memory.of(graph, operand);
    let step = |node: &Node| {
        let mut site = Site::new(graph, node, &place);
        site.inference = true;
        let same = node.inputs.first().is_some_and(|&x| place(Operand::Value(x)) == place(Operand::Value(node.output)));
        if same && node.op.identity_in_inference() {
            return None;
        }
        let call = node.op.forward(&mut site)?;
        Some(Step::of(site, call, When::Always))
    };
    let steps = ops.iter().filter_map(step).collect();
    (steps, memory)
}
