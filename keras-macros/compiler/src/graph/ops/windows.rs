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

/// The sizes of a convolution, as keras-shapes has them.
#[derive(Clone, Debug)]
pub struct Geometry {
    /// Its windows.
    pub windows: Windows,
    /// Features of the input.
    pub cin: Num,
    /// Features of the output.
    pub cout: Num,
    /// How many groups the features are divided into.
    pub groups: Num,
}

impl Geometry {
    /// The expression.
    #[must_use]
    pub fn quoted(&self) -> TokenStream {
        let Geometry { windows, cin, cout, groups } = self;
        let windows = windows.quoted();
        quote!(Geometry { windows: #windows, cin: #cin, cout: #cout, groups: #groups })
    }

    /// The value, if all sizes are known.
    #[must_use]
    pub fn known(&self) -> Option<keras_shapes::windows::Geometry> {
        Some(keras_shapes::windows::Geometry {
            windows: self.windows.known()?,
            cin: self.cin.known()?,
            cout: self.cout.known()?,
            groups: self.groups.known()?,
        })
    }
}
