//! `gradient!`: a function and its gradient, by reverse mode from source to source.
//!
//! ```text
//! tokens → syntax (signature, block) → read (names, shapes, straight-line values) → forward, reverse → expand
//! ```
//!
//! - [`syntax`] reads the signature.
//! - [`shape`] knows when two shapes are equal, and what two of them are broadcast to.
//! - [`values`] is the function in single-assignment form: blocks of values, branches and loops.
//! - [`read`] turns the block into it and finds all mistakes; [`blocks`], [`expr`], [`call`] and
//!   [`index`] do so for branches and loops, expressions, calls and places.
//! - [`functions`] is the list of the functions that can be called.
//! - [`forward`] writes a block's values; [`reverse`] their gradients, last to first.
//! - [`expand`] writes the functions.
//!
//! A branch is computed again in the reverse pass, and so is the body of a loop, whose carried variables are kept for
//! each turn: nothing but them is stored, and they lie in an array on the stack.

pub mod blocks;
pub mod call;
pub mod expand;
pub mod expr;
pub mod forward;
pub mod functions;
pub mod index;
pub mod read;
pub mod reverse;
pub mod shape;
pub mod syntax;
pub mod values;

use proc_macro2::TokenStream;

use crate::Errors;

/// The program in the tokens of `gradient! { … }`, and the functions that come of it. Mistakes are added to `errors`;
/// the functions then only have their signatures.
pub fn compile(tokens: TokenStream, errors: &mut Errors) -> TokenStream {
    let (krate, tokens) = crate::syntax::split_crate(tokens);
    let Some(function) = syntax::parse(tokens, errors) else {
        return TokenStream::new();
    };
    let program = read::program(&function, errors);
    match program {
        Some(program) if errors.is_empty() => expand::functions(&krate, &function, &program),
        _ => expand::shell(&function),
    }
}
