//! Loops that the compiler makes vectors of, once for each instruction set.
//!
//! A body in lanes is an `#[inline(always)]` function without branches in its loops. [`crate::dispatch::per_isa`] compiles
//! it within one function for each instruction set; `mul_add` there is one instruction, rounded once, in the vectors and in the rest of
//! a loop alike, so that an element's bits do not depend on where it lies.

mod four;

use four::Four;

use crate::math::exp_or_0;

/// Elements that are taken at once: some vectors. (A loop over fewer would be unrolled before the compiler looks for
/// vectors, which it then makes badly.)
pub(crate) const LANES: usize = 64;

/// That many elements.
pub(crate) type Lanes = [f32; LANES];

/// Slices from this length on are worth lanes of their own; those that are shorter are taken one by one.
pub(crate) const LONG: usize = 24;

/// A function of one number, without branches, to be applied to many. What it is itself are its constants.
pub(crate) trait Function: Copy {
    /// Its value.
    fn of(self, x: f32) -> f32;
}

/// y = f(x) for every element, or y = f(y) where there is no x.
///
/// The elements at the end are copied to where there are enough of them: taken one by one they would cost more than all
/// others of a short slice.
#[inline(always)]
pub(crate) fn map<F: Function>(y: &mut [f32], x: Option<&[f32]>, f: F) {
    let (blocks, rest) = y.as_chunks_mut::<LANES>();
    let (from, from_rest) = x.map_or((None, None), |x| {
        let (blocks, rest) = x.as_chunks::<LANES>();
        (Some(blocks), Some(rest))
    });
    for (i, y) in blocks.iter_mut().enumerate() {
        let source: &Lanes = from.map_or(&*y, |x| &x[i]);
        let mut block = *source;
        for x in &mut block {
            *x = f.of(*x);
        }
        *y = block;
    }
    if !rest.is_empty() {
        let mut block = padded(from_rest.unwrap_or(rest));
        for x in &mut block {
            *x = f.of(*x);
        }
        rest.copy_from_slice(&block[..rest.len()]);
    }
}

/// eˣ, 0 where it would be subnormal.
#[derive(Clone, Copy)]
pub(crate) struct Exp;

impl Function for Exp {
    #[inline(always)]
    fn of(self, x: f32) -> f32 {
        exp_or_0(x)
    }
}

/// A function of two numbers, without branches, to be applied to many.
pub(crate) trait Function2: Copy {
    /// Its value.
    fn of(self, x: f32, s: f32) -> f32;
}

/// y = f(x, s) for every element, or y = f(y, s) where there is no x.
#[inline(always)]
pub(crate) fn zip<F: Function2>(y: &mut [f32], x: Option<&[f32]>, s: &[f32], f: F) {
    let (blocks, rest) = y.as_chunks_mut::<LANES>();
    let (ss, s_rest) = s.as_chunks::<LANES>();
    let (from, from_rest) = x.map_or((None, None), |x| {
        let (blocks, rest) = x.as_chunks::<LANES>();
        (Some(blocks), Some(rest))
    });
    for (i, (y, s)) in blocks.iter_mut().zip(ss).enumerate() {
        let source: &Lanes = from.map_or(&*y, |x| &x[i]);
        let mut block = *source;
        for i in 0..LANES {
            block[i] = f.of(block[i], s[i]);
        }
        *y = block;
    }
    if !rest.is_empty() {
        let (mut block, s) = (padded(from_rest.unwrap_or(rest)), padded(s_rest));
        for i in 0..LANES {
            block[i] = f.of(block[i], s[i]);
        }
        rest.copy_from_slice(&block[..rest.len()]);
    }
}

/// y += f(x, s) for every element.
#[inline(always)]
pub(crate) fn zip_add<F: Function2>(y: &mut [f32], x: &[f32], s: &[f32], f: F) {
    let (ys, y_rest) = y.as_chunks_mut::<LANES>();
    let (xs, x_rest) = x.as_chunks::<LANES>();
    let (ss, s_rest) = s.as_chunks::<LANES>();
    for ((y, x), s) in ys.iter_mut().zip(xs).zip(ss) {
        for i in 0..LANES {
            y[i] += f.of(x[i], s[i]);
        }
    }
    if !y_rest.is_empty() {
        let (mut y, x, s) = (padded(y_rest), padded(x_rest), padded(s_rest));
        for i in 0..LANES {
            y[i] += f.of(x[i], s[i]);
        }
        y_rest.copy_from_slice(&y[..y_rest.len()]);
    }
}

/// The number, or 0 where it is subnormal.
///
/// What decays by a factor in every step (momentum of a weight whose input has become rare) ends as a subnormal number
/// and stays one for a hundred steps or more, and CPUs take some hundred cycles for each operation on it.
#[inline(always)]
pub(crate) fn flushed(x: f32) -> f32 {
    if x.abs() < f32::MIN_POSITIVE { 0.0 } else { x }
}

/// Fewer elements than that, and zeros behind them.
#[inline(always)]
pub(crate) fn padded(x: &[f32]) -> Lanes {
    padded_with(x, 0.0)
}

/// Fewer elements than that, and something else behind them.
#[inline(always)]
pub(crate) fn padded_with(x: &[f32], fill: f32) -> Lanes {
    let mut block = [fill; LANES];
    block[..x.len()].copy_from_slice(x);
    block
}

/// The sum of lanes, in an order of its own: the halves of what is left are added until one is left.
#[inline(always)]
pub(crate) fn sum(lanes: Lanes) -> f32 {
    across(halved(lanes, |a, b| a + b), Four::add)
}

/// Σ x · y.
#[inline(always)]
pub(crate) fn dot(x: &[f32], y: &[f32]) -> f32 {
    if x.len() < LONG {
        return x.iter().zip(y).fold(0.0, |total, (&x, &y)| x.mul_add(y, total));
    }
    let (xs, x_rest) = x.as_chunks::<LANES>();
    let (ys, y_rest) = y.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (x, y) in xs.iter().zip(ys) {
        for i in 0..LANES {
            sums[i] = x[i].mul_add(y[i], sums[i]);
        }
    }
    if !x_rest.is_empty() {
        let (x, y) = (padded(x_rest), padded(y_rest));
        for i in 0..LANES {
            sums[i] = x[i].mul_add(y[i], sums[i]);
        }
    }
    sum(sums)
}

/// The largest element, if none is NaN.
#[inline(always)]
pub(crate) fn largest(x: &[f32]) -> f32 {
    let (blocks, rest) = x.as_chunks::<LANES>();
    let mut top = f32::NEG_INFINITY;
    if let [first, blocks @ ..] = blocks {
        let mut tops = *first;
        for block in blocks {
            for i in 0..LANES {
                tops[i] = larger(block[i], tops[i]);
            }
        }
        top = across(halved(tops, larger), Four::larger);
    }
    rest.iter().fold(top, |top, &x| larger(x, top))
}

/// A quarter of the lanes.
const QUARTER: usize = LANES / 4;

/// A quarter of the lanes, by an operation on what lies half of them apart, twice.
#[inline(always)]
fn halved(lanes: Lanes, f: impl Fn(f32, f32) -> f32) -> [f32; QUARTER] {
    let mut quarter = [0.0; QUARTER];
    for i in 0..QUARTER {
        let (even, odd) = (f(lanes[i], lanes[i + 2 * QUARTER]), f(lanes[i + QUARTER], lanes[i + 3 * QUARTER]));
        quarter[i] = f(even, odd);
    }
    quarter
}

/// One number of 16, in halves again. (The compiler would take the vectors apart.)
#[inline(always)]
fn across(x: [f32; QUARTER], f: impl Fn(Four, Four) -> Four) -> f32 {
    let (fours, _) = x.as_chunks::<4>();
    let four = f(f(Four::new(&fours[0]), Four::new(&fours[2])), f(Four::new(&fours[1]), Four::new(&fours[3])));
    let two = f(four, four.high());
    f(two, two.second()).first()
}

/// `x` where it is larger, else `max`: one instruction.
#[inline(always)]
pub(crate) fn larger(x: f32, max: f32) -> f32 {
    if x > max { x } else { max }
}

/// w −= decay · w, unless there is no decay (and 0 times an infinite weight would be NaN).
#[inline(always)]
pub(crate) fn decay_by(w: &mut [f32], decay: f32) {
    if decay != 0.0 {
        w.iter_mut().for_each(|w| *w = (-decay).mul_add(*w, *w));
    }
}
