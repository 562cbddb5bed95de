//! The forward pass of a tiny network for one sample: all of it is one function with known sizes, compiled for each
//! instruction set in the user's crate. There a call of a kernel would take longer than what it computes.
//!
//! The results are those of the kernels, to the bit: the sums have the same chains in the same order (see
//! [`crate::gemm`]), and functions are the same.

use crate::Isa;
use crate::activation::Act;

/// A network whose pass for one sample is one function.
pub trait Tiny {
    /// A sample.
    type Input;
    /// What it gives.
    type Output;

    /// The forward pass of inference, on vectors of so many floats. To be `#[inline(always)]`: the function that it is
    /// inlined in is compiled for the instruction set.
    fn run<const LANES: usize>(&self, isa: Isa, x: &Self::Input) -> Self::Output;
}

/// The result of a tiny network; nothing where the instruction set has no vectors.
#[inline]
pub fn run<T: Tiny>(isa: Isa, model: &T, x: &T::Input) -> Option<T::Output> {
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    {
        #[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
        fn avx512<T: Tiny>(isa: Isa, model: &T, x: &T::Input) -> T::Output {
            model.run::<16>(isa, x)
        }
        #[target_feature(enable = "avx2,fma")]
        fn avx2<T: Tiny>(isa: Isa, model: &T, x: &T::Input) -> T::Output {
            model.run::<8>(isa, x)
        }
        match isa.level() {
            // SAFETY: an `Isa` of this level can only be had where the processor has these instructions.
            crate::isa::Level::Avx512 => Some(unsafe { avx512(isa, model, x) }),
            // SAFETY: as above.
            crate::isa::Level::Avx2 => Some(unsafe { avx2(isa, model, x) }),
            crate::isa::Level::Scalar | crate::isa::Level::Neon => None,
        }
    }
    #[cfg(all(feature = "std", target_arch = "aarch64"))]
    {
        (isa.level() == crate::isa::Level::Neon).then(|| model.run::<4>(isa, x))
    }
    #[cfg(not(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64"))))]
    {
        let _ = (isa, model, x);
        None
    }
}

/// The chains that each sum consists of where results are one vector or two: as many as [`crate::gemm`] has.
const CHAINS: usize = 4;

/// x · w + b.
#[inline(always)]
#[must_use]
pub fn dense<const LANES: usize, const K: usize, const N: usize>(
    x: &[f32; K],
    w: &[[f32; N]; K],
    b: Option<&[f32; N]>,
) -> [f32; N] {
    let chains = const {
        match N.div_ceil(LANES) {
            1 => CHAINS,
            2 => CHAINS / 2,
            _ => 1,
        }
    };
    let mut sums = [[0.0; N]; CHAINS];
    if let Some(b) = b {
        sums[0] = *b;
    }
    for p in (0..K / CHAINS).map(|p| p * CHAINS) {
        for i in 0..CHAINS {
            add::<N>(&mut sums[i % chains], x[p + i], &w[p + i]);
        }
    }
    for i in 0..K % CHAINS {
        let p = K / CHAINS * CHAINS + i;
        add::<N>(&mut sums[i % chains], x[p], &w[p]);
    }
    let [mut y, rest @ ..] = sums;
    for chain in &rest[..chains - 1] {
        for j in 0..N {
            y[j] += chain[j];
        }
    }
    y
}

#[inline(always)]
fn add<const N: usize>(sums: &mut [f32; N], x: f32, w: &[f32; N]) {
    for j in 0..N {
        sums[j] = mul_add(x, w[j], sums[j]);
    }
}

/// x · w + sum, rounded once.
#[inline(always)]
fn mul_add(x: f32, w: f32, sum: f32) -> f32 {
    #[cfg(feature = "std")]
    return x.mul_add(w, sum);
    #[cfg(not(feature = "std"))]
    libm::fmaf(x, w, sum)
}

/// An activation. Those that are one or two instructions are computed here, the others by their kernel.
#[inline(always)]
#[must_use]
pub fn activation<const N: usize>(isa: Isa, mut y: [f32; N], act: Act) -> [f32; N] {
    match act {
        Act::Linear => {}
        // NaN is not less than 0 and stays.
        Act::Relu => y.iter_mut().for_each(|y| *y = if *y < 0.0 { 0.0 } else { *y }),
        act => crate::activation::forward(isa, &mut y, None, act),
    }
    y
}

/// Softmax, by its kernel.
#[inline(always)]
#[must_use]
pub fn softmax<const N: usize>(isa: Isa, mut y: [f32; N]) -> [f32; N] {
    crate::softmax::forward(isa, &mut y, None, N);
    y
}
