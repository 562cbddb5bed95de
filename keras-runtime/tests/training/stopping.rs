//! When `EarlyStopping` stops, by the rules of Keras.

use keras_runtime::callback::{Callback, EarlyStopping, Logs, Mode, Training};
use keras_runtime::{Carried, Fit, Model, Result};

use crate::{Classifier, classifier, data};

/// Tells a callback how epochs went; gives the epoch after which it stopped, and the weight at the end. After epoch `e`
/// the first weight is `e`.
fn epochs(stopping: &mut EarlyStopping, values: &[f64]) -> (Option<usize>, f32) {
    let (mut weights, mut stop) = (vec![0.0; 43], false);
    let mut call = |stop: &mut bool, hook: &mut dyn FnMut(&mut Training<'_>) -> Result<()>| {
        let mut training = Training {
            graph: Classifier::GRAPH,
            weights: &mut weights,
            optimizer: None,
            slots: &mut [],
            loss_scale: None,
            iterations: &mut 0,
            carried: &mut Carried::default(),
            stop,
            epochs: values.len(),
            steps: 1,
            larger_is_better: &|key| match key {
                "loss" => Some(false),
                "accuracy" => Some(true),
                _ => None,
            },
        };
        hook(&mut training).unwrap();
    };
    call(&mut stop, &mut |t| stopping.on_train_begin(t));
    let mut stopped = None;
    for (epoch, &value) in values.iter().enumerate() {
        call(&mut stop, &mut |t| {
            t.weights[0] = epoch as f32;
            let mut logs = ["loss", "val_loss", "val_accuracy", "score"].map(|key| (key.to_owned(), value)).into();
            stopping.on_epoch_end(t, epoch, &mut logs)
        });
        if stop {
            stopped = Some(epoch);
            break;
        }
    }
    call(&mut stop, &mut |t| stopping.on_train_end(t, &Logs::new()));
    assert_eq!(stopping.stopped_epoch(), stopped);
    (stopped, weights[0])
}

fn stops(mut stopping: EarlyStopping, values: &[f64]) -> Option<usize> {
    epochs(&mut stopping, values).0
}

#[test]
fn patience_counts_epochs_without_improvement() {
    let values = [1.0, 0.5, 0.6, 0.6, 0.6, 0.6];
    let patient = |epochs| EarlyStopping::new("val_loss").patience(epochs);
    assert_eq!(stops(patient(0), &values), Some(2));
    assert_eq!(stops(patient(1), &values), Some(2));
    assert_eq!(stops(patient(2), &values), Some(3));
    assert_eq!(stops(patient(3), &values), Some(4));
    assert_eq!(stops(patient(5), &values), None);
    // An improvement begins the waiting anew.
    assert_eq!(stops(patient(2), &[1.0, 1.1, 0.9, 1.0, 0.8, 0.9, 0.9]), Some(6));
}

#[test]
fn the_direction_is_the_metrics_own() {
    let rising = [0.1, 0.2, 0.3, 0.4];
    assert_eq!(stops(EarlyStopping::new("val_accuracy"), &rising), None);
    assert_eq!(stops(EarlyStopping::new("val_loss"), &rising), Some(1));
    assert_eq!(stops(EarlyStopping::new("val_loss").mode(Mode::Max), &rising), None);
    assert_eq!(stops(EarlyStopping::new("score").mode(Mode::Min), &rising), Some(1));
}

#[test]
fn small_changes_are_none() {
    let values = [1.0, 0.95, 0.9, 0.85, 0.8];
    assert_eq!(stops(EarlyStopping::new("loss").min_delta(0.1).patience(2), &values), Some(2));
    assert_eq!(stops(EarlyStopping::new("loss").min_delta(0.01).patience(2), &values), None);
    // The sign of the delta does not matter.
    assert_eq!(stops(EarlyStopping::new("loss").min_delta(-0.1).patience(2), &values), Some(2));
}

#[test]
fn a_baseline_must_be_beaten() {
    let values = [1.0, 0.9, 0.8, 0.7, 0.8];
    assert_eq!(stops(EarlyStopping::new("loss").patience(2).baseline(0.5), &values), Some(4));
    assert_eq!(stops(EarlyStopping::new("loss").patience(2).baseline(0.95), &values), None);
}

#[test]
fn epochs_before_the_first_are_not_watched() {
    let values = [0.1, 0.2, 0.9, 0.8, 0.9];
    assert_eq!(stops(EarlyStopping::new("loss").start_from_epoch(2), &values), Some(4));
    let mut stopping = EarlyStopping::new("loss").start_from_epoch(2);
    epochs(&mut stopping, &values);
    assert_eq!((stopping.best(), stopping.best_epoch()), (Some(0.8), 3));
}

#[test]
fn the_best_weights_come_back_even_without_a_stop() {
    let restoring = || EarlyStopping::new("loss").restore_best_weights(true);
    assert_eq!(epochs(&mut restoring(), &[1.0, 0.5, 0.6]), (Some(2), 1.0));
    assert_eq!(epochs(&mut restoring().patience(9), &[1.0, 0.5, 0.6, 0.7]), (None, 1.0));
    assert_eq!(epochs(&mut EarlyStopping::new("loss").patience(9), &[1.0, 0.5, 0.6]), (None, 2.0));
    // Nothing is better than NaN, but a first value is always the best so far.
    assert_eq!(epochs(&mut restoring(), &[f64::NAN, 0.5]), (Some(1), 0.0));
}

#[test]
fn fit_ends_with_the_epoch() {
    let (x, y) = data(20);
    // A loss can hardly become smaller by 100.
    let mut stopping = EarlyStopping::new("loss").min_delta(100.0).patience(2);
    let history = classifier().fit(&x, &y, Fit::epochs(9).verbose(0).callback(&mut stopping)).unwrap();
    assert_eq!(history.epoch, [0, 1, 2]);
    assert_eq!(stopping.stopped_epoch(), Some(2));
}

#[test]
fn a_callback_can_stop_within_an_epoch() {
    struct Stop;
    impl Callback for Stop {
        fn on_train_batch_end(&mut self, training: &mut Training<'_>, batch: usize, _: &Logs) -> Result<()> {
            *training.stop = batch == 1;
            Ok(())
        }
    }
    let (x, y) = data(20);
    let mut model = classifier();
    let fit = Fit::epochs(9).batch_size(4).validation_split(0.2).verbose(0).callback(Stop);
    let history = model.fit(&x, &y, fit).unwrap();
    // The epoch is validated all the same.
    assert_eq!((history.epoch.len(), history.get("val_loss").len()), (1, 1));
}

#[test]
fn a_figure_that_is_not_there_is_named() {
    let (x, y) = data(20);
    let fit = Fit::epochs(9).verbose(0).callback(EarlyStopping::new("val_acuracy"));
    let error = classifier().fit(&x, &y, fit).unwrap_err().to_string();
    assert!(error.contains("monitor = val_acuracy"), "{error}");
    // Without validation there is only a warning, as in Keras.
    let fit = Fit::epochs(2).verbose(0).callback(EarlyStopping::new("val_accuracy"));
    assert_eq!(classifier().fit(&x, &y, fit).unwrap().epoch.len(), 2);
}
