//! How many threads a step is shared out to.

use std::ops::Range;

use keras_kernels::memory::{Rows, Values};
use keras_kernels::threads::{self, Team};

use crate::model::graph::Graph;
use crate::model::shares::{block, cost, cuts};
use crate::{Error, Result};

/// Floating-point operations of a training step that are worth another thread: some 50 µs.
const WORTH: f64 = 8e6;

/// How many rows must have used a weight for it to be worth another thread. A weight that one thread has updated comes to
/// the others from its cache, line by line, which takes longer than the arithmetic of few rows. Without this rule
/// `cargo bench --bench train_step` had two threads take 1.4 times as long as one with 32 rows, and 0.6 to 0.7 times with
/// 128.
const REUSE: f64 = 96.0;

/// The fewest rows that are worth another thread.
const ROWS: usize = 8;

/// The threads of a model that is trained.
#[derive(Debug)]
pub(crate) struct Threads {
    /// How many there may be.
    most: usize,
    /// There from the first step on that is worth it.
    team: Option<Team>,
    /// Thread `i` updates the weights from `cuts[i]` to `cuts[i + 1]`.
    cuts: Vec<usize>,
    /// Floating-point operations of a training step for each row.
    cost: f64,
    /// How many weights there are.
    weights: f64,
    /// How many rows a thread works on at once.
    block: usize,
}

impl Threads {
    /// As many as `KERAS_THREADS` says, or as there are cores.
    pub(crate) fn new(graph: &Graph) -> Result<Threads> {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let most = match std::env::var_os("KERAS_THREADS") {
            None => cores(),
            Some(asked) => match asked.to_str().and_then(|asked| asked.trim().parse().ok()) {
                Some(threads @ 1..=threads::MOST) => threads,
                _ => {
                    let asked = asked.to_string_lossy().into_owned();
                    return Err(Error::Threads { asked, cores: cores(), most: threads::MOST });
                }
            },
        };
        let weights = graph.params.iter().map(|param| param.shape.iter().product::<usize>() as f64).sum();
        Ok(Threads { most, team: None, cuts: Vec::new(), cost: cost(graph), weights, block: block(graph) })
    }

    /// Takes so many at the most from here on.
    pub(crate) fn limit(&mut self, most: usize) {
        (self.most, self.team) = (most.clamp(1, threads::MOST), None);
    }

    /// Takes so many rows at once from here on, if the model allows it.
    pub(crate) fn rows_at_once(&mut self, rows: usize) {
        if self.block < usize::MAX {
            self.block = rows.max(1);
        }
    }

    /// How many rows a thread works on at once; all of them if the loss of a batch can only be known from all.
    pub(crate) fn block(&self, whole: bool) -> usize {
        if whole { usize::MAX } else { self.block }
    }

    /// The team for a batch of so many rows; none if the work is too small to be shared out.
    pub(crate) fn team(&mut self, graph: &Graph, rows: usize) -> Result<Shared<'_>> {
        let work = rows as f64 * self.cost;
        let worth = if work < 6.0 * REUSE * self.weights { 1 } else { (work / WORTH) as usize };
        let threads = self.most.min(rows / ROWS).min(worth);
        if threads < 2 {
            return Ok(None);
        }
        // The last, smaller batch of an epoch makes no smaller team.
        if self.team.as_ref().is_none_or(|team| team.threads() < threads) {
            self.team = Some(Team::new(threads).map_err(Error::Spawn)?);
            self.cuts = cuts(graph, threads);
        }
        Ok(self.team.as_mut().map(|team| (team, &self.cuts[..])))
    }
}

/// A team, and what each of its threads updates; none where one thread does it all.
pub(crate) type Shared<'t> = Option<(&'t mut Team, &'t [usize])>;

/// How a batch of so many rows is worked on: round by round, in each of which every thread takes a block of rows through the
/// whole step. The rows of each round.
pub(crate) fn rounds(block: usize, threads: usize, rows: usize) -> impl Iterator<Item = Range<usize>> {
    let round = block.saturating_mul(threads);
    (0..rows.max(1)).step_by(round).map(move |first| first..rows.min(first.saturating_add(round)))
}

/// How many threads these are.
pub(crate) fn count(shared: &Shared<'_>) -> usize {
    shared.as_ref().map_or(1, |(team, _)| team.threads())
}

/// Has each of the threads work on some rows.
pub(crate) fn by_rows(values: &mut Values<'_>, shared: &mut Shared<'_>, work: &(dyn Fn(&mut Rows<'_>) + Sync)) {
    match shared {
        Some((team, _)) => values.by_rows(team, work),
        None => work(&mut values.rows()),
    }
}
