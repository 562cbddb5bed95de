//! New models.

use keras_kernels::memory::Boxed;

use crate::Model;

/// A model with initial weights, as its layers' initializers draw them from `seed`; without one, from the seed that
/// [`set_random_seed`](crate::utils::set_random_seed) set, or from one that differs from run to run.
#[must_use]
pub fn init<M: Model>(seed: Option<u64>) -> Boxed<M> {
    let mut model = Boxed::<M>::zeroed();
    crate::initializer::initialize(M::GRAPH, model.as_mut_slice(), seed.unwrap_or_else(crate::utils::next_seed));
    model
}
