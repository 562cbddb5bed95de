//! From calls to a graph: names, shapes, weights.

use std::collections::HashMap;
use std::rc::Rc;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::fields::{local, width};
use super::given::require;
use super::kinds::Arity;
use super::values::{size, switch};
use super::{Args, find};
use crate::Errors;
use crate::graph::code::Words;
use crate::graph::{Graph, Input, Layer, LayerId, Num, Shape, Value, ValueId, ops};
use crate::syntax::{Argument, Callee, Model, Node};

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
    no_input: bool,
    /// The inputs of integers that some layer takes, and their values as floats.
    pub(super) floats: Vec<(ValueId, ValueId)>,
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
        value_names: Vec::new(),
        initializers: HashMap::new(),
    };
    let mut results: Vec<Option<ValueId>> = cx.inputs(model, generic.as_ref());
    let names = cx.names(model);
    let mut built: HashMap<usize, LayerId> = HashMap::new();
    for node in &model.calls {
        cx.node(model, node, &mut results, &names, &mut built);
    }
    cx.errors.within = None;
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
    fn inputs(&mut self, model: &Model, generic: Option<&Ident>) -> Vec<Option<ValueId>> {
        if let Some(generic) = generic {
            let shape = Shape::new(vec![Num::Generic(quote!(#generic))]);
            return vec![Some(self.input(format_ident!("x"), shape, format_ident!("f32")))];
        }
        let mut results = Vec::new();
        for (i, input) in model.inputs.iter().enumerate() {
            let dims: Vec<syn::Result<Num>> = input.dims.iter().map(|dim| size(dim, 1)).collect();
            let mut shape = Shape::new(Vec::new());
            shape.poison = input.dims.is_empty();
            for dim in dims {
                match dim {
                    Ok(Num::Const(expr)) => shape.dims.push(Num::Const(self.name(&quote!(usize), &expr))),
                    Ok(n) => shape.dims.push(n),
                    Err(error) => {
                        let message = format!("`Input`: a dimension {error}");
                        self.errors.push(syn::Error::new(error.span(), message));
                        shape.poison = true;
                    }
                }
            }
            if shape.rank() > keras_shapes::MAX_RANK {
                let message = format!(
                    "`Input`: expected at the most {} dimensions, found {}",
                    keras_shapes::MAX_RANK,
                    shape.rank()
                );
                self.errors.at(input.span, message);
                shape.poison = true;
            }
            if !shape.poison {
                shape.poison = require!(self, input.span, input(shape)).is_none();
            }
            if shape.too_large() {
                self.errors.at(input.span, format!("`Input`: a sample of {TOO_LARGE}"));
                shape.poison = true;
            }
            let poison = shape.poison;
            let name = match (&input.name, model.inputs.len()) {
                (Some(name), _) => name.clone(),
                (None, 1) => format_ident!("x"),
                (None, _) => format_ident!("x{}", i),
            };
            let dtype = input.dtype.clone().unwrap_or_else(|| format_ident!("f32"));
            let value = self.input(name, shape, dtype);
            results.push((!poison).then_some(value));
        }
        results
    }

    fn input(&mut self, name: Ident, shape: Shape, dtype: Ident) -> ValueId {
        let name = local(&name.to_string());
        self.graph.inputs.push(Input { name: name.clone(), dtype });
        self.value_names.push(name.to_string());
        let gradient = name.clone();
        self.graph.values.push(Value { name, gradient, shape, alias: None, mask: None });
        self.graph.values.len() - 1
    }

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

    fn call(
        &mut self,
        model: &Model,
        node: &Node,
        inputs: Option<Vec<ValueId>>,
        names: &[String],
        built: &mut HashMap<usize, LayerId>,
    ) -> Option<Vec<ValueId>> {
        let call = &model.layers[node.layer];
        let word = match &call.callee {
            Callee::Word(word) => word,
            Callee::Path(path) => return self.part(path, model, node, inputs, names, built),
            // Blocks were put in their places.
            Callee::Block(_) => return None,
        };
        let Some(layer) = find(&word.to_string()) else {
            if built.insert(node.layer, usize::MAX).is_none() {
                self.errors.at(word.span(), super::unknown(&word.to_string()));
            }
            return None;
        };
        let spec = layer.spec();
        let first = !built.contains_key(&node.layer);
        let mut silent = Errors::default();
        let args = Args::bind(call, spec, if first { self.errors } else { &mut silent });
        let of_layer = |argument: &&Argument| {
            argument.keyword.as_ref().is_some_and(|word| layer.switches().iter().any(|known| word == known))
        };
        self.switched.clear();
        for argument in node.keywords.iter().filter(of_layer) {
            let Some(word) = &argument.keyword else { continue };
            let label = |error: syn::Error| syn::Error::new(error.span(), format!("`{}`: `{word}` {error}", spec.name));
            if self.errors.take(switch(&argument.value).map_err(label)) == Some(true) {
                self.switched.push(word.to_string());
            }
        }
        let words = node.keywords.iter().filter(|argument| !of_layer(argument));
        let words = words.filter_map(|argument| argument.keyword.as_ref());
        let values =
            node.given.iter().map(|(word, _)| word).filter(|word| layer.keywords().iter().all(|known| word != known));
        if let Some(keyword) = words.chain(values).next() {
            self.errors.at(keyword.span(), format!("`{}` is not called with an argument `{keyword}`", spec.name));
        }
        if self.graph.generic.is_some() && !matches!(spec.name, "Dense" | "Activation" | "Dropout") && first {
            // That it is missing is one mistake, however many layers need it.
            if !std::mem::replace(&mut self.no_input, true) {
                let message =
                    format!("`{}`: this layer needs a known input shape: start the model with `Input(…)`", spec.name);
                self.errors.on(&call.tokens, message);
            }
            built.insert(node.layer, usize::MAX);
            return None;
        }
        let many = node.args.len();
        let arity = match spec.inputs {
            Arity::One => many == 1,
            Arity::Several => many >= 2,
            // How many states there are is the cell's to say.
            Arity::States => many >= 1,
        };
        if !arity {
            let expected = spec.inputs.words();
            let hint = if model.sequential { "; a chain gives each layer one input: use `model!`" } else { "" };
            self.errors.at(node.span, format!("`{}` takes {expected}, found {many}{hint}", spec.name));
            built.insert(node.layer, usize::MAX);
            return None;
        }
        if first {
            let trainable = args.as_ref().is_none_or(|args| args.bool("trainable", true));
            self.add(model, node.layer, trainable, names, built);
        }
        let id = built[&node.layer];
        let (mut args, inputs) = (args?, inputs?);
        if id == usize::MAX {
            return None;
        }
        self.layer = id;
        self.shared = !first;
        args.consts(|kind, expr| self.name(&kind, &expr));
        if !first {
            args.span = node.span;
        }
        // A mask may be of integers.
        let of_floats = self.given.iter().filter(|(word, _)| !word.ends_with("mask"));
        let named: Vec<ValueId> = of_floats.flat_map(|(_, values)| values).copied().collect();
        let floats = |&&input: &&ValueId| self.graph.is_input(input) && !layer.integers();
        for &input in inputs.iter().chain(&named).filter(floats) {
            let dtype = &self.graph.inputs[self.graph.root(input)].dtype;
            if dtype != "f32" {
                let message = format!(
                    "`{}`: expected an input of f32, found one of {dtype}; `Embedding` and `Rescaling` take integers",
                    spec.name
                );
                self.errors.at(node.span, message);
                return None;
            }
        }
        let opaque = |value: &ValueId| self.graph.values[*value].shape.opaque.is_some();
        let given = || self.given.iter().flat_map(|(_, values)| values);
        if !layer.any_rank() && inputs.iter().any(opaque) || !layer.any_rank_given() && given().any(opaque) {
            self.rank_unknown(node.span, spec.name);
            return None;
        }
        self.results = node.results;
        let taken: Vec<ValueId> = inputs.iter().map(|&input| self.floats(input)).collect();
        let given = match &call.wrapped {
            Some(_) => self.block_by_steps(model, (call, &args), taken[0], names, built)?,
            // What is wrong with the block was told.
            None if call.broken && call.block_within().is_some() => return None,
            None => layer.lower(&args, &taken, self)?,
        };
        self.masked(layer.masks(), &taken, &given);
        if given.len() != node.results {
            let message = format!(
                "`{}` gives {}, bound to {}",
                spec.name,
                counted(given.len(), "result"),
                counted(node.results, "name")
            );
            self.errors.at(node.span, message);
            return None;
        }
        let weights = self.graph.params.iter().filter(|param| param.layer == id);
        if weights.map(|param| Shape::new(param.shape.clone())).any(|shape| shape.too_large()) {
            self.errors.at(args.span, format!("`{}`: a weight of {TOO_LARGE}", spec.name));
            return None;
        }
        if given.iter().any(|&value| self.graph.values[value].shape.too_large()) {
            self.errors.at(args.span, format!("`{}`: an output of {TOO_LARGE}", spec.name));
            return None;
        }
        let named = std::mem::take(&mut self.given).into_iter().flat_map(|(_, values)| values);
        self.called(id, inputs.into_iter().chain(named).collect(), &given);
        Some(given)
    }

    /// Adds a layer of the model to the graph, and the blocks that it is part of if they are not there yet.
    pub(super) fn add(
        &mut self,
        model: &Model,
        layer: usize,
        trainable: bool,
        names: &[String],
        built: &mut HashMap<usize, LayerId>,
    ) -> LayerId {
        let call = &model.layers[layer];
        let parent = call.parent.map(|block| match built.get(&block) {
            Some(&id) => id,
            None => {
                // What is no switch was told where the block was put in its place.
                let args = &model.layers[block].args;
                let given = args.iter().find(|arg| arg.keyword.as_ref().is_some_and(|word| word == "trainable"));
                let trainable = given.and_then(|arg| switch(&arg.value).ok()).unwrap_or(true);
                self.add(model, block, trainable, names, built)
            }
        });
        let id = self.graph.layers.len();
        let class = super::class(&call.callee);
        let (name, span, place) = (names[layer].clone(), call.span(), call.place());
        self.graph.layers.push(Layer { name, class, parent, calls: Vec::new(), trainable, span, place });
        built.insert(layer, id);
        id
    }

    /// Notes a call of a layer, and names the values it gives after it.
    pub(super) fn called(&mut self, layer: LayerId, inputs: Vec<ValueId>, given: &[ValueId]) {
        let calls = self.graph.layers[layer].calls.len();
        for (i, &value) in given.iter().enumerate() {
            let mut name = self.graph.path(layer).join("_");
            if calls > 0 {
                name = format!("{name}_call{calls}");
            }
            if i > 0 {
                name = format!("{name}_{i}");
            }
            self.graph.values[value].name = local(&name);
            self.value_names[value] = name;
        }
        self.graph.layers[layer].calls.push((inputs, given.to_vec()));
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
}

impl Lower<'_> {
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

/// `1 result`, `3 results`.
fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

const TOO_LARGE: &str = "more than 2^40 numbers is too large";
