//! What layers build their ops with: shapes by rules, consts, weights, values.

use std::rc::Rc;

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};

use super::fields::local;
use super::given::require;
use super::{Args, Lower, Masks};
use crate::graph::{Input, Node, Num, Op, Param, ParamId, Shape, Value, ValueId, ops};

impl Lower<'_> {
    /// The path of the facade crate.
    pub fn krate(&self) -> &TokenStream {
        &self.graph.krate
    }

    /// The shape of a value.
    #[must_use]
    pub fn shape(&self, value: ValueId) -> Shape {
        self.graph.values[value].shape.clone()
    }

    /// Tells a mistake.
    pub fn error(&mut self, span: Span, message: impl std::fmt::Display) {
        self.errors.at(span, message);
    }

    /// What a rule answered, or const items that ask it. Nothing after a mistake.
    pub fn inferred(
        &mut self,
        span: Span,
        rank: usize,
        known: Option<keras_shapes::Inferred>,
        tokens: impl FnOnce() -> TokenStream,
    ) -> Option<Shape> {
        match known {
            Some(Ok(shape)) => Some(Shape::new(shape.dims().iter().map(|&dim| Num::Lit(dim)).collect())),
            Some(Err(message)) => {
                self.errors.at(span, message.as_str());
                None
            }
            None => {
                let (rule, shapes) = (tokens(), {
                    let krate = &self.graph.krate;
                    quote!(#krate::__private::shapes)
                });
                let shape = self.hidden(&quote!(#shapes::Shape), &quote!(#shapes::or_poison(#rule)));
                self.graph.checks.push(located(quote!(const _: () = #shapes::check(#rule);), span));
                let dims = (0..rank).map(|i| {
                    let i = Num::Lit(i);
                    Num::Const(quote!(#shape.dim(#i)))
                });
                Some(Shape { after: vec![shape.clone()], ..Shape::new(dims.collect()) })
            }
        }
    }

    /// Tells what a rule found wrong, or has a const item ask it. Nothing after a mistake.
    pub fn required(
        &mut self,
        span: Span,
        known: Option<keras_shapes::Inferred>,
        tokens: impl FnOnce() -> TokenStream,
    ) -> Option<()> {
        match known {
            Some(Ok(_)) => Some(()),
            Some(Err(message)) => {
                self.errors.at(span, message.as_str());
                None
            }
            None => {
                let (rule, krate) = (tokens(), &self.graph.krate);
                let check = quote!(const _: () = #krate::__private::shapes::check(#rule););
                self.graph.checks.push(located(check, span));
                Some(())
            }
        }
    }

    /// Gives a const expression of the user's a name of the generated code's.
    pub(super) fn name(&mut self, kind: &TokenStream, expr: &TokenStream) -> TokenStream {
        let named = self.hidden(kind, expr);
        let mut written = expr.to_string().replace(" :: ", "::").replace(" (", "(").replace(" [", "[");
        if written.contains(' ') {
            written = format!("({written})");
        }
        self.graph.written.push((named.to_string(), written));
        named
    }

    /// Gives a const expression a name of the generated code's.
    pub(super) fn hidden(&mut self, kind: &TokenStream, expr: &TokenStream) -> TokenStream {
        let (name, sizes) = (format_ident!("N{}", self.graph.consts.len()), self.graph.sizes());
        // The value does not depend on the model's const generic, so any will do.
        let path = if self.graph.generic.is_some() { quote!(<#sizes::<0>>) } else { quote!(#sizes) };
        self.graph.consts.push(quote!(const #name: #kind = #expr;));
        quote!(#path::#name)
    }

    /// A const item that asserts a condition of const expressions.
    pub fn check(&mut self, span: Span, condition: &TokenStream, message: &str) {
        let check = quote!(
            const _: () = ::core::assert!(#condition, #message);
        );
        self.graph.checks.push(located(check, span));
    }

    /// The number of a stream of random numbers that no other layer draws from.
    pub fn stream(&mut self) -> u32 {
        self.streams += 1;
        self.streams - 1
    }

    /// For a layer that was built by an earlier call: its input must have the features it was built for. Nothing after a
    /// mistake.
    pub fn built(&mut self, args: &Args, weight: &str, shape: &Shape) -> Option<()> {
        self.built_from(args, weight, shape, |weight| weight[0].clone())
    }

    /// The same, where the features are worked out from the weight's dimensions.
    pub(super) fn built_from(
        &mut self,
        args: &Args,
        weight: &str,
        shape: &Shape,
        features: impl FnOnce(&[Num]) -> Num,
    ) -> Option<()> {
        if !self.shared {
            return Some(());
        }
        let first = self.own(weight).map(|param| features(&self.graph.params[param].shape));
        match first {
            Some(first) => require!(self, args.span, shared(shape, first)),
            None => Some(()),
        }
    }

    fn own(&self, name: &str) -> Option<ParamId> {
        self.graph.params.iter().position(|param| param.layer == self.layer && param.name == name)
    }

    /// A weight of the layer, with the initializer, regularizer and constraint that the arguments `<name>_initializer` and
    /// so on give it; the one made by an earlier call of a shared layer.
    pub fn weight(&mut self, args: &Args, name: &'static str, shape: Vec<Num>, default: &str) -> ParamId {
        self.weight_by(args, name, name, shape, default)
    }

    /// The same with arguments of another name: `<by>_initializer` and so on.
    pub fn weight_by(&mut self, args: &Args, name: &'static str, by: &str, shape: Vec<Num>, default: &str) -> ParamId {
        if let Some(param) = self.own(name) {
            return param;
        }
        let init = args.object(&format!("{by}_initializer")).unwrap_or_else(|| {
            let parsed = self.initializers.entry(default.to_owned());
            let parse = || {
                let expr: syn::Expr = syn::parse_str(default).unwrap_or_else(|_| syn::parse_quote!(Zeros));
                let made = super::objects::parse(super::objects::Object::Initializer, &expr);
                made.map_or_else(|_| TokenStream::new(), |made| made.tokens())
            };
            parsed.or_insert_with(parse).clone()
        });
        self.norm_axes(args, name, &format!("{by}_constraint"), shape.len());
        self.graph.params.push(Param {
            layer: self.layer,
            name,
            shape,
            trainable: true,
            init,
            regularizer: args.object(&format!("{by}_regularizer")),
            constraint: args.object(&format!("{by}_constraint")),
            precision: self.precision,
            part: None,
        });
        self.graph.params.len() - 1
    }

    /// Tells dimensions of a constraint that the weight does not have.
    fn norm_axes(&mut self, args: &Args, name: &str, constraint: &str, rank: usize) {
        let Some(axes) = args.axes_of(constraint) else { return };
        let dim = |axis: i64| if axis < 0 { rank as i64 + axis } else { axis };
        for (i, &axis) in axes.iter().enumerate() {
            let wrong = match dim(axis) {
                at if !(0..rank as i64).contains(&at) => {
                    let s = if rank == 1 { "" } else { "s" };
                    format!("dimension {axis} of `{name}`, which has {rank} dimension{s}, counted from 0")
                }
                at if axes[..i].iter().any(|&other| dim(other) == at) => {
                    format!("dimension {axis} of `{name}` twice")
                }
                _ => continue,
            };
            let message = format!("`{}`: `{constraint}` names {wrong}", args.spec.name);
            return self.error(args.span_of(constraint), message);
        }
    }

    /// Makes a weight one that is never trained: state, which no policy rounds.
    pub fn freeze(&mut self, param: ParamId) {
        self.graph.params[param].trainable = false;
        self.unrounded(param);
    }

    pub(super) fn value(&mut self, shape: Shape, alias: Option<ValueId>) -> ValueId {
        let id = self.graph.values.len();
        let layer = self.graph.layers.get(self.layer).map_or("value", |layer| layer.name.as_str());
        let first = format!("{layer}_z");
        let count = self.value_names.iter().filter(|name| name.starts_with(&first)).count();
        let name = if count == 0 { first } else { format!("{first}{}", count + 1) };
        self.value_names.push(name.clone());
        let name = local(&name);
        self.graph.values.push(Value { gradient: name.clone(), name, shape, alias, mask: None });
        id
    }

    /// An op and the value it gives, rounded if the layer at hand has a policy.
    pub fn op(&mut self, op: Rc<dyn Op>, inputs: Vec<ValueId>, params: Vec<ParamId>, shape: Shape) -> ValueId {
        let rounded = self.is_rounded(&*op, &inputs);
        let output = self.plain_op(op, inputs, params, shape);
        match rounded {
            Some(rounded) => self.noted(output, rounded),
            None => self.round(output),
        }
    }

    /// An op and the value that it gives as it is.
    pub(super) fn plain_op(
        &mut self,
        op: Rc<dyn Op>,
        inputs: Vec<ValueId>,
        params: Vec<ParamId>,
        shape: Shape,
    ) -> ValueId {
        let output = self.value(shape, None);
        self.graph.ops.push(Node { op, layer: self.layer, inputs, output, params });
        output
    }

    /// The same numbers under another shape.
    pub fn alias(&mut self, value: ValueId, shape: Shape) -> ValueId {
        self.value(shape, Some(value))
    }

    /// Says which steps of a value count.
    pub fn mask(&mut self, value: ValueId, mask: ValueId) {
        self.graph.values[value].mask = Some(mask);
    }

    /// Which steps of a value count, if it was said.
    #[must_use]
    pub fn mask_of(&self, value: ValueId) -> Option<ValueId> {
        self.graph.values[value].mask
    }

    /// An input of integers as floats; other values as they are.
    pub(super) fn floats(&mut self, value: ValueId) -> ValueId {
        let is_f32 = |input: &Input| input.is_f32();
        if self.graph.inputs.get(value).is_none_or(is_f32) {
            return value;
        }
        if let Some(&(_, floats)) = self.floats.iter().find(|(input, _)| *input == value) {
            return floats;
        }
        let shape = self.shape(value);
        let floats = self.plain_op(Rc::new(ops::Cast), vec![value], vec![], shape);
        self.floats.push((value, floats));
        floats
    }

    /// Gives the outputs of a layer the masks that they have by those of its inputs.
    pub(super) fn masked(&mut self, masks: Masks, inputs: &[ValueId], outputs: &[ValueId]) {
        let mask = match masks {
            Masks::Kept => self.mask_of(inputs[0]),
            Masks::Merged => {
                let shape = self.shape(outputs[0]);
                let masks = self.masks(inputs, &shape);
                self.either(&masks)
            }
            Masks::Dropped | Masks::Own => None,
        };
        let Some(mask) = mask else { return };
        for &output in outputs.iter().filter(|output| !inputs.contains(output)) {
            self.mask(output, mask);
        }
    }

    /// Adds a penalty on a value to the loss.
    pub fn penalize(&mut self, value: ValueId, penalty: TokenStream) {
        let op = Rc::new(ops::ActivityPenalty(penalty.clone()));
        self.graph.ops.push(Node { op, layer: self.layer, inputs: vec![value], output: value, params: vec![] });
        self.graph.activity.push((value, penalty));
    }
}

/// The tokens with the same meaning, shown by rustc as if they stood at `span`.
pub(crate) fn located(tokens: TokenStream, span: Span) -> TokenStream {
    let token = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            let (own, stream) = (group.span(), located(group.stream(), span));
            token = TokenTree::Group(Group::new(group.delimiter(), stream));
            token.set_span(own);
        }
        token.set_span(token.span().located_at(span));
        token
    };
    tokens.into_iter().map(token).collect()
}
