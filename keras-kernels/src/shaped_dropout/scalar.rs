//! Dropout by a mask of its own shape in plain Rust, over `f32` or `f64`.

use super::{Dim, Key, Mask};
use crate::Real;
use crate::philox::{GROUP, from_bits, group};

/// As [`super::forward`].
#[inline(always)]
pub fn forward<R: Real>(y: &mut [R], x: Option<&[R]>, mask: Mask<'_>, key: Key, first: usize) {
    if let Some(x) = x {
        assert!(x.len() == y.len(), "a dropout from {} to {} elements", x.len(), y.len());
        y.copy_from_slice(x);
    }
    let [scale, shift, dropped] = [mask.scale, mask.shift, mask.dropped].map(|c| R::of(f64::from(c)));
    walk(y.len(), mask, key, first, |at, keep| {
        for (y, &keep) in y[at..][..keep.len()].iter_mut().zip(keep) {
            *y = if keep { *y * scale + shift } else { dropped };
        }
    });
}

/// As [`super::backward`].
#[inline(always)]
pub fn backward<R: Real>(dx: &mut [R], dy: Option<&[R]>, mask: Mask<'_>, key: Key, first: usize, acc: bool) {
    assert!(dy.is_some() || !acc, "a gradient in place cannot also be added to");
    assert!(dy.is_none_or(|dy| dy.len() == dx.len()), "a dropout's gradient to {} elements", dx.len());
    let scale = R::of(f64::from(mask.scale));
    if let (Some(dy), true) = (dy, acc) {
        return walk(dx.len(), mask, key, first, |at, keep| {
            for ((dx, &dy), &keep) in dx[at..][..keep.len()].iter_mut().zip(&dy[at..]).zip(keep) {
                *dx += if keep { dy * scale } else { R::ZERO };
            }
        });
    }
    if let Some(dy) = dy {
        dx.copy_from_slice(dy);
    }
    walk(dx.len(), mask, key, first, |at, keep| {
        for (dx, &keep) in dx[at..][..keep.len()].iter_mut().zip(keep) {
            *dx = if keep { *dx * scale } else { R::ZERO };
        }
    });
}

/// Draws the mask and hands it out: an element's index, and whether it and those that follow it are kept.
#[inline(always)]
fn walk(len: usize, mask: Mask<'_>, key: Key, first: usize, mut take: impl FnMut(usize, &[bool])) {
    let sample: usize = mask.dims.iter().map(|dim| dim.len).product();
    let rows = len.checked_div(sample).unwrap_or(0);
    assert!(len == rows * sample, "{len} elements in samples of {sample}");
    let own: usize = mask.dims.iter().filter(|dim| dim.own).map(|dim| dim.len).product();
    // What lies side by side in the mask lies side by side in the sample, if it is of the last dimension.
    let run = mask.dims.last().map_or(1, |dim| if dim.own { dim.len } else { 1 });
    for row in 0..rows {
        let base = if mask.by_sample { (first + row) as u64 * own as u64 } else { 0 };
        let mut done = 0;
        while done < own {
            let index = base + done as u64;
            let skip = (index % GROUP as u64) as usize;
            let count = (GROUP - skip).min(run - done % run);
            let words = group(key, index / GROUP as u64);
            let mut keep = [false; GROUP];
            for (keep, &bits) in keep.iter_mut().zip(&words.as_flattened()[skip..][..count]) {
                *keep = from_bits(bits) >= mask.rate;
            }
            let at = row * sample + place(mask.dims, done);
            spread(mask.dims, at, &mut |at| take(at, &keep[..count]));
            done += count;
        }
    }
}

/// Where in a sample the element of the mask lies that has this index.
fn place(dims: &[Dim], mut index: usize) -> usize {
    let (mut at, mut stride) = (0, 1);
    for dim in dims.iter().rev() {
        if dim.own {
            at += index % dim.len * stride;
            index /= dim.len;
        }
        stride *= dim.len;
    }
    at
}

/// Calls `f` with `at` moved along all dimensions that the mask does not have.
fn spread<F: FnMut(usize)>(dims: &[Dim], at: usize, f: &mut F) {
    let Some((dim, inner)) = dims.split_first() else { return f(at) };
    if dim.own {
        return spread(inner, at, f);
    }
    let stride: usize = inner.iter().map(|dim| dim.len).product();
    for i in 0..dim.len {
        spread(inner, at + i * stride, f);
    }
}
