//! Products of rows with one of several kernels: each row is groups of features, and each group has a kernel of its own.
//!
//! A row of X is `groups` × `k`, one of Y `groups` × `n`. What a group of X gives is its product with the group's kernel,
//! whose elements lie where [`Groups`] says. One group whose kernel lies transposed is the way back of a table of rows.

pub mod scalar;

use crate::gemm::{Operand, Product, Set, Start};
use crate::memory::Out;
use crate::{Isa, Real};

/// Sizes of a row, and where the elements of kernels lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Groups {
    /// How many kernels there are.
    pub groups: usize,
    /// Features of a group of X.
    pub k: usize,
    /// Features of a group of Y.
    pub n: usize,
    /// Elements from one kernel to the next, from one of the `k` to the next, and from one of the `n` to the next. One of the
    /// last two is 1.
    pub strides: [usize; 3],
}

impl Groups {
    /// How many weights all kernels have.
    #[must_use]
    pub const fn weights(&self) -> usize {
        self.groups * self.k * self.n
    }

    /// Where an element of a kernel lies.
    const fn at(&self, group: usize, p: usize, j: usize) -> usize {
        let [of_group, of_k, of_n] = self.strides;
        group * of_group + p * of_k + j * of_n
    }

    /// Whether a kernel's rows are its `n`.
    const fn transposed(&self) -> bool {
        self.strides[2] != 1
    }

    /// A kernel as a factor, or its transpose.
    fn kernel(&self, w: &[f32], group: usize, transpose: bool) -> Operand {
        let (at, [_, of_k, of_n]) = (w.as_ptr().wrapping_add(self.at(group, 0, 0)), self.strides);
        let stride = if self.transposed() { of_n } else { of_k };
        if self.transposed() == transpose { Operand::rows(at, stride) } else { Operand::columns(at, stride) }
    }

    fn check<R: Real>(&self, y: usize, x: usize, w: &[R], m: usize) {
        let Groups { groups, k, n, strides: [_, of_k, of_n] } = *self;
        assert!(x == m * groups * k, "{x} elements of {m} rows of {groups} × {k}");
        assert!(y == m * groups * n, "{y} elements of {m} rows of {groups} × {n}");
        assert!(w.len() == self.weights(), "{} weights of {groups} kernels of {k} × {n}", w.len());
        assert!(of_k == 1 || of_n == 1, "kernels without rows");
        // The element that lies last is within the weights.
        let last = self.weights() == 0 || self.at(groups - 1, k - 1, n - 1) < w.len();
        assert!(last, "kernels beyond the weights");
    }
}

/// Y = X · W of each group, for `m` rows.
///
/// ```
/// use keras_kernels::{Isa, einsum::{self, Groups}};
/// let mut y = [0.0; 2];
/// let of = Groups { groups: 2, k: 1, n: 1, strides: [1, 1, 1] };
/// einsum::forward(Isa::best(), &mut y, &[3.0, 4.0], &[10.0, 100.0], 1, &of, &mut []);
/// assert_eq!(y, [30.0, 400.0]);
/// ```
///
/// # Panics
/// If the slices have other lengths than the sizes say, or `tmp` is too short for a transposed kernel (`64 · min(k, 512)`
/// floats are enough).
pub fn forward(isa: Isa, y: &mut [f32], x: &[f32], w: &[f32], m: usize, of: &Groups, tmp: &mut [f32]) {
    of.check(y.len(), x.len(), w, m);
    check_scratch(tmp.len(), of.transposed(), of.k);
    let Groups { groups, k, n, .. } = *of;
    for group in 0..groups {
        let product = Product {
            c: y.as_mut_ptr().wrapping_add(group * n),
            ldc: groups * n,
            a: Operand::rows(x.as_ptr().wrapping_add(group * k), groups * k),
            b: of.kernel(w, group, false),
            m,
            n,
            k,
            start: Start::Zero,
            soon: None,
        };
        // SAFETY: `Set::of` gives what the processor has; the operands lie within the slices, whose lengths were checked.
        unsafe { product.run(Set::of(isa), tmp) };
    }
}

/// dX = dY · Wᵀ of each group, or dX += that if `acc`.
///
/// # Panics
/// As [`forward`], with `n` for `k`.
pub fn backward_data(
    isa: Isa,
    dx: &mut [f32],
    dy: &[f32],
    w: &[f32],
    m: usize,
    of: &Groups,
    acc: bool,
    tmp: &mut [f32],
) {
    of.check(dy.len(), dx.len(), w, m);
    check_scratch(tmp.len(), !of.transposed(), of.n);
    let Groups { groups, k, n, .. } = *of;
    for group in 0..groups {
        let product = Product {
            c: dx.as_mut_ptr().wrapping_add(group * k),
            ldc: groups * k,
            a: Operand::rows(dy.as_ptr().wrapping_add(group * n), groups * n),
            b: of.kernel(w, group, true),
            m,
            n: k,
            k: n,
            start: if acc { Start::Sum } else { Start::Zero },
            soon: None,
        };
        // SAFETY: as in `forward`.
        unsafe { product.run(Set::of(isa), tmp) };
    }
}

/// dW = Xᵀ · dY of each group, over the whole batch; `out` is that of all kernels.
///
/// # Panics
/// If the slices or the parameter have other lengths than the sizes say.
pub fn backward_kernel(isa: Isa, mut out: Out<'_>, x: &[f32], dy: &[f32], m: usize, of: &Groups, tmp: &mut [f32]) {
    let len = out.len();
    let start = if out.is_first() { Start::Zero } else { Start::Sum };
    let dw = out.sum();
    of.check(dy.len(), x.len(), dw, m);
    let Groups { groups, k, n, strides: [_, of_k, of_n] } = *of;
    for group in 0..groups {
        let c = dw.as_mut_ptr().wrapping_add(of.at(group, 0, 0));
        let (x, dy) = (x.as_ptr().wrapping_add(group * k), dy.as_ptr().wrapping_add(group * n));
        let (rows, cols, a, b, ldc) = if of.transposed() {
            (n, k, Operand::columns(dy, groups * n), Operand::rows(x, groups * k), of_n)
        } else {
            (k, n, Operand::columns(x, groups * k), Operand::rows(dy, groups * n), of_k)
        };
        let product = Product { c, ldc, a, b, m: rows, n: cols, k: m, start, soon: None };
        // SAFETY: as in `forward`; the kernels lie within `dw`, and none of their elements within another.
        unsafe { product.run(Set::of(isa), tmp) };
    }
    out.done(0, len);
}

fn check_scratch(len: usize, transposed: bool, depth: usize) {
    assert!(!transposed || len >= 64 * depth.min(512), "scratch of {len} floats for a transposed kernel");
}
