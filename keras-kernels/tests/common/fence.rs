//! Memory between pages that nobody may touch.

use std::ptr::null_mut;
use std::slice;

/// On which side of the floats the forbidden page lies without a gap.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Before,
    Behind,
}

/// Floats beside a page that can neither be read nor written: whatever reaches beyond them ends the program.
pub(crate) struct Fenced {
    base: *mut libc::c_void,
    pages: usize,
    at: *mut f32,
    len: usize,
}

/// At least that of every machine of today; what begins or ends at a multiple of it does so at a page.
const PAGE: usize = 1 << 16;

impl Fenced {
    /// These values.
    pub(crate) fn new(values: &[f32], side: Side) -> Fenced {
        let inside = size_of_val(values).next_multiple_of(PAGE);
        let pages = inside + 2 * PAGE;
        // SAFETY: a new mapping, of which nobody else knows.
        unsafe {
            let base = libc::mmap(null_mut(), pages, libc::PROT_NONE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0);
            assert_ne!(base, libc::MAP_FAILED, "no memory");
            let first = base.byte_add(PAGE);
            if inside > 0 {
                assert_eq!(libc::mprotect(first, inside, libc::PROT_READ | libc::PROT_WRITE), 0, "no access");
            }
            let at = match side {
                Side::Before => first.cast::<f32>(),
                Side::Behind => first.byte_add(inside - size_of_val(values)).cast(),
            };
            values.as_ptr().copy_to_nonoverlapping(at, values.len());
            Fenced { base, pages, at, len: values.len() }
        }
    }

    pub(crate) fn get(&self) -> &[f32] {
        // SAFETY: the floats lie in the mapping, which this object owns.
        unsafe { slice::from_raw_parts(self.at, self.len) }
    }

    pub(crate) fn get_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above, and borrowed for itself.
        unsafe { slice::from_raw_parts_mut(self.at, self.len) }
    }
}

impl Drop for Fenced {
    fn drop(&mut self) {
        // SAFETY: the mapping is this object's own.
        unsafe { libc::munmap(self.base, self.pages) };
    }
}
