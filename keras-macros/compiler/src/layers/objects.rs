//! Objects that arguments are given as: initializers, regularizers, constraints.
//!
//! `kernel_regularizer = L2(1e-4)`, `"l2"`, `kernel_initializer = HeNormal(seed = 1)`, `he_normal`.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Expr;

use super::values::{argument_list, by_field, emitted, int, number, shown};
use super::words;
use crate::errors::suggestion;

/// Which family of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// What weights begin as.
    Initializer,
    /// What weights add to the loss.
    Regularizer,
    /// What weights are projected on.
    Constraint,
}

/// What an object's argument is, with its default.
#[derive(Clone, Copy)]
enum Field {
    Float(f64),
    Axes,
    Seed,
    Mode,
    Distribution,
}

type Maker = fn(&[TokenStream]) -> TokenStream;

struct Class {
    name: &'static str,
    alias: &'static [&'static str],
    fields: &'static [(&'static str, Field)],
    make: Maker,
}

macro_rules! init {
    ($variant:ident $(, $field:ident)*) => {
        |v| { let [$($field),*] = v else { return TokenStream::new() }; quote!(Init::$variant { $($field: #$field),* }) }
    };
}

macro_rules! scaled {
    ($scale:literal, $fan:ident, $distribution:ident) => {
        |v| {
            let [seed] = v else { return TokenStream::new() };
            quote!(Init::VarianceScaling {
                scale: $scale, mode: Fan::$fan, distribution: Distribution::$distribution, seed: #seed
            })
        }
    };
}

const SEED: &[(&str, Field)] = &[("seed", Field::Seed)];

static INITIALIZERS: &[Class] = &[
    Class { name: "Zeros", alias: &["zero"], fields: &[], make: |_| quote!(Init::Zeros) },
    Class { name: "Ones", alias: &["one"], fields: &[], make: |_| quote!(Init::Ones) },
    Class {
        name: "Constant",
        alias: &[],
        fields: &[("value", Field::Float(0.0))],
        make: |v| {
            let value = &v[0];
            quote!(Init::Constant(#value))
        },
    },
    Class {
        name: "Identity",
        alias: &["IdentityInitializer"],
        fields: &[("gain", Field::Float(1.0))],
        make: init!(Identity, gain),
    },
    Class {
        name: "RandomNormal",
        alias: &["normal"],
        fields: &[("mean", Field::Float(0.0)), ("stddev", Field::Float(0.05)), ("seed", Field::Seed)],
        make: init!(RandomNormal, mean, stddev, seed),
    },
    Class {
        name: "RandomUniform",
        alias: &["uniform"],
        fields: &[("minval", Field::Float(-0.05)), ("maxval", Field::Float(0.05)), ("seed", Field::Seed)],
        make: init!(RandomUniform, minval, maxval, seed),
    },
    Class {
        name: "TruncatedNormal",
        alias: &[],
        fields: &[("mean", Field::Float(0.0)), ("stddev", Field::Float(0.05)), ("seed", Field::Seed)],
        make: init!(TruncatedNormal, mean, stddev, seed),
    },
    Class {
        name: "VarianceScaling",
        alias: &[],
        fields: &[
            ("scale", Field::Float(1.0)),
            ("mode", Field::Mode),
            ("distribution", Field::Distribution),
            ("seed", Field::Seed),
        ],
        make: init!(VarianceScaling, scale, mode, distribution, seed),
    },
    Class { name: "GlorotUniform", alias: &[], fields: SEED, make: scaled!(1.0, Avg, Uniform) },
    Class { name: "GlorotNormal", alias: &[], fields: SEED, make: scaled!(1.0, Avg, TruncatedNormal) },
    Class { name: "HeUniform", alias: &[], fields: SEED, make: scaled!(2.0, In, Uniform) },
    Class { name: "HeNormal", alias: &[], fields: SEED, make: scaled!(2.0, In, TruncatedNormal) },
    Class { name: "LecunUniform", alias: &[], fields: SEED, make: scaled!(1.0, In, Uniform) },
    Class { name: "LecunNormal", alias: &[], fields: SEED, make: scaled!(1.0, In, TruncatedNormal) },
    Class {
        name: "Orthogonal",
        alias: &["OrthogonalInitializer"],
        fields: &[("gain", Field::Float(1.0)), ("seed", Field::Seed)],
        make: init!(Orthogonal, gain, seed),
    },
];

fn penalty(l1: &TokenStream, l2: &TokenStream) -> TokenStream {
    quote!(Penalty { l1: #l1, l2: #l2 })
}

static REGULARIZERS: &[Class] = &[
    Class { name: "L1", alias: &["l1"], fields: &[("l1", Field::Float(0.01))], make: |v| penalty(&v[0], &quote!(0.0)) },
    Class { name: "L2", alias: &["l2"], fields: &[("l2", Field::Float(0.01))], make: |v| penalty(&quote!(0.0), &v[0]) },
    Class {
        name: "L1L2",
        alias: &["l1l2", "l1_l2"],
        fields: &[("l1", Field::Float(0.0)), ("l2", Field::Float(0.0))],
        make: |v| penalty(&v[0], &v[1]),
    },
];

macro_rules! constraint {
    ($variant:ident, $($field:ident),*) => {
        |v| { let [$($field),*] = v else { return TokenStream::new() }; quote!(Constraint::$variant { $($field: #$field),* }) }
    };
}

static CONSTRAINTS: &[Class] = &[
    Class {
        name: "MaxNorm",
        alias: &[],
        fields: &[("max_value", Field::Float(2.0)), ("axis", Field::Axes)],
        make: constraint!(MaxNorm, max_value, axis),
    },
    Class {
        name: "MinMaxNorm",
        alias: &[],
        fields: &[
            ("min_value", Field::Float(0.0)),
            ("max_value", Field::Float(1.0)),
            ("rate", Field::Float(1.0)),
            ("axis", Field::Axes),
        ],
        make: constraint!(MinMaxNorm, min_value, max_value, rate, axis),
    },
    Class { name: "NonNeg", alias: &[], fields: &[], make: |_| quote!(Constraint::NonNeg) },
    Class { name: "UnitNorm", alias: &[], fields: &[("axis", Field::Axes)], make: constraint!(UnitNorm, axis) },
];

fn classes(kind: Object) -> &'static [Class] {
    match kind {
        Object::Initializer => INITIALIZERS,
        Object::Regularizer => REGULARIZERS,
        Object::Constraint => CONSTRAINTS,
    }
}

/// Something that is given by name, with arguments or without.
#[derive(Debug)]
pub struct Named {
    /// `HeNormal`
    pub name: &'static str,
    /// `he_normal` and other names of the same.
    pub alias: Vec<String>,
    /// The names of its arguments.
    pub fields: Vec<&'static str>,
}

/// All objects of a family.
pub fn all(kind: Object) -> impl Iterator<Item = Named> {
    classes(kind).iter().map(|class| {
        let mut alias: Vec<String> = class.alias.iter().map(|alias| (*alias).to_owned()).collect();
        let snake = snake(class.name);
        if snake != class.name && !alias.contains(&snake) {
            alias.push(snake);
        }
        Named { name: class.name, alias, fields: class.fields.iter().map(|(field, _)| *field).collect() }
    })
}

/// The object that an expression makes, as tokens that name types of the runtime's graph.
///
/// # Errors
/// If there is no such object, or an argument of it is wrong.
pub fn parse(kind: Object, expr: &Expr) -> syn::Result<Made> {
    let (name, args) = match expr {
        Expr::Call(call) => (words::word(&call.func), argument_list(call)?),
        other => (words::word(other), Vec::new()),
    };
    let (a, what, example) = match kind {
        Object::Initializer => ("an", "initializer", "GlorotUniform"),
        Object::Regularizer => ("a", "regularizer", "L2(0.01)"),
        Object::Constraint => ("a", "constraint", "MaxNorm(2.0)"),
    };
    let classes = classes(kind);
    let Some(name) = name else {
        let message = format!("must be {a} {what} such as `{example}`, found `{}`", shown(expr));
        return Err(syn::Error::new_spanned(expr, message));
    };
    let Some(class) = classes
        .iter()
        .find(|class| class.name == name || class.alias.contains(&name.as_str()) || snake(class.name) == name)
    else {
        let near = suggestion(&name, classes.iter().map(|class| class.name));
        let list = classes.iter().map(|class| class.name).collect::<Vec<_>>().join(", ");
        return Err(syn::Error::new_spanned(expr, format!("names no {what}: `{name}`{near}\navailable: {list}")));
    };
    let fields: Vec<&str> = class.fields.iter().map(|(field, _)| *field).collect();
    let given = by_field(class.name, &fields, args)?;
    let values = class
        .fields
        .iter()
        .zip(&given)
        .map(|((field, kind), value)| self::value(field, *kind, value.as_ref()))
        .collect::<syn::Result<Vec<_>>>()?;
    Ok(Made { class, values })
}

/// An object with its arguments.
pub struct Made {
    class: &'static Class,
    values: Vec<Value>,
}

impl std::fmt::Debug for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.class.name)
    }
}

enum Value {
    /// As it is emitted.
    Known(TokenStream),
    /// An expression of the user's, of this type.
    Expr(TokenStream, TokenStream),
    /// The same, within `Some`.
    Some(TokenStream, TokenStream),
    /// Dimensions of a weight.
    Axes(Vec<i64>),
}

impl Made {
    /// Gives each of the user's expressions a name.
    pub fn consts(&mut self, mut name: impl FnMut(TokenStream, TokenStream) -> TokenStream) {
        for value in &mut self.values {
            if let Value::Expr(kind, expr) | Value::Some(kind, expr) = value {
                *expr = name(kind.clone(), expr.clone());
            }
        }
    }

    /// The dimensions that it names.
    pub fn axes(&self) -> Option<&[i64]> {
        self.values.iter().find_map(|value| match value {
            Value::Axes(axes) => Some(axes.as_slice()),
            _ => None,
        })
    }

    /// The object as tokens that name types of the runtime's graph.
    #[must_use]
    pub fn tokens(&self) -> TokenStream {
        let values: Vec<TokenStream> = self
            .values
            .iter()
            .map(|value| match value {
                Value::Known(tokens) | Value::Expr(_, tokens) => tokens.clone(),
                Value::Some(_, tokens) => quote!(Some(#tokens)),
                Value::Axes(axes) => {
                    let axes = axes.iter().map(|axis| {
                        let (minus, axis) =
                            ((*axis < 0).then(|| quote!(-)), Literal::u64_unsuffixed(axis.unsigned_abs()));
                        quote!(#minus #axis)
                    });
                    quote!(&[#(#axes),*])
                }
            })
            .collect();
        (self.class.make)(&values)
    }
}

fn value(field: &str, kind: Field, value: Option<&Expr>) -> syn::Result<Value> {
    let fail = |value: &Expr, expected: &str| {
        Err(syn::Error::new_spanned(value, format!("has `{field}`: expected {expected}, found `{}`", shown(value))))
    };
    let word = |word: &str| Ident::new(word, Span::call_site());
    let value = value.map(super::values::bare);
    let none = value.and_then(words::word).is_some_and(|word| word == "None");
    match (kind, value) {
        (Field::Float(default), None) => Ok(Value::Known(Literal::f32_suffixed(default as f32).to_token_stream())),
        (Field::Float(_), Some(value)) => match number(value) {
            Some(x) if (x as f32).is_finite() => Ok(Value::Known(float_tokens(x))),
            None if !matches!(value, Expr::Lit(_)) => {
                let value = emitted(value);
                Ok(Value::Expr(quote!(f32), quote!((#value) as f32)))
            }
            _ => fail(value, "a number"),
        },
        (Field::Seed, None) => Ok(Value::Known(quote!(None))),
        (Field::Seed, Some(_)) if none => Ok(Value::Known(quote!(None))),
        (Field::Seed, Some(value)) => match int(value) {
            Some(i) if i >= 0 => {
                let seed = Literal::i64_unsuffixed(i);
                Ok(Value::Known(quote!(Some(#seed))))
            }
            None if !matches!(value, Expr::Lit(_)) => Ok(Value::Some(quote!(u64), emitted(value))),
            _ => fail(value, "a seed of 0 or more"),
        },
        (Field::Axes, None) => Ok(Value::Axes(vec![0])),
        (Field::Axes, Some(value)) => match super::lists::ints(value) {
            Ok(axes) => Ok(Value::Axes(axes)),
            Err(_) => fail(value, "a dimension or several in parentheses, counted from 0"),
        },
        (Field::Mode, value) => {
            let name = value.map_or(Some("fan_in".to_string()), words::word).unwrap_or_default();
            let variant = match name.as_str() {
                "fan_in" => word("In"),
                "fan_out" => word("Out"),
                "fan_avg" => word("Avg"),
                _ => return fail(value.unwrap_or(&syn::parse_quote!(mode)), "`fan_in`, `fan_out` or `fan_avg`"),
            };
            Ok(Value::Known(quote!(Fan::#variant)))
        }
        (Field::Distribution, value) => {
            let name = value.map_or(Some("truncated_normal".to_string()), words::word).unwrap_or_default();
            let variant = match name.as_str() {
                "truncated_normal" => word("TruncatedNormal"),
                "untruncated_normal" => word("UntruncatedNormal"),
                "uniform" => word("Uniform"),
                _ => {
                    let all = "`truncated_normal`, `untruncated_normal` or `uniform`";
                    return fail(value.unwrap_or(&syn::parse_quote!(distribution)), all);
                }
            };
            Ok(Value::Known(quote!(Distribution::#variant)))
        }
    }
}

/// A number as `f32` tokens; negative literals are two tokens.
#[must_use]
pub fn float_tokens(x: f64) -> TokenStream {
    let literal = Literal::f32_suffixed((x as f32).abs());
    if x < 0.0 { quote!(-#literal) } else { quote!(#literal) }
}

/// `GlorotUniform` → `glorot_uniform`, `PReLU` → `p_re_lu`, `Conv2DTranspose` → `conv2d_transpose`: as Keras does it.
#[must_use]
pub fn snake(name: &str) -> String {
    let mut out = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        let word_starts =
            i > 0 && (chars[i - 1].is_lowercase() || chars.get(i + 1).is_some_and(|next| next.is_lowercase()));
        if c.is_uppercase() && word_starts {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
