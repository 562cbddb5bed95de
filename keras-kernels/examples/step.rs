//! Measures the kernels of a train step of a 784-64-10 network, each and together.

use std::hint::black_box;
use std::time::Instant;

use keras_kernels::activation::{self, Act};
use keras_kernels::memory::{Rule, Sink, Slots, Use};
use keras_kernels::philox::{self, Key};
use keras_kernels::{Isa, crossentropy, dense, sgd, softmax};

const IN: usize = 784;
const HIDDEN: usize = 64;
const OUT: usize = 10;

struct Nesterov(Isa);

impl Rule for Nesterov {
    fn update(&self, w: &mut [f32], g: &[f32], [m, ..]: Slots<'_>) {
        sgd::update(self.0, w, g, m, 0.01, 0.9, true, 0.0);
    }
}

/// The most multiply-adds this processor does in a microsecond, as what the products are to be compared with; 0 where the
/// example does not know how to find out.
fn peak() -> f64 {
    #[cfg(target_arch = "x86_64")]
    if Isa::best().name() == "avx512" {
        use std::arch::x86_64::{_mm512_fmadd_ps, _mm512_reduce_add_ps, _mm512_set1_ps};
        #[allow(clippy::needless_range_loop)] // By index the array stays in registers.
        #[target_feature(enable = "avx512f")]
        fn chains(turns: u32, a: f32, b: f32) -> f32 {
            let (a, b) = (_mm512_set1_ps(a), _mm512_set1_ps(b));
            // Different ones, else they would be one to the compiler.
            let mut sums = [a; 24];
            for i in 0..24 {
                sums[i] = _mm512_set1_ps(i as f32);
            }
            for _ in 0..turns {
                for i in 0..24 {
                    sums[i] = _mm512_fmadd_ps(sums[i], a, b);
                }
            }
            for i in 1..24 {
                sums[0] = _mm512_fmadd_ps(sums[0], a, sums[i]);
            }
            _mm512_reduce_add_ps(sums[0])
        }
        const TURNS: u32 = 20_000;
        let fastest = (0..200)
            .map(|_| {
                let start = Instant::now();
                // SAFETY: the processor was asked for AVX-512.
                black_box(unsafe { chains(TURNS, black_box(0.999), 0.001) });
                start.elapsed().as_secs_f64() * 1e6
            })
            .fold(f64::INFINITY, f64::min);
        return f64::from(TURNS) * 24.0 * 16.0 / fastest;
    }
    0.0
}

fn time(name: &str, mut f: impl FnMut()) {
    let mut times: Vec<f64> = (0..4000)
        .map(|_| {
            let start = Instant::now();
            f();
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{name:<28} min {:8.2}  median {:8.2} µs", times[0], times[times.len() / 2]);
}

fn main() {
    let isa = Isa::current();
    let m: usize = std::env::args().nth(1).map_or(32, |m| m.parse().expect("a batch size"));
    println!("{isa:?}, batch {m}, at the most {:.0} GFLOP/s", peak() * 2e-3);
    let draw = |len: usize, stream: u32, scale: f32| -> Vec<f32> {
        let key = Key { seed: 1, step: 0, stream };
        (0..len as u64).map(|i| (philox::uniform(key, i) - 0.5) * scale).collect()
    };
    let (l1, b1, l2, b2) = (0, IN * HIDDEN, IN * HIDDEN + HIDDEN, IN * HIDDEN + HIDDEN + HIDDEN * OUT);
    let len = b2 + OUT;
    let mut weights = draw(len, 0, 0.2);
    let (mut grads, mut slot) = (vec![0.0; len], vec![0.0; len]);
    let x: Vec<f32> = draw(m * IN, 1, 2.0);
    let labels: Vec<u32> = (0..m as u32).map(|i| i % OUT as u32).collect();
    let scale = vec![1.0 / m as f32; m];
    let (mut h, mut z, mut p, mut losses) =
        (vec![0.0; m * HIDDEN], vec![0.0; m * OUT], vec![0.0; m * OUT], vec![0.0; m]);
    let (mut dz, mut dh) = (vec![0.0; m * OUT], vec![0.0; m * HIDDEN]);
    let mut tmp = vec![0.0; 512 * 64];
    let rule = Nesterov(isa);

    let w = weights.clone();
    time("dense forward 784-64", || {
        dense::forward(isa, &mut h, &x, &w[..b1], Some(&w[b1..l2]), Act::Relu, m, IN, HIDDEN, &mut tmp);
    });
    time("dense forward 64-10", || {
        dense::forward(isa, &mut z, &h, &w[l2..b2], Some(&w[b2..]), Act::Linear, m, HIDDEN, OUT, &mut tmp);
    });
    time("softmax", || softmax::forward(isa, &mut p, Some(&z), OUT));
    time("crossentropy", || crossentropy::sparse(isa, &mut dz, &z, &p, &labels, &scale, &mut losses, OUT));
    time("dense backward data 64-10", || {
        dense::backward_data(isa, &mut dh, &dz, &w[l2..b2], m, HIDDEN, OUT, false, &mut tmp);
    });
    time("relu backward", || activation::backward(isa, &mut dh, None, &h, Act::Relu, false));
    time("dense backward kernel stored", || {
        let mut sink = Sink::store(&mut weights, &mut grads, &[]);
        dense::backward_kernel(isa, sink.param(0, l1, b1, Use::Only).unwrap(), &x, &dh, m, IN, HIDDEN, &mut tmp);
    });
    time("dense backward kernel fused", || {
        let mut slots = [&mut slot[..]];
        let mut sink = Sink::update(&mut weights, &mut grads, &[], &rule, &mut slots);
        dense::backward_kernel(isa, sink.param(0, l1, b1, Use::Only).unwrap(), &x, &dh, m, IN, HIDDEN, &mut tmp);
    });
    time("the rest of the weights", || {
        let mut slots = [&mut slot[..]];
        let mut sink = Sink::update(&mut weights, &mut grads, &[], &rule, &mut slots);
        dense::backward_bias(isa, sink.param(1, b1, HIDDEN, Use::Only).unwrap(), &dh, m, HIDDEN);
        dense::backward_kernel(isa, sink.param(2, l2, b2 - l2, Use::Only).unwrap(), &h, &dz, m, HIDDEN, OUT, &mut tmp);
        dense::backward_bias(isa, sink.param(3, b2, OUT, Use::Only).unwrap(), &dz, m, OUT);
    });
    weights.copy_from_slice(&w);
    slot.fill(0.0);
    time("whole step", || {
        let w = &weights;
        dense::forward(isa, &mut h, &x, &w[..b1], Some(&w[b1..l2]), Act::Relu, m, IN, HIDDEN, &mut tmp);
        dense::forward(isa, &mut z, &h, &w[l2..b2], Some(&w[b2..]), Act::Linear, m, HIDDEN, OUT, &mut tmp);
        softmax::forward(isa, &mut p, Some(&z), OUT);
        crossentropy::sparse(isa, &mut dz, &z, &p, &labels, &scale, &mut losses, OUT);
        dense::backward_data(isa, &mut dh, &dz, &w[l2..b2], m, HIDDEN, OUT, false, &mut tmp);
        activation::backward(isa, &mut dh, None, &h, Act::Relu, false);
        let mut slots = [&mut slot[..]];
        let mut sink = Sink::update(&mut weights, &mut grads, &[], &rule, &mut slots);
        dense::backward_kernel(isa, sink.param(0, l1, b1, Use::Only).unwrap(), &x, &dh, m, IN, HIDDEN, &mut tmp);
        dense::backward_bias(isa, sink.param(1, b1, HIDDEN, Use::Only).unwrap(), &dh, m, HIDDEN);
        dense::backward_kernel(isa, sink.param(2, l2, b2 - l2, Use::Only).unwrap(), &h, &dz, m, HIDDEN, OUT, &mut tmp);
        dense::backward_bias(isa, sink.param(3, b2, OUT, Use::Only).unwrap(), &dz, m, OUT);
    });
    black_box((&weights, &losses));
    println!("loss {}", losses.iter().sum::<f32>() / m as f32);
}
