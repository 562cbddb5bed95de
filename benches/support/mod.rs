//! What the benchmarks share: a group that measures the processor's peak beside each time, and data.
#![allow(dead_code)] // No benchmark uses all of it.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use criterion::measurement::WallTime;
use criterion::{Bencher, BenchmarkGroup, Criterion, Throughput};
use keras_kernels::{Isa, peak};

/// Where criterion writes, wherever it was called from.
fn folder() -> PathBuf {
    let of = |name, inner: &str| std::env::var_os(name).map(|folder| PathBuf::from(folder).join(inner));
    of("CRITERION_HOME", "")
        .or_else(|| of("CARGO_TARGET_DIR", "criterion"))
        .unwrap_or_else(|| [env!("CARGO_MANIFEST_DIR"), "target", "criterion"].iter().collect())
}

/// Criterion as all benchmarks want it.
pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .output_directory(&folder())
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args()
}

/// What a piece of work has to do at least.
#[derive(Clone, Copy, Default)]
pub(crate) struct Work {
    /// Multiply-adds.
    pub(crate) fmas: f64,
    /// Bytes read from cache: those of the weights, where a single row goes through them.
    pub(crate) reads: usize,
    /// Bytes that pass to and from the kernel, for GB/s.
    pub(crate) moved: u64,
}

impl Work {
    /// Of a matrix product, or several.
    pub(crate) fn fmas(fmas: usize) -> Work {
        Work { fmas: fmas as f64, ..Work::default() }
    }

    /// Of a step of training a chain of layers so wide: a product forwards and one for the weights' gradient in each layer,
    /// and one for the data's gradient in all but the first.
    pub(crate) fn step(widths: &[usize], rows: usize) -> Work {
        let product = |i: usize| widths[i - 1] * widths[i] * if i == 1 { 2 } else { 3 };
        Work::fmas((1..widths.len()).map(product).sum::<usize>() * rows)
    }

    /// Of the prediction of one row by a chain of layers so wide.
    pub(crate) fn prediction(widths: &[usize]) -> Work {
        let weights: usize = widths.windows(2).map(|pair| pair[0] * pair[1] + pair[1]).sum();
        Work { fmas: weights as f64, reads: weights * 4, moved: 0 }
    }

    /// The least nanoseconds it can take on one thread now, by the two peaks measured now.
    fn limit(self) -> Option<f64> {
        let isa = Isa::current();
        let mut limit = self.fmas / peak::multiply_adds(isa)?;
        if self.reads > 0 {
            limit = limit.max(self.reads as f64 / peak::bytes_read(isa, self.reads)?);
        }
        Some(limit * 1e3)
    }
}

/// A group of benchmarks whose times are told beside their limits when it ends.
pub(crate) struct Group<'a> {
    name: &'static str,
    group: BenchmarkGroup<'a, WallTime>,
    done: Vec<(String, Work, Option<f64>)>,
    begun: SystemTime,
}

impl<'a> Group<'a> {
    pub(crate) fn new(c: &'a mut Criterion, name: &'static str) -> Group<'a> {
        Group { name, group: c.benchmark_group(name), done: Vec::new(), begun: SystemTime::now() }
    }

    /// The group itself, for its settings.
    pub(crate) fn settings(&mut self) -> &mut BenchmarkGroup<'a, WallTime> {
        &mut self.group
    }

    /// Measures the limit and then `f`.
    pub(crate) fn bench(&mut self, id: impl Into<String>, work: Work, f: impl FnMut(&mut Bencher<'_>)) {
        let id = id.into();
        // The better of before and after.
        let before = work.limit();
        if work.moved > 0 {
            self.group.throughput(Throughput::BytesDecimal(work.moved));
        } else if work.fmas > 0.0 {
            self.group.throughput(Throughput::Elements((2.0 * work.fmas) as u64));
        }
        self.group.bench_function(&id, f);
        let limit = before.zip(work.limit()).map(|(before, after)| before.min(after));
        self.done.push((id, work, limit));
    }

    /// Tells what was measured, as far as the command line wanted it.
    pub(crate) fn finish(self) {
        self.group.finish();
        for (id, work, limit) in self.done {
            let Some(median) = median(self.name, &id, self.begun) else { continue };
            let mut line = format!("{:<40} {median:>14.1} ns", format!("{}/{id}", self.name));
            if work.moved > 0 {
                line += &format!("  {:8.1} GB/s", work.moved as f64 / median);
            }
            if let Some(limit) = limit.filter(|_| work.fmas > 0.0) {
                let speed = 2.0 * work.fmas / median;
                line += &format!("  {speed:8.1} GFLOP/s  {:6.2} × the limit of {limit:.1} ns", median / limit);
            }
            println!("{line}");
        }
    }
}

/// The median in nanoseconds that criterion has just written for a benchmark; none under `--test` or another filter.
fn median(group: &str, id: &str, since: SystemTime) -> Option<f64> {
    let path = folder().join(group).join(id).join("new").join("estimates.json");
    if std::fs::metadata(&path).ok()?.modified().ok()? < since {
        return None;
    }
    let estimates: serde_json::Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}

/// Rows of pixels between 0 and 1, and classes in turn: data that neither saturate nor vanish.
pub(crate) fn pixels(n: usize) -> (Vec<[f32; 784]>, Vec<[f32; 10]>) {
    let pixel = |i: usize, j: usize| ((i * 31 + j * 17) % 256) as f32 / 255.0;
    let x = (0..n).map(|i| std::array::from_fn(|j| pixel(i, j))).collect();
    let y = (0..n).map(|i| std::array::from_fn(|j| f32::from(u8::from(i % 10 == j)))).collect();
    (x, y)
}

/// Multiply-adds of one image in the network of two convolutions of the benchmarks, forwards: of the first layer, and of the
/// others.
pub(crate) const CNN: [usize; 2] = [26 * 26 * 9 * 32, 11 * 11 * 9 * 32 * 64 + 1600 * 10];

/// The same rows as images of one channel.
pub(crate) fn images(rows: &[[f32; 784]]) -> Vec<[[[f32; 1]; 28]; 28]> {
    rows.iter().map(|row| std::array::from_fn(|i| std::array::from_fn(|j| [row[28 * i + j]]))).collect()
}

/// Pixels row by row.
pub(crate) fn rows(x: &[f32; 784]) -> [[f32; 28]; 28] {
    std::array::from_fn(|row| std::array::from_fn(|col| x[row * 28 + col]))
}

/// Floats that begin on a cache line, from −scale / 2 to scale / 2 in no order.
pub(crate) struct Floats {
    memory: Vec<[f32; 16]>,
    len: usize,
}

impl Floats {
    pub(crate) fn new(len: usize, scale: f32) -> Floats {
        let mut floats = Floats { memory: keras::zeros(len.div_ceil(16) + 1), len };
        for (i, x) in floats.iter_mut().enumerate() {
            *x = ((i * 7919 % 1009) as f32 / 1008.0 - 0.5) * scale;
        }
        floats
    }
}

impl std::ops::Deref for Floats {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        let floats = self.memory.as_flattened();
        &floats[floats.as_ptr().align_offset(64)..][..self.len]
    }
}

impl std::ops::DerefMut for Floats {
    fn deref_mut(&mut self) -> &mut [f32] {
        let floats = self.memory.as_flattened_mut();
        let at = floats.as_ptr().align_offset(64);
        &mut floats[at..][..self.len]
    }
}
