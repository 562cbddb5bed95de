//! Callbacks of closures.

use super::{Callback, Logs, Training};
use crate::Result;

/// Each hook: its name, what the closure is given, what it means.
macro_rules! lambda {
    ($($hook:ident ($($name:ident: $given:ty => $argument:ty),*) $doc:literal;)*) => {
        /// A callback that is made of closures, one for each hook that matters. Epochs and batches count from 0.
        ///
        /// ```
        /// use keras_runtime::callback::LambdaCallback;
        /// let mut best = f64::INFINITY;
        /// let callback = LambdaCallback::new().on_epoch_end(|_, logs| best = best.min(logs["loss"]));
        /// ```
        #[derive(Default)]
        pub struct LambdaCallback<'a> {
            $($hook: Option<Box<dyn FnMut($($argument),*) + 'a>>,)*
        }

        impl<'a> LambdaCallback<'a> {
            /// One that does nothing.
            #[must_use]
            pub fn new() -> LambdaCallback<'a> {
                LambdaCallback::default()
            }

            $(
                #[doc = $doc]
                #[must_use]
                pub fn $hook(mut self, hook: impl FnMut($($argument),*) + 'a) -> Self {
                    self.$hook = Some(Box::new(hook));
                    self
                }
            )*
        }

        impl Callback for LambdaCallback<'_> {
            $(fn $hook(&mut self, _: &mut Training<'_>, $($name: $given),*) -> Result<()> {
                if let Some(hook) = &mut self.$hook {
                    hook($($name),*);
                }
                Ok(())
            })*

            fn wants_batch_logs(&self) -> bool {
                self.on_train_batch_end.is_some() || self.on_test_batch_end.is_some()
            }
        }
    };
}

lambda! {
    on_train_begin() "Before the first epoch.";
    on_train_end(logs: &Logs => &Logs) "After the last epoch, with its logs.";
    on_epoch_begin(epoch: usize => usize) "Before an epoch.";
    on_epoch_end(epoch: usize => usize, logs: &mut Logs => &Logs) "After an epoch and its validation, with the logs.";
    on_train_batch_begin(batch: usize => usize) "Before a batch of training.";
    on_train_batch_end(batch: usize => usize, logs: &Logs => &Logs) "After a batch of training, with the logs of the epoch so far.";
    on_test_begin() "Before `evaluate`, and before the validation of an epoch.";
    on_test_end(logs: &Logs => &Logs) "After `evaluate`, and after the validation of an epoch.";
    on_test_batch_begin(batch: usize => usize) "Before a batch of `evaluate`.";
    on_test_batch_end(batch: usize => usize, logs: &Logs => &Logs) "After a batch of `evaluate`, with the logs so far.";
    on_predict_begin() "Before `predict_with`.";
    on_predict_end() "After `predict_with`.";
    on_predict_batch_begin(batch: usize => usize) "Before a batch of `predict_with`.";
    on_predict_batch_end(batch: usize => usize) "After a batch of `predict_with`.";
}
