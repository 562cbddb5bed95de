//! What a call gives an argument.

use proc_macro2::TokenStream;

use super::activations::Chosen;
use super::equation::Equation;
use super::kinds::Padding;
use super::objects;
use crate::graph::{Num, Precision};
use crate::syntax::Call;

/// A dimension of a target shape.
#[derive(Clone, Debug)]
pub enum Dim {
    /// A size.
    Size(Num),
    /// -1, to be worked out.
    Infer,
}

/// The value of an argument.
#[derive(Debug)]
pub(super) enum Bound {
    Size(Num),
    Dims(Vec<Dim>),
    Sizes(Vec<Num>),
    Pairs(Vec<[Num; 2]>),
    Ints(Vec<i64>),
    NoiseShape(Vec<Option<i64>>),
    Float(Float),
    Int(i64),
    Bool(bool),
    Padding(Padding),
    Activation(Chosen),
    Object(objects::Made),
    Seed(TokenStream),
    Name(String),
    Policy(Precision),
    Layer(Box<Call>),
    Layers(Vec<Call>),
    Word(&'static str),
    Equation(Equation),
    Partial(Vec<Option<Num>>),
    Letters(Vec<char>),
    /// `rmin`, `rmax`, `dmax`.
    Limits([Option<Float>; 3]),
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
