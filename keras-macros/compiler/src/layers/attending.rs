//! What layers of attention share: their inputs, projections to heads and back, and the op.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::given::require;
use super::{Args, Lower};
use crate::graph::ops::{self, Act, Merge};
use crate::graph::{Layer, LayerId, Num, ParamId, Shape, ValueId};

/// What is attended to, and how.
pub(super) struct Parts {
    pub(super) query: ValueId,
    pub(super) key: ValueId,
    pub(super) value: ValueId,
    /// Heads of queries, and of keys and values.
    pub(super) heads: [Num; 2],
    /// Features of a head of queries and keys, and of values.
    pub(super) sizes: [Num; 2],
    /// Whether scores are sums of tanh; products otherwise, with this factor.
    pub(super) additive: bool,
    pub(super) scale: TokenStream,
    /// Masks of queries, of keys, and of both.
    pub(super) masks: [Option<ValueId>; 3],
    /// Learnt factors of the scores, and within them.
    pub(super) factors: [Option<ParamId>; 2],
    /// Whether a query that may attend to nothing gives 0.
    pub(super) none: bool,
    pub(super) window: Num,
}

/// What comes of it.
pub(super) struct Attended {
    pub(super) y: ValueId,
    /// The weights before dropout and after, for each head rows of keys, if they were asked for.
    pub(super) scores: Option<[ValueId; 2]>,
}

/// The projection that ends with a sigmoid.
const GATE: &str = "gate";

/// What calls of these layers can switch on.
pub(super) const SWITCHES: &[&str] = &["use_causal_mask", SCORES];
const SCORES: &str = "return_attention_scores";

/// What calls of these layers can be given by keyword: a mask.
pub(super) const MASK: &str = "attention_mask";

/// Heads that are projected from their inputs, and what comes of them back.
pub(super) struct Projected {
    /// Which layer it is, for [`keras_shapes::rules::attention`].
    pub(super) layer: usize,
    pub(super) heads: [Num; 2],
    pub(super) sizes: [Num; 2],
    pub(super) gate: bool,
    pub(super) out: Num,
    pub(super) window: Num,
}

impl Lower<'_> {
    /// Query, value and key, which is the value if it is not given. Nothing after a mistake.
    fn queried(&mut self, args: &Args, inputs: &[ValueId]) -> Option<[ValueId; 3]> {
        match *inputs {
            [query, value] => Some([query, value, value]),
            [query, value, key] => Some([query, value, key]),
            _ => {
                let message =
                    format!("`{}` takes a query, a value and maybe a key, found {}", args.spec.name, inputs.len());
                self.error(args.span, message);
                None
            }
        }
    }

    /// The same, each of steps and features.
    pub(super) fn attended(&mut self, args: &Args, inputs: &[ValueId], layer: usize) -> Option<[ValueId; 3]> {
        let [query, value, key] = self.queried(args, inputs)?;
        let mut shapes = Vec::new();
        for input in [query, value, key] {
            shapes.push(self.rank(args, input, 2, "steps, features")?);
        }
        let (q, v, k) = (shapes[0].clone(), shapes[1].clone(), shapes[2].clone());
        require!(self, args.span, attention(q, v, k, layer))?;
        Some([query, value, key])
    }

    /// Whether the call asks for the scores.
    pub(super) fn scores_wanted(&self) -> bool {
        self.switched.iter().any(|word| word == SCORES)
    }

    /// The op, which is causal if the call says so, and drops weights if the layer does. Where the call asks for the scores
    /// it is two ops, which have them between them.
    pub(super) fn attend(&mut self, args: &Args, parts: Parts) -> Attended {
        let Parts { query, key, value, heads, sizes, additive, scale, masks, factors, none, window } = parts;
        let (q, k) = (self.shape(query), self.shape(key));
        let [steps, keys] = [q.dims[0].clone(), k.dims[0].clone()];
        let rate = args.float("dropout").filter(|rate| rate.known != Some(0.0));
        let dropout = rate.map(|rate| (rate.tokens, self.stream()));
        let lens = [(&steps, &heads[0], &sizes[0]), (&keys, &heads[1], &sizes[0]), (&keys, &heads[1], &sizes[1])];
        let lens = lens.map(|(steps, heads, size)| steps.mul(heads).mul(size));
        let [dq, dk, dv] = lens.map(|len| self.value(Shape::new(vec![len]), None));
        let learnt = factors.map(|factor| factor.map(|factor| self.graph.params[factor].len()));
        let [scores, inner] = learnt.clone().map(|n| self.value(Shape::new(vec![n.unwrap_or(Num::Lit(1))]), None));
        let out = q.with_last(heads[0].mul(&sizes[1]));
        let all = Shape::new(vec![heads[0].clone(), steps.clone(), keys.clone()]);
        let scoring = ops::Scoring {
            steps: [steps, keys],
            heads,
            sizes,
            additive,
            scale,
            causal: self.switched.iter().any(|word| word == "use_causal_mask"),
            window,
            none,
            masks: masks.map(|mask| mask.is_some()),
            factors: learnt,
        };
        let (masks, params) = (masks.into_iter().flatten(), factors.into_iter().flatten().collect());
        let seed = args.seed("seed");
        if !self.scores_wanted() {
            let op = ops::Attention { scoring, dropout, seed, gradients: [dq, dk, dv, scores, inner] };
            let inputs = [query, key, value].into_iter().chain(masks).collect();
            return Attended { y: self.op(Rc::new(op), inputs, params, out), scores: None };
        }
        let op = ops::AttentionWeights { scoring: scoring.clone(), gradients: [dq, dk, scores, inner] };
        let before = self.op(Rc::new(op), [query, key].into_iter().chain(masks).collect(), params, all.clone());
        let after = match dropout {
            Some((rate, stream)) => self.op(Rc::new(ops::Dropout { rate, stream, seed }), vec![before], vec![], all),
            None => before,
        };
        let y = self.op(Rc::new(ops::AttentionMix(scoring)), vec![after, value], vec![], out);
        Attended { y, scores: Some([before, after]) }
    }

    /// The mask that a call is given for queries and keys, for all heads or for each. Nothing after a mistake.
    fn pairs(&mut self, args: &Args, layer: usize, scores: &Shape) -> Option<Option<ValueId>> {
        let Some(mask) = self.mask_given(args, MASK)? else { return Some(None) };
        let mask = self.floats(mask);
        let mut shape = self.shape(mask);
        require!(self, args.span, attention_mask(shape, scores, layer))?;
        let mut mask = mask;
        if shape.rank() == 2 {
            shape = shape.with_first(Num::Lit(1));
            mask = self.alias(mask, shape.clone());
        }
        let whole = [&shape.dims[..1], &scores.dims[1..]].concat();
        Some(Some(self.repeated(mask, &shape.with_dims(whole))))
    }

    /// A layer within this one, which has some of its weights.
    fn projection(&mut self, name: &str) -> LayerId {
        let parent = self.layer;
        let found = self.graph.layers.iter().position(|layer| layer.parent == Some(parent) && layer.name == name);
        found.unwrap_or_else(|| {
            let (span, place) = (self.graph.layers[parent].span, self.graph.layers[parent].place);
            let (name, class, calls) = (name.to_owned(), "EinsumDense".to_owned(), Vec::new());
            self.graph.layers.push(Layer { name, class, parent: Some(parent), calls, trainable: true, span, place });
            self.graph.layers.len() - 1
        })
    }

    /// A product with weights of this layer, of `k` features to the dimensions of `out`; `from` are the dimensions that
    /// the kernel has for the features.
    fn project(&mut self, args: &Args, name: &str, x: ValueId, from: &[Num], out: &[Num]) -> Option<ValueId> {
        let layer = self.projection(name);
        let outer = std::mem::replace(&mut self.layer, layer);
        let dims: Vec<Num> = from.iter().chain(out).cloned().collect();
        let bias = args.bool("use_bias", true);
        let kernel = self.along_dims(args, "kernel", "GlorotUniform", &dims);
        if let Some(kernel) = kernel {
            self.fans(kernel, from, out);
        }
        let params = match (kernel, bias) {
            (Some(kernel), true) => Some(vec![kernel, self.weight(args, "bias", out.to_vec(), "Zeros")]),
            (kernel, _) => kernel.map(|kernel| vec![kernel]),
        };
        self.layer = outer;
        let (shape, k, n) = (self.shape(x), Num::product(from), Num::product(out));
        let op = ops::Dense { outer: shape.outer(), k, n: n.clone(), bias, act: Act::Linear };
        let out = shape.with_last(n);
        let mut y = self.op(Rc::new(op), vec![x], params?, out.clone());
        if name == GATE {
            y = self.op(Rc::new(ops::Activation(Act::Sigmoid)), vec![y], vec![], out);
        }
        if let Some(penalty) = args.object("activity_regularizer") {
            self.penalize(y, penalty);
        }
        Some(y)
    }

    /// Attention of heads that are projected from query, key and value, and projected back.
    pub(super) fn attend_projected(
        &mut self,
        args: &Args,
        inputs: &[ValueId],
        projected: Projected,
    ) -> Option<Vec<ValueId>> {
        let Projected { layer, mut heads, sizes, gate, out, window } = projected;
        let [query, value, key] = self.queried(args, inputs)?;
        let axes = match args.kind("attention_axes") {
            Some(_) => self.attention_axes(args, [query, value, key], layer)?,
            None => None,
        };
        if axes.is_none() {
            self.attended(args, inputs, layer)?;
        }
        let of_query = self.mask_of(query);
        let mut masks: Vec<ValueId> = [Some(value), inputs.get(2).copied()]
            .into_iter()
            .flatten()
            .filter_map(|input| self.mask_of(input))
            .collect();
        masks.dedup();
        let of_keys = match masks[..] {
            [value, key] => {
                let shape = self.shape(value);
                let both = ops::Merged(Merge::Multiply, 2);
                Some(self.op(Rc::new(both), vec![value, key], vec![], shape))
            }
            _ => masks.first().copied(),
        };
        let [query, value, key] = match &axes {
            Some(axes) => self.steps_first([query, value, key], axes),
            None => [query, value, key],
        };
        let features = |cx: &Self, input| [cx.shape(input).last()];
        let [of_q, of_k] = [&heads[0], &heads[1]].map(|heads| [heads.clone(), sizes[0].clone()]);
        let q = self.project(args, "query", query, &features(self, query), &of_q)?;
        let k = self.project(args, "key", key, &features(self, key), &of_k)?;
        let gates = [heads[0].clone(), sizes[1].clone()];
        let gate = if gate { Some(self.project(args, GATE, query, &features(self, query), &gates)?) } else { None };
        let v = self.project(args, "value", value, &features(self, value), &[heads[1].clone(), sizes[1].clone()])?;
        let of_one = heads[0].clone();
        let [q, k, v] = match &axes {
            Some(axes) => {
                heads = heads.map(|heads| axes.positions().mul(&heads));
                [q, k, v].map(|value| self.flat(value))
            }
            None => [q, k, v],
        };
        let depth = &sizes[0];
        let scale = match depth.known() {
            Some(depth) => super::objects::float_tokens(1.0 / (depth as f64).sqrt()),
            None => {
                let krate = self.krate();
                quote!(#krate::__private::kernels::attention::scale(#depth))
            }
        };
        let none =
            axes.is_some() || self.scores_wanted() || args.float("dropout").is_some_and(|rate| rate.known != Some(0.0));
        let masks = match &axes {
            Some(axes) => [None, None, self.pairs_along(args, axes, [of_query, of_keys], &of_one, layer)?],
            None => {
                let dims = [heads[0].clone(), self.shape(q).dims[0].clone(), self.shape(k).dims[0].clone()];
                [of_query, of_keys, self.pairs(args, layer, &Shape::new(dims.to_vec()))?]
            }
        };
        let (factors, additive) = ([None, None], false);
        let parts = Parts { query: q, key: k, value: v, heads, sizes, additive, scale, masks, factors, none, window };
        let Attended { mut y, scores } = self.attend(args, parts);
        let mut scores = scores.map(|[before, _]| before);
        if let Some(axes) = &axes {
            // The heads of a position by themselves again.
            let shape = self.shape(query).with_last(Num::product(&gates));
            y = self.alias(y, shape);
            scores = scores.map(|scores| self.scores_along(scores, axes, &of_one));
        }
        if let Some(gate) = gate {
            let shape = self.shape(gate);
            y = self.op(Rc::new(ops::Merged(Merge::Multiply, 2)), vec![y, gate], vec![], shape);
        }
        let mut y = self.project(args, "attention_output", y, &gates, &[out])?;
        if let Some(axes) = &axes {
            y = self.steps_back(y, axes);
        }
        Some([Some(y), scores].into_iter().flatten().collect())
    }
}
