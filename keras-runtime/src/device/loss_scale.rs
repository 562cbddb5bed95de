//! Launches of a scaled loss: what [`LossScale`](crate::optimizer::LossScale) does on the processor.

use super::builder::Builder;
use super::launch::Launch;
use super::memory::{Now, Region, Span};
use super::reference::Memory;
use super::update::{Piece, by_pieces};

/// How a loss is scaled. The scale itself is in [`Region::LossScale`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// By a number that stays.
    Fixed,
    /// By one that follows the gradients.
    Dynamic {
        /// After how many steps it is doubled.
        growth_steps: u32,
    },
}

/// The scale.
pub(super) const SCALE: Span = Region::LossScale.span(0, 1);

/// The scale as the step finds it.
pub(super) fn scale(memory: &Memory) -> f32 {
    memory.f32(SCALE)[0]
}

/// Whether the step is left out, which is known once [`unscale`] has been launched.
pub(super) fn left_out(memory: &Memory) -> bool {
    memory.u32(Region::Now.span(Now::LEFT_OUT, 1))[0] == 1
}

/// What a position counts in the gradient of a loss, times the scale: one number on the device.
pub(super) fn share(b: &mut Builder<'_>, share: Result<Span, f32>) -> Span {
    let scaled = b.buffer(1);
    let launch = Launch::new("loss_scale", "scale_share").grid([1; 3], 1).out(scaled).reads(SCALE);
    let launch = launch.reads_if(share.ok()).float(share.err().unwrap_or(1.0));
    b.launch(launch.means(move |memory| {
        let share = share.map_or_else(|known| known, |share| memory.f32(share)[0]);
        memory.f32_mut(scaled)[0] = scale(memory) * share;
    }));
    scaled
}

/// Launches the division of gradients by the scale, in so many pieces of a block of so many weights, and what decides whether the
/// step is left out.
pub(super) fn unscale(b: &mut Builder<'_>, scaling: Scaling, weights: usize, pieces: usize) {
    let found = Region::Infinite.span(0, pieces);
    if pieces > 0 {
        let launch = Launch::new("loss_scale", "unscale").out(Region::Grads.span(0, weights)).out(found).reads(SCALE);
        b.launch(by_pieces(launch, pieces).means(move |memory| {
            let by = scale(memory);
            for (i, piece) in Piece::all(memory, pieces).iter().enumerate() {
                let g = memory.f32_mut(piece.of(Region::Grads));
                let infinite = !piece.is_finite(g);
                g.iter_mut().for_each(|g| *g /= by);
                memory.u32_mut(found)[i] = u32::from(infinite);
            }
        }));
    }
    let Scaling::Dynamic { growth_steps } = scaling else { return };
    let now = Region::Now.span(0, Now::LEN);
    let found = (pieces > 0).then_some(found);
    let launch = Launch::new("loss_scale", "judge").out(SCALE).out(now).reads_if(found).int(pieces);
    b.launch(launch.arg(super::Arg::Word(growth_steps)).means(move |memory| {
        let left_out = found.is_some_and(|found| memory.u32(found).contains(&1));
        let now = memory.u32_mut(now);
        let counted = now[Now::SCALED].wrapping_add(1);
        let grows = !left_out && counted == growth_steps;
        now[Now::LEFT_OUT] = u32::from(left_out);
        now[Now::SCALED] = if left_out || grows { 0 } else { counted };
        let factor = if left_out {
            0.5
        } else if grows {
            2.0
        } else {
            1.0
        };
        memory.f32_mut(SCALE)[0] *= factor;
    }));
}
