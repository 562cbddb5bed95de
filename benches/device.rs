//! Steps of training within `fit` on a GPU, losses beside those of the processor, and matrix products, as rows of Markdown:
//! `cargo bench --features cuda --bench device`. With `--host` in the place of the GPU is the host's device, to try this program.
//!
//! `benches/device.sh` runs it with all else that needs a GPU.

use std::time::Instant;

use keras::Result;
use keras::device::memory::Span;
use keras::device::{Device, Elementwise, Engine, Math, Product, Program, Transposed};
use keras::prelude::*;

sequential! { struct Small< Input(784), Dense(64, relu), Dense(10, softmax) >; }
sequential! { struct Wide< Input(784), Dense(512, relu), Dense(512, relu), Dense(10, softmax) >; }
sequential! {
    #[dtype = "mixed_bfloat16"]
    struct WideHalves< Input(784), Dense(512, relu), Dense(512, relu), Dense(10, softmax, dtype = "float32") >;
}
sequential! {
    struct Images<
        Input((28, 28, 1)),
        Conv2D(32, 3, padding = "same", use_bias = false),
        BatchNormalization(),
        Activation(relu),
        Conv2D(64, 3, strides = 2, activation = relu),
        Flatten(),
        Dense(10, softmax),
    >;
}

/// Numbers from 0 to 1 that look random.
fn numbers(len: usize) -> Vec<f32> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 16_777_216.0
    };
    (0..len).map(|_| next()).collect()
}

/// How the steps of an execution are launched, and what they multiply.
#[derive(Clone, Copy)]
enum Way {
    Graph,
    OneKernel,
    Tf32,
    /// As a graph, of data that come in pieces.
    Pieces,
}

/// Whether the host's device was asked for.
fn is_host() -> bool {
    std::env::args().any(|arg| arg == "--host")
}

/// A device: the GPU, or the host if that was asked for.
fn device(way: Way) -> Result<Device> {
    let device = if is_host() { Device::reference() } else { Device::cuda(0)? };
    Ok(match way {
        Way::Graph => device,
        Way::OneKernel => device.in_one_kernel(),
        Way::Tf32 => device.tf32(),
        // Less than the rows of an epoch take.
        Way::Pieces => device.data_limit(16 << 20),
    })
}

/// Batches of an epoch, all of them one execution.
const STEPS: usize = 64;

/// How often an epoch is repeated; fewer times on the host.
fn repeats() -> usize {
    if is_host() { 1 } else { 40 }
}

/// Prints a row, or what went wrong in its place, so that the rows behind it are there all the same.
fn row(name: &str, cells: Result<String>) {
    match cells {
        Ok(cells) => println!("| {name} | {cells} |"),
        Err(error) => println!("| {name} | failed: {} |", error.to_string().replace('\n', " ").replace('|', "\\|")),
    }
}

/// The least, the median and the most of five.
fn sorted(mut times: Vec<f64>) -> [f64; 3] {
    times.sort_by(f64::total_cmp);
    [0, 2, 4].map(|i| times[i])
}

/// How far two curves of losses are apart at the most, relative to the first; not a number if either is not one somewhere.
fn apart(meant: &[f64], found: &[f64]) -> f64 {
    let apart = meant.iter().zip(found).map(|(a, b)| ((a - b) / a).abs());
    apart.fold(0.0, |most, next| if next > most || next.is_nan() { next } else { most })
}

/// Prints what a step takes, and how far losses are from those of the processor over 50 steps.
macro_rules! work {
    ($name:literal, $model:ident, $batch:expr, $x:expr, $way:expr) => {
        row($name, work!(cells $model, $batch, $x, $way))
    };
    (cells $model:ident, $batch:expr, $x:expr, $way:expr) => {(|| -> Result<String> {
        let steps = if repeats() == 1 { 2 } else { STEPS };
        let (x, y): (Vec<_>, Vec<u8>) = ($x)($batch * steps);
        let compiled = || {
            let loss = SparseCategoricalCrossentropy::default();
            Ok::<_, keras::Error>($model::seeded(1).compile(Sgd::new(0.01).momentum(0.9), loss, ())?.seed(1))
        };
        let mut model = compiled()?.steps_per_execution(steps).on(device($way)?)?;
        let mut time = |epochs: usize| -> Result<f64> {
            let start = Instant::now();
            model.fit(&x, &y, Fit::epochs(epochs).batch_size($batch).verbose(0))?;
            Ok(start.elapsed().as_secs_f64())
        };
        time(1)?;
        let mut times = Vec::new();
        for _ in 0..5 {
            let once = time(1)?;
            times.push((time(1 + repeats())? - once) / (repeats() * steps) as f64 * 1e6);
        }
        let [least, median, most] = sorted(times);

        let (x, y) = (&x[..$batch], &y[..$batch]);
        let mut losses = Vec::new();
        for device in [None, Some(device($way)?)] {
            let mut model = compiled()?;
            if let Some(device) = device {
                model = model.on(device)?;
            }
            let history = model.fit(x, y, Fit::epochs(50).batch_size($batch).verbose(0))?;
            losses.push(history.get("loss").to_vec());
        }
        let apart = apart(&losses[0], &losses[1]);
        Ok(format!("{} | {median:.2} | {least:.2} to {most:.2} | {apart:.1e}", $batch))
    })()};
}

/// Rows of `N` numbers and a class for each.
fn rows<const N: usize>(n: usize) -> (Vec<[f32; N]>, Vec<u8>) {
    let x = numbers(n * N);
    let y = (0..n).map(|i| (x[i * N] * 10.0) as u8).collect();
    (x.as_chunks().0.to_vec(), y)
}

/// 28 × 28 pixels.
type Image = [[[f32; 1]; 28]; 28];

/// Images and a class for each.
fn images(n: usize) -> (Vec<Image>, Vec<u8>) {
    let (x, y) = rows::<784>(n);
    let image = |x: &[f32; 784]| std::array::from_fn(|i| std::array::from_fn(|j| [x[28 * i + j]]));
    (x.iter().map(image).collect(), y)
}

/// What a program takes whose arrays lie in the device's memory, in µs: the least, the median and the most of five.
fn time(program: Program, inputs: &[Span], output: Span) -> Result<[f64; 3]> {
    const TIMES: usize = 32;
    let mut engine: Box<dyn Engine> = device(Way::Graph)?.into_engine();
    for input in inputs {
        engine.allocate(input.region, input.len)?;
        engine.write_f32(*input, &numbers(input.len))?;
    }
    engine.allocate(output.region, output.len)?;
    let program = engine.load(program)?;
    // A number is read so that all is done.
    let mut time = || -> Result<f64> {
        let start = Instant::now();
        engine.run(program, TIMES)?;
        engine.read_f32(output.region.span(0, 1), &mut [0.0])?;
        Ok(start.elapsed().as_secs_f64() / TIMES as f64 * 1e6)
    };
    time()?;
    Ok(sorted((0..5).map(|_| time()).collect::<Result<Vec<_>>>()?))
}

/// Prints what a product of matrices takes, and how many operations a second that is.
fn product(sizes: [usize; 3], transposed: Transposed, math: Math) {
    let sizes = if is_host() { sizes.map(|n| n / 64) } else { sizes };
    let product = Product { sizes, transposed, math, is_large: None };
    let [m, n, k] = sizes;
    let cells =
        time(Product::program(&[product]), &product.factors(), product.result(0)).map(|[least, median, most]| {
            let speed = 2.0 * (m * n * k) as f64 / median / 1e6;
            format!("{math:?} | {median:.1} | {least:.1} to {most:.1} | {speed:.1}")
        });
    row(&format!("{transposed:?} | {m} × {n} × {k}"), cells);
}

/// Prints what elementwise work takes, and how many bytes a second it reads and writes.
fn elementwise(len: usize) {
    let work = Elementwise { len: if is_host() { len / 1024 } else { len } };
    let cells = time(work.program(), &work.inputs(), work.output()).map(|[least, median, most]| {
        let speed = 3.0 * (4 * work.len) as f64 / median / 1e3;
        format!("{median:.1} | {least:.1} to {most:.1} | {speed:.0}")
    });
    row(&format!("gelu(x + z) of {} floats", work.len), cells);
}

fn main() {
    let wanted = |part: &str| {
        let mut parts =
            std::env::args().filter(|arg| ["steps", "products", "elementwise"].contains(&&arg[..])).peekable();
        parts.peek().is_none() || parts.any(|arg| arg == part)
    };
    if wanted("steps") {
        steps();
    }
    if wanted("products") {
        println!("\n| transposed | rows × columns × terms | multiplied | µs | least to most of 5 | TFLOP/s |");
        println!("|---|---|---|---|---|---|");
        for n in [1024, 4096] {
            for math in [Math::Float32, Math::TensorFloat32, Math::Bfloat16, Math::Float16] {
                product([n; 3], Transposed::Neither, math);
            }
        }
        for transposed in [Transposed::First, Transposed::Second] {
            product([4096; 3], transposed, Math::Bfloat16);
        }
    }
    if wanted("elementwise") {
        println!("\n| elementwise | µs | least to most of 5 | GB/s, read and written |");
        println!("|---|---|---|---|");
        elementwise(1 << 26);
    }
}

/// Prints the rows of networks.
fn steps() {
    println!("| network | batch | µs a step | least to most of 5 | losses of 50 steps apart by |");
    println!("|---|---|---|---|---|");
    work!("784-64-10", Small, 32, rows::<784>, Way::Graph);
    work!("784-64-10, in one kernel", Small, 32, rows::<784>, Way::OneKernel);
    work!("784-512-512-10", Wide, 128, rows::<784>, Way::Graph);
    work!("784-512-512-10, in one kernel", Wide, 128, rows::<784>, Way::OneKernel);
    work!("784-512-512-10, in TF32", Wide, 128, rows::<784>, Way::Tf32);
    work!("784-512-512-10, mixed_bfloat16", WideHalves, 128, rows::<784>, Way::Graph);
    work!("784-512-512-10, data in pieces", Wide, 128, rows::<784>, Way::Pieces);
    work!("two convolutions, 28×28", Images, 64, images, Way::Graph);
    work!("two convolutions, 28×28, in TF32", Images, 64, images, Way::Tf32);
}
