//! What becomes one op, and what a loss can be fused with.

use crate::graph::ops::{Act, Head};
use crate::graph::{Graph, Node, Value, ValueId};

/// Leaves out ops that neither an output nor its mask, which the loss asks for, depends on.
pub fn prune(graph: &mut Graph) {
    let masks = graph.outputs.iter().filter_map(|(_, output)| graph.values[*output].mask);
    let wanted: Vec<ValueId> = graph.outputs.iter().map(|(_, output)| *output).chain(masks).collect();
    let ops = std::mem::take(&mut graph.ops);
    graph.ops = leading_to(graph, ops, &wanted);
}

/// The ops that outputs depend on; in inference nobody asks for their masks.
#[must_use]
pub fn unmasked(graph: &Graph, ops: Vec<Node>) -> Vec<Node> {
    let wanted: Vec<ValueId> = graph.outputs.iter().map(|(_, output)| *output).collect();
    leading_to(graph, ops, &wanted)
}

/// The ops that these values depend on.
fn leading_to(graph: &Graph, ops: Vec<Node>, wanted: &[ValueId]) -> Vec<Node> {
    let mut needed = vec![false; graph.values.len()];
    wanted.iter().for_each(|&value| needed[graph.root(value)] = true);
    let mut kept = Vec::new();
    for node in ops.into_iter().rev() {
        if needed[graph.root(node.output)] {
            node.inputs.iter().for_each(|&input| needed[graph.root(input)] = true);
            kept.push(node);
        }
    }
    kept.reverse();
    kept
}

/// Puts a relu that only a maximum pool reads behind the pool, where it has fewer numbers to do. Outputs and gradients stay
/// the same, to the bit: of equal numbers the first has the gradient, and those that a relu makes equal have none.
pub fn exchange(graph: &mut Graph) {
    let consumers = consumers(graph);
    for i in 0..graph.ops.len() {
        let (x, between, y) = {
            let [relu, pool] = [&graph.ops[i], graph.ops.get(i + 1).unwrap_or(&graph.ops[i])];
            let penalized = graph.activity.iter().any(|(value, _)| graph.root(*value) == relu.output);
            let alone = consumers[relu.output] == 1 && !penalized;
            let is_relu = matches!(relu.op.activation(), Some(Act::Relu));
            if !is_relu || pool.op.maxima().is_none() || pool.inputs != [relu.output] || !alone {
                continue;
            }
            let name = quote::format_ident!("{}_first", graph.values[pool.output].name);
            let shape = graph.values[pool.output].shape.clone();
            (relu.inputs[0], Value { gradient: name.clone(), name, shape, alias: None, mask: None }, pool.output)
        };
        let id = graph.values.len();
        graph.values.push(between);
        graph.ops.swap(i, i + 1);
        let [pool, relu] = [i, i + 1];
        (graph.ops[pool].inputs, graph.ops[pool].output) = (vec![x], id);
        (graph.ops[relu].inputs, graph.ops[relu].output) = (vec![id], y);
    }
}

/// For each value that is no alias, how many ops and outputs read it.
fn consumers(graph: &Graph) -> Vec<usize> {
    let mut consumers = vec![0; graph.values.len()];
    for &input in graph.ops.iter().flat_map(|node| &node.inputs) {
        consumers[graph.root(input)] += 1;
    }
    for (_, output) in &graph.outputs {
        consumers[graph.root(*output)] += 1;
    }
    consumers
}

/// For each output, what a loss can be fused with: an output that nothing else reads, made by a softmax or sigmoid from
/// logits that nothing else reads.
#[must_use]
pub fn heads(graph: &Graph) -> Vec<Option<(ValueId, Head)>> {
    let consumers = consumers(graph);
    let head = |(_, output): &(String, ValueId)| {
        let node = graph.ops.iter().find(|node| node.output == *output && node.inputs != [*output])?;
        let (head, logits) = (node.op.head()?, node.inputs[0]);
        let alone = |value| consumers[graph.root(value)] == 1;
        (alone(*output) && alone(logits) && !graph.is_input(logits)).then_some((logits, head))
    };
    graph.outputs.iter().map(head).collect()
}

/// The ops, activations made part of the op before them where that op's result is read by nothing else. In training an
/// activation stays apart if its derivative needs its input, or if a loss may be fused with it.
#[must_use]
pub fn activations(graph: &Graph, heads: &[Option<(ValueId, Head)>], inference: bool) -> Vec<Node> {
    let consumers = consumers(graph);
    let mut ops: Vec<Node> = Vec::new();
    for node in &graph.ops {
        let fused = node.op.activation().and_then(|act| {
            let x = node.inputs[0];
            let logits = heads.iter().flatten().any(|(logits, _)| *logits == x);
            if consumers[graph.root(x)] != 1 || !inference && (logits || !act.by_output()) {
                return None;
            }
            let i = ops.iter().rposition(|before| before.output == x && before.inputs != [x])?;
            Some((i, ops[i].op.with_activation(act)?))
        });
        match fused {
            Some((i, op)) => {
                let before = ops.remove(i);
                ops.insert(i, Node { op, output: node.output, ..before });
            }
            None => ops.push(node.clone()),
        }
    }
    ops
}

/// The ops of inference, maximum pools made part of the convolution before them where that one's result is read by nothing
/// else.
#[must_use]
pub fn pools(graph: &Graph, ops: Vec<Node>) -> Vec<Node> {
    let consumers = consumers(graph);
    let mut fused: Vec<Node> = Vec::new();
    for node in ops {
        let with = node.op.maxima().and_then(|pool| {
            let x = node.inputs[0];
            let before = fused.iter().rposition(|before| before.output == x)?;
            let op = fused[before].op.with_maxima(pool)?;
            (consumers[graph.root(x)] == 1).then_some((before, op))
        });
        match with {
            Some((i, op)) => (fused[i].op, fused[i].output) = (op, node.output),
            None => fused.push(node),
        }
    }
    fused
}
