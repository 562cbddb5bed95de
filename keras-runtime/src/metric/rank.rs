//! Which score of a position is the largest.

/// The index of the largest value, the first of several; the first NaN if there is one.
pub(super) fn argmax(x: &[f32]) -> usize {
    let mut best = 0;
    for (i, &value) in x.iter().enumerate() {
        if value > x[best] || value.is_nan() && !x[best].is_nan() {
            best = i;
        }
    }
    best
}

/// Whether fewer than `k` values are larger than that of the index; NaN is smaller than all.
pub(super) fn in_top_k(x: &[f32], index: usize, k: usize) -> bool {
    let value = if x[index].is_nan() { f32::NEG_INFINITY } else { x[index] };
    x.iter().filter(|&&other| other > value).count() < k
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_and_nan() {
        assert_eq!(
            [argmax(&[1.0, 3.0, 3.0]), argmax(&[f32::INFINITY, f32::NAN, f32::NAN]), argmax(&[-1.0])],
            [1, 1, 0]
        );
        // Three share the second place; all of them are among the two best.
        let x = [2.0, 9.0, 2.0, 2.0, 1.0];
        assert_eq!([0, 1, 2, 3, 4].map(|i| in_top_k(&x, i, 2)), [true, true, true, true, false]);
        assert!(!in_top_k(&[f32::NAN, 1.0], 0, 1) && in_top_k(&[f32::NAN, 1.0], 1, 1));
    }
}
