//! A compiled model on a device: what lies there, what is newer, and what is to run.

use std::collections::BTreeMap;

use keras_kernels::memory::Floats;

use super::build::{Parts, build, predictions};
use super::builder::{Builder, len};
use super::data::{Placed, bytes_in_pieces};
use super::engine::{Engine, TURNS, Usage};
use super::execution::{Queue, What};
use super::goal::{Goal, Sums};
use super::math::Products;
use super::memory::{Control, Data, Now, Region, Span};
use super::pass::Passes;
use super::program::Program;
use super::update::{self, Update};
use super::{Device, ops};
use crate::model::Graph;
use crate::{Error, Result};

/// How many steps are one launch at the most.
pub(super) const AT_ONCE: usize = 256;

/// A compiled model on a device.
pub(crate) struct Session {
    pub(super) engine: Box<dyn Engine>,
    /// How many bytes the data of a call may take, if somebody says so.
    pub(super) data_limit: Option<usize>,
    /// What there is of each region, in elements.
    pub(super) lens: BTreeMap<Region, usize>,
    /// The bytes of the buffers of programs.
    pub(super) work: usize,
    programs: Vec<Loaded>,
    /// What products multiply.
    products: Products,
    /// What all programs were built for.
    built: Built,
    pub(super) placed: BTreeMap<Data, Placed>,
    /// How many rows and steps a turn has room for.
    pub(super) half: [usize; 2],
    /// How many rows there is room for that are predicted.
    outputs: usize,
    /// The turn that is sent next.
    pub(super) turn: usize,
    /// The scale of the loss that the device has, if any was written.
    pub(super) scale: Option<f32>,
    pub(super) queue: Queue,
    /// What is being sent; kept, so that an execution allocates nothing.
    pub(super) spans: Vec<Span>,
    /// Which weights and slots are newer, and which states of stateful layers.
    pub(super) weights: Newer,
    pub(super) states: Newer,
}

/// Whether what is on the host is newer than what is on the device, and the other way round.
#[derive(Clone, Copy)]
pub(super) struct Newer {
    pub(super) host: bool,
    pub(super) device: bool,
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
}

impl Session {
    /// A model on a device.
    ///
    /// # Errors
    /// If the device has no kernels for one of its layers.
    pub(crate) fn new(graph: &Graph, device: Device) -> Result<Session> {
        let session = Session {
            products: device.products(),
            engine: device.engine,
            data_limit: device.data_limit,
            lens: BTreeMap::new(),
            work: 0,
            programs: Vec::new(),
            built: Built::default(),
            placed: BTreeMap::new(),
            half: [0; 2],
            outputs: 0,
            scale: None,
            turn: 0,
            queue: Queue::default(),
            spans: Vec::new(),
            weights: Newer { host: true, device: false },
            states: Newer { host: true, device: false },
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

    /// Says that weights, slots or states on the host may have changed.
    pub(crate) fn touch(&mut self) {
        self.weights.host = true;
        self.touch_states();
    }

    /// The same of states alone.
    pub(crate) fn touch_states(&mut self) {
        self.states = Newer { host: true, device: false };
    }

    /// Makes sure that there are so many elements of a region. What was there is lost if it grows.
    pub(super) fn reserve(&mut self, region: Region, len: usize) -> Result<()> {
        if self.lens.get(&region).is_none_or(|has| *has < len) {
            // Programs know regions by where they were, and what was there is gone even if there is no room for the new one.
            self.forget();
            self.lens.remove(&region);
            self.engine.allocate(region, len)?;
            self.lens.insert(region, len);
        }
        Ok(())
    }

    pub(super) fn forget(&mut self) {
        self.programs.clear();
        self.engine.forget();
    }

    /// Has programs built for what is frozen, and for a seed.
    pub(crate) fn build_for(&mut self, frozen: &[bool], seed: u64) {
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
        if let Some(update) = update {
            let pieces = update::pieces(graph, frozen, &update);
            self.built.update = Some(update);
            self.built.pieces = pieces.len() / update::WORDS;
            self.reserve(Region::Pieces, pieces.len())?;
            self.engine.write_u32(Region::Pieces.span(0, pieces.len()), &pieces)?;
        }
        self.reset()
    }

    /// Begins the logs anew.
    pub(crate) fn reset(&mut self) -> Result<()> {
        let sums = vec![0.0; self.lens[&Region::Sums]];
        self.engine.write_f64(Region::Sums.span(0, sums.len()), &sums)
    }

    /// The program of a batch of so many rows.
    pub(super) fn program(&mut self, what: What, rows: usize) -> Result<usize> {
        let What { graph, run, data, .. } = what;
        let is_it = |loaded: &&Loaded| loaded.run == run && loaded.rows == rows && loaded.data == data;
        if let Some(loaded) = self.programs.iter().find(is_it) {
            return Ok(loaded.program);
        }
        let Built { goals, update, frozen, seed, pieces } = &self.built;
        let (of, weighted) = self.placed.get(&data).map_or((0, false), |placed| (placed.rows, placed.row.weighted));
        let update = update.as_ref().filter(|_| run == Run::Train).map(|update| (update, *pieces));
        let products = self.products;
        let program = match run {
            Run::Predict => predictions(graph, rows, [of, self.outputs, self.half[0]], *seed, frozen, products),
            Run::Train | Run::Test => {
                build(graph, &Parts { rows, data, of, seed: *seed, products, frozen, goals, weighted, update })
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
        let work = program.work * size_of::<f32>();
        let number = self.engine.load(program)?;
        self.work = self.work.max(work);
        Ok(number)
    }

    /// What training with so many batches at once, of so many rows, takes.
    pub(crate) fn usage(
        &self,
        graph: &'static Graph,
        (steps, rows): (usize, usize),
        frozen: &[bool],
        slots: usize,
    ) -> Result<Usage> {
        const FLOAT: usize = size_of::<f32>();
        let passes = Passes::new(Builder::new(rows, true, frozen, self.products), graph, 0, false);
        let weights = update::weights(graph) * FLOAT;
        let inputs: usize = graph.inputs.iter().map(|input| len(input.shape)).sum();
        let outputs: usize = graph.outputs.iter().map(|output| len(graph.values[output.value].shape)).sum();
        let row = (inputs + outputs) * FLOAT;
        Ok(Usage {
            weights,
            gradients: weights,
            optimizer: slots * weights,
            batch: passes.program.work * FLOAT,
            row,
            pieces: bytes_in_pieces([rows, row], steps, self.data_limit),
            space: self.engine.space()?,
        })
    }

    /// Makes room for the numbers of so many steps, and for the order of their rows.
    pub(crate) fn make_room(&mut self, steps: usize, rows: usize) -> Result<()> {
        let steps = steps.clamp(1, AT_ONCE);
        // It only grows: where the places of turns move, their regions are new.
        self.half = [self.half[0].max(steps * rows), self.half[1].max(steps)];
        self.reserve(Region::Now, Now::LEN)?;
        self.reserve(Region::Order, TURNS * self.half[0])?;
        self.reserve(Region::Control, TURNS * self.half[1] * Control::LEN)
    }

    /// Makes room for the outputs of so many steps, of so many rows. It only grows, as the regions do.
    pub(crate) fn make_room_for_outputs(&mut self, steps: usize, rows: usize) {
        self.outputs = self.outputs.max(steps.clamp(1, AT_ONCE) * rows);
    }

    /// Makes room for so many weights, and what training keeps of each.
    pub(crate) fn make_room_for_weights(&mut self, weights: usize, slots: Option<usize>) -> Result<()> {
        self.reserve(Region::Weights, weights)?;
        if let Some(slots) = slots {
            self.reserve(Region::Grads, weights)?;
            (0..slots).try_for_each(|i| self.reserve(Region::Slot(i), weights))?;
        }
        Ok(())
    }

    /// Brings weights and slots back to the host, if those on the device are newer.
    pub(crate) fn fetch(&mut self, weights: &mut [f32], slots: &mut [Floats]) -> Result<()> {
        if !self.weights.device {
            return Ok(());
        }
        self.engine.read_f32(Region::Weights.span(0, weights.len()), weights)?;
        for (i, slot) in slots.iter_mut().enumerate() {
            let len = slot.len();
            self.engine.read_f32(Region::Slot(i).span(0, len), slot)?;
        }
        self.weights.device = false;
        Ok(())
    }

    /// Brings the states of stateful layers back to the host, if those on the device are newer.
    pub(crate) fn fetch_states(&mut self, carried: &mut [f32]) -> Result<()> {
        if self.states.device && !carried.is_empty() {
            self.engine.read_f32(Region::Carried.span(0, carried.len()), carried)?;
        }
        self.states.device = false;
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
