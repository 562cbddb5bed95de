//! Outputs of several positions: masks, sample weights, ignored classes, penalties on activities, constraints.

use keras_kernels::memory::{Block, Boxed, Buf, Layout, Rows, Sink, Use, Whole};
use keras_kernels::penalty::Penalty;
use keras_runtime::loss::{MeanSquaredError, SparseCategoricalCrossentropy};
use keras_runtime::metric::MeanSquaredError as Mse;
use keras_runtime::model::graph::{Constraint, Head, Init, Input, Layer, Output, Param, Plan, Precision, Value};
use keras_runtime::optimizer::Sgd;
use keras_runtime::{Compile, Compiled, Context, Evaluate, Graph, Model, Predict};

use crate::{Classifier, data};

/// y = w · x at each of two positions; those of x = 0 are masked. An activity penalty of 0.5 · Σy² and w ≥ 0.
#[repr(C)]
struct Scale {
    w: f32,
}

// SAFETY: one f32.
unsafe impl Block for Scale {}

const LAYOUT: Layout = Layout { kept: 48, temp: 0, scratch: 0 };
const Y: Buf = Buf::kept(0, 2);
const MASK: Buf = Buf::kept(16, 2);
const DY: Buf = Buf::kept(32, 2);
const PLAN: Plan = Plan {
    layout: LAYOUT,
    layout_with_inputs: LAYOUT,
    values: &[None, Some(Y), Some(MASK)],
    grads: &[None, Some(DY), None],
};

impl Model for Scale {
    type Input = [f32; 2];
    type Output = [[f32; 1]; 2];
    const GRAPH: &'static Graph = &Graph {
        name: "scale",
        sequential: true,
        inputs: &[Input { name: "x", shape: &[2], dtype: "float32" }],
        layers: &[Layer { parent: None, name: "scale", class: "Scale", calls: &[], trainable: true }],
        params: &[Param {
            name: "w",
            layer: 0,
            at: 0,
            shape: &[1],
            trainable: true,
            init: Init::Constant(2.0),
            regularizer: None,
            constraint: Some(Constraint::NonNeg),
            precision: Precision::Float32,
        }],
        values: &[
            Value { shape: &[2], alias: None },
            Value { shape: &[2, 1], alias: None },
            Value { shape: &[2], alias: None },
        ],
        ops: &[],
        backward: &[],
        outputs: &[Output { name: "scale", value: 1, logits: 1, head: Head::Linear, mask: Some(2) }],
        activity: &[(1, Penalty { l1: 0.0, l2: 0.5 })],
        carried: 0,
        train: PLAN,
        infer: PLAN,
    };

    fn infer(&self, cx: &Context, x: &[[f32; 2]], ws: &mut Rows<'_>) {
        self.forward(cx, x, ws);
    }

    fn forward(&self, _: &Context, x: &[[f32; 2]], ws: &mut Rows<'_>) {
        let ([y, mask], [], _) = ws.step([Y, MASK], []);
        for (i, x) in x.as_flattened().iter().enumerate() {
            y[i] = self.w * x;
            mask[i] = if *x == 0.0 { 0.0 } else { 1.0 };
        }
    }

    fn backward_data(&self, _: &Context, x: &[[f32; 2]], ws: &mut Rows<'_>) {
        let ([dy], [y], _) = ws.step([DY], [Y]);
        dy.iter_mut().zip(y).for_each(|(dy, y)| *dy += y / x.len() as f32);
    }

    fn backward_params(_: &Context, x: &[[f32; 2]], ws: &mut Whole<'_>, sink: &mut Sink<'_>) {
        let ([dy], _) = ws.step([DY]);
        if let Some(mut out) = sink.param(0, 0, 1, Use::Only) {
            out.put(0, &[x.as_flattened().iter().zip(dy).map(|(x, dy)| x * dy).sum()]);
        }
    }
}

fn scale(learning_rate: f32) -> Compiled<Scale, Sgd, MeanSquaredError, (Mse,), (Mse,)> {
    let model: Boxed<Scale> = keras_runtime::init(Some(1));
    let compiled = model.compile(Sgd::new(learning_rate), MeanSquaredError::default(), (Mse::default(),));
    compiled.unwrap().weighted_metrics((Mse::default(),))
}

// y = 2x: errors of 1, masked, 3 and 2; Σy² = 4 + 16 + 36 = 56.
const X: [[f32; 2]; 2] = [[1.0, 0.0], [2.0, 3.0]];
const T: [[[f32; 1]; 2]; 2] = [[[1.0], [9.0]], [[1.0], [4.0]]];
const ACTIVITY: f64 = 0.5 * 56.0 / 2.0;

#[test]
fn masked_positions_do_not_count() {
    let mut model = scale(0.0);
    let scores = model.evaluate(&X, &T, Evaluate::batch_size(2).verbose(0)).unwrap();
    let squares = (1.0 + 9.0 + 4.0) / 3.0;
    assert!((scores.loss() - (squares + ACTIVITY)).abs() < 1e-5);
    assert!((scores.get("mean_squared_error").unwrap() - squares).abs() < 1e-6);
    assert!((scores.get("weighted_mean_squared_error").unwrap() - squares).abs() < 1e-6);
    assert_eq!(model.predict_one(&[1.0, 3.0]), [[2.0], [6.0]]);
}

#[test]
fn weights_are_those_of_all_positions_of_a_sample() {
    let weighted = Evaluate::batch_size(2).verbose(0).sample_weight(&[0.5, 2.0]);
    let scores = scale(0.0).evaluate(&X, &T, weighted).unwrap();
    // A loss is divided by the number of positions, a metric by the sum of their weights.
    let sum = 0.5 * 1.0 + 2.0 * 9.0 + 2.0 * 4.0;
    assert!((scores.loss() - (sum / 3.0 + ACTIVITY)).abs() < 1e-5);
    assert!((scores.get("mean_squared_error").unwrap() - 14.0 / 3.0).abs() < 1e-6);
    assert!((scores.get("weighted_mean_squared_error").unwrap() - sum / 4.5).abs() < 1e-6);
}

#[test]
fn gradients_leave_out_what_is_masked() {
    let mut model = scale(0.25);
    model.train_on_batch(&X, &T).unwrap();
    // d/dw: 2 Σ e x / 3, and of the penalty Σ y x / 2.
    let gradient = 2.0 * (1.0 * 1.0 + 3.0 * 2.0 + 2.0 * 3.0) / 3.0 + (2.0 * 1.0 + 4.0 * 2.0 + 6.0 * 3.0) / 2.0;
    assert!(f64::from(model.w) == 0.0, "{} {}", model.w, 2.0 - 0.25 * gradient);
    let mut slow = scale(0.001);
    slow.train_on_batch(&X, &T).unwrap();
    assert!((f64::from(slow.w) - (2.0 - 0.001 * gradient)).abs() < 1e-6);
}

#[test]
fn batches_of_one_see_all_masked_rows() {
    // The first sample is masked throughout: its loss is 0, not 0/0.
    let x = [[0.0, 0.0], [2.0, 3.0]];
    let scores = scale(0.0).evaluate(&x, &T, Evaluate::batch_size(1).verbose(0)).unwrap();
    let expected = (0.0 + (9.0 + 4.0) / 2.0 + 0.5 * 52.0) / 2.0;
    assert!((scores.loss() - expected).abs() < 1e-5);
}

#[test]
fn an_ignored_class_does_not_count() {
    let (x, _) = data(12);
    let labels: Vec<u8> = (0..12).map(|i| i % 3).collect();
    let model = || keras_runtime::init::<Classifier>(Some(1));
    let loss = SparseCategoricalCrossentropy::default();
    let mut ignoring = model().compile(Sgd::new(0.5), loss.ignore_class(1), ()).unwrap();
    let mut without = model().compile(Sgd::new(0.5), loss, ()).unwrap();
    let kept: (Vec<[f32; 6]>, Vec<u8>) = x.iter().zip(&labels).filter(|(_, l)| **l != 1).unzip();
    let ignored = ignoring.train_on_batch(&x, &labels).unwrap().loss();
    let expected = without.train_on_batch(&kept.0, &kept.1).unwrap().loss();
    assert!((ignored - expected).abs() < 1e-6);
    for (a, b) in ignoring.as_slice().iter().zip(without.as_slice()) {
        assert!((a - b).abs() < 1e-6);
    }
}
