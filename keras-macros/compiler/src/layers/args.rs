//! A layer's arguments: what there are, and what a call gives them.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Expr, Lit, UnOp};

use super::objects::{self, Object};
use super::words::{self, Activated};
use crate::Errors;
use crate::errors::suggestion;
use crate::graph::Num;
use crate::syntax::Call;

/// A layer's name and arguments, in Keras's order.
#[derive(Debug)]
pub struct Spec {
    /// `Dense`
    pub name: &'static str,
    /// How many values a call takes.
    pub inputs: Arity,
    /// Its own arguments; every layer takes [`COMMON`] besides.
    pub args: &'static [(&'static str, Kind)],
}

/// How many values a call of a layer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// One.
    One,
    /// Two or more, as a list or as arguments.
    Several,
}

/// What an argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A size that must be given.
    Size,
    /// A size, or `None`.
    OptionalSize,
    /// Sizes in parentheses, of which one may be -1, that must be given.
    TargetShape,
    /// A number that must be given.
    Float,
    /// A number from 0 to 1 that must be given.
    Share,
    /// A number, or `None`.
    OptionalFloat,
    /// An integer, which may be negative; this if not given.
    Int(i64),
    /// A seed, or `None`.
    Seed,
    /// `true` or `false`; this if not given.
    Bool(bool),
    /// An activation; `None` if not given.
    Activation,
    /// An activation that must be given.
    RequiredActivation,
    /// An initializer; this if not given.
    Initializer(&'static str),
    /// A regularizer.
    Regularizer,
    /// A constraint.
    Constraint,
    /// `channels_last`, or `None`.
    DataFormat,
    /// A name.
    Name,
    /// An argument of Keras's that is not supported, with the reason or the way round; `None` may be given.
    Absent(&'static str),
}

/// What every layer takes besides its own arguments.
pub const COMMON: &[(&str, Kind)] = &[
    ("name", Kind::Name),
    ("trainable", Kind::Bool(true)),
    ("dtype", Kind::Absent("weights and activations are f32")),
];

impl Kind {
    fn required(self) -> bool {
        matches!(self, Kind::Size | Kind::TargetShape | Kind::Float | Kind::Share | Kind::RequiredActivation)
    }
}

/// A dimension of a target shape.
#[derive(Clone, Debug)]
pub enum Dim {
    /// A size.
    Size(Num),
    /// -1, to be worked out.
    Infer,
}

#[derive(Debug)]
enum Bound {
    Size(Num),
    Dims(Vec<Dim>),
    Float(Float),
    Int(i64),
    Bool(bool),
    Activation(Activated),
    Object(objects::Made),
    Seed(TokenStream),
    Name(String),
    Nothing,
}

/// A number: its value if the macro knows it, and its tokens as `f32`.
#[derive(Clone, Debug)]
pub struct Float {
    /// The value, for a literal.
    pub known: Option<f64>,
    /// An `f32` expression.
    pub tokens: TokenStream,
}

/// The arguments of one call, each checked to be of its kind.
#[derive(Debug)]
pub struct Args {
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
        let mut args = Args { values: Vec::new(), tokens: call.tokens.clone(), span: call.span() };
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
                            let most = match spec.args.len() {
                                0 => "no arguments by position".to_string(),
                                1 => "one argument by position".to_string(),
                                n => format!("{n} arguments by position at the most"),
                            };
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
                Bound::Size(Num::Const(expr)) => *expr = name(quote!(usize), expr.clone()),
                Bound::Float(float) if float.known.is_none() => {
                    float.tokens = name(quote!(f32), float.tokens.clone());
                }
                Bound::Object(made) => made.consts(&mut name),
                Bound::Seed(seed) if seed.to_string().parse::<u64>().is_err() => {
                    *seed = name(quote!(u64), seed.clone());
                }
                Bound::Dims(dims) => {
                    for dim in dims {
                        if let Dim::Size(Num::Const(expr)) = dim {
                            *expr = name(quote!(usize), expr.clone());
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn get(&self, name: &str) -> Option<&Bound> {
        self.values.iter().find(|(bound, ..)| *bound == name).map(|(_, value, _)| value)
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

    /// A switch.
    #[must_use]
    pub fn bool(&self, name: &str, default: bool) -> bool {
        match self.get(name) {
            Some(Bound::Bool(b)) => *b,
            _ => default,
        }
    }

    /// An activation; linear if none was given.
    #[must_use]
    pub fn activation(&self, name: &str) -> Activated {
        match self.get(name) {
            Some(Bound::Activation(act)) => *act,
            _ => Activated::Linear,
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

    /// A seed, if one was given.
    #[must_use]
    pub fn seed(&self, name: &str) -> Option<TokenStream> {
        match self.get(name) {
            Some(Bound::Seed(tokens)) => Some(tokens.clone()),
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

fn bind(kind: Kind, value: &Expr) -> syn::Result<Bound> {
    let value = bare(value);
    let none = words::word(value).is_some_and(|word| word == "None");
    let fail =
        |expected: &str| Err(syn::Error::new_spanned(value, format!("must be {expected}, found `{}`", shown(value))));
    match kind {
        Kind::Absent(_) if none => Ok(Bound::Nothing),
        Kind::Absent(reason) => Err(syn::Error::new_spanned(value, format!("is not supported: {reason}"))),
        Kind::OptionalSize | Kind::OptionalFloat | Kind::Seed | Kind::DataFormat | Kind::Name if none => {
            Ok(Bound::Nothing)
        }
        Kind::Activation | Kind::Regularizer | Kind::Constraint if none => Ok(Bound::Nothing),
        Kind::Size | Kind::OptionalSize => size(value, 1).map(Bound::Size),
        Kind::TargetShape => target(value).map(Bound::Dims),
        Kind::Float | Kind::OptionalFloat => float(value).map(Bound::Float),
        Kind::Share => match float(value)? {
            Float { known: Some(x), .. } if !(0.0..=1.0).contains(&x) => {
                Err(syn::Error::new_spanned(value, format!("must lie between 0 and 1, got {}", shown(value))))
            }
            float => Ok(Bound::Float(float)),
        },
        Kind::Int(_) => match int(value) {
            Some(i) => Ok(Bound::Int(i)),
            None => fail("an integer"),
        },
        Kind::Seed => match int(value) {
            Some(i) if i >= 0 => Ok(Bound::Seed(Literal::i64_unsuffixed(i).to_token_stream())),
            None if !matches!(value, Expr::Lit(_)) => Ok(Bound::Seed(emitted(value))),
            _ => fail("a seed of 0 or more"),
        },
        Kind::Bool(_) => match value {
            Expr::Lit(lit) if matches!(&lit.lit, Lit::Bool(_)) => {
                Ok(Bound::Bool(matches!(&lit.lit, Lit::Bool(b) if b.value)))
            }
            _ => match words::word(value).as_deref() {
                Some("True") => Err(syn::Error::new_spanned(value, "is written `true` in Rust, found `True`")),
                Some("False") => Err(syn::Error::new_spanned(value, "is written `false` in Rust, found `False`")),
                _ => fail("`true` or `false`"),
            },
        },
        Kind::Activation | Kind::RequiredActivation => words::activation(value).map(Bound::Activation),
        Kind::Initializer(_) => object(Object::Initializer, value),
        Kind::Regularizer => object(Object::Regularizer, value),
        Kind::Constraint => object(Object::Constraint, value),
        Kind::DataFormat => match words::word(value).as_deref() {
            Some("channels_last") => Ok(Bound::Nothing),
            Some("channels_first") => Err(syn::Error::new_spanned(
                value,
                "is not supported as `channels_first`; bring the data to channels_last",
            )),
            _ => fail("`channels_last`"),
        },
        Kind::Name => match words::word(value) {
            Some(word) if super::lower::is_name(&word) => Ok(Bound::Name(word)),
            Some(word) => Err(syn::Error::new_spanned(
                value,
                format!("must be a word that can name a field of the model's struct, found `{word}`"),
            )),
            None => fail("a word"),
        },
    }
}

fn object(kind: Object, value: &Expr) -> syn::Result<Bound> {
    objects::parse(kind, value).map(Bound::Object)
}

/// The expression without parentheses and invisible groups around it.
#[must_use]
pub fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => bare(&group.expr),
        Expr::Paren(paren) => bare(&paren.expr),
        other => other,
    }
}

/// An expression as it is emitted: rustc reads no invisible groups that a macro puts out, so that `2 * $n` for a fragment
/// `1 + 2` of a user's own macro would become `2 * 1 + 2`.
#[must_use]
pub fn emitted(expr: &Expr) -> TokenStream {
    struct Visible;
    impl VisitMut for Visible {
        fn visit_expr_mut(&mut self, expr: &mut Expr) {
            visit_mut::visit_expr_mut(self, expr);
            if let Expr::Group(group) = expr {
                let (attrs, inner) = (std::mem::take(&mut group.attrs), group.expr.clone());
                *expr = match *inner {
                    Expr::Lit(_) | Expr::Path(_) | Expr::Call(_) | Expr::Paren(_) => *inner,
                    _ => Expr::Paren(syn::ExprParen { attrs, paren_token: Default::default(), expr: inner }),
                };
            }
        }
    }
    let mut expr = expr.clone();
    Visible.visit_expr_mut(&mut expr);
    expr.to_token_stream()
}

/// An expression as it was written, for messages.
#[must_use]
pub fn shown(expr: &Expr) -> String {
    emitted(expr).to_string().replace(" . ", ".").replace("- ", "-").replace(" ,", ",")
}

/// The integer in a literal, negative ones too.
#[must_use]
pub fn int(expr: &Expr) -> Option<i64> {
    match bare(expr) {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Int(int) if int.suffix().is_empty() => int.base10_parse().ok(),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => int(&unary.expr).map(|i| -i),
        _ => None,
    }
}

/// A size of at least `least`: a literal, or a const expression.
///
/// # Errors
/// If it is a literal of another kind, or too small.
pub fn size(expr: &Expr, least: usize) -> syn::Result<Num> {
    let expr = bare(expr);
    let fail = |message: String| Err(syn::Error::new_spanned(expr, message));
    match expr {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Int(int) if !matches!(int.suffix(), "" | "usize") => {
                fail(format!("must be a plain integer, found `{int}`: leave out `{}`", int.suffix()))
            }
            // Some way below where products of sizes could overflow.
            Lit::Int(int) => match int.base10_parse::<usize>() {
                Ok(n) if n < least => fail(format!("must be at least {least}, got {n}")),
                Ok(n) if n < 1 << 32 => Ok(Num::Lit(n)),
                _ => fail(format!("is too large: {}", shown(expr))),
            },
            Lit::Float(_) => fail(format!("must be an integer, got {}", shown(expr))),
            _ => fail(format!("must be a size, found `{}`", shown(expr))),
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            fail(format!("must be at least {least}, got {}", shown(expr)))
        }
        Expr::Binary(binary) if comparison(&binary.op) => fail(format!("must be a size, found `{}`", shown(expr))),
        Expr::Tuple(_) | Expr::Array(_) => fail(format!("must be one size, found `{}`", shown(expr))),
        Expr::Path(_) if words::activation(expr).is_ok() => {
            fail(format!("must be a size, found the activation `{}`", shown(expr)))
        }
        other => Ok(Num::Const(emitted(other))),
    }
}

fn comparison(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::Eq(_)
            | BinOp::Ne(_)
            | BinOp::Lt(_)
            | BinOp::Le(_)
            | BinOp::Gt(_)
            | BinOp::Ge(_)
            | BinOp::And(_)
            | BinOp::Or(_)
    )
}

fn target(expr: &Expr) -> syn::Result<Vec<Dim>> {
    let dims: Vec<&Expr> = match expr {
        Expr::Tuple(tuple) => tuple.elems.iter().collect(),
        Expr::Array(array) => array.elems.iter().collect(),
        other => vec![other],
    };
    if dims.is_empty() || dims.len() > keras_shapes::MAX_RANK {
        return Err(syn::Error::new_spanned(
            expr,
            format!("must have 1 to {} dimensions, found {}", keras_shapes::MAX_RANK, dims.len()),
        ));
    }
    let mut inferred = false;
    dims.into_iter()
        .map(|dim| {
            if int(dim) == Some(-1) {
                if std::mem::replace(&mut inferred, true) {
                    return Err(syn::Error::new_spanned(dim, "can have only one dimension of -1"));
                }
                return Ok(Dim::Infer);
            }
            size(dim, 1).map(Dim::Size)
        })
        .collect()
}

fn float(expr: &Expr) -> syn::Result<Float> {
    match (number(expr), expr) {
        (Some(x), _) if (x as f32).is_finite() => Ok(Float { known: Some(x), tokens: objects::float_tokens(x) }),
        (Some(_), _) => Err(syn::Error::new_spanned(expr, format!("is too large for an `f32`: {}", shown(expr)))),
        (None, Expr::Lit(_) | Expr::Tuple(_) | Expr::Array(_)) => {
            Err(syn::Error::new_spanned(expr, format!("must be a number, found `{}`", shown(expr))))
        }
        (None, other) => {
            let other = emitted(other);
            Ok(Float { known: None, tokens: quote!((#other) as f32) })
        }
    }
}

/// The number in a literal, negative ones too.
#[must_use]
pub fn number(expr: &Expr) -> Option<f64> {
    match bare(expr) {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Int(int) => int.base10_parse().ok(),
            Lit::Float(float) => float.base10_parse().ok(),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => number(&unary.expr).map(|x| -x),
        _ => None,
    }
}

/// The arguments of a call such as `L2(0.01)`.
///
/// # Errors
/// If one is malformed.
pub fn argument_list(call: &syn::ExprCall) -> syn::Result<Vec<crate::syntax::Argument>> {
    call.args.iter().map(crate::syntax::call::argument).collect()
}
