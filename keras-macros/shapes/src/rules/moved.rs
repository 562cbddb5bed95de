//! What moves, cuts or divides what it is given.

use crate::{Inferred, Msg, Shape};

/// `Input(…)`: every dimension at least 1.
pub const fn input(shape: Shape) -> Inferred {
    if shape.is_empty() {
        return Err(Msg::new("Input: every dimension must be at least 1, got ").shape(&shape));
    }
    Ok(shape)
}

/// A size that must not be 0.
pub const fn at_least_one(n: usize) -> Inferred {
    if n == 0 { Err(Msg::new("a size must be at least 1, got 0")) } else { Ok(Shape::new(&[n])) }
}

/// `Flatten()`: all dimensions in one.
pub const fn flatten(x: Shape) -> Inferred {
    if x.is_poison() { Ok(x) } else { Ok(Shape::new(&[x.len()])) }
}

/// `Reshape(target_shape)`: as many values in another shape. `infer` is the index of the dimension written as -1.
pub const fn reshape(x: Shape, target: Shape, infer: Option<usize>) -> Inferred {
    if x.is_poison() {
        return Ok(x);
    }
    let found = x.len();
    let target = match infer {
        None => target,
        Some(i) => {
            let rest = target.with(i, 1).len();
            if rest == 0 || !found.is_multiple_of(rest) {
                return Err(Msg::new("Reshape: ")
                    .num(found)
                    .text(" values of an input ")
                    .shape(&x)
                    .text(" cannot be divided into ")
                    .num(rest)
                    .text("; the dimension -1 must come out whole"));
            }
            target.with(i, found / rest)
        }
    };
    if target.len() != found {
        return Err(Msg::new("Reshape: target_shape ")
            .shape(&target)
            .text(" holds ")
            .num(target.len())
            .text(" values, its input ")
            .shape(&x)
            .text(" holds ")
            .num(found)
            .text("; write -1 for one dimension to have it worked out"));
    }
    Ok(target)
}

/// `Cropping1D` and the like: what is left of dimension `i`, at least one position.
pub const fn cropping(x: Shape, i: usize, before: usize, behind: usize) -> Inferred {
    if x.is_poison() {
        return Ok(x);
    }
    let cut = before.saturating_add(behind);
    if cut >= x.dim(i) {
        return Err(Msg::new("Cropping")
            .num(x.rank() - 1)
            .text("D: `cropping` cuts off ")
            .num(before)
            .text(" + ")
            .num(behind)
            .text(" of ")
            .num(x.dim(i))
            .text(" positions in dimension ")
            .num(i + 1)
            .text(" of ")
            .shape(&x)
            .text("; at least one must be left"));
    }
    Ok(x.with(i, x.dim(i) - cut))
}

/// `glu`: dimension `axis`, which counts from 0 without the batch, is halved.
pub const fn glu(x: Shape, axis: usize) -> Inferred {
    if x.is_poison() {
        return Ok(x);
    }
    if !x.dim(axis).is_multiple_of(2) {
        return Err(Msg::new("glu: dimension ")
            .num(axis + 1)
            .text(" of ")
            .shape(&x)
            .text(" must be even, since its second half gates the first"));
    }
    Ok(x.with(axis, x.dim(axis) / 2))
}

/// `GroupNormalization(groups, axis)`: the channels in groups of one size.
pub const fn group_normalization(x: Shape, axis: usize, groups: usize) -> Inferred {
    if x.is_poison() {
        return Ok(x);
    }
    if groups == 0 || !x.dim(axis).is_multiple_of(groups) {
        return Err(Msg::new("GroupNormalization: ")
            .num(x.dim(axis))
            .text(" channels cannot be divided into ")
            .num(groups)
            .text(" groups of one size; `groups` must divide the channels, or be -1 for a group for each"));
    }
    Ok(x)
}
