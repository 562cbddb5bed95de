//! Matrix products: C (+)= A · B, by tiles that stay in registers.
//!
//! A tile is some rows of C by some vectors of columns. Its kernel walks along the depth: it loads a row of B, broadcasts
//! one element of A for each row of C, and multiplies and adds. Every number of rows has a kernel of its own, so that rows
//! are never padded; columns at the edge are masked. The tile is written once, over vectors of any kind: an instruction set
//! gives its vectors and the sizes that its registers hold, and the portable body has vectors of plain Rust. What a tile reads
//! of A and B it reads in one function (`tile::step`), so panels of another format, such as bf16, would be widened there.
//!
//! Each element of C is one chain of fused multiply-adds in the order of the depth, so that neither tiles nor blocks nor
//! packing change its bits. C of one or two vectors of columns is the exception: there are too few chains to keep the
//! processor busy on few rows, so its elements are the sum of several chains, whatever the number of rows. (Those of attention,
//! which have many rows, are one chain all the same: see `view::near`.)

mod factor;
mod features;
// Bodies of vectors have lines, and there are none without std.
#[cfg_attr(not(feature = "std"), allow(dead_code))]
mod few;
#[cfg(all(feature = "std", target_arch = "aarch64"))]
mod neon;
mod portable;
mod product;
pub mod scalar;
mod set;
mod taps;
mod tile;
pub(crate) mod view;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod x86;

use crate::Isa;
pub use factor::Factor;
pub(crate) use features::{FeaturesSet, Grads, Sums};
pub(crate) use few::Line;
pub(crate) use product::{Operand, Product, Soon, even, even_ranges};
pub(crate) use set::Set;
pub(crate) use taps::{Segment, Taps, TapsSet};
pub(crate) use tile::Start;

/// C = A · B, or C += that if `acc`; C is `m × n` and row-major, the depth is `k`.
///
/// `tmp` is scratch, of [`gemm_scratch`]`(m, n, k)` floats for the best speed. Less will do, or none; only the transpose
/// of B is refused if there is too little for it (`64 · min(k, 512)` floats are always enough).
///
/// ```
/// use keras_kernels::Isa;
/// use keras_kernels::gemm::{Factor, gemm};
/// let a = [1.0, 2.0, 3.0, 4.0];
/// let mut c = [0.0; 4];
/// gemm(Isa::best(), &mut c, Factor::Plain(&a), Factor::Transposed(&a), 2, 2, 2, false, &mut [0.0; 128]);
/// assert_eq!(c, [5.0, 11.0, 11.0, 25.0]);
/// ```
///
/// # Panics
/// If a slice has another length than the sizes say, or `tmp` is too short for the transpose of B.
pub fn gemm(
    isa: Isa,
    c: &mut [f32],
    a: Factor<'_>,
    b: Factor<'_>,
    m: usize,
    n: usize,
    k: usize,
    acc: bool,
    tmp: &mut [f32],
) {
    check(c.len(), a.len(), b.len(), m, n, k);
    let product = Product {
        c: c.as_mut_ptr(),
        ldc: n,
        a: a.operand(m, k),
        b: b.operand(k, n),
        m,
        n,
        k,
        start: if acc { Start::Sum } else { Start::Zero },
        soon: None,
    };
    // SAFETY: the processor has the instructions of an `Isa`; the slices have the lengths of the operands.
    unsafe { product.run(Set::of(isa), tmp) }
}

/// Floats of scratch that make [`gemm()`] fastest.
#[must_use]
pub const fn gemm_scratch(m: usize, n: usize, k: usize) -> usize {
    product::scratch(m, n, k)
}

fn check(c: usize, a: usize, b: usize, m: usize, n: usize, k: usize) {
    for (name, len, rows, cols) in [("C", c, m, n), ("A", a, m, k), ("B", b, k, n)] {
        assert!(Some(len) == rows.checked_mul(cols), "{name} has {len} elements instead of {rows} × {cols}");
    }
}
