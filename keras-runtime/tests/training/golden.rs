//! Whole trainings against Keras: tests/golden/fit.json.

use std::cell::RefCell;
use std::rc::Rc;

use keras_kernels::memory::Boxed;
use keras_runtime::callback::{Callback, Logs, Training};
use keras_runtime::loss::{
    BinaryCrossentropy, CategoricalCrossentropy, MeanSquaredError, SparseCategoricalCrossentropy,
};
use keras_runtime::metric::{Accuracy, MeanAbsoluteError, MeanSquaredError as Mse};
use keras_runtime::optimizer::{Adam, Optimizer, Sgd};
use keras_runtime::training::{IntoBatch, Losses, Metrics, TargetSet, ValidationData};
use keras_runtime::{Compile, Compiled, Evaluate, Fit, Model, Predict, Result};
use serde_json::Value;

use crate::models::{LINEAR, Mlp, SIGMOID, SOFTMAX, TwoHeads};

struct Case(Value);

impl Case {
    fn named(name: &str) -> Case {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/fit.json");
        let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        Case(file["cases"][name].clone())
    }

    fn numbers(&self, field: &str) -> Vec<f64> {
        match &self.0[field] {
            Value::Number(n) => vec![n.as_f64().unwrap()],
            tensor => tensor["data"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect(),
        }
    }

    fn floats(&self, field: &str) -> Vec<f32> {
        self.numbers(field).into_iter().map(|v| v as f32).collect()
    }

    fn rows<const N: usize>(&self, field: &str) -> Vec<[f32; N]> {
        self.floats(field).as_chunks().0.to_vec()
    }

    /// All weights, in the order of the graph: before training (`w`) or after it (`f`).
    fn weights<M: Model>(&self, when: &str) -> Vec<f32> {
        let of = |p: &keras_runtime::model::graph::Param| {
            self.floats(&format!("{when}/{}/{}", M::GRAPH.layers[p.layer].name, p.name))
        };
        M::GRAPH.params.iter().flat_map(of).collect()
    }

    fn model<M: Model>(&self) -> Boxed<M> {
        let mut model = Boxed::<M>::zeroed();
        model.as_mut_slice().copy_from_slice(&self.weights::<M>("w"));
        model
    }

    fn compare(&self, field: &str, found: &[f64]) {
        let expected = self.numbers(field);
        assert_eq!(expected.len(), found.len(), "{field}: {expected:?} {found:?}");
        let size = expected.iter().fold(0.0f64, |a, b| a.max(b.abs()));
        for (e, f) in expected.iter().zip(found) {
            assert!((e - f).abs() <= 1e-5 * size, "{field}: {expected:?} {found:?}");
        }
    }

    fn fields(&self, prefix: &str) -> Vec<String> {
        let fields = self.0.as_object().unwrap().keys();
        fields.filter_map(|f| f.strip_prefix(prefix).map(str::to_owned)).filter(|f| f != "batch").collect()
    }
}

#[derive(Clone, Default)]
struct Watch(Rc<RefCell<Vec<(usize, Logs)>>>);

impl Callback for Watch {
    fn on_train_batch_end(&mut self, _: &mut Training<'_>, batch: usize, logs: &Logs) -> Result<()> {
        self.0.borrow_mut().push((batch, logs.clone()));
        Ok(())
    }
}

/// Trains as Keras did and compares all that came of it.
fn check<'a, M, O, L, Ms, Ws, Y, V>(
    case: &'a Case,
    x: &'a [[f32; 6]],
    y: Y,
    mut model: Compiled<M, O, L, Ms, Ws>,
    fit: Fit<'a, V>,
    evaluate: Evaluate<'a>,
) where
    M: Model<Input = [f32; 6]>,
    O: Optimizer,
    Y: IntoBatch<'a, Sample: TargetSet> + Copy,
    L: Losses<M::Output, Y::Sample>,
    Ms: Metrics<M::Output, Y::Sample>,
    Ws: Metrics<M::Output, Y::Sample>,
    V: ValidationData<'a, M::Input, Y::Sample>,
{
    let watch = Watch::default();
    let history = model.fit(x, y, fit.verbose(0).shuffle(false).callback(watch.clone())).unwrap();
    let batches = watch.0.borrow();
    case.compare("batch/batch", &batches.iter().map(|(batch, _)| *batch as f64).collect::<Vec<_>>());
    for name in case.fields("batch/") {
        case.compare(&format!("batch/{name}"), &batches.iter().map(|(_, logs)| logs[&name]).collect::<Vec<_>>());
    }
    let epochs: Vec<f64> = history.epoch.iter().map(|&e| e as f64).collect();
    case.compare("epoch", &epochs);
    assert_eq!(case.fields("history/"), history.history.keys().cloned().collect::<Vec<_>>());
    for (name, values) in &history.history {
        case.compare(&format!("history/{name}"), values);
    }
    let scores = model.evaluate(x, y, evaluate.verbose(0)).unwrap();
    for name in case.fields("evaluate/") {
        case.compare(&format!("evaluate/{name}"), &[scores.get(&name).unwrap()]);
    }
    assert_eq!(case.fields("evaluate/").len(), scores.iter().count());
    let after: Vec<f64> = model.as_slice().iter().map(|&w| w.into()).collect();
    let mut at = 0;
    for p in M::GRAPH.params {
        let len = p.shape.iter().product::<usize>();
        case.compare(&format!("f/{}/{}", M::GRAPH.layers[p.layer].name, p.name), &after[at..at + len]);
        at += len;
    }
}

type Classifier = Mlp<3, SOFTMAX, false>;

fn categorical(case: &Case) -> Compiled<Classifier, Sgd, CategoricalCrossentropy, (Accuracy,)> {
    case.model::<Classifier>()
        .compile(Sgd::new(0.1), CategoricalCrossentropy::default(), (Accuracy::default(),))
        .unwrap()
}

/// A classifier with one-hot targets, and what is special about its `fit`.
fn classifier(name: &str, options: impl for<'a> Fn(Fit<'a>, &'a [f32]) -> Fit<'a>) {
    let case = Case::named(name);
    let (x, y) = (case.rows("x"), case.rows::<3>("y"));
    let weights = if case.0["sample_weight"].is_null() { Vec::new() } else { case.floats("sample_weight") };
    let mut evaluate = Evaluate::batch_size(4);
    if !weights.is_empty() {
        evaluate = evaluate.sample_weight(&weights);
    }
    check(&case, &x, &y, categorical(&case), options(Fit::epochs(3).batch_size(4), &weights), evaluate);

    let mut model = categorical(&case);
    model.fit(&x, &y, options(Fit::epochs(3).batch_size(4), &weights).shuffle(false).verbose(0)).unwrap();
    let predicted = model.predict(&x, 4).unwrap();
    let flat: Vec<f64> = predicted.as_flattened().iter().map(|&p| p.into()).collect();
    case.compare("predict", &flat);
}

#[test]
fn plain() {
    classifier("plain", |fit, _| fit);
}

#[test]
fn batch_larger_than_data() {
    classifier("batch_larger_than_data", |fit, _| fit.batch_size(32));
}

#[test]
fn validation_split() {
    classifier("validation_split", |fit, _| fit.validation_split(0.2));
}

#[test]
fn validation_split_uneven() {
    classifier("validation_split_uneven", |fit, _| fit.validation_split(0.35));
}

#[test]
fn validation_data() {
    for (name, freq) in [("validation_data", 1), ("validation_freq", 2)] {
        let case = Case::named(name);
        let (x, y) = (case.rows("x"), case.rows::<3>("y"));
        let (x_val, y_val) = (case.rows::<6>("x_val"), case.rows::<3>("y_val"));
        let fit = Fit::epochs(3).batch_size(4).validation_data(&x_val, &y_val).validation_freq(freq);
        check(&case, &x, &y, categorical(&case), fit, 4.into());
    }
}

#[test]
fn initial_epoch() {
    classifier("initial_epoch", |fit, _| fit.initial_epoch(1));
}

#[test]
fn sample_weight() {
    classifier("sample_weight", |fit, weights| fit.sample_weight(weights));
    classifier("sample_weight_validation_split", |fit, weights| fit.sample_weight(weights).validation_split(0.2));
}

#[test]
fn weighted_metrics() {
    let case = Case::named("sample_weight_weighted_metrics");
    let (x, y, weights) = (case.rows("x"), case.rows::<3>("y"), case.floats("sample_weight"));
    let model = categorical(&case).weighted_metrics((Accuracy::default(),));
    let fit = Fit::epochs(3).batch_size(4).sample_weight(&weights);
    check(&case, &x, &y, model, fit, Evaluate::batch_size(4).sample_weight(&weights));
}

#[test]
fn class_weight() {
    const ALL: &[(u32, f32)] = &[(0, 0.5), (1, 1.0), (2, 2.0)];
    classifier("class_weight", |fit, _| fit.class_weight(ALL));
    classifier("class_weight_missing_class", |fit, _| fit.class_weight(&[(0, 0.5), (2, 2.0)]));
    classifier("class_weight_validation_split", |fit, _| fit.class_weight(ALL).validation_split(0.2));

    let case = Case::named("sparse_class_weight");
    let (x, y) = (case.rows("x"), case.numbers("y").into_iter().map(|v| v as u8).collect::<Vec<_>>());
    let model = case
        .model::<Classifier>()
        .compile(Sgd::new(0.1), SparseCategoricalCrossentropy::default(), (Accuracy::default(),))
        .unwrap();
    check(&case, &x, &y, model, Fit::epochs(3).batch_size(4).class_weight(ALL), 4.into());
}

#[test]
fn binary() {
    let case = Case::named("binary");
    let (x, y) = (case.rows("x"), case.rows::<1>("y"));
    let model = case
        .model::<Mlp<1, SIGMOID, false>>()
        .compile(Sgd::new(0.1), BinaryCrossentropy::default(), (Accuracy::default(),))
        .unwrap();
    check(&case, &x, &y, model, Fit::epochs(3).batch_size(4), 4.into());
}

#[test]
fn regression() {
    let case = Case::named("regression");
    let (x, y) = (case.rows("x"), case.rows::<2>("y"));
    let metrics = (MeanAbsoluteError::default().named("mae"), Mse::default().named("mse"));
    let model =
        case.model::<Mlp<2, LINEAR, false>>().compile(Sgd::new(0.05), MeanSquaredError::default(), metrics).unwrap();
    check(&case, &x, &y, model, Fit::epochs(3).batch_size(4).validation_split(0.2), 4.into());
}

#[test]
fn regularized() {
    let case = Case::named("regularized");
    let (x, y) = (case.rows("x"), case.rows::<3>("y"));
    let model = case
        .model::<Mlp<3, SOFTMAX, true>>()
        .compile(Sgd::new(0.1), CategoricalCrossentropy::default(), (Accuracy::default(),))
        .unwrap();
    check(&case, &x, &y, model, Fit::epochs(3).batch_size(4).validation_split(0.2), 4.into());
}

#[test]
fn moving_average() {
    let case = Case::named("adam_ema");
    let (x, y) = (case.rows("x"), case.rows::<3>("y"));
    let adam = Adam::new(0.01).use_ema(true).ema_momentum(0.5);
    let model =
        case.model::<Classifier>().compile(adam, CategoricalCrossentropy::default(), (Accuracy::default(),)).unwrap();
    check(&case, &x, &y, model, Fit::epochs(3).batch_size(4).validation_split(0.2), 4.into());
}

#[test]
fn two_outputs() {
    let case = Case::named("two_outputs");
    let (x, y0, y1) = (case.rows("x"), case.rows::<3>("y0"), case.rows::<2>("y1"));
    let model = case
        .model::<TwoHeads>()
        .compile(
            Sgd::new(0.05),
            (CategoricalCrossentropy::default(), MeanSquaredError::default()),
            ((Accuracy::default(),), (MeanAbsoluteError::default().named("mae"),)),
        )
        .unwrap()
        .loss_weights(&[1.0, 0.5]);
    check(&case, &x, (&y0, &y1), model, Fit::epochs(3).batch_size(4).validation_split(0.2), 4.into());
}

#[test]
fn steps_per_execution() {
    let case = Case::named("steps_per_execution");
    let (x, y) = (case.rows("x"), case.rows::<3>("y"));
    check(&case, &x, &y, categorical(&case).steps_per_execution(2), Fit::epochs(3).batch_size(4), 4.into());
}
