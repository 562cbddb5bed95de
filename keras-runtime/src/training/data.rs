//! Rows and their weights that belong together, and their batches.

use std::ops::Range;

use keras_kernels::philox::{Key, Philox};

use super::feed::{Set, Steps};
use super::measure::positions;
use crate::model::{Graph, Uneven};
use crate::target::Targets;
use crate::{Error, Result};

/// Some of the rows that were given to `fit` or `evaluate`, or of those to validate with.
#[derive(Clone, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) set: Set,
    pub(crate) rows: Range<usize>,
    /// The weights of all samples of the set.
    pub(crate) weights: Option<&'a [f32]>,
}

/// How many rows the inputs have, where [`Samples::rows`](crate::Samples::rows) found so many.
pub(crate) fn rows(call: &'static str, graph: &Graph, found: Result<usize, Uneven>) -> Result<usize> {
    let rows = found.map_err(|Uneven { index, expected, found }| {
        let name = graph.inputs.get(index).map_or("?", |input| input.name);
        Error::Rows { what: format!("{call}: input `{name}`"), expected, found }
    })?;
    if rows == 0 { Err(Error::Empty { what: call }) } else { Ok(rows) }
}

/// Checks that a batch has as many rows as another.
pub(crate) fn check_rows(what: &str, found: Result<usize, Uneven>, expected: usize) -> Result<()> {
    let found = match found {
        Ok(found) if found == expected => return Ok(()),
        Ok(found) | Err(Uneven { found, .. }) => found,
    };
    Err(Error::Rows { what: what.to_owned(), expected, found })
}

impl<'a> Part<'a> {
    /// A whole set, whose lengths are checked; `call` is what the user called.
    pub(crate) fn new(
        call: &'static str,
        graph: &Graph,
        steps: &dyn Steps,
        set: Set,
        weights: Option<&'a [f32]>,
    ) -> Result<Part<'a>> {
        let [x, y] = steps.rows(set);
        let rows = rows(call, graph, x)?;
        // The names are put together only for an error: a training step allocates nothing.
        let of = |what: std::fmt::Arguments<'_>, found: usize| match found == rows {
            true => Ok(()),
            false => Err(Error::Rows { what: format!("{call}: {what}"), expected: rows, found }),
        };
        match y {
            Ok(found) => of(format_args!("targets"), found)?,
            Err(Uneven { index, expected, found }) => {
                of(format_args!("targets 0"), expected)?;
                of(format_args!("targets {index}"), found)?;
            }
        }
        if let Some(weights) = weights {
            of(format_args!("sample_weight"), weights.len())?;
        }
        Ok(Part { set, rows: 0..rows, weights })
    }

    /// Goes through all class labels, so that none is found wrong when training has begun.
    pub(crate) fn check_labels(&self, graph: &Graph, steps: &mut dyn Steps) -> Result<()> {
        const CHUNK: usize = 4096;
        let mut staging = Vec::new();
        for (i, output) in graph.outputs.iter().enumerate() {
            let classes = positions(graph, output.value).0;
            for first in self.rows.clone().step_by(CHUNK) {
                let rows = first..self.rows.end.min(first + CHUNK);
                steps.choose(self.set, rows.clone());
                if let Targets::Dense(_) = steps.targets(i, &mut staging, classes, 0..rows.len())? {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// Data in batches of one size, the last of which may be smaller.
pub(crate) struct Batches<'a> {
    part: Part<'a>,
    batch_size: usize,
    /// The order of the rows, if it is not that of the data.
    order: Vec<u32>,
    weights: Vec<f32>,
    /// Where the data are on a device.
    #[cfg(feature = "cuda")]
    pub(crate) on_device: crate::device::Data,
}

/// The random sequence of the order of samples; layers count theirs from 0.
const SHUFFLE: u32 = u32::MAX - 1;

impl<'a> Batches<'a> {
    pub(crate) fn new(part: Part<'a>, batch_size: usize) -> Result<Batches<'a>> {
        if batch_size == 0 {
            return Err(Error::Argument {
                argument: "batch_size",
                value: "0".into(),
                reason: "give at least 1; 32 is usual".into(),
            });
        }
        Ok(Batches {
            part,
            batch_size,
            order: Vec::new(),
            weights: Vec::new(),
            #[cfg(feature = "cuda")]
            on_device: crate::device::Data::Given,
        })
    }

    /// How many batches there are.
    pub(crate) fn len(&self) -> usize {
        self.part.rows.len().div_ceil(self.batch_size)
    }

    /// Puts the rows in the random order of an epoch, which depends on the seed and the epoch alone. They are rows of the
    /// given data, from the first on.
    pub(crate) fn shuffle(&mut self, seed: u64, epoch: usize) -> Result<()> {
        let Ok(rows) = u32::try_from(self.part.rows.len()) else {
            return Err(Error::Argument {
                argument: "shuffle",
                value: "true".into(),
                reason: format!("{} samples are too many; {} can be shuffled", self.part.rows.len(), u32::MAX),
            });
        };
        self.order.clear();
        self.order.extend(0..rows);
        Philox::new(Key { seed, step: epoch as u64, stream: SHUFFLE }).shuffle(&mut self.order);
        Ok(())
    }

    /// The rows of batch number `i`, counted from the first row of the part.
    #[cfg(feature = "cuda")]
    pub(crate) fn order(&self, i: usize) -> impl ExactSizeIterator<Item = u32> {
        let first = i * self.batch_size;
        let rows = first..self.part.rows.len().min(first + self.batch_size);
        rows.map(|row| self.order.get(row).map_or(row as u32, |row| *row))
    }

    /// The data, and how many rows of them a batch has at most.
    #[cfg(feature = "cuda")]
    pub(crate) fn part(&self) -> (&Part<'a>, usize) {
        (&self.part, self.batch_size.min(self.part.rows.len()))
    }

    /// Makes batch number `i` the batch; gives its number of rows and their weights.
    pub(crate) fn choose(&mut self, i: usize, steps: &mut dyn Steps) -> (usize, Option<&[f32]>) {
        let Range { start, end } = self.part.rows;
        let first = start + i * self.batch_size;
        let rows = first..end.min(first + self.batch_size);
        if self.order.is_empty() {
            steps.choose(self.part.set, rows.clone());
            return (rows.len(), self.part.weights.map(|weights| &weights[rows]));
        }
        let order = &self.order[rows];
        steps.gather(order);
        let weights = self.part.weights.map(|weights| {
            self.weights.clear();
            self.weights.extend(order.iter().map(|&row| weights[row as usize]));
            &self.weights[..]
        });
        (order.len(), weights)
    }
}
