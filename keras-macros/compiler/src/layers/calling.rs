//! One call of a layer of keras: what it is given is checked, its ops are built, and what it gives is named.

use std::collections::HashMap;

use super::fields::local;
use super::kinds::Arity;
use super::lower::TOO_LARGE;
use super::values::switch;
use super::{Args, Lower, Spec, find};
use crate::Errors;
use crate::graph::{Layer, LayerId, Shape, ValueId};
use crate::syntax::{Argument, Call, Callee, Model, Node};

impl Lower<'_> {
    /// Lowers one call: the values it gives. Nothing after a mistake.
    pub(super) fn call(
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
        self.by_keyword(layer, node);
        if first && !self.shape_known(call, spec) || !self.arity(model, node, spec) {
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
        self.takes(layer, node, &inputs)?;
        self.results = node.results;
        self.precision = self.policy_of(model, call, args.policy());
        let taken: Vec<ValueId> = inputs
            .iter()
            .map(|&input| {
                let floats = self.floats(input);
                if layer.rounds_inputs() { self.as_policy(floats) } else { floats }
            })
            .collect();
        self.given_as_policy();
        let given = match &call.wrapped {
            Some(_) => self.block_by_steps(model, (call, &args), taken[0], names, built)?,
            // What is wrong with the block was told.
            None if call.broken && call.block_within().is_some() => return None,
            None => layer.lower(&args, &taken, self)?,
        };
        self.masked(layer.masks(), &taken, &given);
        self.gives(&args, node, &given)?;
        let named = std::mem::take(&mut self.given).into_iter().flat_map(|(_, values)| values);
        self.called(id, inputs.into_iter().chain(named).collect(), &given);
        Some(given)
    }

    /// Makes the values that the call is given by keyword what the layer's policy wants. Masks are no numbers to compute with.
    fn given_as_policy(&mut self) {
        let mut given = std::mem::take(&mut self.given);
        for value in given.iter_mut().filter(|(word, _)| !word.ends_with("mask")).flat_map(|(_, values)| values) {
            *value = self.as_policy(*value);
        }
        self.given = given;
    }

    /// Notes what the call switches on, and tells of arguments by keyword that the layer is not called with.
    fn by_keyword(&mut self, layer: &dyn super::Layer, node: &Node) {
        let name = layer.spec().name;
        let of_layer = |argument: &&Argument| {
            argument.keyword.as_ref().is_some_and(|word| layer.switches().iter().any(|known| word == known))
        };
        self.switched.clear();
        for argument in node.keywords.iter().filter(of_layer) {
            let Some(word) = &argument.keyword else { continue };
            let label = |error: syn::Error| syn::Error::new(error.span(), format!("`{name}`: `{word}` {error}"));
            if self.errors.take(switch(&argument.value).map_err(label)) == Some(true) {
                self.switched.push(word.to_string());
            }
        }
        let words = node.keywords.iter().filter(|argument| !of_layer(argument));
        let words = words.filter_map(|argument| argument.keyword.as_ref());
        let values =
            node.given.iter().map(|(word, _)| word).filter(|word| layer.keywords().iter().all(|known| word != known));
        if let Some(keyword) = words.chain(values).next() {
            self.errors.at(keyword.span(), format!("`{name}` is not called with an argument `{keyword}`"));
        }
    }

    /// Whether the shape of the model's input is known, or the layer can do without.
    fn shape_known(&mut self, call: &Call, spec: &Spec) -> bool {
        if self.graph.generic.is_none() || matches!(spec.name, "Dense" | "Activation" | "Dropout") {
            return true;
        }
        // That it is missing is one mistake, however many layers need it.
        if !std::mem::replace(&mut self.no_input, true) {
            let message =
                format!("`{}`: this layer needs a known input shape: start the model with `Input(…)`", spec.name);
            self.errors.on(&call.tokens, message);
        }
        false
    }

    /// Whether the call has as many inputs as the layer takes.
    fn arity(&mut self, model: &Model, node: &Node, spec: &Spec) -> bool {
        let found = node.args.len();
        let fits = match spec.inputs {
            Arity::One => found == 1,
            Arity::Several => found >= 2,
            // How many states there are is the cell's to say.
            Arity::States => found >= 1,
        };
        if !fits {
            let expected = spec.inputs.words();
            let hint = if model.sequential { "; a chain gives each layer one input: use `model!`" } else { "" };
            self.errors.at(node.span, format!("`{}` takes {expected}, found {found}{hint}", spec.name));
        }
        fits
    }

    /// Whether the layer can take such inputs and values by keyword: floats, or integers, and of so many dimensions as only
    /// rustc knows. Nothing after a mistake.
    fn takes(&mut self, layer: &dyn super::Layer, node: &Node, inputs: &[ValueId]) -> Option<()> {
        let name = layer.spec().name;
        // A mask may be of integers.
        let of_floats = self.given.iter().filter(|(word, _)| !word.ends_with("mask"));
        let named: Vec<ValueId> = of_floats.flat_map(|(_, values)| values).copied().collect();
        let floats = |&&input: &&ValueId| self.graph.is_input(input) && !layer.integers();
        for &input in inputs.iter().chain(&named).filter(floats) {
            let dtype = &self.graph.inputs[self.graph.root(input)].dtype;
            if dtype != "f32" {
                let message = format!(
                    "`{name}`: expected an input of f32, found one of {dtype}; `Embedding` and `Rescaling` take integers"
                );
                self.errors.at(node.span, message);
                return None;
            }
        }
        let opaque = |value: &ValueId| self.graph.values[*value].shape.opaque.is_some();
        let mut given = self.given.iter().flat_map(|(_, values)| values);
        if !layer.any_rank() && inputs.iter().any(opaque) || !layer.any_rank_given() && given.any(opaque) {
            self.rank_unknown(node.span, name);
            return None;
        }
        Some(())
    }

    /// Whether the layer at hand gives as many values as the call has names for, and neither they nor its weights are larger
    /// than any memory. Nothing after a mistake.
    fn gives(&mut self, args: &Args, node: &Node, given: &[ValueId]) -> Option<()> {
        let name = args.spec.name;
        if given.len() != node.results {
            let message = format!(
                "`{name}` gives {}, bound to {}",
                counted(given.len(), "result"),
                counted(node.results, "name")
            );
            self.errors.at(node.span, message);
            return None;
        }
        let weights = self.graph.params.iter().filter(|param| param.layer == self.layer);
        if weights.map(|param| Shape::new(param.shape.clone())).any(|shape| shape.too_large()) {
            self.errors.at(args.span, format!("`{name}`: a weight of {TOO_LARGE}"));
            return None;
        }
        if given.iter().any(|&value| self.graph.values[value].shape.too_large()) {
            self.errors.at(args.span, format!("`{name}`: an output of {TOO_LARGE}"));
            return None;
        }
        Some(())
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
}

/// `1 result`, `3 results`.
fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
