use super::*;
use alloc::vec;
use alloc::vec::Vec;

use crate::memory::{Sink, Use, Workspace};

const LAYOUT: Layout = Layout { kept: 32, temp: 16, scratch: 5 };

#[test]
fn buffers_are_apart_and_aligned() {
    let mut workspace = Workspace::new();
    for n in [1, 3, 7] {
        let mut values = workspace.batch(LAYOUT, n, 1);
        let mut rows = values.rows();
        let ([a, b], [t], scratch) = rows.step([Buf::kept(0, 10), Buf::kept(16, 16)], [Buf::temp(0, 9)]);
        assert_eq!((a.len(), b.len(), t.len(), scratch.len()), (10 * n, 16 * n, 9 * n, 5));
        for p in [a.as_ptr(), b.as_ptr(), t.as_ptr(), scratch.as_ptr()] {
            assert_eq!(p.align_offset(64), 0);
        }
        a.fill(1.0);
        b.fill(2.0);
        assert!(values.get(Buf::kept(0, 10)).iter().all(|&v| v == 1.0));
    }
}

#[test]
#[should_panic(expected = "overlap")]
fn overlap_is_refused() {
    Workspace::new().batch(LAYOUT, 2, 1).rows().step([Buf::kept(0, 10)], [Buf::kept(0, 4)]);
}

#[test]
#[should_panic(expected = "beyond the end of memory")]
fn an_offset_that_wraps_is_refused() {
    let _ = Buf::kept(usize::MAX, 1);
}

#[test]
fn inputs_are_read_where_they_are() {
    let (a, b) = ([1.0; 6], [2.0; 3]);
    let mut workspace = Workspace::new();
    let mut values = workspace.batch(LAYOUT, 3, 1);
    let inputs = [&a[..], &b];
    let mut rows = values.rows();
    let mut rows = rows.with(&inputs);
    let ([_], [y, x], _) = rows.step([Buf::kept(0, 10)], [Buf::input(1, 1), Buf::input(0, 2)]);
    assert_eq!((x, y), (&a[..], &b[..]));
    assert_eq!(values.whole().with(&inputs).step([Buf::input(0, 2)]).0[0], a);
}

#[test]
#[should_panic(expected = "3 floats for 2 rows of Buf { area: Input, at: 0, len: 2 }")]
fn an_input_of_another_length_is_refused() {
    Workspace::new().batch(LAYOUT, 2, 1).rows().with(&[&[0.0; 3]]).step([], [Buf::input(0, 2)]);
}

#[test]
#[should_panic(expected = "only read")]
fn an_input_is_never_written() {
    Workspace::new().batch(LAYOUT, 2, 1).rows().with(&[&[0.0; 4]]).step([Buf::input(0, 2)], []);
}

#[test]
#[should_panic(expected = "larger than memory")]
fn a_batch_that_wraps_is_refused() {
    let _ = LAYOUT.floats(usize::MAX / 8, 1);
}

#[test]
#[should_panic(expected = "not in this plan")]
fn a_buffer_beyond_the_plan_is_refused() {
    Workspace::new().batch(LAYOUT, 2, 1).rows().step([Buf::temp(16, 1)], []);
}

#[test]
fn a_nested_workspace_is_apart() {
    const INNER: Layout = Layout { kept: 16, temp: 16, scratch: 2 };
    let (kept, temp) = (Buf::kept(16, 16), Buf::temp(0, 16));
    for n in [1, 4] {
        let mut workspace = Workspace::new();
        let mut values = workspace.batch(LAYOUT, n, 1);
        let mut rows = values.rows();
        let ([a], [], mut inner) = rows.nested([Buf::kept(0, 10)], [], [kept, temp], INNER);
        a.fill(1.0);
        let ([b, t], [], scratch) = inner.step([Buf::kept(0, 3), Buf::temp(0, 5)], []);
        assert_eq!((b.len(), t.len(), scratch.len()), (3 * n, 5 * n, 2));
        b.fill(2.0);
        t.fill(3.0);
        assert_eq!(rows.step([], [Buf::kept(0, 10)]).1[0], vec![1.0; 10 * n]);
        let mut whole = values.whole();
        let ([a], mut inner) = whole.nested([Buf::kept(0, 10)], kept, INNER);
        assert_eq!((a, inner.step([Buf::kept(0, 3)]).0[0]), (&vec![1.0; 10 * n][..], &vec![2.0; 3 * n][..]));
    }
}

#[test]
#[should_panic(expected = "does not fit")]
fn a_nested_workspace_that_is_too_large_is_refused() {
    const INNER: Layout = Layout { kept: 32, temp: 0, scratch: 0 };
    let buffers = [Buf::kept(16, 16), Buf::temp(0, 0)];
    let _ = Workspace::new().batch(LAYOUT, 2, 1).rows().nested([], [], buffers, INNER);
}

#[test]
#[should_panic(expected = "overlap")]
fn a_nested_workspace_over_another_buffer_is_refused() {
    const INNER: Layout = Layout { kept: 16, temp: 0, scratch: 0 };
    let buffers = [Buf::kept(0, 16), Buf::temp(0, 0)];
    let _ = Workspace::new().batch(LAYOUT, 2, 1).rows().nested([], [Buf::kept(0, 10)], buffers, INNER);
}

#[test]
fn blocks_are_all_rows_in_order() {
    let mut workspace = Workspace::new();
    let mut values = workspace.batch(LAYOUT, 5, 1);
    let mut seen = Vec::new();
    values.rows().blocks(2, |rows| {
        let (first, count) = (rows.first(), rows.count());
        rows.step([Buf::kept(0, 1)], []).0[0].fill(first as f32);
        seen.push((first, count));
    });
    assert_eq!(seen, [(0, 2), (2, 2), (4, 1)]);
    assert_eq!(values.get(Buf::kept(0, 1)), [0.0, 0.0, 2.0, 2.0, 4.0]);
}

#[test]
#[should_panic(expected = "in the middle")]
fn threads_do_not_meet_within_a_block() {
    let mut workspace = Workspace::new();
    workspace.batch(LAYOUT, 5, 1).rows().blocks(2, |rows| rows.meet(Buf::kept(0, 1), |_, _| {}));
}

#[test]
fn some_rows_of_a_batch_know_their_place() {
    let mut workspace = Workspace::new();
    let mut values = workspace.batch(LAYOUT, 3, 1).within(4, 9);
    assert_eq!(values.n(), 3);
    let mut seen = Vec::new();
    values.rows().blocks(2, |rows| {
        let [x] = rows.step([Buf::kept(0, 1)], []).0;
        x.fill(seen.len() as f32);
        seen.push((rows.first(), rows.count(), rows.batch()));
    });
    assert_eq!(seen, [(4, 2, 9), (6, 1, 9)]);
    assert_eq!(values.get(Buf::kept(0, 1)), [0.0, 0.0, 1.0]);
}

#[test]
fn gradients_are_summed_over_blocks() {
    const X: Buf = Buf::kept(0, 1);
    let x = [1.0, 2.0, 4.0, 8.0, 16.0];
    // By rows in the workspace and rows in a block.
    for (round, block) in [(5, 5), (5, 2), (3, 3), (3, 2), (1, 1)] {
        let (mut workspace, mut w, mut g) = (Workspace::new(), [0.0], [f32::NAN]);
        for first in (0..5).step_by(round) {
            let count = round.min(5 - first);
            let mut values = workspace.batch(LAYOUT, count, 1).within(first, 5);
            values.get_mut(X).copy_from_slice(&x[first..first + count]);
            let mut sink = Sink::store(&mut w, &mut g, &[]);
            values.whole().blocks(block, &mut sink, |ws, sink| {
                let (first, n) = (ws.first(), ws.n());
                let [x] = ws.step([X]).0;
                assert_eq!((x[0], x.len()), (f32::from(1u8 << first), n));
                sink.param(0, 0, 1, Use::Only).unwrap().put(0, &[x.iter().sum()]);
            });
        }
        assert_eq!(g, [31.0], "blocks of {block} in {round}");
    }
}

#[test]
#[should_panic(expected = "threads meet in the middle of their rows")]
fn some_rows_of_a_batch_do_not_meet_others() {
    Workspace::new().batch(LAYOUT, 2, 1).within(0, 3).rows().meet(Buf::kept(0, 1), |_, _| ());
}

#[test]
#[should_panic(expected = "3 rows behind 7 of 9")]
fn rows_beyond_the_batch_are_refused() {
    let _ = Workspace::new().batch(LAYOUT, 3, 1).within(7, 9);
}

#[test]
fn rows_carry_from_step_to_step() {
    let (a, b) = (Buf::kept(0, 3), Buf::temp(0, 2));
    let mut workspace = Workspace::new();
    // 5 rows, each of which carries 6 floats: something else, then those of `a`, then those of `b`.
    let mut floats: Vec<f32> = (0..30u8).map(f32::from).collect();
    let expected = |row: usize, at: usize| (row * 6 + at) as f32;
    // Rows 2, 3 and 4 in blocks of 2, on one and on two threads, which give 1000 and more to the next batch.
    for threads in [1, 2] {
        let mut team = crate::threads::Team::new(threads).unwrap();
        let more = 1000.0 * (threads - 1) as f32;
        let mut values = workspace.batch(LAYOUT, 3, threads).within(2, 5).carrying(&mut floats, 6);
        values.by_rows(&mut team, &|rows| {
            rows.blocks(2, |rows| {
                rows.recall(a, 1);
                rows.recall(b, 4);
                let first = rows.first();
                let ([a_of, b_of], [], _) = rows.step([a, b], []);
                for (i, a) in a_of.iter_mut().enumerate() {
                    assert_eq!(*a, more + expected(first + i / 3, 1 + i % 3));
                    *a += 1000.0;
                }
                for (i, b) in b_of.iter_mut().enumerate() {
                    assert_eq!(*b, more + expected(first + i / 2, 4 + i % 2));
                    *b += 1000.0;
                }
                rows.carry(a, 1);
                rows.carry(b, 4);
            });
        });
    }
    for (i, found) in floats.iter().enumerate() {
        let changed = i >= 12 && i % 6 != 0;
        assert_eq!(*found, i as f32 + if changed { 2000.0 } else { 0.0 });
    }
}

#[test]
#[should_panic(expected = "2 rows behind 0 in 5 floats that are carried")]
fn rows_that_carry_nothing_are_refused() {
    Workspace::new().batch(LAYOUT, 2, 1).carrying(&mut [0.0; 5], 3).rows().recall(Buf::kept(0, 3), 0);
}

#[test]
#[should_panic(expected = "floats 1 and on of 3 that a row carries")]
fn floats_of_another_row_are_refused() {
    Workspace::new().batch(LAYOUT, 2, 1).carrying(&mut [0.0; 6], 3).rows().carry(Buf::kept(0, 3), 1);
}

#[test]
fn rows_of_a_layer_carry_their_part() {
    let mut floats = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let a = Buf::kept(0, 1);
    let mut workspace = Workspace::new();
    let mut values = workspace.batch(LAYOUT, 2, 1).carrying(&mut floats, 3);
    let mut rows = values.rows().part(0, 1).part(0, 1);
    rows.recall(a, 0);
    assert_eq!(rows.step([a], []).0[0], [3.0, 6.0]);
    rows.step([a], []).0[0].fill(9.0);
    rows.carry(a, 0);
    assert_eq!(floats, [1.0, 2.0, 9.0, 4.0, 5.0, 9.0]);
}
