//! Kernels that work on elements, on one thread: `cargo bench --bench elementwise`. Results lie in target/criterion by the
//! ids below.
//!
//! The number in an id says how many floats each array has: 2048, so that all of them stay in the first-level cache;
//! 32768, in the second; and 16777216, in none. GB/s are those of the arrays read and written, each once.

mod support;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use keras_kernels::activation::{self, Act};
use keras_kernels::{Isa, adam, sgd, softmax};
use support::{Floats, Group, Work};

const LENS: [usize; 3] = [1 << 11, 1 << 15, 1 << 24];

/// Of a kernel that reads and writes so many arrays.
fn arrays(arrays: usize, len: usize) -> Work {
    Work { moved: (arrays * len * 4) as u64, ..Work::default() }
}

fn elementwise(c: &mut Criterion) {
    let mut group = Group::new(c, "elementwise");
    let isa = Isa::current();
    for len in LENS {
        let x = Floats::new(len, 8.0);
        let mut y = Floats::new(len, 0.0);
        group.settings().sample_size(if len > 1 << 20 { 20 } else { 50 });
        let acts = [("relu", Act::Relu), ("sigmoid", Act::Sigmoid), ("tanh", Act::Tanh), ("gelu", Act::Gelu)];
        for (name, act) in acts {
            group.bench(format!("{name}_{len}"), arrays(2, len), |b| {
                b.iter(|| activation::forward(isa, black_box(&mut y), Some(black_box(&x)), act));
            });
        }
        for n in [8, 64, 1024] {
            group.bench(format!("softmax_of_{n}_{len}"), arrays(2, len), |b| {
                b.iter(|| softmax::forward(isa, black_box(&mut y), Some(black_box(&x)), n));
            });
        }
    }
    updates(&mut group, isa);
    group.finish();
}

/// The optimizers. Gradients keep their signs and sizes, so that no moment vanishes or grows without bound.
fn updates(group: &mut Group<'_>, isa: Isa) {
    for len in LENS {
        let g = Floats::new(len, 0.1);
        let (mut w, mut m, mut v) = (Floats::new(len, 1.0), Floats::new(len, 0.0), Floats::new(len, 0.0));
        group.settings().sample_size(if len > 1 << 20 { 20 } else { 50 });
        group.bench(format!("sgd_{len}"), arrays(3, len), |b| {
            b.iter(|| sgd::update(isa, black_box(&mut w), black_box(&g), &mut [], 1e-6, 0.0, false, 0.0));
        });
        group.bench(format!("sgd_nesterov_{len}"), arrays(5, len), |b| {
            b.iter(|| sgd::update(isa, black_box(&mut w), black_box(&g), &mut m, 1e-6, 0.9, true, 0.0));
        });
        m.fill(0.0);
        group.bench(format!("adam_{len}"), arrays(7, len), |b| {
            b.iter(|| {
                let (w, m, v) = (black_box(&mut w), &mut m, &mut v);
                adam::update(isa, w, black_box(&g), m, v, &mut [], 1e-7, 0.9, 0.999, 1e-7, 0.0);
            });
        });
    }
}

criterion_group! { name = benches; config = support::criterion(); targets = elementwise }
criterion_main!(benches);
