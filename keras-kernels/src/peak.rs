//! What this processor can do at the most, for benchmarks to compare themselves with.
//!
//! One thread each. A number is only worth something beside times of the same run: clocks move.

use std::hint::black_box;
use std::time::Instant;

use crate::Isa;

/// What an instruction set is measured with. Its functions may be called where the processor has it.
#[cfg_attr(not(any(target_arch = "x86_64", target_arch = "aarch64")), allow(dead_code))]
struct Loops {
    /// Fused multiply-adds of a turn of `chains`.
    in_a_turn: u32,
    /// So many turns of them, with this factor.
    chains: unsafe fn(u32, f32) -> f32,
    /// Reads an array so many times.
    read: unsafe fn(usize, &[f32]) -> f32,
}

impl Loops {
    fn of(isa: Isa) -> Option<Loops> {
        match isa.level() {
            #[cfg(target_arch = "x86_64")]
            crate::isa::Level::Avx512 => Some(x86::avx512::LOOPS),
            #[cfg(target_arch = "x86_64")]
            crate::isa::Level::Avx2 => Some(x86::avx2::LOOPS),
            #[cfg(target_arch = "aarch64")]
            crate::isa::Level::Neon => Some(aarch64::neon::LOOPS),
            _ => None,
        }
    }
}

/// Does some 50 µs of fused multiply-adds of `f32` with this instruction set, as many independent chains as hide the latency
/// of the instruction, in registers alone. How many it did; `None` for scalar code, which has no one peak.
#[must_use]
pub fn chains(isa: Isa) -> Option<f64> {
    const TURNS: u32 = 15_000;
    let loops = Loops::of(isa)?;
    // SAFETY: an `Isa` can only be had where the processor has its instructions.
    unsafe { (loops.chains)(TURNS, black_box(0.999)) };
    Some(f64::from(TURNS) * f64::from(loops.in_a_turn))
}

/// Fused multiply-adds of `f32` in a microsecond with this instruction set: the median of some 10 ms, since the clock of a
/// processor jumps, and what is compared with it is a median too. `None` as above.
#[must_use]
pub fn multiply_adds(isa: Isa) -> Option<f64> {
    let count = chains(isa)?;
    Some(count / times(|| _ = chains(isa))[RUNS / 2])
}

/// Bytes read in a microsecond, over and over from an array of so many bytes: what its cache gives. `None` as above.
#[must_use]
pub fn bytes_read(isa: Isa, bytes: usize) -> Option<f64> {
    let loops = Loops::of(isa)?;
    // Whole cache lines, so many that the loops below have none left over.
    let lines = (bytes / 64).max(8).next_multiple_of(8);
    let memory = vec![1.0f32; lines * 16 + 16];
    let array = &memory[memory.as_ptr().align_offset(64)..][..lines * 16];
    let turns = (1 << 22) / size_of_val(array) + 1;
    let in_all = (turns * size_of_val(array)) as f64;
    // SAFETY: an `Isa` can only be had where the processor has its instructions.
    Some(in_all / times(|| _ = unsafe { (loops.read)(turns, black_box(array)) })[0])
}

/// How many times something is done to find out how long it takes.
const RUNS: usize = 200;

/// How long it takes in microseconds, shortest first.
fn times(mut f: impl FnMut()) -> [f64; RUNS] {
    let mut times = [0.0; RUNS];
    for time in &mut times {
        let start = Instant::now();
        f();
        *time = start.elapsed().as_secs_f64() * 1e6;
    }
    times.sort_by(f64::total_cmp);
    times
}

/// The two loops for vectors of one width. By index the arrays of vectors stay in registers.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
macro_rules! loops {
    (
        $isa:ident, $features:literal, $chains:literal, $lanes:literal, $set1:ident, $fma:ident, $add:ident, $load:ident,
        $store:ident
    ) => {
        pub(super) mod $isa {
            use std::hint::black_box;

            use super::*;
            use crate::peak::Loops;

            pub(in super::super) const LOOPS: Loops = Loops { in_a_turn: $chains * $lanes, chains, read };

            #[target_feature(enable = $features)]
            fn chains(turns: u32, a: f32) -> f32 {
                let a = $set1(a);
                let mut sums = [a; $chains];
                // Different ones, else they would be one to the compiler.
                for i in 0..$chains {
                    sums[i] = $set1(i as f32);
                }
                for _ in 0..turns {
                    for i in 0..$chains {
                        sums[i] = $fma(sums[i], a, a);
                    }
                }
                for i in 1..$chains {
                    sums[0] = $fma(sums[0], a, sums[i]);
                }
                let mut lanes = [0.0; $lanes];
                // SAFETY: the array has as many elements as the vector.
                unsafe { $store(lanes.as_mut_ptr(), sums[0]) };
                black_box(lanes[0])
            }

            #[target_feature(enable = $features)]
            fn read(turns: usize, array: &[f32]) -> f32 {
                const VECTORS: usize = 8;
                let mut sums = [$set1(0.0); VECTORS];
                for _ in 0..turns {
                    for piece in black_box(array).chunks_exact(VECTORS * $lanes) {
                        for i in 0..VECTORS {
                            // SAFETY: the piece has so many elements.
                            sums[i] = $add(sums[i], unsafe { $load(piece.as_ptr().add(i * $lanes)) });
                        }
                    }
                }
                for i in 1..VECTORS {
                    sums[0] = $add(sums[0], sums[i]);
                }
                let mut lanes = [0.0; $lanes];
                // SAFETY: the array has as many elements as the vector.
                unsafe { $store(lanes.as_mut_ptr(), sums[0]) };
                black_box(lanes[0])
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    loops!(
        avx512,
        "avx512f",
        12,
        16,
        _mm512_set1_ps,
        _mm512_fmadd_ps,
        _mm512_add_ps,
        _mm512_loadu_ps,
        _mm512_storeu_ps
    );
    loops!(avx2, "avx2,fma", 12, 8, _mm256_set1_ps, _mm256_fmadd_ps, _mm256_add_ps, _mm256_loadu_ps, _mm256_storeu_ps);
}

#[cfg(target_arch = "aarch64")]
mod aarch64 {
    use std::arch::aarch64::*;

    /// x · a + b.
    #[target_feature(enable = "neon")]
    fn mul_add(x: float32x4_t, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        vfmaq_f32(b, x, a)
    }

    loops!(neon, "neon", 24, 4, vdupq_n_f32, mul_add, vaddq_f32, vld1q_f32, vst1q_f32);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_have_a_peak_and_scalars_none() {
        for isa in Isa::available() {
            let vectors = isa != Isa::SCALAR;
            assert_eq!(multiply_adds(isa).is_some_and(|peak| peak > 0.0), vectors);
            for bytes in [0, 1000, 1 << 16] {
                assert_eq!(bytes_read(isa, bytes).is_some_and(|peak| peak > 0.0), vectors);
            }
        }
    }
}
