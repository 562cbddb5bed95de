//! docs/benchmarks.md.

use std::fmt::Write;

use super::results::{Results, Spread, works};
use super::{OURS, Options, label, machine};
use crate::works::{FIT, least};

/// The page.
pub fn write(results: &Results, options: &Options, seconds: u64) -> String {
    let mut page = String::new();
    // Writing to a string does not fail.
    _ = sections(&mut page, results, options, seconds);
    page
}

fn sections(page: &mut String, results: &Results, options: &Options, seconds: u64) -> std::fmt::Result {
    writeln!(page, "# Benchmarks\n")?;
    writeln!(page, "Made by `{}` in {} min. All numbers are `f32`.\n", options.command, seconds.div_ceil(60))?;
    writeln!(page, "![Times over the arithmetic limit](benchmarks.svg)\n")?;
    summary(page, results)?;
    details(page, results)?;
    method(page, results, options)
}

fn summary(page: &mut String, results: &Results) -> std::fmt::Result {
    writeln!(page, "## Against the limit and the fastest of the others\n")?;
    writeln!(
        page,
        "| work | limit, 1 core | keras, 1 thread | over the limit | 2 threads | fastest other | its time | keras ÷ it |"
    )?;
    writeln!(page, "|---|---|---|---|---|---|---|---|")?;
    for (work, words) in works() {
        let Some(ours) = results.time(OURS, work, 1) else { continue };
        let limit = results.limit(work, 1).map_or("–".into(), |limit| time(limit.median));
        let over = results.over_limit(work, 1).map_or("–".into(), |over| format!("{:.2} ×", over.median));
        let two = results.time(OURS, work, 2).map_or("–".into(), |two| time(two.median));
        let (name, its, ratio) = match results.best_peer(work) {
            Some((name, threads, its)) => {
                let name = if threads > 1 { format!("{}, {threads} threads", label(name)) } else { label(name).into() };
                (name, time(its.median), format!("{:.2}", ours.median / its.median))
            }
            None => ("–".into(), "–".into(), "–".into()),
        };
        writeln!(page, "| {words} | {limit} | {} | {over} | {two} | {name} | {its} | {ratio} |", time(ours.median))?;
    }
    writeln!(page)
}

fn details(page: &mut String, results: &Results) -> std::fmt::Result {
    writeln!(page, "## All times\n")?;
    writeln!(
        page,
        "Medians, and from the least to the most of the rounds. The last column is the time in keras's, one thread.\n"
    )?;
    writeln!(page, "| work | library | threads | median | least … most | GFLOP/s | ÷ keras |")?;
    writeln!(page, "|---|---|---|---|---|---|---|")?;
    for (work, words) in works() {
        let ours = results.time(OURS, work, 1);
        for (i, (engine, threads, spread)) in results.all(work).into_iter().enumerate() {
            let Spread { median, least: low, most } = spread;
            let flops = least(work).map_or(0.0, |least| 2e-3 * least.fmas / median);
            let ratio = ours.map_or("–".into(), |ours| format!("{:.2}", median / ours.median));
            let words = if i == 0 { words } else { "" };
            let range = format!("{} … {}", time(low), time(most));
            writeln!(
                page,
                "| {words} | {} | {threads} | {} | {range} | {} | {ratio} |",
                label(engine),
                time(median),
                digits(flops)
            )?;
        }
    }
    writeln!(page)?;
    let accuracy = |(engine, threads, _): (&'static str, u64, Spread)| {
        let Spread { median, .. } = results.accuracy(engine, FIT, threads)?;
        Some(format!("{} {median:.4} ({threads})", label(engine)))
    };
    let accuracies: Vec<String> = results.all(FIT).into_iter().filter_map(accuracy).collect();
    if accuracies.is_empty() {
        return Ok(());
    }
    writeln!(page, "Test accuracy after `fit`, by threads: {}.\n", accuracies.join(", "))
}

fn method(page: &mut String, results: &Results, options: &Options) -> std::fmt::Result {
    writeln!(page, "## What was run\n")?;
    writeln!(page, "- {}.", machine::describe())?;
    for threads in 1..=2 {
        let step = crate::works::STEP_32;
        if let (Some(limit), Some(least)) = (results.limit(step, threads), least(step)) {
            let speed = |limit: f64| 2e-3 * least.fmas / limit;
            writeln!(
                page,
                "- Peak of fused multiply-adds, {threads} thread{}: {:.0} GFLOP/s, in all rounds {:.0} … {:.0}.",
                if threads == 1 { "" } else { "s" },
                speed(limit.median),
                speed(limit.most),
                speed(limit.least)
            )?;
        }
    }
    let crates = ["burn", "candle-core", "matrixmultiply", "gemm", "ndarray"];
    let crates = crates.map(|name| format!("{name} {}", machine::version(name))).join(", ");
    writeln!(
        page,
        "- {}, release profile: keras {}, {crates}.",
        machine::said(&["rustc", "--version"]),
        machine::version("keras")
    )?;
    if let Some(python) = &options.python {
        let versions: Vec<String> =
            results.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
        writeln!(page, "- {}: {}.", machine::said(&[python, "--version"]), versions.join(", "))?;
    }
    writeln!(
        page,
        "- {} rounds. In each, every library has its turn, with one thread and with two: a process of its own, which \
         `taskset` keeps on as many cores. A work is called for {} s after a warm-up of a third of that; its time is the \
         median of its calls, and the tables show the median of the rounds.\n",
        options.rounds, options.seconds
    )?;
    page.push_str(METHOD);
    Ok(())
}

const METHOD: &str = "\
The limit is the arithmetic of the matrix products alone, over the peak of fused multiply-adds that is measured right before
and after each time of keras; for one prediction, the time in which the weights come out of their cache, if that is more.
\"Over the limit\" is the median of the rounds' own ratios, since clocks move from round to round.

What is alike for all:

- The same shapes, batches and data, which lie in the library's own kind of array before the clock starts, and one batch is
  used again and again. A step is: forward, loss, gradients, update; the loss is handed over as a number after each step. A
  prediction ends with its numbers in host memory.
- SGD is Nesterov's with momentum 0.9, Adam with Keras's constants. Learning rates are so small that the batch is never learnt
  by heart, since vanishing gradients become subnormal numbers, which CPUs are slow at.
- Products write to, or return, a new matrix without reuse of packed operands. They and single predictions are done by one
  thread.

What differs, in each case towards what serves the library:

- burn runs its Flex backend with SIMD and rayon; gemm, and with it burn and candle, has its AVX-512 code switched on. candle
  has no momentum, so Nesterov's rule is written with its tensors; its Adam is AdamW without decay.
- PyTorch is eager, with its fused optimizers; products are MKL's. JAX compiles the whole step to one function and reuses the
  memory of its arguments. Keras calls `train_on_batch` with tensors; its predictions are compiled calls (`tf.function`,
  `jax.jit`), not `predict`.
- PyTorch, burn and candle take classes as integers; JAX, Keras and this crate take them one-hot.
- `fit` is the whole call, from arrays in memory, shuffled, with accuracy; Keras has compiled its functions before.
";

/// A time in microseconds as people read it.
fn time(us: f64) -> String {
    match us {
        us if us < 1.0 => format!("{:.1} ns", us * 1e3),
        us if us < 1e3 => format!("{} µs", digits(us)),
        us if us < 1e6 => format!("{} ms", digits(us / 1e3)),
        us => format!("{} s", digits(us / 1e6)),
    }
}

/// Three of them.
fn digits(x: f64) -> String {
    match x {
        x if x < 10.0 => format!("{x:.2}"),
        x if x < 100.0 => format!("{x:.1}"),
        x => format!("{x:.0}"),
    }
}
