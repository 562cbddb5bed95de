//! Reverse mode over ops, at compile time.

use std::collections::HashSet;

use proc_macro2::TokenStream;

use super::{Memory, ParamStep, Step, When};
use crate::graph::code::call;
use crate::graph::ops::Head;
use crate::graph::site::To;
use crate::graph::{Graph, Node, Num, Operand, ParamId, Site, ValueId};

/// A step of the backward pass, as `const GRAPH` describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Index of the op.
    pub op: usize,
    /// Which of its inputs.
    pub input: usize,
    /// Whether it adds to what is there.
    pub accumulate: bool,
    /// Whether only the gradients of the inputs need it.
    pub only_for_inputs: bool,
}

/// The backward pass.
pub struct Backward {
    /// Gradients of activations.
    pub steps: Vec<Step>,
    /// Gradients of weights.
    pub params: Vec<ParamStep>,
    /// The gradients of activations, described.
    pub rows: Vec<Row>,
    /// Which operands share memory.
    pub memory: Memory,
}

/// Walks the ops backward. Statically known: which gradients are needed at all, which are the first to be written to
/// their buffer and which are added, and which are computed in the place of the gradient they come from. `at` and `index` say
/// where the params lie.
#[must_use]
pub fn run(graph: &Graph, ops: &[Node], heads: &[Option<(ValueId, Head)>], at: &[Num], index: &[Num]) -> Backward {
    let needs = needs(graph, ops);
    let mut memory = Memory::default();
    let mut written: HashSet<ValueId> = graph.outputs.iter().map(|(_, output)| graph.root(*output)).collect();
    let (mut steps, mut rows) = (Vec::new(), Vec::new());
    for (index, node) in ops.iter().enumerate().rev() {
        if !written.contains(&graph.root(node.output)) {
            continue;
        }
        let head = heads.iter().position(|head| matches!(head, Some((logits, _)) if node.inputs == [*logits]));
        let needed = |value: ValueId| needs[graph.root(value)];
        let any = |need: Need| node.inputs.iter().any(|&input| needed(input) == need);
        let own = node.params.iter().any(|&param| graph.params[param].trainable);
        let always = own || any(Need::Always);
        if always || any(Need::ForInputs) {
            let place = |operand| memory.of(graph, operand);
            let mut site = Site::new(graph, node, &place);
            site.wanted = any(Need::Always);
            if let Some(call) = node.op.prepare(&mut site) {
                let when = if always { When::Always } else { When::InputGradients };
                steps.push(Step::of(site, call, when));
            }
        }
        for (i, &input) in node.inputs.iter().enumerate() {
            let need = needed(input);
            if need == Need::Never {
                continue;
            }
            let accumulate = !written.insert(graph.root(input));
            if node.op.in_place() && !accumulate {
                memory.share(graph, Operand::Grad(input), Operand::Grad(node.output));
            }
            if node.op.is_described() {
                rows.push(Row { op: index, input: i, accumulate, only_for_inputs: need == Need::ForInputs });
            }
            let fresh = !accumulate && need == Need::Always && !graph.is_input(graph.root(input));
            if let (Some(gradient), true) = (node.op.passes_on(i, node), fresh) {
                memory.share(graph, Operand::Grad(input), gradient);
                continue;
            }
            let place = |operand| memory.of(graph, operand);
            let mut site = Site::new(graph, node, &place);
            site.accumulate = accumulate;
            let call = node.op.backward_data(i, &mut site);
            let only_for_inputs = need == Need::ForInputs;
            let when = match head {
                Some(output) => When::UnfusedHead(output),
                None if only_for_inputs => When::InputGradients,
                None => When::Always,
            };
            steps.push(Step::of(site, call, when));
        }
    }
    let params = params(graph, ops, &written, &memory, |param| (at[param].clone(), index[param].clone()));
    Backward { steps, params, rows, memory }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// No weight and no input of floats is before it.
    Never,
    /// Only inputs are before it.
    ForInputs,
    /// A weight is before it.
    Always,
}

/// For each value, whether its gradient is needed.
fn needs(graph: &Graph, ops: &[Node]) -> Vec<Need> {
    let mut needs = vec![Need::Never; graph.values.len()];
    for (i, input) in graph.inputs.iter().enumerate() {
        if input.is_f32() {
            needs[i] = Need::ForInputs;
        }
    }
    for node in ops.iter().filter(|node| !node.op.is_constant()) {
        let own = node.params.iter().any(|&param| graph.params[param].trainable);
        let before = |need| node.inputs.iter().any(|&input| needs[graph.root(input)] == need);
        let need = if own || before(Need::Always) {
            Need::Always
        } else if before(Need::ForInputs) {
            Need::ForInputs
        } else {
            Need::Never
        };
        let output = graph.root(node.output);
        if need == Need::Always || needs[output] == Need::Never {
            needs[output] = need;
        }
    }
    needs
}

/// The gradients of the weights, in the order of the block. Contributions to one param lie side by side, and know which of
/// them they are. `lies` says where a param lies, and its index.
fn params(
    graph: &Graph,
    ops: &[Node],
    written: &HashSet<ValueId>,
    memory: &Memory,
    lies: impl Fn(ParamId) -> (Num, Num),
) -> Vec<ParamStep> {
    let mut parts: Vec<(ParamId, &Node, Part<'_>)> = Vec::new();
    for (id, param) in graph.params.iter().enumerate() {
        if let (Some(penalty), true) = (&param.regularizer, param.trainable)
            && let Some(node) = ops.iter().find(|node| node.params.contains(&id))
        {
            parts.push((id, node, Part::Penalty(penalty)));
        }
    }
    for node in ops.iter().filter(|node| written.contains(&graph.root(node.output))) {
        let computed = |(i, id): &(usize, &ParamId)| graph.params[**id].trainable || node.op.is_state(*i);
        parts.extend(node.params.iter().enumerate().filter(computed).map(|(i, &id)| (id, node, Part::Loss(i))));
    }
    parts.sort_by_key(|(param, ..)| *param);
    let place = |operand| memory.of(graph, operand);
    let steps = parts.iter().enumerate().map(|(i, (param, node, part))| {
        let same = |other: Option<&(ParamId, &Node, Part<'_>)>| other.is_some_and(|(other, ..)| other == param);
        let uses = match (same(i.checked_sub(1).and_then(|i| parts.get(i))), same(parts.get(i + 1))) {
            (false, false) => "only",
            (false, true) => "first",
            (true, true) => "middle",
            (true, false) => "last",
        };
        let len = graph.params[*param].len();
        let (at, index) = lies(*param);
        let to = To { uses, index, at, len };
        let mut site = Site::new(graph, node, &place);
        site.to = Some(to.clone());
        let call = match part {
            Part::Penalty(penalty) => call!(site, penalty::backward(to, to.len, penalty)),
            Part::Loss(i) => node.op.backward_param(*i, &mut site),
        };
        ParamStep { to, step: Step::of(site, call, When::Always) }
    });
    steps.collect()
}

/// A contribution to the gradient of a param.
enum Part<'g> {
    /// That of a penalty on it.
    Penalty(&'g TokenStream),
    /// That of the loss, by its use in an op: the how many-th of the op's params it is.
    Loss(usize),
}
