//! The rows of a summary, in Keras's order.
//!
//! In a model that is not a chain the rows are ordered by their distance from the outputs, the farthest first, and
//! within a distance by when a walk from the outputs meets them.

use super::Graph;

/// All rows.
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    /// Whether a column tells where each layer's inputs come from.
    pub(super) connected: bool,
}

/// A layer or an input.
pub(super) struct Row {
    /// Its name and type.
    pub(super) name: String,
    pub(super) shape: String,
    pub(super) params: usize,
    pub(super) connections: String,
    /// The layer, unless it is an input.
    pub(super) layer: Option<usize>,
}

/// A call of a layer, or an input.
struct Node {
    /// The input, or behind all of them the layer.
    owner: usize,
    /// Which of the owner's calls it is.
    call: usize,
    inputs: Vec<usize>,
    outputs: Vec<usize>,
}

pub(super) fn rows(graph: &Graph) -> Rows {
    let nodes = nodes(graph);
    if graph.sequential {
        // Blocks, and layers within a model that is a layer, have no calls of their own.
        let called = (0..graph.layers.len()).filter(|&layer| !graph.layers[layer].calls.is_empty());
        let rows = called.map(|layer| row(graph, &nodes, graph.inputs.len() + layer)).collect();
        return Rows { rows, connected: false };
    }
    let mut walk = Walk { nodes: &nodes, met: Vec::new(), begun: vec![false; nodes.len()], done: Vec::new() };
    for output in graph.outputs {
        walk.visit(source(&nodes, output.value, None));
    }
    let Walk { met, done, .. } = walk;

    let owners = graph.inputs.len() + graph.layers.len();
    let (mut node_depth, mut depth) = (vec![0; nodes.len()], vec![0; owners]);
    for &node in done.iter().rev() {
        let owner = nodes[node].owner;
        depth[owner] = depth[owner].max(node_depth[node]);
        node_depth[node] = depth[owner];
        for &input in &nodes[node].inputs {
            if let Some(parent) = source(&nodes, input, Some(node)) {
                node_depth[parent] = node_depth[parent].max(depth[owner] + 1);
            }
        }
    }
    // Inputs that nothing uses come first among those next to the outputs.
    let unused = (0..graph.inputs.len()).filter(|input| !met.contains(input));
    let mut order: Vec<usize> = unused.chain(met.iter().copied()).collect();
    order.sort_by_key(|&owner| core::cmp::Reverse(depth[owner]));

    let mut depths: Vec<usize> = done.iter().map(|&node| node_depth[node]).collect();
    depths.sort_unstable();
    let alone = depths.windows(2).all(|pair| pair[0] != pair[1]) && order.len() == met.len();
    let chain = alone
        && done.iter().all(|&node| nodes[node].inputs.len() <= 1)
        && graph.layers.iter().all(|layer| layer.calls.len() <= 1);
    Rows { rows: order.iter().map(|&owner| row(graph, &nodes, owner)).collect(), connected: !chain }
}

fn nodes(graph: &Graph) -> Vec<Node> {
    let inputs = (0..graph.inputs.len()).map(|i| Node { owner: i, call: 0, inputs: Vec::new(), outputs: vec![i] });
    let layers = graph.layers.iter().enumerate().flat_map(|(layer, description)| {
        description.calls.iter().enumerate().map(move |(call, values)| Node {
            owner: graph.inputs.len() + layer,
            call,
            inputs: values.inputs.to_vec(),
            outputs: values.outputs.to_vec(),
        })
    });
    inputs.chain(layers).collect()
}

/// Where a value that another node uses comes from.
fn source(nodes: &[Node], value: usize, user: Option<usize>) -> Option<usize> {
    nodes.iter().enumerate().find(|(i, node)| Some(*i) != user && node.outputs.contains(&value)).map(|(i, _)| i)
}

/// The way from the outputs to the inputs.
struct Walk<'a> {
    nodes: &'a [Node],
    /// Owners, as they are met.
    met: Vec<usize>,
    begun: Vec<bool>,
    /// Nodes, each behind those that it depends on.
    done: Vec<usize>,
}

impl Walk<'_> {
    fn visit(&mut self, node: Option<usize>) {
        let Some(node) = node.filter(|&node| !self.begun[node]) else { return };
        self.begun[node] = true;
        let Node { owner, inputs, .. } = &self.nodes[node];
        if !self.met.contains(owner) {
            self.met.push(*owner);
        }
        for &input in inputs {
            self.visit(source(self.nodes, input, Some(node)));
        }
        self.done.push(node);
    }
}

fn row(graph: &Graph, nodes: &[Node], owner: usize) -> Row {
    if let Some(input) = graph.inputs.get(owner) {
        return Row {
            name: format!("{} (InputLayer)", input.name),
            shape: shape(input.shape),
            params: 0,
            connections: "-".to_owned(),
            layer: None,
        };
    }
    let layer = owner - graph.inputs.len();
    let description = &graph.layers[layer];
    let outputs = description.calls.last().map_or(&[][..], |call| call.outputs);
    let shapes: Vec<String> = outputs.iter().map(|&value| shape(graph.values[value].shape)).collect();
    let mut connections = Vec::new();
    for (i, node) in nodes.iter().enumerate().filter(|(_, node)| node.owner == owner) {
        for &input in &node.inputs {
            if let Some(from) = source(nodes, input, Some(i)).map(|from| &nodes[from]) {
                let name = match graph.inputs.get(from.owner) {
                    Some(input) => input.name.to_owned(),
                    None => graph.path(from.owner - graph.inputs.len()),
                };
                let tensor = from.outputs.iter().position(|&value| value == input).unwrap_or(0);
                connections.push(format!("{name}[{}][{tensor}]", from.call));
            }
        }
    }
    let params = graph.params.iter().filter(|param| graph.is_within(param.layer, layer));
    Row {
        name: format!("{} ({})", graph.path(layer), description.class),
        shape: match &shapes[..] {
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        },
        params: params.map(|param| param.shape.iter().product::<usize>()).sum(),
        connections: if connections.is_empty() { "-".to_owned() } else { connections.join(", ") },
        layer: Some(layer),
    }
}

/// With the batch, which may have any size.
fn shape(dims: &[usize]) -> String {
    let dims: Vec<String> = dims.iter().map(usize::to_string).collect();
    if dims.is_empty() { "(None,)".to_owned() } else { format!("(None, {})", dims.join(", ")) }
}
