//! Runs all engines in turn and writes what came out.

mod machine;
mod page;
mod plot;
mod results;

use std::io::Write;
use std::path::Path;
use std::process::Command;

use crate::engines::Outcome;
use results::Results;

/// What the command line asks for.
pub struct Options {
    /// How often each engine has its turn.
    pub rounds: usize,
    /// Seconds for each work.
    pub seconds: f64,
    /// Whether the works that take many seconds are wanted.
    pub fit: bool,
    /// The Python interpreter with the libraries; none leaves them out.
    pub python: Option<String>,
    /// The folder with bench.py.
    pub scripts: String,
    /// The folder that gets benchmarks.md and benchmarks.svg.
    pub out: String,
    /// The file that gets what the engines print.
    pub lines: String,
    /// What the user called, for the page.
    pub command: String,
    /// Names of engines, by commas, if not all of them.
    pub only: Option<String>,
}

/// What an engine is called in words; ours is the first.
const ENGINES: [(&str, &str); 12] = [
    (OURS, "keras (Rust)"),
    ("burn", "burn"),
    ("candle", "candle"),
    ("matrixmultiply", "matrixmultiply"),
    ("gemm", "gemm"),
    ("ndarray", "ndarray"),
    ("numpy", "NumPy"),
    ("pytorch", "PyTorch"),
    ("jax", "JAX"),
    ("keras-jax", "Keras/JAX"),
    ("keras-tensorflow", "Keras/TF"),
    ("onnxruntime", "ONNX Runtime"),
];
const OURS: &str = "ours";
/// Those that run in Python.
const PYTHON: usize = 6;
/// Those that have nothing to do with a second thread: one prediction, and products as one core does them.
const ONE_THREAD: [&str; 5] = ["matrixmultiply", "gemm", "ndarray", "numpy", "onnxruntime"];

fn label(engine: &str) -> &str {
    ENGINES.iter().find(|(name, _)| *name == engine).map_or(engine, |(_, label)| label)
}

/// Runs everything and writes the page and the plot.
///
/// # Errors
/// If an engine of this program fails or a file cannot be written; a Python library that fails is told and left out.
pub fn run(options: &Options) -> Outcome {
    let mut results = Results::default();
    let mut lines = std::fs::File::create(&options.lines)?;
    let cores = machine::cores();
    let most = cores.len().min(2);
    let begin = std::time::Instant::now();
    for round in 1..=options.rounds {
        for (i, (engine, _)) in ENGINES.iter().enumerate() {
            if options.only.as_ref().is_some_and(|only| !only.split(',').any(|name| name == *engine)) {
                continue;
            }
            for threads in 1..=most {
                if threads > 1 && ONE_THREAD.contains(engine) {
                    continue;
                }
                eprintln!(
                    "{:4.0} s: round {round} of {}, {engine}, threads: {threads}",
                    begin.elapsed().as_secs_f64(),
                    options.rounds
                );
                let program = if i < PYTHON {
                    Some((std::env::current_exe()?.display().to_string(), vec!["run".to_owned()]))
                } else {
                    let script = Path::new(&options.scripts).join("bench.py").display().to_string();
                    options.python.clone().map(|python| (python, vec![script]))
                };
                let Some((program, mut arguments)) = program else { continue };
                arguments.extend([(*engine).into(), "--threads".into(), threads.to_string()]);
                arguments.extend(["--seconds".into(), options.seconds.to_string()]);
                let output = command(&program, &arguments, &cores[..threads], options.fit).output()?;
                lines.write_all(&output.stdout)?;
                results.read(&String::from_utf8_lossy(&output.stdout));
                if !output.status.success() {
                    let told = String::from_utf8_lossy(&output.stderr);
                    if i < PYTHON {
                        return Err(format!("{engine}: {}", told.trim_end()).into());
                    }
                    eprintln!("{engine} has failed: {}", told.lines().last().unwrap_or_default());
                }
            }
        }
    }
    let out = Path::new(&options.out);
    std::fs::write(out.join("benchmarks.svg"), plot::draw(&results))?;
    std::fs::write(out.join("benchmarks.md"), page::write(&results, options, begin.elapsed().as_secs()))?;
    Ok(())
}

/// A process on these cores alone, with as many threads.
fn command(program: &str, arguments: &[String], cores: &[usize], fit: bool) -> Command {
    let list = cores.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let mut command = Command::new("taskset");
    command.args(["-c", &list, program]).args(arguments);
    let threads = cores.len().to_string();
    for name in [
        "KERAS_THREADS",
        "RAYON_NUM_THREADS",
        "CANDLE_NUM_THREADS",
        "MATMUL_NUM_THREADS",
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_INTEROP_THREADS",
    ] {
        command.env(name, &threads);
    }
    if !fit {
        command.env_remove("KERAS_TEST_DATA");
    }
    command
}
