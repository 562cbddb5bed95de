//! Products of rows with one of several kernels: each row is groups of features, and each group has a kernel of its own.
//!
//! A row of X is `groups` × `k`, one of Y `groups` × `n`. What a group of X gives is its product with the group's kernel,
//! whose elements lie where [`Groups`] says. One group whose kernel lies transposed is the way back of a table of rows.

pub mod scalar;

use crate::gemm::view::{Begin, View, ViewMut, product};
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

    /// Elements from one row of a kernel to the next.
    const fn stride(&self) -> usize {
        let [_, of_k, of_n] = self.strides;
        if self.transposed() { of_n } else { of_k }
    }

    /// A kernel as a factor, or its transpose.
    fn kernel<'a>(&self, w: &'a [f32], group: usize, transpose: bool) -> View<'a, f32> {
        let (at, stride) = (self.at(group, 0, 0), self.stride());
        if self.transposed() == transpose { View::rows(w, at, stride) } else { View::columns(w, at, stride) }
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
    products(isa, y, x, w, m, of, false, Begin::Zero, tmp);
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
    products(isa, dx, dy, w, m, of, true, Begin::from_acc(acc), tmp);
}

/// C = begin + A · W of each group, or begin + A · Wᵀ on the way back.
fn products(
    isa: Isa,
    c: &mut [f32],
    a: &[f32],
    w: &[f32],
    m: usize,
    of: &Groups,
    back: bool,
    begin: Begin<'_, f32>,
    tmp: &mut [f32],
) {
    let (groups, [n, k]) = (of.groups, if back { [of.k, of.n] } else { [of.n, of.k] });
    check_scratch(tmp.len(), of.transposed() != back, k);
    for group in 0..groups {
        let c = ViewMut { data: &mut *c, at: group * n, stride: groups * n };
        let a = View::rows(a, group * k, groups * k);
        product(isa, c, a, of.kernel(w, group, back), [m, n, k], begin, tmp);
    }
}

/// dW = Xᵀ · dY of each group, over the whole batch; `out` is that of all kernels.
///
/// # Panics
/// If the slices or the parameter have other lengths than the sizes say.
pub fn backward_kernel(isa: Isa, mut out: Out<'_>, x: &[f32], dy: &[f32], m: usize, of: &Groups, tmp: &mut [f32]) {
    let len = out.len();
    let begin = Begin::from_acc(!out.is_first());
    let dw = out.sum();
    of.check(dy.len(), x.len(), dw, m);
    let Groups { groups, k, n, .. } = *of;
    for group in 0..groups {
        let dw = ViewMut { data: &mut *dw, at: of.at(group, 0, 0), stride: of.stride() };
        if of.transposed() {
            let (dy, x) = (View::columns(dy, group * n, groups * n), View::rows(x, group * k, groups * k));
            product(isa, dw, dy, x, [n, k, m], begin, tmp);
        } else {
            let (x, dy) = (View::columns(x, group * k, groups * k), View::rows(dy, group * n, groups * n));
            product(isa, dw, x, dy, [k, n, m], begin, tmp);
        }
    }
    out.done(0, len);
}

fn check_scratch(len: usize, transposed: bool, depth: usize) {
    assert!(!transposed || len >= 64 * depth.min(512), "scratch of {len} floats for a transposed kernel");
}
