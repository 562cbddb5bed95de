use keras_kernels::activation::{self, Act};
use keras_kernels::{Isa, softmax};
use keras_runtime::loss::{
    AnyLoss, BinaryCrossentropy, CategoricalCrossentropy, KLDivergence, Loss, MeanAbsoluteError, MeanSquaredError,
    Predictions, Reduction, SparseCategoricalCrossentropy,
};
use keras_runtime::model::graph::Head;
use keras_runtime::target::Targets;

use crate::file::{Call, Case, each_case};

pub(crate) fn loss(call: &Call, reduction: Reduction) -> AnyLoss {
    let (logits, smoothing) = (call.truth("from_logits"), call.float("label_smoothing").unwrap_or(0.0));
    match call.class.as_str() {
        "CategoricalCrossentropy" => CategoricalCrossentropy::default()
            .from_logits(logits)
            .label_smoothing(smoothing)
            .reduction(reduction)
            .into(),
        "SparseCategoricalCrossentropy" => {
            SparseCategoricalCrossentropy::default().from_logits(logits).reduction(reduction).into()
        }
        "BinaryCrossentropy" => {
            BinaryCrossentropy::default().from_logits(logits).label_smoothing(smoothing).reduction(reduction).into()
        }
        "MeanSquaredError" => MeanSquaredError::default().reduction(reduction).into(),
        "MeanAbsoluteError" => MeanAbsoluteError::default().reduction(reduction).into(),
        "KLDivergence" => KLDivergence::default().reduction(reduction).into(),
        other => panic!("no loss {other}"),
    }
}

/// A loss chosen at run time takes whatever lengths it is given; these types stand for any.
type AsLoss<'a> = &'a dyn Loss<[f32; 1], [f32; 1]>;

struct Data {
    n: usize,
    head: Head,
    z: Vec<f32>,
    y: Vec<f32>,
    weights: Vec<f32>,
    /// Of the weights as they are given: where they are per sample, Keras does not count one for each position.
    sum: f64,
}

impl Data {
    fn of(case: &Case) -> Data {
        let (z, n) = (case.floats("z"), *case.shape("z").last().unwrap());
        let head = if case.python().contains("activations.softmax") {
            Head::Softmax
        } else if case.python().contains("activations.sigmoid") {
            Head::Sigmoid
        } else {
            Head::Linear
        };
        let mut y = z.clone();
        match head {
            Head::Softmax => softmax::forward(Isa::best(), &mut y, None, n),
            Head::Sigmoid => activation::forward(Isa::best(), &mut y, None, Act::Sigmoid),
            Head::Linear => {}
        }
        case.check("the output", "y_pred", &y);
        let positions = z.len() / n;
        let given = if case.has("sample_weight") { case.floats("sample_weight") } else { vec![1.0; positions] };
        // A weight for each sample is one for each of its positions.
        let per_weight = positions / given.len();
        let weights = given.iter().flat_map(|&weight| core::iter::repeat_n(weight, per_weight)).collect();
        let sum = given.iter().map(|&w| f64::from(w)).sum();
        Data { n, head, z, y, weights, sum }
    }

    /// Losses, their weighted sum, and the gradient of the logits.
    fn run(&self, loss: AsLoss<'_>, targets: Targets<'_>, head: Head) -> (Vec<f32>, f32, Vec<f32>) {
        let logits = if head == Head::Linear { &self.y } else { &self.z };
        let p = Predictions { isa: Isa::best(), n: self.n, head, y: &self.y, logits, targets };
        let one = loss.reduction().scale(self.weights.len(), self.sum);
        let scale: Vec<f32> = self.weights.iter().map(|&w| (f64::from(w) * one) as f32).collect();
        let (mut losses, mut grad) = (vec![0.0; self.weights.len()], vec![7.0; self.z.len()]);
        loss.evaluate(p, &scale, &mut losses, None);
        let without_gradient = losses.clone();
        loss.evaluate(p, &scale, &mut losses, Some(&mut grad));
        for (a, b) in losses.iter().zip(&without_gradient) {
            assert!((a - b).abs() <= 1e-6 * b.abs().max(1e-3), "{a} with, {b} without gradient");
        }
        // A batch in parts gives the same bits.
        let half = losses.len() / 2;
        for part in [0..half, half..losses.len()] {
            let (mut some, at) = (vec![0.0; part.len()], part.start * self.n..part.end * self.n);
            let mut some_grad = vec![0.0; at.len()];
            loss.evaluate(p.slice(part.clone()), &scale[part.clone()], &mut some, Some(&mut some_grad));
            assert_eq!((&some[..], &some_grad[..]), (&losses[part], &grad[at]));
        }
        if !loss.fuses(head) {
            match self.head {
                Head::Softmax => softmax::backward(Isa::best(), &mut grad, None, &self.y, self.n, false),
                Head::Sigmoid => activation::backward(Isa::best(), &mut grad, None, &self.y, Act::Sigmoid, false),
                Head::Linear => {}
            }
        }
        let total: f64 = losses.iter().zip(&scale).map(|(&l, &s)| f64::from(l) * f64::from(s)).sum();
        (losses, total as f32, grad)
    }
}

#[test]
fn values_and_gradients() {
    each_case("losses", |case| {
        let data = Data::of(case);
        let call = case.call("keras.losses.");
        let (floats, labels) = (case.floats("y_true"), case.labels("y_true"));
        let mut kinds = vec![Targets::Dense(&floats)];
        if call.class.starts_with("Sparse") {
            kinds = vec![Targets::Classes(&labels)];
        } else if call.class.starts_with("Binary") && data.n == 1 && !case.name.contains("soft") {
            kinds.push(Targets::Classes(&labels));
        }
        // By the logits where the loss can, and by probabilities of unknown origin.
        for (targets, head) in kinds.iter().flat_map(|t| [(*t, data.head), (*t, Head::Linear)]) {
            for (reduction, field) in [
                (Reduction::SumOverBatchSize, "loss"),
                (Reduction::Sum, "loss_sum"),
                (Reduction::MeanWithSampleWeight, "loss_mean_with_sample_weight"),
            ] {
                let loss = loss(&call, reduction);
                let (losses, total, grad) = data.run(&loss, targets, head);
                case.check("losses", "per_sample", &losses);
                case.check("the loss", field, &[total]);
                if reduction == Reduction::SumOverBatchSize {
                    case.check("dz", "dz", &grad);
                }
            }
        }
    });
}
