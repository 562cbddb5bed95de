//! What Keras keeps in `keras.utils`.

use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::hash::{BuildHasher, Hasher};
use std::path::PathBuf;
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

/// Where files are kept from one run to the next: what the environment variable `KERAS_HOME` names, else `~/.keras`.
pub(crate) fn home() -> Option<PathBuf> {
    keras_home(std::env::var_os("KERAS_HOME"), std::env::home_dir())
}

/// An empty variable counts as one that is not set.
fn keras_home(variable: Option<OsString>, home: Option<PathBuf>) -> Option<PathBuf> {
    let variable = variable.filter(|value| !value.is_empty()).map(PathBuf::from);
    variable.or_else(|| home.filter(|home| !home.as_os_str().is_empty()).map(|home| home.join(".keras")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_goes_before_the_home_directory() {
        let home = || Some(PathBuf::from("/home/ada"));
        assert_eq!(keras_home(Some("/data/keras".into()), home()), Some("/data/keras".into()));
        assert_eq!(keras_home(None, home()), Some("/home/ada/.keras".into()));
        assert_eq!(keras_home(Some(OsString::new()), home()), Some("/home/ada/.keras".into()));
        assert_eq!(keras_home(None, None), None);
        assert_eq!(keras_home(None, Some(PathBuf::new())), None);
    }
}
