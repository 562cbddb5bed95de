//! `EinsumDense(equation, output_shape, activation, bias_axes, …)`: act(einsum(equation, x, kernel) + bias).

use std::rc::Rc;

use quote::quote;

use super::equation::{Ellipsis, Equation, Role};
use super::given::require;
use super::kinds::Arity;
use super::lora::{self, Alpha, Factors};
use super::objects::float_tokens;
use super::windowed::three;
use super::{Args, Kind, Layer, Lower, Spec};
use crate::graph::ops::{self, Act, Axis, Op, Windows};
use crate::graph::{Num, ParamId, Shape, ValueId};

pub(super) struct EinsumDense;

impl Layer for EinsumDense {
    fn spec(&self) -> &'static Spec {
        &Spec {
            name: "EinsumDense",
            inputs: Arity::One,
            args: &[
                ("equation", Kind::Equation),
                ("output_shape", Kind::PartialShape),
                ("activation", Kind::Activation),
                ("bias_axes", Kind::Letters),
                ("kernel_initializer", Kind::Initializer("GlorotUniform")),
                ("bias_initializer", Kind::Initializer("Zeros")),
                ("kernel_regularizer", Kind::Regularizer),
                ("bias_regularizer", Kind::Regularizer),
                ("kernel_constraint", Kind::Constraint),
                ("bias_constraint", Kind::Constraint),
                lora::RANK,
                lora::ALPHA,
                ("gptq_unpacked_column_size", Kind::Absent("train in f32; quantize the weights where they are used")),
                ("quantization_config", Kind::Absent("train in f32; quantize the weights where they are used")),
                ("activity_regularizer", Kind::Regularizer),
            ],
        }
    }

    fn lower(&self, args: &Args, inputs: &[ValueId], cx: &mut Lower<'_>) -> Option<Vec<ValueId>> {
        let equation = args.equation()?.clone();
        let dims = Dims::of(&equation, args, inputs[0], cx)?;
        let bias = dims.bias(args, cx)?;
        let sizes: Vec<Num> = equation.kernel.iter().map(|&letter| dims.size(letter)).collect();
        let kernel = cx.along_dims(args, "kernel", "GlorotUniform", &sizes)?;
        cx.fans(kernel, &dims.sizes(&equation.letters(Role::Summed)), &{
            let kept = equation.kernel.iter().filter(|&&letter| equation.role(letter) != Role::Summed);
            kept.map(|&letter| dims.size(letter)).collect::<Vec<_>>()
        });
        let bias = match bias {
            Some((shape, letters)) => Some((cx.along_dims(args, "bias", "Zeros", &shape)?, letters)),
            None => None,
        };
        let mut y = dims.product(&equation, inputs[0], kernel, bias, cx);
        if let Some(factors) = cx.lora(args, kernel, Alpha::Given)? {
            y = dims.updated(&equation, [inputs[0], y], &factors, cx)?;
        }
        cx.finish(y, args)
    }
}

/// What the letters stand for. Dimensions without a letter have one of their own here, a number.
struct Dims {
    /// The dimensions of the input and of the output, without the batch.
    input: Vec<char>,
    output: Vec<char>,
    sizes: Vec<(char, Num)>,
    /// What the output's shape was worked out from.
    shape: Shape,
}

/// What stands for the rank of an update of the kernel among letters.
const RANK: char = '#';

/// Letters of dimensions that dots stand for.
const DOTS: std::ops::RangeInclusive<char> = '0'..='9';

impl Dims {
    /// Nothing after a mistake.
    fn of(equation: &Equation, args: &Args, x: ValueId, cx: &mut Lower<'_>) -> Option<Dims> {
        let shape = cx.shape(x);
        let (rank, letters) = (shape.rank() + 1, equation.input.len());
        let elided = rank.checked_sub(letters).filter(|&dots| dots == 0 || equation.ellipsis != Ellipsis::None);
        let Some(elided) = elided else {
            let least = if equation.ellipsis == Ellipsis::None { "" } else { " or more" };
            let message = format!(
                "`EinsumDense`: `equation` has {letters}{least} dimensions of the input, the batch among them; it has {rank}"
            );
            cx.error(args.span_of("equation"), message);
            return None;
        };
        let dots: Vec<char> = DOTS.take(elided).collect();
        let all = |letters: &[char]| match equation.ellipsis {
            Ellipsis::Before => [&dots, letters].concat(),
            _ => [letters, &dots].concat(),
        };
        let (with_batch, output) = (all(&equation.input), all(&equation.output));
        if output[0] != with_batch[0] || equation.kernel.contains(&with_batch[0]) {
            let message = format!(
                "`EinsumDense`: `equation` begins with the batch, `{}`, which must come first in the output too and not in \
                 the kernel",
                with_batch[0]
            );
            cx.error(args.span_of("equation"), message);
            return None;
        }
        let (input, output) = (with_batch[1..].to_vec(), output[1..].to_vec());
        let mut sizes: Vec<(char, Num)> = input.iter().copied().zip(shape.dims.iter().cloned()).collect();
        let named: Vec<char> = output.iter().copied().filter(|letter| !DOTS.contains(letter)).collect();
        let given = args.partial("output_shape").unwrap_or_default();
        if given.len() != named.len() {
            let letters: Vec<String> = named.iter().map(|letter| format!("`{letter}`")).collect();
            let message = format!(
                "`EinsumDense`: `output_shape` must have a size or `None` for each of {}, found {}",
                letters.join(", "),
                given.len()
            );
            cx.error(args.span_of("output_shape"), message);
            return None;
        }
        for (&letter, given) in named.iter().zip(given) {
            let known = sizes.iter().find(|(of, _)| *of == letter).map(|(_, size)| size.clone());
            match (known, given) {
                (Some(size), Some(given)) => {
                    require!(cx, args.span_of("output_shape"), einsum_dense(size, given))?;
                }
                (Some(_), None) => {}
                (None, Some(given)) => sizes.push((letter, given.clone())),
                (None, None) => {
                    let message = format!(
                        "`EinsumDense`: `output_shape` must have a size for `{letter}`, which is no dimension of the input"
                    );
                    cx.error(args.span_of("output_shape"), message);
                    return None;
                }
            }
        }
        Some(Dims { input, output, sizes, shape })
    }

    fn size(&self, letter: char) -> Num {
        let found = self.sizes.iter().find(|(of, _)| *of == letter);
        found.map_or(Num::Lit(1), |(_, size)| size.clone())
    }

    fn sizes(&self, letters: &[char]) -> Vec<Num> {
        letters.iter().map(|&letter| self.size(letter)).collect()
    }

    /// The bias's shape, from the first dimension on that it has, and its letters in the order of the output. Nothing after
    /// a mistake.
    fn bias(&self, args: &Args, cx: &mut Lower<'_>) -> Option<Option<(Vec<Num>, Vec<char>)>> {
        let Some(letters) = args.letters("bias_axes") else { return Some(None) };
        if let Some(other) = letters.iter().find(|letter| !self.output.contains(letter)) {
            let message = format!("`EinsumDense`: `bias_axes` has `{other}`, which is no dimension of the output");
            cx.error(args.span_of("bias_axes"), message);
            return None;
        }
        let first = self.output.iter().position(|letter| letters.contains(letter)).unwrap_or(0);
        let dim = |letter: &char| if letters.contains(letter) { self.size(*letter) } else { Num::Lit(1) };
        let own = self.output.iter().copied().filter(|letter| letters.contains(letter)).collect();
        Some(Some((self.output[first..].iter().map(dim).collect(), own)))
    }

    /// The product and the bias. What stands in the input alone is summed before. Rows come as dimensions that the kernel
    /// has not, those whose positions have products of their own, those that are summed; and leave with those that are new
    /// in place of these.
    fn product(
        &self,
        equation: &Equation,
        x: ValueId,
        kernel: ParamId,
        bias: Option<(ParamId, Vec<char>)>,
        cx: &mut Lower<'_>,
    ) -> ValueId {
        let [each, summed, new] = equation.parts();
        let alone = |letter: &char| !equation.kernel.contains(letter) && !self.output.contains(letter);
        let (alone, input): (Vec<char>, Vec<char>) = self.input.iter().copied().partition(alone);
        let x = self.sum(x, &self.input, &alone, cx);
        let rows: Vec<char> = input.iter().copied().filter(|letter| !equation.kernel.contains(letter)).collect();
        let x = self.spread(x, &input, &[&rows[..], &each, &summed].concat(), cx);
        let result = [&rows[..], &each, &new].concat();
        let shape = Shape { dims: self.sizes(&result), ..self.shape.clone() };
        let [outer, groups, k, n] = [&rows, &each, &summed, &new].map(|letters| Num::product(&self.sizes(letters)));
        // The bias is part of the product where it has a number for each of its columns.
        let fused = bias.as_ref().is_some_and(|(_, letters)| each.is_empty() && *letters == new);
        let mut params = vec![kernel];
        let op: Rc<dyn Op> = if each.is_empty() && equation.kernel.starts_with(&summed) {
            params.extend(bias.as_ref().filter(|_| fused).map(|(bias, _)| *bias));
            Rc::new(ops::Dense { outer, k, n, bias: fused, act: Act::Linear })
        } else {
            let stride = |letters: &[char]| match letters.last() {
                Some(last) => {
                    let at = equation.kernel.iter().position(|letter| letter == last).unwrap_or(0);
                    Num::product(&self.sizes(&equation.kernel[at + 1..]))
                }
                None => Num::Lit(1),
            };
            let strides = [stride(&each), stride(&summed), stride(&new)];
            Rc::new(ops::Einsum { outer, groups, k, n, strides })
        };
        let fused = fused && params.len() == 2;
        let y = cx.op(op, vec![x], params, shape);
        let (kept, rest): (Vec<char>, Vec<char>) = result.iter().partition(|letter| self.output.contains(letter));
        let mut y = self.sum(y, &result, &rest, cx);
        if let Some((bias, letters)) = bias.filter(|_| !fused) {
            y = cx.add_bias(y, &kept, &letters, bias);
        }
        cx.reorder(y, &kept, &self.output)
    }

    /// A value of these letters with others: in another order, and repeated along those that it has not.
    fn spread(&self, value: ValueId, from: &[char], to: &[char], cx: &mut Lower<'_>) -> ValueId {
        if to.iter().all(|letter| from.contains(letter)) {
            return cx.reorder(value, from, to);
        }
        let shape = cx.shape(value);
        let axes = Axis::all(&shape);
        let one = |n: usize| Num::Lit(n);
        let axis = |letter: &char| match from.iter().position(|other| other == letter) {
            Some(at) => axes[at].clone(),
            None => {
                let len = self.size(*letter);
                Axis { repeat: len.clone(), len, from: one(1), stride: one(1), before: one(0), skip: one(0) }
            }
        };
        cx.gather(value, to.iter().map(axis).collect(), shape.with_dims(self.sizes(to)))
    }

    /// A value of these letters summed along some of them.
    fn sum(&self, value: ValueId, from: &[char], along: &[char], cx: &mut Lower<'_>) -> ValueId {
        let count = Num::product(&self.sizes(along));
        if along.is_empty() {
            return value;
        }
        let kept: Vec<char> = from.iter().copied().filter(|letter| !along.contains(letter)).collect();
        let moved = cx.reorder(value, from, &[along, &kept].concat());
        let kept = self.sizes(&kept);
        // The mean, and as many of it.
        let n = three(std::slice::from_ref(&count), 1);
        let (stride, dilation, before, out) = (three(&[], 1), three(&[], 1), three(&[], 0), three(&[], 1));
        let windows = Windows { k: n.clone(), n, stride, dilation, before, out };
        let op = ops::Pool { max: false, n: Num::product(&kept), windows };
        let shape = cx.shape(value).with_dims(kept);
        let mean = cx.op(Rc::new(op), vec![moved], vec![], shape);
        cx.scaled(
            mean,
            match count {
                Num::Lit(count) => float_tokens(count as f64),
                count => quote!((#count as f32)),
            },
        )
    }

    /// y and what the update of the kernel gives. The rank is one more letter, which stands in the first factor where the
    /// kernel has its last letter.
    fn updated(
        &self,
        equation: &Equation,
        [x, y]: [ValueId; 2],
        factors: &Factors,
        cx: &mut Lower<'_>,
    ) -> Option<ValueId> {
        let (&last, rest) = equation.kernel.split_last()?;
        let (a, b) = ([rest, &[RANK]].concat(), vec![RANK, last]);
        let swapped = |letters: &[char]| -> Vec<char> {
            letters.iter().map(|&letter| if letter == last { RANK } else { letter }).collect()
        };
        // What is summed along goes through the second factor first, all else through the first.
        let (between, [first, second]) = match equation.role(last) {
            Role::Summed => (swapped(&self.input), [(b, factors.b), (a, factors.a)]),
            Role::New => (swapped(&self.output), [(a, factors.a), (b, factors.b)]),
            Role::Shared => ([&self.output[..], &[RANK]].concat(), [(a, factors.a), (b, factors.b)]),
        };
        let sizes = [&self.sizes[..], &[(RANK, factors.rank.clone())]].concat();
        let product = |cx: &mut Lower<'_>, x: ValueId, input: &[char], output: &[char], (kernel, param)| {
            let (input, output) = (input.to_vec(), output.to_vec());
            let equation = Equation { ellipsis: Ellipsis::None, input: input.clone(), kernel, output: output.clone() };
            let shape = cx.shape(x);
            Dims { input, output, sizes: sizes.clone(), shape }.product(&equation, x, param, None, cx)
        };
        let narrow = |cx: &mut Lower<'_>| product(cx, x, &self.input, &between, first);
        Some(cx.updated(y, factors, narrow, |cx, h| product(cx, h, &between, &self.output, second)))
    }
}

impl Lower<'_> {
    /// A value whose dimensions are named by letters, with these in another order.
    fn reorder(&mut self, value: ValueId, from: &[char], to: &[char]) -> ValueId {
        let order: Vec<usize> = to.iter().filter_map(|letter| from.iter().position(|other| other == letter)).collect();
        self.permute(value, &order)
    }

    /// A value with a bias that is added along some of its dimensions.
    fn add_bias(&mut self, value: ValueId, dims: &[char], letters: &[char], bias: ParamId) -> ValueId {
        // They are brought to the end, in the order of the bias.
        let rest: Vec<char> = dims.iter().copied().filter(|letter| !letters.contains(letter)).collect();
        let order = [&rest[..], letters].concat();
        let moved = self.reorder(value, dims, &order);
        let shape = self.shape(moved);
        let [outer, n] = [&shape.dims[..rest.len()], &shape.dims[rest.len()..]].map(Num::product);
        let y = self.op(Rc::new(ops::Bias { outer, n }), vec![moved], vec![bias], shape);
        self.reorder(y, &order, dims)
    }

    /// Says how many numbers of the input each result of a weight is made of, and the other way round, for initializers that
    /// ask.
    pub(super) fn fans(&mut self, param: ParamId, inputs: &[Num], outputs: &[Num]) {
        if self.shared {
            return;
        }
        let (init, [inputs, outputs]) = (&self.graph.params[param].init, [inputs, outputs].map(Num::product));
        let said = init.to_string();
        if said.contains("VarianceScaling") && !said.contains("Units") {
            let of = init.clone();
            self.graph.params[param].init = quote::quote!(Init::Units { of: &#of, inputs: #inputs, outputs: #outputs });
        }
    }
}
