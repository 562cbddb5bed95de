//! Measures kernels: `cargo run --release -p keras-kernels --example measure -- step 32` (a batch size; or `attention`, `recurrent`,
//! `conv_recurrent`, `convolution`, `masked`), or
//! `… -- products 128 512 512` (m, k and n; several of them, or none for a choice), or `… -- elements soft`
//! (all kernels with that in their names, or all). `KERAS_ISA` chooses the instruction set.

mod attention;
mod conv_recurrent;
mod convolution;
mod elements;
mod masked;
mod products;
mod recurrent;
mod step;

use std::time::Instant;

use keras_kernels::Isa;
use keras_kernels::memory::zeros;
use keras_kernels::peak;
use keras_kernels::philox::{self, Key};

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

/// How long something takes.
#[derive(Clone, Copy)]
struct Timing {
    /// The shortest time, in microseconds.
    fastest: f64,
    /// The median time, in microseconds.
    median: f64,
    /// Multiply-adds that the processor would have done in the time that one run takes, at the peak measured beside it:
    /// the median. 0 where the peak is not known.
    at_peak: f64,
}

impl Timing {
    /// The part of the peak that so many multiply-adds reach.
    fn ratio(&self, multiply_adds: usize) -> f64 {
        if self.at_peak > 0.0 { multiply_adds as f64 / self.at_peak } else { f64::NAN }
    }
}

/// Times `f` and prints a line of it: its times and, for one that multiplies and adds `multiply_adds` times, its time over
/// the limit.
fn timed(name: &str, multiply_adds: usize, f: impl FnMut()) {
    let t = time(f);
    print!("{name:<28} min {:9.2}  median {:9.2} µs", t.fastest, t.median);
    if multiply_adds > 0 {
        print!("  {:5.2} × limit", 1.0 / t.ratio(multiply_adds));
    }
    println!();
}

/// Times many runs, in turns with the peak.
fn time(mut f: impl FnMut()) -> Timing {
    let isa = Isa::current();
    let (mut times, mut at_peak) = (Vec::new(), Vec::new());
    f();
    let before = clock();
    f();
    // Reading the clock takes a part of a microsecond.
    let together = (20.0 / (clock() - before)).clamp(1.0, 1000.0) as u32;
    let begin = Instant::now();
    while times.len() < 8 || begin.elapsed().as_millis() < 400 {
        let before = peak_now(isa);
        let turn = clock();
        let (mut runs, mut now) = (0, turn);
        while runs == 0 || now - turn < 60.0 {
            for _ in 0..together {
                f();
            }
            let end = clock();
            times.push((end - now) / f64::from(together));
            now = end;
            runs += together;
        }
        let peak = (before + peak_now(isa)) / 2.0;
        at_peak.push((now - turn) / f64::from(runs) * peak);
    }
    times.sort_by(f64::total_cmp);
    at_peak.sort_by(f64::total_cmp);
    Timing { fastest: times[0], median: times[times.len() / 2], at_peak: at_peak[at_peak.len() / 2] }
}

/// The time that this thread has worked, in microseconds: what others do meanwhile does not count.
fn clock() -> f64 {
    #[cfg(unix)]
    {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: `time` is valid for writes.
        unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
        time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 * 1e-3
    }
    #[cfg(not(unix))]
    {
        use std::sync::OnceLock;
        static BEGIN: OnceLock<Instant> = OnceLock::new();
        BEGIN.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e6
    }
}

/// Multiply-adds in a microsecond, measured now; 0 where the peak is not known.
///
/// The clock of a processor changes from one millisecond to the next, by what it does and by what others do, so a speed
/// means something only beside a peak that was measured just before or after it.
fn peak_now(isa: Isa) -> f64 {
    let begin = clock();
    peak::chains(isa).map_or(0.0, |count| count / (clock() - begin))
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<usize> = arguments.iter().filter_map(|a| a.parse().ok()).collect();
    let isa = Isa::current();
    match peak::multiply_adds(isa) {
        Some(peak) => println!("{isa:?}, at the most {:.0} GFLOP/s", peak * 2e-3),
        None => println!("{isa:?}"),
    }
    match arguments.first().map(String::as_str) {
        Some("step") => step::measure(numbers.first().copied().unwrap_or(32)),
        Some("attention") => attention::measure(numbers.first().copied().unwrap_or(64)),
        Some("convolution") => convolution::measure(numbers.first().copied().unwrap_or(4)),
        Some("conv_recurrent") => conv_recurrent::measure(numbers.first().copied().unwrap_or(4)),
        Some("masked") => masked::measure(numbers.first().copied().unwrap_or(64)),
        Some("recurrent") => recurrent::measure(numbers.first().copied().unwrap_or(64)),
        Some("products") => products::measure(&numbers),
        Some("elements") => elements::measure(arguments.get(1).map_or("", String::as_str)),
        _ => println!(
            "what is to be measured: step, attention, recurrent, conv_recurrent, convolution, masked, products \
             or elements"
        ),
    }
}
