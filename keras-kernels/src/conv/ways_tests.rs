//! Both ways to the gradient of the input against the scalar body, whichever of them is chosen elsewhere.

use keras_shapes::windows::{conv_panel, conv_scratch};

use super::*;
use crate::conv::{positions, scalar};

/// Numbers that look random.
fn numbers(len: usize, from: u32) -> Vec<f32> {
    let number = |i: u32| (i.wrapping_add(from)).wrapping_mul(2_654_435_761) as f32 / u32::MAX as f32 - 0.5;
    (0..len as u32).map(number).collect()
}

/// Windows of one dimension: positions, taps, stride, dilation, padding before, windows.
type Dim = [usize; 6];

fn geometry(dims: [Dim; 3], cin: usize, cout: usize, groups: usize) -> Geometry {
    let of = |i: usize| dims.map(|dim| dim[i]);
    let windows = Windows { n: of(0), k: of(1), stride: of(2), dilation: of(3), before: of(4), out: of(5) };
    Geometry { windows, cin, cout, groups }
}

#[test]
fn both_ways_agree_with_the_scalar_body() {
    const ONE: Dim = [1, 1, 1, 1, 0, 1];
    let cases = [
        geometry([ONE, [7, 3, 1, 1, 0, 5], [9, 3, 1, 1, 0, 7]], 1, 5, 1),
        geometry([ONE, [6, 3, 1, 1, 1, 6], [7, 4, 1, 1, 1, 7]], 3, 18, 1),
        geometry([ONE, [8, 3, 2, 1, 0, 4], [7, 2, 3, 1, 1, 3]], 2, 4, 1),
        geometry([ONE, [9, 2, 1, 3, 2, 9], [9, 3, 1, 2, 2, 9]], 2, 3, 1),
        geometry([ONE, [5, 3, 1, 1, 1, 5], [6, 3, 2, 1, 1, 3]], 4, 6, 2),
        geometry([ONE, ONE, [11, 5, 1, 2, 8, 11]], 17, 3, 1),
        geometry([[3, 2, 1, 1, 0, 2], [4, 2, 2, 1, 1, 3], [5, 3, 1, 1, 1, 5]], 2, 33, 1),
        // Windows that see nothing but padding.
        geometry([ONE, ONE, [2, 2, 1, 1, 3, 7]], 2, 3, 1),
    ];
    for (m, g) in [1, 3].into_iter().flat_map(|m| cases.iter().map(move |g| (m, g))) {
        let (x, y) = (m * g.windows.positions() * g.cin, m * g.windows.count() * g.cout);
        let (dy, w, bias) = (numbers(y, 1), numbers(g.depth() * g.cout, 7), numbers(g.cin, 3));
        for isa in Isa::available() {
            for kind in 0..3 {
                let before = numbers(x, 9);
                let (begin, there) = match kind {
                    0 => (Begin::Zero, vec![0.0; x]),
                    1 => (Begin::Row(&bias), bias.iter().copied().cycle().take(x).collect()),
                    _ => (Begin::Sum, before.clone()),
                };
                let mut expected: Vec<f64> = there.iter().map(|&b| f64::from(b)).collect();
                let wide = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
                scalar::backward_data(&mut expected, &wide(&dy), &wide(&w), m, g, true);
                for way in [backward_data, positions::by_positions] {
                    let mut dx = before.clone();
                    let mut tmp = vec![f32::NAN; conv_scratch(g)];
                    let (panel, turned) = tmp.split_at_mut(conv_panel(g));
                    way(isa, &mut dx, &dy, &w, begin, m, g, [panel, turned]);
                    for (i, (&ours, expected)) in dx.iter().zip(&expected).enumerate() {
                        let wrong = (f64::from(ours) - expected).abs();
                        assert!(wrong <= 1e-5, "{g:?}, {isa:?}, dx[{i}]: {ours} instead of {expected}");
                    }
                }
            }
        }
    }
}
