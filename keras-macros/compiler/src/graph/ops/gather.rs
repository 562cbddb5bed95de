//! Data moved by a rule: permuted, cropped, padded with zeros, repeated.

use proc_macro2::TokenStream;
use quote::quote;

use super::Op;
use crate::graph::code::{Call, Ref, call};
use crate::graph::{Num, Shape, Site};

/// Where the elements of one dimension of the output come from, as keras-kernels has it.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Positions of the output.
    pub len: Num,
    /// Positions of the input.
    pub from: Num,
    /// Elements from one position of the input to the next.
    pub stride: Num,
    /// Zeros before the first position.
    pub before: Num,
    /// Positions of the input that are left out at the beginning.
    pub skip: Num,
    /// How often each position comes.
    pub repeat: Num,
}

impl Axis {
    /// The axes of a value as it is, in order.
    #[must_use]
    pub fn all(shape: &Shape) -> Vec<Axis> {
        let plain = |(i, len): (usize, &Num)| Axis {
            len: len.clone(),
            from: len.clone(),
            stride: Num::product(&shape.dims[i + 1..]),
            before: Num::Lit(0),
            skip: Num::Lit(0),
            repeat: Num::Lit(1),
        };
        shape.dims.iter().enumerate().map(plain).collect()
    }

    fn quoted(&self) -> TokenStream {
        let Axis { len, from, stride, before, skip, repeat } = self;
        quote!(Axis { len: #len, from: #from, stride: #stride, before: #before, skip: #skip, repeat: #repeat })
    }
}

/// Gathers by these axes of the output from samples of `len` elements.
pub struct Gather {
    /// Elements of an input sample.
    pub len: Num,
    /// The axes.
    pub axes: Vec<Axis>,
}

impl Gather {
    fn axes(&self) -> Vec<TokenStream> {
        self.axes.iter().map(Axis::quoted).collect()
    }
}

impl Op for Gather {
    fn kind(&self) -> Option<TokenStream> {
        let (len, axes) = (&self.len, self.axes());
        Some(quote!(Gather { len: #len, axes: &[#(#axes),*] }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, len, axes) = (site.y(), site.x(0), &self.len, self.axes());
        Some(call!(site, gather::forward(y, x, len, Ref(&axes))))
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, dy, acc) = (site.dx(i), site.dy(), site.acc());
        let (len, axes) = (&self.len, self.axes());
        call!(site, gather::backward(dx, dy, len, Ref(&axes), acc))
    }

    fn is_exact(&self) -> bool {
        true
    }
}
