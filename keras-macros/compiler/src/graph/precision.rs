//! The formats of numbers that layers compute in.

use proc_macro2::{Ident, Span};

/// What numbers are rounded to: see `keras_kernels::round`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Nothing is rounded.
    #[default]
    Float32,
    /// The upper half of a `f32`.
    Bfloat16,
    /// The half precision of IEEE 754.
    Float16,
}

impl Precision {
    /// Its name in the generated code.
    #[must_use]
    pub fn word(self) -> Ident {
        let word = match self {
            Precision::Float32 => "Float32",
            Precision::Bfloat16 => "Bfloat16",
            Precision::Float16 => "Float16",
        };
        Ident::new(word, Span::call_site())
    }
}
