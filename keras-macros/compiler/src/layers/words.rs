//! Words that arguments are given as: `relu` or `"relu"`.

use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::{Expr, Lit};

use super::objects::Named;
use super::values::{argument_list, bare, shown};
use crate::errors::suggestion;
use crate::graph::ops::Act;

/// What an activation is to the compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activated {
    /// No activation.
    Linear,
    /// Each element for itself.
    Elementwise(Act),
    /// Over the last dimension.
    Softmax,
}

const ACTIVATIONS: &[(&str, Activated)] = &[
    ("linear", Activated::Linear),
    ("relu", Activated::Elementwise(Act::Relu)),
    ("sigmoid", Activated::Elementwise(Act::Sigmoid)),
    ("tanh", Activated::Elementwise(Act::Tanh)),
    ("gelu", Activated::Elementwise(Act::Gelu)),
    ("softmax", Activated::Softmax),
];

/// The names of all activations, other names of the same, and the arguments of each.
pub fn activations() -> impl Iterator<Item = Named> {
    ACTIVATIONS.iter().map(|(name, _)| {
        let fields: &[&'static str] = if *name == "gelu" { &["approximate"] } else { &[] };
        Named { name, alias: Vec::new(), fields: fields.to_vec() }
    })
}

/// The word in an expression: `relu`, or `"relu"`.
#[must_use]
pub fn word(expr: &Expr) -> Option<String> {
    match bare(expr) {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        Expr::Lit(lit) => match &lit.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// The activation that an expression names.
///
/// # Errors
/// If there is none of this name.
pub fn activation(expr: &Expr) -> syn::Result<Activated> {
    let (name, args) = match expr {
        Expr::Call(call) => (word(&call.func), argument_list(call)?),
        other => (word(other), Vec::new()),
    };
    let Some(name) = name else {
        let message = format!("must be an activation such as `relu`, found `{}`", shown(expr));
        return Err(syn::Error::new_spanned(expr, message));
    };
    let names = || ACTIVATIONS.iter().map(|(name, _)| *name);
    let Some((_, act)) = ACTIVATIONS.iter().find(|(known, _)| *known == name) else {
        let near = suggestion(&name, names());
        let message =
            format!("names no activation: `{name}`{near}\navailable: {}", names().collect::<Vec<_>>().join(", "));
        return Err(syn::Error::new_spanned(expr, message));
    };
    let mut act = *act;
    for argument in args {
        let keyword = argument.keyword.as_ref().map(ToString::to_string);
        let approximate =
            matches!(bare(&argument.value), Expr::Lit(lit) if matches!(&lit.lit, Lit::Bool(b) if b.value));
        let known = matches!(bare(&argument.value), Expr::Lit(lit) if matches!(&lit.lit, Lit::Bool(_)));
        if name != "gelu" || keyword.as_deref().unwrap_or("approximate") != "approximate" || !known {
            let message =
                format!("gives `{name}` an argument that it does not take; `gelu(approximate = true)` is one");
            return Err(syn::Error::new(argument.value.span(), message));
        }
        if approximate {
            act = Activated::Elementwise(Act::GeluTanh);
        }
    }
    Ok(act)
}

/// What the numbers of an input can be: Keras's word, and Rust's.
pub const DTYPES: &[(&str, &str)] =
    &[("float32", "f32"), ("uint8", "u8"), ("uint16", "u16"), ("uint32", "u32"), ("int32", "i32"), ("int64", "i64")];

/// The numbers that an input is made of: a Rust type, or Keras's word for it.
///
/// # Errors
/// If there is no such input.
pub fn dtype(expr: &Expr) -> syn::Result<Ident> {
    let name = word(expr).unwrap_or_default();
    match DTYPES.iter().find(|(keras, rust)| *keras == name || *rust == name) {
        Some((_, rust)) => Ok(Ident::new(rust, expr.span())),
        None => {
            let all = DTYPES.iter().flat_map(|(keras, rust)| [*rust, *keras]);
            let near = suggestion(&name, all.clone());
            let list = all.collect::<Vec<_>>().join(", ");
            let message = format!("`Input`: `dtype` is not one of the inputs' types{near}\navailable: {list}");
            Err(syn::Error::new_spanned(expr, message))
        }
    }
}
