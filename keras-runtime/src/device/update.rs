//! Launches of optimizers: one for all weights.

use std::ops::Range;

use keras_kernels::{Isa, adam, sgd};

use super::builder::{Builder, len};
use super::launch::Launch;
use super::loss_scale::{self, Scaling, left_out};
use super::memory::{Control, Now, Region, Span};
use super::norms;
use super::reference::Memory;
use crate::model::Graph;

/// An optimizer as kernels know it. What changes from step to step is in [`Region::Control`].
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// Its own rule.
    pub rule: Rule,
    /// Gradients are held between this and its negative.
    pub clipvalue: Option<f32>,
    /// The largest norm of each parameter's gradient.
    pub clipnorm: Option<f32>,
    /// The largest norm of all gradients together.
    pub global_clipnorm: Option<f32>,
    /// How many steps' gradients make up an update, whose sums are in the last slot; none if each step updates.
    pub accumulates: Option<u64>,
    /// Whether it keeps a moving average of the weights, in the slot behind its own.
    pub use_ema: bool,
    /// How the loss is scaled, if it is.
    pub loss_scale: Option<Scaling>,
    /// Parameters of these names do not decay.
    pub without_decay: Vec<String>,
}

/// The rule of an optimizer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Gradient descent.
    Sgd {
        /// How much of the last update goes into the next one.
        momentum: f32,
        /// Whether momentum looks ahead.
        nesterov: bool,
    },
    /// Adam.
    Adam {
        /// How much of the mean of gradients stays.
        beta_1: f32,
        /// How much of the mean of their squares stays.
        beta_2: f32,
        /// Added to the root.
        epsilon: f32,
        /// Whether the largest mean of squares so far counts.
        amsgrad: bool,
    },
}

impl Rule {
    /// How many slots it has.
    pub(crate) fn slots(self) -> usize {
        match self {
            Rule::Sgd { momentum, .. } => usize::from(momentum != 0.0),
            Rule::Adam { amsgrad, .. } => 2 + usize::from(amsgrad),
        }
    }
}

/// Weights that a block of threads updates at most.
const PIECE: usize = 1024;

/// Words of a piece in [`Region::Pieces`]: where it begins, how long it is, whether it decays; the first of the pieces whose
/// gradients are clipped together, and how many those are; and the bits of the smallest gradient that counts as infinite.
pub(crate) const WORDS: usize = 6;

/// The pieces of all weights that are trained.
pub(crate) fn pieces(graph: &Graph, frozen: &[bool], update: &Update) -> Vec<u32> {
    let mut pieces: Vec<[u32; WORDS]> = Vec::new();
    for (param, _) in graph.params.iter().zip(frozen).filter(|(_, frozen)| !**frozen) {
        let decays = !update.without_decay.iter().any(|name| name == param.name);
        let limit = param.precision.overflow().to_bits();
        let (at, end) = (param.at, param.at + len(param.shape));
        let (first, count) = (pieces.len() as u32, (end - at).div_ceil(PIECE) as u32);
        for from in (at..end).step_by(PIECE) {
            pieces.push([from as u32, (end - from).min(PIECE) as u32, u32::from(decays), first, count, limit]);
        }
    }
    if update.global_clipnorm.is_some() {
        let all = pieces.len() as u32;
        pieces.iter_mut().for_each(|piece| [piece[3], piece[4]] = [0, all]);
    }
    pieces.concat()
}

/// A piece, as launches mean it.
pub(super) struct Piece {
    at: usize,
    len: usize,
    decays: bool,
    /// The pieces that are clipped with it.
    clipped: Range<usize>,
    /// The smallest gradient that counts as infinite.
    limit: f32,
}

impl Piece {
    /// All of so many pieces.
    pub(super) fn all(memory: &Memory, count: usize) -> Vec<Piece> {
        let table = memory.u32(Region::Pieces.span(0, count * WORDS));
        let piece = |of: &[u32; WORDS]| {
            let [at, len, decays, first, count, _] = of.map(|word| word as usize);
            Piece { at, len, decays: decays == 1, clipped: first..first + count, limit: f32::from_bits(of[5]) }
        };
        table.as_chunks().0.iter().map(piece).collect()
    }

    /// Its part of a region that is laid out as the parameter block.
    pub(super) fn of(&self, region: Region) -> Span {
        region.span(self.at, self.len)
    }

    /// Whether gradients of it are all finite.
    pub(super) fn is_finite(&self, g: &[f32]) -> bool {
        g.iter().all(|g| g.abs() < self.limit)
    }

    /// The pieces that are clipped with it.
    pub(super) fn clipped(&self) -> Range<usize> {
        self.clipped.clone()
    }
}

/// What the optimizer knows of the step that is under way.
pub(super) fn control(memory: &Memory) -> [f32; Control::LEN] {
    let at = memory.u32(Region::Now.span(Now::CONTROL, 1))[0] as usize * Control::LEN;
    let now = memory.f32(Region::Control.span(at, Control::LEN));
    std::array::from_fn(|i| now[i])
}

/// The last arguments of kernels that go by pieces: the pieces, and the numbers of the step.
pub(super) fn by_pieces(launch: Launch, pieces: usize) -> Launch {
    let launch = launch.grid([pieces, 1, 1], 256).reads(Region::Pieces.span(0, pieces * WORDS));
    launch.reads(Region::Control.span(0, Control::LEN)).reads(Region::Now.span(0, Now::LEN))
}

/// How many weights there are, state among them.
pub(super) fn weights(graph: &Graph) -> usize {
    graph.params.iter().map(|param| param.at + len(param.shape)).max().unwrap_or(0)
}

/// Launches the update of so many pieces of a block of so many weights.
pub(super) fn launch(b: &mut Builder<'_>, update: &Update, weights: usize, pieces: usize) {
    if let Some(scaling) = update.loss_scale {
        loss_scale::unscale(b, scaling, weights, pieces);
    }
    if pieces == 0 {
        return;
    }
    norms::launch(b, update, weights, pieces);
    let Update { rule, clipvalue, use_ema, .. } = update.clone();
    let (constants, numbers, name) = match rule {
        Rule::Sgd { momentum, nesterov } => (vec![momentum != 0.0, nesterov], vec![momentum], "sgd"),
        Rule::Adam { beta_1, beta_2, epsilon, amsgrad } => (vec![amsgrad], vec![beta_1, beta_2, epsilon], "adam"),
    };
    let all = |region: Region| region.span(0, weights);
    let own = rule.slots();
    let launch = Launch::new("update", name).of(constants).of([use_ema]);
    let launch = launch.out(all(Region::Weights)).reads(all(Region::Grads));
    let slot = |launch: Launch, i: usize, there: bool| launch.out_if(there.then(|| all(Region::Slot(i))));
    let most = if matches!(rule, Rule::Sgd { .. }) { 1 } else { 3 };
    let launch = (0..most).fold(launch, |launch, i| slot(launch, i, i < own));
    let launch = by_pieces(slot(launch, own, use_ema), pieces);
    let launch = numbers.into_iter().fold(launch, Launch::float).float(clipvalue.unwrap_or(f32::INFINITY));
    b.launch(launch.means(move |memory| {
        if left_out(memory) {
            return;
        }
        let now = control(memory);
        for piece in Piece::all(memory, pieces) {
            let mut w = memory.f32(piece.of(Region::Weights));
            if now[Control::UPDATE] == 1.0 {
                step(memory, &piece, &mut w, rule, clipvalue, &now);
            }
            if use_ema {
                let (stays, overwrite) = (now[Control::EMA], now[Control::OVERWRITE] == 1.0);
                for (average, w) in memory.f32_mut(piece.of(Region::Slot(own))).iter_mut().zip(&mut w) {
                    *average = stays * *average + (1.0 - stays) * *w;
                    *w = if overwrite { *average } else { *w };
                }
            }
            memory.f32_mut(piece.of(Region::Weights)).copy_from_slice(&w);
        }
    }));
}

/// The rule for a piece with these weights.
fn step(
    memory: &mut Memory,
    piece: &Piece,
    w: &mut [f32],
    rule: Rule,
    clipvalue: Option<f32>,
    now: &[f32; Control::LEN],
) {
    let (rate, decay) = (now[Control::RATE], if piece.decays { now[Control::DECAY] } else { 0.0 });
    let mut g = memory.f32(piece.of(Region::Grads));
    if let Some(limit) = clipvalue {
        g.iter_mut().for_each(|g| *g = g.clamp(-limit, limit));
    }
    let mut slots: Vec<Vec<f32>> = (0..rule.slots()).map(|i| memory.f32(piece.of(Region::Slot(i)))).collect();
    let mut slot = slots.iter_mut().map(Vec::as_mut_slice);
    let mut next = || slot.next().unwrap_or_default();
    match rule {
        Rule::Sgd { momentum, nesterov } => {
            sgd::update(Isa::SCALAR, w, &g, next(), rate, momentum, nesterov, decay);
        }
        Rule::Adam { beta_1, beta_2, epsilon, .. } => {
            let (m, v, vhat) = (next(), next(), next());
            adam::update(Isa::SCALAR, w, &g, m, v, vhat, rate, beta_1, beta_2, epsilon, decay);
        }
    }
    for (i, slot) in slots.iter().enumerate() {
        memory.f32_mut(piece.of(Region::Slot(i))).copy_from_slice(slot);
    }
}
