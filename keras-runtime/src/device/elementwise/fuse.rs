//! Which chains of a program become one.

use std::collections::BTreeSet;

use super::Chain;
use crate::device::launch::Launch;
use crate::device::memory::Region;

/// The launches of a program, with one in the place of chains that are one, and without what nobody reads. Buffers that are `kept` are
/// read after the program has run.
pub(in crate::device) fn fuse(launches: Vec<Launch>, kept: &[usize]) -> Vec<Launch> {
    let mut fused = Vec::with_capacity(launches.len());
    launches.into_iter().for_each(|launch| add(&mut fused, launch));
    let mut read: BTreeSet<usize> = kept.iter().copied().collect();
    let mut last_first = Vec::with_capacity(fused.len());
    for mut launch in fused.into_iter().rev() {
        if let Some(chain) = &launch.chain {
            let mut chain = Chain::clone(chain);
            chain.keep(|to| !matches!(to.region, Region::Work(buffer) if !read.contains(&buffer)));
            if chain.is_empty() {
                continue;
            }
            launch = chain.launch();
        }
        read.extend(launch.inputs().chain(launch.outputs()).filter_map(|span| match span.region {
            Region::Work(buffer) => Some(buffer),
            _ => None,
        }));
        last_first.push(launch);
    }
    last_first.reverse();
    last_first
}

/// Adds a launch, or makes its chain part of one before it: the nearest, if all launches between may as well come behind it.
fn add(launches: &mut Vec<Launch>, launch: Launch) {
    if let Some(chain) = &launch.chain {
        for before in launches.iter_mut().rev() {
            if let Some(joined) = before.chain.as_ref().and_then(|before| before.join(chain)) {
                *before = joined.launch();
                return;
            }
            if !commute(before, &launch) {
                break;
            }
        }
    }
    launches.push(launch);
}

/// Whether two launches do the same in either order: neither writes what the other reads or writes.
fn commute(a: &Launch, b: &Launch) -> bool {
    let writes = |a: &Launch, b: &Launch| {
        a.outputs().any(|written| b.inputs().chain(b.outputs()).any(|other| written.meets(other)))
    };
    !writes(a, b) && !writes(b, a)
}

#[cfg(test)]
mod tests {
    use keras_kernels::activation::Act;

    use super::super::{Index, Step};
    use super::*;
    use crate::device::memory::Span;

    fn work(buffer: usize, len: usize) -> Span {
        Region::Work(buffer).span(0, len)
    }

    /// y = relu(x).
    fn relu(y: Span, x: Span) -> Launch {
        let mut chain = Chain::new(y.len);
        let value = chain.read(x);
        let value = chain.step(Step::Activate(Act::Relu, value));
        chain.write(y, value, false);
        chain.launch()
    }

    /// y += x, or with what lies by another index.
    fn add(y: Span, x: Span, index: Index) -> Launch {
        let mut chain = Chain::new(y.len);
        let value = chain.read_by(x, index);
        chain.write(y, value, true);
        chain.launch()
    }

    /// A launch that is no chain.
    fn other(y: Span, x: Span) -> Launch {
        Launch::new("gemm", "gemm_data").out(y).reads(x)
    }

    fn expressions(launches: &[Launch]) -> Vec<String> {
        launches.iter().map(Launch::expression).collect()
    }

    #[test]
    fn what_only_the_next_step_reads_is_not_written() {
        let fused =
            fuse(vec![relu(work(0, 8), Region::Weights.span(0, 8)), add(work(1, 8), work(0, 8), Index::Same)], &[1]);
        let steps = "step::Read<0, step::Same>, step::Activate<RELU, 0, 0x0u, 0x0u, 0x0u, 0x0u>, step::Read<1, step::Same>, \
             step::Sum<2, 1>, step::Write<0, 3>";
        assert_eq!(expressions(&fused), [format!("elementwise<{steps}>")]);
        assert_eq!(fused[0].outputs().collect::<Vec<_>>(), [work(1, 8)]);
        assert_eq!(fused[0].inputs().collect::<Vec<_>>(), [Region::Weights.span(0, 8), work(1, 8)]);
    }

    #[test]
    fn what_others_read_is_written() {
        let launches = || vec![relu(work(0, 8), Region::Weights.span(0, 8)), add(work(1, 8), work(0, 8), Index::Same)];
        let is_written = |fused: &[Launch]| fused[0].outputs().any(|span| span == work(0, 8));
        assert!(is_written(&fuse(launches(), &[0, 1])));
        let mut more = launches();
        more.push(other(Region::Weights.span(8, 8), work(0, 8)));
        assert!(is_written(&fuse(more, &[1])));
        assert!(fuse(launches(), &[]).is_empty());
    }

    #[test]
    fn a_chain_goes_past_launches_that_it_has_nothing_to_do_with() {
        let [a, b, c] = [0, 1, 2].map(|i| work(i, 8));
        let fused = fuse(vec![relu(a, Region::Grads.span(0, 8)), other(c, c), add(b, a, Index::Same)], &[0, 1, 2]);
        assert_eq!(fused.len(), 2);
        assert_eq!(fused[0].outputs().collect::<Vec<_>>(), [a, b]);
        // The one between reads what the chain adds to, or writes it, or writes what the chain reads.
        for between in [other(c, b), other(b, c), other(a, c)] {
            let fused = fuse(vec![relu(a, Region::Grads.span(0, 8)), between, add(b, a, Index::Same)], &[0, 1, 2]);
            assert_eq!(fused.len(), 3);
        }
    }

    #[test]
    fn chains_whose_elements_are_not_the_same_stay_apart() {
        let x = Region::Grads.span(0, 8);
        let row = work(0, 8);
        // Another length.
        assert_eq!(fuse(vec![relu(work(0, 8), x), relu(work(1, 4), Region::Grads.span(0, 4))], &[0, 1]).len(), 2);
        // Read by another index than it was written by.
        assert_eq!(fuse(vec![relu(row, x), add(work(1, 8), row, Index::Column(8))], &[0, 1]).len(), 2);
        // Written where the one before reads by another index.
        assert_eq!(fuse(vec![add(work(1, 8), row, Index::Column(8)), relu(row, work(1, 8))], &[0, 1]).len(), 2);
        // Written in part.
        let part = Region::Work(0).span(4, 8);
        assert_eq!(fuse(vec![relu(row, x), add(work(1, 8), part, Index::Same)], &[0, 1]).len(), 2);
        // Nothing in common.
        assert_eq!(fuse(vec![relu(row, x), relu(work(1, 8), Region::Weights.span(0, 8))], &[0, 1]).len(), 2);
    }

    #[test]
    fn a_place_that_is_written_twice_has_what_was_written_last() {
        let x = Region::Grads.span(0, 8);
        let y = work(0, 8);
        let fused = fuse(vec![relu(y, x), add(y, x, Index::Same)], &[0]);
        assert_eq!(fused.len(), 1);
        assert_eq!(fused[0].outputs().collect::<Vec<_>>(), [y]);
        assert_eq!(fused[0].inputs().collect::<Vec<_>>(), [x]);
    }
}
