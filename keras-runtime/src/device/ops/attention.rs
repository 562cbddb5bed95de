//! Attention, its weights by themselves, and means by them.

use keras_kernels::attention::{Dropped, Heads, Learnt, Masked, scalar};

use super::dense::{columns, put};
use super::dropout::Stream;
use super::softmax::rows;
use crate::device::builder::Site;
use crate::device::launch::{Arg, Launch};
use crate::device::memory::Span;
use crate::device::reference::Memory;
use crate::model::graph::OpKind;

/// Queries, keys or features of a block.
const TILE: usize = 64;

/// Threads of a block.
const THREADS: u32 = 256;

/// The sizes as kernels have them.
fn sizes(heads: &Heads) -> String {
    let Heads { queries, keys, heads: n, kv_heads, depth, width, additive, causal, window, none, .. } = *heads;
    format!("Heads<{queries}, {keys}, {n}, {kv_heads}, {depth}, {width}, {additive}, {causal}, {window}, {none}>")
}

/// What scores come from: masks and learnt factors, if there are any.
#[derive(Clone, Copy)]
struct Scored {
    heads: Heads,
    samples: usize,
    q: Span,
    k: Span,
    masks: [Option<Span>; 3],
    learnt: [Option<Span>; 2],
}

/// What of it lies in memory.
struct Found<R> {
    q: Vec<R>,
    k: Vec<R>,
    masks: [Vec<R>; 3],
    learnt: [Vec<R>; 2],
}

impl Scored {
    /// Masks are the inputs from `first` on.
    fn new(site: &Site<'_, '_>, heads: Heads, masks: [bool; 3], factors: [bool; 2], first: usize) -> Scored {
        let (mut input, mut param) = (first, 0);
        let masks = masks.map(|there| {
            input += usize::from(there);
            there.then(|| site.x(input - 1))
        });
        let learnt = factors.map(|there| {
            param += usize::from(there);
            there.then(|| site.w(param - 1))
        });
        Scored { heads, samples: site.b.rows, q: site.x(0), k: site.x(1), masks, learnt }
    }

    /// The arguments that say what may be attended to, and what scores are multiplied with.
    fn arguments(&self, launch: Launch) -> Launch {
        let Heads { queries, keys, scale, .. } = self.heads;
        let each = self.masks[2].is_some_and(|mask| mask.len > self.samples * queries * keys);
        let launch = self.masks.into_iter().fold(launch, Launch::reads_if).int(usize::from(each));
        let [scores, inner] = self.learnt;
        launch.reads_if(scores).int(scores.map_or(0, |scores| scores.len)).reads_if(inner).float(scale)
    }

    fn find(&self, memory: &Memory) -> Found<f32> {
        let all = |span: Option<Span>| memory.f32_if(span).unwrap_or_default();
        let (q, k) = (memory.f32(self.q), memory.f32(self.k));
        Found { q, k, masks: self.masks.map(all), learnt: self.learnt.map(all) }
    }

    /// Blocks for each tile of queries of all heads, or of keys.
    fn blocks(&self, of_keys: bool) -> usize {
        let Heads { queries, keys, heads, kv_heads, .. } = self.heads;
        self.samples * if of_keys { kv_heads * keys.div_ceil(TILE) } else { heads * queries.div_ceil(TILE) }
    }

    /// Numbers of which there is one for each query of each head.
    fn row_count(&self) -> usize {
        self.samples * self.heads.heads * self.heads.queries
    }
}

impl<R> Found<R> {
    fn masked(&self) -> Masked<'_, R> {
        let [queries, keys, pairs] = &self.masks;
        Masked { queries, keys, pairs }
    }

    fn learnt(&self) -> Learnt<'_, R> {
        let [scores, inner] = &self.learnt;
        Learnt { scores, inner }
    }
}

fn wide(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().map(|x| f64::from(*x)).collect()
}

impl Found<f32> {
    fn wide(&self) -> Found<f64> {
        let [q, k] = [&self.q, &self.k].map(|all| wide(all));
        Found {
            q,
            k,
            masks: self.masks.each_ref().map(|all| wide(all)),
            learnt: self.learnt.each_ref().map(|all| wide(all)),
        }
    }

    fn logs(&self, logs: &mut [f32], heads: &Heads) {
        let tmp = &mut vec![0.0; heads.keys];
        scalar::logs(logs, [&self.q, &self.k], self.masked(), self.learnt(), heads, tmp);
    }
}

/// The dropout of weights.
#[derive(Clone, Copy)]
struct Drop {
    rate: f32,
    stream: Stream,
    /// Whether anything is dropped.
    on: bool,
}

impl Drop {
    fn new(site: &Site<'_, '_>, rate: f32, seed: Option<u64>, stream: u32) -> Drop {
        Drop { rate, stream: Stream::new(site, seed, stream), on: site.b.training && rate > 0.0 }
    }

    fn arguments(&self, launch: Launch) -> Launch {
        self.stream.arguments(launch.float(self.rate))
    }

    fn dropped(&self, memory: &Memory) -> Option<Dropped> {
        self.on.then(|| Dropped { rate: self.rate, key: self.stream.key(memory), first: 0 })
    }
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Attention { heads, masks, factors, rate, stream, seed } = site.kind() else { return };
    let (of, drop) = (Scored::new(site, heads, masks, factors, 3), Drop::new(site, rate, seed, stream));
    let (v, y, logs) = (site.x(2), site.y(), site.own(0, of.row_count()));
    let launch = Launch::new("attention", "attention_forward")
        .grid([of.blocks(false), heads.width.div_ceil(TILE), 1], THREADS)
        .of([sizes(&heads), drop.on.to_string()]);
    let launch = of.arguments(launch.out(y).out(logs).reads(of.q).reads(of.k).reads(v));
    site.launch(drop.arguments(launch).means(move |memory| {
        let (found, v, dropped) = (of.find(memory), memory.f32(v), drop.dropped(memory));
        let (qkv, tmp) = ([&found.q[..], &found.k, &v], &mut vec![0.0; heads.keys]);
        scalar::forward(memory.f32_mut(y), qkv, found.masked(), found.learnt(), dropped, &heads, tmp);
        found.logs(memory.f32_mut(logs), &heads);
    }));
}

/// Where the backward pass has weights and their gradients from.
#[derive(Clone, Copy)]
enum Source {
    /// The values, and the gradient of the result; weights are computed from their scores.
    Values { v: Span, dy: Span, drop: Drop },
    /// The weights and their gradients.
    Given { p: Span, dp: Span },
}

/// All gradients.
struct Gradients {
    q: Vec<f32>,
    k: Vec<f32>,
    v: Vec<f32>,
    scores: Vec<f32>,
    inner: Vec<f32>,
}

impl Source {
    /// By sums in f64: that of a factor of scores is little of what it is summed from.
    fn gradients(self, of: &Scored, memory: &Memory) -> Gradients {
        let (found, heads) = (of.find(memory).wide(), &of.heads);
        let zeros = |like: &[f64], times: usize| vec![0.0; like.len() * times];
        let [mut scores, mut inner] = found.learnt.each_ref().map(|learnt| zeros(learnt, of.samples));
        let [mut q, mut k, mut v] = [zeros(&found.q, 1), zeros(&found.k, 1), Vec::new()];
        match self {
            Source::Values { v: values, dy, drop } => {
                let (values, dy, dropped) = (wide(&memory.f32(values)), wide(&memory.f32(dy)), drop.dropped(memory));
                v = zeros(&values, 1);
                let (qkv, tmp) = ([&found.q[..], &found.k, &values], &mut vec![0.0; 2 * heads.keys]);
                let to = [&mut q, &mut k, &mut v, &mut scores, &mut inner].map(Vec::as_mut_slice);
                scalar::backward(to, &dy, qkv, found.masked(), found.learnt(), dropped, heads, tmp);
            }
            Source::Given { p, dp } => {
                let (p, dp) = (wide(&memory.f32(p)), wide(&memory.f32(dp)));
                let to = [&mut q, &mut k, &mut scores, &mut inner].map(Vec::as_mut_slice);
                scalar::weights_backward(to, &dp, &p, [&found.q, &found.k], found.masked(), found.learnt(), heads);
            }
        }
        let [q, k, v, scores, inner] = [q, k, v, scores, inner].map(|all| all.iter().map(|x| *x as f32).collect());
        Gradients { q, k, v, scores, inner }
    }

    /// The constants of a kernel.
    fn constants(self, of: &Scored) -> [String; 3] {
        match self {
            Source::Values { drop, .. } => [sizes(&of.heads), drop.on.to_string(), false.to_string()],
            Source::Given { .. } => [sizes(&of.heads), false.to_string(), true.to_string()],
        }
    }

    /// What is read as values, or weights; and as the gradient of the result, or of the weights.
    fn spans(self) -> [Span; 2] {
        match self {
            Source::Values { v, dy, .. } => [v, dy],
            Source::Given { p, dp } => [p, dp],
        }
    }

    fn arguments(self, launch: Launch) -> Launch {
        match self {
            Source::Values { drop, .. } => drop.arguments(launch),
            // The kernel does not look at them.
            Source::Given { .. } => (0..3).fold(launch.float(0.0), |launch, _| launch.arg(Arg::Word(0))).arg(Arg::Null),
        }
    }
}

/// The sums of two arrays' products, row by row.
fn dots(site: &mut Site<'_, '_>, d: Span, [a, b]: [Span; 2], n: usize) {
    let launch = rows("attention_backward", "attention_dots", d.len).of([n]).out(d).reads(a).reads(b).int(d.len);
    site.launch(launch.means(move |memory| {
        let (a, b) = (memory.f32(a), memory.f32(b));
        for ((d, a), b) in memory.f32_mut(d).iter_mut().zip(a.chunks_exact(n)).zip(b.chunks_exact(n)) {
            *d = a.iter().zip(b).map(|(a, b)| a * b).sum();
        }
    }));
}

/// The gradients of queries, keys and learnt factors, and of values.
fn pull(site: &mut Site<'_, '_>, of: Scored, source: Source) {
    let (heads, [v, dy]) = (of.heads, source.spans());
    let (logs, d) = (site.own(0, of.row_count()), site.own(1, of.row_count()));
    let y = site.y();
    match source {
        Source::Values { .. } => dots(site, d, [dy, y], heads.width),
        Source::Given { .. } => dots(site, d, [dy, v], heads.keys),
    }
    // Those of each sample first.
    let factors = of.learnt.map(|learnt| learnt.map_or(0, |learnt| learnt.len));
    let first_param = usize::from(of.learnt[0].is_some());
    let dw = [if factors[0] > 0 { site.dw(0) } else { None }, if factors[1] > 0 { site.dw(first_param) } else { None }];
    let each: [Option<Span>; 2] = std::array::from_fn(|i| dw[i].map(|_| site.own(2 + i, of.samples * factors[i])));
    let dq = match site.dx(0) {
        // Where only the factors are learnt.
        None if each.iter().any(Option::is_some) => Some((site.own(4, of.q.len), false)),
        dq => dq,
    };
    if let Some((dq, acc)) = dq {
        queries(site, of, source, [logs, d], (dq, acc), each);
    }
    for i in 0..2 {
        if let (Some(dw), Some(each)) = (dw[i], each[i]) {
            columns(site, dw, each, of.samples, factors[i]);
        }
    }
    let dk = site.dx(1);
    let dv = if let Source::Values { .. } = source { site.dx(2) } else { None };
    if dk.is_some() || dv.is_some() {
        keys(site, of, source, [logs, d], [dk, dv]);
    }
}

fn queries(
    site: &mut Site<'_, '_>,
    of: Scored,
    source: Source,
    [logs, d]: [Span; 2],
    (dq, acc): (Span, bool),
    each: [Option<Span>; 2],
) {
    let (Heads { queries, heads, depth, .. }, [v, dy]) = (of.heads, source.spans());
    let learns = each.iter().any(Option::is_some);
    let blocks = if learns { 1 } else { heads * queries.div_ceil(TILE) * depth.div_ceil(TILE) };
    let launch = Launch::new("attention_backward", "attention_queries")
        .grid([of.samples * blocks, 1, 1], THREADS)
        .of(source.constants(&of))
        .out(dq);
    let launch =
        each.into_iter().fold(launch, Launch::out_if).reads(dy).reads(logs).reads(d).reads(of.q).reads(of.k).reads(v);
    let launch = of.arguments(launch).int(blocks).int(usize::from(acc));
    site.launch(source.arguments(launch).means(move |memory| {
        let all = source.gradients(&of, memory);
        put(memory.f32_mut(dq), &all.q, acc);
        for (each, found) in each.into_iter().zip([&all.scores, &all.inner]) {
            if let Some(each) = each {
                put(memory.f32_mut(each), found, false);
            }
        }
    }));
}

fn keys(site: &mut Site<'_, '_>, of: Scored, source: Source, [logs, d]: [Span; 2], to: [Option<(Span, bool)>; 2]) {
    let (Heads { depth, width, .. }, [v, dy]) = (of.heads, source.spans());
    let features = if to[1].is_some() { depth.max(width) } else { depth };
    let launch = Launch::new("attention_backward", "attention_keys")
        .grid([of.blocks(true), features.div_ceil(TILE), 1], THREADS)
        .of(source.constants(&of));
    let [dk, dv] = to.map(|to| to.map(|(span, _)| span));
    let launch = launch.out_if(dk).out_if(dv).reads(dy).reads(logs).reads(d).reads(of.q).reads(of.k).reads(v);
    let acc = |to: Option<(Span, bool)>| usize::from(to.is_some_and(|(_, acc)| acc));
    let launch = of.arguments(launch).int(acc(to[0])).int(acc(to[1]));
    site.launch(source.arguments(launch).means(move |memory| {
        let all = source.gradients(&of, memory);
        for (to, found) in to.into_iter().zip([&all.k, &all.v]) {
            if let Some((to, acc)) = to {
                put(memory.f32_mut(to), found, acc);
            }
        }
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::Attention { heads, masks, factors, rate, stream, seed } = site.kind() else { return };
    let (of, drop) = (Scored::new(site, heads, masks, factors, 3), Drop::new(site, rate, seed, stream));
    let source = Source::Values { v: site.x(2), dy: site.dy(), drop };
    pull(site, of, source);
}

pub(super) fn weights(site: &mut Site<'_, '_>) {
    let OpKind::AttentionWeights { heads, masks, factors } = site.kind() else { return };
    let of = Scored::new(site, heads, masks, factors, 2);
    let (p, logs) = (site.y(), site.own(0, of.row_count()));
    let launch = Launch::new("attention_weights", "attention_weights")
        .grid([of.blocks(false), 1, 1], THREADS)
        .of([sizes(&heads)]);
    let launch = of.arguments(launch.out(p).out(logs).reads(of.q).reads(of.k));
    site.launch(launch.means(move |memory| {
        let found = of.find(memory);
        scalar::weights(memory.f32_mut(p), [&found.q, &found.k], found.masked(), found.learnt(), &heads);
        found.logs(memory.f32_mut(logs), &heads);
    }));
}

pub(super) fn weights_backward(site: &mut Site<'_, '_>) {
    let OpKind::AttentionWeights { heads, masks, factors } = site.kind() else { return };
    let of = Scored::new(site, heads, masks, factors, 2);
    let source = Source::Given { p: site.y(), dp: site.dy() };
    pull(site, of, source);
}

/// A launch of a mean by weights, or of its gradients, with so many blocks.
fn mixing(name: &'static str, heads: &Heads, blocks: [usize; 2]) -> Launch {
    Launch::new("attention_weights", name).grid([blocks[0], blocks[1], 1], THREADS).of([sizes(heads)])
}

pub(super) fn mix(site: &mut Site<'_, '_>) {
    let OpKind::AttentionMix { heads } = site.kind() else { return };
    let (p, v, y) = (site.x(0), site.x(1), site.y());
    let blocks = [site.b.rows * heads.heads * heads.queries.div_ceil(TILE), heads.width.div_ceil(TILE)];
    let launch = mixing("attention_mix", &heads, blocks).out(y).reads(p).reads(v);
    site.launch(launch.means(move |memory| {
        let (p, v) = (memory.f32(p), memory.f32(v));
        scalar::mix(memory.f32_mut(y), &p, &v, &heads);
    }));
}

pub(super) fn mix_backward(site: &mut Site<'_, '_>) {
    let OpKind::AttentionMix { heads } = site.kind() else { return };
    let Heads { queries, keys, heads: n, kv_heads, width, .. } = heads;
    let (p, v, dy, samples) = (site.x(0), site.x(1), site.dy(), site.b.rows);
    let gradients = move |memory: &Memory| {
        let (p, v, dy) = (memory.f32(p), memory.f32(v), memory.f32(dy));
        let (mut dp, mut dv) = (vec![0.0; p.len()], vec![0.0; v.len()]);
        scalar::mix_backward([&mut dp, &mut dv], &dy, &p, &v, &heads);
        [dp, dv]
    };
    if let Some((dp, acc)) = site.dx(0) {
        let blocks = [samples * n * queries.div_ceil(TILE), keys.div_ceil(TILE)];
        let launch = mixing("attention_mix_weights", &heads, blocks).of([acc]).out(dp).reads(dy).reads(v);
        site.launch(launch.means(move |memory| {
            let [found, _] = gradients(memory);
            put(memory.f32_mut(dp), &found, acc);
        }));
    }
    if let Some((dv, acc)) = site.dx(1) {
        let blocks = [samples * kv_heads * keys.div_ceil(TILE), width.div_ceil(TILE)];
        let launch = mixing("attention_mix_values", &heads, blocks).of([acc]).out(dv).reads(dy).reads(p);
        site.launch(launch.means(move |memory| {
            let [_, found] = gradients(memory);
            put(memory.f32_mut(dv), &found, acc);
        }));
    }
}
