//! Windows that move over the positions of a sample.

use proc_macro2::TokenStream;
use quote::quote;

use crate::graph::Num;

/// Where windows lie, as keras-shapes has it, in three spatial dimensions.
#[derive(Clone, Debug)]
pub struct Windows {
    /// Positions of the input.
    pub n: [Num; 3],
    /// Taps of a window.
    pub k: [Num; 3],
    /// Positions from one window to the next.
    pub stride: [Num; 3],
    /// Positions from one tap to the next.
    pub dilation: [Num; 3],
    /// Positions that the first window begins before the input.
    pub before: [Num; 3],
    /// How many windows there are.
    pub out: [Num; 3],
}

impl Windows {
    /// The expression.
    #[must_use]
    pub fn quoted(&self) -> TokenStream {
        let Windows { n, k, stride, dilation, before, out } = self;
        quote! {
            Windows {
                n: [#(#n),*],
                k: [#(#k),*],
                stride: [#(#stride),*],
                dilation: [#(#dilation),*],
                before: [#(#before),*],
                out: [#(#out),*],
            }
        }
    }

    /// The value, if all sizes are known.
    #[must_use]
    pub fn known(&self) -> Option<keras_shapes::windows::Windows> {
        let all = |nums: &[Num; 3]| Some([nums[0].known()?, nums[1].known()?, nums[2].known()?]);
        Some(keras_shapes::windows::Windows {
            n: all(&self.n)?,
            k: all(&self.k)?,
            stride: all(&self.stride)?,
            dilation: all(&self.dilation)?,
            before: all(&self.before)?,
            out: all(&self.out)?,
        })
    }
}
