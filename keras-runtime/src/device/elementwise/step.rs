//! A step of a chain.

use keras_kernels::activation::{self, Act};
use keras_kernels::merge::{self, Merge};
use keras_kernels::noise::{self, Noise};
use keras_kernels::round::{self, Precision};
use keras_kernels::{add, bias, dropout, mask, prelu};

use crate::device::ops::{self, Stream};
use crate::device::reference::Memory;

/// A number that a step has given, by the index of the step.
pub(crate) type Value = usize;

/// Which element of an array belongs to element `i` of a chain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Index {
    /// Element `i`.
    Same,
    /// That of its column, in rows of so many: `i % n`.
    Column(usize),
    /// That of its row, of so many elements: `i / n`.
    Row(usize),
    /// That of the dimensions of its sample that the array has too.
    Own(&'static [prelu::Dim]),
}

/// What is computed for each element.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// The number of one of the arrays that the chain reads.
    Read(usize, Index),
    /// 1.
    One,
    /// The sum of two.
    Sum([Value; 2]),
    /// x + b, of rows and of one row for all.
    Bias([Value; 2]),
    /// act(x).
    Activate(Act, Value),
    /// dy times the slope of an activation, by what that saves.
    ActivateBackward(Act, [Value; 2]),
    /// All of them merged.
    Merge(Merge, Vec<Value>),
    /// dy, the first, times the slope of all others merged by the one of this number.
    MergeBackward(Merge, usize, Vec<Value>),
    /// The nearest number that a smaller format has.
    Round(Precision, Value),
    /// x / (1 - rate), or 0 as often as the rate says, by numbers of the stream with this index.
    Drop(f32, Value, usize),
    /// x with noise, by numbers of the stream with this index.
    Noise(Noise, Value, usize),
    /// x in rows of `n` that count by the mask, the second, and otherwise `fill`.
    Mask { n: usize, fill: f32, of: [Value; 2] },
    /// dy in rows that count, or in the others; otherwise 0.
    MaskBackward { n: usize, count: bool, of: [Value; 2] },
    /// a in rows that count by the mask, the third, and otherwise b.
    Select { n: usize, of: [Value; 3] },
    /// x, or alpha · x below 0.
    PRelu(&'static [prelu::Dim], [Value; 2]),
    /// dy times the slope of that, by x and alpha.
    PReluBackward(&'static [prelu::Dim], [Value; 3]),
}

/// A float as a constant of a template: its bits.
fn bits(x: f32) -> String {
    format!("{:#x}u", x.to_bits())
}

/// Constants of a template.
fn list<T: ToString>(all: &[T]) -> String {
    all.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

/// The constants of a step with an activation.
fn activating(act: Act, of: &[Value]) -> String {
    let (code, numbers) = ops::activation(act);
    format!("{code}, {}, {}", list(of), numbers.map(bits).join(", "))
}

impl Index {
    /// The type in `elementwise.cu`.
    fn constant(self) -> String {
        match self {
            Index::Same => "step::Same".to_owned(),
            Index::Column(n) => format!("step::Column<{n}>"),
            Index::Row(n) => format!("step::Row<{n}>"),
            Index::Own(dims) => format!("step::Own<{}>", ops::slopes(dims).join(", ")),
        }
    }
}

impl Step {
    /// The type in `elementwise.cu`.
    pub(super) fn constant(&self) -> String {
        let text = match self {
            Step::Read(array, index) => format!("Read<{array}, {}>", index.constant()),
            Step::One => "One".to_owned(),
            Step::Sum(of) | Step::Bias(of) => format!("Sum<{}>", list(of)),
            Step::Activate(act, x) => format!("Activate<{}>", activating(*act, &[*x])),
            Step::ActivateBackward(act, of) => format!("ActivateBackward<{}>", activating(*act, of)),
            Step::Merge(merge, xs) => format!("Merge<{}, {}>", ops::merging(*merge), list(xs)),
            Step::MergeBackward(merge, own, of) => {
                format!("MergeBackward<{}, {own}, {}>", ops::merging(*merge), list(of))
            }
            Step::Round(to, x) => format!("Round<{}, {x}>", ops::precision(*to)),
            Step::Drop(rate, x, stream) => format!("Drop<{x}, {}, {stream}>", bits(*rate)),
            Step::Noise(noise, x, stream) => {
                let multiplied = matches!(noise, Noise::Multiplied { .. });
                format!("Noisy<{multiplied}, {x}, {}, {stream}>", bits(noise.stddev() as f32))
            }
            Step::Mask { fill, of, .. } => format!("Mask<{}, {}>", list(of), bits(*fill)),
            Step::MaskBackward { count, of, .. } => format!("MaskBackward<{count}, {}>", list(of)),
            Step::Select { of, .. } => format!("Select<{}>", list(of)),
            Step::PRelu(_, of) => format!("PRelu<{}>", list(of)),
            Step::PReluBackward(_, of) => format!("PReluBackward<{}>", list(of)),
        };
        format!("step::{text}")
    }

    /// The numbers that it takes.
    pub(super) fn values(&mut self) -> &mut [Value] {
        match self {
            Step::Read(..) | Step::One => &mut [],
            Step::Activate(_, x) | Step::Round(_, x) | Step::Drop(_, x, _) | Step::Noise(_, x, _) => {
                std::slice::from_mut(x)
            }
            Step::Sum(of) | Step::Bias(of) | Step::ActivateBackward(_, of) | Step::PRelu(_, of) => of,
            Step::Mask { of, .. } | Step::MaskBackward { of, .. } => of,
            Step::Select { of, .. } | Step::PReluBackward(_, of) => of,
            Step::Merge(_, of) | Step::MergeBackward(_, _, of) => of,
        }
    }

    /// What the numbers that it gives are rounded to, by what those are that it takes; nothing if they are numbers of every format.
    pub(super) fn precision(&self, of: &[Option<Precision>]) -> Option<Precision> {
        let moved = |from: &[Value]| {
            let mut all = from.iter().filter_map(|value| of[*value]);
            let first = all.next()?;
            Some(if all.all(|next| next == first) { first } else { Precision::Float32 })
        };
        match self {
            Step::One => None,
            Step::Round(to, _) => Some(*to),
            // What they give is what they take, or 0 or 1.
            Step::Activate(Act::Linear | Act::Relu, x) => moved(&[*x]),
            Step::ActivateBackward(Act::Linear | Act::Relu, [dy, _]) => moved(&[*dy]),
            Step::Merge(Merge::Maximum | Merge::Minimum, xs) => moved(xs),
            Step::Mask { fill, of: [x, _], .. } if [0.0, 1.0].contains(fill) => moved(&[*x]),
            Step::MaskBackward { of: [dy, _], .. } => moved(&[*dy]),
            Step::Select { of: [a, b, _], .. } => moved(&[*a, *b]),
            _ => Some(Precision::Float32),
        }
    }

    /// The stream that it draws from.
    pub(super) fn stream(&mut self) -> Option<&mut usize> {
        match self {
            Step::Drop(_, _, stream) | Step::Noise(_, _, stream) => Some(stream),
            _ => None,
        }
    }

    /// What it computes that is no array's, on the host: `len` numbers, from those that steps before it have given.
    pub(super) fn compute(&self, memory: &Memory, of: &[Vec<f32>], streams: &[Stream], len: usize) -> Vec<f32> {
        let mut y = vec![0.0; len];
        let all = |values: &[Value]| values.iter().map(|&value| &of[value][..]).collect::<Vec<_>>();
        match self {
            Step::Read(..) => {}
            Step::One => y.fill(1.0),
            Step::Sum(of) => add::scalar::forward(&mut y, &all(of)),
            Step::Bias([x, b]) => bias::scalar::forward(&mut y, &of[*x], &of[*b]),
            Step::Activate(act, x) => activation::scalar::forward(&mut y, Some(&of[*x]), *act),
            Step::ActivateBackward(act, [dy, saved]) => {
                activation::scalar::backward(&mut y, Some(&of[*dy]), &of[*saved], *act, false);
            }
            Step::Merge(merge, xs) => merge::scalar::forward(&mut y, &all(xs), *merge),
            Step::MergeBackward(merge, own, values) => {
                let xs = all(&values[1..]);
                merge::scalar::backward(&mut y, &of[values[0]], &xs, *own, xs.len(), *merge, false);
            }
            Step::Round(to, x) => round::scalar::forward(&mut y, Some(&of[*x]), *to),
            Step::Drop(rate, x, stream) => {
                dropout::scalar::forward(&mut y, Some(&of[*x]), *rate, streams[*stream].key(memory), 0);
            }
            Step::Noise(noise, x, stream) => {
                noise::scalar::forward(&mut y, Some(&of[*x]), *noise, streams[*stream].key(memory), 0);
            }
            Step::Mask { n, fill, of: [x, m] } => mask::scalar::forward(&mut y, &of[*x], &of[*m], *n, *fill),
            Step::MaskBackward { n, count, of: [dy, m] } => {
                mask::scalar::backward(&mut y, &of[*dy], &of[*m], *n, *count, false);
            }
            Step::Select { n, of: [a, b, m] } => mask::scalar::select(&mut y, &of[*a], &of[*b], &of[*m], *n),
            Step::PRelu(dims, [x, alpha]) => prelu::scalar::forward(&mut y, Some(&of[*x]), &of[*alpha], dims),
            Step::PReluBackward(dims, [dy, x, alpha]) => {
                prelu::scalar::backward_data(&mut y, Some(&of[*dy]), &of[*x], &of[*alpha], dims, false);
            }
        }
        y
    }
}
