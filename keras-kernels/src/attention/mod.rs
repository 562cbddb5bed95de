//! Attention: each query gives the mean of the values, weighted by softmax of its scores.
//!
//! The score of a query with a key is scale · query · keyᵀ, or, where it is additive, Σ tanh(query + key) over the features.
//! Queries, keys and values are rows of all heads, side by side. What a query may not attend to has no weight: later
//! positions if it is causal, positions beyond a window, those that a mask leaves out. A query that may attend to nothing
//! attends to all positions alike, or to none (see [`Heads::none`]); its weights are constant then.
//!
//! The fast body takes 64 queries of a head at a time, so that the weights of all queries are never in memory at once; the
//! backward pass computes them again. Where it is causal, keys beyond the last of the queries are left out, and where keys are
//! masked, those before the first and behind the last that counts. Queries that may attend to nothing get no scores if they lie
//! at the beginning or the end of those that are taken at a time. Scores that are
//! products lie in columns, one for each query, so that a softmax adds up all queries side by side. [`weights`] and [`mix`] are
//! the two halves of it for who wants the weights too.

mod additive;
mod columns;
#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
pub mod mix;
pub mod scalar;
mod softmax;
mod tiles;
pub mod weights;

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
    /// Whether a score is Σ tanh(query + key), and not the product of both.
    pub additive: bool,
    /// Factor of the scores that are products.
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
    /// A number for each query and key: for all heads alike, or for each of them.
    pub pairs: &'a [R],
}

impl<R: 'static> Masked<'_, R> {
    /// Nothing is left out.
    pub const NONE: Masked<'static, R> = Masked { queries: &[], keys: &[], pairs: &[] };
}

/// Factors that are learnt.
#[derive(Clone, Copy, Debug)]
pub struct Learnt<'a, R = f32> {
    /// Of the scores: none, or one; where scores are additive, maybe one for each feature, of its tanh.
    pub scores: &'a [R],
    /// Where scores are additive, of query + key: none, or one.
    pub inner: &'a [R],
}

impl<R: crate::Real> Learnt<'_, R> {
    /// Nothing is learnt.
    pub const NONE: Learnt<'static, R> = Learnt { scores: &[], inner: &[] };

    /// The one factor of the scores.
    fn score(&self) -> R {
        self.scores.first().copied().unwrap_or(R::ONE)
    }

    /// The factor of the tanh of a feature.
    fn of(&self, feature: usize) -> R {
        match self.scores {
            [] => R::ONE,
            [one] => *one,
            each => each[feature],
        }
    }

    /// The factor of query + key.
    fn inner(&self) -> R {
        self.inner.first().copied().unwrap_or(R::ONE)
    }

    fn check(&self, gradients: [usize; 2], samples: usize, heads: &Heads) {
        let many = self.scores.len();
        assert!(many <= 1 || (heads.additive && many == heads.depth), "{many} factors of {} features", heads.depth);
        assert!(self.inner.len() <= usize::from(heads.additive), "{} factors within scores", self.inner.len());
        for (gradient, many) in gradients.into_iter().zip([many, self.inner.len()]) {
            assert!(gradient == 0 || gradient == samples * many, "{gradient} gradients of {many} factors");
        }
    }
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

    /// The queries that may attend to key `s` but for masks.
    fn attending(&self, s: usize) -> core::ops::Range<usize> {
        let from = if self.causal { s } else { 0 };
        let (from, end) = match self.window {
            0 => (from, self.queries),
            window => (from.max((s + 1).saturating_sub(window)), self.queries.min(s + window)),
        };
        from.min(end)..end
    }

    /// The number that tells whether a weight is dropped: that of query `t` of a head for the first key.
    fn number(&self, sample: usize, head: usize, t: usize) -> u64 {
        (((sample * self.heads + head) * self.queries + t) * self.keys) as u64
    }

    /// The factor of all scores that is not learnt.
    fn scale(&self) -> f32 {
        if self.additive { 1.0 } else { self.scale }
    }

    /// How many samples there are, by the length of their queries.
    fn samples(&self, q: usize) -> usize {
        q.checked_div(self.queries * self.heads * self.depth).unwrap_or(0)
    }

    /// How many weights a sample has.
    fn pairs(&self) -> usize {
        self.heads * self.queries * self.keys
    }

    fn check_scored(&self, q: usize, k: usize, samples: usize) {
        let [queries, keys] = [samples * self.queries, samples * self.keys];
        assert!(self.kv_heads > 0 && self.heads.is_multiple_of(self.kv_heads), "heads that share keys unevenly");
        assert!(q == queries * self.heads * self.depth, "{q} elements of {queries} queries");
        assert!(k == keys * self.kv_heads * self.depth, "{k} elements of {keys} keys");
    }

    fn check_mixed(&self, y: usize, v: usize, samples: usize) {
        let [queries, keys] = [samples * self.queries, samples * self.keys];
        assert!(self.kv_heads > 0 && self.heads.is_multiple_of(self.kv_heads), "heads that share values unevenly");
        assert!(v == keys * self.kv_heads * self.width, "{v} elements of {keys} values");
        assert!(y == queries * self.heads * self.width, "{y} elements for {queries} queries");
    }

    fn check_masked(&self, masked: &Masked<'_>, samples: usize) {
        let [queries, keys, pairs] = [masked.queries, masked.keys, masked.pairs].map(<[f32]>::len);
        let [of_queries, of_keys] = [samples * self.queries, samples * self.keys];
        assert!(queries == 0 || queries == of_queries, "a mask of {queries} for {of_queries} queries");
        assert!(keys == 0 || keys == of_keys, "a mask of {keys} for {of_keys} keys");
        let [one, each] = [of_queries * self.keys, samples * self.pairs()];
        assert!(pairs == 0 || pairs == one || pairs == each, "a mask of {pairs} for {one} queries and keys");
    }
}

impl<'a, R: crate::Real> Masked<'a, R> {
    /// The masks of a head in one of so many samples.
    fn of(&self, [sample, samples]: [usize; 2], head: usize, heads: &Heads) -> Masked<'a, R> {
        let part = |of: &'a [R], n: usize, i: usize| if of.is_empty() { of } else { &of[i * n..][..n] };
        let one = heads.queries * heads.keys;
        let each = self.pairs.len() > samples * one;
        Masked {
            queries: part(self.queries, heads.queries, sample),
            keys: part(self.keys, heads.keys, sample),
            pairs: part(self.pairs, one, if each { sample * heads.heads + head } else { sample }),
        }
    }

    /// Whether there are no masks.
    fn unmasked(&self) -> bool {
        self.queries.is_empty() && self.keys.is_empty() && self.pairs.is_empty()
    }

    /// Whether every query attends to every key.
    fn whole(&self, heads: &Heads) -> bool {
        self.unmasked() && !heads.causal && heads.window == 0
    }

    /// What the mask of queries and keys has for a query of the head at hand.
    fn row(&self, t: usize, keys: usize) -> &'a [R] {
        if self.pairs.is_empty() { &[] } else { &self.pairs[t * keys..][..keys] }
    }

    /// Whether no query can be [`Masked::empty`]: there is no mask, and none lies beyond the windows of all keys.
    fn never_empty(&self, heads: &Heads) -> bool {
        self.unmasked() && heads.keys > 0 && (heads.window == 0 || heads.queries <= heads.keys)
    }

    /// Whether query `t` of the head at hand may attend to nothing.
    fn empty(&self, t: usize, heads: &Heads) -> bool {
        let row = self.row(t, heads.keys);
        let counts = |of: &[R], s: usize| of.get(s).is_none_or(|&m| m != R::ZERO);
        self.queries.get(t) == Some(&R::ZERO) || !heads.range(t).any(|s| counts(self.keys, s) && counts(row, s))
    }
}

/// Y, a row of all heads for each query.
///
/// ```
/// use keras_kernels::{Isa, attention::{self, Heads, Learnt, Masked}};
/// let sizes = Heads {
///     queries: 1, keys: 2, heads: 1, kv_heads: 1, depth: 1, width: 1, additive: false, scale: 1.0, causal: false,
///     window: 0, none: false,
/// };
/// let (mut y, mut tmp) = ([0.0], vec![0.0; keras_shapes::plan::attention_scratch(2, 1, 1)]);
/// let qkv: [&[f32]; 3] = [&[0.0], &[1.0, 2.0], &[4.0, 6.0]];
/// attention::forward(Isa::best(), &mut y, qkv, Masked::NONE, Learnt::NONE, None, &sizes, &mut tmp);
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
    learnt: Learnt<'_>,
    dropped: Option<Dropped>,
    heads: &Heads,
    tmp: &mut [f32],
) {
    let samples = heads.samples(q.len());
    heads.check_scored(q.len(), k.len(), samples);
    heads.check_mixed(y.len(), v.len(), samples);
    heads.check_masked(&masked, samples);
    learnt.check([0, 0], samples, heads);
    if y.is_empty() || heads.keys == 0 {
        return y.fill(0.0);
    }
    if heads.additive {
        tiles::forward(isa, y, [q, k, v], masked, learnt, dropped, heads, tmp);
    } else {
        columns::forward(isa, y, [q, k, v], masked, learnt, dropped, heads, tmp);
    }
}

/// The gradients of queries, keys and values; and in the last two, if they are not empty, of the learnt factors: those of
/// each sample.
///
/// # Panics
/// If the slices do not fit together, or the scratch is less than `keras_shapes::plan::attention_scratch`.
pub fn backward(
    isa: Isa,
    [dq, dk, dv, dscores, dinner]: [&mut [f32]; 5],
    dy: &[f32],
    [q, k, v]: [&[f32]; 3],
    masked: Masked<'_>,
    learnt: Learnt<'_>,
    dropped: Option<Dropped>,
    heads: &Heads,
    tmp: &mut [f32],
) {
    let samples = heads.samples(q.len());
    heads.check_scored(q.len(), k.len(), samples);
    heads.check_scored(dq.len(), dk.len(), samples);
    heads.check_mixed(dy.len(), v.len(), samples);
    heads.check_mixed(dy.len(), dv.len(), samples);
    heads.check_masked(&masked, samples);
    learnt.check([dscores.len(), dinner.len()], samples, heads);
    dscores.fill(0.0);
    dinner.fill(0.0);
    if dy.is_empty() || heads.keys == 0 {
        return [dq, dk, dv].into_iter().for_each(|gradient| gradient.fill(0.0));
    }
    if heads.additive {
        tiles::backward(isa, [dq, dk, dv, dscores, dinner], dy, [q, k, v], masked, learnt, dropped, heads, tmp);
    } else {
        columns::backward(isa, [dq, dk, dv, dscores], dy, [q, k, v], masked, learnt, dropped, heads, tmp);
    }
}
