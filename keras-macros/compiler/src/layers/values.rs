//! The values of arguments: sizes, numbers, words, objects.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Expr, Lit, UnOp};

use super::bound::{Bound, Dim, Float};
use super::kinds::{Kind, Padding};
use super::objects::{self, Object};
use super::{activations, equation, lists, noise_shape, policy, words, wrapped};
use crate::graph::Num;
use crate::syntax::Argument;

/// Binds a value to an argument of a kind.
pub(super) fn bind(kind: Kind, value: &Expr) -> syn::Result<Bound> {
    let value = bare(value);
    let none = words::word(value).is_some_and(|word| word == "None");
    let fail =
        |expected: &str| Err(syn::Error::new_spanned(value, format!("must be {expected}, found `{}`", shown(value))));
    match kind {
        Kind::Absent(_) if none => Ok(Bound::Nothing),
        Kind::Absent(reason) => Err(syn::Error::new_spanned(value, format!("is not supported: {reason}"))),
        Kind::OptionalSize | Kind::OptionalFloat | Kind::Limit | Kind::Seed | Kind::Name | Kind::Policy if none => {
            Ok(Bound::Nothing)
        }
        Kind::Activation
        | Kind::ActivationOr(_)
        | Kind::Regularizer
        | Kind::Constraint
        | Kind::OptionalInts
        | Kind::NoiseShape
            if none =>
        {
            Ok(Bound::Nothing)
        }
        Kind::OptionalSizes(_) | Kind::OptionalCounts(_) | Kind::Channels | Kind::Letters | Kind::Clipping if none => {
            Ok(Bound::Nothing)
        }
        Kind::Size | Kind::OptionalSize | Kind::One => size(value, 1).map(Bound::Size),
        Kind::Equation => equation::equation(value).map(Bound::Equation),
        Kind::PartialShape => equation::partial(value).map(Bound::Partial),
        Kind::Letters => equation::letters(value).map(Bound::Letters),
        Kind::TargetShape => target(value).map(Bound::Dims),
        Kind::Float | Kind::OptionalFloat | Kind::Number(_) => float(value).map(Bound::Float),
        Kind::NotNegative(_) | Kind::Limit => match float(value)? {
            Float { known: Some(x), .. } if x < 0.0 => {
                Err(syn::Error::new_spanned(value, format!("must be 0 or more, got {}", shown(value))))
            }
            float => Ok(Bound::Float(float)),
        },
        Kind::Positive(_) => match float(value)? {
            Float { known: Some(x), .. } if x <= 0.0 => {
                Err(syn::Error::new_spanned(value, format!("must be more than 0, got {}", shown(value))))
            }
            float => Ok(Bound::Float(float)),
        },
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
        Kind::Ints | Kind::OptionalInts | Kind::Axes => lists::ints(value).map(Bound::Ints),
        Kind::Sizes(dims) | Kind::RequiredSizes(dims) | Kind::Ones(dims) | Kind::OptionalSizes(dims) => {
            lists::sizes(value, dims, 1).map(Bound::Sizes)
        }
        Kind::Pairs(dims) => lists::pairs(value, dims).map(Bound::Pairs),
        Kind::NoiseShape => noise_shape::parse(value).map(Bound::NoiseShape),
        Kind::OptionalCounts(dims) => lists::sizes(value, dims, 0).map(Bound::Sizes),
        Kind::Padding | Kind::CausalPadding => match words::word(value).as_deref() {
            Some("valid") => Ok(Bound::Padding(Padding::Valid)),
            Some("same") => Ok(Bound::Padding(Padding::Same)),
            Some("causal") if kind == Kind::CausalPadding => Ok(Bound::Padding(Padding::Causal)),
            _ if kind == Kind::CausalPadding => fail("`valid`, `same` or `causal`"),
            _ => fail("`valid` or `same`"),
        },
        Kind::Interpolation if words::word(value).as_deref() == Some("nearest") => Ok(Bound::Nothing),
        Kind::Interpolation => match words::one_of(value, &["bilinear", "bicubic", "lanczos3", "lanczos5"]) {
            Some(word) => Ok(Bound::Word(word)),
            None => fail("`nearest`, `bilinear`, `bicubic`, `lanczos3` or `lanczos5`"),
        },
        Kind::Clipping => clipping(value).map(Bound::Limits),
        Kind::Seed => match int(value) {
            Some(i) if i >= 0 => Ok(Bound::Seed(Literal::i64_unsuffixed(i).to_token_stream())),
            None if !matches!(value, Expr::Lit(_)) => Ok(Bound::Seed(emitted(value))),
            _ => fail("a seed of 0 or more"),
        },
        Kind::Bool(_) => switch(value).map(Bound::Bool),
        Kind::Activation | Kind::ActivationOr(_) | Kind::RequiredActivation => {
            activations::activation(value).map(Bound::Activation)
        }
        Kind::Initializer(_) => object(Object::Initializer, value),
        Kind::Regularizer => object(Object::Regularizer, value),
        Kind::Constraint => object(Object::Constraint, value),
        Kind::OptionalLayer if none => Ok(Bound::Nothing),
        Kind::Layer | Kind::OptionalLayer => wrapped::parse(value).map(|call| Bound::Layer(Box::new(call))),
        Kind::Cell => wrapped::cell(value).map(|call| Bound::Layer(Box::new(call))),
        Kind::Cells => wrapped::list(value).map(Bound::Layers),
        Kind::MergeMode => match words::one_of(value, &["concat", "sum", "mul", "ave", "None"]) {
            Some(word) => Ok(Bound::Word(word)),
            None => fail("`concat`, `sum`, `mul`, `ave` or `None`"),
        },
        Kind::ScoreMode => match words::one_of(value, &["dot", "concat"]) {
            Some(word) => Ok(Bound::Word(word)),
            None => fail("`dot` or `concat`"),
        },
        Kind::Auto if words::word(value).is_some_and(|word| word == "auto") => Ok(Bound::Nothing),
        Kind::Auto => switch(value).map(Bound::Bool),
        Kind::Off(reason) if switch(value)? => {
            Err(syn::Error::new_spanned(value, format!("is not supported as `true`: {reason}")))
        }
        Kind::Off(_) => Ok(Bound::Nothing),
        Kind::Channels => match words::word(value).as_deref() {
            Some("channels_last") => Ok(Bound::Bool(false)),
            Some("channels_first") => Ok(Bound::Bool(true)),
            _ => fail("`channels_last` or `channels_first`"),
        },
        Kind::Policy => policy::read(value).map(Bound::Policy),
        Kind::Name => field(value).map(Bound::Name),
    }
}

/// `true` or `false`.
///
/// # Errors
/// If it is something else.
pub(crate) fn switch(value: &Expr) -> syn::Result<bool> {
    let value = bare(value);
    if let Expr::Lit(syn::ExprLit { lit: Lit::Bool(flag), .. }) = value {
        return Ok(flag.value);
    }
    let message = match words::word(value).as_deref() {
        Some("True") => "is written `true` in Rust, found `True`".to_owned(),
        Some("False") => "is written `false` in Rust, found `False`".to_owned(),
        _ => format!("must be `true` or `false`, found `{}`", shown(value)),
    };
    Err(syn::Error::new_spanned(value, message))
}

/// The name of a layer, which is that of a field.
///
/// # Errors
/// If it is no word, or one that cannot name a field.
pub(crate) fn field(value: &Expr) -> syn::Result<String> {
    match words::word(value) {
        Some(word) if super::fields::is_name(&word) => Ok(word),
        Some(word) => {
            let message = format!("must be a word that can name a field of the model's struct, found `{word}`");
            Err(syn::Error::new_spanned(value, message))
        }
        None => Err(syn::Error::new_spanned(value, format!("must be a word, found `{}`", shown(value)))),
    }
}

/// What a call of an object or an activation gives to each of its arguments, by position or by name.
///
/// # Errors
/// If it gives one that does not exist, or one twice.
pub(super) fn by_field(class: &str, fields: &[&str], args: Vec<Argument>) -> syn::Result<Vec<Option<Expr>>> {
    let mut given: Vec<Option<Expr>> = vec![None; fields.len()];
    for (position, argument) in args.into_iter().enumerate() {
        let index = match &argument.keyword {
            Some(word) => fields.iter().position(|field| word == field),
            None => (position < fields.len()).then_some(position),
        };
        let Some(index) = index else {
            let list = if fields.is_empty() { "none".to_owned() } else { fields.join(", ") };
            let span = argument.keyword.as_ref().map_or_else(|| argument.value.span(), Ident::span);
            let message = format!("gives `{class}` an argument that it does not have\navailable: {list}");
            return Err(syn::Error::new(span, message));
        };
        if given[index].is_some() {
            let message = format!("gives `{class}` the argument `{}` twice", fields[index]);
            return Err(syn::Error::new(argument.value.span(), message));
        }
        given[index] = Some(argument.value);
    }
    Ok(given)
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
        Expr::Path(_) if activations::activation(expr).is_ok() => {
            fail(format!("must be a size, found the activation `{}`", shown(expr)))
        }
        other => Ok(Num::Const(emitted(other))),
    }
}

/// The limits `rmin`, `rmax` and `dmax`, as far as they are given.
fn clipping(value: &Expr) -> syn::Result<[Option<Float>; 3]> {
    const LIMITS: [&str; 3] = ["rmin", "rmax", "dmax"];
    let fail = |at: &Expr| {
        let message =
            format!("must be limits such as `(rmin = 0.3, rmax = 3.0, dmax = 5.0)`, found `{}`", shown(value));
        syn::Error::new_spanned(at, message)
    };
    let given = match value {
        Expr::Tuple(tuple) => tuple.elems.iter().collect(),
        other => vec![other],
    };
    let mut limits = [None, None, None];
    for limit in given {
        let argument = crate::syntax::call::argument(limit).map_err(|_| fail(limit))?;
        let Some(at) = LIMITS.iter().position(|name| argument.keyword.as_ref().is_some_and(|word| word == name)) else {
            return Err(fail(limit));
        };
        let number = float(&argument.value)?;
        if number.known.is_some_and(|number| number < 0.0) {
            let message = format!("must have a `{}` of 0 or more, got {}", LIMITS[at], shown(&argument.value));
            return Err(syn::Error::new_spanned(&argument.value, message));
        }
        if limits[at].replace(number).is_some() {
            return Err(syn::Error::new_spanned(limit, format!("gives `{}` twice", LIMITS[at])));
        }
    }
    let known = |at: usize| limits[at].as_ref().and_then(|limit: &Float| limit.known);
    match (known(0), known(1)) {
        (Some(rmin), Some(rmax)) if rmax < rmin => Err(syn::Error::new_spanned(
            value,
            format!("must have an `rmax` of at least `rmin`, got {rmax} and {rmin}"),
        )),
        _ => Ok(limits),
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

/// A number: a literal, or a const expression.
pub(super) fn float(expr: &Expr) -> syn::Result<Float> {
    match (number(expr), expr) {
        (Some(x), _) if (x as f32).is_finite() => Ok(Float { known: Some(x), tokens: objects::float_tokens(x) }),
        (Some(_), _) => Err(syn::Error::new_spanned(expr, format!("is too large for an `f32`: {}", shown(expr)))),
        (None, Expr::Lit(_) | Expr::Tuple(_) | Expr::Array(_)) => {
            Err(syn::Error::new_spanned(expr, format!("must be a number, found `{}`", shown(expr))))
        }
        (None, other) if words::word(other).is_some_and(|word| word == "None") => {
            Err(syn::Error::new_spanned(expr, "must be a number, found `None`"))
        }
        (None, Expr::Path(_)) if activations::activation(expr).is_ok() => {
            let message = format!("must be a number, found the activation `{}`", shown(expr));
            Err(syn::Error::new_spanned(expr, message))
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
