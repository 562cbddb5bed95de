//! Steps on a device: what a call of `fit` or the like uploads, queues and brings back.

use std::ops::Range;

use super::data::{Batches, Part};
use super::feed::Steps;
use super::objectives::{Kind, Objectives};
use super::run::Run;
use crate::compile::Memory;
use crate::device::{Control, Data, Goal, Room, Row, Run as Kernel, Session, Wanted, What};
use crate::metric::Mean;
use crate::model::Graph;
use crate::optimizer::LossScale;
use crate::target::Targets;
use crate::training::measure::positions;
use crate::{Error, Result};

impl Run<'_> {
    /// Whether the model is on a device.
    pub(crate) fn is_on_device(&self) -> bool {
        self.memory.device.is_some()
    }

    /// Does something with the device, if the model is on one.
    fn with_device(&mut self, work: impl FnOnce(&mut Self, &mut Session) -> Result<()>) -> Result<()> {
        let Some(mut session) = self.memory.device.take() else { return Ok(()) };
        let result = work(self, &mut session);
        self.memory.device = Some(session);
        result
    }

    /// Gets ready for a call, of data to train on or to evaluate, and of those to validate with if there are any. They are uploaded if
    /// they fit. Unless it trains, nobody asks whether the device knows the optimizer.
    pub(crate) fn begin_on_device(
        &mut self,
        given: &mut Batches<'_>,
        mut validation: Option<&mut Batches<'_>>,
        train: bool,
    ) -> Result<()> {
        self.with_device(|run, session| {
            if let Some(validation) = &mut validation {
                validation.on_device = Data::Validation;
            }
            let sets: Vec<&Batches<'_>> = [Some(&*given), validation.as_deref()].into_iter().flatten().collect();
            let wanted = sets.iter().map(|batches| run.wanted(batches)).collect::<Result<Vec<_>>>()?;
            let goals = goals(run.graph, run.objectives, &run.measure.loss_weights, &wanted[0].row, session)?;
            let mut update =
                train.then(|| run.optimizer.device_update()).transpose().map_err(|what| session.refuse(&what))?;
            if let Some(update) = &mut update {
                update.loss_scale = run.memory.loss_scale.as_ref().map(LossScale::scaling);
            }
            let weights = run.steps.weights().len();
            run.memory.grow(weights, run.optimizer.slots());
            session.touch();
            let most = wanted.iter().map(|set| set.batch).max().unwrap_or(0);
            let count = sets.iter().map(|batches| batches.len()).max().unwrap_or(0);
            let steps = run.memory.steps_per_execution.min(count);
            let Memory { frozen, seed, slots, .. } = &mut *run.memory;
            session.make_room(steps, most)?;
            session.make_room_for_weights(weights, Some(slots.len()))?;
            session.prepare(run.graph, goals, update, (frozen, *seed))?;
            let graph = run.graph;
            session.place(&wanted, steps, |session| session.usage(graph, (steps, most), frozen, slots.len()))?;
            sets.iter().zip(&wanted).try_for_each(|(batches, set)| run.give(batches.part().0, set, session))
        })
    }

    /// What a set of data is made of.
    fn wanted(&mut self, batches: &Batches<'_>) -> Result<Wanted> {
        let (part, batch) = batches.part();
        self.steps.choose(part.set, 0..0);
        let mut row = Row { weighted: part.weights.is_some(), ..Row::of(self.graph) };
        for (i, output) in self.graph.outputs.iter().enumerate() {
            let n = positions(self.graph, output.value).0;
            let classes = matches!(self.steps.targets(i, &mut Vec::new(), n, 0..0)?, Targets::Classes(_));
            row.targets.push((self.steps.width(i), classes));
        }
        Ok(Wanted { data: batches.on_device, row, rows: part.rows.len(), batch })
    }

    /// Copies all rows of a set to the device, unless they come in pieces.
    fn give(&mut self, part: &Part<'_>, set: &Wanted, session: &mut Session) -> Result<()> {
        let (mut staging, graph) = (Vec::new(), self.graph);
        session.give(set.data, set.rows, &mut |first, room| {
            let first = part.rows.start + first;
            let rows = first..first + room.rows();
            self.steps.choose(part.set, rows.clone());
            fill(graph, self.steps, part.weights.map(|weights| &weights[rows]), &mut staging, room)
        })
    }

    /// Trains on these batches, or tests. Their scores stay on the device until [`Run::collect`].
    pub(crate) fn on_device(&mut self, batches: &mut Batches<'_>, which: Range<usize>, train: bool) -> Result<()> {
        self.with_device(|run, session| {
            let (kind, what) = if train { (Kernel::Train, "train_on_batch") } else { (Kernel::Test, "test_on_batch") };
            let (mut steps, mut rows) = (0, 0);
            if run.memory.carried.is_reset() {
                session.touch_states();
            }
            for i in which.clone() {
                rows = batches.order(i).len();
                run.memory.carried.batch(what, run.graph, rows)?;
            }
            session.begin();
            for i in which.clone() {
                let control = match train {
                    true => run.optimizer.device_control(run.memory.iterations + steps),
                    false => [0.0; Control::LEN],
                };
                steps += u64::from(train);
                session.queue(batches.order(i), control);
            }
            let Run { graph, steps: feed, memory, .. } = &mut *run;
            let Memory { carried, slots, steps: trained, staging, loss_scale, .. } = &mut **memory;
            session.send_weights(feed.weights(), slots)?;
            let carried = carried.batch(what, graph, rows)?;
            let all = What { graph, run: kind, data: batches.on_device, step: *trained };
            let loss_scale = loss_scale.as_mut().filter(|_| train);
            let left_out = session.flush(all, carried, loss_scale, &mut |i, room| {
                let (_, weights) = batches.choose(which.start + i, *feed);
                fill(graph, *feed, weights, staging, room)
            })?;
            // Steps that failed do not count.
            run.memory.steps += steps;
            run.memory.iterations += steps - left_out;
            if left_out > 0 {
                run.optimizer.device_made(run.memory.iterations);
            }
            Ok(())
        })
    }

    /// Brings weights, the optimizer's state and those of stateful layers back, if those on the device are newer.
    pub(crate) fn fetch(&mut self) -> Result<()> {
        self.with_device(|run, session| {
            session.fetch(run.steps.weights(), &mut run.memory.slots)?;
            session.fetch_states(run.memory.carried.all_mut())
        })
    }

    /// Says that weights or states may have changed on the host.
    pub(crate) fn touch(&mut self) {
        if let Some(session) = &mut self.memory.device {
            session.touch();
        }
    }

    /// Begins the logs of the device anew.
    pub(crate) fn reset_device(&mut self) -> Result<()> {
        self.with_device(|_, session| session.reset())
    }

    /// Takes over what the device has summed up.
    pub(crate) fn collect_from_device(&mut self) -> Result<()> {
        self.with_device(|run, session| {
            let (at, sums) = session.sums()?;
            let outputs = run.objectives.losses();
            run.measure.tally.set(at.of_losses(&sums), (0..outputs).map(|i| sums[at.output(i)]));
            let mut j = 0;
            for i in 0..outputs {
                for (kind, k) in metrics(run.objectives, i) {
                    let [total, weight] = [sums[at.metric(j)], sums[at.metric(j) + 1]];
                    run.objectives.set(kind, i, k, Mean::of(total, weight));
                    j += 1;
                }
            }
            Ok(())
        })
    }
}

/// Copies the batch to where it is sent from. Class labels are converted to `staging`.
fn fill(
    graph: &Graph,
    steps: &dyn Steps,
    weights: Option<&[f32]>,
    staging: &mut Vec<u32>,
    room: &mut Room<'_>,
) -> Result<()> {
    (0..graph.inputs.len()).for_each(|i| steps.input(i, room.input(i)));
    for (i, output) in graph.outputs.iter().enumerate() {
        let n = positions(graph, output.value).0;
        match steps.targets(i, staging, n, 0..room.rows())? {
            Targets::Dense(targets) => room.numbers(i).copy_from_slice(targets),
            Targets::Classes(classes) => room.classes(i).copy_from_slice(classes),
        }
    }
    if let Some(weights) = weights {
        room.weights().copy_from_slice(weights);
    }
    Ok(())
}

/// The metrics of output `i`, in the order in which devices have them: their kind, and their place among those of it.
fn metrics(objectives: &dyn Objectives, i: usize) -> impl Iterator<Item = (Kind, usize)> + use<> {
    let [plain, weighted] = [Kind::Plain, Kind::Weighted].map(|kind| objectives.metrics(kind, i));
    (0..plain).map(|j| (Kind::Plain, j)).chain((0..weighted).map(|j| (Kind::Weighted, j)))
}

/// The losses and metrics as kernels know them.
fn goals(
    graph: &Graph,
    objectives: &dyn Objectives,
    factors: &[f32],
    row: &Row,
    session: &Session,
) -> Result<Vec<Goal>> {
    let own = |what: &str, i: usize| -> Error {
        let name = graph.outputs[i].name;
        session.refuse(&format!("{what} of the output `{name}`, which is not one of keras's own"))
    };
    let mut goals = Vec::new();
    for i in 0..objectives.losses() {
        let loss = objectives.loss(i).ok_or_else(|| own("the loss", i))?;
        let metric = |(kind, j)| {
            let of = || own(&format!("the metric `{}`", objectives.name(kind, i, j)), i);
            Ok((objectives.metric(kind, i, j).ok_or_else(of)?, kind == Kind::Weighted))
        };
        let metrics = metrics(objectives, i).map(metric).collect::<Result<_>>()?;
        let factor = factors.get(i).copied().unwrap_or(1.0);
        let classes = row.targets.get(i).is_some_and(|(_, classes)| *classes);
        goals.push(Goal { reduction: objectives.reduction(i), loss, factor, classes, metrics });
    }
    Ok(goals)
}
