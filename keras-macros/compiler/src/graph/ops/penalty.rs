//! A penalty on activations: nothing forward, a term of the gradient backward.

use proc_macro2::TokenStream;

use super::Op;
use crate::graph::Site;
use crate::graph::code::{Call, call};

/// Adds the gradient of a `Penalty` expression, divided by the rows of the batch as Keras does.
pub struct ActivityPenalty(pub TokenStream);

impl Op for ActivityPenalty {
    fn kind(&self) -> Option<TokenStream> {
        None
    }

    fn is_described(&self) -> bool {
        false
    }

    fn forward(&self, _: &mut Site<'_>) -> Option<Call> {
        None
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, x, penalty) = (site.dx(i), site.x(i), &self.0);
        call!(site, penalty::activity_backward(dx, x, penalty))
    }
}
