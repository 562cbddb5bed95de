//! From an instruction set to code that is compiled for it.

/// Calls a body compiled for an instruction set, or another function where there is none:
/// `per_isa!(isa, lanes::f(x: &[f32], y: f32) -> f32, scalar::f)`.
macro_rules! per_isa {
    ($isa:expr, $body:ident :: $f:ident ($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)?, $scalar:path) => {{
        #[cfg(all(feature = "std", target_arch = "x86_64"))]
        {
            #[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
            fn avx512($($arg: $ty),*) $(-> $ret)? {
                $body::$f($($arg),*)
            }
            #[target_feature(enable = "avx2,fma")]
            fn avx2($($arg: $ty),*) $(-> $ret)? {
                $body::$f($($arg),*)
            }
            match $isa.level() {
                // SAFETY: an `Isa` of this level can only be had where the processor has these instructions.
                $crate::isa::Level::Avx512 => return unsafe { avx512($($arg),*) },
                // SAFETY: as above.
                $crate::isa::Level::Avx2 => return unsafe { avx2($($arg),*) },
                $crate::isa::Level::Scalar | $crate::isa::Level::Neon => {}
            }
        }
        // Every AArch64 has NEON: code for it needs no function of its own.
        #[cfg(all(feature = "std", target_arch = "aarch64"))]
        if $isa.level() == $crate::isa::Level::Neon {
            return $body::$f($($arg),*);
        }
        let _ = $isa;
        $scalar($($arg),*)
    }};
}

pub(crate) use per_isa;
