//! Sums of columns in lanes.

/// Rows that are added up on their own: row i goes to sum i mod `CHAINS`.
const CHAINS: usize = 4;

/// The gradient of the bias from column `col` on.
#[inline(always)]
pub(super) fn bias_piece(g: &mut [f32], dy: &[f32], n: usize, col: usize) {
    const WIDTH: usize = 64;
    for (from, g) in g.chunks_mut(WIDTH).enumerate() {
        let col = col + from * WIDTH;
        let mut sums = [[0.0; WIDTH]; CHAINS];
        for (row, dy) in dy.chunks_exact(n).enumerate() {
            let sums = &mut sums[row % CHAINS];
            for (sum, &dy) in sums.iter_mut().zip(&dy[col..][..g.len()]) {
                *sum += dy;
            }
        }
        for (i, g) in g.iter_mut().enumerate() {
            *g = (sums[0][i] + sums[1][i]) + (sums[2][i] + sums[3][i]);
        }
    }
}
