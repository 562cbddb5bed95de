//! What layers share whose windows move over the positions of a sample.

use keras_shapes::rules::WINDOWED;
use keras_shapes::windows::{same_before, span, transposed_before};
use quote::quote;

use super::given::{infer, require};
use super::kinds::Padding;
use super::{Args, Lower};
use crate::graph::ops::Windows;
use crate::graph::{Num, Shape, ValueId};

/// The number of a layer in `keras_shapes::rules::WINDOWED`.
pub(super) fn number(args: &Args) -> usize {
    WINDOWED.iter().position(|name| *name == args.spec.name).unwrap_or_default()
}

/// Sizes as the shape that rules are given.
pub(super) fn sizes(sizes: &[Num]) -> Shape {
    Shape::new(sizes.to_vec())
}

/// Some dimensions as the last of three.
pub(super) fn three(dims: &[Num], fill: usize) -> [Num; 3] {
    std::array::from_fn(|i| (i + dims.len()).checked_sub(3).map_or(Num::Lit(fill), |i| dims[i].clone()))
}

impl Lower<'_> {
    /// The input of a layer over so many spatial dimensions, its channels last. Nothing after a mistake.
    pub(super) fn channels_last(&mut self, args: &Args, value: ValueId, dims: usize) -> Option<ValueId> {
        let (_, first) = self.spatial(args, value, dims)?;
        if first == 0 {
            return Some(value);
        }
        let order: Vec<usize> = (1..=dims).chain([0]).collect();
        Some(self.permute(value, &order))
    }

    /// The result of such a layer, its channels where the layer has them.
    pub(super) fn channels_back(&mut self, args: &Args, value: ValueId, dims: usize) -> ValueId {
        if !args.bool("data_format", false) {
            return value;
        }
        let order: Vec<usize> = [dims].into_iter().chain(0..dims).collect();
        self.permute(value, &order)
    }

    /// Windows over a value whose channels are last, and the shape of what they give, with the features of the input.
    /// `argument` has given their `size`. Nothing after a mistake.
    pub(super) fn windows(
        &mut self,
        args: &Args,
        shape: &Shape,
        argument: &str,
        size: &[Num],
        [strides, dilation]: [&[Num]; 2],
        padding: Padding,
    ) -> Option<(Shape, Windows)> {
        let (layer, dims) = (number(args), size.len());
        let [given, by, apart] = [size, strides, dilation].map(sizes);
        require!(self, args.span_of("strides"), strided(by, apart, layer))?;
        let padded = usize::from(padding != Padding::Valid);
        let span = args.span_of(argument);
        let mut out = infer!(self, span, dims + 1, windows(shape, given, by, apart, padded, layer))?;
        out.dims[dims] = shape.last();
        let before: Vec<Num> = (0..dims)
            .map(|i| match padding {
                Padding::Valid => Num::Lit(0),
                Padding::Same => self.same_before(&shape.dims[i], &size[i], &dilation[i], &strides[i]),
                Padding::Causal => match (&size[i], &dilation[i]) {
                    (Num::Lit(k), Num::Lit(d)) => Num::Lit(k.saturating_sub(1).saturating_mul(*d)),
                    (k, d) => Num::Const(quote!(((#k - 1) * #d))),
                },
            })
            .collect();
        let windows = Windows {
            n: three(&shape.dims[..dims], 1),
            k: three(size, 1),
            stride: three(strides, 1),
            dilation: three(dilation, 1),
            before: three(&before, 0),
            out: three(&out.dims[..dims], 1),
        };
        Some((out, windows))
    }

    /// Positions that the first window of a transposed convolution begins before what it gives, given its taps, their
    /// distance, its stride and its output padding.
    pub(super) fn transposed_before(&self, of: [&Num; 4], padded: bool) -> Num {
        match of.map(Num::known) {
            [Some(k), Some(d), Some(s), Some(more)] => Num::Lit(transposed_before(span(k, d), s, more, padded)),
            _ => {
                let ([k, dilation, stride, more], krate) = (of, self.krate());
                let windows = quote!(#krate::__private::shapes::windows);
                let span = quote!(#windows::span(#k, #dilation));
                Num::Const(quote!(#windows::transposed_before(#span, #stride, #more, #padded)))
            }
        }
    }

    fn same_before(&self, n: &Num, k: &Num, dilation: &Num, stride: &Num) -> Num {
        match (n, k, dilation, stride) {
            (Num::Lit(n), Num::Lit(k), Num::Lit(d), Num::Lit(s)) => Num::Lit(same_before(*n, span(*k, *d), *s)),
            _ => {
                let krate = self.krate();
                let windows = quote!(#krate::__private::shapes::windows);
                Num::Const(quote!(#windows::same_before(#n, #windows::span(#k, #dilation), #stride)))
            }
        }
    }
}
