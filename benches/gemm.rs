//! Products of square matrices, on one thread: `cargo bench --bench gemm`. Results lie in target/criterion by the ids
//! below.

mod support;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use keras_kernels::Isa;
use keras_kernels::gemm::{self, Factor};
use support::{Floats, Group, Work};

/// y = x · w, all n × n.
fn product(isa: Isa, n: usize, y: &mut [f32], x: &[f32], w: &[f32], tmp: &mut [f32]) {
    gemm::gemm(isa, y, Factor::Plain(x), Factor::Plain(w), n, n, n, false, tmp);
}

fn products(c: &mut Criterion) {
    let mut group = Group::new(c, "gemm");
    let isa = Isa::current();
    for n in [256, 512, 1024, 2048] {
        if n == 2048 {
            group.settings().sample_size(20);
        }
        let (x, w) = (Floats::new(n * n, 1.0), Floats::new(n * n, 1.0));
        let (mut y, mut tmp) = (Floats::new(n * n, 0.0), Floats::new(gemm::gemm_scratch(n, n, n), 0.0));
        group.bench(format!("{n}x{n}x{n}"), Work::fmas(n * n * n), |b| {
            b.iter(|| product(isa, n, black_box(&mut y), black_box(&x), black_box(&w), &mut tmp));
        });
    }
    group.finish();
}

criterion_group! { name = benches; config = support::criterion(); targets = products }
criterion_main!(benches);
