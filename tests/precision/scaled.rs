//! Training with a scaled loss.

use keras::optimizers::schedule::ExponentialDecay;
use keras::optimizers::{LossScale, LossScaleOptimizer};
use keras::prelude::*;
use keras::{Boxed, Compiled, GradientTape, Model, sequential};

use crate::support::count::allocations;
use crate::support::golden::{self, Case};
use crate::support::layer_test::set_weights;
use crate::support::{close, close32};

sequential! {
    /// With layers that compute in half precision.
    struct Half<
        Input(12),
        Dense(8, tanh, dtype = "mixed_float16"),
        BatchNormalization(momentum = 0.9, dtype = "mixed_float16"),
        Dense(5, kernel_regularizer = L2(0.01), dtype = "mixed_float16"),
        Softmax,
    >;
}
sequential! { struct Within< Input(12), self::Half, Dense(5) >; }
sequential! { #[dtype = "mixed_bfloat16"] struct Brain< Input(12), Dense(5) >; }

// A float32 model with all that adds to the gradients.
sequential! { struct Base< Input(8), Dense(8, tanh, kernel_regularizer = L2(0.01)), Dropout(0.25) >; }
model! {
    struct Plain(x: [12]) {
        let shared = Dense(12, tanh, kernel_regularizer = L1(0.01), kernel_constraint = MaxNorm(1.0));
        let h = Dense(8, activity_regularizer = L1L2(0.01, 0.02))(shared(shared(x)));
        let base = self::Base;
        Dense(5, softmax)(base(base(h) + base(h)))
    }
}

fn data(n: usize) -> (Vec<[f32; 12]>, Vec<[f32; 5]>) {
    let value = |i: usize| (i as u32).wrapping_mul(2_654_435_761) as f32 / u32::MAX as f32 - 0.5;
    let x = (0..n).map(|row| std::array::from_fn(|i| value(row * 12 + i))).collect();
    (x, (0..n).map(|row| std::array::from_fn(|i| f32::from(u8::from(row % 5 == i)))).collect())
}

/// What Keras has trained from its weights on its data: losses, scales, counts and the weights at the end.
fn as_keras<M, O>(name: &str, model: Boxed<M>, optimizer: O, infinite: Option<usize>, tolerance: f64)
where
    M: Model<Input = [f32; 12], Output = [f32; 5]>,
    O: Optimizer,
{
    let case = golden::case("scaled", name);
    let mut model = model;
    set_weights(&mut model, case);
    let mut model = model.compile(optimizer, CategoricalCrossentropy::default(), ()).unwrap();
    let rows = |field: &str| case.tensor32(field);
    let mut x: Vec<[f32; 12]> = rows("x").as_chunks().0.to_vec();
    let y: Vec<[f32; 5]> = rows("y").as_chunks().0.to_vec();
    if let Some(batch) = infinite {
        x[8 * batch][0] = f32::INFINITY;
    }
    let (mut losses, mut scales, mut counters, mut iterations) = (vec![], vec![], vec![], vec![]);
    for (x, y) in x.chunks(8).zip(y.chunks(8)) {
        let loss = model.train_on_batch(x, y).unwrap().loss();
        losses.push(if loss.is_finite() { loss } else { 0.0 });
        let scale = model.loss_scale().unwrap();
        scales.push(f64::from(scale.scale()));
        counters.push(scale.step_counter() as f64);
        iterations.push(model.iterations() as f64);
    }
    assert_eq!(iterations, case.tensor("iterations"));
    if let Some(expected) = case.get("scales") {
        assert_eq!((scales, counters), (expected, case.tensor("counters")));
    }
    close("losses", &losses, &case.tensor("losses"), tolerance);
    check_weights(&model, case, tolerance);
}

fn check_weights<M: Model>(model: &Boxed<M>, case: Case, tolerance: f64) {
    for param in M::GRAPH.params {
        let field = format!("f/{}/{}", M::GRAPH.path(param.layer), param.name);
        let range = param.at..param.at + param.shape.iter().product::<usize>();
        close32(&field, &model.get_weights()[range], &case.tensor(&field), tolerance);
    }
}

#[test]
fn keras_adam() {
    let model = sequential!(
        Input(12),
        Dense(
            8,
            tanh,
            kernel_regularizer = L2(0.01),
            activity_regularizer = L1(0.01),
            kernel_constraint = MaxNorm(1.25)
        ),
        Dense(5, softmax)
    );
    let adam = Adam::new(0.01).weight_decay(0.05).global_clipnorm(0.5);
    let optimizer = LossScaleOptimizer::new(adam).initial_scale(64.0).dynamic_growth_steps(3);
    as_keras("adam", model, optimizer, Some(4), 1e-5);
}

#[test]
fn keras_factor() {
    let model = sequential!(Input(12), Dense(8, tanh, kernel_regularizer = L2(0.01)), Dense(5, softmax));
    as_keras("factor", model, Sgd::new(0.1).momentum(0.9).loss_scale_factor(1000.0), None, 1e-5);
}

/// The batch that is left out is none of those that are accumulated and averaged, nor does the learning rate decay by it.
#[test]
fn keras_averaged() {
    let model = sequential!(Input(12), Dense(8, tanh), Dense(5, softmax));
    let sgd = Sgd::new(ExponentialDecay::new(0.1, 2, 0.8)).momentum(0.9).gradient_accumulation_steps(2);
    let sgd = sgd.use_ema(true).ema_momentum(0.9).ema_overwrite_frequency(3);
    as_keras("averaged", model, LossScaleOptimizer::new(sgd).dynamic_growth_steps(4), Some(4), 1e-5);
}

/// Half precision, with scales that are too large and are found to be. A rounding is 2⁻¹² of a number, of which Keras has some 8 between
/// the input of a layer and its output, or back; there are three layers. What all steps change of the weights is less than what these are.
#[test]
fn keras_float16() {
    let sgd = Sgd::new(0.05).momentum(0.9);
    let optimizer = LossScaleOptimizer::new(sgd).initial_scale(8_388_608.0).dynamic_growth_steps(3);
    as_keras("float16", Half::new(), optimizer, None, 3.0 * 2.0 * 8.0 / 4096.0);
}

/// A power of two changes exponents and nothing else, so whatever is not scaled as the rest is seen.
#[test]
fn a_scale_of_two_to_the_tenth_changes_no_bit() {
    let (x, y) = data(96);
    let train = |optimizer: Box<dyn Optimizer>, threads: usize| {
        let loss = CategoricalCrossentropy::default();
        let mut model = Plain::seeded(1).compile(optimizer, loss, ()).unwrap().seed(2).threads(threads).rows_at_once(8);
        let losses: Vec<f64> = (0..9)
            .map(|step| {
                let n = if step % 4 == 3 { 51 } else { 96 };
                model.train_on_batch(&x[..n], &y[..n]).unwrap().loss()
            })
            .collect();
        assert_eq!(allocations(|| model.train_on_batch(&x, &y).map(|_| ()).unwrap()), 0);
        (model.get_weights().iter().map(|w| w.to_bits()).collect::<Vec<u32>>(), losses)
    };
    let adam = || Adam::new(0.01).weight_decay(0.01);
    let scaled = |clipnorm: Option<f32>| {
        let inner = match clipnorm {
            Some(norm) => adam().clipnorm(norm),
            None => adam(),
        };
        LossScaleOptimizer::new(inner).initial_scale(1024.0)
    };
    let plain = train(Box::new(adam()), 1);
    assert!(train(Box::new(adam().loss_scale_factor(1024.0)), 1) == plain, "a factor");
    for threads in [1, 2, 7] {
        assert!(train(Box::new(scaled(None)), threads) == plain, "{threads} threads");
    }
    let clipped = train(Box::new(adam().clipnorm(0.01)), 1);
    assert!(train(Box::new(scaled(Some(0.01))), 2) == clipped, "clipped");
    assert!(clipped.0 != plain.0);
}

/// Small gradients that half precision does not have are there in a scaled loss.
#[test]
fn small_gradients_are_not_lost() {
    let (x, y) = data(8);
    let trained = |auto: bool| {
        let model = Half::seeded(1).compile(Sgd::new(1e6), CategoricalCrossentropy::default(), ()).unwrap();
        // A loss so small that none of its gradients is as large as the smallest number of half precision.
        let mut model = model.auto_scale_loss(auto).loss_weights(&[1e-8]);
        let before = model.dense.kernel;
        model.train_on_batch(&x, &y).unwrap();
        model.dense.kernel != before
    };
    assert!(trained(true) && !trained(false));
}

#[test]
fn losses_are_scaled_where_layers_compute_in_half_precision() {
    fn scale<M: Model>(model: Boxed<M>, optimizer: impl Optimizer) -> Compiled<M, impl Optimizer, MeanSquaredError> {
        model.compile(optimizer, MeanSquaredError::default(), ()).unwrap()
    }
    let of = |scale: f32| Some(LossScale::dynamic(scale, 2000));
    assert_eq!(scale(Half::new(), Sgd::new(0.1)).loss_scale().cloned(), of(32768.0));
    assert_eq!(scale(Within::new(), Sgd::new(0.1)).loss_scale().cloned(), of(32768.0));
    assert_eq!(scale(Half::new(), Sgd::new(0.1).loss_scale_factor(4.0)).loss_scale().cloned(), of(32768.0));
    assert_eq!(scale(Half::new(), Sgd::new(0.1)).auto_scale_loss(false).loss_scale(), None);
    let factor = scale(Half::new(), Sgd::new(0.1).loss_scale_factor(4.0)).auto_scale_loss(false);
    assert_eq!(factor.loss_scale(), Some(&LossScale::fixed(4.0)));
    let own = || LossScaleOptimizer::new(Sgd::new(0.1)).initial_scale(8.0);
    for model in [scale(Half::new(), own()), scale(Half::new(), own()).auto_scale_loss(false)] {
        assert_eq!(model.loss_scale().cloned(), of(8.0));
    }
    assert_eq!(scale(Brain::new(), Sgd::new(0.1)).loss_scale(), None);
    assert_eq!(scale(Plain::new(), own()).loss_scale().cloned(), of(8.0));
}

/// A step that is left out changes the state of layers, the scale, and nothing else.
#[test]
fn a_step_that_is_left_out() {
    let (x, y) = data(8);
    let adam = LossScaleOptimizer::new(Adam::new(0.01)).dynamic_growth_steps(2);
    let mut model = Half::seeded(3).compile(adam, CategoricalCrossentropy::default(), ()).unwrap();
    model.train_on_batch(&x, &y).unwrap();
    assert_eq!((model.iterations(), model.loss_scale().unwrap().step_counter()), (1, 1));
    let large = [[1e5; 12]; 8];
    let before: Boxed<Half> = (*model).clone();
    model.train_on_batch(&large, &y).unwrap();
    assert_eq!((model.dense.kernel, model.dense_1.bias), (before.dense.kernel, before.dense_1.bias));
    assert_ne!(
        model.batch_normalization.moving_mean.map(f32::to_bits),
        before.batch_normalization.moving_mean.map(f32::to_bits)
    );
    assert_eq!(model.iterations(), 1);
    assert_eq!((model.loss_scale().unwrap().scale(), model.loss_scale().unwrap().step_counter()), (16384.0, 0));
}

/// What is saved is what goes on.
#[test]
fn a_training_that_goes_on_from_a_file() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("scaled.safetensors");
    let (x, y) = data(8);
    let compiled = |seed| {
        let optimizer = LossScaleOptimizer::new(Adam::new(0.01)).initial_scale(1e9).dynamic_growth_steps(3);
        Half::seeded(seed).compile(optimizer, CategoricalCrossentropy::default(), ()).unwrap()
    };
    let (mut first, mut second) = (compiled(1), compiled(2));
    for _ in 0..19 {
        first.train_on_batch(&x, &y).unwrap();
    }
    assert!(first.iterations() > 1 && first.iterations() < 19, "{}", first.iterations());
    first.save(&path).unwrap();
    second.load(&path).unwrap();
    for _ in 0..5 {
        first.train_on_batch(&x, &y).unwrap();
        second.train_on_batch(&x, &y).unwrap();
    }
    assert_eq!(first.get_weights(), second.get_weights());
    assert_eq!((first.loss_scale(), first.iterations()), (second.loss_scale(), second.iterations()));
}

/// A loop of one's own does what `train_on_batch` does.
#[test]
fn tapes_scale_losses_too() -> keras::Result<()> {
    let (x, y) = data(8);
    let optimizer = || LossScaleOptimizer::new(Adam::new(0.01)).initial_scale(1e9).dynamic_growth_steps(3);
    let mut compiled = Half::seeded(1).compile(optimizer(), CategoricalCrossentropy::default(), ())?;
    let mut model = Half::seeded(1);
    let mut optimizer = optimizer().build(&model)?;
    let mut tape = GradientTape::new();
    for step in 0..24 {
        compiled.train_on_batch(&x, &y)?;
        let pass = tape.forward(&mut model, &x)?.scale_loss(optimizer.scale_loss(1.0));
        let mut grads = if step % 2 == 0 {
            pass.gradient_of(CategoricalCrossentropy::default(), &y)?.1
        } else {
            // −y / p, divided by the rows of the batch.
            let mut dy = vec![[0.0; 5]; 8];
            for (dy, (p, y)) in dy.iter_mut().zip(pass.output().iter().zip(&y)) {
                (0..5).for_each(|i| dy[i] = -y[i] / p[i] / 8.0);
            }
            pass.gradient(&dy)?
        };
        optimizer.apply_gradients(&mut model, &mut grads);
        assert_eq!(optimizer.loss_scale(), compiled.loss_scale(), "step {step}");
    }
    assert!(optimizer.iterations() > 5 && optimizer.iterations() < 24);
    assert_eq!(optimizer.iterations(), compiled.iterations());
    close32("kernel", model.dense.kernel.as_flattened(), &to64(compiled.dense.kernel.as_flattened()), 0.01);
    Ok(())
}

fn to64(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x)).collect()
}

#[test]
fn arguments_are_checked() {
    let refused = |optimizer: Box<dyn Optimizer>| {
        Half::new().compile(optimizer, MeanSquaredError::default(), ()).err().unwrap().to_string()
    };
    let own = || LossScaleOptimizer::new(Sgd::new(0.1));
    assert_eq!(refused(Box::new(own().initial_scale(0.0))), "initial_scale = 0: give a number above 0");
    assert_eq!(
        refused(Box::new(own().dynamic_growth_steps(0))),
        "dynamic_growth_steps = 0: give a number of steps, at least 1"
    );
    assert_eq!(
        refused(Box::new(LossScaleOptimizer::new(own()))),
        "inner_optimizer = loss_scale_optimizer: it scales the loss itself; give the optimizer that is within it"
    );
    assert_eq!(
        refused(Box::new(Sgd::new(0.1).loss_scale_factor(f32::NAN))),
        "loss_scale_factor = NaN: give a number above 0"
    );
}

/// Keras counts four numbers of the scale: itself, its counter, and a count of steps and a learning rate that nothing uses.
#[test]
fn summaries_count_the_scale() {
    let (x, y) = data(8);
    let count = |optimizer: Box<dyn Optimizer>, auto: bool| {
        let model = Half::new().compile(optimizer, CategoricalCrossentropy::default(), ()).unwrap();
        let mut model = model.auto_scale_loss(auto);
        model.train_on_batch(&x, &y).unwrap();
        let summary = model.summary();
        summary.lines().find(|line| line.contains("Optimizer params")).unwrap().trim().to_owned()
    };
    assert_eq!(count(Box::new(Sgd::new(0.1)), false), "Optimizer params: 2 (8.00 B)");
    assert_eq!(count(Box::new(Sgd::new(0.1)), true), "Optimizer params: 6 (24.00 B)");
    assert_eq!(count(Box::new(LossScaleOptimizer::new(Sgd::new(0.1))), true), "Optimizer params: 6 (24.00 B)");
}
