//! `fit`, `evaluate` and their like on the reference device, beside the same on the processor.

use keras::__private::Block;
use keras::device::Device;
use keras::prelude::*;
use keras::{Predicting, Result, metrics};

use crate::models::{self, Numbers};

sequential! { struct Mlp< Input(12), Dense(16, relu), Dropout(0.25), Dense(5, softmax) >; }
sequential! {
    struct Base<
        Input(12),
        Dense(7, tanh, kernel_regularizer = L2(0.01)),
        Dropout(0.5),
        Dense(6, elu, activity_regularizer = L2(0.1)),
    >;
}

sequential! {
    struct Drawn<
        Input(12),
        SpectralNormalization(Dense(8, tanh)),
        GaussianNoise(0.1),
        AlphaDropout(0.2),
        Reshape((4, 2)),
        SpatialDropout1D(0.3),
        GaussianDropout(0.2),
        MaxPooling1D(2),
        Flatten(),
        PReLU(),
        Dense(5, softmax),
    >;
}

model! {
    struct Net(x: [12], z: [6]) {
        let base = self::Base;
        let twice = Dense(6, gelu, bias_regularizer = L1(0.02));
        let h = twice(base(x)) + twice(twice(z));
        let kind = Dense(4, softmax)(h);
        let size = Dense(1, sigmoid)(ActivityRegularization(0.01, 0.02)(h));
        (kind, size)
    }
}

/// Numbers in ±1, the same in every run.
fn samples<const N: usize>(rows: usize, seed: u32) -> Vec<[f32; N]> {
    Numbers(seed).rows(rows)
}

/// Samples that have something to be learnt.
fn data(rows: usize) -> (Vec<[f32; 12]>, Vec<u8>) {
    let x = samples(rows, 7);
    let class = |x: &[f32; 12]| ((x[0] + x[1] + 2.0) * 1.24) as u8;
    let y = x.iter().map(class).collect();
    (x, y)
}

/// Whether all numbers are within so much of each other, relative to the largest.
pub(crate) fn assert_close(what: &str, a: &[f32], b: &[f32]) {
    let largest = a.iter().fold(0.0f32, |most, a| most.max(a.abs()));
    assert_eq!(a.len(), b.len());
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= 1e-5 * largest, "{what}, number {i}: {a} and {b}, the largest is {largest}");
    }
}

fn assert_scores(a: &keras::Scores, b: &keras::Scores) {
    for ((name, a), (same, b)) in a.iter().zip(b.iter()) {
        assert!(name == same && (a - b).abs() <= 1e-5 * a.abs(), "{name}: {a} and {b}");
    }
}

pub(crate) fn assert_history(a: &keras::History, b: &keras::History, names: &[&str]) {
    for name in names {
        assert_eq!(a.get(name).len(), b.get(name).len(), "{name}");
        for (a, b) in a.get(name).iter().zip(b.get(name)) {
            assert!((a - b).abs() <= 1e-5 * a.abs(), "{name}: {a} and {b}");
        }
    }
}

#[test]
fn a_chain_is_trained_alike() {
    let (x, y) = data(205);
    let fit = |device: Option<Device>| {
        let loss = SparseCategoricalCrossentropy::default();
        let mut model = Mlp::seeded(3).compile(Adam::new(0.01), loss, (Accuracy::default(),)).unwrap().seed(5);
        if let Some(device) = device {
            model = model.on(device).unwrap();
        }
        let model = &mut model.steps_per_execution(3);
        let history = model.fit(&x, &y, Fit::epochs(3).batch_size(32).validation_split(0.2).verbose(0)).unwrap();
        let scores = model.evaluate(&x, &y, 50).unwrap();
        (history, scores, model.as_slice().to_vec())
    };
    let (host, device) = (fit(None), fit(Some(Device::reference())));
    assert_close("weights", &host.2, &device.2);
    assert_scores(&host.1, &device.1);
    assert_history(&host.0, &device.0, &["loss", "accuracy", "val_loss", "val_accuracy"]);
    assert!(device.0.last("loss").unwrap() < device.0.get("loss")[0]);
}

#[test]
fn predictions_are_alike() {
    let (x, z): (Vec<[f32; 12]>, Vec<[f32; 6]>) = (samples(50, 1), samples(50, 2));
    let mut seen = 0;
    let mut predict = |device: Option<Device>| {
        let losses = (CategoricalCrossentropy::default(), BinaryCrossentropy::default());
        let mut model = Net::seeded(1).compile(Sgd::new(0.1), losses, ()).unwrap().steps_per_execution(3);
        if let Some(device) = device {
            model = model.on(device).unwrap();
        }
        let count = LambdaCallback::new().on_predict_batch_end(|_| seen += 1);
        let (kinds, sizes) =
            model.predict_with((&x, &z), Predicting::batch_size(8).verbose(0).callback(count)).unwrap();
        model.as_mut_slice().iter_mut().for_each(|w| *w *= 0.5);
        let halves = model.predict_with((&x, &z), Predicting::batch_size(50).verbose(0)).unwrap();
        [kinds.as_flattened(), sizes.as_flattened(), halves.0.as_flattened(), halves.1.as_flattened()].concat()
    };
    let (host, device) = (predict(None), predict(Some(Device::reference())));
    assert_close("predictions", &host, &device);
    assert_eq!(seen, 14);
}

#[test]
fn memory_is_counted_before_it_is_taken() {
    let loss = SparseCategoricalCrossentropy::default;
    let model = Mlp::seeded(3).compile(Adam::new(0.01), loss(), ()).unwrap();
    assert!(model.memory(32).unwrap_err().to_string().contains("the model is on no device"));
    let model = model.on(Device::reference()).unwrap();
    let usage = model.memory(32).unwrap();
    let weights = 4 * (12 * 16 + 16 + 16 * 5 + 5);
    assert_eq!((usage.gradients, usage.optimizer), (usage.weights, 2 * usage.weights));
    // Parameters begin at multiples of a few floats.
    assert!((weights..weights + 256).contains(&usage.weights), "{usage:?}");
    assert_eq!((usage.row, usage.space), (4 * (12 + 5), None));
    // At least the input, both layers and the gradient of the last; at the most all that there is, twice.
    let values = 4 * 32 * (12 + 16 + 16 + 5);
    assert!((values..=2 * values + 4096).contains(&usage.batch), "{usage:?}");
    assert_eq!(usage.total(100), usage.total(0) + 100 * usage.row);
}

#[test]
fn a_graph_is_trained_alike() {
    let (x, z): (Vec<[f32; 12]>, Vec<[f32; 6]>) = (samples(50, 1), samples(50, 2));
    let kinds: Vec<[f32; 4]> = samples::<4>(50, 3).iter().map(|t| t.map(|t| (t + 1.0) / 4.0)).collect();
    let sizes: Vec<[f32; 1]> = samples::<1>(50, 4).iter().map(|t| t.map(|t| f32::from(t > 0.0))).collect();
    let weights: Vec<f32> = samples::<1>(50, 5).iter().map(|[w]| w + 1.0).collect();
    let fit = |device: Option<Device>| {
        let losses = (CategoricalCrossentropy::default().label_smoothing(0.1), BinaryCrossentropy::default());
        let metrics =
            ((CategoricalAccuracy::default(),), (metrics::MeanAbsoluteError::default(), BinaryAccuracy::new(0.4)));
        let sgd = Sgd::new(0.05).momentum(0.9).nesterov(true).weight_decay(0.01).clipvalue(0.05).use_ema(true);
        let model = Net::seeded(1).compile(sgd.exclude_from_weight_decay(["bias"]), losses, metrics).unwrap();
        let weighted = ((TopKCategoricalAccuracy::new(2),), (metrics::MeanSquaredError::default(),));
        let mut model = model.seed(2).loss_weights(&[0.5, 2.0]).weighted_metrics(weighted);
        if let Some(device) = device {
            model = model.on(device).unwrap();
        }
        model.set_trainable("base/dense_1", false).unwrap();
        let fit = Fit::epochs(3).batch_size(16).sample_weight(&weights).verbose(0);
        let history = model.fit((&x[..], &z[..]), (&kinds[..], &sizes[..]), fit).unwrap();
        let batch = (&x[..7], &z[..7]);
        let one = model.train_on_weighted_batch(batch, (&kinds[..7], &sizes[..7]), &weights[..7]).unwrap().clone();
        let test = model.test_on_batch(batch, (&kinds[..7], &sizes[..7])).unwrap().clone();
        (history, one, test, model.as_slice().to_vec())
    };
    let (host, device) = (fit(None), fit(Some(Device::reference())));
    assert_close("weights", &host.3, &device.3);
    assert_scores(&host.1, &device.1);
    assert_scores(&host.2, &device.2);
    let names: Vec<&str> = host.1.iter().map(|(name, _)| name).collect();
    assert!(names.len() == 8, "{names:?}");
    assert_history(&host.0, &device.0, &names);
}

#[test]
fn random_numbers_and_state_are_alike() {
    let (x, y) = data(72);
    let fit = |device: Option<Device>| {
        let loss = SparseCategoricalCrossentropy::default();
        let mut model = Drawn::seeded(3).compile(Sgd::new(0.1), loss, ()).unwrap().seed(5);
        if let Some(device) = device {
            model = model.on(device).unwrap();
        }
        let mut vectors = vec![model.spectral_normalization.vector_u];
        // The vector of a frozen kernel moves all the same.
        for trainable in [true, false] {
            model.set_trainable("spectral_normalization", trainable).unwrap();
            model.fit(&x, &y, Fit::epochs(2).batch_size(20).verbose(0)).unwrap();
            vectors.push(model.spectral_normalization.vector_u);
        }
        model.evaluate(&x, &y, 30).unwrap();
        assert!(vectors[0] != vectors[1] && vectors[1] != vectors[2]);
        assert_eq!(model.spectral_normalization.vector_u, vectors[2]);
        model.as_slice().to_vec()
    };
    assert_close("weights", &fit(None), &fit(Some(Device::reference())));
}

/// Notes the weights after each batch.
#[derive(Default)]
struct Notes(Vec<Vec<f32>>);

impl Callback for &mut Notes {
    fn on_train_batch_end(&mut self, training: &mut Training<'_>, _: usize, _: &Logs) -> Result<()> {
        self.0.push(training.weights.to_vec());
        // What a callback changes is what is trained on.
        training.weights[0] += 0.5;
        Ok(())
    }
}

#[test]
fn callbacks_see_weights_and_change_them() {
    let (x, y) = data(40);
    let fit = |device: Option<Device>| {
        let mut notes = Notes::default();
        let loss = SparseCategoricalCrossentropy::default();
        let mut model = Mlp::seeded(3).compile(Adam::new(0.01).amsgrad(true), loss, ()).unwrap().seed(5);
        if let Some(device) = device {
            model = model.on(device).unwrap();
        }
        model.fit(&x, &y, Fit::epochs(2).batch_size(16).verbose(0).callback(&mut notes)).unwrap();
        notes.0
    };
    let (host, device) = (fit(None), fit(Some(Device::reference())));
    assert_eq!(host.len(), 6);
    for (step, (host, device)) in host.iter().zip(&device).enumerate() {
        assert_close(&format!("step {step}"), host, device);
    }
}

#[test]
fn layers_are_frozen_and_unfrozen_between_fits() {
    let (x, y) = data(40);
    let fit = |device: Option<Device>| {
        let loss = SparseCategoricalCrossentropy::default();
        let mut model = Mlp::seeded(3).compile(Adam::new(0.01), loss, ()).unwrap().seed(5);
        if let Some(device) = device {
            model = model.on(device).unwrap();
        }
        let mut seen = Vec::new();
        for trainable in [true, false, true] {
            model.set_trainable("dense", trainable).unwrap();
            model.fit(&x, &y, Fit::epochs(1).batch_size(16).verbose(0)).unwrap();
            seen.push(model.as_slice().to_vec());
        }
        seen
    };
    let (host, device) = (fit(None), fit(Some(Device::reference())));
    for (step, (host, device)) in host.iter().zip(&device).enumerate() {
        assert_close(&format!("fit {step}"), host, device);
    }
    // The kernel and the bias of the first layer stay while they are frozen.
    let first = 12 * 16 + 16;
    assert!(device[0][..first] == device[1][..first] && device[1][..first] != device[2][..first]);
}

#[test]
fn calls_of_all_kinds_in_turn() {
    let (x, y) = data(60);
    let run = |device: Option<Device>| {
        let loss = SparseCategoricalCrossentropy::default();
        let model = Mlp::seeded(3).compile(Sgd::new(0.1).momentum(0.9), loss, (Accuracy::default(),)).unwrap();
        let mut model = model.seed(5).steps_per_execution(usize::MAX);
        if let Some(device) = device {
            model = model.on(device).unwrap();
        }
        let mut scores = vec![model.evaluate(&x[..10], &y[..10], 4).unwrap()];
        model.fit(&x[..40], &y[..40], Fit::epochs(2).batch_size(16).verbose(0)).unwrap();
        scores.push(model.evaluate(&x, &y, 32).unwrap());
        for rows in [7, 3, 9] {
            scores.push(model.train_on_batch(&x[..rows], &y[..rows]).unwrap().clone());
        }
        model.fit(&x, &y, Fit::epochs(1).batch_size(16).verbose(0)).unwrap();
        for layer in ["dense", "dense_1"] {
            model.set_trainable(layer, false).unwrap();
        }
        // Nothing is left to be trained.
        model.fit(&x, &y, Fit::epochs(1).batch_size(16).verbose(0)).unwrap();
        scores.push(model.test_on_batch(&x, &y).unwrap().clone());
        (scores, model.as_slice().to_vec())
    };
    let (host, device) = (run(None), run(Some(Device::reference())));
    host.0.iter().zip(&device.0).for_each(|(a, b)| assert_scores(a, b));
    assert_close("weights", &host.1, &device.1);
}

sequential! { struct Plain< Input(3), Activation(tanh) >; }

#[test]
fn a_model_without_weights_is_evaluated() {
    let x: Vec<[f32; 3]> = samples(10, 1);
    let y: Vec<[f32; 3]> = samples(10, 2);
    let evaluate = |device: Option<Device>| {
        let mut model = Plain::new().compile(Adam::default(), MeanSquaredError::default(), ()).unwrap();
        if let Some(device) = device {
            model = model.on(device).unwrap();
        }
        model.evaluate(&x, &y, 4).unwrap()
    };
    assert_scores(&evaluate(None), &evaluate(Some(Device::reference())));
}

sequential! { struct Stateful< Input(4, 2), GRU(3, return_sequences = true, stateful = true), LSTM(2, stateful = true) >; }

#[test]
fn states_go_from_batch_to_batch() {
    let x: Vec<[[f32; 2]; 4]> =
        samples::<8>(20, 1).iter().map(|x| std::array::from_fn(|t| [x[2 * t], x[2 * t + 1]])).collect();
    let y: Vec<[f32; 2]> = samples(20, 2);
    let run = |device: Option<Device>| {
        let mut model = Stateful::seeded(4).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
        if let Some(device) = device {
            model = model.on(device).unwrap();
        }
        let mut model = model.steps_per_execution(3);
        let history = model.fit(&x, &y, Fit::epochs(2).batch_size(5).shuffle(false).verbose(0)).unwrap();
        let mut scores = vec![model.evaluate(&x, &y, 5).unwrap()];
        // Predictions go on from there too.
        let predicted = model.predict_with(&x[..5], 5).unwrap().concat();
        scores.push(model.evaluate(&x[..10], &y[..10], 5).unwrap());
        let other = model.train_on_batch(&x[..4], &y[..4]).map(|_| ()).unwrap_err().to_string();
        model.reset_state();
        scores.push(model.train_on_batch(&x[..4], &y[..4]).unwrap().clone());
        scores.push(model.test_on_batch(&x[..4], &y[..4]).unwrap().clone());
        (history, scores, predicted, other, model.as_slice().to_vec())
    };
    let (host, device) = (run(None), run(Some(Device::reference())));
    assert_history(&host.0, &device.0, &["loss"]);
    host.1.iter().zip(&device.1).for_each(|(a, b)| assert_scores(a, b));
    assert_close("predictions", &host.2, &device.2);
    assert_eq!(host.3, device.3);
    assert_close("weights", &host.4, &device.4);
}

sequential! {
    struct Held<
        Input(12),
        Dense(6, relu, kernel_constraint = MaxNorm(0.5), bias_constraint = NonNeg()),
        Dense(5, tanh, kernel_constraint = UnitNorm(1)),
        Dense(5, softmax, kernel_constraint = MinMaxNorm(0.2, 0.6, 0.5)),
    >;
}

#[test]
fn gradients_are_accumulated_and_clipped_and_weights_constrained_alike() {
    let (x, y) = data(90);
    let fit = |sgd: Sgd, device: Option<Device>| {
        let loss = SparseCategoricalCrossentropy::default();
        let mut model = Held::seeded(3).compile(sgd, loss, ()).unwrap().seed(5);
        if let Some(device) = device {
            model = model.on(device).unwrap();
        }
        let history = model.fit(&x, &y, Fit::epochs(3).batch_size(20).verbose(0)).unwrap();
        (history, model.as_slice().to_vec())
    };
    let sgd = || Sgd::new(0.5).momentum(0.9);
    let accumulated = || sgd().gradient_accumulation_steps(3).use_ema(true).ema_overwrite_frequency(2);
    let all: [&dyn Fn() -> Sgd; 4] =
        [&sgd, &|| sgd().clipnorm(0.1), &accumulated, &|| accumulated().global_clipnorm(0.1)];
    for (i, optimizer) in all.iter().enumerate() {
        let (host, device) = (fit(optimizer(), None), fit(optimizer(), Some(Device::reference())));
        assert_close(&format!("weights by optimizer {i}"), &host.1, &device.1);
        assert_history(&host.0, &device.0, &["loss"]);
    }
}

#[test]
fn layers_of_ones_own_are_trained_alike() {
    let (x, y): (Vec<[f32; 6]>, Vec<[f32; 2]>) = (samples(22, 1), samples(22, 2));
    let run = |device: Option<Device>| {
        let mut model =
            models::Own::seeded(1).compile(Sgd::new(0.001), MeanSquaredError::default(), ()).unwrap().seed(4);
        if let Some(device) = device {
            model = model.on(device).unwrap();
        }
        let history = model.fit(&x, &y, Fit::epochs(2).batch_size(9).validation_split(0.2).verbose(0)).unwrap();
        // State goes on when a layer is frozen later.
        model.set_trainable("inner", false).unwrap();
        model.set_trainable("linear", false).unwrap();
        let score = model.train_on_batch(&x, &y).unwrap().clone();
        (history, score, model.predict_with(&x, 5).unwrap().concat(), model.as_slice().to_vec())
    };
    let (host, device) = (run(None), run(Some(Device::reference())));
    assert_history(&host.0, &device.0, &["loss", "val_loss"]);
    assert_scores(&host.1, &device.1);
    assert_close("predictions", &host.2, &device.2);
    assert_close("weights", &host.3, &device.3);
}
