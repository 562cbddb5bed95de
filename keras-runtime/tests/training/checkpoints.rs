//! Models in files, while they are trained and after it.

use std::fs;
use std::path::Path;

use keras_kernels::memory::Block;
use keras_runtime::callback::{Callback, Logs, ModelCheckpoint, SaveFreq, Training};
use keras_runtime::optimizer::{Adam, Optimizer};
use keras_runtime::{Fit, ModelExt, Result};

use crate::{classifier, compiled, data};

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = entries.collect();
    names.sort();
    names
}

fn path(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().into()
}

#[test]
fn names_have_figures_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let (x, y) = data(20);
    let checkpoint = ModelCheckpoint::new(path(&folder, "a/{epoch:02d}-{val_accuracy:.0f}.safetensors"));
    let fit = Fit::epochs(2).validation_split(0.1).verbose(0).callback(checkpoint);
    let history = classifier().fit(&x, &y, fit).unwrap();
    let expected = (0..2).map(|e| format!("{:02}-{:.0}.safetensors", e + 1, history.get("val_accuracy")[e]));
    assert_eq!(names(&folder.path().join("a")), expected.collect::<Vec<_>>());
}

#[test]
fn batches_are_counted_across_epochs() {
    let folder = tempfile::tempdir().unwrap();
    let (x, y) = data(20);
    let checkpoint = ModelCheckpoint::new(path(&folder, "{epoch}-{batch}.safetensors")).save_freq(SaveFreq::Batches(3));
    // Five batches in an epoch.
    classifier().fit(&x, &y, Fit::epochs(2).batch_size(4).verbose(0).callback(checkpoint)).unwrap();
    assert_eq!(names(folder.path()), ["1-3.safetensors", "2-1.safetensors", "2-4.safetensors"]);
}

/// Puts figures of its own into the logs.
struct Figures(&'static [f64]);

impl Callback for Figures {
    fn on_epoch_end(&mut self, training: &mut Training<'_>, epoch: usize, logs: &mut Logs) -> Result<()> {
        logs.insert("val_loss".into(), self.0[epoch]);
        training.weights[0] = epoch as f32;
        Ok(())
    }
}

#[test]
fn the_best_model_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (x, y) = data(20);
    let best = |checkpoint: ModelCheckpoint| {
        let file = path(&folder, "best.safetensors");
        let _ = fs::remove_file(&file);
        let fit = Fit::epochs(4).verbose(0).callback(Figures(&[0.9, 0.5, 0.7, 0.6])).callback(checkpoint);
        classifier().fit(&x, &y, fit).unwrap();
        let mut model = classifier();
        model.load_weights(&file).map(|()| model.as_slice()[0]).ok()
    };
    let checkpoint = || ModelCheckpoint::new(path(&folder, "best.safetensors"));
    assert_eq!(best(checkpoint()), Some(3.0));
    assert_eq!(best(checkpoint().save_best_only(true)), Some(1.0));
    assert_eq!(best(checkpoint().save_best_only(true).initial_value_threshold(0.4)), None);
    assert_eq!(best(checkpoint().save_best_only(true).monitor("loss")), Some(3.0));
}

#[test]
fn a_training_goes_on_from_its_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let file = path(&folder, "after-{epoch}.safetensors");
    let (x, y) = data(30);
    let fit = || Fit::epochs(4).batch_size(4).verbose(0);
    let mut whole = compiled(Adam::new(0.01));
    whole.fit(&x, &y, fit().callback(ModelCheckpoint::new(&file))).unwrap();

    let mut resumed = compiled(Adam::new(0.5));
    resumed.load(file.replace("{epoch}", "2")).unwrap();
    assert_eq!(resumed.optimizer().learning_rate(), 0.01);
    resumed.fit(&x, &y, fit().initial_epoch(2)).unwrap();
    assert_eq!(resumed.as_slice(), whole.as_slice());

    // The same by hand.
    let by_hand = path(&folder, "by_hand.safetensors");
    whole.save(&by_hand).unwrap();
    let mut other = compiled(Adam::new(0.01));
    other.load(&by_hand).unwrap();
    assert_eq!(other.train_on_batch(&x, &y).unwrap(), whole.train_on_batch(&x, &y).unwrap());
    assert_eq!(other.as_slice(), whole.as_slice());
}

#[test]
fn mistakes_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (x, y) = data(20);
    let fails = |checkpoint: ModelCheckpoint| {
        let fit = Fit::epochs(1).verbose(0).callback(checkpoint);
        classifier().fit(&x, &y, fit).unwrap_err().to_string()
    };
    assert!(fails(ModelCheckpoint::new(path(&folder, "model.h5"))).contains("`.safetensors`"));
    let error = fails(ModelCheckpoint::new(path(&folder, "{val_loss}.safetensors")));
    assert!(error.contains("there is no `val_loss`; there are epoch, accuracy, loss"), "{error}");
    fs::write(folder.path().join("file"), "").unwrap();
    let error = fails(ModelCheckpoint::new(path(&folder, "file/model.safetensors")));
    assert!(error.contains("file"), "{error}");
    let error = fails(ModelCheckpoint::new(path(&folder, "a.safetensors")).save_freq(SaveFreq::Batches(0)));
    assert!(error.starts_with("save_freq = 0"), "{error}");

    // The state of another optimizer is no state of this one, and changes nothing.
    let file = path(&folder, "sgd.safetensors");
    classifier().save(&file).unwrap();
    let mut adam = compiled(Adam::new(0.25));
    let before = adam.as_slice().to_vec();
    assert!(adam.load(&file).is_err());
    assert_eq!((adam.as_slice(), adam.optimizer().learning_rate()), (&before[..], 0.25));
}

#[test]
#[cfg(unix)]
fn a_full_disk_is_an_error_that_names_the_file() {
    // Writing there fails as on a full disk.
    if Path::new("/dev/full").exists() {
        let (x, y) = data(20);
        let fit = Fit::epochs(1).verbose(0).callback(keras_runtime::callback::CSVLogger::new("/dev/full"));
        let error = classifier().fit(&x, &y, fit).unwrap_err().to_string();
        assert!(error.starts_with("/dev/full: "), "{error}");
    }
}
