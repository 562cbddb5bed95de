//! What `fit` gives back.

use std::collections::BTreeMap;

use crate::callback::Logs;

/// The logs of each epoch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The epochs, counted from 0.
    pub epoch: Vec<usize>,
    /// For each figure (`loss`, `accuracy`, `val_loss`) its values; one that an epoch did not have (with a
    /// `validation_freq` above 1, say) has fewer than there are epochs.
    pub history: BTreeMap<String, Vec<f64>>,
}

impl History {
    /// The values of a figure, one for each epoch that had it; none for an unknown name.
    ///
    /// ```
    /// assert!(keras_runtime::History::default().get("loss").is_empty());
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> &[f64] {
        self.history.get(name).map_or(&[], Vec::as_slice)
    }

    /// The value of a figure in the last epoch that had it.
    #[must_use]
    pub fn last(&self, name: &str) -> Option<f64> {
        self.get(name).last().copied()
    }

    pub(crate) fn add(&mut self, epoch: usize, logs: &Logs) {
        self.epoch.push(epoch);
        for (name, &value) in logs {
            match self.history.get_mut(name) {
                Some(values) => values.push(value),
                None => drop(self.history.insert(name.clone(), vec![value])),
            }
        }
    }
}
