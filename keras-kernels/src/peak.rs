//! What this processor can do at the most, for benchmarks to compare themselves with.
//!
//! One thread each. A number is only worth something beside times of the same run: clocks move.

#[cfg(target_arch = "x86_64")]
use std::hint::black_box;
#[cfg(target_arch = "x86_64")]
use std::time::Instant;

use crate::Isa;

/// Does some 50 µs of fused multiply-adds of `f32` with this instruction set, as many independent chains as hide the latency
/// of the instruction, in registers alone. How many it did; `None` for scalar code, which has no one peak.
#[must_use]
pub fn chains(isa: Isa) -> Option<f64> {
    #[cfg(target_arch = "x86_64")]
    {
        use x86::{avx2, avx512};

        use crate::isa::Level;
        const TURNS: u32 = 15_000;
        let lanes = match isa.level() {
            Level::Avx512 => {
                // SAFETY: an `Isa` of this level can only be had where the processor has these instructions.
                unsafe { avx512::chains(TURNS, black_box(0.999)) };
                16.0
            }
            Level::Avx2 => {
                // SAFETY: as above.
                unsafe { avx2::chains(TURNS, black_box(0.999)) };
                8.0
            }
            Level::Scalar => return None,
        };
        Some(f64::from(TURNS) * 12.0 * lanes)
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        _ = isa;
        None
    }
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
    #[cfg(target_arch = "x86_64")]
    {
        use x86::{avx2, avx512};

        use crate::isa::Level;
        // Whole cache lines, so many that the loops below have none left over.
        let lines = (bytes / 64).max(8).next_multiple_of(8);
        let memory = vec![1.0f32; lines * 16 + 16];
        let array = &memory[memory.as_ptr().align_offset(64)..][..lines * 16];
        let turns = (1 << 22) / size_of_val(array) + 1;
        let in_all = (turns * size_of_val(array)) as f64;
        match isa.level() {
            // SAFETY: an `Isa` of this level can only be had where the processor has these instructions.
            Level::Avx512 => Some(in_all / times(|| _ = unsafe { avx512::read(turns, black_box(array)) })[0]),
            // SAFETY: as above.
            Level::Avx2 => Some(in_all / times(|| _ = unsafe { avx2::read(turns, black_box(array)) })[0]),
            _ => None,
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        _ = (isa, bytes);
        None
    }
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

#[cfg(target_arch = "x86_64")]
mod x86 {
    /// The two loops for vectors of one width. By index the arrays of vectors stay in registers.
    macro_rules! loops {
        ($isa:ident, $features:literal, $chains:literal, $lanes:literal, $set1:ident, $fma:ident, $add:ident, $load:ident, $store:ident) => {
            pub(super) mod $isa {
                use std::arch::x86_64::*;
                use std::hint::black_box;

                #[target_feature(enable = $features)]
                pub(in super::super) fn chains(turns: u32, a: f32) -> f32 {
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
                pub(in super::super) fn read(turns: usize, array: &[f32]) -> f32 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_have_a_peak_and_scalars_none() {
        for isa in Isa::available() {
            let vectors = isa != Isa::SCALAR && cfg!(target_arch = "x86_64");
            assert_eq!(multiply_adds(isa).is_some_and(|peak| peak > 0.0), vectors);
            for bytes in [0, 1000, 1 << 16] {
                assert_eq!(bytes_read(isa, bytes).is_some_and(|peak| peak > 0.0), vectors);
            }
        }
    }
}
