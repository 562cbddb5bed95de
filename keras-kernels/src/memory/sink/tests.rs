use super::*;

struct Plain;

impl Rule for Plain {
    fn update(&self, w: &mut [f32], g: &[f32], slots: Slots<'_>) {
        for i in 0..w.len() {
            slots[0][i] += g[i];
            w[i] -= 0.5 * g[i];
        }
    }
}

fn three_uses(sink: &mut Sink<'_>) {
    sink.param(0, 0, 2, Use::Only).unwrap().put(0, &[1.0, 2.0]);
    for uses in [Use::First, Use::Middle, Use::Last] {
        sink.param(1, 2, 2, uses).unwrap().put(1, &[3.0]);
        sink.param(1, 2, 2, uses).unwrap().put(0, &[4.0]);
    }
    assert!(sink.param(2, 4, 1, Use::Only).is_none());
}

#[test]
fn stored_and_fused_gradients_agree() {
    let (mut w, mut g) = ([10.0; 5], [-7.0; 5]);
    three_uses(&mut Sink::store(&mut w, &mut g, &[false, false, true]));
    assert_eq!(w, [10.0; 5]);
    assert_eq!(g, [1.0, 2.0, 12.0, 9.0, -7.0]);

    let mut slot = [0.0; 5];
    let mut slots = [&mut slot[..]];
    three_uses(&mut Sink::update(&mut w, &mut g, &[false, false, true], &Plain, &mut slots));
    assert_eq!(w, [9.5, 9.0, 4.0, 5.5, 10.0]);
    assert_eq!(slot, [1.0, 2.0, 12.0, 9.0, 0.0]);
}

#[test]
fn parts_and_whole_gradients_agree() {
    let nested = |sink: &mut Sink<'_>| {
        for uses in [Use::First, Use::Last] {
            let mut part = sink.part(1, 2, 3, uses).unwrap();
            part.param(0, 0, 2, Use::First).unwrap().put(0, &[1.0, 2.0]);
            part.param(0, 0, 2, Use::Last).unwrap().put(0, &[0.5, 0.5]);
            assert!(part.param(1, 2, 1, Use::Only).is_none());
        }
    };
    let whole = |sink: &mut Sink<'_>| {
        let mut part = sink.part(1, 2, 3, Use::Only).unwrap();
        part.gradients().1.copy_from_slice(&[3.0, 5.0, 9.0]);
        part.finish(0, 0, 2);
        part.finish(1, 2, 1);
    };
    let frozen = [false, false, true];
    for run in [&nested as &dyn Fn(&mut Sink<'_>), &whole] {
        let (mut w, mut g, mut slot) = ([10.0; 5], [0.0; 5], [0.0; 5]);
        run(&mut Sink::store(&mut w, &mut g, &frozen));
        assert_eq!((w, &g[..4]), ([10.0; 5], &[0.0, 0.0, 3.0, 5.0][..]));
        run(&mut Sink::update(&mut w, &mut g, &frozen, &Plain, &mut [&mut slot[..]]));
        assert_eq!((w, slot), ([10.0, 10.0, 8.5, 7.5, 10.0], [0.0, 0.0, 3.0, 5.0, 0.0]));
    }
}

#[test]
fn shares_have_their_own_rows_and_no_others() {
    let (mut w, mut g, mut slot) = ([10.0; 6], [0.0; 6], [0.0; 6]);
    let mut slots = [&mut slot[..]];
    let mut sink = Sink::update(&mut w, &mut g, &[], &Plain, &mut slots);
    for own in [0..2, 2..6] {
        // SAFETY: the shares are used one after the other.
        let mut share = unsafe { sink.share(own.clone()) };
        let mut out = share.some_rows(0, 0, 4, Use::Only).unwrap();
        let rows = out.rows(2);
        assert_eq!(rows, if own.start == 0 { 0..1 } else { 1..2 });
        out.put(2 * rows.start, &[1.0, 2.0]);
        assert_eq!(share.param(1, 4, 2, Use::Only).is_some(), own.end == 6);
        assert_eq!(share.part(1, 4, 2, Use::Only).is_some(), own.end == 6);
    }
    assert!(sink.param(0, 0, 4, Use::Only).is_some());
    assert_eq!(w, [9.5, 9.0, 9.5, 9.0, 10.0, 10.0]);
}

#[test]
#[should_panic(expected = "divided among threads")]
fn a_whole_gradient_that_is_divided_is_refused() {
    let (mut w, mut g) = ([0.0; 4], [0.0; 4]);
    let sink = Sink::store(&mut w, &mut g, &[]);
    // SAFETY: there is no other share.
    let _ = unsafe { sink.share(0..3) }.param(0, 0, 4, Use::Only);
}

#[test]
#[should_panic(expected = "a row that is divided")]
fn a_row_that_is_divided_is_refused() {
    let (mut w, mut g) = ([0.0; 4], [0.0; 4]);
    let sink = Sink::store(&mut w, &mut g, &[]);
    // SAFETY: there is no other share.
    let _ = unsafe { sink.share(0..3) }.some_rows(0, 0, 4, Use::Only).unwrap().rows(2);
}

#[test]
#[should_panic(expected = "beyond the end")]
fn a_piece_of_another_share_is_refused() {
    let (mut w, mut g) = ([0.0; 4], [0.0; 4]);
    let sink = Sink::store(&mut w, &mut g, &[]);
    // SAFETY: there is no other share.
    unsafe { sink.share(0..2) }.some_rows(0, 0, 4, Use::Only).unwrap().put(2, &[1.0]);
}

#[test]
#[should_panic(expected = "beyond the end")]
fn a_piece_too_long_is_refused() {
    let (mut w, mut g) = ([0.0; 2], [0.0; 2]);
    Sink::store(&mut w, &mut g, &[]).param(0, 0, 2, Use::Only).unwrap().put(1, &[0.0; 2]);
}
