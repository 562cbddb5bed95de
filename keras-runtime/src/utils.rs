//! What Keras keeps in `keras.utils`.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Mutex;

use keras_kernels::philox::{Key, Philox};

static SEEDS: Mutex<Option<Philox>> = Mutex::new(None);

/// Makes what is random in this process the same in each run: initial weights, dropout and the order of samples of all
/// models that are made and compiled from here on without a seed of their own.
///
/// ```
/// keras_runtime::utils::set_random_seed(42);
/// ```
pub fn set_random_seed(seed: u64) {
    *seeds() = Some(sequence(seed));
}

/// A seed for a model or a training that has none of its own.
pub(crate) fn next_seed() -> u64 {
    // A hasher without input differs from process to process: it is keyed by the operating system's random numbers.
    seeds().get_or_insert_with(|| sequence(RandomState::new().build_hasher().finish())).next_u64()
}

fn sequence(seed: u64) -> Philox {
    // The last stream; layers count theirs from 0.
    Philox::new(Key { seed, step: 0, stream: u32::MAX })
}

fn seeds() -> std::sync::MutexGuard<'static, Option<Philox>> {
    // The generator is whole even if a thread died while it held the lock.
    SEEDS.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
