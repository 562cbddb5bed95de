//! What a batch or an epoch comes to.

use std::fmt;

use super::objectives::{Kind, Objectives};
use crate::callback::Logs;
use crate::model::Graph;
use crate::progress::figure;

/// The loss and the metrics by name, the loss first.
///
/// A model of several outputs has the loss of each, `<output>_loss`, behind the loss of all; then come the metrics, and
/// the weighted metrics.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    pub(crate) names: Vec<String>,
    pub(crate) values: Vec<f64>,
}

impl Scores {
    /// The loss, with its penalties on weights and activities.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.values.first().copied().unwrap_or(f64::NAN)
    }

    /// The figure of this name: `accuracy`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.names.iter().position(|n| n == name).map(|i| self.values[i])
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.names.iter().map(String::as_str).zip(self.values.iter().copied())
    }
}

/// `loss: 0.0722 - accuracy: 0.9790`
impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, value)) in self.iter().enumerate() {
            write!(f, "{}{name}: {}", if i > 0 { " - " } else { "" }, figure(value, value.abs()))?;
        }
        Ok(())
    }
}

/// Scores that are being collected.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    scores: Scores,
    larger_is_better: Vec<Option<bool>>,
    /// Indices of the scores in the order of their names.
    sorted: Vec<usize>,
    /// Sums over the rows so far: of the loss, then of the loss of each output.
    sums: Vec<f64>,
    rows: f64,
}

impl Tally {
    /// Finds out the names of all scores.
    pub(crate) fn name(&mut self, graph: &Graph, objectives: &dyn Objectives) {
        let count = objectives.losses();
        let output = |i: usize| graph.outputs[i].name;
        let several = count > 1;
        let mut names = Names { taken: vec!["loss".into()], larger: vec![Some(false)] };
        if several {
            (0..count).for_each(|i| names.add(format!("{}_loss", output(i)), Some(false)));
        }
        let prefix = |i: usize| if several { format!("{}_", output(i)) } else { String::new() };
        for (kind, i, j) in metrics(objectives) {
            let own = objectives.name(kind, i, j);
            let mut name = prefix(i) + own;
            if kind == Kind::Weighted && names.taken.contains(&name) {
                name = format!("{}weighted_{own}", prefix(i));
            }
            names.add(name, objectives.larger_is_better(kind, i, j));
        }
        self.sorted = (0..names.taken.len()).collect();
        self.sorted.sort_by(|&a, &b| names.taken[a].cmp(&names.taken[b]));
        self.sums = vec![0.0; 1 + count];
        self.scores.values = vec![0.0; names.taken.len()];
        self.scores.names = names.taken;
        self.larger_is_better = names.larger;
    }

    /// Whether the names are known.
    pub(crate) fn is_named(&self) -> bool {
        !self.scores.names.is_empty()
    }

    /// Begins anew.
    pub(crate) fn reset(&mut self) {
        self.sums.fill(0.0);
        self.rows = 0.0;
    }

    /// Takes the loss of a batch into account.
    pub(crate) fn add(&mut self, rows: usize, loss: f64, of_outputs: &[f64]) {
        self.rows += rows as f64;
        for (sum, loss) in self.sums.iter_mut().zip([&loss].into_iter().chain(of_outputs)) {
            *sum += loss * rows as f64;
        }
    }

    /// Takes over sums over all rows since the last reset: how many rows, the loss, and the loss of each output.
    #[cfg(feature = "cuda")]
    pub(crate) fn set(&mut self, (rows, loss): (f64, f64), outputs: impl Iterator<Item = f64>) {
        self.rows = rows;
        self.sums.iter_mut().zip([loss].into_iter().chain(outputs)).for_each(|(sum, to)| *sum = to);
    }

    /// Works out the scores of all that came since the last reset.
    pub(crate) fn collect(&mut self, objectives: &dyn Objectives) {
        let count = objectives.losses();
        let losses = if count > 1 { 1 + count } else { 1 };
        let (of_losses, of_metrics) = self.scores.values.split_at_mut(losses);
        for (value, sum) in of_losses.iter_mut().zip(&self.sums) {
            *value = if self.rows > 0.0 { sum / self.rows } else { 0.0 };
        }
        for (value, (kind, i, j)) in of_metrics.iter_mut().zip(metrics(objectives)) {
            *value = objectives.result(kind, i, j);
        }
    }

    /// What [`Tally::collect`] worked out last.
    pub(crate) fn scores(&self) -> &Scores {
        &self.scores
    }

    /// The scores in the order of their names.
    pub(crate) fn sorted(&self) -> impl Iterator<Item = (&str, f64)> {
        self.sorted.iter().map(|&i| (self.scores.names[i].as_str(), self.scores.values[i]))
    }

    /// The scores as logs.
    pub(crate) fn logs(&self) -> Logs {
        self.sorted().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Brings logs that [`Tally::logs`] made up to date.
    pub(crate) fn refresh(&self, logs: &mut Logs) {
        logs.values_mut().zip(self.sorted()).for_each(|(log, (_, value))| *log = value);
    }

    /// Whether larger is better for the score of this name.
    pub(crate) fn larger_is_better(&self, name: &str) -> Option<bool> {
        let i = self.scores.names.iter().position(|n| n == name)?;
        self.larger_is_better[i]
    }
}

/// All metrics in the order of their scores: kind, output, place among the output's.
fn metrics(objectives: &dyn Objectives) -> impl Iterator<Item = (Kind, usize, usize)> {
    let of_kind = move |kind| (0..objectives.losses()).map(move |i| (kind, i));
    [Kind::Plain, Kind::Weighted]
        .into_iter()
        .flat_map(of_kind)
        .flat_map(|(kind, i)| (0..objectives.metrics(kind, i)).map(move |j| (kind, i, j)))
}

/// Names that are all different.
struct Names {
    taken: Vec<String>,
    larger: Vec<Option<bool>>,
}

impl Names {
    /// Adds a name, as Keras does with `_1` where it is taken, and then `_2`.
    fn add(&mut self, name: String, larger_is_better: Option<bool>) {
        let mut unique = name.clone();
        let mut count = 0;
        while self.taken.contains(&unique) {
            count += 1;
            unique = format!("{name}_{count}");
        }
        self.taken.push(unique);
        self.larger.push(larger_is_better);
    }
}
