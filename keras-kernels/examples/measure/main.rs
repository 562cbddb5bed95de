//! Measures kernels: `cargo run --release -p keras-kernels --example measure -- step 32` (a batch size), or
//! `… -- products 128 512 512` (m, k and n; several of them, or none for a choice), or `… -- elements`. `KERAS_ISA` chooses the instruction set.

mod elements;
mod products;
mod step;

use std::hint::black_box;
use std::time::Instant;

use keras_kernels::Isa;
use keras_kernels::memory::zeros;
use keras_kernels::philox::{self, Key};

/// The most multiply-adds this processor does in a microsecond, as what the products are to be compared with; 0 where the
/// example does not know how to find out.
fn peak() -> f64 {
    #[cfg(target_arch = "x86_64")]
    if Isa::best().name() == "avx512" {
        use std::arch::x86_64::{_mm512_fmadd_ps, _mm512_reduce_add_ps, _mm512_set1_ps};
        #[allow(clippy::needless_range_loop)] // By index the array stays in registers.
        #[target_feature(enable = "avx512f")]
        fn chains(turns: u32, a: f32, b: f32) -> f32 {
            let (a, b) = (_mm512_set1_ps(a), _mm512_set1_ps(b));
            // Different ones, else they would be one to the compiler.
            let mut sums = [a; 24];
            for i in 0..24 {
                sums[i] = _mm512_set1_ps(i as f32);
            }
            for _ in 0..turns {
                for i in 0..24 {
                    sums[i] = _mm512_fmadd_ps(sums[i], a, b);
                }
            }
            for i in 1..24 {
                sums[0] = _mm512_fmadd_ps(sums[0], a, sums[i]);
            }
            _mm512_reduce_add_ps(sums[0])
        }
        const TURNS: u32 = 20_000;
        let fastest = (0..200)
            .map(|_| {
                let start = Instant::now();
                // SAFETY: the processor was asked for AVX-512.
                black_box(unsafe { chains(TURNS, black_box(0.999), 0.001) });
                start.elapsed().as_secs_f64() * 1e6
            })
            .fold(f64::INFINITY, f64::min);
        return f64::from(TURNS) * 24.0 * 16.0 / fastest;
    }
    0.0
}

/// Floats that begin on a cache line, as those of models and workspaces do.
struct Aligned {
    memory: Vec<[f32; 16]>,
    len: usize,
}

impl Aligned {
    /// Random numbers from −scale / 2 to scale / 2.
    fn random(len: usize, scale: f32) -> Aligned {
        let mut random = Aligned { memory: zeros(len.div_ceil(16) + 1), len };
        for (i, x) in random.iter_mut().enumerate() {
            *x = (philox::uniform(Key::default(), i as u64) - 0.5) * scale;
        }
        random
    }
}

impl std::ops::Deref for Aligned {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        let floats = self.memory.as_flattened();
        &floats[floats.as_ptr().align_offset(64)..][..self.len]
    }
}

impl std::ops::DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        let floats = self.memory.as_flattened_mut();
        let at = floats.as_ptr().align_offset(64);
        &mut floats[at..][..self.len]
    }
}

/// The shortest and the median time of many runs, in microseconds.
fn time(mut f: impl FnMut()) -> (f64, f64) {
    let mut times = Vec::new();
    let begin = Instant::now();
    while times.len() < 20 || times.len() < 4000 && begin.elapsed().as_millis() < 400 {
        let start = Instant::now();
        f();
        times.push(start.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    (times[0], times[times.len() / 2])
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<usize> = arguments.iter().filter_map(|a| a.parse().ok()).collect();
    println!("{:?}, at the most {:.0} GFLOP/s", Isa::current(), peak() * 2e-3);
    match arguments.first().map(String::as_str) {
        Some("step") => step::measure(numbers.first().copied().unwrap_or(32)),
        Some("products") => products::measure(&numbers),
        Some("elements") => elements::measure(),
        _ => println!("what is to be measured: step, products or elements"),
    }
}
