//! Queries, keys and values, and what may attend to what.

use crate::{Inferred, Msg, Shape};

/// The layers of attention, by the number that [`attention`] is given.
const ATTENDING: [&str; 4] = ["Attention", "MultiHeadAttention", "GroupQueryAttention", "AdditiveAttention"];

/// `Attention` and the like: a query, a value and a key, of steps and features. Where the features of query and key are not
/// brought to one size, they have one.
pub const fn attention(query: Shape, value: Shape, key: Shape, layer: usize) -> Inferred {
    if query.is_poison() || value.is_poison() || key.is_poison() {
        return Ok(Shape::POISON);
    }
    if value.dim(0) != key.dim(0) {
        return Err(Msg::new(ATTENDING[layer])
            .text(": value and key must have as many steps, got ")
            .shape(&value)
            .text(" and ")
            .shape(&key));
    }
    if (layer == 0 || layer == 3) && query.last() != key.last() {
        return Err(Msg::new(ATTENDING[layer])
            .text(": query and key must have as many features, got ")
            .shape(&query)
            .text(" and ")
            .shape(&key));
    }
    Ok(query)
}

/// `MultiHeadAttention` of inputs of several dimensions: value and key differ in their features alone, and query and key have
/// one size in each dimension of which `free` has the bit, along which nothing is attended to.
pub const fn attention_axes(query: Shape, value: Shape, key: Shape, free: usize, layer: usize) -> Inferred {
    if query.is_poison() || value.is_poison() || key.is_poison() {
        return Ok(Shape::POISON);
    }
    let mut i = 0;
    while i + 1 < query.rank() {
        if value.dim(i) != key.dim(i) {
            return Err(Msg::new(ATTENDING[layer])
                .text(": value and key must have the same dimensions but for the last, got ")
                .shape(&value)
                .text(" and ")
                .shape(&key));
        }
        if free >> i & 1 == 1 && query.dim(i) != key.dim(i) {
            return Err(Msg::new(ATTENDING[layer])
                .text(": query and key must have the same dimensions beside `attention_axes`, got ")
                .shape(&query)
                .text(" and ")
                .shape(&key));
        }
        i += 1;
    }
    Ok(query)
}

/// The mask that a call of `MultiHeadAttention` is given, where its inputs are of several dimensions.
pub const fn attention_mask_along(mask: Shape, wanted: Shape, layer: usize) -> Inferred {
    if mask.is_poison() || wanted.is_poison() {
        return Ok(Shape::POISON);
    }
    let mut i = 0;
    while i < mask.rank() {
        if mask.dim(i) != 1 && mask.dim(i) != wanted.dim(i) {
            return Err(Msg::new(ATTENDING[layer])
                .text(": `attention_mask` must be of ")
                .shape(&wanted)
                .text(", where any dimension may be 1; got ")
                .shape(&mask));
        }
        i += 1;
    }
    Ok(wanted)
}

/// `attention_mask` of attention whose scores have this shape (heads, queries, keys): a number for each query and key, or
/// for each head too; or one for all of a dimension.
pub const fn attention_mask(mask: Shape, scores: Shape, layer: usize) -> Inferred {
    if mask.is_poison() || scores.is_poison() {
        return Ok(Shape::POISON);
    }
    let (mut fits, before) = (mask.rank() == 2 || mask.rank() == 3, 3 - if mask.rank() < 3 { mask.rank() } else { 3 });
    let mut i = 0;
    while fits && i < mask.rank() {
        fits = mask.dim(i) == 1 || mask.dim(i) == scores.dim(before + i);
        i += 1;
    }
    if !fits {
        return Err(Msg::new(ATTENDING[layer])
            .text(": `attention_mask` must be of queries and keys, ")
            .shape(&Shape::new(&[scores.dim(1), scores.dim(2)]))
            .text(", or of heads too, ")
            .shape(&scores)
            .text(", where any dimension may be 1; got ")
            .shape(&mask));
    }
    Ok(scores)
}

/// `GroupQueryAttention`: each head of keys and values serves as many heads of queries.
pub const fn shared_heads(queries: usize, keys: usize) -> Inferred {
    if keys == 0 || !queries.is_multiple_of(keys) {
        return Err(Msg::new("GroupQueryAttention: ")
            .num(queries)
            .text(" heads of queries cannot share ")
            .num(keys)
            .text(" heads of keys and values evenly"));
    }
    Ok(Shape::new(&[queries]))
}
