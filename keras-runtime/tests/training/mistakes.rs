//! Wrong data and arguments are errors that say what was expected and what was found, and change nothing.

use keras_kernels::memory::{Block, Boxed};
use keras_runtime::callback::{LearningRateScheduler, ReduceLROnPlateau, TerminateOnNaN};
use keras_runtime::loss::{AnyLoss, CategoricalCrossentropy, MeanSquaredError, SparseCategoricalCrossentropy};
use keras_runtime::metric::{Accuracy, AnyMetric};
use keras_runtime::optimizer::schedule::ExponentialDecay;
use keras_runtime::optimizer::{Optimizer, Sgd};
use keras_runtime::{Compile, Error, Evaluate, Fit, Predict};

use crate::models::TwoHeads;
use crate::{Classifier, alone, classifier, compiled, data};

fn fails(fit: Fit<'_>) -> String {
    let (x, y) = data(10);
    let mut model = classifier();
    let before = model.as_slice().to_vec();
    let error = model.fit(&x, &y, fit.verbose(0)).unwrap_err().to_string();
    assert_eq!(model.as_slice(), before);
    error
}

/// A learning rate cannot both follow a schedule and be set.
#[test]
fn a_learning_rate_that_two_set() {
    let (x, y) = data(10);
    let schedule = ExponentialDecay::new(0.1, 10, 0.5);
    let mut model = compiled(Sgd::new(schedule));
    let fit = || Fit::epochs(1).verbose(0);
    for (fit, name) in [
        (fit().callback(LearningRateScheduler::new(|_, rate| rate)), "LearningRateScheduler"),
        (fit().callback(ReduceLROnPlateau::new("loss")), "ReduceLROnPlateau"),
    ] {
        let error = model.fit(&x, &y, fit).unwrap_err().to_string();
        let expected = format!(
            "learning_rate = a schedule: {name} sets the learning rate, which the optimizer takes from its schedule; give \
             it a number"
        );
        assert_eq!(error, expected);
    }
    assert!(model.fit(&x, &y, fit()).is_ok());
}

#[test]
fn arguments() {
    assert_eq!(fails(Fit::epochs(1).batch_size(0)), "batch_size = 0: give at least 1; 32 is usual");
    assert!(fails(Fit::epochs(1).steps_per_epoch(0)).starts_with("steps_per_epoch = 0"));
    assert!(fails(Fit::epochs(1).validation_freq(0)).starts_with("validation_freq = 0"));
    assert!(fails(Fit::epochs(1).validation_split(0.5).validation_steps(0)).starts_with("validation_steps = 0"));
    assert!(fails(Fit::epochs(1).validation_split(0.5).validation_batch_size(0)).starts_with("batch_size = 0"));
    for split in [1.0, 1.5, -0.1, f64::NAN] {
        assert!(fails(Fit::epochs(1).validation_split(split)).contains("between 0 and 1"));
    }
    for split in [0.95, 0.999] {
        let error = fails(Fit::epochs(1).validation_split(split));
        assert_eq!(error, format!("validation_split = {split}: 10 samples are too few to be split so"));
    }
    let error = fails(Fit::epochs(1).sample_weight(&[1.0; 9]));
    assert_eq!(error, "fit: sample_weight: expected 10 rows as in the first input, found 9");
    let error = fails(Fit::epochs(1).sample_weight(&[1.0; 10]).class_weight(&[(0, 2.0)]));
    assert!(error.contains("class_weight") && error.contains("sample_weight"), "{error}");

    let (x, y) = data(10);
    let fit = Fit::epochs(1).verbose(3);
    assert!(classifier().fit(&x, &y, fit).unwrap_err().to_string().starts_with("verbose = 3"));
    let fit = Fit::epochs(1).verbose(0);
    let error = classifier().steps_per_execution(0).fit(&x, &y, fit).unwrap_err().to_string();
    assert!(error.starts_with("steps_per_execution = 0"), "{error}");
    let fit = Fit::epochs(1).verbose(0);
    let error = classifier().loss_weights(&[1.0, 2.0]).fit(&x, &y, fit).unwrap_err().to_string();
    assert!(error.contains("loss_weights") && error.contains("found 2"), "{error}");
    assert!(classifier().evaluate(&x, &y, 0).is_err());
    assert!(classifier().evaluate(&x, &y, Evaluate::batch_size(2).steps(0).verbose(0)).is_err());
    assert!(classifier().predict(&x, 0).is_err());
}

#[test]
fn lengths() {
    let (x, y) = data(10);
    let mut model = classifier();
    let silent = || Fit::epochs(1).verbose(0);
    let message = |error: Error| error.to_string();
    assert_eq!(
        message(model.fit(&x, &y[..9], silent()).unwrap_err()),
        "fit: targets: expected 10 rows as in the first input, found 9"
    );
    assert_eq!(
        message(model.fit(&x, &y, silent().validation_data(&x[..3], &y[..4])).unwrap_err()),
        "fit: validation data: targets: expected 3 rows as in the first input, found 4"
    );
    assert!(matches!(model.fit(&[], &y[..0], silent()), Err(Error::Empty { .. })));
    assert!(matches!(model.evaluate(&[], &y[..0], 4), Err(Error::Empty { .. })));
    assert!(matches!(model.predict(&[], 4), Err(Error::Empty { .. })));
    assert!(matches!(model.train_on_batch(&x, &y[..2]), Err(Error::Rows { expected: 10, found: 2, .. })));
    assert!(matches!(model.predict_into(&x, &mut [[0.0; 3]; 4]), Err(Error::Rows { expected: 10, found: 4, .. })));

    let two: Boxed<TwoHeads> = keras_runtime::init(Some(1));
    let losses = (CategoricalCrossentropy::default(), MeanSquaredError::default());
    let mut two = two.compile(Sgd::default(), losses, ()).unwrap();
    let error = two.fit(&x, (&y, &vec![[0.0; 2]; 7]), silent()).unwrap_err();
    assert_eq!(message(error), "fit: targets 1: expected 10 rows as in the first input, found 7");
    let error = two.fit(&x, (&y, &vec![[0.0; 2]; 10]), silent().class_weight(&[(0, 1.0)])).unwrap_err();
    assert!(message(error).contains("several outputs"));
}

#[test]
fn labels() {
    let (x, _) = data(10);
    let model: Boxed<Classifier> = keras_runtime::init(Some(1));
    let loss = SparseCategoricalCrossentropy::default();
    let mut model = model.compile(Sgd::default(), loss, (Accuracy::default(),)).unwrap();
    let before = model.as_slice().to_vec();
    let y = [0i64, 1, 2, 0, 1, 2, 0, -1, 2, 0];
    // Found before the first step, and by its place in the data whatever the order.
    let error = model.fit(&x, &y, Fit::epochs(1).batch_size(2).verbose(0)).unwrap_err().to_string();
    assert_eq!(error, "label -1 of sample 7 is not a class: the model's output has 3 classes, 0 to 2");
    assert!(model.evaluate(&x, &[3u8; 10], 4).unwrap_err().to_string().contains("label 3 of sample 0"));
    assert!(model.train_on_batch(&x, &y).unwrap_err().to_string().contains("sample 7"));
    assert_eq!(model.as_slice(), before);
}

#[test]
fn layers() {
    let error = classifier().set_trainable("dense_2", false).unwrap_err().to_string();
    assert_eq!(error, "layer = dense_2: the layers of `mlp` are dense, dense_1");
}

#[test]
fn names_at_run_time() {
    let (x, y) = data(10);
    let compile = |loss: &str, metric: &str| {
        let model: Boxed<Classifier> = keras_runtime::init(Some(1));
        let (loss, metric) = (loss.parse::<AnyLoss>().unwrap(), metric.parse::<AnyMetric>().unwrap());
        model.compile("sgd".parse::<Box<dyn Optimizer>>().unwrap(), loss, (metric,)).unwrap()
    };
    let silent = || Fit::epochs(1).verbose(0);
    let history = compile("categorical_crossentropy", "accuracy").fit(&x, &y, silent()).unwrap();
    assert_eq!(history.history.keys().collect::<Vec<_>>(), ["accuracy", "loss"]);
    for (loss, metric, wrong) in [
        ("sparse_categorical_crossentropy", "accuracy", "loss"),
        ("categorical_crossentropy", "sparse_categorical_accuracy", "metric"),
    ] {
        let error = compile(loss, metric).fit(&x, &y, silent()).unwrap_err().to_string();
        assert!(error.starts_with(wrong), "{error}");
    }
}

#[test]
fn losses_that_are_no_numbers() {
    let (mut x, y) = data(12);
    x[5][0] = f32::NAN;
    let fit = || Fit::epochs(2).batch_size(4).shuffle(false).verbose(0);
    let history = classifier().fit(&x, &y, fit()).unwrap();
    assert!(history.last("loss").unwrap().is_nan());
    let history = classifier().fit(&x, &y, fit().callback(TerminateOnNaN::new())).unwrap();
    assert_eq!(history.epoch, [0]);
    let terminate = TerminateOnNaN::new().raise_error(true);
    match classifier().fit(&x, &y, fit().callback(terminate)) {
        Err(Error::NotFinite { epoch: 1, batch: 2, loss }) => assert!(loss.is_nan()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_instruction_set_that_is_not_there() {
    if !alone("mistakes::an_instruction_set_that_is_not_there", "KERAS_ISA", "mmx") {
        return;
    }
    let model: Boxed<Classifier> = keras_runtime::init(Some(1));
    match model.compile(Sgd::default(), CategoricalCrossentropy::default(), ()) {
        Err(Error::Isa { asked, available }) => {
            assert_eq!(asked, "mmx");
            assert!(available.starts_with("scalar"), "{available}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_number_of_threads_that_is_none() {
    if !alone("mistakes::a_number_of_threads_that_is_none", "KERAS_THREADS", "0") {
        return;
    }
    let model: Boxed<Classifier> = keras_runtime::init(Some(1));
    let error = model.compile(Sgd::default(), CategoricalCrossentropy::default(), ()).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("KERAS_THREADS = 0: a number from 1 to 256 was expected; this machine has "), "{text}");
}
