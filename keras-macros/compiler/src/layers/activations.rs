//! Activations by name: `relu`, `"relu"`, `leaky_relu(negative_slope = 0.1)`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, Lit};

use super::bound::Float;
use super::objects::{Named, float_tokens};
use super::values::{argument_list, bare, by_field, float, int, shown};
use super::words::word;
use crate::errors::suggestion;
use crate::graph::ops::{Act, Saves};

/// What an activation is to the compiler.
#[derive(Clone, Debug)]
pub enum Activated {
    /// No activation.
    Linear,
    /// Each element for itself.
    Elementwise(Act),
    /// Over rows along these dimensions, as the user counts them.
    Rows(Rows, Vec<i64>),
}

/// What is done to rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// e^x / Σ e^x
    Softmax,
    /// The logarithm of that.
    LogSoftmax,
    /// The nearest probabilities.
    Sparsemax,
    /// a · σ(b) of the halves of a row.
    Glu,
}

/// What an argument of an activation is, with its default.
#[derive(Clone, Copy, Debug)]
enum Field {
    /// A number.
    Any(f64),
    /// A number of more than 0.
    Positive(f64),
    /// A number of 0 or more, or `None`.
    Limit,
    /// A number of 0 or more.
    NotNegative(f64),
    /// A number that must be given.
    Required,
    /// `true` or `false`.
    Switch(bool),
    /// A dimension or several; the last if not given.
    Axes,
    /// A dimension; the last if not given.
    Axis,
}

#[derive(Clone, Debug)]
enum Value {
    Axes(Vec<i64>),
    Number(Float),
    Switch(bool),
    Nothing,
}

struct Class {
    name: &'static str,
    alias: &'static str,
    fields: &'static [(&'static str, Field)],
    make: fn(&[Value]) -> Activated,
}

/// An activation with its arguments.
#[derive(Clone)]
pub struct Chosen {
    class: &'static Class,
    values: Vec<Value>,
}

impl std::fmt::Debug for Chosen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{:?}", self.class.name, self.values)
    }
}

impl Chosen {
    /// Gives each of the user's expressions a name.
    pub fn consts(&mut self, mut name: impl FnMut(TokenStream, TokenStream) -> TokenStream) {
        for value in &mut self.values {
            if let Value::Number(float) = value
                && float.known.is_none()
            {
                float.tokens = name(quote!(f32), float.tokens.clone());
            }
        }
    }

    /// What it is to the compiler.
    #[must_use]
    pub fn activated(&self) -> Activated {
        (self.class.make)(&self.values)
    }

    /// What must hold of those of its arguments that rustc works out: the condition, and what is said otherwise.
    #[must_use]
    pub fn conditions(&self) -> Vec<(TokenStream, String)> {
        let condition = |((field, kind), value): (&(&str, Field), &Value)| {
            let Value::Number(Float { known: None, tokens }) = value else { return None };
            let (condition, expected) = match kind {
                Field::Positive(_) => (quote!(#tokens > 0.0), "more than 0"),
                Field::NotNegative(_) | Field::Limit => (quote!(#tokens >= 0.0), "0 or more"),
                _ => return None,
            };
            Some((condition, format!("`{}`: `{field}` must be {expected}", self.class.name)))
        };
        self.class.fields.iter().zip(&self.values).filter_map(condition).collect()
    }
}

/// A number of the macro's own.
pub(super) fn known(x: f64) -> Float {
    Float { known: Some(x), tokens: float_tokens(x) }
}

fn curve(variant: &'static str, saves: Saves, constants: &[(&'static str, &Float)]) -> Activated {
    let constants = constants.iter().map(|(name, value)| (*name, value.tokens.clone())).collect();
    Activated::Elementwise(Act::Curve { variant, constants, saves })
}

/// scale · x + offset.
pub(super) fn affine(scale: &Float, offset: &Float) -> Activated {
    curve("Affine", Saves::Nothing, &[("scale", scale), ("offset", offset)])
}

fn clip(scale: f64, offset: f64, low: f64, high: &Float) -> Activated {
    let constants = [("scale", &known(scale)), ("offset", &known(offset)), ("low", &known(low)), ("high", high)];
    curve("Clip", Saves::Output, &constants)
}

/// Rectified linear unit with all its arguments, by the simplest kernel for those that are given.
pub(super) fn relu(negative_slope: &Float, max_value: Option<&Float>, threshold: &Float) -> Activated {
    match (negative_slope.known, max_value, threshold.known) {
        (Some(0.0), None, Some(0.0)) => Activated::Elementwise(Act::Relu),
        (Some(0.0), Some(max), Some(0.0)) => clip(1.0, 0.0, 0.0, max),
        // Below 0 it is below 0: the side can be told from the output.
        (Some(slope), None, Some(0.0)) if slope > 0.0 => {
            curve("LeakyRelu", Saves::Output, &[("negative_slope", negative_slope)])
        }
        _ => {
            let none = Float { known: None, tokens: quote!(::core::primitive::f32::INFINITY) };
            let max = max_value.unwrap_or(&none);
            let constants = [("negative_slope", negative_slope), ("max_value", max), ("threshold", threshold)];
            curve("Ramp", Saves::Input, &constants)
        }
    }
}

/// x, or alpha (eˣ − 1) below 0; alpha is more than 0.
pub(super) fn elu(alpha: &Float) -> Activated {
    curve("Elu", Saves::Output, &[("scale", &known(1.0)), ("alpha", alpha), ("rate", &known(1.0))])
}

fn celu(alpha: &Float) -> Activated {
    let tokens = &alpha.tokens;
    let rate = alpha.known.map_or_else(|| Float { known: None, tokens: quote!((1.0 / #tokens)) }, |x| known(1.0 / x));
    curve("Elu", Saves::Output, &[("scale", &known(1.0)), ("alpha", alpha), ("rate", &rate)])
}

fn selu() -> Activated {
    const SCALE: f64 = 1.050_700_987_355_480_5;
    const ALPHA: f64 = 1.673_263_242_354_377_2;
    let constants = [("scale", &known(SCALE)), ("alpha", &known(SCALE * ALPHA)), ("rate", &known(1.0))];
    curve("Elu", Saves::Output, &constants)
}

fn number(values: &[Value], i: usize) -> Float {
    match values.get(i) {
        Some(Value::Number(float)) => float.clone(),
        _ => known(0.0),
    }
}

fn rows(rows: Rows, values: &[Value]) -> Activated {
    match values {
        [Value::Axes(axes)] => Activated::Rows(rows, axes.clone()),
        _ => Activated::Rows(rows, vec![-1]),
    }
}

fn limit(values: &[Value], i: usize) -> Option<Float> {
    match values.get(i) {
        Some(Value::Number(float)) => Some(float.clone()),
        _ => None,
    }
}

macro_rules! activations {
    ($($name:literal $(/ $alias:literal)? ($($field:literal : $kind:expr),*) => |$values:ident| $make:expr;)*) => {
        static CLASSES: &[Class] = &[$(Class {
            name: $name,
            alias: concat!("" $(, $alias)?),
            fields: &[$(($field, $kind)),*],
            make: |$values| $make,
        }),*];
    };
}

activations! {
    "linear"() => |_v| Activated::Linear;
    "relu"("negative_slope": Field::Any(0.0), "max_value": Field::Limit, "threshold": Field::NotNegative(0.0)) => |v| {
        relu(&number(v, 0), limit(v, 1).as_ref(), &number(v, 2))
    };
    "sigmoid"() => |_v| Activated::Elementwise(Act::Sigmoid);
    "tanh"() => |_v| Activated::Elementwise(Act::Tanh);
    "gelu"("approximate": Field::Switch(false)) => |v| {
        Activated::Elementwise(if matches!(v, [Value::Switch(true)]) { Act::GeluTanh } else { Act::Gelu })
    };
    "softmax"("axis": Field::Axes) => |v| rows(Rows::Softmax, v);
    "log_softmax"("axis": Field::Axes) => |v| rows(Rows::LogSoftmax, v);
    "sparsemax"("axis": Field::Axis) => |v| rows(Rows::Sparsemax, v);
    "glu"("axis": Field::Axis) => |v| rows(Rows::Glu, v);
    "relu6"() => |_v| clip(1.0, 0.0, 0.0, &known(6.0));
    "leaky_relu"("negative_slope": Field::Any(0.2)) => |v| relu(&number(v, 0), None, &known(0.0));
    "elu"("alpha": Field::Positive(1.0)) => |v| elu(&number(v, 0));
    "celu"("alpha": Field::Positive(1.0)) => |v| celu(&number(v, 0));
    "selu"() => |_v| selu();
    "silu"/"swish"() => |_v| curve("Silu", Saves::Input, &[]);
    "hard_silu"/"hard_swish"() => |_v| curve("HardSilu", Saves::Input, &[]);
    "hard_sigmoid"() => |_v| clip(1.0 / 6.0, 0.5, 0.0, &known(1.0));
    "log_sigmoid"() => |_v| curve("LogSigmoid", Saves::Output, &[]);
    "hard_tanh"() => |_v| clip(1.0, 0.0, -1.0, &known(1.0));
    "tanh_shrink"() => |_v| curve("TanhShrink", Saves::Input, &[]);
    "hard_shrink"("threshold": Field::NotNegative(0.5)) => |v| {
        curve("HardShrink", Saves::Output, &[("threshold", &number(v, 0))])
    };
    "soft_shrink"("threshold": Field::NotNegative(0.5)) => |v| {
        curve("SoftShrink", Saves::Output, &[("threshold", &number(v, 0))])
    };
    "threshold"("threshold": Field::Required, "default_value": Field::Required) => |v| {
        curve("Threshold", Saves::Input, &[("threshold", &number(v, 0)), ("value", &number(v, 1))])
    };
    "softplus"() => |_v| curve("Softplus", Saves::Output, &[]);
    "softsign"() => |_v| curve("Softsign", Saves::Output, &[]);
    "squareplus"("b": Field::Positive(4.0)) => |v| curve("Squareplus", Saves::Output, &[("b", &number(v, 0))]);
    "mish"() => |_v| curve("Mish", Saves::Input, &[]);
    "exponential"() => |_v| curve("Exponential", Saves::Output, &[]);
    "sparse_plus"() => |_v| curve("SparsePlus", Saves::Output, &[]);
    "sparse_sigmoid"() => |_v| clip(0.5, 0.5, 0.0, &known(1.0));
}

/// All activations.
pub fn all() -> impl Iterator<Item = Named> {
    CLASSES.iter().map(|class| Named {
        name: class.name,
        alias: Some(class.alias).filter(|alias| !alias.is_empty()).map(str::to_owned).into_iter().collect(),
        fields: class.fields.iter().map(|(name, _)| *name).collect(),
    })
}

/// The activation that an expression names.
///
/// # Errors
/// If there is none of this name, or an argument of it is wrong.
pub fn activation(expr: &Expr) -> syn::Result<Chosen> {
    let (name, args) = match expr {
        Expr::Call(call) => (word(&call.func), argument_list(call)?),
        other => (word(other), Vec::new()),
    };
    let Some(name) = name else {
        let message = format!("must be an activation such as `relu`, found `{}`", shown(expr));
        return Err(syn::Error::new_spanned(expr, message));
    };
    let Some(class) = CLASSES.iter().find(|class| class.name == name || !name.is_empty() && class.alias == name) else {
        let names = || CLASSES.iter().map(|class| class.name);
        let aliases = CLASSES.iter().map(|class| class.alias).filter(|alias| !alias.is_empty());
        let near = suggestion(&name, names().chain(aliases));
        let message =
            format!("names no activation: `{name}`{near}\navailable: {}", names().collect::<Vec<_>>().join(", "));
        return Err(syn::Error::new_spanned(expr, message));
    };
    let fields: Vec<&str> = class.fields.iter().map(|(field, _)| *field).collect();
    let given = by_field(&name, &fields, args)?;
    let values = class
        .fields
        .iter()
        .zip(&given)
        .map(|((field, kind), value)| self::value(field, *kind, value.as_ref(), expr))
        .collect::<syn::Result<Vec<_>>>()?;
    Ok(Chosen { class, values })
}

fn value(field: &str, kind: Field, value: Option<&Expr>, whole: &Expr) -> syn::Result<Value> {
    let Some(value) = value.map(bare) else {
        return match kind {
            Field::Any(x) | Field::Positive(x) | Field::NotNegative(x) => Ok(Value::Number(known(x))),
            Field::Limit => Ok(Value::Nothing),
            Field::Switch(on) => Ok(Value::Switch(on)),
            Field::Axes | Field::Axis => Ok(Value::Axes(vec![-1])),
            Field::Required => {
                let message = format!("needs the argument `{field}`: `{}`", REQUIRED);
                Err(syn::Error::new_spanned(whole, message))
            }
        };
    };
    let fail = |expected: &str| {
        Err(syn::Error::new_spanned(value, format!("has `{field}`: expected {expected}, found `{}`", shown(value))))
    };
    match kind {
        Field::Switch(_) => match value {
            Expr::Lit(lit) => match &lit.lit {
                Lit::Bool(on) => Ok(Value::Switch(on.value)),
                _ => fail("`true` or `false`"),
            },
            _ => fail("`true` or `false`"),
        },
        Field::Axes => match super::lists::ints(value) {
            Ok(axes) => Ok(Value::Axes(axes)),
            Err(_) => fail("an integer or several in parentheses"),
        },
        Field::Axis => match int(value) {
            Some(axis) => Ok(Value::Axes(vec![axis])),
            None => fail("an integer"),
        },
        Field::Limit if word(value).is_some_and(|word| word == "None") => Ok(Value::Nothing),
        Field::Any(_) | Field::Required | Field::Positive(_) | Field::NotNegative(_) | Field::Limit => {
            let Ok(float) = float(value) else { return fail("a number") };
            match (kind, float.known) {
                (Field::Positive(_), Some(x)) if x <= 0.0 => fail("a number of more than 0"),
                (Field::NotNegative(_) | Field::Limit, Some(x)) if x < 0.0 => fail("a number of 0 or more"),
                _ => Ok(Value::Number(float)),
            }
        }
    }
}

/// The one activation that cannot do without arguments.
const REQUIRED: &str = "threshold(threshold = 1.0, default_value = 0.0)";
