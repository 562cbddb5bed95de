//! One function for each layer whose output shape has to be worked out from its input.
//!
//! Each answers a poisoned input with poison, and a mistake with a message in Keras's voice that names the layer, what
//! was expected, what was found and how to mend it.

use crate::windows::{AUTO, same, span, transposed, valid};
use crate::{Inferred, MAX_RANK, Msg, Shape};

/// `Input(…)`: every dimension at least 1.
pub const fn input(shape: Shape) -> Inferred {
    if shape.is_empty() {
        return Err(Msg::new("Input: every dimension must be at least 1, got ").shape(&shape));
    }
    Ok(shape)
}

/// `Dense(units)`: the last dimension becomes `units`.
pub const fn dense(x: Shape, units: usize) -> Inferred {
    if x.is_poison() {
        return Ok(x);
    }
    if units == 0 {
        return Err(Msg::new("Dense: `units` must be at least 1, got 0"));
    }
    if x.rank() == 0 {
        return Err(Msg::new(
            "Dense: expected an input with at least one dimension, got (); let the layer before give `[f32; 1]`",
        ));
    }
    Ok(x.with(x.rank() - 1, units))
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

/// Behind a number of dimensions that is too large.
const DIMENSIONS: &str = " dimensions; a sample can have 6 at the most";

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

/// A size that must not be 0.
pub const fn at_least_one(n: usize) -> Inferred {
    if n == 0 { Err(Msg::new("a size must be at least 1, got 0")) } else { Ok(Shape::new(&[n])) }
}

/// What the states of recurrent layers, and those of cells that are called by themselves, are given by.
pub const STATES: [&str; 2] = ["`initial_state`", "`states`"];

/// A state of a recurrent layer before its first step, given by [`STATES`]`[word]`.
pub const fn initial_state(x: Shape, expected: Shape, word: usize) -> Inferred {
    if x.is_poison() || expected.is_poison() || x.same(&expected) {
        return Ok(x);
    }
    Err(Msg::new(STATES[word])
        .text(": expected values of shape ")
        .shape(&expected)
        .text(", one for each state, found ")
        .shape(&x))
}

/// How many states a cell of the user's has, and how many a model has for it: given to it if `word` is 0, and otherwise
/// names for those that come out.
pub const fn cell_states(found: usize, given: usize, word: usize, name: &str) -> Inferred {
    if found == given {
        return Ok(Shape::new(&[]));
    }
    let msg = Msg::new(name).text(if found == 1 { ": the cell has 1 state, " } else { ": the cell has " });
    let msg = if found == 1 { msg } else { msg.num(found).text(" states, ") };
    if word == 0 {
        return Err(msg.num(given).text(if given == 1 { " is given" } else { " are given" }));
    }
    Err(msg.text("there are names for ").num(given).text(" behind the output"))
}

/// The mask of a sequence: a number for each step.
pub const fn step_mask(x: Shape, expected: Shape) -> Inferred {
    if x.is_poison() || x.same(&expected) {
        return Ok(x);
    }
    Err(Msg::new("`mask`: expected a value of shape ")
        .shape(&expected)
        .text(", one number for each step, found ")
        .shape(&x))
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

/// The layers whose windows move over positions, by the number that the rules below are given.
pub const WINDOWED: [&str; 19] = [
    "Conv1D",
    "Conv2D",
    "Conv3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "SeparableConv1D",
    "SeparableConv2D",
    "Conv1DTranspose",
    "Conv2DTranspose",
    "Conv3DTranspose",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
];

const fn windowed(layer: usize) -> Msg {
    Msg::new(WINDOWED[layer])
}

/// `Conv1D` and the like: the features on either side are divided into groups.
pub const fn grouped(x: Shape, filters: usize, groups: usize, layer: usize) -> Inferred {
    if x.is_poison() {
        return Ok(x);
    }
    if filters == 0 || groups == 0 {
        return at_least_one(0);
    }
    if !x.last().is_multiple_of(groups) {
        return Err(windowed(layer)
            .text(": the input's ")
            .num(x.last())
            .text(" features cannot be divided into ")
            .num(groups)
            .text(" groups"));
    }
    if !filters.is_multiple_of(groups) {
        return Err(windowed(layer)
            .text(": ")
            .num(filters)
            .text(" filters cannot be divided into ")
            .num(groups)
            .text(" groups"));
    }
    Ok(x.with(x.rank() - 1, filters))
}

/// Windows either move by more than one position, or their taps are more than one apart.
pub const fn strided(strides: Shape, dilation: Shape, layer: usize) -> Inferred {
    if strides.is_empty() || dilation.is_empty() {
        return at_least_one(0);
    }
    if strides.len() > 1 && dilation.len() > 1 {
        return Err(windowed(layer).text(": `strides` of more than 1 do not go with a `dilation_rate` of more than 1"));
    }
    Ok(strides)
}

/// `AdaptiveMaxPooling1D` and the like: as many windows in each dimension but the last as `size` says.
pub const fn adaptive(x: Shape, size: Shape) -> Inferred {
    if x.is_poison() {
        return Ok(x);
    }
    if size.is_empty() {
        return at_least_one(0);
    }
    let mut out = x;
    let mut i = 0;
    while i < size.rank() {
        out = out.with(i, size.dim(i));
        i += 1;
    }
    Ok(out)
}

/// How many windows of so many taps fit into each dimension but the last; if `padded`, one at each stride.
pub const fn windows(x: Shape, size: Shape, strides: Shape, dilation: Shape, padded: usize, layer: usize) -> Inferred {
    if x.is_poison() {
        return Ok(x);
    }
    if size.is_empty() || strides.is_empty() || dilation.is_empty() {
        return at_least_one(0);
    }
    let mut out = x;
    let mut i = 0;
    while i < size.rank() {
        let (n, reach, stride) = (x.dim(i), span(size.dim(i), dilation.dim(i)), strides.dim(i));
        let count = if padded > 0 { same(n, stride) } else { valid(n, reach, stride) };
        if count == 0 {
            return Err(windowed(layer)
                .text(": a window of ")
                .num(reach)
                .text(" positions does not fit into the ")
                .num(n)
                .text(" of dimension ")
                .num(i + 1)
                .text(" of ")
                .shape(&x)
                .text("; make it smaller, or pad with `padding = same`"));
        }
        out = out.with(i, count);
        i += 1;
    }
    Ok(out)
}

/// `Conv1DTranspose` and the like: the positions that windows of so many taps give. `more` has the output padding of each
/// dimension but the last, or `AUTO`.
pub const fn transposed_windows(
    x: Shape,
    size: Shape,
    strides: Shape,
    dilation: Shape,
    more: Shape,
    padded: usize,
    layer: usize,
) -> Inferred {
    if x.is_poison() {
        return Ok(x);
    }
    if size.is_empty() || strides.is_empty() || dilation.is_empty() {
        return at_least_one(0);
    }
    let mut out = x;
    let mut i = 0;
    while i < size.rank() {
        let (stride, more) = (strides.dim(i), more.dim(i));
        if more != AUTO && more >= stride {
            return Err(windowed(layer)
                .text(": `output_padding` must be less than the stride, got ")
                .num(more)
                .text(" for a stride of ")
                .num(stride));
        }
        let count = transposed(x.dim(i), span(size.dim(i), dilation.dim(i)), stride, more, padded > 0);
        if count == 0 {
            return Err(windowed(layer)
                .text(": nothing is left of dimension ")
                .num(i + 1)
                .text("; use another `kernel_size` or `output_padding`"));
        }
        out = out.with(i, count);
        i += 1;
    }
    Ok(out)
}
