//! What elementwise optimizers share.

use core::array;
use core::ops::Range;

use keras_kernels::Isa;
use keras_kernels::memory::{Rule, Slots};

#[cfg(feature = "cuda")]
use super::base::Now;
use super::{Base, LossScale, Optimizer, Step, TensorRule};
use crate::Result;
#[cfg(feature = "cuda")]
use crate::device::{self, memory::Control};
use crate::model::graph::Param;

/// An optimizer that updates each weight by its own gradient, with the arguments of [`Base`] around it.
///
/// Whoever implements it is an [`Optimizer`]; its [`Rule`] calls [`Elementwise::with_base`].
pub trait Elementwise: Rule + Send + Sync {
    /// Its name in Keras: `sgd`.
    fn name(&self) -> &str;
    /// The shared arguments.
    fn base(&self) -> &Base;
    /// The shared arguments, to be changed.
    fn base_mut(&mut self) -> &mut Base;
    /// The names of its own slots.
    fn own_slots(&self) -> &'static [&'static str];
    /// Whether its own arguments make sense.
    ///
    /// # Errors
    /// If they do not.
    fn check(&self) -> Result<()> {
        Ok(())
    }
    /// Whether a weight stays as it is if its gradient is 0, as long as the shared arguments do not say otherwise.
    fn is_stateless(&self) -> bool {
        false
    }
    /// Computes what is the same for all weights in update `t`, counted from 1.
    fn prepare(&mut self, learning_rate: f32, t: u64);
    /// Updates weights that first lose the share `decay` of them. The optimizer's own slots come first.
    fn rule(&self, isa: Isa, w: &mut [f32], g: &[f32], slots: Slots<'_>, decay: f32);
    /// The rule that [devices](crate::device) have a kernel for.
    #[cfg(feature = "cuda")]
    fn device_rule(&self) -> Option<device::Rule> {
        None
    }
    /// The learning rate that [`Elementwise::prepare`] has worked out for this rule.
    #[cfg(feature = "cuda")]
    fn device_rate(&self) -> f32 {
        0.0
    }
    /// What [`Rule::update`] of such an optimizer does: clipping, the rule, and the moving average.
    fn with_base(&self, w: &mut [f32], g: &[f32], slots: Slots<'_>)
    where
        Self: Sized,
    {
        step(self, w, g, slots, self.base().now.decay);
    }
}

/// How many gradients are clipped at once, on the stack.
const PIECE: usize = 256;

fn step<E: Elementwise + ?Sized>(optimizer: &E, w: &mut [f32], g: &[f32], mut slots: Slots<'_>, decay: f32) {
    let base = optimizer.base();
    let isa = base.now.isa;
    if let Some(limit) = base.clipvalue {
        let mut clipped = [0.0; PIECE];
        for from in (0..w.len()).step_by(PIECE) {
            let range = from..w.len().min(from + PIECE);
            let clipped = &mut clipped[..range.len()];
            for (clipped, &g) in clipped.iter_mut().zip(&g[range.clone()]) {
                *clipped = clip(g, limit);
            }
            optimizer.rule(isa, &mut w[range.clone()], clipped, own(optimizer, &mut slots, &range), decay);
        }
    } else {
        let all = 0..w.len();
        optimizer.rule(isa, w, g, own(optimizer, &mut slots, &all), decay);
    }
    if base.use_ema {
        follow(base, w, slots[optimizer.own_slots().len()]);
    }
}

/// NaN stays NaN.
fn clip(g: f32, limit: f32) -> f32 {
    if g > limit {
        limit
    } else if g < -limit {
        -limit
    } else {
        g
    }
}

/// The optimizer's own slots; the others are empty.
fn own<'a, E: Elementwise + ?Sized>(optimizer: &E, slots: &'a mut Slots<'_>, range: &Range<usize>) -> Slots<'a> {
    let used = optimizer.own_slots().len();
    let mut slots = slots.iter_mut().take(used);
    array::from_fn(|_| slots.next().map_or(&mut [][..], |slot| &mut slot[range.clone()]))
}

/// Takes weights into their moving average, or puts it in their place.
fn follow(base: &Base, w: &mut [f32], average: &mut [f32]) {
    let momentum = base.now.ema;
    for (w, average) in w.iter_mut().zip(average) {
        *average = momentum * *average + (1.0 - momentum) * *w;
        if base.now.overwrite {
            *w = *average;
        }
    }
}

// What follows is compiled for each optimizer in the user's crate, so it only passes on.
impl<E: Elementwise> Optimizer for E {
    fn name(&self) -> &str {
        Elementwise::name(self)
    }
    fn learning_rate(&self) -> f32 {
        self.base().learning_rate()
    }
    fn set_learning_rate(&mut self, learning_rate: f32) {
        self.base_mut().set_learning_rate(learning_rate);
    }
    fn is_scheduled(&self) -> bool {
        self.base().is_scheduled()
    }
    fn check(&self) -> Result<()> {
        check(self)
    }
    fn slots(&self) -> usize {
        slots(self)
    }
    fn slot_names(&self) -> Vec<&str> {
        slot_names(self)
    }
    fn scalars(&self) -> usize {
        self.base().scalars()
    }
    fn loss_scale(&self) -> Option<LossScale> {
        self.base().loss_scale_factor.map(LossScale::fixed)
    }
    fn step(&mut self, iteration: u64) -> Step<'_> {
        if begin(self, iteration) { Step::Tensors(self) } else { Step::Elementwise(self) }
    }
    fn finalize(&self, params: &[Param], frozen: &[bool], weights: &mut [f32], slots: &mut [&mut [f32]]) {
        finalize(self, params, frozen, weights, slots);
    }
    #[cfg(feature = "cuda")]
    fn device_update(&self) -> Result<device::Update, String> {
        match self.device_rule() {
            Some(rule) => Ok(self.base().device_update(rule)),
            None => Err(format!("the optimizer `{}`, which is not one of keras's own", Elementwise::name(self))),
        }
    }
    #[cfg(feature = "cuda")]
    fn device_control(&mut self, iteration: u64) -> [f32; Control::LEN] {
        begin(self, iteration);
        let Now { decay, ema, overwrite, update, .. } = self.base().now;
        let [overwrite, update] = [overwrite, update].map(|yes| f32::from(u8::from(yes)));
        [self.device_rate(), decay, ema, overwrite, update]
    }
    #[cfg(feature = "cuda")]
    fn device_made(&mut self, steps: u64) {
        self.base_mut().now.next = steps;
    }
}

impl<E: Elementwise> TensorRule for E {
    fn update(
        &mut self,
        params: &[Param],
        frozen: &[bool],
        weights: &mut [f32],
        grads: &mut [f32],
        slots: &mut [&mut [f32]],
    ) {
        update(self, params, frozen, weights, grads, slots);
    }
}

fn check(optimizer: &dyn Elementwise) -> Result<()> {
    optimizer.base().check()?;
    optimizer.check()
}

fn slots(optimizer: &dyn Elementwise) -> usize {
    optimizer.own_slots().len() + optimizer.base().slot_names().count()
}

fn slot_names(optimizer: &dyn Elementwise) -> Vec<&str> {
    optimizer.own_slots().iter().copied().chain(optimizer.base().slot_names()).collect()
}

/// Begins a step; whether it needs whole tensors.
fn begin(optimizer: &mut dyn Elementwise, iteration: u64) -> bool {
    let (rate, updates) = optimizer.base_mut().begin(iteration);
    optimizer.prepare(rate, updates + 1);
    optimizer.base().needs_tensors()
}

fn finalize(
    optimizer: &dyn Elementwise,
    params: &[Param],
    frozen: &[bool],
    weights: &mut [f32],
    slots: &mut [&mut [f32]],
) {
    if !optimizer.base().use_ema || optimizer.base().now.next == 0 {
        return;
    }
    let average = &*slots[optimizer.own_slots().len()];
    for (_, range) in trained(params, frozen) {
        weights[range.clone()].copy_from_slice(&average[range]);
    }
}

fn update(
    optimizer: &dyn Elementwise,
    params: &[Param],
    frozen: &[bool],
    weights: &mut [f32],
    grads: &mut [f32],
    slots: &mut [&mut [f32]],
) {
    let base = optimizer.base();
    let behind_average = optimizer.own_slots().len() + usize::from(base.use_ema);
    let (slots, accumulator) = slots.split_at_mut(behind_average);
    if let (Some(steps), [sums, ..]) = (base.gradient_accumulation_steps, accumulator) {
        for (_, range) in trained(params, frozen) {
            accumulate(base, steps, &mut grads[range.clone()], &mut sums[range]);
        }
    }
    if base.now.update {
        clip_norms(base, params, frozen, grads);
    }
    for (param, range) in trained(params, frozen) {
        let w = &mut weights[range.clone()];
        if base.now.update {
            let mut slots = slots.iter_mut();
            let slots = array::from_fn(|_| slots.next().map_or(&mut [][..], |slot| &mut slot[range.clone()]));
            step(optimizer, w, &grads[range.clone()], slots, base.decay_of(param));
        } else if base.use_ema {
            follow(base, w, &mut slots[behind_average - 1][range]);
        }
    }
}

/// The parameters that are trained, and where they lie.
fn trained<'a>(params: &'a [Param], frozen: &'a [bool]) -> impl Iterator<Item = (&'a Param, Range<usize>)> + 'a {
    let trained = |(i, param): &(usize, &Param)| param.trainable && frozen.get(*i) != Some(&true);
    params.iter().enumerate().filter(trained).map(|(_, param)| {
        let len: usize = param.shape.iter().product();
        (param, param.at..param.at + len)
    })
}

/// Adds gradients to their sums; in a step that updates, makes them means and begins anew.
fn accumulate(base: &Base, steps: u64, g: &mut [f32], sums: &mut [f32]) {
    for (g, sum) in g.iter_mut().zip(sums) {
        if base.now.update {
            *g = (*g + *sum) / steps as f32;
            *sum = 0.0;
        } else {
            *sum += *g;
        }
    }
}

fn clip_norms(base: &Base, params: &[Param], frozen: &[bool], grads: &mut [f32]) {
    let squares = |g: &[f32]| g.iter().map(|&g| f64::from(g) * f64::from(g)).sum::<f64>();
    if let Some(limit) = base.clipnorm {
        for (_, range) in trained(params, frozen) {
            let g = &mut grads[range];
            scale_down(g, squares(g).sqrt(), limit);
        }
    } else if let Some(limit) = base.global_clipnorm {
        let norm = trained(params, frozen).map(|(_, range)| squares(&grads[range])).sum::<f64>().sqrt();
        // As in Keras: an infinite gradient spoils all, so that it is noticed.
        let norm = if norm.is_finite() { norm } else { f64::NAN };
        for (_, range) in trained(params, frozen) {
            scale_down(&mut grads[range], norm, limit);
        }
    }
}

fn scale_down(g: &mut [f32], norm: f64, limit: f32) {
    let limit = f64::from(limit);
    if norm <= limit {
        return;
    }
    let factor = (limit / norm) as f32;
    for g in g {
        *g *= factor;
    }
}
