//! From calls to a graph: names, shapes, weights.

use std::collections::HashMap;
use std::rc::Rc;

use proc_macro2::{Ident, TokenStream};

use super::fields::width;
use crate::Errors;
use crate::graph::code::Words;
use crate::graph::{Graph, LayerId, Precision, ValueId, ops};
use crate::syntax::{Model, Node};

/// What a layer builds its ops with.
pub struct Lower<'a> {
    pub(super) graph: Graph,
    pub(super) errors: &'a mut Errors,
    pub(super) layer: LayerId,
    pub(super) streams: u32,
    /// What the call at hand is given by keyword.
    pub(super) given: Vec<(String, Vec<ValueId>)>,
    /// What the call switches on by keyword.
    pub(super) switched: Vec<String>,
    /// To how many names the results of the call at hand are bound.
    pub(super) results: usize,
    /// Whether the layer was built by an earlier call of it.
    pub(super) shared: bool,
    /// The spectral normalization that the layer at hand is within.
    pub(super) spectral: Option<super::spectral_normalization::Normalizing>,
    /// Whether it was told that `Input` is missing.
    pub(super) no_input: bool,
    /// The inputs of integers that some layer takes, and their values as floats.
    pub(super) floats: Vec<(ValueId, ValueId)>,
    /// What the layer at hand computes in,
    pub(super) precision: Precision,
    /// and layers that do not say.
    pub(super) policy: Precision,
    /// Values that are rounded, and to what.
    pub(super) rounded: Vec<(ValueId, Precision)>,
    /// Values that were rounded as inputs of layers: to what, and the result.
    pub(super) taken: Vec<(ValueId, Precision, ValueId)>,
    /// The names of the values: as text they are compared often.
    pub(super) value_names: Vec<String>,
    /// What stands for the default initializers that were met.
    pub(super) initializers: HashMap<String, TokenStream>,
}

/// Lowers a model. What follows from a mistake that was told is silent.
pub fn lower(krate: TokenStream, model: &Model, errors: &mut Errors) -> Graph {
    let name = model.name();
    let generic = model.inputs.is_empty().then(|| width(model));
    let graph = Graph {
        words: Words::new(),
        krate,
        name,
        sequential: model.sequential,
        generic: generic.clone(),
        inputs: Vec::new(),
        layers: Vec::new(),
        params: Vec::new(),
        values: Vec::new(),
        ops: Vec::new(),
        outputs: Vec::new(),
        activity: Vec::new(),
        consts: Vec::new(),
        written: Vec::new(),
        checks: Vec::new(),
        carried: Vec::new(),
        regions: Vec::new(),
    };
    let mut cx = Lower {
        graph,
        errors,
        layer: 0,
        streams: 0,
        given: Vec::new(),
        switched: Vec::new(),
        results: 0,
        shared: false,
        spectral: None,
        no_input: false,
        floats: Vec::new(),
        precision: Precision::Float32,
        policy: Precision::Float32,
        rounded: Vec::new(),
        taken: Vec::new(),
        value_names: Vec::new(),
        initializers: HashMap::new(),
    };
    cx.model_policy(model);
    let mut results: Vec<Option<ValueId>> = cx.inputs(model, generic.as_ref());
    let names = cx.names(model);
    let mut built: HashMap<usize, LayerId> = HashMap::new();
    for node in &model.calls {
        cx.node(model, node, &mut results, &names, &mut built);
    }
    cx.errors.within = None;
    cx.precision = Precision::Float32;
    for &output in &model.outputs {
        if let Some(value) = results.get(output).copied().flatten() {
            cx.output(value);
        }
    }
    cx.unused();
    cx.distinct();
    cx.graph
}

impl Lower<'_> {
    /// Lowers one call, and puts its results behind those of the calls before it.
    pub(super) fn node(
        &mut self,
        model: &Model,
        node: &Node,
        results: &mut Vec<Option<ValueId>>,
        names: &[String],
        built: &mut HashMap<usize, LayerId>,
    ) {
        self.errors.within = within(model, node.layer);
        let inputs: Option<Vec<ValueId>> = node.args.iter().map(|&arg| results.get(arg).copied().flatten()).collect();
        let named = |(word, values): &(Ident, Vec<usize>)| {
            let values: Option<Vec<ValueId>> =
                values.iter().map(|&value| results.get(value).copied().flatten()).collect();
            Some((word.to_string(), values?))
        };
        let named: Option<Vec<(String, Vec<ValueId>)>> = node.given.iter().map(named).collect();
        let inputs = inputs.filter(|_| named.is_some());
        self.given = named.unwrap_or_default();
        match self.call(model, node, inputs, names, built) {
            Some(values) => results.extend(values.into_iter().map(Some)),
            None => results.extend(std::iter::repeat_n(None, node.results)),
        }
    }

    /// An output. A value that no op of its own makes (an input, or a value that is an output already) is copied, since
    /// each output has a buffer of its own.
    fn output(&mut self, value: ValueId) {
        let made = |layer: &&LayerId| self.graph.layers[**layer].calls.iter().any(|call| call.1.contains(&value));
        let layers: Vec<LayerId> = (0..self.graph.layers.len()).collect();
        let name = match layers.iter().rev().find(made) {
            Some(&layer) => self.graph.path(layer).join("_"),
            None => self.graph.values[value].name.to_string(),
        };
        let root = self.graph.root(value);
        let taken = self.graph.outputs.iter().any(|(_, other)| self.graph.root(*other) == root);
        let mut value = value;
        if taken || self.graph.is_input(value) {
            let shape = self.shape(value);
            value = self.op(Rc::new(ops::Activation(ops::Act::Linear)), vec![value], vec![], shape);
        }
        self.graph.outputs.push((name, value));
    }

    /// Tells of weights that no call uses: they would have no gradient.
    fn unused(&mut self) {
        if !self.errors.is_empty() {
            return;
        }
        for (id, param) in self.graph.params.iter().enumerate() {
            if self.graph.ops.iter().any(|node| node.params.contains(&id)) {
                continue;
            }
            let layer = &self.graph.layers[param.layer];
            let message = format!(
                "`{}`: no call uses its weight `{}`, which would have no gradient; call it so, or leave out what makes it",
                layer.class, param.name
            );
            self.errors.at(layer.span, message);
        }
    }
}

/// The blocks that a layer is part of, for messages.
fn within(model: &Model, layer: usize) -> Option<String> {
    let block = model.layers.get(layer)?.parent?;
    if model.layers[block].wrapped.is_some() {
        return within(model, block);
    }
    let name = format!("{}!", super::class(&model.layers[block].callee));
    Some(within(model, block).map_or(name.clone(), |outer| format!("{outer}, {name}")))
}

/// What is said of a value whose size no memory has.
pub(super) const TOO_LARGE: &str = "more than 2^40 numbers is too large";
