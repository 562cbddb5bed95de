//! Which instructions a kernel may use.

use core::fmt;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Level {
    Scalar,
    Neon,
    Avx2,
    Avx512,
}

/// Slowest first.
const LEVELS: [Level; 4] = [Level::Scalar, Level::Neon, Level::Avx2, Level::Avx512];

/// An instruction set that this CPU has.
///
/// A value can only be had by asking the CPU, so that a kernel which is handed [`Isa`] may use its instructions.
///
/// ```
/// use keras_kernels::Isa;
/// let best = Isa::best();
/// assert!(Isa::available().any(|isa| isa == best));
/// assert_eq!(Isa::named("scalar"), Ok(Isa::SCALAR));
/// assert!(Isa::named("mmx").is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Isa(Level);

/// An instruction set that was asked for by a name this machine cannot serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchIsa;

impl Isa {
    /// Plain Rust, on every machine.
    pub const SCALAR: Isa = Isa(Level::Scalar);

    /// All that this machine has, slowest first.
    pub fn available() -> impl Iterator<Item = Isa> {
        LEVELS.into_iter().filter(|&level| has(level)).map(Isa)
    }

    /// The fastest that this machine has.
    #[must_use]
    pub fn best() -> Isa {
        LEVELS.into_iter().rev().find(|&level| has(level)).map_or(Isa::SCALAR, Isa)
    }

    /// The one with this name: `scalar`, `neon`, `avx2` (with FMA) or `avx512`.
    ///
    /// # Errors
    /// If there is none of this name or this machine does not have it; [`Isa::available`] lists what it has.
    pub fn named(name: &str) -> Result<Isa, NoSuchIsa> {
        Isa::available().find(|isa| isa.name() == name).ok_or(NoSuchIsa)
    }

    /// Its name, as [`Isa::named`] takes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            Level::Scalar => "scalar",
            Level::Neon => "neon",
            Level::Avx2 => "avx2",
            Level::Avx512 => "avx512",
        }
    }

    #[inline]
    #[allow(dead_code)] // On machines whose kernels are all scalar nobody asks.
    pub(crate) const fn level(self) -> Level {
        self.0
    }
}

impl fmt::Debug for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(all(feature = "std", target_arch = "x86_64"))]
fn has(level: Level) -> bool {
    match level {
        Level::Scalar => true,
        Level::Neon => false,
        Level::Avx2 => std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma"),
        Level::Avx512 => {
            has(Level::Avx2) && std::is_x86_feature_detected!("avx512f") && std::is_x86_feature_detected!("avx512dq")
        }
    }
}

#[cfg(all(feature = "std", target_arch = "aarch64"))]
fn has(level: Level) -> bool {
    matches!(level, Level::Scalar | Level::Neon)
}

#[cfg(not(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn has(level: Level) -> bool {
    level == Level::Scalar
}

#[cfg(feature = "std")]
mod current {
    use std::cell::Cell;
    use std::sync::OnceLock;

    use super::{Isa, NoSuchIsa};

    thread_local!(static CHOSEN: Cell<Option<Isa>> = const { Cell::new(None) });

    impl Isa {
        /// The one that kernels of this thread are to use: what [`with_isa`] says, else what the environment variable
        /// `KERAS_ISA` says, else the best.
        ///
        /// The environment is read once for each process. A name in it that this machine cannot serve counts as absent
        /// here; [`Isa::from_env`] reports it.
        #[must_use]
        pub fn current() -> Isa {
            static PROCESS: OnceLock<Isa> = OnceLock::new();
            CHOSEN
                .get()
                .unwrap_or_else(|| *PROCESS.get_or_init(|| Isa::from_env().ok().flatten().unwrap_or_else(Isa::best)))
        }

        /// What the environment variable `KERAS_ISA` asks for, if it is set.
        ///
        /// # Errors
        /// If this machine cannot serve it.
        pub fn from_env() -> Result<Option<Isa>, NoSuchIsa> {
            match std::env::var_os("KERAS_ISA") {
                None => Ok(None),
                Some(name) => Isa::named(name.to_str().ok_or(NoSuchIsa)?).map(Some),
            }
        }
    }

    /// Runs `f` with another instruction set as [`Isa::current`] of this thread.
    ///
    /// ```
    /// use keras_kernels::{Isa, isa::with_isa};
    /// assert_eq!(with_isa(Isa::SCALAR, Isa::current), Isa::SCALAR);
    /// ```
    pub fn with_isa<T>(isa: Isa, f: impl FnOnce() -> T) -> T {
        struct Restore(Option<Isa>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CHOSEN.set(self.0);
            }
        }
        let _restore = Restore(CHOSEN.replace(Some(isa)));
        f()
    }
}

#[cfg(feature = "std")]
pub use current::with_isa;

#[cfg(not(feature = "std"))]
impl Isa {
    /// The one that kernels are to use; without the feature `std` always [`Isa::SCALAR`].
    #[must_use]
    pub fn current() -> Isa {
        Isa::SCALAR
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;

    #[test]
    fn each_processor_has_its_own() {
        let names: Vec<_> = Isa::available().map(Isa::name).collect();
        assert_eq!(names[0], "scalar");
        assert_eq!(names.contains(&"neon"), cfg!(target_arch = "aarch64"));
        assert_eq!(Isa::named("neon").is_ok(), names.contains(&"neon"));
        assert!(cfg!(target_arch = "x86_64") || !names.iter().any(|name| name.starts_with("avx")));
        assert_eq!(Isa::best().name(), *names.last().unwrap());
    }
}
