//! The arguments of a call, bound to those that its layer has.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned;

use super::activations::Chosen;
use super::bound::{Bound, Dim, Float};
use super::equation::Equation;
use super::kinds::{COMMON, Kind, Padding, Spec};
use super::values::bind;
use crate::Errors;
use crate::errors::suggestion;
use crate::graph::{Num, Precision};
use crate::syntax::Call;

/// The arguments of one call, each checked to be of its kind.
#[derive(Debug)]
pub struct Args {
    pub(super) spec: &'static Spec,
    values: Vec<(&'static str, Bound, Span)>,
    /// The whole call.
    pub tokens: TokenStream,
    /// Where the call begins.
    pub span: Span,
}

impl Args {
    /// Binds a call's arguments to a layer's. All mistakes are told; nothing comes back if there was one.
    pub fn bind(call: &Call, spec: &'static Spec, errors: &mut Errors) -> Option<Args> {
        let before = errors.len();
        // Whether a mistake that was told may be why an argument is missing.
        let mut broken = call.broken || misspelt(call, spec);
        let all = || spec.args.iter().chain(COMMON);
        let mut args = Args { spec, values: Vec::new(), tokens: call.tokens.clone(), span: call.span() };
        for (position, argument) in call.args.iter().enumerate() {
            let found = match &argument.keyword {
                Some(word) => {
                    let found = all().find(|(name, _)| word == name);
                    if found.is_none() {
                        let near = suggestion(&word.to_string(), all().map(|(name, _)| *name));
                        let supported = all().filter(|(_, kind)| !matches!(kind, Kind::Absent(_)));
                        let list: Vec<&str> = supported.map(|(name, _)| *name).collect();
                        let message =
                            format!("`{}` has no argument `{word}`{near}\navailable: {}", spec.name, list.join(", "));
                        errors.at(word.span(), message);
                    }
                    found
                }
                None => {
                    let found = spec.args.get(position);
                    let after = call.args[..position].iter().find_map(|argument| argument.keyword.as_ref());
                    match (found, after) {
                        (Some(_), None) => {}
                        (_, Some(word)) => {
                            let message = format!(
                                "`{}`: an argument by position cannot follow one by name (`{word} = …`)",
                                spec.name
                            );
                            errors.on(&argument.value, message);
                            broken = true;
                            continue;
                        }
                        (None, None) => {
                            let most = most_by_position(spec.args.len());
                            errors.on(&argument.value, format!("`{}` takes {most}", spec.name));
                        }
                    }
                    found
                }
            };
            let Some(&(name, kind)) = found else { continue };
            if args.values.iter().any(|(bound, ..)| *bound == name) {
                let message = format!("`{}`: the argument `{name}` is given twice", spec.name);
                match &argument.keyword {
                    Some(word) => errors.at(word.span(), message),
                    None => errors.on(&argument.value, message),
                }
                continue;
            }
            let span = argument.value.span();
            match bind(kind, &argument.value) {
                Ok(value) => args.values.push((name, value, span)),
                Err(mut error) => {
                    error = relabel(error, spec.name, name);
                    errors.push(error);
                    args.values.push((name, Bound::Nothing, span));
                }
            }
        }
        for (name, kind) in all() {
            if kind.required() && !args.values.iter().any(|(bound, ..)| bound == name) && !broken {
                errors.on(&call.tokens, format!("`{}` needs the argument `{name}`", spec.name));
            }
        }
        (errors.len() == before && !call.broken).then_some(args)
    }

    /// The sizes and numbers that rustc works out, so that each can be given a name and its expression stand but once.
    pub fn consts(&mut self, mut name: impl FnMut(TokenStream, TokenStream) -> TokenStream) {
        for (_, bound, _) in &mut self.values {
            match bound {
                Bound::Size(size) => name_size(size, &mut name),
                Bound::Sizes(sizes) => sizes.iter_mut().for_each(|size| name_size(size, &mut name)),
                Bound::Partial(sizes) => sizes.iter_mut().flatten().for_each(|size| name_size(size, &mut name)),
                Bound::Pairs(pairs) => pairs.as_flattened_mut().iter_mut().for_each(|size| name_size(size, &mut name)),
                Bound::Float(float) if float.known.is_none() => {
                    float.tokens = name(quote!(f32), float.tokens.clone());
                }
                Bound::Limits(limits) => {
                    for limit in limits.iter_mut().flatten().filter(|limit| limit.known.is_none()) {
                        limit.tokens = name(quote!(f32), limit.tokens.clone());
                    }
                }
                Bound::Object(made) => made.consts(&mut name),
                Bound::Activation(chosen) => chosen.consts(&mut name),
                Bound::Seed(seed) if seed.to_string().parse::<u64>().is_err() => {
                    *seed = name(quote!(u64), seed.clone());
                }
                Bound::Dims(dims) => {
                    for dim in dims {
                        if let Dim::Size(size) = dim {
                            name_size(size, &mut name);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Bound> {
        self.values.iter().find(|(bound, ..)| *bound == name).map(|(_, value, _)| value)
    }

    /// What an argument of the layer is.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<Kind> {
        self.spec.args.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// Where an argument was written; the whole layer if it was not.
    #[must_use]
    pub fn span_of(&self, name: &str) -> Span {
        self.values.iter().find(|(bound, ..)| *bound == name).map_or(self.span, |(.., span)| *span)
    }

    /// A size.
    #[must_use]
    pub fn size(&self, name: &str) -> Option<Num> {
        match self.get(name) {
            Some(Bound::Size(n)) => Some(n.clone()),
            _ => None,
        }
    }

    /// An equation.
    pub(super) fn equation(&self) -> Option<&Equation> {
        match self.get("equation") {
            Some(Bound::Equation(equation)) => Some(equation),
            _ => None,
        }
    }

    /// Sizes of which some may be left open.
    pub(super) fn partial(&self, name: &str) -> Option<&[Option<Num>]> {
        match self.get(name) {
            Some(Bound::Partial(sizes)) => Some(sizes),
            _ => None,
        }
    }

    /// Letters, if some were given.
    pub(super) fn letters(&self, name: &str) -> Option<&[char]> {
        match self.get(name) {
            Some(Bound::Letters(letters)) => Some(letters),
            _ => None,
        }
    }

    /// A target shape.
    #[must_use]
    pub fn dims(&self, name: &str) -> Option<&[Dim]> {
        match self.get(name) {
            Some(Bound::Dims(dims)) => Some(dims),
            _ => None,
        }
    }

    /// A number.
    #[must_use]
    pub fn float(&self, name: &str) -> Option<Float> {
        match self.get(name) {
            Some(Bound::Float(x)) => Some(x.clone()),
            _ => None,
        }
    }

    /// An integer.
    #[must_use]
    pub fn int(&self, name: &str, default: i64) -> i64 {
        match self.get(name) {
            Some(Bound::Int(i)) => *i,
            _ => default,
        }
    }

    /// Integers, if they were given.
    #[must_use]
    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        match self.get(name) {
            Some(Bound::Ints(list)) => Some(list),
            _ => None,
        }
    }

    /// A size for each dimension, if they were given.
    #[must_use]
    pub fn sizes(&self, name: &str) -> Option<&[Num]> {
        match self.get(name) {
            Some(Bound::Sizes(sizes)) => Some(sizes),
            _ => None,
        }
    }

    /// How many before and behind each dimension, if they were given.
    #[must_use]
    pub fn pairs(&self, name: &str) -> Option<&[[Num; 2]]> {
        match self.get(name) {
            Some(Bound::Pairs(pairs)) => Some(pairs),
            _ => None,
        }
    }

    /// The shape of a mask, if one was given.
    #[must_use]
    pub fn noise_shape(&self, name: &str) -> Option<&[Option<i64>]> {
        match self.get(name) {
            Some(Bound::NoiseShape(list)) => Some(list),
            _ => None,
        }
    }

    /// The padding; `valid` if none was given.
    #[must_use]
    pub fn padding(&self, name: &str) -> Padding {
        match self.get(name) {
            Some(Bound::Padding(padding)) => *padding,
            _ => Padding::Valid,
        }
    }

    /// A layer, if one was given.
    pub(super) fn layer(&self, name: &str) -> Option<&Call> {
        match self.get(name) {
            Some(Bound::Layer(call)) => Some(call),
            _ => None,
        }
    }

    /// Layers, if some were given.
    pub(super) fn layers(&self, name: &str) -> Option<&[Call]> {
        match self.get(name) {
            Some(Bound::Layers(calls)) => Some(calls),
            _ => None,
        }
    }

    /// One of some words, if one was given.
    pub(super) fn word(&self, name: &str) -> Option<&'static str> {
        match self.get(name) {
            Some(Bound::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// Whether an activation works on rows along dimensions that it names.
    pub(super) fn has_rows(&self, name: &str) -> bool {
        let axes = |chosen: &Chosen| match chosen.activated() {
            super::activations::Activated::Rows(_, axes) => axes != [-1],
            _ => false,
        };
        self.activation(name).is_some_and(axes)
    }

    /// A switch.
    #[must_use]
    pub fn bool(&self, name: &str, default: bool) -> bool {
        match self.get(name) {
            Some(Bound::Bool(b)) => *b,
            _ => default,
        }
    }

    /// An activation, if one was given.
    #[must_use]
    pub fn activation(&self, name: &str) -> Option<&Chosen> {
        match self.get(name) {
            Some(Bound::Activation(act)) => Some(act),
            _ => None,
        }
    }

    /// An initializer, regularizer or constraint, if one was given.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<TokenStream> {
        match self.get(name) {
            Some(Bound::Object(made)) => Some(made.tokens()),
            _ => None,
        }
    }

    /// The limits of batch renormalization, if they were given.
    pub(super) fn limits(&self, name: &str) -> Option<&[Option<Float>; 3]> {
        match self.get(name) {
            Some(Bound::Limits(limits)) => Some(limits),
            _ => None,
        }
    }

    /// The dimensions that a constraint names, if one was given.
    pub(super) fn axes_of(&self, name: &str) -> Option<&[i64]> {
        match self.get(name) {
            Some(Bound::Object(made)) => made.axes(),
            _ => None,
        }
    }

    /// A seed, if one was given.
    #[must_use]
    pub fn seed(&self, name: &str) -> Option<TokenStream> {
        match self.get(name) {
            Some(Bound::Seed(tokens)) => Some(tokens.clone()),
            _ => None,
        }
    }

    /// The policy, if one was given.
    pub(super) fn policy(&self) -> Option<Precision> {
        match self.get("dtype") {
            Some(Bound::Policy(policy)) => Some(*policy),
            _ => None,
        }
    }

    /// The layer's name, if one was given.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self.get("name") {
            Some(Bound::Name(name)) => Some(name),
            _ => None,
        }
    }
}

/// Gives the expression of a size a name.
fn name_size(size: &mut Num, name: &mut impl FnMut(TokenStream, TokenStream) -> TokenStream) {
    if let Num::Const(expr) = size {
        *expr = name(quote!(usize), expr.clone());
    }
}

/// How many arguments by position are taken, in words.
pub(crate) fn most_by_position(n: usize) -> String {
    match n {
        0 => "no arguments by position".to_string(),
        1 => "one argument by position".to_string(),
        n => format!("{n} arguments by position at the most"),
    }
}

/// Whether an argument was given by a keyword that does not exist; then nothing is said to be missing.
fn misspelt(call: &Call, spec: &Spec) -> bool {
    let exists = |word: &Ident| spec.args.iter().chain(COMMON).any(|(name, _)| word == name);
    call.args.iter().any(|argument| {
        argument.keyword.as_ref().is_some_and(|word| {
            !exists(word)
                && spec.args.iter().any(|(name, kind)| {
                    kind.required() && crate::errors::did_you_mean(&word.to_string(), [*name]).is_some()
                })
        })
    })
}

/// The error with the layer and the argument in front.
fn relabel(error: syn::Error, layer: &str, name: &str) -> syn::Error {
    let mut all = error.into_iter().map(|e| syn::Error::new(e.span(), format!("`{layer}`: `{name}` {e}")));
    let mut first = all.next().unwrap_or_else(|| syn::Error::new(Span::call_site(), "invalid argument"));
    all.for_each(|e| first.combine(e));
    first
}
