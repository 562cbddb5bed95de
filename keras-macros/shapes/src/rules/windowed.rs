//! Windows that move over positions.

use super::at_least_one;
use crate::windows::{AUTO, same, span, transposed, valid};
use crate::{Inferred, Msg, Shape};

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
