//! Ten steps of training from Keras's weights on Keras's data: the loss of each step and the weights at the end.

use keras::prelude::*;
use keras::{Boxed, Model, Outputs, Samples};

use crate::support::golden::{self, Case};
use crate::support::layer_test::set_weights;
use crate::support::{close, close32};

const TOLERANCE: f64 = 1e-5;

fn rows<S: keras::__private::Sample<Elem = f32>>(case: Case, field: &str) -> Vec<S> {
    S::samples(&case.tensor32(field)).to_vec()
}

fn check_weights<M: Model>(model: &Boxed<M>, case: Case) {
    for param in M::GRAPH.params {
        let field = format!("f/{}/{}", M::GRAPH.layers[param.layer].name, param.name);
        let range = param.at..param.at + param.shape.iter().product::<usize>();
        close32(&field, &model.as_slice()[range], &case.tensor(&field), TOLERANCE);
    }
}

macro_rules! curve {
    ($name:ident, $model:expr, $optimizer:expr, $loss:expr) => {
        #[test]
        fn $name() -> keras::Result<()> {
            let case = golden::case("curves", stringify!($name));
            let mut model = $model;
            set_weights(&mut model, case);
            let (x, y) = (rows::<[f32; 12]>(case, "x"), rows::<[f32; 5]>(case, "y"));
            let mut model = model.compile($optimizer, $loss, ())?;
            let mut losses = Vec::new();
            for (x, y) in x.chunks(8).zip(y.chunks(8)) {
                losses.push(model.train_on_batch(x, y)?.loss());
            }
            close("losses", &losses, &case.tensor("losses"), TOLERANCE);
            check_weights(&model, case);
            Ok(())
        }
    };
}

fn classifier() -> Boxed<impl Model<Input = [f32; 12], Output = [f32; 5]>> {
    sequential!(Input(12), Dense(8, relu), Dense(5, softmax))
}

fn linear() -> Boxed<impl Model<Input = [f32; 12], Output = [f32; 5]>> {
    sequential!(Input(12), Dense(8, relu), Dense(5))
}

curve!(categorical_sgd, classifier(), Sgd::new(0.1), CategoricalCrossentropy::default());
curve!(
    categorical_sgd_nesterov,
    classifier(),
    Sgd::new(0.1).momentum(0.9).nesterov(true),
    CategoricalCrossentropy::default()
);
curve!(categorical_adam, classifier(), Adam::new(0.01), CategoricalCrossentropy::default());
curve!(categorical_logits_sgd, linear(), Sgd::new(0.1), CategoricalCrossentropy::default().from_logits(true));
curve!(
    categorical_smoothed_adam,
    classifier(),
    Adam::new(0.01),
    CategoricalCrossentropy::default().label_smoothing(0.1)
);
curve!(
    binary_sgd,
    sequential!(Input(12), Dense(8, relu), Dense(5, sigmoid)),
    Sgd::new(0.1),
    BinaryCrossentropy::default()
);
curve!(mse_sgd, linear(), Sgd::new(0.05), MeanSquaredError::default());
curve!(kl_divergence_sgd, classifier(), Sgd::new(0.1), KLDivergence::default());
curve!(
    categorical_adam_clipped_decayed,
    classifier(),
    Adam::new(0.01).weight_decay(0.05).global_clipnorm(0.5),
    CategoricalCrossentropy::default()
);
curve!(
    categorical_sgd_accumulated,
    classifier(),
    Sgd::new(0.1).momentum(0.9).gradient_accumulation_steps(2),
    CategoricalCrossentropy::default()
);
curve!(
    regularized_constrained_sgd,
    sequential!(
        Input(12),
        Dense(
            8,
            relu,
            kernel_regularizer = L2(0.01),
            activity_regularizer = L1(0.01),
            kernel_constraint = MaxNorm(1.25)
        ),
        Dense(5, softmax)
    ),
    Sgd::new(0.1),
    CategoricalCrossentropy::default()
);

#[test]
fn sparse_categorical_sgd() -> keras::Result<()> {
    let case = golden::case("curves", "sparse_categorical_sgd");
    let mut model = classifier();
    set_weights(&mut model, case);
    let x = rows::<[f32; 12]>(case, "x");
    let y: Vec<u8> = case.tensor("y").into_iter().map(|y| y as u8).collect();
    let mut model = model.compile(Sgd::new(0.1), SparseCategoricalCrossentropy::default(), ())?;
    let mut losses = Vec::new();
    for (x, y) in x.chunks(8).zip(y.chunks(8)) {
        losses.push(model.train_on_batch(x, y)?.loss());
    }
    close("losses", &losses, &case.tensor("losses"), TOLERANCE);
    check_weights(&model, case);
    Ok(())
}

#[test]
fn two_inputs_two_outputs_sgd() -> keras::Result<()> {
    let case = golden::case("curves", "two_inputs_two_outputs_sgd");
    let mut model = model!(|a: [12], b: [12]| {
        let shared = Dense(8, relu, name = "shared");
        let p = shared(a);
        let q = shared(b);
        let h = Dense(8, tanh, name = "block")(p);
        let first = Dense(5, softmax, name = "first")(p + q + h);
        (first, Dense(3, name = "second")(q))
    });
    set_weights(&mut model, case);
    let (a, b) = (rows::<[f32; 12]>(case, "x0"), rows::<[f32; 12]>(case, "x1"));
    let (y, z) = (rows::<[f32; 5]>(case, "y0"), rows::<[f32; 3]>(case, "y1"));
    let losses = (CategoricalCrossentropy::default(), MeanSquaredError::default());
    let mut model = model.compile(Sgd::new(0.05).momentum(0.9), losses, ((), ()))?.loss_weights(&[1.0, 0.5]);
    let mut found = [const { Vec::new() }; 3];
    for i in 0..10 {
        let r = 8 * i..8 * i + 8;
        let scores = model.train_on_batch((&a[r.clone()], &b[r.clone()]), (&y[r.clone()], &z[r]))?;
        for (list, name) in found.iter_mut().zip(["loss", "first_loss", "second_loss"]) {
            list.push(scores.get(name).unwrap());
        }
    }
    for (list, field) in found.iter().zip(["losses", "losses/first", "losses/second"]) {
        close(field, list, &case.tensor(field), TOLERANCE);
    }
    check_weights(&model, case);
    Ok(())
}

/// A model returned from a function as `impl Model` is trained as any other.
#[test]
fn opaque_models_train() -> keras::Result<()> {
    fn make<O: Outputs, M: Model<Output = O>>(model: Boxed<M>) -> Boxed<M> {
        model
    }
    let x = [[0.5f32; 12]; 4];
    let mut model = make(linear()).compile(Adam::default(), MeanSquaredError::default(), ())?;
    let before = model.test_on_batch(&x, &[[1.0f32; 5]; 4])?.loss();
    for _ in 0..50 {
        model.train_on_batch(&x, &[[1.0f32; 5]; 4])?;
    }
    assert!(model.test_on_batch(&x, &[[1.0f32; 5]; 4])?.loss() < before);
    assert_eq!(<[f32; 5] as Samples>::ARITY, 1);
    Ok(())
}
