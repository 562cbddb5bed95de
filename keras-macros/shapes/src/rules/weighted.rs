//! Layers with a kernel or a table.

use super::DIMENSIONS;
use crate::{Inferred, MAX_RANK, Msg, Shape};

/// The layers of rows of features, by the number that [`dense`] is given.
const DENSE: [&str; 2] = ["Dense", "TernaryDense"];

/// `Dense(units)` and the like: the last dimension becomes `units`.
pub const fn dense(x: Shape, units: usize, layer: usize) -> Inferred {
    if x.is_poison() {
        return Ok(x);
    }
    if units == 0 {
        return Err(Msg::new(DENSE[layer]).text(": `units` must be at least 1, got 0"));
    }
    if x.rank() == 0 {
        return Err(Msg::new(DENSE[layer])
            .text(": expected an input with at least one dimension, got (); let the layer before give `[f32; 1]`"));
    }
    Ok(x.with(x.rank() - 1, units))
}

/// `EinsumDense`: a dimension that input and output share has one size.
pub const fn einsum_dense(size: usize, given: usize) -> Inferred {
    if size != given {
        return Err(Msg::new("EinsumDense: `output_shape` says ")
            .num(given)
            .text(" for a dimension that is ")
            .num(size)
            .text(" in the input"));
    }
    Ok(Shape::new(&[size]))
}

/// The most rows of a table whose numbers a float has exactly.
const TABLE: usize = 1 << 24;

/// `Embedding(input_dim)`: one dimension more, and numbers that a float has exactly.
pub const fn embedding(x: Shape, input_dim: usize) -> Inferred {
    if x.is_poison() {
        return Ok(x);
    }
    if x.rank() == MAX_RANK {
        return Err(Msg::new("Embedding: the output would have ").num(MAX_RANK + 1).text(DIMENSIONS));
    }
    if input_dim > TABLE {
        return Err(Msg::new("Embedding: `input_dim` is at the most ").num(TABLE).text(", got ").num(input_dim));
    }
    Ok(x)
}

/// `ReversibleEmbedding` in reverse: rows as long as those of the table.
pub const fn reversed_embedding(x: Shape, n: usize) -> Inferred {
    if x.is_poison() {
        return Ok(x);
    }
    if x.last() != n {
        return Err(Msg::new("ReversibleEmbedding: in reverse it takes rows of ")
            .num(n)
            .text(" features, got ")
            .shape(&x));
    }
    Ok(x)
}
