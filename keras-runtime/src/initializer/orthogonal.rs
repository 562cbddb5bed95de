//! Random orthogonal matrices.

use keras_kernels::philox::Philox;

/// A matrix in rows of `columns` values: orthogonal columns of norm `gain`, or rows if there are fewer of them.
///
/// A normal random matrix A = QR with a positive diagonal of R has a Q that is uniformly distributed (Mezzadri: "How to
/// generate random matrices from the classical compact groups", 2007). Gram and Schmidt's method gives that Q; going
/// through each vector twice keeps it orthogonal to the last digits.
pub(super) fn fill(values: &mut [f32], columns: usize, gain: f64, random: &mut Philox) {
    if values.is_empty() {
        return;
    }
    let rows = values.len() / columns;
    let (long, short) = (rows.max(columns), rows.min(columns));
    // The vectors that become orthogonal, one after the other.
    let mut q: Vec<f64> = (0..long * short).map(|_| random.normal()).collect();
    for i in 0..short {
        let (done, rest) = q.split_at_mut(i * long);
        let vector = &mut rest[..long];
        for _ in 0..2 {
            for other in done.chunks_exact(long) {
                let overlap = dot(vector, other);
                vector.iter_mut().zip(other).for_each(|(v, o)| *v -= overlap * o);
            }
        }
        let norm = dot(vector, vector).sqrt();
        vector.iter_mut().for_each(|v| *v /= norm);
    }
    for (j, value) in values.iter_mut().enumerate() {
        let (row, column) = (j / columns, j % columns);
        let at = if rows >= columns { column * long + row } else { row * long + column };
        *value = (gain * q[at]) as f32;
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
