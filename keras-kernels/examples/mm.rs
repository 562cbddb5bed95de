use std::arch::x86_64::*;
#[target_feature(enable = "avx512f")]
unsafe fn peak(n: usize, b: f32, c: f32) -> f32 {
    let mut a = [_mm512_set1_ps(b); 24];
    for i in 0..24 {
        a[i] = _mm512_set1_ps(b + i as f32);
    }
    let b = _mm512_set1_ps(b);
    let c = _mm512_set1_ps(c);
    for _ in 0..n {
        for i in 0..24 {
            a[i] = _mm512_fmadd_ps(a[i], b, c);
        }
    }
    let mut s = a[0];
    for i in 1..24 {
        s = _mm512_add_ps(s, a[i]);
    }
    _mm512_reduce_add_ps(s)
}
use keras_kernels::{Isa, activation::Act, dense};
use std::time::Instant;
fn main() {
    let a: Vec<usize> = std::env::args().skip(1).map(|a| a.parse().unwrap()).collect();
    let (m, k, n) = (a[0], a[1], a[2]);
    if let Some(&d) = a.get(3) {}
    if let Some(&d) = a.get(4) {}
    let isa = Isa::current();
    let mut x = keras_kernels::memory::zeros::<[f32; 16]>(m * k / 16 + 2);
    let mut w = x.clone();
    w.resize(k * n / 16 + 2, [0.25; 16]);
    fn al(v: &mut Vec<[f32; 16]>, n: usize) -> &mut [f32] {
        let o = v.as_flattened().as_ptr().align_offset(64);
        &mut v.as_flattened_mut()[o..][..n]
    }
    let x = al(&mut x, m * k);
    let w = al(&mut w, k * n);
    x.fill(0.5);
    w.fill(0.25);
    let mut y = vec![[0.0f32; 16]; m * n / 16 + 2];
    let y = al(&mut y, m * n);
    let mut tmp = vec![[0.0; 16]; 512 * 4 + 2];
    let tmp = al(&mut tmp, 512 * 64);
    let reps = (4e9 / (2.0 * (m * k * n) as f64)) as usize / 20 + 1;
    let mut best = f64::MAX;
    let mut pk = 0.0f64;
    let b: f32 = std::hint::black_box(0.999);
    let reps = (reps / 10).max(1);
    for _ in 0..200 {
        let t = Instant::now();
        std::hint::black_box(unsafe { peak(30000, b, 0.001) });
        pk = pk.max(30000.0 * 24.0 * 32.0 / t.elapsed().as_secs_f64() / 1e9);
        let t = Instant::now();
        for _ in 0..reps {
            dense::forward(isa, y, x, w, None, Act::Linear, m, k, n, tmp);
        }
        best = best.min(t.elapsed().as_secs_f64() / reps as f64);
    }
    println!(
        "{m}x{k}x{n}: {:.2} µs {:.1} GFLOP/s of {pk:.1}: {:.3}",
        best * 1e6,
        2.0 * (m * k * n) as f64 / best / 1e9,
        2.0 * (m * k * n) as f64 / best / 1e9 / pk
    );
}
