//! Lines in which a feature of a convolution's input lies several times, side by side: once for each feature that is made of it.

use super::Geometry;
use super::lines::Source;
use crate::Isa;
use crate::dispatch::per_isa;
use crate::gemm::view::Begin;

/// Samples as they are read: as they lie, or with each feature so many times in lines of a panel.
pub(super) struct Read<'a> {
    x: &'a [f32],
    /// As many floats have a feature each in the panel.
    times: usize,
    panel: &'a mut [f32],
    /// For each tap of the first dimension, so many lines of the panel take turns; 0 if lines are read as they lie.
    pub(super) ring: usize,
    /// The line of the second dimension behind those that are there.
    next: usize,
}

impl<'a> Read<'a> {
    /// The input of a convolution, as windows of `source` see it.
    pub(super) fn new(x: &'a [f32], g: &Geometry, source: &Source, panel: &'a mut [f32]) -> Read<'a> {
        let (times, line) = (g.to_each(), source.n[2] * source.features * source.k[0]);
        let ring = if times == 1 { 0 } else { panel.len().checked_div(line).unwrap_or(1).min(source.n[1]) };
        Read { x, times, panel, ring, next: 0 }
    }

    /// Makes ready the lines that windows `o` of a sample see. All windows of a line of them come one after the other, from
    /// the first on. What is to be read from then on.
    pub(super) fn ready(&mut self, isa: Isa, source: &Source, sample: usize, o: [usize; 2]) -> *const f32 {
        let inside = source.n[0] * source.n[1] * source.n[2] * source.features / self.times;
        let x = &self.x[sample * inside..][..inside];
        if self.times == 1 {
            return x.as_ptr();
        }
        if o[1] == 0 {
            self.next = 0;
        }
        let line = source.n[2] * source.features;
        let (first, count) = source.lines(o);
        if line > 0 && count[1] > 0 {
            // Lines between taps are those that later windows see.
            let from = (o[1] * source.stride[1]).saturating_sub(source.before[1] as usize);
            let last = source.position(1, o[1], first[1] + count[1] - 1);
            for i1 in from.max(self.next)..=last {
                for tap in first[0]..first[0] + count[0] {
                    let from = (source.position(0, o[0], tap) * source.n[1] + i1) * line / self.times;
                    let to = &mut self.panel[(tap * self.ring + i1 % self.ring) * line..][..line];
                    repeat(isa, to, &x[from..][..line / self.times], self.times);
                }
            }
            self.next = self.next.max(last + 1);
        }
        self.panel.as_ptr()
    }
}

/// Where the line of a sample begins that these taps of the first two dimensions meet in windows `o`, if lines take turns in
/// a ring of so many, or lie as they are if it has none.
pub(super) fn line(source: &Source, ring: usize, o: [usize; 2], tap: [usize; 2]) -> usize {
    match source.position(1, o[1], tap[1]).checked_rem(ring) {
        Some(turn) => (tap[0] * ring + turn) * source.n[2] * source.features,
        None => source.line(o, tap),
    }
}

/// Writes each element so many times.
fn repeat(isa: Isa, to: &mut [f32], from: &[f32], times: usize) {
    per_isa!(isa, self::repeated(to: &mut [f32], from: &[f32], times: usize), repeated);
}

#[inline(always)]
fn repeated(to: &mut [f32], from: &[f32], times: usize) {
    match times {
        2 => to.as_chunks_mut::<2>().0.iter_mut().zip(from).for_each(|(to, &x)| *to = [x; 2]),
        4 => to.as_chunks_mut::<4>().0.iter_mut().zip(from).for_each(|(to, &x)| *to = [x; 4]),
        8 => to.as_chunks_mut::<8>().0.iter_mut().zip(from).for_each(|(to, &x)| *to = [x; 8]),
        _ => to.chunks_exact_mut(times).zip(from).for_each(|(to, &x)| to.fill(x)),
    }
}

/// Adds up the elements that belong together: a line of `sums` is positions that lie `stride` apart in `dx`, each of so many
/// features, as the first of `sizes` says, and so many elements for each of them, as the second does.
pub(super) fn gather(isa: Isa, dx: &mut [f32], stride: usize, sums: &[f32], sizes: [usize; 2], begin: Begin<'_, f32>) {
    per_isa!(
        isa,
        self::gathered(dx: &mut [f32], stride: usize, sums: &[f32], sizes: [usize; 2], begin: Begin<'_, f32>),
        gathered
    );
}

#[inline(always)]
fn gathered(dx: &mut [f32], stride: usize, sums: &[f32], [cin, times]: [usize; 2], begin: Begin<'_, f32>) {
    for (dx, sums) in dx.chunks_mut(stride).zip(sums.chunks_exact(cin * times)) {
        let dx = &mut dx[..cin];
        begin.lay(dx, cin);
        match times {
            2 => dx.iter_mut().zip(sums.as_chunks::<2>().0).for_each(|(dx, [a, b])| *dx += a + b),
            _ => dx.iter_mut().zip(sums.chunks_exact(times)).for_each(|(dx, sums)| *dx += sums.iter().sum::<f32>()),
        }
    }
}
