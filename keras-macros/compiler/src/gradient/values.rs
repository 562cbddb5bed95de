//! A function in single-assignment form.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;

use super::callee::{Callee, Part};
use super::shape::Shape;

/// Which value.
pub type Id = usize;

/// What is known of a value.
#[derive(Clone, Debug)]
pub struct Value {
    /// Its shape.
    pub shape: Shape,
    /// Whether it depends on a parameter whose gradient is asked for.
    pub active: bool,
    /// A const expression of it, if it is one.
    pub constant: Option<TokenStream>,
    /// The name under which it was written.
    pub name: Option<String>,
}

/// What is done to two tensors of one shape, element by element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// a + b
    Add,
    /// a − b
    Sub,
    /// a · b
    Mul,
    /// a / b
    Div,
    /// The larger one.
    Max,
    /// The smaller one.
    Min,
    /// a to the power of b
    Pow,
}

/// The ranks of the factors of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// Of two vectors: a number.
    VV,
    /// Of a vector and a matrix.
    VM,
    /// Of a matrix and a vector.
    MV,
    /// Of two matrices.
    MM,
}

/// What is done to the last dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// eˣ / Σ eˣ
    Softmax,
    /// Its logarithm.
    LogSoftmax,
    /// The nearest point of the simplex.
    Sparsemax,
    /// The first half times the sigmoid of the second.
    Glu,
}

/// How a value is computed from others.
#[derive(Clone, Debug)]
pub enum Op {
    /// The two, element by element.
    Binary(Binary, Id, Id),
    /// −a
    Neg(Id),
    /// A function of each element: the tokens make the function, `Relu` or `LeakyRelu(0.2)`.
    Unary(TokenStream, Id),
    /// A matrix product.
    Product(Product, Id, Id),
    /// The transposed matrix.
    Transpose(Id),
    /// Repeated to the shape of the result.
    Broadcast(Id),
    /// The same under another way to write its sizes.
    Fit(Id),
    /// The sum of all elements.
    Sum(Id),
    /// The sum over one dimension.
    SumOver(usize, Id),
    /// A function of the rows, that is of the last dimension.
    Rows(Rows, Id),
    /// A row, or an element.
    Index(TokenStream, Id),
    /// The tensor, with one row or element replaced.
    Replace {
        /// Where, one expression for each dimension that is indexed.
        at: Vec<TokenStream>,
        /// The tensor.
        of: Id,
        /// What is put there.
        by: Id,
    },
    /// An array of values.
    Array(Vec<Id>),
    /// Another function of `gradient!`, with where its arguments were written.
    Call(Callee, Vec<Id>, Vec<Span>),
}

impl Op {
    /// What it is computed from.
    #[must_use]
    pub fn operands(&self) -> Vec<Id> {
        match self {
            Op::Binary(_, a, b) | Op::Product(_, a, b) | Op::Replace { of: a, by: b, .. } => vec![*a, *b],
            Op::Neg(a)
            | Op::Unary(_, a)
            | Op::Transpose(a)
            | Op::Broadcast(a)
            | Op::Fit(a)
            | Op::Sum(a)
            | Op::SumOver(_, a)
            | Op::Rows(_, a)
            | Op::Index(_, a) => vec![*a],
            Op::Array(list) | Op::Call(_, list, _) => list.clone(),
        }
    }
}

/// One step of a function.
#[derive(Clone, Debug)]
pub enum Step {
    /// A value.
    Let(Id, Op),
    /// The value and the gradients of another function.
    Gradient {
        /// Its number, for the name of what the function gives.
        number: usize,
        /// The function.
        callee: Callee,
        /// Its arguments.
        args: Vec<Id>,
        /// Where they were written.
        spans: Vec<Span>,
        /// How many gradients it must give, as far as was written.
        shares: Option<usize>,
        /// What is taken of it, and under which value.
        outs: Vec<(Part, Id)>,
    },
    /// Values that one of two blocks gives.
    If {
        /// Its number, for the name of the condition.
        number: usize,
        /// The condition, a `bool`.
        condition: Condition,
        /// What is done if it holds, and if not. Both give as many values as there are in `outs`.
        branches: [Block; 2],
        /// What the branch's values are called outside.
        outs: Vec<Id>,
    },
    /// A block that is done for each number of a range.
    For {
        /// Its number, for the name of what is kept.
        number: usize,
        /// The loop variable.
        variable: Ident,
        /// The first number, and the one after the last.
        range: (TokenStream, TokenStream),
        /// How long an array must be that has an element for each turn, and the first turn's place in it.
        kept: (TokenStream, TokenStream),
        /// The values of the carried variables: before the loop, in each turn, after it.
        carried: Vec<(Id, Id, Id)>,
        /// One turn; gives the carried variables anew.
        body: Block,
    },
}

/// A condition: tokens between values.
#[derive(Clone, Debug)]
pub enum Condition {
    /// Two numbers compared.
    Compare(Id, syn::BinOp, Id),
    /// Two conditions, by `&&` or `||`.
    Both(Box<Condition>, syn::BinOp, Box<Condition>),
    /// Its contrary.
    Not(Box<Condition>),
    /// Integers compared, which are the user's own words.
    Words(TokenStream),
}

impl Condition {
    /// The values that it compares.
    pub fn operands(&self, out: &mut Vec<Id>) {
        match self {
            Condition::Compare(a, _, b) => out.extend([*a, *b]),
            Condition::Both(a, _, b) => {
                a.operands(out);
                b.operands(out);
            }
            Condition::Not(a) => a.operands(out),
            Condition::Words(_) => {}
        }
    }
}

/// Steps, and the values that they give.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// In order.
    pub steps: Vec<Step>,
    /// What it gives.
    pub results: Vec<Id>,
}

impl Block {
    /// The values from outside that it uses.
    #[must_use]
    pub fn free(&self) -> BTreeSet<Id> {
        let mut own = BTreeSet::new();
        let mut used = BTreeSet::new();
        for step in &self.steps {
            match step {
                Step::Let(id, op) => {
                    used.extend(op.operands());
                    own.insert(*id);
                }
                Step::Gradient { args, outs, .. } => {
                    used.extend(args);
                    own.extend(outs.iter().map(|(_, out)| *out));
                }
                Step::If { condition, branches, outs, .. } => {
                    let mut list = Vec::new();
                    condition.operands(&mut list);
                    used.extend(list);
                    used.extend(branches.iter().flat_map(Block::free));
                    own.extend(outs);
                }
                Step::For { carried, body, .. } => {
                    used.extend(body.free());
                    used.extend(carried.iter().map(|(before, _, _)| *before));
                    own.extend(carried.iter().flat_map(|(_, inside, after)| [*inside, *after]));
                }
            }
        }
        used.extend(&self.results);
        &used - &own
    }
}

/// What only rustc can check: an `assert!`.
#[derive(Clone, Debug)]
pub struct Check {
    /// The assertion.
    pub assertion: TokenStream,
    /// Where it was written.
    pub span: Span,
    /// Whether it is about a size that the function is generic over.
    pub generic: bool,
}

/// A whole function.
#[derive(Debug, Default)]
pub struct Program {
    /// All values.
    pub values: Vec<Value>,
    /// Those of the parameters, which are the first.
    pub parameters: usize,
    /// What is done.
    pub block: Block,
    /// What only rustc can check.
    pub checks: Vec<Check>,
}

impl Program {
    /// The variable of a value.
    #[must_use]
    pub fn name(&self, id: Id) -> Ident {
        match &self.values[id].name {
            Some(name) => format_ident!("{}_{}", name.trim_start_matches("r#"), id, span = Span::mixed_site()),
            None => format_ident!("t_{}", id, span = Span::mixed_site()),
        }
    }

    /// The variable of its gradient.
    #[must_use]
    pub fn gradient(&self, id: Id) -> Ident {
        format_ident!("d_{}", self.name(id), span = Span::mixed_site())
    }
}
