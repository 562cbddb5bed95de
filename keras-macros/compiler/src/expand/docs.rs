//! What the documentation of a model's struct says: what it takes and gives, its layers, its weights.

use std::fmt::Write;

use proc_macro2::Ident;
use quote::ToTokens;

use crate::graph::{Graph, LayerId, Num, Param, Shape};

/// What the lines of the layers are made of.
pub(super) struct Docs<'a> {
    graph: &'a Graph,
    /// The params of each layer, those of a block's layers among its own.
    params: Vec<Vec<&'a Param>>,
    /// Whether a layer is a block of layers.
    blocks: Vec<bool>,
}

impl<'a> Docs<'a> {
    pub(super) fn new(graph: &'a Graph) -> Docs<'a> {
        let mut params = vec![Vec::new(); graph.layers.len()];
        for param in &graph.params {
            let mut layer = Some(param.layer);
            while let Some(id) = layer {
                params[id].push(param);
                layer = graph.layers[id].parent;
            }
        }
        let mut blocks = vec![false; graph.layers.len()];
        graph.layers.iter().filter_map(|layer| layer.parent).for_each(|id| blocks[id] = true);
        Docs { graph, params, blocks }
    }

    /// The documentation of the struct. Layers are linked to their own structs, models that are layers to theirs.
    pub(super) fn model(&self, structs: &[Ident]) -> String {
        let graph = self.graph;
        let inputs: Vec<(String, String)> = graph
            .inputs
            .iter()
            .zip(&graph.values)
            .map(|(input, value)| (input.name.to_string(), array(graph, &value.shape, &input.dtype.to_string())))
            .collect();
        let outputs: Vec<(String, String)> = graph
            .outputs
            .iter()
            .map(|(name, value)| (name.clone(), array(graph, &graph.values[*value].shape, "f32")))
            .collect();
        let mut doc = String::from("A model compiled by keras.\n\n");
        let _ = writeln!(doc, "- {}\n- {}", several("Input", &inputs), several("Output", &outputs));
        let all: Vec<&Param> = graph.params.iter().collect();
        let _ = writeln!(doc, "- Weights: {}; trained: {}", total(graph, &all), trained(graph, &all));
        doc.push_str("\n| layer | class | output | weights | trained |\n|---|---|---|---|---|\n");
        for (id, layer) in graph.layers.iter().enumerate() {
            let params = &self.params[id];
            let path = graph.path(id).join(".");
            let name = match (&params[..], self.blocks[id]) {
                ([], _) => format!("`{path}`"),
                ([Param { part: Some(part), .. }], false) => {
                    let kind = part.kind.to_string().replace(' ', "");
                    let linked = part.model && !kind.contains('<');
                    if linked { format!("[`{path}`]({kind})") } else { format!("`{path}`") }
                }
                _ => format!("[`{path}`]({})", structs[id]),
            };
            let class = if self.blocks[id] { format!("{}!", layer.class) } else { layer.class.clone() };
            let trained = if params.is_empty() { String::new() } else { trained(graph, params) };
            let (output, weights) = (output(graph, id), total(graph, params));
            let _ = writeln!(doc, "| {name} | {class} | {output} | {weights} | {trained} |");
        }
        doc.truncate(doc.trim_end().len());
        doc
    }

    /// The documentation of a layer's field.
    pub(super) fn field(&self, id: LayerId) -> String {
        let graph = self.graph;
        let layer = &graph.layers[id];
        if self.blocks[id] {
            return format!("`{}`, a block `{}!`.", layer.name, layer.class);
        }
        let Some((inputs, _)) = layer.calls.first() else { return format!("`{}` ({}).", layer.name, layer.class) };
        let inputs: Vec<String> = inputs.iter().map(|&value| tuple(graph, &graph.values[value].shape.dims)).collect();
        format!("`{}` ({}): {} to {}.", layer.name, layer.class, inputs.join(" and "), output(graph, id))
    }
}

/// Dimensions as Python writes them.
pub(super) fn tuple(graph: &Graph, dims: &[Num]) -> String {
    let dims: Vec<String> = dims.iter().map(|dim| shown(graph, dim)).collect();
    match &dims[..] {
        [] => "…".to_owned(),
        [one] => format!("({one},)"),
        several => format!("({})", several.join(", ")),
    }
}

fn several(what: &str, list: &[(String, String)]) -> String {
    match list {
        [(_, kind)] => format!("{what}: {kind}"),
        list => {
            let list: Vec<String> = list.iter().map(|(name, kind)| format!("`{name}` is {kind}")).collect();
            format!("{what}s: {}", list.join(", "))
        }
    }
}

/// The nested array that samples of a shape are.
fn array(graph: &Graph, shape: &Shape, number: &str) -> String {
    if shape.opaque.is_some() {
        return "an array of the shape that the layer gives".to_owned();
    }
    let dims = shape.dims.iter().rev();
    let array = dims.fold(number.to_owned(), |inner, dim| format!("[{inner}; {}]", words(graph, dim)));
    format!("`{array}`")
}

/// A size in the words of the model: a number, or an expression.
fn words(graph: &Graph, size: &Num) -> String {
    if let Some(known) = size.known() {
        return known.to_string();
    }
    let text = graph.in_words(&size.to_token_stream().to_string());
    if text.contains(&graph.sizes().to_string()) { "…".to_owned() } else { unwrapped(&text).to_owned() }
}

/// Without parentheses around all of it.
fn unwrapped(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) else { return text };
    let mut depth = 0usize;
    for mark in inner.chars() {
        match mark {
            '(' => depth += 1,
            ')' if depth == 0 => return text,
            ')' => depth -= 1,
            _ => {}
        }
    }
    unwrapped(inner)
}

/// The same, as code where it is no number.
fn shown(graph: &Graph, size: &Num) -> String {
    let text = words(graph, size);
    if size.known().is_some() || text == "…" { text } else { format!("`{text}`") }
}

/// The shapes that the first call of a layer gives.
fn output(graph: &Graph, id: LayerId) -> String {
    let outputs = graph.layers[id].calls.first().map(|call| &call.1[..]).unwrap_or_default();
    let shapes: Vec<String> = outputs.iter().map(|&value| tuple(graph, &graph.values[value].shape.dims)).collect();
    shapes.join(", ")
}

/// How many weights these are. Those of layers that only rustc knows are named.
fn total(graph: &Graph, params: &[&Param]) -> String {
    let own = params.iter().filter(|param| param.part.is_none());
    let sum = shown(graph, &own.fold(Num::Lit(0), |sum, param| sum.add(&param.len())));
    let parts: Vec<String> = params
        .iter()
        .filter(|param| param.part.is_some())
        .map(|param| format!("`{}`", graph.path(param.layer).join(".")))
        .collect();
    match (parts.is_empty(), sum.as_str()) {
        (true, _) => sum,
        (false, "0") => format!("those of {}", parts.join(", ")),
        (false, _) => format!("{sum} and those of {}", parts.join(", ")),
    }
}

/// Which of these weights a training step changes, unless it is said otherwise when the program runs.
fn trained(graph: &Graph, params: &[&Param]) -> String {
    let (yes, no): (Vec<&Param>, Vec<&Param>) = params.iter().partition(|param| is_trained(graph, param));
    match (yes.is_empty(), no.is_empty()) {
        (_, true) => "all".to_owned(),
        (true, false) => "none".to_owned(),
        (false, false) => total(graph, &yes),
    }
}

fn is_trained(graph: &Graph, param: &Param) -> bool {
    let mut layer = Some(param.layer);
    while let Some(id) = layer {
        if !graph.layers[id].trainable {
            return false;
        }
        layer = graph.layers[id].parent;
    }
    param.trainable
}
