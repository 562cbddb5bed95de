//! Layers that the compiler does not know: those of the user's, and models that are layers.
//!
//! A path that is called with arguments, or whose last word is a function, makes a layer of the user's:
//! `self::Scale(0.5)`, `self::Scale::new(0.5)`. A path without arguments by position names a model: `self::Backbone`. What
//! the compiler has to know of either, shapes and sizes, it asks of a const in the generated code; that const is the only
//! place that names the traits, so that a type which is neither gives one error.

use std::collections::HashMap;
use std::rc::Rc;

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Expr, Path};

use super::build::located;
use super::given::require;
use super::own_cell::{OwnCell, Sequence};
use super::values::{field, size, switch};
use super::{Args, Lower, policy};
use crate::graph::{LayerId, Num, Param, ParamId, Part, Precision, Shape, ValueId, ops};
use crate::syntax::sequential::dims_of;
use crate::syntax::{Call, Callee, Model, Node};

/// What a call by a path says.
pub(super) struct Written {
    /// The arguments of the constructor.
    pub(super) args: Vec<Expr>,
    /// Its name, if it was written.
    pub(super) name: Option<String>,
    pub(super) trainable: bool,
    /// What it computes in, if that was written.
    pub(super) policy: Option<Precision>,
    /// The shape of the output, if it was written.
    pub(super) output: Option<Vec<Num>>,
}

/// What a layer of the user's is given.
struct Rows {
    x: ValueId,
    /// The shape of a sample.
    each: Shape,
    /// How many samples each row has, if that is not one.
    steps: Option<Num>,
}

impl Lower<'_> {
    /// Lowers one call of a layer that is a path.
    pub(super) fn part(
        &mut self,
        path: &Path,
        model: &Model,
        node: &Node,
        inputs: Option<Vec<ValueId>>,
        names: &[String],
        built: &mut HashMap<usize, LayerId>,
    ) -> Option<Vec<ValueId>> {
        let (call, first) = (&model.layers[node.layer], !built.contains_key(&node.layer));
        let Some(written) = self.written(call, first) else {
            built.insert(node.layer, usize::MAX);
            return None;
        };
        let kind = kind(path, &written);
        let class = super::fields::class(path);
        if first {
            self.add(model, node.layer, written.trainable, names, built);
        }
        let id = built[&node.layer];
        let [x] = inputs?[..] else {
            self.errors.at(node.span, format!("`{class}` takes one input, found {}", node.args.len()));
            return None;
        };
        self.precision = Precision::Float32;
        let policy = self.policy_of(model, call, None);
        // What is wrong was told at the first call.
        let told = !first && written.policy.unwrap_or(policy) != Precision::Float32;
        let follows = is_model(path, &written) || !told && self.own_policy(call.span(), &class, &written, policy);
        if id == usize::MAX || !follows || !self.fits(node, x, &class) {
            return None;
        }
        let states = self.keyword("states");
        if node.results != 1 && states.is_none() {
            self.errors.at(node.span, format!("`{class}` gives 1 result, bound to {} names", node.results));
            return None;
        }
        (self.layer, self.shared) = (id, !first);
        if let Some(states) = states {
            let results = self.own_step(node, &OwnCell::new(path, written, id), x, &states)?;
            self.called(id, [x].into_iter().chain(states).collect(), &results);
            return Some(results);
        }
        // Both name the user's type at its own place and nowhere else.
        let span = path.span();
        if is_model(path, &written) && self.is_itself(path) {
            self.errors
                .at(span, format!("a model cannot be a layer of itself: `{class}` is the model that is made here"));
            return None;
        }
        let kind = located(kind.to_token_stream(), span);
        // What is wrong with a later call is told there.
        let spans = [span, if first { span } else { node.span }];
        let y = if is_model(path, &written) {
            self.nested(&kind, &class, spans, x, written.output)?
        } else {
            self.again(spans[1], &class, x)?;
            let value = construction(path, &written.args);
            self.user(&kind, &value, &class, span, Rows { x, each: self.shape(x), steps: None }, written.output)?
        };
        self.called(id, vec![x], &[y]);
        Some(vec![y])
    }

    /// Lowers a layer that is a path at each step of a sequence, as part of the layer at hand. Nothing after a mistake.
    pub(super) fn part_by_steps(
        &mut self,
        args: &Args,
        path: &Path,
        call: &Call,
        sequence: &Sequence,
    ) -> Option<Vec<ValueId>> {
        let built = self.shared;
        let written = self.written(call, !built)?;
        let (class, span) = (super::fields::class(path), path.span());
        let kind = located(kind(path, &written).to_token_stream(), span);
        let id = self.placed(call, &class, written.name.as_deref(), "", 0, written.trainable);
        self.built_for(args.span, &class, id, sequence)?;
        if !is_model(path, &written) {
            if !self.own_policy(span, &class, &written, self.precision) {
                return None;
            }
            let value = construction(path, &written.args);
            let Sequence { x, steps, each } = sequence;
            let rows = Rows { x: *x, each: each.clone(), steps: Some(steps.clone()) };
            let y = self.within_id(id, built, |cx| cx.user(&kind, &value, &class, span, rows, written.output));
            return Some(vec![y?]);
        }
        self.by_steps([args.span, span], sequence, |cx, x, _| {
            let y = cx.within_id(id, built, |cx| cx.nested(&kind, &class, [span; 2], x, written.output.clone()));
            Some(vec![y?])
        })
    }

    /// Whether a path names the model that it stands in.
    fn is_itself(&self, path: &Path) -> bool {
        let words: Vec<_> = path.segments.iter().map(|segment| &segment.ident).collect();
        matches!(words[..], [module, model] if module == "self" && *model == self.graph.name)
    }

    /// Tells that a layer has to know how many dimensions its input has.
    pub(super) fn rank_unknown(&mut self, span: Span, layer: &str) {
        let message = format!(
            "`{layer}`: how many dimensions its input has is known to rustc only; say it where the input is made: \
             `self::Name(…, output_shape = [4, 8])`"
        );
        self.errors.at(span, message);
    }

    /// Whether a value is something that such a layer can take.
    fn fits(&mut self, node: &Node, x: ValueId, class: &str) -> bool {
        if self.graph.generic.is_some() {
            let message = format!("`{class}`: this layer needs a known input shape: start the model with `Input(…)`");
            self.errors.at(node.span, message);
            return false;
        }
        if self.graph.is_input(x) {
            let dtype = &self.graph.inputs[self.graph.root(x)].dtype;
            if dtype != "f32" {
                let message = format!("`{class}`: expected an input of f32, found one of {dtype}");
                self.errors.at(node.span, message);
                return false;
            }
        }
        true
    }

    /// Reads the arguments. Nothing after a mistake, which is told at the first call of the layer.
    pub(super) fn written(&mut self, call: &Call, first: bool) -> Option<Written> {
        let before = self.errors.len();
        let mut written = Written { args: Vec::new(), name: None, trainable: true, policy: None, output: None };
        for argument in &call.args {
            let Some(keyword) = &argument.keyword else {
                written.args.push(argument.value.clone());
                continue;
            };
            let label = |error: syn::Error| syn::Error::new(error.span(), format!("`{keyword}` {error}"));
            match keyword.to_string().as_str() {
                "name" => written.name = self.errors.take(field(&argument.value).map_err(label)),
                "trainable" => {
                    written.trainable = self.errors.take(switch(&argument.value).map_err(label)).unwrap_or(true);
                }
                "dtype" => written.policy = self.errors.take(policy::read(&argument.value).map_err(label)),
                "output_shape" => written.output = self.output_shape(&argument.value),
                other => {
                    let message = format!(
                        "a layer of one's own takes its arguments by position; by name there are `name`, `trainable`, \
                         `dtype` and `output_shape`, found `{other}`"
                    );
                    self.errors.at(keyword.span(), message);
                }
            }
        }
        if let (Some(_), Callee::Path(path)) = (written.policy, &call.callee)
            && is_model(path, &written)
        {
            let message = format!(
                "`{0}` is a model, whose layers compute as it says itself: write `#[dtype = \"…\"]` before its `struct {0}`",
                super::fields::class(path)
            );
            let given = call.args.iter().find(|arg| arg.keyword.as_ref().is_some_and(|word| word == "dtype"));
            self.errors.at(given.map_or(path.span(), |arg| arg.value.span()), message);
        }
        let right = self.errors.len() == before && !call.broken;
        if !first {
            self.errors.truncate(before);
        }
        right.then_some(written)
    }

    fn output_shape(&mut self, value: &Expr) -> Option<Vec<Num>> {
        let dims = dims_of(value);
        if dims.is_empty() || dims.len() > keras_shapes::MAX_RANK {
            let message = format!("`output_shape` has 1 to {} dimensions: `[4, 8]`", keras_shapes::MAX_RANK);
            self.errors.on(value, message);
            return None;
        }
        let mut nums = Vec::new();
        for dim in &dims {
            match size(dim, 1) {
                Ok(Num::Const(expr)) => nums.push(Num::Const(self.name(&quote!(usize), &expr))),
                Ok(n) => nums.push(n),
                Err(error) => {
                    let message = format!("`output_shape`: a dimension {error}");
                    self.errors.push(syn::Error::new(error.span(), message));
                    return None;
                }
            }
        }
        Some(nums)
    }

    /// The weights of the layer, one param of a kind of its own.
    pub(super) fn weights(&mut self, info: &TokenStream, kind: TokenStream, model: bool) -> ParamId {
        if let Some(id) = self.graph.params.iter().position(|param| param.layer == self.layer) {
            return id;
        }
        self.graph.params.push(Param {
            layer: self.layer,
            name: "",
            shape: vec![Num::Const(quote!(#info.weights))],
            trainable: self.graph.layers[self.layer].trainable,
            init: TokenStream::new(),
            regularizer: None,
            constraint: None,
            precision: Precision::Float32,
            part: Some(Part { kind, info: info.clone(), model }),
        });
        self.graph.params.len() - 1
    }

    /// The shape of an output: as written, or as the const has it.
    pub(super) fn given(
        &mut self,
        span: Span,
        class: &str,
        found: TokenStream,
        written: Option<Vec<Num>>,
    ) -> Option<Shape> {
        let found = Shape::opaque(found);
        let Some(dims) = written else { return Some(found) };
        let shape = Shape::new(dims);
        require!(self, span, declared(shape, found, class.to_owned()))?;
        Some(shape)
    }

    /// For a layer called again: samples of the shape that it was first called with.
    fn again(&mut self, span: Span, class: &str, x: ValueId) -> Option<()> {
        let first = self.graph.layers[self.layer].calls.first().map(|call| call.0[0]);
        if let Some(first) = first {
            let (shape, first) = (self.shape(x), self.shape(first));
            require!(self, span, again(shape, first, class.to_owned()))?;
        }
        Some(())
    }

    fn user(
        &mut self,
        kind: &TokenStream,
        value: &TokenStream,
        class: &str,
        span: Span,
        Rows { x, each, steps }: Rows,
        output: Option<Vec<Num>>,
    ) -> Option<ValueId> {
        let krate = self.krate().clone();
        let private = quote!(#krate::__private);
        let sample = located(each.array(&krate, &quote!(f32)), span);
        let layer = self.hidden(kind, value);
        let info = self
            .hidden(&quote!(#private::layer::Own<#kind, #sample>), &located(quote!(#private::layer::Own::of()), span));
        let shape = self.given(span, class, quote!(#info.output), output)?;
        let saved = Num::Const(quote!(#info.saved));
        let (shape, saved) = match &steps {
            Some(steps) => (shape.with_first(steps.clone()), steps.mul(&saved)),
            None => (shape, saved),
        };
        let saved = self.value(Shape::new(vec![saved]), None);
        let layers = quote!(#private::layer);
        let weights = quote!(<#layers::Weighing<{ #info.weights }> as #layers::Weighs<#kind, #sample>>::Weights);
        let param = self.weights(&info, located(weights, span), false);
        let stream = self.stream();
        let op = ops::Own { layer, info, saved, stream, steps };
        Some(self.op(Rc::new(op), vec![x], vec![param], shape))
    }

    fn nested(
        &mut self,
        kind: &TokenStream,
        class: &str,
        [span, call]: [Span; 2],
        x: ValueId,
        output: Option<Vec<Num>>,
    ) -> Option<ValueId> {
        let krate = self.krate().clone();
        let private = quote!(#krate::__private);
        let info =
            self.hidden(&quote!(#private::layer::Nested<#kind>), &located(quote!(#private::layer::Nested::of()), span));
        let taken = Shape::opaque(quote!(#info.input));
        let shape = self.shape(x);
        require!(self, call, nested(shape, taken, class.to_owned()))?;
        let shape = self.given(span, class, quote!(#info.output), output)?;
        let mut area = |len| self.value(Shape::new(vec![Num::Const(len)]), None);
        let kept = area(quote!(#info.train.kept));
        let temp = area(quote!(#info.train.temp));
        let infer = area(quote!(#info.infer.temp));
        self.graph.regions.push(kept);
        let param = self.weights(&info, kind.clone(), true);
        let stream = self.stream();
        let carried = self.carried_by(Num::Const(quote!(#info.graph.carried)));
        let op = ops::Nested { info, kept, temp, infer, stream, carried };
        Some(self.op(Rc::new(op), vec![x], vec![param], shape))
    }
}

/// The call that makes a layer. Its parentheses stand at the path, so that rustc shows no more than that.
pub(super) fn construction(path: &Path, args: &[Expr]) -> TokenStream {
    let mut parentheses = Group::new(Delimiter::Parenthesis, quote!(#(#args),*));
    parentheses.set_span(path.segments.last().map_or_else(Span::call_site, |last| last.ident.span()));
    quote!(#path #parentheses)
}

/// Whether a path by itself stands for a function: `self::Scale::new`.
pub(super) fn is_function(path: &Path) -> bool {
    path.segments.last().is_some_and(|last| last.ident.to_string().starts_with(char::is_lowercase))
}

fn is_model(path: &Path, written: &Written) -> bool {
    written.args.is_empty() && !is_function(path)
}

/// The type that a path names or makes.
pub(super) fn kind(path: &Path, written: &Written) -> Path {
    let mut kind = path.clone();
    if is_function(path) && path.segments.len() > 1 && !is_model(path, written) {
        kind.segments.pop();
        kind.segments.pop_punct();
    }
    kind
}
