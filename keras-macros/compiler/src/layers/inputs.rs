//! The inputs of a model.

use proc_macro2::Ident;
use quote::{format_ident, quote};

use super::Lower;
use super::fields::local;
use super::given::require;
use super::lower::TOO_LARGE;
use super::values::size;
use crate::graph::{Input, Num, Shape, Value, ValueId};
use crate::syntax::{self, Model};

impl Lower<'_> {
    /// The values of the inputs, in order; nothing in place of one with a mistake.
    pub(super) fn inputs(&mut self, model: &Model, generic: Option<&Ident>) -> Vec<Option<ValueId>> {
        if let Some(generic) = generic {
            let shape = Shape::new(vec![Num::Generic(quote!(#generic))]);
            return vec![Some(self.input(format_ident!("x"), shape, format_ident!("f32")))];
        }
        let mut results = Vec::new();
        for (i, input) in model.inputs.iter().enumerate() {
            let shape = self.input_shape(input);
            let poison = shape.poison;
            let name = match (&input.name, model.inputs.len()) {
                (Some(name), _) => name.clone(),
                (None, 1) => format_ident!("x"),
                (None, _) => format_ident!("x{}", i),
            };
            let dtype = input.dtype.clone().unwrap_or_else(|| format_ident!("f32"));
            let value = self.input(name, shape, dtype);
            results.push((!poison).then_some(value));
        }
        results
    }

    /// The shape of an input, poison after a mistake.
    fn input_shape(&mut self, input: &syntax::Input) -> Shape {
        let mut shape = Shape::new(Vec::new());
        shape.poison = input.dims.is_empty();
        for dim in &input.dims {
            match size(dim, 1) {
                Ok(Num::Const(expr)) => shape.dims.push(Num::Const(self.name(&quote!(usize), &expr))),
                Ok(n) => shape.dims.push(n),
                Err(error) => {
                    let message = format!("`Input`: a dimension {error}");
                    self.errors.push(syn::Error::new(error.span(), message));
                    shape.poison = true;
                }
            }
        }
        if shape.rank() > keras_shapes::MAX_RANK {
            let message =
                format!("`Input`: expected at the most {} dimensions, found {}", keras_shapes::MAX_RANK, shape.rank());
            self.errors.at(input.span, message);
            shape.poison = true;
        }
        if !shape.poison {
            shape.poison = require!(self, input.span, input(shape)).is_none();
        }
        if shape.too_large() {
            self.errors.at(input.span, format!("`Input`: a sample of {TOO_LARGE}"));
            shape.poison = true;
        }
        shape
    }

    fn input(&mut self, name: Ident, shape: Shape, dtype: Ident) -> ValueId {
        let name = local(&name.to_string());
        self.graph.inputs.push(Input { name: name.clone(), dtype });
        self.value_names.push(name.to_string());
        let gradient = name.clone();
        self.graph.values.push(Value { name, gradient, shape, alias: None, mask: None });
        self.graph.values.len() - 1
    }
}
