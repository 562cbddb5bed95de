//! The steps one after the other, whatever computes them.

use core::ops::Range;

use super::{ConvRecurrent, Given, Saved, of};
use crate::Real;
use crate::recurrent::cells::{Half, Step};

/// What computes the parts of a step, for all samples.
pub(super) trait Engine<R: Real> {
    /// sums = a ∗ U.
    fn product(&mut self, sums: &mut [R], a: &[R], samples: usize);

    /// The gradient of a from that of the sums.
    fn transposed(&mut self, da: &mut [R], sums: &[R], samples: usize);

    /// See [`crate::recurrent::cells::forward`].
    fn forward(&mut self, step: Step<'_, R>, saved: &mut Saved<'_, R>);

    /// See [`crate::recurrent::cells::backward`].
    fn backward(&mut self, step: Step<'_, R>, saved: &mut Saved<'_, R>);
}

/// How many samples there are.
pub(super) fn samples<R>(l: &ConvRecurrent, y: usize, mask: Option<&[R]>, saved: &Saved<'_, R>) -> usize {
    let (cell, windows) = (&l.cell, &l.state.windows);
    assert!(windows.n == l.input.windows.out && windows.out == windows.n, "states of another size than x ∗ W");
    assert!(l.input.cout == cell.n() && l.state.cout == cell.n(), "kernels without {} columns", cell.n());
    assert!(l.state.cin == cell.parts() * cell.units, "a state of {} features", l.state.cin);
    let samples = y.checked_div(l.y_len()).unwrap_or(0);
    let [gates, a, aux, pre, h, drop, state, sums, work] = l.lens();
    let parts = [
        ("y", y, l.y_len()),
        ("gates", saved.gates.len(), gates),
        ("a", saved.a.len(), a),
        ("aux", saved.aux.len(), aux),
        ("pre", saved.pre.len(), pre),
        ("h", saved.h.len(), h),
        ("drop", saved.drop.len(), drop),
        ("state", saved.state.len(), state),
        ("sums", saved.sums.len(), sums),
        ("work", saved.work.len(), work),
        ("mask", mask.map_or(samples * cell.steps, <[R]>::len), cell.steps),
    ];
    for (name, found, each) in parts {
        assert!(found == samples * each, "{name} has {found} elements instead of {samples} × {each}");
    }
    samples
}

pub(super) fn step<'a, R>(l: &'a ConvRecurrent, mask: Option<&'a [R]>, samples: usize, s: usize) -> Step<'a, R> {
    let (positions, t, half) = (l.positions(), l.cell.step(s), Half::First);
    Step { l: &l.cell, mask, samples, positions, t, half, apart: true, some: None }
}

/// The samples that a step does not leave out, as ranges of those that lie side by side.
fn taken<R: Real>(step: Step<'_, R>) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    core::iter::from_fn(move || {
        let start = (from..step.samples).find(|&sample| !step.is_left_out(sample))?;
        from = (start..step.samples).find(|&sample| step.is_left_out(sample)).unwrap_or(step.samples);
        Some(start..from)
    })
}

pub(super) fn forward<R: Real>(
    engine: &mut impl Engine<R>,
    l: &ConvRecurrent,
    y: &mut [R],
    given: Given<'_, R>,
    saved: &mut Saved<'_, R>,
) {
    let samples = samples(l, y.len(), given.mask, saved);
    if samples == 0 {
        return;
    }
    let [.., sums, work] = l.lens();
    begin(l, saved.state, given);
    for s in 0..l.cell.steps {
        let step = step(l, given.mask, samples, s);
        multiplied(l, saved, step);
        for run in taken(step) {
            engine.product(&mut saved.sums[of(&run, sums)], &saved.work[of(&run, work)], run.len());
        }
        engine.forward(step, saved);
        show(l, y, &step, saved.state, s);
    }
    if l.cell.states {
        end(l, y, saved.state);
    }
}

/// The states before the first step.
pub(super) fn begin<R: Real>(l: &ConvRecurrent, state: &mut [R], given: Given<'_, R>) {
    let u = l.cell.units;
    for (i, state) in state.chunks_exact_mut(2 * u).enumerate() {
        for (part, initial) in state.chunks_exact_mut(u).zip([given.h, given.c]) {
            match initial {
                Some(initial) => part.copy_from_slice(&initial[i * u..][..u]),
                None => part.fill(R::ZERO),
            }
        }
    }
}

/// The output of the step that is taken as number `s`, if it comes out.
pub(super) fn show<R: Real>(l: &ConvRecurrent, y: &mut [R], step: &Step<'_, R>, state: &[R], s: usize) {
    let (u, image) = (l.cell.units, l.image());
    let Some(place) = l.cell.place(s) else { return };
    for (sample, state) in state.chunks_exact(2 * image).enumerate() {
        let y = &mut y[sample * l.y_len() + place * l.positions()..][..image];
        if l.cell.zero_masked && step.is_left_out(sample) {
            y.fill(R::ZERO);
        } else {
            part(y, state, u, 0);
        }
    }
}

/// The states after the last step, behind the output.
pub(super) fn end<R: Real>(l: &ConvRecurrent, y: &mut [R], state: &[R]) {
    let (u, image) = (l.cell.units, l.image());
    for (y, state) in y.chunks_exact_mut(l.y_len()).zip(state.chunks_exact(2 * image)) {
        for (i, y) in y[l.out_len()..].chunks_exact_mut(image).enumerate() {
            part(y, state, u, i);
        }
    }
}

/// Copies the features of a position, which are few: a call of `memcpy` would take longer.
#[inline]
fn copy<R: Real>(to: &mut [R], from: &[R]) {
    let ((blocks, rest), (from, behind)) = (to.as_chunks_mut::<16>(), from.as_chunks::<16>());
    blocks.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    if !rest.is_empty() {
        rest.copy_from_slice(behind);
    }
}

/// y = h, or c if `i` is 1, of all positions.
fn part<R: Real>(y: &mut [R], state: &[R], u: usize, i: usize) {
    for (y, state) in y.chunks_exact_mut(u).zip(state.chunks_exact(2 * u)) {
        copy(y, &state[i * u..][..u]);
    }
}

/// Keeps what is convolved with U at a step, and has it in `work` for all samples side by side: h, by the masks of the
/// dropout if there is one. What is kept of samples that leave the step out is 0.
pub(super) fn multiplied<R: Real>(l: &ConvRecurrent, saved: &mut Saved<'_, R>, step: Step<'_, R>) {
    let (u, wide) = (l.cell.units, l.cell.parts() * l.cell.units);
    for (i, (work, state)) in saved.work.chunks_exact_mut(wide).zip(saved.state.chunks_exact(2 * u)).enumerate() {
        for (part, work) in work.chunks_exact_mut(u).enumerate() {
            copy(work, &state[..u]);
            if l.cell.dropout {
                work.iter_mut().zip(&saved.drop[i * wide + part * u..]).for_each(|(h, &drop)| *h *= drop);
            }
        }
    }
    let len = wide * l.positions();
    for sample in 0..step.samples {
        let a = &mut saved.a[(sample * l.cell.steps + step.t) * len..][..len];
        if step.is_left_out(sample) {
            a.fill(R::ZERO);
        } else {
            a.copy_from_slice(&saved.work[sample * len..][..len]);
        }
    }
}

pub(super) fn backward<R: Real>(
    engine: &mut impl Engine<R>,
    l: &ConvRecurrent,
    dy: &[R],
    mask: Option<&[R]>,
    saved: &mut Saved<'_, R>,
) {
    let samples = samples(l, dy.len(), mask, saved);
    if samples == 0 {
        return;
    }
    let [.., sums, work] = l.lens();
    begin_back(l, dy, saved.state);
    for s in (0..l.cell.steps).rev() {
        let step = step(l, mask, samples, s);
        shown_back(l, dy, &step, saved.state, s);
        engine.backward(step, saved);
        for run in taken(step) {
            engine.transposed(&mut saved.work[of(&run, work)], &saved.sums[of(&run, sums)], run.len());
            multiplied_back(l, saved, &run);
        }
    }
}

/// The gradients of the states after the last step, but for what comes of the output.
pub(super) fn begin_back<R: Real>(l: &ConvRecurrent, dy: &[R], state: &mut [R]) {
    let (u, image) = (l.cell.units, l.image());
    state.fill(R::ZERO);
    if l.cell.states {
        for (sample, state) in state.chunks_exact_mut(2 * image).enumerate() {
            for (i, dy) in dy[sample * l.y_len() + l.out_len()..].chunks_exact(image).take(2).enumerate() {
                add(state, dy, u, i);
            }
        }
    }
}

/// Adds the gradient of the output of the step that is taken as number `s`, if it comes out, to that of h.
pub(super) fn shown_back<R: Real>(l: &ConvRecurrent, dy: &[R], step: &Step<'_, R>, state: &mut [R], s: usize) {
    let (u, image) = (l.cell.units, l.image());
    let Some(place) = l.cell.place(s) else { return };
    for (sample, state) in state.chunks_exact_mut(2 * image).enumerate() {
        if !(l.cell.zero_masked && step.is_left_out(sample)) {
            add(state, &dy[sample * l.y_len() + place * l.positions()..][..image], u, 0);
        }
    }
}

/// Adds the gradient of what is convolved with U, in `work`, to that of h, for these samples.
pub(super) fn multiplied_back<R: Real>(l: &ConvRecurrent, saved: &mut Saved<'_, R>, run: &Range<usize>) {
    let (u, wide) = (l.cell.units, l.cell.parts() * l.cell.units);
    let work = &mut saved.work[of(run, wide * l.positions())];
    if l.cell.dropout {
        work.iter_mut().zip(&saved.drop[run.start * l.drop_len()..]).for_each(|(d, &drop)| *d *= drop);
    }
    let state = saved.state[of(run, 2 * l.image())].chunks_exact_mut(2 * u);
    for (state, work) in state.zip(work.chunks_exact(wide)) {
        for work in work.chunks_exact(u) {
            state[..u].iter_mut().zip(work).for_each(|(dh, &d)| *dh += d);
        }
    }
}

/// Adds the gradient of h, or of c if `i` is 1, of all positions.
fn add<R: Real>(state: &mut [R], dy: &[R], u: usize, i: usize) {
    for (state, dy) in state.chunks_exact_mut(2 * u).zip(dy.chunks_exact(u)) {
        state[i * u..][..u].iter_mut().zip(dy).for_each(|(state, &dy)| *state += dy);
    }
}
