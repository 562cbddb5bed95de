//! Products of many sizes, forwards and backwards.

use keras_kernels::activation::Act;
use keras_kernels::gemm::{Factor, gemm, gemm_scratch};
use keras_kernels::memory::{Rule, Sink, Slots, Use};
use keras_kernels::{Isa, adam, dense};
use keras_shapes::plan::dense_scratch;

use crate::{Aligned, Timing, time};

const SIZES: [[usize; 3]; 14] = [
    [1, 784, 64],
    [1, 64, 10],
    [1, 512, 512],
    [8, 512, 512],
    [32, 784, 64],
    [32, 64, 10],
    [128, 784, 512],
    [128, 512, 512],
    [128, 512, 10],
    [256, 256, 256],
    [512, 512, 512],
    [1024, 1024, 1024],
    [2048, 2048, 2048],
    [1000, 1000, 1000],
];

struct Adam(Isa);

impl Rule for Adam {
    fn update(&self, w: &mut [f32], g: &[f32], [m, v, ..]: Slots<'_>) {
        adam::update(self.0, w, g, m, v, &mut [], 0.001, 0.9, 0.999, 1e-7, 0.0);
    }
}

/// Measures the sizes given, three numbers each, or a choice.
pub(crate) fn measure(numbers: &[usize]) {
    let isa = Isa::current();
    let rule = Adam(isa);
    let sizes = if numbers.len() < 3 { &SIZES } else { numbers.as_chunks().0 };
    println!(
        "{:>18} {:>20} {:>20} {:>20} {:>20} {:>20}",
        "m × k × n", "product", "forward", "backward data", "backward kernel", "… with Adam's update"
    );
    for &[m, k, n] in sizes {
        let (x, mut dx) = (Aligned::random(m * k, 1.0), Aligned::random(m * k, 1.0));
        let (dy, mut y) = (Aligned::random(m * n, 1.0), Aligned::random(m * n, 1.0));
        let (mut w, mut dw) = (Aligned::random(k * n, 1.0), Aligned::random(k * n, 1.0));
        let mut tmp = Aligned::random(dense_scratch(k, n), 0.0);
        let show = |t: Timing| format!("{:9.2} µs {:5.3} ×", t.fastest, t.ratio(m * k * n));
        let mut room = Aligned::random(gemm_scratch(m, n, k), 0.0);
        let product = time(|| gemm(isa, &mut y, Factor::Plain(&x), Factor::Plain(&w), m, n, k, false, &mut room));
        let forward = time(|| dense::forward(isa, &mut y, &x, &w, None, Act::Linear, m, k, n, &mut tmp));
        let data = time(|| dense::backward_data(isa, &mut dx, &dy, &w, m, k, n, false, &mut tmp));
        let kernel = time(|| {
            let mut sink = Sink::store(&mut w, &mut dw, &[]);
            let out = sink.param(0, 0, k * n, Use::Only).expect("not frozen");
            dense::backward_kernel(isa, out, &x, &dy, m, k, n, &mut tmp);
        });
        let (mut first, mut second) = (Aligned::random(k * n, 0.0), Aligned::random(k * n, 0.0));
        let fused = time(|| {
            let mut slots = [&mut first[..], &mut second[..]];
            let mut sink = Sink::update(&mut w, &mut dw, &[], &rule, &mut slots);
            let out = sink.param(0, 0, k * n, Use::Only).expect("not frozen");
            dense::backward_kernel(isa, out, &x, &dy, m, k, n, &mut tmp);
        });
        print!("{:>18}", format!("{m} × {k} × {n}"));
        for timing in [product, forward, data, kernel, fused] {
            print!(" {:>20}", show(timing));
        }
        println!();
    }
}
