//! What callbacks do with files, learning rates and logs.

use keras_runtime::callback::{CSVLogger, LambdaCallback, LearningRateScheduler, ReduceLROnPlateau};
use keras_runtime::optimizer::Optimizer;
use keras_runtime::{Error, Fit};

use crate::{classifier, data};

fn log(append: bool, path: &std::path::Path, fit: Fit<'_>) -> String {
    let (x, y) = data(20);
    let fit = fit.verbose(0).callback(CSVLogger::new(path).append(append));
    classifier().fit(&x, &y, fit).unwrap();
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn csv_logs_are_those_of_keras() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.csv");
    let text = log(false, &path, Fit::epochs(3).validation_split(0.5).validation_freq(2));
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(lines[0], "epoch,accuracy,loss,val_accuracy,val_loss");
    assert_eq!(lines.len(), 4);
    assert!(lines[1].starts_with("0,0.") && lines[1].ends_with(",NA,NA"), "{}", lines[1]);
    assert!(lines[2].starts_with("1,") && !lines[2].contains("NA"), "{}", lines[2]);

    let appended = log(true, &path, Fit::epochs(1));
    assert_eq!(appended.matches("epoch,").count(), 1);
    assert!(appended.starts_with(&text) && appended.ends_with(",NA,NA\r\n"));
    assert_eq!(log(false, &path, Fit::epochs(1)).lines().count(), 2);
}

#[test]
fn a_log_that_cannot_be_written_is_named() {
    let (x, y) = data(20);
    let fit = Fit::epochs(1).verbose(0).callback(CSVLogger::new("/no/such/folder/log.csv"));
    match classifier().fit(&x, &y, fit) {
        Err(Error::Io { path, .. }) => assert_eq!(path.to_str(), Some("/no/such/folder/log.csv")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_schedule_sets_the_learning_rate_and_logs_it() {
    let (x, y) = data(20);
    let mut model = classifier();
    let scheduler = LearningRateScheduler::new(|epoch, rate| if epoch == 0 { rate } else { rate * 0.5 });
    let history = model.fit(&x, &y, Fit::epochs(3).verbose(0).callback(scheduler)).unwrap();
    assert_eq!(history.get("learning_rate"), [0.1f32, 0.05, 0.025].map(f64::from));
    assert_eq!(model.optimizer().learning_rate(), 0.025);
}

#[test]
fn the_learning_rate_falls_on_a_plateau() {
    let (x, y) = data(20);
    let rates = |reduce: ReduceLROnPlateau| {
        // No change is large enough, so only the first epoch is an improvement.
        let fit = Fit::epochs(6).verbose(0).callback(reduce.factor(0.5).min_delta(100.0));
        classifier().fit(&x, &y, fit).unwrap().get("learning_rate").iter().map(|r| r * 10.0).collect::<Vec<_>>()
    };
    let near = |found: Vec<f64>, expected: [f64; 6]| {
        assert!(found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-6), "{found:?}");
    };
    near(rates(ReduceLROnPlateau::new("loss").patience(2)), [1.0, 1.0, 1.0, 0.5, 0.5, 0.25]);
    near(rates(ReduceLROnPlateau::new("loss").patience(1).cooldown(2)), [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]);
    near(rates(ReduceLROnPlateau::new("loss").patience(1).min_lr(0.04)), [1.0, 1.0, 0.5, 0.4, 0.4, 0.4]);
    let fit = Fit::epochs(1).verbose(0).callback(ReduceLROnPlateau::new("loss").factor(1.0));
    assert!(classifier().fit(&x, &y, fit).unwrap_err().to_string().starts_with("factor = 1"));
}

#[test]
fn closures_are_called() {
    let (x, y) = data(20);
    let (mut begun, mut losses, mut end) = (0, Vec::new(), None);
    let callback = LambdaCallback::new()
        .on_epoch_begin(|_| begun += 1)
        .on_epoch_end(|epoch, logs| losses.push((epoch, logs["loss"])))
        .on_train_end(|logs| end = Some(logs["loss"]));
    let history = classifier().fit(&x, &y, Fit::epochs(2).verbose(0).callback(callback)).unwrap();
    assert_eq!(begun, 2);
    assert_eq!(losses.iter().map(|l| l.1).collect::<Vec<_>>(), history.get("loss"));
    assert_eq!(end, history.last("loss"));
}
