//! What the processor can do at the most: chains of multiply-adds that never leave the registers.

use std::hint::black_box;

use keras_kernels::Isa;

/// Turns of the loop in one measurement, some 60 µs.
const TURNS: u32 = 10_000;

macro_rules! chains {
    ($name:ident, $feature:literal, $count:literal: $set:ident, $mul_add:ident) => {
        /// As many chains as hide the latency, all different, else they would be one to the compiler.
        #[cfg(target_arch = "x86_64")]
        #[allow(clippy::needless_range_loop)] // By index the array stays in registers.
        #[target_feature(enable = $feature)]
        fn $name(a: f32, b: f32) -> f64 {
            use std::arch::x86_64::*;
            let start = crate::clock();
            let (a, b) = ($set(a), $set(b));
            let mut sums = [a; $count];
            for i in 0..$count {
                sums[i] = $set(i as f32);
            }
            for _ in 0..TURNS {
                for i in 0..$count {
                    sums[i] = $mul_add(sums[i], a, b);
                }
            }
            for i in 1..$count {
                sums[0] = $mul_add(sums[0], a, sums[i]);
            }
            black_box(sums[0]);
            let lanes = size_of_val(&a) / 4;
            f64::from(TURNS) * $count as f64 * lanes as f64 / (crate::clock() - start)
        }
    };
}

chains!(avx512, "avx512f", 24: _mm512_set1_ps, _mm512_fmadd_ps);
chains!(avx2, "avx2,fma", 12: _mm256_set1_ps, _mm256_fmadd_ps);

/// Multiply-adds in a microsecond, measured now; `None` where the example does not know how.
///
/// The clock of a processor changes from one millisecond to the next, by what it does and by what others do, so a speed
/// means something only beside a peak that was measured just before or after it.
pub(crate) fn now(isa: Isa) -> Option<f64> {
    let (a, b) = (black_box(0.999), black_box(0.001));
    #[cfg(target_arch = "x86_64")]
    match isa.name() {
        // SAFETY: an `Isa` of this name can only be had where the processor has the instructions.
        "avx512" => return Some(unsafe { avx512(a, b) }),
        // SAFETY: as above.
        "avx2" => return Some(unsafe { avx2(a, b) }),
        _ => {}
    }
    let _ = (isa, a, b);
    None
}
