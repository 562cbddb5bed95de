//! What an optimizer does to gradients before its rule has them: accumulation, and clipping by norms.

use super::builder::Builder;
use super::launch::{Launch, THREADS};
use super::loss_scale::left_out;
use super::memory::{Control, Region, Span};
use super::update::{Piece, Update, by_pieces, control};

/// Launches what there is to do for so many pieces of a block of so many weights.
pub(super) fn launch(b: &mut Builder<'_>, update: &Update, weights: usize, pieces: usize) {
    let grads = Region::Grads.span(0, weights);
    if let Some(steps) = update.accumulates {
        let slot = Region::Slot(update.rule.slots() + usize::from(update.use_ema));
        accumulate(b, grads, slot, pieces, steps);
    }
    let clipped = [update.clipnorm, update.global_clipnorm];
    if let Some(limit) = clipped.into_iter().flatten().next() {
        clip(b, grads, pieces, limit, update.global_clipnorm.is_some());
    }
}

/// Gradients are added to their sums; in a step that updates they become means, and the sums begin anew.
fn accumulate(b: &mut Builder<'_>, grads: Span, sums: Region, pieces: usize, steps: u64) {
    let launch = Launch::new("norms", "accumulate").out(grads).out(sums.span(0, grads.len));
    b.launch(by_pieces(launch, pieces).float(steps as f32).means(move |memory| {
        if left_out(memory) {
            return;
        }
        let update = control(memory)[Control::UPDATE] == 1.0;
        for piece in Piece::all(memory, pieces) {
            let (mut g, mut sum) = (memory.f32(piece.of(Region::Grads)), memory.f32(piece.of(sums)));
            for (g, sum) in g.iter_mut().zip(&mut sum) {
                (*g, *sum) = if update { ((*g + *sum) / steps as f32, 0.0) } else { (*g, *sum + *g) };
            }
            memory.f32_mut(piece.of(Region::Grads)).copy_from_slice(&g);
            memory.f32_mut(piece.of(sums)).copy_from_slice(&sum);
        }
    }));
}

/// Gradients are scaled down to a norm: of each parameter, or of all.
fn clip(b: &mut Builder<'_>, grads: Span, pieces: usize, limit: f32, all: bool) {
    let squares = Region::Squares.span(0, pieces);
    let launch = Launch::new("norms", "squares").out(squares).reads(grads);
    b.launch(by_pieces(launch, pieces).means(move |memory| {
        for (i, piece) in Piece::all(memory, pieces).iter().enumerate() {
            let g = memory.f32(piece.of(Region::Grads));
            memory.f64_mut(squares)[i] = g.iter().map(|&g| f64::from(g) * f64::from(g)).sum();
        }
    }));
    // A norm is worked out once, by the first of the pieces that it is of: where it is that of all, by the first of all.
    let groups = if all { 1 } else { pieces };
    let factors = b.buffer(groups);
    let launch = by_pieces(Launch::new("norms", "clip_factors").of([all]).out(factors).reads(squares), pieces);
    b.launch(launch.grid([groups, 1, 1], THREADS).float(limit).means(move |memory| {
        let limit = f64::from(limit);
        for (i, piece) in Piece::all(memory, groups).iter().enumerate() {
            let of = piece.clipped();
            let norm = if of.start == i { memory.f64(squares)[of].iter().sum::<f64>().sqrt() } else { 0.0 };
            // As on the processor: an infinite gradient spoils all, so that it is noticed.
            let norm = if all && !norm.is_finite() { f64::NAN } else { norm };
            memory.f32_mut(factors)[i] = if norm <= limit { 1.0 } else { (limit / norm) as f32 };
        }
    }));
    let launch = Launch::new("norms", "scale_down").out(grads).reads(factors);
    b.launch(by_pieces(launch, pieces).means(move |memory| {
        if control(memory)[Control::UPDATE] == 0.0 || left_out(memory) {
            return;
        }
        for piece in Piece::all(memory, pieces) {
            let factor = memory.f32(factors)[piece.clipped().start];
            memory.f32_mut(piece.of(Region::Grads)).iter_mut().for_each(|g| *g *= factor);
        }
    }));
}
