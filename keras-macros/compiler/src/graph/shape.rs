//! The dimensions of a value: numbers or expressions; how many there are is known.

use proc_macro2::TokenStream;
use quote::quote;

use super::Num;

/// Dimensions of one sample.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The dimensions.
    pub dims: Vec<Num>,
    /// Whether a mistake before it was already told.
    pub poison: bool,
}

impl Shape {
    /// The shape with these dimensions.
    #[must_use]
    pub fn new(dims: Vec<Num>) -> Shape {
        Shape { dims, poison: false }
    }

    /// What follows from a mistake that was told.
    #[must_use]
    pub fn poison() -> Shape {
        Shape { dims: vec![Num::Lit(1)], poison: true }
    }

    /// How many dimensions there are.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.dims.len()
    }

    /// The product of all dimensions.
    #[must_use]
    pub fn len(&self) -> Num {
        Num::product(&self.dims)
    }

    /// Whether there is no dimension.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.dims.is_empty()
    }

    /// The last dimension.
    #[must_use]
    pub fn last(&self) -> Num {
        self.dims.last().cloned().unwrap_or(Num::Lit(1))
    }

    /// The product of all dimensions but the last.
    #[must_use]
    pub fn outer(&self) -> Num {
        Num::product(&self.dims[..self.rank().saturating_sub(1)])
    }

    /// The same with another last dimension.
    #[must_use]
    pub fn with_last(&self, n: Num) -> Shape {
        let mut shape = self.clone();
        if let Some(last) = shape.dims.last_mut() {
            *last = n;
        }
        shape
    }

    /// The shape of keras-shapes, if all dimensions are known.
    #[must_use]
    pub fn known(&self) -> Option<keras_shapes::Shape> {
        if self.poison {
            return Some(keras_shapes::Shape::POISON);
        }
        let dims: Option<Vec<usize>> = self.dims.iter().map(Num::known).collect();
        dims.map(|dims| keras_shapes::Shape::new(&dims))
    }

    /// The expression that makes the shape of keras-shapes.
    #[must_use]
    pub fn quoted(&self, krate: &TokenStream) -> TokenStream {
        let dims = &self.dims;
        quote!(#krate::__private::shapes::Shape::new(&[#(#dims),*]))
    }

    /// Whether a dimension contains the model's const generic.
    #[must_use]
    pub fn is_generic(&self) -> bool {
        self.dims.iter().any(Num::is_generic)
    }

    /// The nested array of `elem` with these dimensions.
    #[must_use]
    pub fn array(&self, elem: &impl quote::ToTokens) -> TokenStream {
        array(&self.dims, elem)
    }
}

/// The nested array type of `elem` with these dimensions.
#[must_use]
pub fn array(dims: &[Num], elem: &impl quote::ToTokens) -> TokenStream {
    dims.iter().rev().fold(quote!(#elem), |inner, dim| match dim {
        Num::Const(expr) => quote!([#inner; { #expr }]),
        dim => quote!([#inner; #dim]),
    })
}
