//! Several inputs that become one.

use super::DIMENSIONS;
use crate::{Inferred, MAX_RANK, Msg, Shape};

/// The merging layers, by the number that [`merge`] and [`broadcast`] are given.
const MERGING: [&str; 6] = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"];

const fn apart(a: &Shape, b: &Shape, layer: usize) -> Msg {
    Msg::new(MERGING[layer])
        .text(": the inputs must have one shape, got ")
        .shape(a)
        .text(" and ")
        .shape(b)
        .text("; bring them to one shape with a `Dense` or `Reshape` before ")
        .text(if layer == 0 { "the sum" } else { "it" })
}

/// `Add()` and the like: both inputs of one shape. Applied pairwise for more than two.
pub const fn merge(a: Shape, b: Shape, layer: usize) -> Inferred {
    if a.is_poison() {
        return Ok(a);
    }
    if b.is_poison() {
        return Ok(b);
    }
    if a.same(&b) { Ok(a) } else { Err(apart(&a, &b, layer)) }
}

/// `Add()` and the like: the shape of both, where one that has 1 in a dimension, or lacks a leading one, is repeated.
pub const fn broadcast(a: Shape, b: Shape, layer: usize) -> Inferred {
    if a.is_poison() {
        return Ok(a);
    }
    if b.is_poison() {
        return Ok(b);
    }
    let mut out = if a.rank() < b.rank() { b } else { a };
    let mut i = 0;
    while i < out.rank() {
        let (of_a, of_b) = (from_end(&a, i), from_end(&b, i));
        if of_a != of_b && of_a != 1 && of_b != 1 {
            return Err(apart(&a, &b, layer));
        }
        out = out.with(out.rank() - 1 - i, if of_a == 1 { of_b } else { of_a });
        i += 1;
    }
    Ok(out)
}

/// The dimension `i` from the end; 1 where there is none.
const fn from_end(shape: &Shape, i: usize) -> usize {
    if i < shape.rank() { shape.dim(shape.rank() - 1 - i) } else { 1 }
}

/// `Softmax()(x, mask = m)`: a mask that has the dimensions of the input, or 1 in place of some.
pub const fn softmax_mask(mask: Shape, x: Shape) -> Inferred {
    if mask.is_poison() || x.is_poison() {
        return Ok(x);
    }
    let (mut i, mut fits) = (0, mask.rank() == x.rank());
    while fits && i < x.rank() {
        fits = mask.dim(i) == x.dim(i) || mask.dim(i) == 1;
        i += 1;
    }
    if fits {
        return Ok(x);
    }
    Err(Msg::new("Softmax: `mask` must have the dimensions of the input, ")
        .shape(&x)
        .text(", or 1 in place of some, found ")
        .shape(&mask))
}

/// `Concatenate(axis)`: the inputs agree but for `axis`, which counts from 0 without the batch. Applied pairwise for
/// more than two.
pub const fn concatenate(a: Shape, b: Shape, axis: usize) -> Inferred {
    if a.is_poison() {
        return Ok(a);
    }
    if b.is_poison() {
        return Ok(b);
    }
    if a.rank() != b.rank() || !a.with(axis, 1).same(&b.with(axis, 1)) {
        return Err(Msg::new("Concatenate: the inputs must agree in every dimension but axis ")
            .num(axis + 1)
            .text(", got ")
            .shape(&a)
            .text(" and ")
            .shape(&b));
    }
    Ok(a.with(axis, a.dim(axis) + b.dim(axis)))
}

/// `Dot(axes)`: both inputs agree in the dimension that is summed along, which counts from 0 without the batch.
pub const fn dot(a: Shape, b: Shape, of_a: usize, of_b: usize) -> Inferred {
    if a.is_poison() {
        return Ok(a);
    }
    if b.is_poison() {
        return Ok(b);
    }
    if a.dim(of_a) != b.dim(of_b) {
        return Err(Msg::new("Dot: the inputs must agree in the dimensions that are summed, got ")
            .num(a.dim(of_a))
            .text(" (axis ")
            .num(of_a + 1)
            .text(" of ")
            .shape(&a)
            .text(") and ")
            .num(b.dim(of_b))
            .text(" (axis ")
            .num(of_b + 1)
            .text(" of ")
            .shape(&b)
            .text(")"));
    }
    let (mut dims, mut rank) = ([1; 2 * MAX_RANK], 0);
    let mut i = 0;
    while i < a.rank() + b.rank() {
        let own = if i < a.rank() { i != of_a } else { i - a.rank() != of_b };
        if own {
            dims[rank] = if i < a.rank() { a.dim(i) } else { b.dim(i - a.rank()) };
            rank += 1;
        }
        i += 1;
    }
    if rank > MAX_RANK {
        return Err(Msg::new("Dot: the output would have ").num(rank).text(DIMENSIONS));
    }
    // Two vectors give one number, which is a dimension of 1.
    Ok(Shape::new(dims.split_at(if rank == 0 { 1 } else { rank }).0))
}
