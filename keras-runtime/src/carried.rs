//! The states of stateful layers, from batch to batch.

use crate::model::Graph;
use crate::{Error, Result};

/// What stateful layers keep of each row of a batch for the same row of the next one. It is 0 before the first batch, whose
/// number of rows all batches have then, until [`Carried::reset_state`].
///
/// It belongs to who runs a model and not to the model: a compiled model has one, as have a
/// [`Session`](crate::Session) and a [`GradientTape`](crate::GradientTape). It is not saved with the weights.
#[derive(Debug, Default)]
pub struct Carried {
    floats: Vec<f32>,
    /// Rows of the batches; 0 before the first.
    rows: usize,
}

impl Carried {
    /// Forgets all states: they are 0 again, and the next batch may be of another size.
    pub fn reset_state(&mut self) {
        self.rows = 0;
    }

    /// The states for a batch of so many rows, `graph.carried` floats for each.
    pub(crate) fn batch(&mut self, what: &'static str, graph: &Graph, rows: usize) -> Result<&mut [f32]> {
        if graph.carried == 0 {
            return Ok(&mut []);
        }
        if self.rows == 0 {
            self.floats.clear();
            self.floats.resize(rows * graph.carried, 0.0);
            self.rows = rows;
        }
        match self.rows {
            expected if expected == rows => Ok(&mut self.floats),
            expected => Err(Error::BatchSize { what, expected, found: rows }),
        }
    }

    /// Whether there are none, since the beginning or since they were forgotten.
    #[cfg(feature = "cuda")]
    pub(crate) fn is_reset(&self) -> bool {
        self.rows == 0
    }

    /// All states that there are.
    #[cfg(feature = "cuda")]
    pub(crate) fn all_mut(&mut self) -> &mut [f32] {
        if self.is_reset() { &mut [] } else { &mut self.floats }
    }

    /// Whether `rows` samples can be taken in batches of `batch_size`: where layers are stateful, the last batch must be as
    /// large as the others, and all as large as those before, which were of `before` samples if these states are of none. How
    /// many samples a batch has.
    pub(crate) fn check(
        &self,
        what: &'static str,
        graph: &Graph,
        (rows, batch_size): (usize, usize),
        before: Option<usize>,
    ) -> Result<Option<usize>> {
        if graph.carried == 0 || batch_size == 0 {
            return Ok(None);
        }
        let (found, last) = (rows.min(batch_size), rows % batch_size);
        if rows > batch_size && last > 0 {
            let reason = format!(
                "{what}: stateful layers need batches of one size, and {rows} samples leave a last one of {last}; leave those \
                 out, or choose a batch_size that divides {rows}"
            );
            return Err(Error::Argument { argument: "batch_size", value: batch_size.to_string(), reason });
        }
        let expected = if self.rows > 0 { Some(self.rows) } else { before };
        match expected {
            Some(expected) if expected != found => Err(Error::BatchSize { what, expected, found }),
            _ => Ok(Some(found)),
        }
    }
}

/// Refuses a model with states where there is no place for them.
pub(crate) fn stateless(what: &'static str, graph: &Graph) -> Result<()> {
    if graph.carried == 0 { Ok(()) } else { Err(Error::Stateful { what }) }
}
