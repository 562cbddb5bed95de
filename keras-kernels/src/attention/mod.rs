//! Attention: each query gives the mean of the values, weighted by softmax(scale · query · keyᵀ).
//!
//! Queries, keys and values are rows of all heads, side by side. What a query may not attend to has no weight: later
//! positions if it is causal, positions beyond a window, those that a mask leaves out. A query that may attend to nothing
//! attends to all positions alike, or to none (see [`Heads::none`]); its weights are constant then.
//!
//! The fast body takes 64 queries of a head at a time, so that the weights of all queries are never in memory at once; the
//! backward pass computes them again. Where it is causal, keys beyond the last of the queries are left out.

pub mod scalar;
mod tiles;

use crate::Isa;
pub use crate::philox::Key;

/// Sizes of one sample, and what may be attended to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heads {
    /// Queries.
    pub queries: usize,
    /// Keys, and values.
    pub keys: usize,
    /// Heads of the queries.
    pub heads: usize,
    /// Heads of keys and values: each serves as many heads of the queries, that lie side by side.
    pub kv_heads: usize,
    /// Features of a head of queries and keys.
    pub depth: usize,
    /// Features of a head of values.
    pub width: usize,
    /// Factor of the scores.
    pub scale: f32,
    /// Whether a query attends to no later position.
    pub causal: bool,
    /// A query attends to positions that are less than that away; 0 for all.
    pub window: usize,
    /// Whether a query that may attend to nothing gives 0.
    pub none: bool,
}

/// The share of weights that are dropped, and what tells which.
#[derive(Clone, Copy, Debug)]
pub struct Dropped {
    /// The share.
    pub rate: f32,
    /// The stream of random numbers.
    pub key: Key,
    /// The index of the first sample in the batch.
    pub first: usize,
}

/// Masks, with 0 for what does not count; empty where all counts.
#[derive(Clone, Copy, Debug)]
pub struct Masked<'a, R = f32> {
    /// A number for each query.
    pub queries: &'a [R],
    /// A number for each key.
    pub keys: &'a [R],
}

/// The usual factor of the scores: 1 / √depth.
#[must_use]
pub const fn scale(depth: usize) -> f32 {
    // Newton's method, since a const cannot take roots.
    let (d, mut root, mut i) = (depth as f64, 1.0 + depth as f64 / 2.0, 0);
    while i < 64 {
        root = (root + d / root) / 2.0;
        i += 1;
    }
    (1.0 / root) as f32
}

impl Heads {
    /// The keys that query `t` may attend to but for masks.
    fn range(&self, t: usize) -> core::ops::Range<usize> {
        let end = if self.causal { self.keys.min(t + 1) } else { self.keys };
        let (from, end) = match self.window {
            0 => (0, end),
            window => ((t + 1).saturating_sub(window), end.min(t + window)),
        };
        from.min(end)..end
    }

    /// The number that tells whether a weight is dropped: that of query `t` of a head for the first key.
    fn number(&self, sample: usize, head: usize, t: usize) -> u64 {
        (((sample * self.heads + head) * self.queries + t) * self.keys) as u64
    }

    fn check(&self, y: usize, q: usize, k: usize, v: usize, masked: [usize; 2], samples: usize) {
        let [queries, keys] = [samples * self.queries, samples * self.keys];
        assert!(self.kv_heads > 0 && self.heads.is_multiple_of(self.kv_heads), "heads that share keys unevenly");
        assert!(q == queries * self.heads * self.depth, "{q} elements of {queries} queries");
        assert!(k == keys * self.kv_heads * self.depth, "{k} elements of {keys} keys");
        assert!(v == keys * self.kv_heads * self.width, "{v} elements of {keys} values");
        assert!(y == queries * self.heads * self.width, "{y} elements for {queries} queries");
        assert!(masked[0] == 0 || masked[0] == queries, "a mask of {} for {queries} queries", masked[0]);
        assert!(masked[1] == 0 || masked[1] == keys, "a mask of {} for {keys} keys", masked[1]);
    }
}

impl<'a, R: crate::Real> Masked<'a, R> {
    /// The masks of a sample.
    fn of(&self, sample: usize, heads: &Heads) -> Masked<'a, R> {
        let part = |of: &'a [R], n: usize| if of.is_empty() { of } else { &of[sample * n..][..n] };
        Masked { queries: part(self.queries, heads.queries), keys: part(self.keys, heads.keys) }
    }

    fn key(&self, s: usize) -> bool {
        self.keys.get(s).is_none_or(|&m| m != R::ZERO)
    }

    /// Whether query `t` may attend to nothing.
    fn empty(&self, t: usize, heads: &Heads) -> bool {
        self.queries.get(t) == Some(&R::ZERO) || !heads.range(t).any(|s| self.key(s))
    }
}

/// Y, a row of all heads for each query. `weight` is a factor of the scores that is learnt, if there is one.
///
/// ```
/// use keras_kernels::{Isa, attention::{self, Heads, Masked}};
/// let sizes = Heads {
///     queries: 1, keys: 2, heads: 1, kv_heads: 1, depth: 1, width: 1, scale: 1.0, causal: false, window: 0, none: false,
/// };
/// let (mut y, mut tmp) = ([0.0], vec![0.0; keras_shapes::plan::attention_scratch(2, 1, 1)]);
/// let all = Masked { queries: &[], keys: &[] };
/// attention::forward(Isa::best(), &mut y, [&[0.0], &[1.0, 2.0], &[4.0, 6.0]], all, None, None, &sizes, &mut tmp);
/// assert_eq!(y, [5.0]);
/// ```
///
/// # Panics
/// If the slices do not fit together, or the scratch is less than `keras_shapes::plan::attention_scratch`.
pub fn forward(
    isa: Isa,
    y: &mut [f32],
    [q, k, v]: [&[f32]; 3],
    masked: Masked<'_>,
    weight: Option<f32>,
    dropped: Option<Dropped>,
    heads: &Heads,
    tmp: &mut [f32],
) {
    let samples = samples(q.len(), heads);
    heads.check(y.len(), q.len(), k.len(), v.len(), [masked.queries.len(), masked.keys.len()], samples);
    tiles::forward(isa, y, [q, k, v], masked, weight, dropped, heads, tmp);
}

/// The gradients of queries, keys and values; and in `dw`, if it is not empty, of the learnt factor, a number for each
/// sample.
///
/// # Panics
/// If the slices do not fit together, or the scratch is less than `keras_shapes::plan::attention_scratch`.
pub fn backward(
    isa: Isa,
    [dq, dk, dv, dw]: [&mut [f32]; 4],
    dy: &[f32],
    [q, k, v]: [&[f32]; 3],
    masked: Masked<'_>,
    weight: Option<f32>,
    dropped: Option<Dropped>,
    heads: &Heads,
    tmp: &mut [f32],
) {
    let samples = samples(q.len(), heads);
    heads.check(dy.len(), q.len(), k.len(), v.len(), [masked.queries.len(), masked.keys.len()], samples);
    heads.check(dy.len(), dq.len(), dk.len(), dv.len(), [0, 0], samples);
    assert!(dw.is_empty() || dw.len() == samples, "{} gradients for {samples} samples", dw.len());
    tiles::backward(isa, [dq, dk, dv, dw], dy, [q, k, v], masked, weight, dropped, heads, tmp);
}

fn samples(q: usize, heads: &Heads) -> usize {
    q.checked_div(heads.queries * heads.heads * heads.depth).unwrap_or(0)
}
