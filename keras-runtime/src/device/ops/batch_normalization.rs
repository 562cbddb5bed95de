//! Normalization of channels over a batch.

use keras_kernels::batch_normalization::{Channels, least, scalar};

use super::softmax::rows as warps;
use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::device::memory::Span;
use crate::device::reference::Memory;
use crate::model::graph::OpKind;

/// An op, and where its numbers lie.
#[derive(Clone, Copy)]
struct Normalized {
    of: Channels,
    rows: usize,
    /// Whether it normalizes by the batch.
    learns: bool,
    x: Span,
    mask: Option<Span>,
    gamma: Option<Span>,
    beta: Option<Span>,
    /// What is gathered of a batch: mean, 1 / √(σ² + ε), r, d of the channels, and of how many samples they are.
    gathered: Span,
}

/// The parts of what is gathered.
fn parts(gathered: &[f32], c: usize) -> ([&[f32]; 4], f32) {
    let part = |i: usize| &gathered[i * c..(i + 1) * c];
    ([part(0), part(1), part(2), part(3)], gathered[4 * c])
}

/// A thread for each element.
fn over(name: &'static str, elements: usize) -> Launch {
    Launch::new("batch_normalization", name).over(elements)
}

/// A block for 32 channels of a sample; samples, of which there may be many, in the grid's x.
fn by_samples(name: &'static str, c: usize, rows: usize) -> Launch {
    Launch::new("batch_normalization", name).grid([rows, c.div_ceil(32), 1], 256)
}

impl Normalized {
    fn new(site: &mut Site<'_, '_>) -> Option<Normalized> {
        let OpKind::BatchNormalization { of, gamma, beta } = site.kind() else { return None };
        let trained = if gamma || beta { !site.is_frozen(0) } else { site.is_trainable() };
        Some(Normalized {
            of,
            rows: site.b.rows,
            learns: site.b.training && trained,
            x: site.x(0),
            mask: of.masked.then(|| site.x(1)),
            gamma: gamma.then(|| site.w(0)),
            beta: beta.then(|| site.w(usize::from(gamma))),
            gathered: site.own(0, 4 * of.channels + 1),
        })
    }

    /// The mean and so on of the batch, and new moving averages.
    fn gather(self, site: &mut Site<'_, '_>) {
        let Normalized { rows, x, mask, gathered, .. } = self;
        let of = Channels { renorm: None, ..self.of };
        let (renorm, c) = (self.of.renorm, of.channels);
        let stats = site.b.buffer(rows * of.statistics());
        let launch = by_samples("batch_normalization_statistics", c, rows).of([of.positions, c]).of([of.masked]);
        site.launch(launch.out(stats).reads(x).reads_if(mask).means(move |memory| {
            let (x, mask) = (memory.f32(x), memory.f32_if(mask));
            scalar::statistics(memory.f32_mut(stats), &x, mask.as_deref().unwrap_or_default(), &of);
        }));

        let first = usize::from(self.gamma.is_some()) + usize::from(self.beta.is_some());
        let moving = [site.w(first), site.w(first + 1)];
        let own = renorm.map(|_| [2, 3, 4].map(|i| site.w(first + i)));
        let launch = warps("batch_normalization", "batch_normalization_gather", c).of([c]).of([renorm.is_some()]);
        let launch = launch.out(gathered).out(moving[0]).out(moving[1]);
        let launch = (0..3).fold(launch, |launch, i| launch.out_if(own.map(|own| own[i]))).reads(stats).int(rows);
        let numbers = renorm.map_or([0.0; 4], |of| [of.momentum, of.rmin, of.rmax, of.dmax]);
        let launch = launch.float(least(&of) as f32).float(of.epsilon).float(of.momentum);
        let of = self.of;
        site.launch(numbers.into_iter().fold(launch, Launch::float).means(move |memory| {
            let stats = memory.f32(stats).to_vec();
            gather(memory, &stats, gathered, moving, own, &of);
        }));
    }
}

/// As the kernel of this name.
fn gather(
    memory: &mut Memory,
    stats: &[f32],
    gathered: Span,
    moving: [Span; 2],
    own: Option<[Span; 3]>,
    of: &Channels,
) {
    let c = of.channels;
    let (mut mean, mut variance) = (vec![0.0; c], vec![0.0; c]);
    let (mut r, mut d) = (vec![1.0; c], vec![0.0; c]);
    let samples = scalar::combine(&mut mean, &mut variance, stats, &Channels { renorm: None, ..*of });
    scalar::update(memory.f32_mut(moving[0]), &mean, of.momentum);
    if let (Some([deviation, own_mean, own_deviation]), Some(renorm)) = (own, of.renorm) {
        let old = [memory.f32(own_mean).to_vec(), memory.f32(own_deviation).to_vec()];
        scalar::corrections([&mut r, &mut d], &mean, &variance, [&old[0], &old[1]], of);
        scalar::update_deviation(memory.f32_mut(deviation), &variance, of.epsilon, of.momentum);
        let deviation = memory.f32(deviation).to_vec();
        let squared = deviation.iter().map(|new| (new * new - of.epsilon).max(0.0));
        memory.f32_mut(moving[1]).iter_mut().zip(squared).for_each(|(to, x)| *to = x);
        scalar::update(memory.f32_mut(own_mean), &mean, renorm.momentum);
        scalar::update_deviation(memory.f32_mut(own_deviation), &variance, of.epsilon, renorm.momentum);
    } else {
        scalar::update(memory.f32_mut(moving[1]), &variance, of.momentum);
    }
    scalar::deviation(&mut variance, of.epsilon);
    memory.f32_mut(gathered).copy_from_slice(&[&mean[..], &variance, &r, &d, &[samples]].concat());
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let Some(op) = Normalized::new(site) else { return };
    let Normalized { of, learns, x, gamma, beta, gathered, .. } = op;
    let (c, y) = (of.channels, site.y());
    if learns {
        op.gather(site);
    } else {
        let first = usize::from(gamma.is_some()) + usize::from(beta.is_some());
        let (mean, variance) = (site.w(first), site.w(first + 1));
        let launch = over("batch_normalization_moving", c).of([c]).out(gathered).reads(mean).reads(variance);
        site.launch(launch.float(of.epsilon).means(move |memory| {
            let (mean, mut rstd) = (memory.f32(mean).to_vec(), memory.f32(variance).to_vec());
            scalar::deviation(&mut rstd, of.epsilon);
            let all = [&mean[..], &rstd, &vec![1.0; c], &vec![0.0; c + 1]].concat();
            memory.f32_mut(gathered).copy_from_slice(&all);
        }));
    }
    let launch = over("batch_normalization_forward", y.len).of([c]).of([gamma.is_some()]);
    let launch = launch.of([beta.is_some()]).out(y).reads(x).reads(gathered).reads_if(gamma).reads_if(beta);
    site.launch(launch.int(y.len).means(move |memory| {
        let (x, gathered) = (memory.f32(x), memory.f32(gathered));
        let (gamma, beta) = (memory.f32_if(gamma), memory.f32_if(beta));
        let ([mean, rstd, r, d], _) = parts(&gathered, c);
        let (mut r, mut d) = (r.to_vec(), d.to_vec());
        scalar::factors(&mut r, &mut d, gamma.as_deref(), beta.as_deref());
        scalar::apply(memory.f32_mut(y), &x, mean, rstd, Some(&r), Some(&d), &mut vec![0.0; c]);
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let Some(op) = Normalized::new(site) else { return };
    let Normalized { of, rows, learns, x, mask, gamma, gathered, .. } = op;
    let (c, dy) = (of.channels, site.dy());
    let sums = site.b.buffer(rows * 2 * c);
    let launch = by_samples("batch_normalization_sums", c, rows).of([of.positions, c]).out(sums);
    site.launch(launch.reads(dy).reads(x).reads(gathered).means(move |memory| {
        let (dy, x, gathered) = (memory.f32(dy), memory.f32(x), memory.f32(gathered));
        let ([mean, rstd, ..], _) = parts(&gathered, c);
        scalar::sums(memory.f32_mut(sums), &dy, &x, mean, rstd, &of);
    }));
    let totals = site.b.buffer(2 * c);
    super::dense::columns(site, (totals, false), sums, rows, 2 * c);

    for (i, is_gamma) in [(0, true), (usize::from(gamma.is_some()), false)] {
        let there = if is_gamma { gamma.is_some() } else { op.beta.is_some() };
        let Some((dw, acc)) = there.then(|| site.dw(i)).flatten() else { continue };
        let launch = over("batch_normalization_param", c).of([c]).of([is_gamma, acc]);
        site.launch(launch.out(dw).reads(totals).reads(gathered).means(move |memory| {
            let (totals, gathered) = (memory.f32(totals), memory.f32(gathered));
            let ([_, _, r, d], _) = parts(&gathered, c);
            let (sum, dot) = totals.split_at(c);
            let gamma: Vec<f32> = (0..c).map(|j| dot[j] * r[j] + sum[j] * d[j]).collect();
            super::put(memory.f32_mut(dw), if is_gamma { &gamma } else { sum }, acc);
        }));
    }

    let Some((dx, acc)) = site.dx(0) else { return };
    let launch = over("batch_normalization_backward", dx.len).of([of.positions, c]);
    let launch = launch.of([learns, of.masked, gamma.is_some(), acc]).out(dx).reads(dy).reads(x).reads_if(mask);
    let launch = launch.reads(gathered).reads(totals).reads_if(gamma).int(dx.len);
    site.launch(launch.means(move |memory| {
        let (dy, x, mask) = (memory.f32(dy), memory.f32(x), memory.f32_if(mask));
        let (gathered, totals, gamma) = (memory.f32(gathered), memory.f32(totals), memory.f32_if(gamma));
        let ([mean, rstd, r, _], samples) = parts(&gathered, c);
        let count = samples * of.positions as f32;
        let means: Vec<f32> = totals.iter().map(|total| if learns { total / count } else { 0.0 }).collect();
        let factors: Vec<f32> = (0..c).map(|j| r[j] * gamma.as_ref().map_or(1.0, |gamma| gamma[j])).collect();
        let (sum, dot) = means.split_at(c);
        let (dx, mask) = (memory.f32_mut(dx), mask.as_deref().unwrap_or_default());
        scalar::slopes(dx, &dy, &x, mask, mean, rstd, sum, dot, Some(&factors), acc);
    }));
}
