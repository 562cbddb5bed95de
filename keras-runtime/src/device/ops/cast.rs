//! Integers as floats: data are uploaded as floats, so that nothing is left to do.

use crate::device::builder::Site;

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let x = site.x(0);
    site.set_y(x);
}

pub(super) fn backward(_: &mut Site<'_, '_>) {}
