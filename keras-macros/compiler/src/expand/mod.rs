use crate::errors::Code;
pub fn model(_m: &crate::syntax::Model, _p: &crate::passes::Program) -> Code { todo!() }
pub fn shell(_m: &crate::syntax::Model, _p: &crate::graph::Graph) -> Code { todo!() }
