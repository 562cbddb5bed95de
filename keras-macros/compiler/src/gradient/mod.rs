//! `gradient!`: functions and their gradients, by reverse mode from source to source.
//!
//! ```text
//! tokens → syntax (signature, block) → read (names, shapes, straight-line values) → forward, reverse → expand
//! ```
//!
//! - [`syntax`] reads the signatures.
//! - [`shape`] knows when two shapes are equal, and what two of them are broadcast to.
//! - [`values`] is the function in single-assignment form: blocks of values, branches and loops.
//! - [`read`] turns the block into it and finds all mistakes; [`statements`], [`blocks`], [`expr`], [`call`] and
//!   [`index`] do so for statements, branches and loops, expressions, calls and places.
//! - [`functions`] is the list of the functions that can be called; [`other`] calls those that are written in
//!   `gradient!`, as a [`callee`], and [`apart`] their gradients; [`recursion`] tells of circles.
//! - [`full`] writes calls of the hidden function that gives all gradients.
//! - [`forward`] writes a block's values; [`reverse`] their gradients, last to first.
//! - [`expand`] writes the functions.
//!
//! A branch is computed again in the reverse pass, and so is the body of a loop, whose carried variables are kept for
//! each turn: nothing but them is stored, and they lie in an array on the stack.
//!
//! Second derivatives are forward over reverse. Beside `f_grad`, each function `f` comes as a hidden one that gives the
//! gradients of all parameters, generic over the kind of number. With numbers that carry a derivative it gives the product
//! of the matrix of second derivatives H and a direction v; H is symmetric, so that is the gradient of v·∇f too, which the
//! reverse pass of a function that calls `f_grad` asks for. Numbers may be nested, so this goes on to any depth, and a
//! gradient that nobody calls costs no code.

pub mod apart;
pub mod blocks;
pub mod call;
pub mod callee;
pub mod expand;
pub mod expr;
pub mod forward;
pub mod full;
pub mod functions;
pub mod index;
pub mod other;
pub mod read;
pub mod recursion;
pub mod reverse;
pub mod shape;
pub mod statements;
pub mod syntax;
pub mod values;

use proc_macro2::TokenStream;

use crate::Errors;

/// The program in the tokens of `gradient! { … }`, and the functions that come of it. Mistakes are added to `errors`;
/// the functions then only have their signatures.
pub fn compile(tokens: TokenStream, errors: &mut Errors) -> TokenStream {
    let (krate, tokens) = crate::syntax::split_crate(tokens);
    let mut source = syntax::parse(tokens, errors);
    source.circles = recursion::check(&source, errors);
    let programs: Vec<_> = source.functions.iter().map(|function| read::program(&source, function, errors)).collect();
    let good = errors.is_empty();
    let functions = source.functions.iter().zip(programs);
    functions
        .map(|(function, program)| match program {
            Some(program) if good => expand::functions(&krate, &source, function, &program),
            _ => expand::shell(&krate, function),
        })
        .collect()
}
