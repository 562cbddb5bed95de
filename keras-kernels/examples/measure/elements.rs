//! Kernels that work on elements, beside a plain copy of as many: in the first-level cache, in the second, and beyond.

use std::hint::black_box;

use keras_kernels::activation::{self, Act, Saves};
use keras_kernels::dropout::{self, Key};
use keras_kernels::noise::{self, Noise};
use keras_kernels::penalty::{self, Penalty};
use keras_kernels::{
    Isa, adam, add, crossentropy, glu, log_softmax, merge, sgd, softmax, sparsemax, unit_normalization,
};

use crate::{Aligned, clock};

/// Elements of each operand: two operands lie in 32 KiB, four in 1 MiB, four in 64 MiB.
const LENGTHS: [usize; 3] = [1 << 12, 1 << 16, 1 << 22];

/// What kernels work on. All are as long.
struct Operands {
    x: Aligned,
    dy: Aligned,
    y: Aligned,
    w: Aligned,
    m: Aligned,
    v: Aligned,
    /// One for each row, of any length.
    scale: Aligned,
    losses: Aligned,
    labels: Vec<u32>,
}

/// A kernel: its name, how many bytes of each element it reads and writes, and a call.
struct Kernel(String, usize, Box<dyn FnMut(&mut Operands)>);

/// Measures those whose names contain `wanted`.
///
/// A row has, for each length, the nanoseconds of an element, the bytes that go in and out in a nanosecond, and the time
/// as a multiple of that of a copy, which is timed in turns with the kernel.
pub(crate) fn measure(wanted: &str) {
    let operands = |len: usize| Operands {
        x: Aligned::random(len, 8.0),
        dy: Aligned::random(len, 1.0),
        y: Aligned::random(len, 1.0),
        w: Aligned::random(len, 1.0),
        m: Aligned::random(len, 0.0),
        v: Aligned::random(len, 0.0),
        scale: Aligned::random(len, 1.0),
        losses: Aligned::random(len, 1.0),
        labels: vec![1; len],
    };
    let mut all = LENGTHS.map(operands);
    let heads = LENGTHS.map(|len| format!("{len} elements: ns, GB/s, × copy"));
    println!("{:<28} {:>36} {:>36} {:>36}", "", heads[0], heads[1], heads[2]);
    let kernels = kernels(Isa::current()).into_iter().filter(|kernel| kernel.0.to_lowercase().contains(wanted));
    for Kernel(name, bytes, mut call) in kernels {
        print!("{name:<28}");
        for operands in &mut all {
            let len = operands.x.len() as f64;
            let (time, copies) = beside_copies(operands, &mut call);
            print!(" {:14.4} {:10.1} {copies:10.2}", time * 1e3 / len, bytes as f64 * len / time * 1e-3);
        }
        println!();
    }
}

/// The shortest time of a call in microseconds, and the median of its ratio to a copy.
fn beside_copies(operands: &mut Operands, call: &mut dyn FnMut(&mut Operands)) -> (f64, f64) {
    let (mut fastest, mut ratios) = (f64::INFINITY, Vec::new());
    let begin = clock();
    while ratios.len() < 5 || clock() - begin < 60_000.0 {
        let copy = each(&mut || black_box(&mut operands.y).copy_from_slice(&operands.x));
        let time = each(&mut || call(operands));
        fastest = time.min(fastest);
        ratios.push(time / copy);
    }
    ratios.sort_by(f64::total_cmp);
    (fastest, ratios[ratios.len() / 2])
}

/// The mean time of some calls.
fn each(call: &mut dyn FnMut()) -> f64 {
    call();
    let (begin, mut calls) = (clock(), 0);
    loop {
        for _ in 0..8 {
            call();
        }
        calls += 8;
        let time = clock() - begin;
        if time > 100.0 {
            return time / f64::from(calls);
        }
    }
}

fn kernels(isa: Isa) -> Vec<Kernel> {
    let mut kernels = Vec::new();
    let mut add = |name: &str, bytes, call: Box<dyn FnMut(&mut Operands)>| {
        kernels.push(Kernel(name.to_string(), bytes, call));
    };
    for act in [
        Act::Relu,
        Act::Sigmoid,
        Act::Tanh,
        Act::Gelu,
        Act::GeluTanh,
        Act::Silu,
        Act::Elu { scale: 1.0, alpha: 1.0, rate: 1.0 },
        Act::Exponential,
        Act::Softplus,
        Act::LogSigmoid,
        Act::Softsign,
        Act::Mish,
        Act::TanhShrink,
    ] {
        let name = format!("{act:?}").split(' ').next().unwrap_or_default().to_string();
        add(&name, 8, Box::new(move |o| activation::forward(isa, &mut o.y, Some(&o.x), act)));
        let (name, saves) = (format!("{name} backward"), act.saves());
        let call = move |o: &mut Operands| {
            let saved = if saves == Saves::Input { &o.x } else { &o.scale };
            activation::backward(isa, &mut o.w, Some(&o.dy), saved, act, false);
        };
        add(&name, 12, Box::new(call));
    }
    let call = move |o: &mut Operands| activation::backward(isa, &mut o.w, None, &o.scale, Act::Relu, false);
    add("Relu backward in place", 12, Box::new(call));
    for n in [10, 64, 1000] {
        let rows = move |o: &Operands| o.x.len() / n * n;
        let call = move |o: &mut Operands| {
            let len = rows(o);
            softmax::forward(isa, &mut o.y[..len], Some(&o.x[..len]), n);
        };
        add(&format!("softmax of {n}"), 8, Box::new(call));
        let call = move |o: &mut Operands| {
            let len = rows(o);
            softmax::backward(isa, &mut o.w[..len], Some(&o.dy[..len]), &o.y[..len], n, false);
        };
        add(&format!("softmax of {n} backward"), 12, Box::new(call));
        let call = move |o: &mut Operands| {
            let len = rows(o);
            log_softmax::forward(isa, &mut o.y[..len], Some(&o.x[..len]), n);
        };
        add(&format!("log-softmax of {n}"), 8, Box::new(call));
        let call = move |o: &mut Operands| {
            let len = rows(o);
            log_softmax::backward(isa, &mut o.w[..len], Some(&o.dy[..len]), &o.y[..len], n, false);
        };
        add(&format!("log-softmax of {n} backward"), 12, Box::new(call));
        let call = move |o: &mut Operands| {
            let (len, rows) = (rows(o), rows(o) / n);
            let losses = &mut o.losses[..rows];
            let (labels, scale) = (&o.labels[..rows], &o.scale[..rows]);
            crossentropy::sparse(isa, &mut o.w[..len], &o.x[..len], &o.y[..len], labels, scale, losses, n);
        };
        add(&format!("cross-entropy of {n}"), 12, Box::new(call));
        let call = move |o: &mut Operands| {
            let (len, rows) = (rows(o), rows(o) / n);
            let (t, losses, scale) = (&o.dy[..len], &mut o.losses[..rows], &o.scale[..rows]);
            crossentropy::softmax(isa, &mut o.w[..len], &o.x[..len], &o.y[..len], t, scale, losses, n);
        };
        add(&format!("dense cross-entropy of {n}"), 16, Box::new(call));
        let call = move |o: &mut Operands| {
            let len = rows(o);
            unit_normalization::forward(isa, &mut o.y[..len], Some(&o.x[..len]), n);
        };
        add(&format!("unit normalization of {n}"), 8, Box::new(call));
        let call = move |o: &mut Operands| {
            let len = rows(o);
            sparsemax::forward(isa, &mut o.y[..len], Some(&o.x[..len]), n);
        };
        add(&format!("sparsemax of {n}"), 8, Box::new(call));
    }
    let half = |o: &Operands| o.x.len() / 128 * 64;
    let call = move |o: &mut Operands| {
        let len = half(o);
        glu::forward(isa, &mut o.y[..len], &o.x, 64);
    };
    add("glu of 64", 6, Box::new(call));
    let call = move |o: &mut Operands| {
        let len = half(o);
        glu::backward(isa, &mut o.w, &o.dy[..len], &o.x, 64, false);
    };
    add("glu of 64 backward", 10, Box::new(call));
    let call = move |o: &mut Operands| dropout::forward(isa, &mut o.y, Some(&o.x), 0.5, Key::default(), 0);
    add("dropout", 8, Box::new(call));
    let noise = Noise::Added { stddev: 1.0 };
    let call = move |o: &mut Operands| noise::forward(isa, &mut o.y, Some(&o.x), noise, Key::default(), 0);
    add("noise", 8, Box::new(call));
    add("sum of two", 12, Box::new(move |o| add::forward(isa, &mut o.y, &[&o.x, &o.dy])));
    let product = merge::Merge::Multiply;
    add("product of two", 12, Box::new(move |o| merge::forward(isa, &mut o.y, &[&o.x, &o.dy], product)));
    let p = Penalty { l1: 0.1, l2: 0.1 };
    add("penalty", 4, Box::new(move |o| _ = black_box(penalty::value(isa, &o.x, p))));
    let call = move |o: &mut Operands| sgd::update(isa, &mut o.w, &o.dy, &mut [], 1e-9, 0.0, false, 0.0);
    add("SGD", 12, Box::new(call));
    let call = move |o: &mut Operands| sgd::update(isa, &mut o.w, &o.dy, &mut o.m, 1e-9, 0.9, true, 0.0);
    add("SGD, Nesterov", 20, Box::new(call));
    let call = move |o: &mut Operands| {
        adam::update(isa, &mut o.w, &o.dy, &mut o.m, &mut o.v, &mut [], 1e-9, 0.9, 0.999, 1e-7, 0.0);
    };
    add("Adam", 28, Box::new(call));
    kernels
}
