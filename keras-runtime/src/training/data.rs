//! Inputs, targets and sample weights that belong together, and their batches.

use std::ops::Range;

use keras_kernels::philox::{Key, Philox};

use super::TargetSet;
use super::measure::positions;
use super::targets;
use crate::model::{Graph, Samples, Uneven};
use crate::{Error, Result};

/// Inputs, targets and sample weights of one length.
pub(crate) struct Data<'a, X: Samples, T: Samples> {
    pub(crate) x: X::Batch<'a>,
    pub(crate) y: T::Batch<'a>,
    pub(crate) weights: Option<&'a [f32]>,
    pub(crate) rows: usize,
}

impl<X: Samples, T: Samples> Clone for Data<'_, X, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<X: Samples, T: Samples> Copy for Data<'_, X, T> {}

/// How many rows the inputs have.
pub(crate) fn rows<X: Samples>(call: &'static str, graph: &Graph, x: X::Batch<'_>) -> Result<usize> {
    let rows = X::rows(x).map_err(|Uneven { index, expected, found }| {
        let name = graph.inputs.get(index).map_or("?", |input| input.name);
        Error::Rows { what: format!("{call}: input `{name}`"), expected, found }
    })?;
    if rows == 0 { Err(Error::Empty { what: call }) } else { Ok(rows) }
}

/// Checks that a batch has as many rows as another.
pub(crate) fn check_rows<S: Samples>(what: &str, batch: S::Batch<'_>, expected: usize) -> Result<()> {
    let found = match S::rows(batch) {
        Ok(found) if found == expected => return Ok(()),
        Ok(found) | Err(Uneven { found, .. }) => found,
    };
    Err(Error::Rows { what: what.to_owned(), expected, found })
}

impl<'a, X: Samples, T: TargetSet> Data<'a, X, T> {
    /// Checks the lengths; `call` is what the user called.
    pub(crate) fn new(
        call: &'static str,
        graph: &Graph,
        x: X::Batch<'a>,
        y: T::Batch<'a>,
        weights: Option<&'a [f32]>,
    ) -> Result<Data<'a, X, T>> {
        let rows = rows::<X>(call, graph, x)?;
        // The names are put together only for an error: a training step allocates nothing.
        let of = |what: std::fmt::Arguments<'_>, found: usize| match found == rows {
            true => Ok(()),
            false => Err(Error::Rows { what: format!("{call}: {what}"), expected: rows, found }),
        };
        match T::rows(y) {
            Ok(found) => of(format_args!("targets"), found)?,
            Err(Uneven { index, expected, found }) => {
                of(format_args!("targets 0"), expected)?;
                of(format_args!("targets {index}"), found)?;
            }
        }
        if let Some(weights) = weights {
            of(format_args!("sample_weight"), weights.len())?;
        }
        Ok(Data { x, y, weights, rows })
    }

    /// Goes through all class labels, so that none is found wrong when training has begun.
    pub(crate) fn check_labels(&self, graph: &Graph) -> Result<()> {
        for (i, output) in graph.outputs.iter().enumerate() {
            targets::check::<T>(self.y, self.rows, i, positions(graph, output.value).0)?;
        }
        Ok(())
    }

    /// Some of the rows.
    pub(crate) fn slice<'b>(&self, rows: Range<usize>) -> Data<'b, X, T>
    where
        'a: 'b,
    {
        Data {
            x: X::slice(self.x, rows.clone()),
            y: T::slice(self.y, rows.clone()),
            weights: self.weights.map(|w| &w[rows.clone()]),
            rows: rows.len(),
        }
    }
}

/// Data in batches of one size, the last of which may be smaller.
pub(crate) struct Batches<'a, X: Samples, T: Samples> {
    data: Data<'a, X, T>,
    batch_size: usize,
    /// The order of the rows, if it is not that of the data.
    order: Vec<u32>,
    x: X::Vecs,
    y: T::Vecs,
    weights: Vec<f32>,
}

/// The random sequence of the order of samples; layers count theirs from 0.
const SHUFFLE: u32 = u32::MAX - 1;

impl<'a, X: Samples, T: TargetSet> Batches<'a, X, T> {
    pub(crate) fn new(data: Data<'a, X, T>, batch_size: usize) -> Result<Batches<'a, X, T>> {
        if batch_size == 0 {
            return Err(Error::Argument {
                argument: "batch_size",
                value: "0".into(),
                reason: "give at least 1; 32 is usual".into(),
            });
        }
        let (x, y) = (X::Vecs::default(), T::Vecs::default());
        Ok(Batches { data, batch_size, order: Vec::new(), x, y, weights: Vec::new() })
    }

    /// How many batches there are.
    pub(crate) fn len(&self) -> usize {
        self.data.rows.div_ceil(self.batch_size)
    }

    /// Puts the rows in the random order of an epoch, which depends on the seed and the epoch alone.
    pub(crate) fn shuffle(&mut self, seed: u64, epoch: usize) -> Result<()> {
        let Ok(rows) = u32::try_from(self.data.rows) else {
            return Err(Error::Argument {
                argument: "shuffle",
                value: "true".into(),
                reason: format!("{} samples are too many; {} can be shuffled", self.data.rows, u32::MAX),
            });
        };
        self.order.clear();
        self.order.extend(0..rows);
        Philox::new(Key { seed, step: epoch as u64, stream: SHUFFLE }).shuffle(&mut self.order);
        Ok(())
    }

    /// Batch number `i`.
    pub(crate) fn get(&mut self, i: usize) -> Data<'_, X, T> {
        let rows = i * self.batch_size..self.data.rows.min((i + 1) * self.batch_size);
        if self.order.is_empty() {
            return self.data.slice(rows);
        }
        let order = &self.order[rows];
        let weights = self.data.weights.map(|weights| {
            self.weights.clear();
            self.weights.extend(order.iter().map(|&row| weights[row as usize]));
            &self.weights[..]
        });
        Data {
            x: X::gather(self.data.x, order, &mut self.x),
            y: T::gather(self.data.y, order, &mut self.y),
            weights,
            rows: order.len(),
        }
    }
}
