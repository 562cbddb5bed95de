//! Losses against their definitions in `f64`, and where numbers are extreme.

use keras_kernels::activation::{self, Act};
use keras_kernels::philox::{Key, Philox};
use keras_kernels::{Isa, softmax};
use keras_runtime::loss::{
    AnyLoss, BinaryCrossentropy, CategoricalCrossentropy, KLDivergence, Loss, MeanAbsoluteError, MeanSquaredError,
    Predictions, SparseCategoricalCrossentropy,
};
use keras_runtime::model::graph::Head;
use keras_runtime::target::Targets;

/// A loss chosen at run time takes whatever lengths it is given; these types stand for any.
type AsLoss<'a> = &'a dyn Loss<[f32; 1], [f32; 1]>;

fn predictions<'a>(n: usize, head: Head, y: &'a [f32], logits: &'a [f32], targets: Targets<'a>) -> Predictions<'a> {
    Predictions { isa: Isa::best(), n, head, y, logits, targets }
}

/// The output for some logits.
fn head(z: &[f32], n: usize, head: Head) -> Vec<f32> {
    let mut y = z.to_vec();
    match head {
        Head::Softmax => softmax::forward(Isa::best(), &mut y, None, n),
        Head::Sigmoid => activation::forward(Isa::best(), &mut y, None, Act::Sigmoid),
        Head::Linear => {}
    }
    y
}

/// What is differentiated: the loss of one position by its logits, if the head is part of it, or its outputs.
type Definition = fn(&[f64], &[f64]) -> f64;

fn mean(x: &[f64], t: &[f64], of: impl Fn(f64, f64) -> f64) -> f64 {
    x.iter().zip(t).map(|(&x, &t)| of(x, t)).sum::<f64>() / x.len() as f64
}

fn log_softmax(z: &[f64], j: usize) -> f64 {
    z[j] - z.iter().map(|z| z.exp()).sum::<f64>().ln()
}

fn of_logits(z: &[f64], t: &[f64]) -> f64 {
    -(0..z.len()).map(|j| t[j] * log_softmax(z, j)).sum::<f64>()
}

fn of_probabilities(p: &[f64], t: &[f64]) -> f64 {
    let sum: f64 = p.iter().sum();
    -p.iter().zip(t).map(|(p, t)| t * (p / sum).ln()).sum::<f64>()
}

fn divergence(p: &[f64], t: &[f64]) -> f64 {
    p.iter().zip(t).map(|(p, t)| t * (t / p).ln()).sum()
}

fn binary(p: &[f64], t: &[f64]) -> f64 {
    mean(p, t, |p, t| -t * p.ln() - (1.0 - t) * (1.0 - p).ln())
}

fn sigmoid(z: &[f64]) -> Vec<f64> {
    z.iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect()
}

fn softmax_of(z: &[f64]) -> Vec<f64> {
    (0..z.len()).map(|j| log_softmax(z, j).exp()).collect()
}

/// Each loss with a head, and its definition. Heads that it is not fused with are left out of both.
fn all() -> Vec<(AnyLoss, Head, Definition)> {
    vec![
        (CategoricalCrossentropy::default().into(), Head::Softmax, of_logits),
        (CategoricalCrossentropy::default().from_logits(true).into(), Head::Linear, of_logits),
        (CategoricalCrossentropy::default().into(), Head::Linear, of_probabilities),
        (CategoricalCrossentropy::default().into(), Head::Sigmoid, of_probabilities),
        (BinaryCrossentropy::default().into(), Head::Sigmoid, |z, t| binary(&sigmoid(z), t)),
        (BinaryCrossentropy::default().from_logits(true).into(), Head::Linear, |z, t| binary(&sigmoid(z), t)),
        (BinaryCrossentropy::default().into(), Head::Linear, binary),
        (KLDivergence::default().into(), Head::Softmax, |z, t| divergence(&softmax_of(z), t)),
        (KLDivergence::default().into(), Head::Linear, divergence),
        (MeanSquaredError::default().into(), Head::Linear, |y, t| mean(y, t, |y, t| (y - t) * (y - t))),
        (MeanAbsoluteError::default().into(), Head::Linear, |y, t| mean(y, t, |y, t| (y - t).abs())),
    ]
}

#[test]
fn gradients_are_those_of_the_definitions() {
    let mut random = Philox::new(Key { seed: 1, step: 0, stream: 0 });
    for (loss, kind, definition) in all() {
        let loss: AsLoss<'_> = &loss;
        for n in [1, 2, 5, 17, 100] {
            let rows = 3;
            // Outputs without a head, where they are taken for probabilities, must lie between 0 and 1.
            let z: Vec<f32> = (0..rows * n).map(|_| 0.05 + 0.9 * random.uniform()).collect();
            let t: Vec<f32> = (0..rows * n).map(|_| 0.05 + 0.9 * random.uniform()).collect();
            let scale: Vec<f32> = (0..rows).map(|_| random.uniform() - 0.3).collect();
            let y = head(&z, n, kind);
            let mut losses = vec![f32::NAN; rows];
            let mut grad = vec![f32::NAN; rows * n];
            let p = predictions(n, kind, &y, &z, Targets::Dense(&t));
            loss.evaluate(p, &scale, &mut losses, Some(&mut grad));

            let x = if loss.fuses(kind) { &z } else { &y };
            for row in 0..rows {
                let at = row * n..(row + 1) * n;
                let double = |x: &[f32]| x[at.clone()].iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
                let (mut x, t) = (double(x), double(&t));
                let value = definition(&x, &t);
                let close = |a: f32, b: f64, size: f64| (f64::from(a) - b).abs() <= 2e-6 * size.max(0.1);
                let name = loss.name();
                assert!(close(losses[row], value, value.abs()), "{name} {kind:?} {n}: {} {value}", losses[row]);
                for j in 0..n {
                    let (h, x_j) = (1e-6, x[j]);
                    x[j] = x_j + h;
                    let above = definition(&x, &t);
                    x[j] = x_j - h;
                    let below = definition(&x, &t);
                    x[j] = x_j;
                    let expected = f64::from(scale[row]) * (above - below) / (2.0 * h);
                    let found = grad[row * n + j];
                    assert!(close(found, expected, expected.abs()), "{name} {kind:?} {n}: {found} {expected}");
                }
            }
        }
    }
}

#[test]
fn sure_mistakes_keep_their_gradient() {
    // Where Keras clips probabilities, the gradient of a mistake this sure would be 0.
    let z = [60.0, -60.0];
    for (kind, y) in [(Head::Softmax, head(&z, 2, Head::Softmax)), (Head::Sigmoid, head(&z, 2, Head::Sigmoid))] {
        let (mut losses, mut grad) = ([0.0], [0.0; 2]);
        let loss: AnyLoss = match kind {
            Head::Softmax => CategoricalCrossentropy::default().into(),
            _ => BinaryCrossentropy::default().into(),
        };
        let loss: AsLoss<'_> = &loss;
        loss.evaluate(predictions(2, kind, &y, &z, Targets::Dense(&[0.0, 1.0])), &[1.0], &mut losses, Some(&mut grad));
        let (expected, slope) = if kind == Head::Softmax { (120.0, 1.0) } else { (60.0, 0.5) };
        assert!((losses[0] - expected).abs() < 1e-4, "{kind:?}: {losses:?}");
        assert!((grad[0] - slope).abs() < 1e-6 && (grad[1] + slope).abs() < 1e-6, "{kind:?}: {grad:?}");
    }
    let (mut losses, mut grad) = ([0.0], [0.0; 2]);
    let sparse: AsLoss<'_> = &AnyLoss::from(SparseCategoricalCrossentropy::default());
    let y = head(&z, 2, Head::Softmax);
    sparse.evaluate(
        predictions(2, Head::Softmax, &y, &z, Targets::Classes(&[1])),
        &[1.0],
        &mut losses,
        Some(&mut grad),
    );
    assert_eq!((losses, grad), ([120.0], [1.0, -1.0]));

    // Without a head it is as in Keras.
    let p = predictions(2, Head::Linear, &[1.0, 0.0], &[1.0, 0.0], Targets::Dense(&[0.0, 1.0]));
    let loss: AsLoss<'_> = &AnyLoss::from(CategoricalCrossentropy::default());
    loss.evaluate(p, &[1.0], &mut losses, Some(&mut grad));
    assert!((losses[0] - 16.118_095).abs() < 1e-4, "{losses:?}");
    assert_eq!(grad, [0.0, 0.0]);
}

#[test]
fn one_class_has_no_loss() {
    for (loss, targets) in [
        (AnyLoss::from(CategoricalCrossentropy::default()), Targets::Dense(&[1.0])),
        (SparseCategoricalCrossentropy::default().into(), Targets::Classes(&[0])),
        (SparseCategoricalCrossentropy::default().from_logits(true).into(), Targets::Classes(&[0])),
    ] {
        let loss: AsLoss<'_> = &loss;
        let (mut losses, mut grad) = ([7.0], [7.0]);
        loss.evaluate(predictions(1, Head::Softmax, &[1.0], &[-3.0], targets), &[1.0], &mut losses, Some(&mut grad));
        assert_eq!((losses, grad), ([0.0], [0.0]));
    }
}

#[test]
fn nan_is_seen_and_weights_of_0_are_kept() {
    for (loss, kind, _) in all() {
        let loss: AsLoss<'_> = &loss;
        let z = [f32::NAN, 0.5, 0.25, 0.5];
        let y = head(&z, 2, kind);
        let (mut losses, mut grad) = ([0.0; 2], [7.0; 4]);
        let p = predictions(2, kind, &y, &z, Targets::Dense(&[0.5; 4]));
        loss.evaluate(p, &[1.0, 0.0], &mut losses, Some(&mut grad));
        assert!(losses[0].is_nan() && grad[0].is_nan(), "{} {kind:?}: {losses:?} {grad:?}", loss.name());
        assert!(losses[1].is_finite() && grad[2..] == [0.0; 2], "{} {kind:?}: {losses:?} {grad:?}", loss.name());
        // No position at all.
        loss.evaluate(predictions(2, kind, &[], &[], Targets::Dense(&[])), &[], &mut [], Some(&mut []));
    }
}

#[test]
fn an_ignored_class_counts_for_nothing() {
    let z = [0.3, -0.2, 0.9, 0.1, 0.4, -0.5];
    for (kind, logits) in [(Head::Softmax, false), (Head::Linear, true), (Head::Linear, false)] {
        let y = if logits { z.to_vec() } else { head(&z, 3, Head::Softmax) };
        let run = |loss: SparseCategoricalCrossentropy| {
            let loss: AsLoss<'_> = &AnyLoss::from(loss.from_logits(logits));
            let (mut losses, mut grad) = ([7.0; 2], [7.0; 6]);
            let p = predictions(3, kind, &y, &z, Targets::Classes(&[2, 0]));
            loss.evaluate(p, &[0.5; 2], &mut losses, Some(&mut grad));
            (losses, grad, loss.ignored_class())
        };
        let (all, all_grad, _) = run(SparseCategoricalCrossentropy::default());
        let (losses, grad, ignored) = run(SparseCategoricalCrossentropy::default().ignore_class(2));
        assert_eq!((losses, ignored), ([0.0, all[1]], Some(2)));
        assert_eq!((&grad[..3], &grad[3..]), (&[0.0; 3][..], &all_grad[3..]));
        assert!(all[0] > 0.0 && all_grad[..3].iter().any(|&g| g != 0.0));
    }
}

#[test]
fn targets_of_another_kind_are_refused_by_name() {
    fn check<O: keras_kernels::memory::Sample, T: keras_runtime::target::Target>(name: &str) -> Result<(), String> {
        let loss: AnyLoss = name.parse().unwrap();
        Loss::<O, T>::check(&loss).map_err(|error| error.to_string())
    }
    assert_eq!(check::<[f32; 3], [f32; 3]>("categorical_crossentropy"), Ok(()));
    assert_eq!(check::<[[f32; 3]; 2], [u32; 2]>("SparseCategoricalCrossentropy"), Ok(()));
    assert_eq!(check::<[f32; 3], [i64; 1]>("sparse_categorical_crossentropy"), Ok(()));
    assert_eq!(check::<[f32; 1], f32>("mse"), Ok(()));
    assert_eq!(check::<[f32; 1], u8>("BCE"), Ok(()));
    assert_eq!(
        check::<[f32; 3], u8>("MAE").unwrap_err(),
        "loss = \"mean_absolute_error\": it takes targets of the output's own shape, in float32; found uint8 targets of \
         shape [] for an output of shape [3]"
    );
    assert!(check::<[f32; 3], u8>("bce").is_err());
    assert!(check::<[f32; 3], [f32; 3]>("sparse_categorical_crossentropy").is_err());
    assert!(check::<[[f32; 3]; 2], [u32; 3]>("sparse_categorical_crossentropy").is_err());
    let error = "categorical_crossentrpy".parse::<AnyLoss>().unwrap_err().to_string();
    assert!(error.contains("did you mean `categorical_crossentropy`?"), "{error}");
}
