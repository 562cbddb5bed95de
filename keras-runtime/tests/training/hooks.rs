//! The hooks of callbacks, in Keras's order and with its keys: tests/golden/hooks.txt.

use std::fmt::Write;

use keras_runtime::callback::{Callback, Logs, Training};
use keras_runtime::{Evaluate, Fit, Predicting, Result};

use crate::{classifier, data};

/// Writes down each hook with the keys of its logs.
#[derive(Default)]
struct Hooks(String);

impl Hooks {
    fn add(&mut self, hook: &str, number: Option<usize>, keys: &[&str]) -> Result<()> {
        let number = number.map_or(String::new(), |n| n.to_string());
        writeln!(self.0, "  {hook}({number}) [{}]", keys.join(", ")).map_err(keras_runtime::Error::other)
    }
}

fn keys(logs: &Logs) -> Vec<&str> {
    logs.keys().map(String::as_str).collect()
}

macro_rules! hooks {
    ($($hook:ident ($($argument:ident: $type:ty),*) $number:expr, $keys:expr;)*) => {
        impl Callback for Hooks {
            $(fn $hook(&mut self, _: &mut Training<'_>, $($argument: $type),*) -> Result<()> {
                self.add(stringify!($hook), $number, $keys)
            })*
        }
    };
}

hooks! {
    on_train_begin() None, &[];
    on_train_end(logs: &Logs) None, &keys(logs);
    on_epoch_begin(epoch: usize) Some(epoch), &[];
    on_epoch_end(epoch: usize, logs: &mut Logs) Some(epoch), &keys(logs);
    on_train_batch_begin(batch: usize) Some(batch), &[];
    on_train_batch_end(batch: usize, logs: &Logs) Some(batch), &keys(logs);
    on_test_begin() None, &[];
    on_test_end(logs: &Logs) None, &keys(logs);
    on_test_batch_begin(batch: usize) Some(batch), &[];
    on_test_batch_end(batch: usize, logs: &Logs) Some(batch), &keys(logs);
    on_predict_begin() None, &[];
    on_predict_end() None, &[];
    on_predict_batch_begin(batch: usize) Some(batch), &[];
    // Keras hands the outputs of the batch to this one.
    on_predict_batch_end(batch: usize) Some(batch), &["outputs"];
}

#[test]
fn hooks_come_in_the_order_of_keras() {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/hooks.txt");
    let golden = std::fs::read_to_string(golden).unwrap();
    let golden: Vec<&str> = golden.lines().filter(|line| line.starts_with("  ")).collect();

    let (x, y) = data(10);
    let mut model = classifier();
    let mut hooks = Hooks::default();
    let fit = Fit::epochs(2).batch_size(4).shuffle(false).validation_split(0.2).verbose(0);
    model.fit(&x, &y, fit.callback(&mut hooks)).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(4).shuffle(false).verbose(0).callback(&mut hooks)).unwrap();
    model.evaluate(&x, &y, Evaluate::batch_size(4).verbose(0).callback(&mut hooks)).unwrap();
    model.predict_with(&x, Predicting::batch_size(4).verbose(0).callback(&mut hooks)).unwrap();
    assert_eq!(hooks.0.lines().collect::<Vec<_>>(), golden);
}
