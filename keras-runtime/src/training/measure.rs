//! Losses and metrics of a batch.

use keras_kernels::memory::{Buf, Rows, Values};
use keras_kernels::penalty;

use super::feed::Labels;
use super::objectives::Objectives;
use super::scores::Tally;
use crate::loss::Predictions;
use crate::model::Context;
use crate::model::graph::{Graph, Head, OpKind, Output};
use crate::target::Targets;
use crate::{Error, Result};

/// What losses and metrics need from batch to batch.
#[derive(Default)]
pub(crate) struct Measure {
    /// Factor of each output's loss; 1 where there is none.
    pub(crate) loss_weights: Vec<f32>,
    pub(crate) tally: Tally,
    /// The loss of each output in the last batch.
    of_outputs: Vec<f64>,
    buffers: Buffers,
}

/// Memory that is kept from batch to batch.
#[derive(Default)]
struct Buffers {
    /// Class labels of each output.
    labels: Vec<Vec<u32>>,
    /// The loss of each position.
    losses: Vec<f32>,
    /// What each position's loss counts in the total.
    scale: Vec<f32>,
    /// The output's mask.
    mask: Vec<f32>,
    /// The sample weight of each position, times its mask.
    weights: Vec<f32>,
}

impl Measure {
    /// Gets ready for these losses and metrics.
    pub(crate) fn prepare(&mut self, graph: &Graph, objectives: &dyn Objectives) -> Result<()> {
        let count = objectives.losses();
        if !self.loss_weights.is_empty() && self.loss_weights.len() != count {
            return Err(Error::Argument {
                argument: "loss_weights",
                value: format!("{:?}", self.loss_weights),
                reason: format!("expected one for each of {count} outputs, found {}", self.loss_weights.len()),
            });
        }
        objectives.check()?;
        self.tally.name(graph, objectives);
        self.of_outputs = vec![0.0; count];
        self.buffers.labels.resize(count, Vec::new());
        Ok(())
    }

    /// Which outputs' losses give the gradient of the logits, as [`Context::fused_heads`] wants it.
    pub(crate) fn fused_heads(&self, graph: &Graph, objectives: &dyn Objectives) -> u32 {
        let fused = |(i, o): (usize, &Output)| u32::from(objectives.fuses(i, o.head)) << i;
        graph.outputs.iter().enumerate().map(fused).sum()
    }

    /// Adds what these rows of a batch, whose forward pass lies in `values`, add to the batch's loss: block by block of so
    /// many rows, so that sums are the same however many threads there are.
    pub(crate) fn round(
        &mut self,
        graph: &Graph,
        objectives: &mut dyn Objectives,
        labels: &dyn Labels,
        cx: &Context,
        (values, block): (&mut Values<'_>, usize),
        weights: Option<&[f32]>,
        gradients: bool,
        loss: &mut f64,
    ) -> Result<()> {
        let mut result = Ok(());
        values.rows().blocks(block, |rows| {
            if result.is_ok() {
                let of_rows = self.rows(graph, objectives, labels, cx, rows, weights, gradients);
                result = of_rows.map(|of_rows| *loss += of_rows);
            }
        });
        *loss += activities(graph, 0, cx, values);
        result
    }

    /// What these rows of a batch, whose forward pass lies there, add to the batch's loss, without penalties; metrics take
    /// them into account. With `gradients`, the gradients of the outputs are written too. The rows of a batch come in their
    /// order, all of them at once where [`Measure::is_whole`] says so.
    ///
    /// Unless the loss has another reduction, it is Σ wᵢ lᵢ / N over the N positions of the batch, times the output's
    /// factor. Positions that a mask or an ignored class leaves out do not count in N.
    pub(crate) fn rows(
        &mut self,
        graph: &Graph,
        objectives: &mut dyn Objectives,
        labels: &dyn Labels,
        cx: &Context,
        rows: &mut Rows<'_>,
        weights: Option<&[f32]>,
        gradients: bool,
    ) -> Result<f64> {
        let plan = &graph.train;
        let range = rows.first()..rows.first() + rows.count();
        let others = rows.batch() - rows.count();
        let mut total = 0.0;
        for (i, output) in graph.outputs.iter().enumerate() {
            let (n, each) = positions(graph, output.value);
            let count = rows.count() * each;
            let factor = self.loss_weights.get(i).copied().unwrap_or(1.0);
            let Buffers { labels: staging, losses, scale, mask, weights: of_positions } = &mut self.buffers;
            losses.resize(count, 0.0);
            let targets = labels.targets(i, &mut staging[i], n, range.clone())?;

            let mask = output.mask.map(|m| {
                mask.clear();
                mask.extend_from_slice(rows.step([], [graph.buffer(plan.values, m)]).1[0]);
                &mask[..]
            });
            let of_positions = (weights.is_some() || mask.is_some()).then(|| {
                let of_row = |p| weights.map_or(1.0, |w: &[f32]| w[range.start + p / each]);
                let weight = |p| of_row(p) * mask.map_or(1.0, |m| m[p]);
                of_positions.clear();
                of_positions.extend((0..count).map(weight));
                &of_positions[..]
            });
            let here = Positions { count, others: others * each, mask, weights: of_positions };
            let (valid, mut weight) = here.total(targets, objectives.ignored_class(i));
            if let (Some(all), true) = (weights, others > 0) {
                weight = each as f64 * all.iter().map(|&w| f64::from(w)).sum::<f64>();
            }
            let share = objectives.reduction(i).scale(valid, weight);
            // What the gradient is multiplied by; of the loss itself nothing changes.
            here.scale(scale, f64::from(factor) * share * f64::from(rows.loss_scale()));

            let logits = if output.head == Head::Linear { output.value } else { output.logits };
            let ins = [graph.buffer(plan.values, output.value), graph.buffer(plan.values, logits)];
            let (grad, [y, logits]) = if gradients {
                let fused = objectives.fuses(i, output.head);
                let to = graph.buffer(plan.grads, if fused { output.logits } else { output.value });
                let ([grad], ins, _) = rows.step([to], ins);
                (Some(grad), ins)
            } else {
                let ([], ins, _) = rows.step([], ins);
                (None, ins)
            };
            let p = Predictions { isa: cx.isa, n, head: output.head, y, logits, targets };
            objectives.evaluate(i, p, scale, losses, grad);

            let loss = here.sum(losses) * share;
            self.of_outputs[i] = if range.start == 0 { loss } else { self.of_outputs[i] + loss };
            total += f64::from(factor) * loss;
            objectives.update(i, p, mask, of_positions);
        }
        Ok(total)
    }

    /// Whether the loss of a batch can only be known from all of its rows at once: how many positions an ignored class
    /// leaves in it.
    pub(crate) fn is_whole(objectives: &dyn Objectives) -> bool {
        (0..objectives.losses()).any(|i| objectives.ignored_class(i).is_some())
    }

    /// Takes the loss of the last batch into account, with its penalties.
    pub(crate) fn add(&mut self, rows: usize, loss: f64) {
        self.tally.add(rows, loss, &self.of_outputs);
    }
}

/// The positions of some rows of a batch that an output's loss is made of.
struct Positions<'a> {
    count: usize,
    /// How many the other rows of the batch have.
    others: usize,
    /// 0 for those that do not count.
    mask: Option<&'a [f32]>,
    /// Their weights, the mask within them.
    weights: Option<&'a [f32]>,
}

impl Positions<'_> {
    /// How many positions of the batch count, and what they weigh; the weights of other rows are not known here.
    fn total(&self, targets: Targets<'_>, ignored: Option<u32>) -> (usize, f64) {
        let counts = |p: usize| match (targets, ignored) {
            (Targets::Classes(labels), Some(ignored)) => labels[p] != ignored,
            _ => true,
        };
        let valid = (0..self.count).filter(|&p| counts(p) && self.mask.is_none_or(|m| m[p] != 0.0)).count();
        let valid = valid + self.others;
        let weight = match self.weights {
            None => valid as f64,
            Some(w) => w.iter().enumerate().filter(|&(p, _)| counts(p)).map(|(_, &w)| f64::from(w)).sum(),
        };
        (valid, weight)
    }

    /// Writes what each position's loss counts in the total: its weight times a factor.
    fn scale(&self, scale: &mut Vec<f32>, factor: f64) {
        scale.clear();
        match self.weights {
            None => scale.resize(self.count, factor as f32),
            Some(w) => scale.extend(w.iter().map(|&w| (factor * f64::from(w)) as f32)),
        }
    }

    /// The sum of their losses by their weights.
    fn sum(&self, losses: &[f32]) -> f64 {
        match self.weights {
            None => losses.iter().map(|&l| f64::from(l)).sum(),
            Some(w) => losses.iter().zip(w).map(|(&l, &w)| f64::from(l * w)).sum(),
        }
    }
}

/// The last dimension of a value and how many positions of it each sample has.
pub(crate) fn positions(graph: &Graph, value: usize) -> (usize, usize) {
    let (last, outer) = graph.values[value].shape.split_last().unwrap_or((&1, &[]));
    (*last, outer.iter().product())
}

/// The penalties on activities of a model whose kept buffers begin at `first`, and of the models in it.
fn activities(graph: &Graph, first: usize, cx: &Context, values: &Values<'_>) -> f64 {
    let within = |buf: Buf| Buf::new(buf.area(), first + buf.at(), buf.len());
    let own = graph.activity.iter().map(|&(v, factors)| {
        let x = values.get(within(graph.buffer(graph.train.values, v)));
        f64::from(penalty::value(cx.isa, x, factors)) / values.n() as f64
    });
    let nested = graph.ops.iter().map(|op| match op.kind {
        OpKind::Nested { graph, kept, .. } => activities(graph, first + kept.at(), cx, values),
        _ => 0.0,
    });
    own.sum::<f64>() + nested.sum::<f64>()
}
