//! A compiled model on a device: what lies there, what is newer, and what is to run.

use std::collections::BTreeMap;
use std::ops::Range;

use keras_kernels::memory::Floats;

use super::build::{Parts, build, predictions};
use super::builder::{Builder, len};
use super::engine::{Engine, Usage};
use super::goal::{Goal, Sums};
use super::loss_scale::SCALE;
use super::memory::{Control, Data, Now, Region, Span};
use super::pass::Passes;
use super::program::Program;
use super::update::{self, Update};
use super::{Device, ops};
use crate::model::Graph;
use crate::model::graph::Output;
use crate::optimizer::LossScale;
use crate::{Error, Result};

/// How many steps are one launch at the most.
const AT_ONCE: usize = 256;

/// A compiled model on a device.
pub(crate) struct Session {
    engine: Box<dyn Engine>,
    /// What there is of each region, in elements.
    lens: BTreeMap<Region, usize>,
    programs: Vec<Loaded>,
    /// What all programs were built for.
    built: Built,
    /// The steps that are to run: programs, rows, and what the optimizer needs to know.
    queue: Vec<(Run, Data, usize)>,
    order: Vec<u32>,
    control: Vec<f32>,
    /// Whether weights and slots on the host are newer than those on the device, and the other way round.
    host_is_newer: bool,
    device_is_newer: bool,
}

/// What a program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Run {
    Train,
    Test,
    Predict,
}

struct Loaded {
    run: Run,
    rows: usize,
    data: Data,
    program: usize,
}

/// What programs depend on besides the number of rows.
#[derive(Default)]
struct Built {
    goals: Vec<Goal>,
    update: Option<Update>,
    frozen: Vec<bool>,
    seed: u64,
    /// How many pieces of the weights are updated together.
    pieces: usize,
    /// By set of data: how many rows it has, and whether they have weights.
    given: BTreeMap<Data, (usize, bool)>,
}

/// A set of data, as it is uploaded.
pub(crate) struct Given<'a> {
    pub(crate) data: Data,
    pub(crate) rows: usize,
    /// By input.
    pub(crate) inputs: Vec<Vec<f32>>,
    /// By output: numbers, or classes.
    pub(crate) targets: Vec<Target>,
    pub(crate) weights: Option<&'a [f32]>,
}

/// Targets of an output.
pub(crate) enum Target {
    Numbers(Vec<f32>),
    Classes(Vec<u32>),
}

impl Session {
    /// A model on a device.
    ///
    /// # Errors
    /// If the device has no kernels for one of its layers.
    pub(crate) fn new(graph: &Graph, device: Device) -> Result<Session> {
        let session = Session {
            engine: device.engine,
            lens: BTreeMap::new(),
            programs: Vec::new(),
            built: Built::default(),
            queue: Vec::new(),
            order: Vec::new(),
            control: Vec::new(),
            host_is_newer: true,
            device_is_newer: false,
        };
        match &ops::refused(graph)[..] {
            [] => match ops::mistake(graph) {
                None => Ok(session),
                Some(reason) => Err(Error::Device { device: session.engine.name(), reason }),
            },
            [layer] => Err(session.refuse(&format!("the layer {layer}"))),
            layers => Err(session.refuse(&format!("the layers {}", layers.join(", ")))),
        }
    }

    /// The error of what the device has no kernels for.
    pub(crate) fn refuse(&self, what: &str) -> Error {
        let reason = format!(
            "no kernels for {what}; docs/cuda.md lists what devices can do, and without `.on(…)` the model runs on the processor"
        );
        Error::Device { device: self.engine.name(), reason }
    }

    /// Says that weights or slots on the host may have changed.
    pub(crate) fn touch(&mut self) {
        self.host_is_newer = true;
    }

    /// Makes sure that there are so many elements of a region. What was there is lost if it grows.
    fn reserve(&mut self, region: Region, len: usize) -> Result<()> {
        if self.lens.get(&region).is_none_or(|has| *has < len) {
            // Programs know regions by where they were, and what was there is gone even if there is no room for the new one.
            self.forget();
            self.lens.remove(&region);
            self.engine.allocate(region, len)?;
            self.lens.insert(region, len);
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.programs.clear();
        self.engine.forget();
    }

    /// Has programs built for what is frozen, and for a seed.
    fn build_for(&mut self, frozen: &[bool], seed: u64) {
        if self.built.frozen != frozen || self.built.seed != seed {
            self.forget();
            (self.built.frozen, self.built.seed) = (frozen.to_vec(), seed);
        }
    }

    /// Gets ready for a call of `fit` or the like; without `update` for one that does not train, which leaves programs that do as they
    /// are.
    pub(crate) fn prepare(
        &mut self,
        graph: &Graph,
        goals: Vec<Goal>,
        update: Option<Update>,
        (frozen, seed): (&[bool], u64),
    ) -> Result<()> {
        if update.is_some() && self.built.update != update || !alike(&self.built.goals, &goals) {
            self.forget();
        }
        self.build_for(frozen, seed);
        let sums = Sums::new(&goals).len();
        self.built.goals = goals;
        self.reserve(Region::Sums, sums)?;
        self.reserve(Region::Now, Now::LEN)?;
        if let Some(update) = update {
            let pieces = update::pieces(graph, frozen, &update);
            self.built.update = Some(update);
            self.built.pieces = pieces.len() / update::WORDS;
            self.reserve(Region::Pieces, pieces.len())?;
            self.engine.write_u32(Region::Pieces.span(0, pieces.len()), &pieces)?;
        }
        self.reset()
    }

    /// Uploads a set of data.
    pub(crate) fn give(&mut self, given: &Given<'_>) -> Result<()> {
        let Given { data, rows, weights, .. } = *given;
        // Programs only have to know that rows are not beyond the end.
        let (of, was) = self.built.given.get(&data).copied().unwrap_or((0, weights.is_some()));
        if rows > of || was != weights.is_some() {
            self.forget();
        }
        self.built.given.insert(data, (rows.max(of), weights.is_some()));
        for (i, input) in given.inputs.iter().enumerate() {
            self.upload(Region::Input(data, i), input)?;
        }
        for (i, targets) in given.targets.iter().enumerate() {
            match targets {
                Target::Numbers(targets) => self.upload(Region::Target(data, i), targets)?,
                Target::Classes(targets) => {
                    let region = Region::Class(data, i);
                    self.reserve(region, targets.len())?;
                    self.engine.write_u32(region.span(0, targets.len()), targets)?;
                }
            }
        }
        weights.map_or(Ok(()), |weights| self.upload(Region::SampleWeight(data), weights))
    }

    fn upload(&mut self, region: Region, from: &[f32]) -> Result<()> {
        self.reserve(region, from.len())?;
        self.engine.write_f32(region.span(0, from.len()), from)
    }

    /// Begins the logs anew.
    pub(crate) fn reset(&mut self) -> Result<()> {
        let sums = vec![0.0; self.lens[&Region::Sums]];
        self.engine.write_f64(Region::Sums.span(0, sums.len()), &sums)
    }

    /// Notes a step with these rows, and what the optimizer needs to know of it.
    pub(crate) fn queue(
        &mut self,
        run: Run,
        data: Data,
        rows: impl ExactSizeIterator<Item = u32>,
        control: [f32; Control::LEN],
    ) {
        self.queue.push((run, data, rows.len()));
        self.order.extend(rows);
        self.control.extend(control);
    }

    /// The program of a batch of so many rows.
    fn program(&mut self, graph: &'static Graph, run: Run, data: Data, rows: usize) -> Result<usize> {
        let is_it = |loaded: &&Loaded| loaded.run == run && loaded.rows == rows && loaded.data == data;
        if let Some(loaded) = self.programs.iter().find(is_it) {
            return Ok(loaded.program);
        }
        let Built { goals, update, frozen, seed, pieces, given } = &self.built;
        let (of, weighted) = given.get(&data).copied().unwrap_or((0, false));
        let update = update.as_ref().filter(|_| run == Run::Train).map(|update| (update, *pieces));
        let program = match run {
            Run::Predict => predictions(graph, [rows, of], *seed, frozen),
            Run::Train | Run::Test => {
                build(graph, &Parts { rows, data, of, seed: *seed, frozen, goals, weighted, update })
            }
        };
        if let Some(launch) = program.launches.iter().find(|launch| !launch.fits()) {
            let reason = format!(
                "{launch:?} has more elements than kernels count, or more blocks than CUDA takes; try a smaller batch"
            );
            return Err(Error::Device { device: self.engine.name(), reason });
        }
        let program = self.load(program)?;
        self.programs.push(Loaded { run, rows, data, program });
        Ok(program)
    }

    /// Loads a program, once there is room for all that it names.
    fn load(&mut self, program: Program) -> Result<usize> {
        for launch in &program.launches {
            for Span { region, at, len } in launch.inputs().chain(launch.outputs()) {
                if !matches!(region, Region::Work(_)) {
                    self.reserve(region, at + len)?;
                }
            }
        }
        self.engine.load(program)
    }

    /// Runs what has been queued, as the step with this number and those behind it. Weights and slots of the host go to the
    /// device first, if they are newer. `carried` is what rows have carried from batch to batch so far, and then what they carry on;
    /// `loss_scale` is what the loss is multiplied by, and then what it is multiplied by in the steps behind these. Gives how many steps
    /// have been left out.
    pub(crate) fn flush(
        &mut self,
        graph: &'static Graph,
        (weights, slots): (&[f32], &[Floats]),
        carried: &mut [f32],
        (step, loss_scale): (u64, Option<&mut LossScale>),
    ) -> Result<u64> {
        // All of them, whatever fails: the next steps have rows and numbers of their own.
        let queue = std::mem::take(&mut self.queue);
        let (order, control) = (std::mem::take(&mut self.order), std::mem::take(&mut self.control));
        // A region that grows for one program makes those before it be built again: the second time there is room.
        for _ in 0..2 {
            for &(run, data, rows) in &queue {
                self.program(graph, run, data, rows)?;
            }
        }
        if self.host_is_newer {
            self.engine.write_f32(Region::Weights.span(0, weights.len()), weights)?;
            for (i, slot) in slots.iter().enumerate() {
                self.engine.write_f32(Region::Slot(i).span(0, slot.len()), slot)?;
            }
            self.host_is_newer = false;
        }
        let states = Region::Carried.span(0, carried.len());
        if !carried.is_empty() {
            self.engine.write_f32(states, carried)?;
        }
        self.engine.write_u32(Region::Order.span(0, order.len()), &order)?;
        self.engine.write_f32(Region::Control.span(0, control.len()), &control)?;
        let mut scaled = 0;
        if let Some(LossScale { scale, step_counter, .. }) = loss_scale.as_deref() {
            self.engine.write_f32(SCALE, &[*scale])?;
            scaled = u32::try_from(*step_counter).unwrap_or(u32::MAX);
        }
        self.engine.write_u32(Region::Now.span(0, Now::LEN), &Now::at(step, scaled))?;
        // Steps that are alike are one launch, but for launches that are too long to be captured.
        for steps in queue.chunk_by(|a, b| a == b).flat_map(|steps| steps.chunks(AT_ONCE)) {
            let (run, data, rows) = steps[0];
            let program = self.program(graph, run, data, rows)?;
            self.device_is_newer |= run == Run::Train;
            self.engine.run(program, steps.len())?;
        }
        if !carried.is_empty() {
            self.engine.read_f32(states, carried)?;
        }
        let Some(loss_scale) = loss_scale.filter(|scale| scale.is_dynamic()) else { return Ok(0) };
        let (mut now, mut scale) = ([0; Now::LEN], [0.0]);
        self.engine.read_u32(Region::Now.span(0, Now::LEN), &mut now)?;
        self.engine.read_f32(SCALE, &mut scale)?;
        (loss_scale.scale, loss_scale.step_counter) = (scale[0], u64::from(now[Now::SCALED]));
        Ok(queue.len() as u64 - u64::from(now[Now::CONTROL]))
    }

    /// The outputs for batches of the rows in [`Data::Asked`], one behind the other. `carried` is as in [`Session::flush`].
    pub(crate) fn predict(
        &mut self,
        graph: &'static Graph,
        weights: &[f32],
        carried: &mut [f32],
        batches: impl Iterator<Item = Range<usize>> + Clone,
        (frozen, seed): (&[bool], u64),
    ) -> Result<Vec<Vec<f32>>> {
        self.build_for(frozen, seed);
        let rows = batches.clone().map(|rows| rows.len()).sum();
        self.reserve(Region::Order, rows)?;
        self.reserve(Region::Control, batches.clone().count() * Control::LEN)?;
        self.reserve(Region::Now, Now::LEN)?;
        self.reserve(Region::Weights, weights.len())?;
        for rows in batches {
            self.queue(Run::Predict, Data::Asked, rows.start as u32..rows.end as u32, [0.0; Control::LEN]);
        }
        self.flush(graph, (weights, &[]), carried, (0, None))?;
        let output = |(i, output): (usize, &Output)| {
            let mut numbers = vec![0.0; rows * len(graph.values[output.value].shape)];
            self.engine.read_f32(Region::Output(i).span(0, numbers.len()), &mut numbers)?;
            Ok(numbers)
        };
        graph.outputs.iter().enumerate().map(output).collect()
    }

    /// What training with batches of so many rows takes.
    pub(crate) fn usage(&self, graph: &'static Graph, rows: usize, frozen: &[bool], slots: usize) -> Result<Usage> {
        const FLOAT: usize = size_of::<f32>();
        let passes = Passes::new(Builder::new(rows, true, frozen), graph, 0, false);
        let weights = update::weights(graph) * FLOAT;
        let inputs: usize = graph.inputs.iter().map(|input| len(input.shape)).sum();
        let outputs: usize = graph.outputs.iter().map(|output| len(graph.values[output.value].shape)).sum();
        Ok(Usage {
            weights,
            gradients: weights,
            optimizer: slots * weights,
            batch: passes.program.work * FLOAT,
            row: (inputs + outputs) * FLOAT,
            space: self.engine.space()?,
        })
    }

    /// Makes room for the rows and numbers of so many steps, for the weights, and for the optimizer's slots.
    pub(crate) fn make_room(&mut self, (steps, rows): (usize, usize), weights: usize, slots: usize) -> Result<()> {
        self.reserve(Region::Order, steps * rows)?;
        self.reserve(Region::Control, steps * Control::LEN)?;
        self.reserve(Region::Weights, weights)?;
        self.reserve(Region::Grads, weights)?;
        (0..slots).try_for_each(|i| self.reserve(Region::Slot(i), weights))
    }

    /// Brings weights and slots back to the host, if those on the device are newer.
    pub(crate) fn fetch(&mut self, weights: &mut [f32], slots: &mut [Floats]) -> Result<()> {
        if !self.device_is_newer {
            return Ok(());
        }
        self.engine.read_f32(Region::Weights.span(0, weights.len()), weights)?;
        for (i, slot) in slots.iter_mut().enumerate() {
            let len = slot.len();
            self.engine.read_f32(Region::Slot(i).span(0, len), slot)?;
        }
        self.device_is_newer = false;
        Ok(())
    }

    /// The sums so far.
    pub(crate) fn sums(&mut self) -> Result<(Sums, Vec<f64>)> {
        let mut sums = vec![0.0; self.lens[&Region::Sums]];
        self.engine.read_f64(Region::Sums.span(0, sums.len()), &mut sums)?;
        Ok((Sums::new(&self.built.goals), sums))
    }
}

/// Whether kernels see no difference between two lists of goals.
fn alike(a: &[Goal], b: &[Goal]) -> bool {
    let same = |a: &Goal, b: &Goal| {
        let metrics = |goal: &Goal| -> Vec<_> { goal.metrics.iter().map(|(m, w)| (m.measure().score(), *w)).collect() };
        (a.loss == b.loss && a.factor == b.factor && a.classes == b.classes) && metrics(a) == metrics(b)
    };
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}
