//! Attention of every instruction set against the scalar body in `f64`.
//!
//! With all numbers from −1 to 1, a result of n terms is off by less than so many ε of the largest that the sum of their
//! absolute values can be, where n counts the additions behind each of them.

mod common;

use common::{EPSILON, Random, wide};
use keras_kernels::Isa;
use keras_kernels::attention::{self, Dropped, Heads, Key, Learnt, Masked};
use keras_shapes::plan::attention_scratch;

/// What is masked: queries, keys, both, both for each head.
#[derive(Clone, Copy, Debug)]
struct Case {
    heads: Heads,
    masks: [bool; 4],
    dropout: bool,
    learnt: bool,
    /// Whether masks of queries and of keys leave out what lies behind the end of a sample, or before its beginning.
    lengths: Option<[usize; 2]>,
}

fn cases() -> Vec<Case> {
    let mut random = Random::new(3);
    let mut cases = Vec::new();
    let sizes = [[28, 28], [1, 1], [5, 40], [40, 3], [130, 70], [16, 16], [64, 65], [33, 130], [70, 200]];
    for numbers in [0..12, 12..24] {
        for ([queries, keys], number) in sizes.into_iter().flat_map(|size| numbers.clone().map(move |n| (size, n))) {
            let mut of = |n: usize| random.below(n);
            let (kv_heads, group) = (1 + of(2), 1 + of(2));
            let heads = Heads {
                queries,
                keys,
                heads: kv_heads * group,
                kv_heads,
                depth: [16, 1, 7, 20][of(4)],
                width: [16, 1, 9, 36][of(4)],
                additive: false,
                scale: 0.3,
                causal: number % 3 == 1,
                window: if number % 4 == 3 { 1 + of(keys) } else { 0 },
                none: number % 5 == 4,
            };
            let masks = [0, 1, 2, 3].map(|_| number > 3 && of(2) == 1);
            let mut case = Case { heads, masks, dropout: number % 2 == 1, learnt: number % 4 >= 2, lengths: None };
            if number >= 12 {
                case.masks = [number % 2 == 0, number != 14, number == 23, false];
                // Of two samples: nothing, all, a part.
                let length = |i: usize| [0, keys, keys / 3, 1, keys.div_ceil(2), keys - 1][(number + i) % 6];
                case.lengths = Some([length(0), length(number / 6)]);
            }
            cases.push(case);
        }
    }
    cases
}

fn numbers(random: &mut Random, len: usize) -> Vec<f32> {
    (0..len).map(|_| random.below(2001) as f32 / 1000.0 - 1.0).collect()
}

/// Says that two results differ by no more than `bound`.
fn near(what: &str, isa: Isa, case: &Case, got: &[f32], expected: &[f64], bound: f64) {
    assert_eq!(got.len(), expected.len());
    for (i, (&got, &expected)) in got.iter().zip(expected).enumerate() {
        let error = (f64::from(got) - expected).abs();
        assert!(error <= bound, "{what} {i} of {case:?} with {isa:?}: {got} instead of {expected}, off by {error:e}");
    }
}

#[test]
fn attention_is_that_of_the_scalar_body() {
    const SAMPLES: usize = 2;
    let mut random = Random::new(4);
    for case in cases() {
        let of = &case.heads;
        let [d, e] = [of.depth, of.width];
        let mut draw = |len: usize| numbers(&mut random, SAMPLES * len);
        let (q, k, v) =
            (draw(of.queries * of.heads * d), draw(of.keys * of.kv_heads * d), draw(of.keys * of.kv_heads * e));
        let dy = draw(of.queries * of.heads * e);
        let pairs = of.queries * of.keys * if case.masks[3] { of.heads } else { 1 };
        let lens = [of.queries, of.keys, if case.masks[2] || case.masks[3] { pairs } else { 0 }];
        let on = [case.masks[0], case.masks[1], true];
        let masks = [0, 1, 2].map(|i| {
            let mask = draw(if on[i] { lens[i] } else { 0 });
            let mut mask = mask.into_iter().map(|m| if m > 0.6 { 0.0 } else { 1.0 }).collect::<Vec<f32>>();
            if let (Some(lengths), 0 | 1) = (case.lengths, i) {
                for (mask, length) in mask.chunks_exact_mut(lens[i]).zip(lengths) {
                    let length = length.min(lens[i]);
                    let counts = if case.learnt { lens[i] - length..lens[i] } else { 0..length };
                    mask.iter_mut().enumerate().for_each(|(at, m)| *m = f32::from(counts.contains(&at)));
                }
            }
            mask
        });
        let scores: &[f32] = if case.learnt { &[-0.7] } else { &[] };
        let key = Key { seed: 5, step: 3, stream: 1 };
        let dropped = case.dropout.then_some(Dropped { rate: 0.25, key, first: 3 });

        let wide_masks = masks.each_ref().map(|mask| wide(mask));
        let [queries, keys, both] = wide_masks.each_ref().map(Vec::as_slice);
        let masked = Masked { queries, keys, pairs: both };
        let wide_scores = wide(scores);
        let learnt = Learnt { scores: &wide_scores, inner: &[] };
        let [q64, k64, v64, dy64] = [&q, &k, &v, &dy].map(|x| wide(x));
        let qkv: [&[f64]; 3] = [&q64, &k64, &v64];
        let mut y64 = vec![0.0; dy.len()];
        let mut tmp64 = vec![0.0; 2 * of.keys];
        attention::scalar::forward(&mut y64, qkv, masked, learnt, dropped, of, &mut tmp64);
        let [mut dq64, mut dk64, mut dv64] = [&q, &k, &v].map(|x| vec![0.0; x.len()]);
        let mut dscores64 = vec![0.0; SAMPLES * scores.len()];
        let gradients: [&mut [f64]; 5] = [&mut dq64, &mut dk64, &mut dv64, &mut dscores64, &mut []];
        attention::scalar::backward(gradients, &dy64, qkv, masked, learnt, dropped, of, &mut tmp64);

        let terms = (of.queries * of.heads + of.keys + d + e + 32) as f64 * EPSILON;
        let [queries, heads, depth, width] = [of.queries, of.heads, d, e].map(|n| n as f64);
        for isa in Isa::available() {
            let [queries_mask, keys_mask, both] = masks.each_ref().map(Vec::as_slice);
            let masked = Masked { queries: queries_mask, keys: keys_mask, pairs: both };
            let learnt = Learnt { scores, inner: &[] };
            // Scratch may hold anything.
            let mut tmp = vec![f32::NAN; attention_scratch(of.keys, d, e)];
            let mut y = vec![f32::NAN; dy.len()];
            attention::forward(isa, &mut y, [&q, &k, &v], masked, learnt, dropped, of, &mut tmp);
            near("y", isa, &case, &y, &y64, terms * 2.0);
            let [mut dq, mut dk, mut dv] = [&q, &k, &v].map(|x| vec![f32::NAN; x.len()]);
            let mut dscores = vec![f32::NAN; SAMPLES * scores.len()];
            let gradients: [&mut [f32]; 5] = [&mut dq, &mut dk, &mut dv, &mut dscores, &mut []];
            attention::backward(isa, gradients, &dy, [&q, &k, &v], masked, learnt, dropped, of, &mut tmp);
            near("dv", isa, &case, &dv, &dv64, terms * 2.0 * queries * heads);
            near("dq", isa, &case, &dq, &dq64, terms * 4.0 * width);
            near("dk", isa, &case, &dk, &dk64, terms * 4.0 * width * queries * heads);
            near("dscores", isa, &case, &dscores, &dscores64, terms * 4.0 * width * queries * heads * depth);
        }
    }
}
