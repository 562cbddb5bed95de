//! What the compiler made of a model, in words.

use std::fmt::Write;

use keras_kernels::memory::{Area, Buf};

use crate::model::Graph;
use crate::model::graph::{Head, Op, OpKind, Plan};

/// The ops of a model, what was fused, which gradients are computed, and where each buffer lies.
pub(crate) fn text(graph: &Graph) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(graph, &mut text);
    text
}

fn write(graph: &Graph, to: &mut String) -> std::fmt::Result {
    let weights: usize = graph.params.iter().map(|param| param.shape.iter().product::<usize>()).sum();
    let layers = graph.layers.iter().filter(|layer| !layer.calls.is_empty()).count();
    let ops = graph.ops.len();
    let wide = (0..graph.layers.len()).map(|layer| graph.path(layer).len()).max().unwrap_or(0).max(16);
    writeln!(to, "{}: {layers} layers, {ops} ops, {weights} weights", graph.name)?;

    writeln!(to, "\nforward, in training")?;
    for op in graph.ops {
        let place = place(&graph.train, op.output);
        writeln!(to, "  {:<wide$} {:<34} {} -> {place}", graph.path(op.layer), what(&op.kind), inputs(graph, op))?;
    }

    writeln!(to, "\nloss")?;
    for output in graph.outputs {
        let head = match output.head {
            Head::Linear => "the loss is computed from it".to_owned(),
            Head::Softmax => "a crossentropy is computed from the logits before its softmax".to_owned(),
            Head::Sigmoid => "a crossentropy is computed from the logits before its sigmoid".to_owned(),
        };
        writeln!(to, "  {:<16} {head}", output.name)?;
    }

    writeln!(to, "\nbackward")?;
    for row in graph.backward {
        let op = &graph.ops[row.op];
        let how = if row.accumulate { "is added to what is there" } else { "is written" };
        let when = if row.only_for_inputs { ", only if the gradients of the inputs are asked for" } else { "" };
        let input = op.inputs[row.input];
        let place = graph.find_buffer(graph.train.grads, input).map_or("nowhere".into(), shown);
        let layer = graph.path(op.layer);
        writeln!(to, "  {layer:<wide$} gradient of {} {how} to {place}{when}", name(graph, input))?;
    }

    writeln!(to, "\nweights")?;
    let weight = wide + 8;
    for param in graph.params {
        let uses =
            graph.ops.iter().filter(|op| op.params.iter().any(|&p| std::ptr::eq(&graph.params[p], param))).count();
        let trained = match (param.trainable, graph.is_trainable(param.layer)) {
            (true, true) => "",
            (true, false) => ", frozen until `set_trainable`",
            (false, _) => ", not trained",
        };
        let uses = if uses > 1 { format!(", used {uses} times") } else { String::new() };
        writeln!(
            to,
            "  {:<weight$} {:?} from float {}{uses}{trained}",
            format!("{}/{}", graph.path(param.layer), param.name),
            param.shape,
            param.at
        )?;
    }

    let bytes = |floats: usize| floats * size_of::<f32>();
    let (train, infer) = (graph.train.layout, graph.infer.layout);
    writeln!(to, "\nmemory")?;
    writeln!(
        to,
        "  training:  {} bytes for each row ({} kept for the weight gradients)",
        bytes(train.kept + train.temp),
        bytes(train.kept)
    )?;
    writeln!(to, "  inference: {} bytes for each row", bytes(infer.kept + infer.temp))?;
    if graph.carried > 0 {
        writeln!(to, "  states:    {} bytes for each row, from batch to batch", bytes(graph.carried))?;
    }
    writeln!(to, "  scratch:   {} bytes for each thread", bytes(train.scratch))
}

fn what(kind: &OpKind) -> String {
    let by = |x: [usize; 3]| x.map(|n| n.to_string()).join(" x ");
    match kind {
        OpKind::Dense { outer: 1, k, n, act } => format!("Dense {k} x {n}, {act:?}"),
        OpKind::Dense { outer, k, n, act } => format!("Dense {outer} x ({k} x {n}), {act:?}"),
        OpKind::Conv { geometry: g, act } => {
            let windows = format!("{} windows of {}", by(g.windows.out), by(g.windows.k));
            let groups = if g.groups > 1 { format!(" in {} groups", g.groups) } else { String::new() };
            format!("Conv {} to {}{groups}, {windows}, {act:?}", g.cin, g.cout)
        }
        OpKind::ConvTranspose { geometry: g, act } => {
            format!(
                "ConvTranspose {} to {}, to {}, windows of {}, {act:?}",
                g.cout,
                g.cin,
                by(g.windows.n),
                by(g.windows.k)
            )
        }
        OpKind::Pool { pool, n, windows: w } => {
            format!("{pool:?} of {n} features, {} windows of {}", by(w.out), by(w.k))
        }
        OpKind::Activation { act } => format!("{act:?}"),
        OpKind::Softmax { n } => format!("Softmax over {n}"),
        OpKind::Dropout { rate, .. } => format!("Dropout of {rate}"),
        OpKind::Own { .. } => "a layer of the user's".to_owned(),
        OpKind::Nested { graph, kept, .. } => format!("the model `{}`, in {}", graph.name, shown(*kept)),
        OpKind::Concatenate { widths, .. } => format!("Concatenate {widths:?}"),
        OpKind::Merge { merge } => format!("{merge:?}"),
        OpKind::Gather { axes, .. } => {
            let dims: Vec<String> = axes.iter().map(|axis| axis.len.to_string()).collect();
            format!("Gather to {}", dims.join(" x "))
        }
        OpKind::Interpolate { of } => {
            format!("{:?} interpolation of {} positions to {}", of.method, of.n, of.n * of.size)
        }
        OpKind::Round { to } => format!("Round to {}", to.name()),
        OpKind::Noise { noise, .. } => format!("{noise:?}"),
        OpKind::ShapedDropout { rate, alpha: true, .. } => format!("Alpha dropout of {rate}"),
        OpKind::ShapedDropout { rate, alpha: false, .. } => format!("Dropout of {rate}, shaped"),
        OpKind::PRelu { .. } => "PRelu".to_owned(),
        other => format!("{other:?}"),
    }
}

fn inputs(graph: &Graph, op: &Op) -> String {
    let names: Vec<String> = op.inputs.iter().map(|&input| name(graph, input)).collect();
    names.join(", ")
}

/// The input's name, or what made the value.
fn name(graph: &Graph, value: usize) -> String {
    let value = graph.root(value);
    match graph.ops.iter().find(|op| op.output == value) {
        Some(op) => format!("`{}`", graph.path(op.layer)),
        None => {
            graph.inputs.get(value).map_or_else(|| format!("value {value}"), |input| format!("input `{}`", input.name))
        }
    }
}

fn place(plan: &Plan, value: usize) -> String {
    plan.values[value].map_or("nowhere".into(), shown)
}

fn shown(buf: Buf) -> String {
    let area = if buf.area() == Area::Kept { "kept" } else { "temporary" };
    format!("{area} {}..{}", buf.at(), buf.at() + buf.len())
}
