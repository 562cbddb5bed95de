//! Launches of optimizers: one for all weights.

use keras_kernels::{Isa, adam, sgd};

use super::builder::{Builder, len};
use super::launch::{Arg, Launch};
use super::memory::{Control, Now, Region};
use super::ops::flag;
use crate::model::Graph;

/// An optimizer as kernels know it. What changes from step to step is in [`Region::Control`].
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// Its own rule.
    pub rule: Rule,
    /// Gradients are held between this and its negative.
    pub clipvalue: Option<f32>,
    /// Whether it keeps a moving average of the weights, in the slot behind its own.
    pub use_ema: bool,
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

/// Words of a piece in [`Region::Pieces`]: where it begins, how long it is, and whether it decays.
pub(crate) const WORDS: usize = 3;

/// The pieces of all weights that are trained.
pub(crate) fn pieces(graph: &Graph, frozen: &[bool], update: &Update) -> Vec<u32> {
    let mut pieces = Vec::new();
    for (param, _) in graph.params.iter().zip(frozen).filter(|(_, frozen)| !**frozen) {
        let decays = !update.without_decay.iter().any(|name| name == param.name);
        let (at, end) = (param.at, param.at + len(param.shape));
        for from in (at..end).step_by(PIECE) {
            pieces.extend([from as u32, (end - from).min(PIECE) as u32, u32::from(decays)]);
        }
    }
    pieces
}

/// How many weights there are, state among them.
pub(super) fn weights(graph: &Graph) -> usize {
    graph.params.iter().map(|param| param.at + len(param.shape)).max().unwrap_or(0)
}

/// Launches the update of so many pieces of a block of so many weights.
pub(super) fn launch(b: &mut Builder<'_>, update: &Update, weights: usize, pieces: usize) {
    if pieces == 0 {
        return;
    }
    let Update { rule, clipvalue, use_ema, .. } = update.clone();
    let (constants, numbers, name) = match rule {
        Rule::Sgd { momentum, nesterov } => (vec![flag(momentum != 0.0), flag(nesterov)], vec![momentum], "sgd"),
        Rule::Adam { beta_1, beta_2, epsilon, amsgrad } => (vec![flag(amsgrad)], vec![beta_1, beta_2, epsilon], "adam"),
    };
    let all = |region: Region| region.span(0, weights);
    let own = rule.slots();
    let launch = Launch::new("update", name).grid([pieces, 1, 1], 256).of(constants).of([flag(use_ema)]);
    let launch = launch.out(all(Region::Weights)).reads(all(Region::Grads));
    let slot =
        |launch: Launch, i: usize, there| launch.arg(if there { Arg::Out(all(Region::Slot(i))) } else { Arg::Null });
    let most = if matches!(rule, Rule::Sgd { .. }) { 1 } else { 3 };
    let launch = (0..most).fold(launch, |launch, i| slot(launch, i, i < own));
    let table = Region::Pieces.span(0, pieces * WORDS);
    let launch = slot(launch, own, use_ema).reads(table);
    let control = Region::Control.span(0, Control::LEN);
    let launch = launch.reads(control).reads(Region::Now.span(0, Now::LEN));
    let launch = numbers.into_iter().fold(launch, Launch::float).float(clipvalue.unwrap_or(f32::INFINITY));
    b.launch(launch.means(move |memory| {
        let at = memory.u32(Region::Now.span(Now::CONTROL, 1))[0] as usize * Control::LEN;
        let now = memory.f32(Region::Control.span(at, Control::LEN));
        for piece in memory.u32(table).to_vec().chunks_exact(WORDS) {
            let (at, len) = (piece[0] as usize, piece[1] as usize);
            let of = |region: Region| region.span(at, len);
            let decay = if piece[2] == 1 { now[Control::DECAY] } else { 0.0 };
            let mut g = memory.f32(of(Region::Grads));
            if let Some(limit) = clipvalue {
                g.iter_mut().for_each(|g| {
                    *g = if *g > limit {
                        limit
                    } else if *g < -limit {
                        -limit
                    } else {
                        *g
                    }
                });
            }
            let mut w = memory.f32(of(Region::Weights));
            let mut slots: Vec<Vec<f32>> = (0..own).map(|i| memory.f32(of(Region::Slot(i)))).collect();
            let rate = now[Control::RATE];
            let mut slot = slots.iter_mut().map(Vec::as_mut_slice);
            let mut next = || slot.next().unwrap_or_default();
            match rule {
                Rule::Sgd { momentum, nesterov } => {
                    sgd::update(Isa::SCALAR, &mut w, &g, next(), rate, momentum, nesterov, decay);
                }
                Rule::Adam { beta_1, beta_2, epsilon, .. } => {
                    let (m, v, vhat) = (next(), next(), next());
                    adam::update(Isa::SCALAR, &mut w, &g, m, v, vhat, rate, beta_1, beta_2, epsilon, decay);
                }
            }
            for (i, slot) in slots.iter().enumerate() {
                memory.f32_mut(of(Region::Slot(i))).copy_from_slice(slot);
            }
            if use_ema {
                let (stays, overwrite) = (now[Control::EMA], now[Control::OVERWRITE] == 1.0);
                for (average, w) in memory.f32_mut(of(Region::Slot(own))).iter_mut().zip(&mut w) {
                    *average = stays * *average + (1.0 - stays) * *w;
                    *w = if overwrite { *average } else { *w };
                }
            }
            memory.f32_mut(of(Region::Weights)).copy_from_slice(&w);
        }
    }));
}
