//! Recurrent layers with masks, those of convolutions too, of every instruction set, against the scalar bodies in `f64`, which
//! compute all steps and select what counts.

mod common;

use common::{Random, close, same_bits, wide};
use keras_kernels::activation::Act;
use keras_kernels::conv_recurrent::{self, ConvRecurrent, Geometry, Windows};
use keras_kernels::memory::{Sink, Use};
use keras_kernels::recurrent::{self, Cell, Given, Output, Recurrent, Saved, Weights, scalar};
use keras_kernels::{Isa, Real};
use keras_shapes::plan::{conv_recurrent_scratch, masked_recurrent_scratch};

const CELLS: [Cell; 4] = [Cell::Simple, Cell::Lstm, Cell::Gru { reset_after: true }, Cell::Gru { reset_after: false }];

/// Layers that differ in everything that changes what a step that is left out means.
fn layers() -> Vec<Recurrent> {
    let mut all = Vec::new();
    for cell in CELLS {
        for (i, output) in [Output::Last, Output::Sequence, Output::InTime].into_iter().enumerate() {
            for (backwards, zero_masked, dropout) in
                [(false, i == 2, false), (true, i == 1, false), (i == 2, i != 1, true)]
            {
                all.push(Recurrent {
                    cell,
                    steps: 11 + i,
                    k: 5 + 12 * i,
                    units: [3, 17, 33][i],
                    act: if dropout { Act::Gelu } else { Act::Tanh },
                    recurrent_act: Act::Sigmoid,
                    backwards,
                    output,
                    states: i != 1,
                    zero_masked,
                    inputs: if dropout && cell != Cell::Simple { cell.gates() } else { 1 },
                    dropout,
                });
            }
        }
    }
    all
}

/// Which steps count: whole batches of one kind, and one with a row of each kind side by side.
fn masks(l: &Recurrent, rows: usize) -> Vec<(&'static str, Vec<f32>)> {
    let steps = l.steps;
    let mut random = Random::new(7);
    let drawn = random.floats(rows * steps);
    let mask = |counts: &dyn Fn(usize, usize) -> bool| -> Vec<f32> {
        (0..rows * steps).map(|i| f32::from(u8::from(counts(i / steps, i % steps)))).collect()
    };
    let holes = |row: usize, t: usize| drawn[row * steps + t] > 0.0;
    vec![
        ("every length", mask(&|row, t| t < row % (steps + 1))),
        ("every length, sorted", mask(&|row, t| t < row * (steps + 1) / rows)),
        ("every beginning", mask(&|row, t| t >= (row * 5) % (steps + 1))),
        ("nothing", mask(&|_, _| false)),
        ("everything", mask(&|_, _| true)),
        ("only one step of one row", mask(&|row, t| row == rows / 2 && t == 3)),
        ("the first half of all", mask(&|_, t| t < steps / 2)),
        ("holes", mask(&holes)),
        ("blocks of nothing", mask(&|row, t| row % 40 < 9 && t > 0)),
        (
            "all kinds",
            mask(&|row, t| match row % 5 {
                0 => t < row % steps,
                1 => false,
                2 => true,
                3 => t + 2 > row % steps,
                _ => holes(row, t),
            }),
        ),
    ]
}

/// What a pass forward and backward takes and leaves.
#[derive(Clone)]
struct Pass<R> {
    x: Vec<R>,
    h: Vec<R>,
    c: Vec<R>,
    w: [Vec<R>; 3],
    dy: Vec<R>,
    y: Vec<R>,
    dx: Vec<R>,
    saved: [Vec<R>; 9],
    dw: [Vec<R>; 3],
}

impl<R: Real> Pass<R> {
    fn saved(saved: &mut [Vec<R>; 9]) -> Saved<'_, R> {
        let [gates, a, aux, pre, h, drop, state, sums, work] = saved;
        Saved { gates, a, aux, pre, h, drop, state, sums, work }
    }
}

fn lens(l: &Recurrent) -> [usize; 9] {
    [
        l.gates_len(),
        l.a_len(),
        l.aux_len(),
        l.pre_len(),
        l.h_len(),
        l.drop_len(),
        l.state_len(),
        l.sums_len(),
        l.work_len(),
    ]
}

/// What the gates are before the forward pass: what is left out keeps it.
const UNTOUCHED: f32 = 123.0;

fn pass(l: &Recurrent, rows: usize) -> Pass<f32> {
    let mut random = Random::new(99);
    let bias = if l.cell == (Cell::Gru { reset_after: true }) { 2 * l.n() } else { l.n() };
    let mut floats = |len: usize| random.floats(len);
    let mut saved = lens(l).map(|len| vec![UNTOUCHED; rows * len]);
    saved[5] = floats(rows * l.drop_len()).iter().map(|&x| if x > 0.0 { 2.0 } else { 0.0 }).collect();
    let weights = [l.k * l.n(), l.units * l.n(), bias];
    Pass {
        x: floats(rows * l.steps * l.inputs * l.k),
        h: floats(rows * l.units),
        c: floats(rows * l.units),
        w: weights.map(|len| floats(len).iter().map(|w| w * 0.2).collect()),
        dy: floats(rows * l.y_len()),
        y: vec![0.0; rows * l.y_len()],
        dx: vec![UNTOUCHED; rows * l.steps * l.inputs * l.k],
        saved,
        dw: weights.map(|len| vec![0.0; len]),
    }
}

fn expected(l: &Recurrent, pass: &Pass<f32>, mask: &[f32]) -> Pass<f64> {
    let mut p = Pass {
        x: wide(&pass.x),
        h: wide(&pass.h),
        c: wide(&pass.c),
        w: pass.w.each_ref().map(|w| wide(w)),
        dy: wide(&pass.dy),
        y: wide(&pass.y),
        dx: vec![0.0; pass.dx.len()],
        saved: pass.saved.each_ref().map(|saved| wide(saved)),
        dw: pass.dw.each_ref().map(|dw| wide(dw)),
    };
    let mask = wide(mask);
    let weights = Weights { kernel: &p.w[0], recurrent: &p.w[1], bias: Some(&p.w[2]) };
    let c = (l.cell == Cell::Lstm).then_some(&p.c[..]);
    let given = Given { h: Some(&p.h), c, mask: Some(&mask) };
    scalar::forward(l, &mut p.y, &p.x, given, weights, &mut Pass::saved(&mut p.saved));
    scalar::backward(l, &p.dy, Some(&mask), weights, &mut Pass::saved(&mut p.saved));
    let [gates, a, aux, ..] = &p.saved;
    scalar::backward_data(l, &mut p.dx, gates, &p.w[0], false);
    scalar::backward_kernel(l, &mut p.dw[0], &p.x, gates);
    scalar::backward_recurrent(l, &mut p.dw[1], a, gates, aux);
    scalar::backward_bias(l, &mut p.dw[2], gates, aux);
    p
}

fn forward(isa: Isa, l: &Recurrent, p: &mut Pass<f32>, mask: Option<&[f32]>) {
    let mut tmp = vec![f32::NAN; masked_recurrent_scratch(l.k, l.units, l.n())];
    let weights = Weights { kernel: &p.w[0], recurrent: &p.w[1], bias: Some(&p.w[2]) };
    let c = (l.cell == Cell::Lstm).then_some(&p.c[..]);
    let given = Given { h: Some(&p.h), c, mask };
    recurrent::forward(isa, l, &mut p.y, &p.x, given, weights, &mut Pass::saved(&mut p.saved), &mut tmp);
}

fn backward(isa: Isa, l: &Recurrent, p: &mut Pass<f32>, mask: Option<&[f32]>) {
    let mut tmp = vec![f32::NAN; masked_recurrent_scratch(l.k, l.units, l.n())];
    let weights = Weights { kernel: &p.w[0], recurrent: &p.w[1], bias: Some(&p.w[2]) };
    recurrent::backward(isa, l, &p.dy, mask, weights, &mut Pass::saved(&mut p.saved), &mut tmp);
    let [gates, a, aux, ..] = &p.saved;
    recurrent::backward_data(isa, l, &mut p.dx, gates, mask, &p.w[0], false, &mut tmp);
    for (i, dw) in p.dw.iter_mut().enumerate() {
        let (mut w, len) = (p.w[i].clone(), dw.len());
        let mut sink = Sink::store(&mut w, dw, &[]);
        let out = sink.param(0, 0, len, Use::Only).expect("weights that are not frozen");
        match i {
            0 => recurrent::backward_kernel(isa, out, l, &p.x, gates, mask, &mut tmp),
            1 => recurrent::backward_recurrent(isa, out, l, a, gates, aux, mask, &mut tmp),
            _ => recurrent::backward_bias(isa, out, l, gates, aux),
        }
    }
}

/// The same pass for some rows alone.
fn part(l: &Recurrent, p: &Pass<f32>, rows: core::ops::Range<usize>) -> Pass<f32> {
    let of = |x: &[f32], each: usize| x[rows.start * each..rows.end * each].to_vec();
    let mut i = 0;
    Pass {
        x: of(&p.x, l.steps * l.inputs * l.k),
        h: of(&p.h, l.units),
        c: of(&p.c, l.units),
        dy: of(&p.dy, l.y_len()),
        y: of(&p.y, l.y_len()),
        dx: of(&p.dx, l.steps * l.inputs * l.k),
        saved: p.saved.each_ref().map(|saved| {
            i += 1;
            of(saved, lens(l)[i - 1])
        }),
        ..p.clone()
    }
}

#[test]
fn masked_steps_are_as_if_they_were_computed() {
    for l in layers() {
        for rows in [3, 70] {
            for (name, mask) in masks(&l, rows) {
                let what = format!("{:?}, {}, {rows} rows, {name}", l.cell, l.units);
                let start = pass(&l, rows);
                let expected = expected(&l, &start, &mask);
                for isa in Isa::available() {
                    let mut p = start.clone();
                    forward(isa, &l, &mut p, Some(&mask));
                    backward(isa, &l, &mut p, Some(&mask));
                    let both = [(&p.y, &expected.y), (&p.dx, &expected.dx)].into_iter();
                    let kept = [0, 1, 6].map(|i| (&p.saved[i], &expected.saved[i]));
                    for (got, expected) in both.chain(kept).chain(p.dw.iter().zip(&expected.dw)) {
                        let top = expected.iter().fold(1.0, |top: f64, x| top.max(x.abs()));
                        close(&what, got, expected, |_| 2e-5 * top);
                    }
                    let left_out = |i: usize, each: usize| mask[i / each] == 0.0;
                    let dx_each = l.inputs * l.k;
                    assert!(p.dx.iter().enumerate().all(|(i, &dx)| !left_out(i, dx_each) || dx == 0.0), "{what}");
                }
            }
        }
    }
}

#[test]
fn bits_depend_neither_on_masks_of_others_nor_on_how_rows_are_taken() {
    let rows = 70;
    for l in layers() {
        for (name, mask) in masks(&l, rows) {
            let what = format!("{:?}, {}, {name}", l.cell, l.units);
            for isa in Isa::available() {
                let mut whole = pass(&l, rows);
                forward(isa, &l, &mut whole, Some(&mask));
                backward(isa, &l, &mut whole, Some(&mask));
                if name == "everything" {
                    let mut unmasked = pass(&l, rows);
                    forward(isa, &l, &mut unmasked, None);
                    backward(isa, &l, &mut unmasked, None);
                    same_bits(&what, &whole.y, &unmasked.y);
                    same_bits(&what, &whole.dx, &unmasked.dx);
                    whole.dw.iter().zip(&unmasked.dw).for_each(|(a, b)| same_bits(&what, a, b));
                }
                let start = pass(&l, rows);
                for range in [0..1, 1..5, 5..14, 14..40, 40..70] {
                    let mut some = part(&l, &start, range.clone());
                    let mask = &mask[range.start * l.steps..range.end * l.steps];
                    forward(isa, &l, &mut some, Some(mask));
                    backward(isa, &l, &mut some, Some(mask));
                    let same = part(&l, &whole, range.clone());
                    let what = format!("{what}, {range:?} on {isa:?}");
                    same_bits(&what, &some.y, &same.y);
                    same_bits(&what, &some.dx, &same.dx);
                    for i in [0, 1, 6] {
                        same_bits(&what, &some.saved[i], &same.saved[i]);
                    }
                }
            }
        }
    }
}

/// Rows that are many enough for it have only those steps projected that count.
#[test]
fn what_is_left_out_is_not_computed() {
    let rows = 70;
    for l in layers() {
        for (name, mask) in masks(&l, rows) {
            for isa in Isa::available() {
                let mut p = pass(&l, rows);
                forward(isa, &l, &mut p, Some(&mask));
                for (gates, mask) in p.saved[0].chunks_exact(l.n()).zip(&mask) {
                    let untouched = gates.iter().all(|&gate| gate == UNTOUCHED);
                    assert_eq!(untouched, *mask == 0.0, "{:?}, {name}", l.cell);
                }
            }
        }
    }
}

/// Positions of an image.
const POSITIONS: usize = 9;

/// A layer at each position by itself: images that are convolved with windows of one position.
fn at_positions(l: &Recurrent) -> ConvRecurrent {
    let windows = Windows { n: [1, 3, 3], k: [1; 3], stride: [1; 3], dilation: [1; 3], before: [0; 3], out: [1, 3, 3] };
    let geometry = |features: usize| Geometry { windows, cin: l.inputs * features, cout: l.n(), groups: l.inputs };
    ConvRecurrent { cell: *l, input: geometry(l.k), state: geometry(l.units) }
}

/// Images of samples, with so many elements for a position, as rows of one position each.
fn by_position(x: &[f32], samples: usize, each: usize) -> Vec<f32> {
    let images = x.len() / (samples * POSITIONS * each);
    let rows = (0..samples).flat_map(|sample| (0..POSITIONS).map(move |position| (sample, position)));
    let begin = |sample, position, image| ((sample * images + image) * POSITIONS + position) * each;
    let row =
        |(sample, position)| (0..images).flat_map(move |image| x[begin(sample, position, image)..][..each].to_vec());
    rows.flat_map(row).collect()
}

#[test]
fn images_that_are_left_out_are_as_if_they_were_computed() {
    let samples = 10;
    for l in layers().iter().filter(|l| l.cell == Cell::Lstm) {
        let (of, wide, u) = (at_positions(l), l.inputs * l.k, l.units);
        let mut start = pass(l, samples * POSITIONS);
        let rows = Pass {
            x: by_position(&start.x, samples, wide),
            h: by_position(&start.h, samples, u),
            c: by_position(&start.c, samples, u),
            dy: by_position(&start.dy, samples, u),
            ..start.clone()
        };
        let drop = std::mem::take(&mut start.saved[5]);
        start.saved = of.lens().map(|len| vec![UNTOUCHED; samples * len]);
        start.saved[5] = drop;
        for (name, mask) in masks(l, samples) {
            let what = format!("{:?}, {u}, {name}", l.output);
            let of_rows: Vec<f32> = mask.chunks(l.steps).flat_map(|mask| mask.repeat(POSITIONS)).collect();
            let expected = expected(l, &rows, &of_rows);
            for isa in Isa::available() {
                let (mut p, mask) = (start.clone(), Some(&mask[..]));
                let mut tmp = vec![f32::NAN; conv_recurrent_scratch(&of.input, &of.state)];
                let weights = Weights { kernel: &p.w[0], recurrent: &p.w[1], bias: Some(&p.w[2]) };
                let (given, saved) = (Given { h: Some(&p.h), c: Some(&p.c), mask }, &mut Pass::saved(&mut p.saved));
                conv_recurrent::forward(isa, &of, &mut p.y, &p.x, given, weights, saved, &mut tmp);
                for (gates, mask) in saved.gates.chunks_exact(l.n() * POSITIONS).zip(mask.unwrap()) {
                    assert_eq!(gates.iter().all(|&gate| gate == UNTOUCHED), *mask == 0.0, "{what}");
                }
                conv_recurrent::backward(isa, &of, &p.dy, mask, weights, saved, &mut tmp);
                let [gates, a, ..] = &p.saved;
                conv_recurrent::backward_data(isa, &of, &mut p.dx, gates, mask, &p.w[0], false, &mut tmp);
                for (i, dw) in p.dw.iter_mut().enumerate() {
                    let (mut w, len) = (p.w[i].clone(), dw.len());
                    let mut sink = Sink::store(&mut w, dw, &[]);
                    let out = sink.param(0, 0, len, Use::Only).expect("weights that are not frozen");
                    match i {
                        0 => conv_recurrent::backward_kernel(isa, out, &of, &p.x, gates, mask, &mut tmp),
                        1 => conv_recurrent::backward_recurrent(isa, out, &of, a, gates, mask, &mut tmp),
                        _ => conv_recurrent::backward_bias(isa, out, &of, gates),
                    }
                }
                let images = [(&p.y, u, &expected.y), (&p.dx, wide, &expected.dx), (gates, l.n(), &expected.saved[0])];
                for (got, each, expected) in images {
                    let top = expected.iter().fold(1.0, |top: f64, x| top.max(x.abs()));
                    close(&what, &by_position(got, samples, each), expected, |_| 2e-5 * top);
                }
                let others = [(&p.saved[6], &expected.saved[6])].into_iter().chain(p.dw.iter().zip(&expected.dw));
                for (got, expected) in others {
                    let top = expected.iter().fold(1.0, |top: f64, x| top.max(x.abs()));
                    close(&what, got, expected, |_| 2e-5 * top);
                }
            }
        }
    }
}
