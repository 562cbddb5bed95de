//! All checks of a layer, or of any model, in a few lines.

use keras::__private::graph::{Graph, Init, OpKind, Param};
use keras::__private::kernels::Isa;
use keras::__private::kernels::memory::{Sink, Workspace};
use keras::{Boxed, Context, Model, ModelExt, Predict, Samples};

use super::count::allocations;
use super::fill::Fill;
use super::golden::{self, Case};
use super::interpret::{self, Random};
use super::run::run;
use super::{close, close32, numbers};

/// Relative to the largest magnitude of the tensor; the f32 kernels' sums are short here.
const TOLERANCE: f64 = 1e-5;

/// How far from each other right sums of the same numbers may be, relative to the largest magnitude of a tensor that is rounded.
const MARGIN: f64 = 1e-6;

/// How many draws of data are looked at for one in which no rounding depends on that.
const DRAWS: usize = 1000;

/// Tests of a model: `layer_test!(name, model, ["golden case without its batch", …]);`
///
/// - finite differences in f64 check the interpreter's gradients,
/// - the interpreter checks generated code, on every instruction set, for batches of 1, 2 and 7,
/// - predictions allocate nothing after the first, weights survive a file, the summary tells their number,
/// - real Keras checks generated code, where cases are named.
///
/// `layer_test!(name, model, differences_but "kernel", […]);` leaves gradients of weights of this name out of the first: those that go
/// straight through a function without slopes.
#[macro_export]
macro_rules! layer_test {
    ($name:ident, $model:expr $(, [$($case:literal),* $(,)?])?) => {
        $crate::layer_test!($name, $model, differences_but "" $(, [$($case),*])?);
    };
    ($name:ident, $model:expr, differences_but $but:literal $(, [$($case:literal),* $(,)?])?) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            fn model() -> keras::Boxed<impl keras::Model<Input: $crate::support::fill::Fill>> {
                $model
            }

            #[test]
            fn gradients_are_differences() {
                $crate::support::layer_test::differences_but(&model(), $but);
            }
            #[test]
            fn code_is_what_the_graph_says() {
                $crate::support::layer_test::generated(&model());
            }
            #[test]
            fn allocates_nothing() {
                $crate::support::layer_test::allocates_nothing(&model());
            }
            #[test]
            fn survives_a_file() {
                $crate::support::layer_test::survives_a_file(model(), stringify!($name));
            }
            $(#[test]
            fn keras_agrees() {
                $($crate::support::layer_test::keras(model(), $case);)*
            })?
        }
    };
}

fn random(training: bool) -> Random {
    Random { training, seed: 3, step: 5, frozen: false, rounds: true }
}

/// Weights, inputs, and gradients of outputs.
type Data = (Vec<f64>, Vec<Vec<f64>>, Vec<Vec<f64>>);

fn data(graph: &Graph, n: usize, seed: u64) -> Data {
    let len = |shape: &[usize]| shape.iter().product::<usize>();
    let floats = graph.params.iter().map(|param| len(param.shape)).sum();
    // Offsets below the numbers' grid, so that hardly two are equal: a largest one is then the only one.
    let apart = |(i, x): (usize, &f64)| x + (i % 64) as f64 / 16384.0;
    // Whole numbers from 0 to 5.
    let whole = |x: &f64| (3.0 * (x + 1.0)).floor().min(5.0);
    let x = graph.inputs.iter().zip(1..).map(|(input, i)| {
        let numbers = numbers(seed + i, n * len(input.shape), 1.0);
        match input.dtype {
            "float32" => numbers.iter().enumerate().map(apart).collect(),
            _ => numbers.iter().map(whole).collect(),
        }
    });
    let dy = graph
        .outputs
        .iter()
        .zip(20..)
        .map(|(output, i)| numbers(seed + i, n * len(graph.values[output.value].shape), 1.0));
    let mut w = numbers(seed, floats, 0.7);
    let mut dy: Vec<Vec<f64>> = dy.collect();
    if is_rounded(graph) {
        // Numbers of more digits than a smaller format has.
        let longer = |(i, x): (usize, &mut f64)| *x += ((i * 29) % 64) as f64 / 16384.0;
        w.iter_mut().enumerate().for_each(longer);
        dy.iter_mut().for_each(|dy| dy.iter_mut().enumerate().for_each(longer));
    }
    // State that begins as 1 is a variance or the like.
    for param in graph.params.iter().filter(|param| !param.trainable && matches!(param.init, Init::Ones)) {
        w[param.at..param.at + len(param.shape)].iter_mut().for_each(|w| *w = w.abs() + 0.5);
    }
    (w, x.collect(), dy)
}

/// Whether layers of the graph have a mixed policy.
fn is_rounded(graph: &Graph) -> bool {
    graph.ops.iter().any(|op| matches!(op.kind, OpKind::Round { .. }))
}

/// Central differences of the interpreter's loss against the interpreter's gradients. Gradients of weights of the name `but` are
/// left out; no weights have the name "".
pub(crate) fn differences_but<M: Model>(_: &Boxed<M>, but: &str) {
    let graph = M::GRAPH;
    let (w, x, dy) = data(graph, 3, 11);
    // What is rounded has no slope; its gradient is that of the numbers as they are.
    let random = Random { rounds: false, ..random(true) };
    let at = |w: &[f64], x: &[Vec<f64>]| interpret::run(graph, w, x, &dy, 3, random).loss;
    let result = interpret::run(graph, &w, &x, &dy, 3, random);
    let h = 1e-5;
    let check = |what: &str, gradient: f64, up: f64, down: f64| {
        let difference = (up - down) / (2.0 * h);
        let bound = 1e-6 * (1.0 + difference.abs().max(gradient.abs()));
        assert!((gradient - difference).abs() <= bound, "{what}: gradient {gradient}, difference {difference}");
    };
    let checked = |param: &&Param| param.trainable && graph.is_trainable(param.layer) && param.name != but;
    for param in graph.params.iter().filter(checked) {
        for i in param.at..param.at + param.shape.iter().product::<usize>() {
            let (mut up, mut down) = (w.clone(), w.clone());
            up[i] += h;
            down[i] -= h;
            check(&format!("{}[{i}]", param.name), result.grads[i], at(&up, &x), at(&down, &x));
        }
    }
    let floats = |input: &usize| graph.inputs[*input].dtype == "float32";
    for input in (0..x.len()).filter(floats) {
        for i in 0..x[input].len() {
            let (mut up, mut down) = (x.clone(), x.clone());
            up[input][i] += h;
            down[input][i] -= h;
            check(&format!("input {input}[{i}]"), result.input_grads[input][i], at(&w, &up), at(&w, &down));
        }
    }
}

/// A gradient of weights against what it should be. One that is 0 but for rounding (that of a bias which a softmax
/// or a normalization takes away again) has no magnitude of its own: that of `all` gradients is taken.
#[track_caller]
fn gradient(what: &str, ours: &[f32], expected: &[f64], all: &[f64]) {
    gradient_within(what, ours, expected, all, TOLERANCE);
}

#[track_caller]
fn gradient_within(what: &str, ours: &[f32], expected: &[f64], all: &[f64], tolerance: f64) {
    let largest = |of: &[f64]| of.iter().fold(0.0f64, |max, e| max.max(e.abs()));
    let scale = largest(all);
    let nothing = if tolerance > TOLERANCE { tolerance } else { 1e-12 };
    if largest(expected) > nothing * scale {
        return close32(what, ours, expected, tolerance);
    }
    assert_eq!(ours.len(), expected.len(), "{what}");
    for ours in ours {
        assert!(f64::from(ours.abs()) <= tolerance * scale, "{what}: {ours} instead of 0 (largest magnitude {scale})");
    }
}

fn to32(data: &[Vec<f64>]) -> Vec<Vec<f32>> {
    data.iter().map(|data| data.iter().map(|&x| x as f32).collect()).collect()
}

/// Generated code against the interpreter, on every instruction set.
pub(crate) fn generated<M: Model<Input: Fill>>(model: &Boxed<M>) {
    let graph = M::GRAPH;
    let mut model = model.clone();
    for (n, training) in [(1, true), (2, false), (7, true)] {
        let of_seed = |seed| {
            let (w, x, dy) = data(graph, n, seed);
            let [expected, inference] =
                [training, false].map(|training| interpret::run(graph, &w, &x, &dy, n, random(training)));
            (expected.margin.min(inference.margin) > MARGIN).then_some((w, x, dy, expected, inference))
        };
        let Some((w, x, dy, expected, inference)) = (40 + n as u64..).step_by(100).take(DRAWS).find_map(of_seed) else {
            panic!("of {DRAWS} draws none has numbers that all sums round to the same");
        };
        model.as_mut_slice().iter_mut().zip(&w).for_each(|(ours, &w)| *ours = w as f32);
        #[cfg(feature = "cuda")]
        on_a_device(graph, &(w.clone(), x.clone(), dy.clone()), n, random(training), &expected);
        for isa in Isa::available() {
            let ran = run(&*model, &to32(&x), &to32(&dy), n, isa, random(training));
            let what = |part: &str| format!("{part} on {isa:?}, {n} rows");
            for (i, y) in ran.inferred.iter().enumerate() {
                close32(&what("inference"), y, &inference.outputs[i], TOLERANCE);
                close32(&what("output"), &ran.outputs[i], &expected.outputs[i], TOLERANCE);
            }
            for param in graph.params {
                let range = param.at..param.at + param.shape.iter().product::<usize>();
                gradient(&what(param.name), &ran.grads[range.clone()], &expected.grads[range.clone()], &expected.grads);
                if let Some(grads) = &ran.by_blocks {
                    let what = what(&format!("{}, by blocks", param.name));
                    gradient(&what, &grads[range.clone()], &expected.grads[range], &expected.grads);
                }
            }
            for (ours, of) in ran.carried.iter().zip([&inference, &expected]) {
                close32(&what("states"), ours, &of.carried, TOLERANCE);
            }
            let floats = graph.inputs.iter().zip(&expected.input_grads).filter(|(input, _)| input.dtype == "float32");
            for (ours, (_, expected)) in ran.input_grads.iter().zip(floats) {
                close32(&what("input gradient"), ours, expected, TOLERANCE);
            }
        }
    }
}

/// The same on the reference device, as far as devices have kernels for the model.
#[cfg(feature = "cuda")]
fn on_a_device(graph: &'static Graph, (w, x, dy): &Data, n: usize, random: Random, expected: &interpret::Interpreted) {
    use keras::device::{Device, Pass};
    let [weights, inputs, grads] = [&to32(std::slice::from_ref(w)), &to32(x), &to32(dy)];
    let Random { training, seed, step, .. } = random;
    let carried: Vec<f32> = interpret::carried(graph, n).iter().map(|&x| x as f32).collect();
    let pass = Pass { rows: n, training, seed, step, weights: &weights[0], inputs, grads, carried: &carried };
    let Some(ran) = pass.run(Device::reference(), graph).unwrap() else { return };
    let what = |part: &str| format!("{part} on a device, {n} rows");
    for (ours, expected) in ran.outputs.iter().zip(&expected.outputs) {
        close32(&what("output"), ours, expected, TOLERANCE);
    }
    for param in graph.params {
        let range = param.at..param.at + param.shape.iter().product::<usize>();
        gradient(&what(param.name), &ran.grads[range.clone()], &expected.grads[range], &expected.grads);
    }
    close32(&what("states"), &ran.carried, &expected.carried, TOLERANCE);
    for (ours, expected) in ran.input_grads.iter().zip(&expected.input_grads).filter(|(ours, _)| !ours.is_empty()) {
        close32(&what("input gradient"), ours, expected, TOLERANCE);
    }
}

/// Predictions and the phases of a training step, counted.
pub(crate) fn allocates_nothing<M: Model<Input: Fill>>(model: &Boxed<M>) {
    let x = M::Input::zeros(5);
    let x = M::Input::batch(&x);
    let mut y = M::Output::zeros(5);
    model.predict_into(x, M::Output::batch_mut(&mut y)).unwrap();
    let count = allocations(|| model.predict_into(x, M::Output::batch_mut(&mut y)).unwrap());
    assert_eq!(count, 0, "predict_into");
    let one = M::Input::zero();
    assert_eq!(allocations(|| model.predict_one(&one)), 0, "predict_one");
    allocates_nothing_in_training(model);
}

/// The phases of a training step, counted.
pub(crate) fn allocates_nothing_in_training<M: Model<Input: Fill>>(model: &Boxed<M>) {
    let graph = M::GRAPH;
    let x = M::Input::zeros(5);
    let x = M::Input::batch(&x);
    let mut carried = vec![0.0; 5 * graph.carried];
    let mut workspace = Workspace::new();
    let mut weights = model.as_slice().to_vec();
    let mut grads = weights.clone();
    let cx = Context { training: true, input_gradients: true, ..Context::inference(Isa::current()) };
    let mut step = || {
        let values = workspace.batch(graph.train.layout_with_inputs, 5, 1);
        let mut values = values.carrying(&mut carried, graph.carried);
        model.forward(&cx, x, &mut values.rows());
        model.backward_data(&cx, x, &mut values.rows());
        M::backward_params(&cx, x, &mut values.whole(), &mut Sink::store(&mut weights, &mut grads, &[]));
    };
    step();
    assert_eq!(allocations(step), 0, "a step");
}

/// Saving and loading gives the same bits; the summary tells how many weights there are.
pub(crate) fn survives_a_file<M: Model>(mut model: Boxed<M>, name: &str) {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("weights");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}_{:?}.safetensors", std::thread::current().id()));
    let weights: Vec<f32> = numbers(5, M::FLOATS, 2.0).iter().map(|&w| w as f32).collect();
    model.as_mut_slice().copy_from_slice(&weights);
    model.save_weights(&path).unwrap();
    model.as_mut_slice().fill(0.0);
    model.load_weights(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(model.as_slice(), weights);

    let digits: Vec<u8> = M::FLOATS.to_string().into_bytes();
    let groups: Vec<&[u8]> = digits.rchunks(3).rev().collect();
    let total = String::from_utf8(groups.join(&b','));
    let line = format!("Total params: {} ", total.unwrap());
    let summary = model.summary();
    assert!(summary.contains(&line), "{line:?} in\n{summary}");
}

/// Generated code against real Keras, on every instruction set, for all batches of a case.
pub(crate) fn keras<M: Model<Input: Fill>>(model: Boxed<M>, name: &str) {
    keras_within(model, name, TOLERANCE);
}

/// The same within a tolerance of its own, relative to the largest magnitude of each tensor.
pub(crate) fn keras_within<M: Model<Input: Fill>>(mut model: Boxed<M>, name: &str, tolerance: f64) {
    for (name, case) in golden::batches(name) {
        set_weights(&mut model, case);
        let n = case.rows();
        let (x, dy) = (case.list("x"), case.list("dy"));
        for isa in Isa::available() {
            let training = case.number("training").is_some();
            let ran = run(&*model, &to32(&x), &to32(&dy), n, isa, random(training));
            let what = |part: &str| format!("{name}: {part} on {isa:?}");
            for (i, y) in case.list("y").iter().enumerate() {
                close32(&what("output"), &ran.outputs[i], y, tolerance);
                if !training {
                    close32(&what("inference"), &ran.inferred[i], y, tolerance);
                }
            }
            for (ours, dx) in ran.input_grads.iter().zip(case.list("dx")) {
                close32(&what("input gradient"), ours, &dx, tolerance);
            }
            let path = |param: &Param| format!("{}/{}", M::GRAPH.path(param.layer), param.name);
            let all: Vec<f64> =
                M::GRAPH.params.iter().filter_map(|param| case.get(&format!("g/{}", path(param)))).flatten().collect();
            for param in M::GRAPH.params {
                let range = param.at..param.at + param.shape.iter().product::<usize>();
                let state = format!("s/{}/{}", M::GRAPH.path(param.layer), param.name);
                let expected = case.get(&state).unwrap_or_else(|| case.tensor(&state.replacen('s', "w", 1)));
                close32(&what(&state), &ran.weights[range.clone()], &expected, tolerance);
                let field = format!("g/{}/{}", M::GRAPH.path(param.layer), param.name);
                match case.get(&field) {
                    Some(g) => gradient_within(&what(&field), &ran.grads[range], &g, &all, tolerance),
                    None => assert!(ran.grads[range].iter().all(|&g| g == 0.0), "{name}: Keras does not train {field}"),
                }
            }
        }
        if let Some(reg) = case.number("loss_reg") {
            let w: Vec<f64> = model.as_slice().iter().map(|&w| f64::from(w)).collect();
            let ours = interpret::run(M::GRAPH, &w, &x, &dy, n, random(false)).penalties;
            close("loss_reg", &[ours], &[reg], tolerance);
        }
    }
}

/// Sets a model's weights to those of a case.
pub(crate) fn set_weights<M: Model>(model: &mut Boxed<M>, case: Case) {
    for param in M::GRAPH.params {
        let field = format!("w/{}/{}", M::GRAPH.path(param.layer), param.name);
        let w = case.tensor32(&field);
        model.as_mut_slice()[param.at..param.at + w.len()].copy_from_slice(&w);
    }
}

/// Two models of the same weights in another order of the block: the same outputs and gradients, on every instruction
/// set, while training too.
pub(crate) fn equal<A, B>(a: &Boxed<A>, b: &Boxed<B>)
where
    A: Model<Input: Fill>,
    B: Model<Input: Fill>,
{
    let (mut a, mut b) = (a.clone(), b.clone());
    let (w, x, dy) = data(B::GRAPH, 5, 17);
    let order = |graph: &Graph| {
        let mut params: Vec<_> = graph.params.iter().map(|param| (param.at, param.shape)).collect();
        params.sort_unstable();
        params.into_iter().map(|(_, shape)| shape).collect::<Vec<_>>()
    };
    assert_eq!(order(A::GRAPH), order(B::GRAPH), "weights of the two models");
    a.as_mut_slice().iter_mut().zip(&w).for_each(|(a, &w)| *a = w as f32);
    b.as_mut_slice().copy_from_slice(a.as_slice());
    for isa in Isa::available() {
        for random in [random(false), random(true)] {
            let [ours, theirs] =
                [run(&*a, &to32(&x), &to32(&dy), 5, isa, random), run(&*b, &to32(&x), &to32(&dy), 5, isa, random)];
            let wide = |list: &[f32]| list.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
            for (ours, theirs) in ours.inferred.iter().zip(&theirs.inferred) {
                close32(&format!("inference on {isa:?}"), ours, &wide(theirs), TOLERANCE);
            }
            for (ours, theirs) in ours.outputs.iter().zip(&theirs.outputs) {
                close32(&format!("output on {isa:?}"), ours, &wide(theirs), TOLERANCE);
            }
            close32(&format!("gradients on {isa:?}"), &ours.grads, &wide(&theirs.grads), TOLERANCE);
            for (ours, theirs) in ours.input_grads.iter().zip(&theirs.input_grads) {
                close32(&format!("input gradients on {isa:?}"), ours, &wide(theirs), TOLERANCE);
            }
        }
    }
}

/// Gradients of generated code against central differences of its own outputs along some directions, in f32: for models
/// with layers that only they know.
pub(crate) fn directions<M: Model<Input: Fill>>(model: &Boxed<M>) {
    let graph = M::GRAPH;
    let (w, x, dy) = data(graph, 4, 23);
    let mut model = model.clone();
    let mut at = |w: &[f64], x: &[Vec<f64>]| {
        model.as_mut_slice().iter_mut().zip(w).for_each(|(ours, &w)| *ours = w as f32);
        run(&*model, &to32(x), &to32(&dy), 4, Isa::current(), random(true))
    };
    let value = |outputs: &[Vec<f32>], w: &[f64]| {
        let data = outputs.iter().flatten().zip(dy.iter().flatten()).map(|(&y, &dy)| f64::from(y) * dy).sum::<f64>();
        let penalties = graph.params.iter().filter_map(|param| Some((param, param.regularizer?))).map(|(param, p)| {
            let range = param.at..param.at + param.shape.iter().product::<usize>();
            keras::__private::kernels::penalty::scalar::value(&w[range], p)
        });
        data + penalties.sum::<f64>()
    };
    let ran = at(&w, &x);
    for direction in 0..8 {
        let dw = numbers(direction + 70, w.len(), 1.0);
        let dx: Vec<Vec<f64>> = x.iter().zip(90..).map(|(x, i)| numbers(direction + i, x.len(), 1.0)).collect();
        let moved = |h: f64| {
            let step = |a: &[f64], d: &[f64]| a.iter().zip(d).map(|(a, d)| a + h * d).collect::<Vec<_>>();
            (step(&w, &dw), x.iter().zip(&dx).map(|(x, dx)| step(x, dx)).collect::<Vec<_>>())
        };
        let h = 2e-3;
        let [up, down] = [h, -h].map(|h| {
            let (w, x) = moved(h);
            value(&at(&w, &x).outputs, &w)
        });
        let difference = (up - down) / (2.0 * h);
        let along = |g: &[f32], d: &[f64]| g.iter().zip(d).map(|(&g, d)| f64::from(g) * d).sum::<f64>();
        let inputs = ran.input_grads.iter().zip(&dx).map(|(g, d)| along(g, d)).sum::<f64>();
        let gradient = along(&ran.grads, &dw) + inputs;
        let bound = 2e-3 * (1.0 + difference.abs());
        assert!((gradient - difference).abs() <= bound, "direction {direction}: {gradient}, difference {difference}");
    }
}
