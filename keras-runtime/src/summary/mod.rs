//! A model as a table, in the layout of Keras's `model.summary()`.

mod order;
mod table;

use core::fmt::Write;

use self::order::Row;
use crate::model::Graph;
use crate::optimizer::{LossScale, Optimizer, SCALARS};

/// What a summary shows.
#[derive(Clone, Copy, Default)]
pub struct Summary<'a> {
    line_length: Option<usize>,
    show_trainable: bool,
    frozen: Option<&'a [bool]>,
    optimizer: Option<&'a dyn Optimizer>,
    loss_scale: Option<&'a LossScale>,
}

impl<'a> Summary<'a> {
    /// The table as it is unless something else is asked for.
    #[must_use]
    pub fn new() -> Summary<'a> {
        Summary::default()
    }

    /// The width of the table in characters, at least 50; 88 unless given, or 108 where there is a column of connections,
    /// and 12 more with [`Summary::show_trainable`].
    #[must_use]
    pub fn line_length(mut self, line_length: usize) -> Summary<'a> {
        self.line_length = Some(line_length);
        self
    }

    /// Whether a column tells which layers are trained: `Y`, `N`, or `-` for a layer without weights.
    #[must_use]
    pub fn show_trainable(mut self, show_trainable: bool) -> Summary<'a> {
        self.show_trainable = show_trainable;
        self
    }

    /// Which parameters are not trained at present; unless given, those of layers that were declared so.
    #[must_use]
    pub fn frozen(mut self, frozen: &'a [bool]) -> Summary<'a> {
        self.frozen = Some(frozen);
        self
    }

    /// The optimizer whose state is counted.
    #[must_use]
    pub fn optimizer(mut self, optimizer: &'a dyn Optimizer) -> Summary<'a> {
        self.optimizer = Some(optimizer);
        self
    }

    /// What the loss is multiplied by, if the optimizer does not know of it: its state is counted with the optimizer's.
    pub(crate) fn loss_scale(mut self, loss_scale: Option<&'a LossScale>) -> Summary<'a> {
        self.loss_scale = loss_scale;
        self
    }

    fn is_trained(&self, graph: &Graph, param: usize) -> bool {
        let trained = match self.frozen {
            Some(frozen) => frozen.get(param) != Some(&true),
            None => graph.is_trainable(graph.params[param].layer),
        };
        trained && graph.params[param].trainable
    }

    /// What the column `Trainable` says of a layer.
    fn trainable(&self, graph: &Graph, layer: Option<usize>) -> &'static str {
        let within = |i: &usize| layer.is_some_and(|layer| graph.is_within(graph.params[*i].layer, layer));
        let params = || (0..graph.params.len()).filter(within);
        let trained = match self.frozen {
            // A layer of state alone cannot be frozen.
            Some(frozen) => {
                let weights = || params().filter(|&i| graph.params[i].trainable);
                weights().next().is_none() || weights().any(|i| frozen.get(i) != Some(&true))
            }
            None => layer.is_some_and(|layer| graph.is_trainable(layer)),
        };
        match (params().next(), trained) {
            (None, _) => "-",
            (_, true) => "Y",
            (_, false) => "N",
        }
    }
}

/// The summary of a model, with a line break at its end.
#[must_use]
pub fn text(graph: &Graph, options: &Summary<'_>) -> String {
    let rows = order::rows(graph);
    let mut header = vec!["Layer (type)", "Output Shape", "Param #"];
    let (mut length, mut positions) = (88, vec![0.45, 0.8, 1.0]);
    if rows.connected {
        header.push("Connected to");
        (length, positions) = (108, vec![0.3, 0.56, 0.74, 1.0]);
    }
    if options.show_trainable {
        header.push("Trainable");
        length += 12;
        positions.iter_mut().for_each(|p| *p *= 0.9);
        positions.push(1.0);
    }
    let cells = |row: &Row| {
        let mut cells = vec![row.name.clone(), row.shape.clone(), thousands(row.params)];
        cells.extend(rows.connected.then(|| row.connections.clone()));
        cells.extend(options.show_trainable.then(|| options.trainable(graph, row.layer).to_owned()));
        cells
    };
    let cells: Vec<_> = rows.rows.iter().map(cells).collect();

    let mut text = format!("Model: \"{}\"\n", graph.name);
    table::draw(&mut text, &header, &positions, options.line_length.unwrap_or(length).max(50), &cells);
    let count = |trained: bool| {
        let counted = (0..graph.params.len()).filter(|&i| options.is_trained(graph, i) == trained);
        counted.map(|i| graph.params[i].shape.iter().product::<usize>()).sum::<usize>()
    };
    let (trained, others) = (count(true), count(false));
    let follows = options.loss_scale.is_some_and(LossScale::is_dynamic);
    let of_scale = if follows { SCALARS } else { 0 };
    let state = options.optimizer.map(|optimizer| optimizer.slots() * trained + optimizer.scalars() + of_scale);
    let mut line = |what: &str, n: usize| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, " {what}: {} ({})", thousands(n), bytes(4 * n));
    };
    line("Total params", trained + others + state.unwrap_or(0));
    line("Trainable params", trained);
    line("Non-trainable params", others);
    if let Some(state) = state {
        line("Optimizer params", state);
    }
    text
}

/// `1234567` as `1,234,567`.
fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `3000` as `2.93 KB`.
fn bytes(n: usize) -> String {
    let mut size = n as f64;
    let units = ["B", "KB", "MB", "GB", "TB", "PB"];
    for unit in units {
        if size < 1024.0 {
            return format!("{size:.2} {unit}");
        }
        size /= 1024.0;
    }
    format!("{size:.2} PB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!([0, 999, 1000, 25_600_000].map(thousands), ["0", "999", "1,000", "25,600,000"].map(str::to_owned));
        assert_eq!(
            [0, 1023, 1024, 5 << 20].map(bytes),
            ["0.00 B", "1023.00 B", "1.00 KB", "5.00 MB"].map(str::to_owned)
        );
    }
}
