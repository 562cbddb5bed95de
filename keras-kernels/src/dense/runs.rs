//! Rows of a batch that count, where others are left out.

use core::ops::Range;

/// Fewer rows than that between two runs are taken with them, within a sample: a run of its own costs about as much.
const GAP: usize = 8;

/// The runs of rows whose mask is not 0, or one of all rows where there is no mask.
#[derive(Clone, Copy)]
pub(crate) struct Runs<'a> {
    mask: Option<&'a [f32]>,
    /// Rows of a sample. What lies between two runs is never taken where it is of two samples, so that which rows are
    /// taken does not depend on which samples lie side by side.
    each: usize,
    /// Fewer rows than that between two runs are taken with them.
    gap: usize,
    from: usize,
    all: usize,
}

impl<'a> Runs<'a> {
    /// All of so many rows.
    pub(crate) fn all(rows: usize) -> Runs<'a> {
        Runs { mask: None, each: rows, gap: GAP, from: 0, all: rows }
    }

    /// Those of samples of `each` rows that a mask does not leave out.
    pub(crate) fn of(mask: Option<&'a [f32]>, each: usize, rows: usize) -> Runs<'a> {
        assert!(mask.is_none_or(|mask| mask.len() == rows), "a mask of another length than {rows}");
        Runs { mask, each, gap: GAP, from: 0, all: rows }
    }

    /// The same where a row is so many positions, each of which costs as much as a row does elsewhere.
    pub(crate) fn of_images(mask: Option<&'a [f32]>, each: usize, rows: usize, positions: usize) -> Runs<'a> {
        Runs { gap: GAP.div_ceil(positions.max(1)), ..Runs::of(mask, each, rows) }
    }
}

impl Iterator for Runs<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let Some(mask) = self.mask else {
            let from = core::mem::replace(&mut self.from, self.all);
            return (from < self.all).then_some(from..self.all);
        };
        let next = |from: usize, counts: bool| {
            mask[from..].iter().position(|&m| (m != 0.0) == counts).map_or(mask.len(), |n| from + n)
        };
        let start = next(self.from, true);
        let mut end = next(start, false);
        loop {
            let more = next(end, true);
            if more == self.all || more - end >= self.gap || more / self.each != (end - 1) / self.each {
                break;
            }
            end = next(more, false);
        }
        self.from = end;
        (start < end).then_some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where runs begin and end.
    fn runs(mask: &[u8], each: usize) -> Vec<(usize, usize)> {
        let mask: Vec<f32> = mask.iter().map(|&m| f32::from(m)).collect();
        Runs::of(Some(&mask), each, mask.len()).map(|run| (run.start, run.end)).collect()
    }

    #[test]
    fn rows_that_count_are_in_runs() {
        assert_eq!(runs(&[1, 1, 0, 0, 1, 0, 0, 0], 4), [(0, 2), (4, 5)]);
        assert_eq!(runs(&[0, 0, 1, 1, 1, 1, 0, 0], 4), [(2, 6)]);
        assert_eq!(runs(&[0; 8], 4), []);
        assert_eq!(runs(&[], 4), []);
        assert_eq!(Runs::all(3).next(), Some(0..3));
        assert_eq!(Runs::all(0).next(), None);
    }

    #[test]
    fn images_are_left_out_one_by_one() {
        let mask = [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0];
        let runs = |positions| {
            let runs = Runs::of_images(Some(&mask), 8, 8, positions);
            runs.map(|run| (run.start, run.end)).collect::<Vec<_>>()
        };
        assert_eq!(runs(8), [(0, 1), (2, 4), (7, 8)]);
        assert_eq!(runs(3), [(0, 4), (7, 8)]);
        assert_eq!(runs(1), [(0, 8)]);
    }

    #[test]
    fn little_between_two_runs_is_taken_within_a_sample() {
        assert_eq!(runs(&[1, 0, 0, 1, 0, 1, 1, 0], 4), [(0, 4), (5, 7)]);
        let mut long = [0; 40];
        for at in [0, 7, 16, 20, 39] {
            long[at] = 1;
        }
        assert_eq!(runs(&long, 20), [(0, 8), (16, 17), (20, 21), (39, 40)]);
    }
}
