//! Steps on a device: what a call of `fit` or the like uploads, queues and brings back.

use std::ops::Range;

use super::data::Batches;
use super::objectives::{Kind, Objectives};
use super::run::Run;
use crate::compile::Memory;
use crate::device::{Control, Data, Given, Goal, Run as Kernel, Session, Target};
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

    /// Uploads the data of a call: those to train on or to evaluate, and those to validate with if there are any.
    /// Unless it trains, nobody asks whether the device knows the optimizer.
    pub(crate) fn begin_on_device(
        &mut self,
        given: &mut Batches<'_>,
        validation: Option<&mut Batches<'_>>,
        train: bool,
    ) -> Result<()> {
        self.with_device(|run, session| {
            let data = run.read(given)?;
            let goals = goals(run.graph, run.objectives, &run.measure.loss_weights, &data.targets, session)?;
            let mut update =
                train.then(|| run.optimizer.device_update()).transpose().map_err(|what| session.refuse(&what))?;
            if let Some(update) = &mut update {
                update.loss_scale = run.memory.loss_scale.as_ref().map(LossScale::scaling);
            }
            let weights = run.steps.weights().len();
            run.memory.grow(weights, run.optimizer.slots());
            session.touch();
            let most = validation.as_ref().map_or(0, |validation| validation.part().1).max(given.part().1);
            let count = validation.as_ref().map_or(0, |validation| validation.len()).max(given.len());
            let steps = run.memory.steps_per_execution.min(count);
            session.make_room((steps, most), weights, run.memory.slots.len())?;
            session.prepare(run.graph, goals, update, (&run.memory.frozen, run.memory.seed))?;
            session.give(&data)?;
            validation.map_or(Ok(()), |validation| {
                validation.on_device = Data::Validation;
                session.give(&run.read(validation)?)
            })
        })
    }

    /// The data as a device takes them.
    fn read<'a>(&mut self, batches: &Batches<'a>) -> Result<Given<'a>> {
        let (part, _) = batches.part();
        let rows = part.rows.len();
        self.steps.choose(part.set, part.rows.clone());
        let inputs = (0..self.graph.inputs.len()).map(|i| self.steps.input(i)).collect();
        let mut staging = Vec::new();
        let mut targets = Vec::new();
        for (i, output) in self.graph.outputs.iter().enumerate() {
            let n = positions(self.graph, output.value).0;
            targets.push(match self.steps.targets(i, &mut staging, n, 0..rows)? {
                Targets::Dense(targets) => Target::Numbers(targets.to_vec()),
                Targets::Classes(classes) => Target::Classes(classes.to_vec()),
            });
        }
        let weights = part.weights.map(|weights| &weights[part.rows.clone()]);
        Ok(Given { data: batches.on_device, rows, inputs, targets, weights })
    }

    /// Trains on these batches, or tests. Their scores stay on the device until [`Run::collect`].
    pub(crate) fn on_device(&mut self, batches: &Batches<'_>, which: Range<usize>, train: bool) -> Result<()> {
        let data = batches.on_device;
        self.with_device(|run, session| {
            let (kind, what) = if train { (Kernel::Train, "train_on_batch") } else { (Kernel::Test, "test_on_batch") };
            let (mut steps, mut rows) = (0, 0);
            for i in which.clone() {
                rows = batches.order(i).len();
                run.memory.carried.batch(what, run.graph, rows)?;
            }
            for i in which {
                let control = match train {
                    true => run.optimizer.device_control(run.memory.iterations + steps),
                    false => [0.0; Control::LEN],
                };
                steps += u64::from(train);
                session.queue(kind, data, batches.order(i), control);
            }
            let Memory { carried, slots, steps: trained, loss_scale, .. } = &mut *run.memory;
            let carried = carried.batch(what, run.graph, rows)?;
            let loss_scale = loss_scale.as_mut().filter(|_| train);
            let left_out = session.flush(run.graph, (run.steps.weights(), slots), carried, (*trained, loss_scale))?;
            // Steps that failed do not count.
            run.memory.steps += steps;
            run.memory.iterations += steps - left_out;
            if left_out > 0 {
                run.optimizer.device_made(run.memory.iterations);
            }
            Ok(())
        })
    }

    /// Brings weights and the optimizer's state back, if those on the device are newer.
    pub(crate) fn fetch(&mut self) -> Result<()> {
        self.with_device(|run, session| session.fetch(run.steps.weights(), &mut run.memory.slots))
    }

    /// Says that weights or the optimizer's state may have changed on the host.
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
    targets: &[Target],
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
        let classes = matches!(targets.get(i), Some(Target::Classes(_)));
        goals.push(Goal { reduction: objectives.reduction(i), loss, factor, classes, metrics });
    }
    Ok(goals)
}
