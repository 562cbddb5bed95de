//! The dimensions of a value: numbers or expressions. How many there are is known, but behind a layer of the user's or a
//! model that is a layer: only rustc knows what those give.

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
    /// Shapes of const items that it was worked out from: if one of them is poison in rustc's hands, so is this.
    pub after: Vec<TokenStream>,
    /// The const that has the shape, where even the number of dimensions is rustc's to know; `dims` is empty then.
    pub opaque: Option<TokenStream>,
}

impl Shape {
    /// The shape that a const of the generated code has.
    #[must_use]
    pub fn opaque(shape: TokenStream) -> Shape {
        Shape { opaque: Some(shape), ..Shape::new(Vec::new()) }
    }

    /// The shape with these dimensions.
    #[must_use]
    pub fn new(dims: Vec<Num>) -> Shape {
        Shape { dims, poison: false, after: Vec::new(), opaque: None }
    }

    /// What follows from a mistake that was told.
    #[must_use]
    pub fn poison() -> Shape {
        Shape { poison: true, ..Shape::new(vec![Num::Lit(1)]) }
    }

    /// How many dimensions there are.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.dims.len()
    }

    /// The product of all dimensions.
    #[must_use]
    pub fn len(&self) -> Num {
        if let Some(shape) = &self.opaque {
            return Num::Const(quote!(#shape.len()));
        }
        Num::product(&self.dims)
    }

    /// Whether it is known to hold more numbers than any memory.
    #[must_use]
    pub fn too_large(&self) -> bool {
        self.len().known().is_some_and(|len| len > 1 << 40)
    }

    /// The same numbers with these dimensions.
    #[must_use]
    pub fn with_dims(&self, dims: Vec<Num>) -> Shape {
        Shape { dims, opaque: None, ..self.clone() }
    }

    /// The shape that both are after a rule found them to be one: in numbers where either has them.
    #[must_use]
    pub fn and(&self, other: &Shape) -> Shape {
        if self.opaque.is_some() || other.opaque.is_some() {
            return if self.opaque.is_some() { other.clone() } else { self.clone() };
        }
        let other_dims = other.dims.iter().map(Some).chain(std::iter::repeat(None));
        let either = |(own, other): (&Num, Option<&Num>)| match other {
            Some(other) if own.known().is_none() && other.known().is_some() => other.clone(),
            _ => own.clone(),
        };
        let dims = self.dims.iter().zip(other_dims).map(either).collect();
        let after = self.after.iter().chain(&other.after).cloned().collect();
        Shape { dims, poison: self.poison || other.poison, after, opaque: None }
    }

    /// Whether there is no dimension.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.dims.is_empty() && self.opaque.is_none()
    }

    /// The last dimension.
    #[must_use]
    pub fn last(&self) -> Num {
        if let Some(shape) = &self.opaque {
            return Num::Const(quote!(#shape.last()));
        }
        self.dims.last().cloned().unwrap_or(Num::Lit(1))
    }

    /// The product of all dimensions but the last.
    #[must_use]
    pub fn outer(&self) -> Num {
        if let Some(shape) = &self.opaque {
            return Num::Const(quote!(#shape.outer()));
        }
        Num::product(&self.dims[..self.rank().saturating_sub(1)])
    }

    /// The same with a dimension before the others.
    #[must_use]
    pub fn with_first(&self, n: Num) -> Shape {
        if let Some(shape) = &self.opaque {
            return Shape { opaque: Some(quote!(#shape.prepend(#n))), ..self.clone() };
        }
        self.with_dims([n].into_iter().chain(self.dims.iter().cloned()).collect())
    }

    /// The same with another last dimension.
    #[must_use]
    pub fn with_last(&self, n: Num) -> Shape {
        if let Some(shape) = &self.opaque {
            return Shape { opaque: Some(quote!(#shape.with_last(#n))), ..self.clone() };
        }
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
        if self.opaque.is_some() {
            return None;
        }
        let dims: Option<Vec<usize>> = self.dims.iter().map(Num::known).collect();
        dims.map(|dims| keras_shapes::Shape::new(&dims))
    }

    /// The expression that makes the shape of keras-shapes.
    #[must_use]
    pub fn quoted(&self, krate: &TokenStream) -> TokenStream {
        if let Some(shape) = &self.opaque {
            return shape.clone();
        }
        let (dims, after) = (&self.dims, &self.after);
        quote!(#krate::__private::shapes::Shape::new(&[#(#dims),*]) #(.after(#after))*)
    }

    /// Whether a dimension contains the model's const generic.
    #[must_use]
    pub fn is_generic(&self) -> bool {
        self.dims.iter().any(Num::is_generic)
    }

    /// The nested array of `elem` with these dimensions.
    #[must_use]
    pub fn array(&self, krate: &TokenStream, elem: &impl quote::ToTokens) -> TokenStream {
        let Some(shape) = &self.opaque else { return array(&self.dims, elem) };
        let dims = (0..keras_shapes::MAX_RANK).map(|i| {
            let i = Num::Lit(i);
            quote!({ #shape.dim(#i) })
        });
        quote!(<#krate::__private::Dims<{ #shape.rank() }, #(#dims),*> as #krate::__private::Nest>::Array)
    }

    /// The dimensions as `const GRAPH` has them.
    #[must_use]
    pub fn described(&self) -> TokenStream {
        let dims = &self.dims;
        match &self.opaque {
            Some(shape) => quote!(#shape.dims()),
            None => quote!(&[#(#dims),*]),
        }
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
