//! Layers that are called again, and those that only rustc knows.

use crate::{Inferred, Msg, Shape};

/// A layer that is called again: its second input must have the features that it was built for.
pub const fn shared(x: Shape, built: usize) -> Inferred {
    if x.is_poison() {
        return Ok(x);
    }
    if x.last() != built {
        return Err(Msg::new("this shared layer was first called with ")
            .num(built)
            .text(" features, here it gets ")
            .num(x.last()));
    }
    Ok(x)
}

/// The same for a layer whose weights have the dimensions of its input, as far as they are not shared.
pub const fn shared_whole(x: Shape, built: Shape) -> Inferred {
    if x.is_poison() || built.is_poison() || x.same(&built) {
        return Ok(x);
    }
    Err(Msg::new("this shared layer was first called with an input whose weights are ")
        .shape(&built)
        .text(", here they would be ")
        .shape(&x))
}

/// A model that is a layer: it takes samples of its own input's shape.
pub const fn nested(x: Shape, input: Shape, name: &str) -> Inferred {
    if x.is_poison() || input.is_poison() {
        return Ok(Shape::POISON);
    }
    if !x.same(&input) {
        return Err(Msg::new(name)
            .text(": the model takes samples of shape ")
            .shape(&input)
            .text(", here it gets ")
            .shape(&x));
    }
    Ok(x)
}

/// A layer of the user's, or a model that is a layer, that is called again: samples of the shape it was first called with.
pub const fn again(x: Shape, first: Shape, name: &str) -> Inferred {
    if x.is_poison() || first.is_poison() {
        return Ok(Shape::POISON);
    }
    if !x.same(&first) {
        return Err(Msg::new(name)
            .text(": first called with samples of shape ")
            .shape(&first)
            .text(", here with ")
            .shape(&x));
    }
    Ok(x)
}

/// `output_shape = […]` of a layer of the user's: what is written and what the layer says.
pub const fn declared(written: Shape, found: Shape, name: &str) -> Inferred {
    if written.is_poison() || found.is_poison() {
        return Ok(Shape::POISON);
    }
    if !written.same(&found) {
        return Err(Msg::new(name)
            .text(": `output_shape` is ")
            .shape(&written)
            .text(", the layer gives ")
            .shape(&found));
    }
    Ok(written)
}
