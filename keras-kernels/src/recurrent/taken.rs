//! Products for some of the rows of a block, without the others.

use super::cells::Step;
use crate::Isa;
use crate::gemm::view::{Begin, View, ViewMut, product};

/// Rows that are computed.
#[derive(Clone, Copy)]
pub(super) enum Taken<'a> {
    /// So many, from the first on.
    All(usize),
    /// These, in ascending order.
    These(&'a [u8]),
}

impl<'a> Taken<'a> {
    /// The rows of a step.
    pub(super) fn of(step: &Step<'a, f32>) -> Taken<'a> {
        step.some.map_or(Taken::All(step.samples), Taken::These)
    }

    /// The first row and how many there are, if they follow one another; else the rows.
    fn run(self) -> Result<(usize, usize), &'a [u8]> {
        match self {
            Taken::All(m) => Ok((0, m)),
            Taken::These([]) => Ok((0, 0)),
            Taken::These(rows @ [first, .., last]) if usize::from(last - first) + 1 == rows.len() => {
                Ok((usize::from(*first), rows.len()))
            }
            Taken::These([one]) => Ok((usize::from(*one), 1)),
            Taken::These(rows) => Err(rows),
        }
    }

    /// C = begin + A · B, where C has a row for each row that is taken, and A has all rows. `nk` are the columns of C and the
    /// depth, `tmp` is room for rows of A.
    pub(super) fn product(
        self,
        isa: Isa,
        c: ViewMut<'_, f32>,
        a: View<'_, f32>,
        b: View<'_, f32>,
        [n, k]: [usize; 2],
        begin: Begin<'_, f32>,
        tmp: &mut [f32],
    ) {
        let rows = match self.run() {
            Ok((first, m)) => return product(isa, c, a.below(first), b, [m, n, k], begin, &mut []),
            Err(rows) => rows,
        };
        let mut at = c.at;
        for rows in rows.chunks((tmp.len() / k.max(1)).max(1)) {
            let c = ViewMut { data: &mut *c.data, at, stride: c.stride };
            at += rows.len() * c.stride;
            let a = match rows {
                [one] => a.below(usize::from(*one)),
                _ => View::rows(side_by_side(tmp, a, rows, k), 0, k),
            };
            product(isa, c, a, b, [rows.len(), n, k], begin, &mut []);
        }
    }

    /// C += A · B, where A has a row for each row that is taken, and C has all rows. `nk` as above, `tmp` is room for rows
    /// of C.
    pub(super) fn add(
        self,
        isa: Isa,
        c: ViewMut<'_, f32>,
        a: View<'_, f32>,
        b: View<'_, f32>,
        [n, k]: [usize; 2],
        tmp: &mut [f32],
    ) {
        let ViewMut { data, at, stride } = c;
        let rows = match self.run() {
            Ok((first, m)) => {
                let c = ViewMut { data, at: at + first * stride, stride };
                return product(isa, c, a, b, [m, n, k], Begin::Sum, &mut []);
            }
            Err(rows) => rows,
        };
        let most = (tmp.len() / n.max(1)).max(1);
        for (i, rows) in rows.chunks(most).enumerate() {
            let a = a.below(i * most);
            if let [one] = rows {
                let c = ViewMut { data: &mut *data, at: at + usize::from(*one) * stride, stride };
                product(isa, c, a, b, [1, n, k], Begin::Sum, &mut []);
                continue;
            }
            side_by_side(tmp, View::rows(data, at, stride), rows, n);
            let c = ViewMut { data: &mut *tmp, at: 0, stride: n };
            product(isa, c, a, b, [rows.len(), n, k], Begin::Sum, &mut []);
            for (row, from) in rows.iter().zip(tmp.chunks_exact(n.max(1))) {
                data[at + usize::from(*row) * stride..][..n].copy_from_slice(from);
            }
        }
    }
}

/// Copies rows to `tmp`, one behind the other.
fn side_by_side<'t>(tmp: &'t mut [f32], from: View<'_, f32>, rows: &[u8], cols: usize) -> &'t [f32] {
    for (to, row) in tmp.chunks_exact_mut(cols.max(1)).zip(rows) {
        to[..cols].copy_from_slice(from.row(usize::from(*row), cols));
    }
    tmp
}
