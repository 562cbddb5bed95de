//! Training, evaluation and prediction, on models that are written by hand.

mod allocation;
mod callbacks;
mod checkpoints;
mod golden;
mod hooks;
mod mistakes;
mod models;
mod positions;
mod predictions;
mod reproducible;
mod stopping;

use keras_kernels::memory::Boxed;
use keras_kernels::philox::{Key, Philox};
use keras_runtime::loss::CategoricalCrossentropy;
use keras_runtime::metric::Accuracy;
use keras_runtime::optimizer::Sgd;
use keras_runtime::{Compile, Compiled};
use models::{Mlp, SOFTMAX};

type Classifier = Mlp<3, SOFTMAX, false>;
type Compiling<O> = Compiled<Classifier, O, CategoricalCrossentropy, (Accuracy,)>;

/// A classifier that is compiled with SGD.
fn classifier() -> Compiling<Sgd> {
    compiled(Sgd::new(0.1))
}

fn compiled<O: keras_runtime::optimizer::Optimizer>(optimizer: O) -> Compiling<O> {
    let model: Boxed<Classifier> = keras_runtime::init(Some(1));
    model.compile(optimizer, CategoricalCrossentropy::default(), (Accuracy::default(),)).unwrap().seed(2)
}

/// Random inputs, and one-hot targets by the largest of the first three features.
fn data(n: usize) -> (Vec<[f32; 6]>, Vec<[f32; 3]>) {
    let mut random = Philox::new(Key { seed: 3, step: 0, stream: 0 });
    let x: Vec<[f32; 6]> = (0..n).map(|_| std::array::from_fn(|_| random.uniform() * 2.0 - 1.0)).collect();
    let class = |x: &[f32; 6]| (0..3).max_by(|&a, &b| x[a].total_cmp(&x[b])).unwrap();
    let y = x.iter().map(|x| std::array::from_fn(|c| if c == class(x) { 1.0 } else { 0.0 })).collect();
    (x, y)
}

/// Runs a test of this binary in a process of its own, where an environment variable is set and no other test runs.
/// True in that process, where the test is to do its work.
fn alone(test: &str, variable: &str, value: &str) -> bool {
    if std::env::var(variable).as_deref() == Ok(value) {
        return true;
    }
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    let output = command.args(["--exact", test]).env(variable, value).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    false
}
