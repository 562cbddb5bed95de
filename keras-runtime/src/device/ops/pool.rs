//! Pooling.

use keras_kernels::pool::{self, Pool, Windows};

use crate::device::builder::Site;
use crate::device::launch::Launch;
use crate::model::graph::OpKind;

/// The constants of a kernel: which, the features, and each dimension of the windows.
fn constants(pool: Pool, n: usize, windows: &Windows) -> Vec<String> {
    let word = match pool {
        Pool::Max => "MAXIMUM",
        Pool::Average => "AVERAGE",
    };
    let Windows { n: positions, k, stride, before, out, .. } = windows;
    let dimension =
        |i: usize| format!("PoolWindows<{}, {}, {}, {}, {}>", positions[i], k[i], stride[i], before[i], out[i]);
    let [a, b, c] = [0, 1, 2].map(dimension);
    vec![word.to_owned(), n.to_string(), a, b, c]
}

/// From how many positions of a window on its block shares them out.
const MANY: usize = 64;

/// The most positions that a window sees.
fn most(windows: &Windows) -> usize {
    let Windows { n, k, stride, out, .. } = windows;
    let adaptive = |i: usize| n[i].div_ceil(out[i]) + usize::from(!n[i].is_multiple_of(out[i]));
    (0..3).map(|i| if stride[i] == 0 { adaptive(i) } else { k[i].min(n[i]) }).product()
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let OpKind::Pool { pool, n, windows } = site.kind() else { return };
    let (m, x, y) = (site.b.rows, site.x(0), site.y());
    let launch = if most(&windows) < MANY {
        let launch = Launch::new("pool", "pool_forward").over(y.len);
        launch.of(constants(pool, n, &windows)).out(y).reads(x).int(y.len)
    } else {
        let launch = Launch::new("pool", "pool_wide").grid([m * windows.count(), n.div_ceil(32), 1], 256);
        launch.of(constants(pool, n, &windows)).out(y).reads(x)
    };
    let launch = if pool == Pool::Max { launch.moves(&[x], false) } else { launch };
    site.launch(launch.means(move |memory| {
        let x = memory.f32(x);
        pool::scalar::forward(memory.f32_mut(y), &x, pool, m, n, &windows);
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let OpKind::Pool { pool, n, windows } = site.kind() else { return };
    let (m, dy) = (site.b.rows, site.dy());
    let saved = (pool == Pool::Max).then(|| (site.x(0), site.y()));
    let Some((dx, acc)) = site.dx(0) else { return };
    let launch = Launch::new("pool", "pool_backward").over(dx.len).of(constants(pool, n, &windows)).of([acc]);
    let (x, y) = saved.unzip();
    site.launch(launch.out(dx).reads(dy).reads_if(x).reads_if(y).int(dx.len).means(move |memory| {
        let (dy, x, y) = (memory.f32(dy), memory.f32_if(x), memory.f32_if(y));
        let (x, y) = (x.unwrap_or_default(), y.unwrap_or_default());
        pool::scalar::backward(memory.f32_mut(dx), &dy, &x, &y, pool, m, n, &windows, acc);
    }));
}
