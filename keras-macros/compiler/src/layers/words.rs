//! Words that arguments are given as: `relu` or `"relu"`.

use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::{Expr, Lit};

use super::values::bare;
use crate::errors::suggestion;

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

/// The word in an expression, if it is one of these.
pub(super) fn one_of(expr: &Expr, words: &[&'static str]) -> Option<&'static str> {
    let word = word(expr)?;
    words.iter().copied().find(|known| *known == word)
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
