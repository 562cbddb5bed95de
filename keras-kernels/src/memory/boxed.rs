//! Large values on the heap that never pass over the stack.

use alloc::alloc::{Layout, alloc_zeroed, handle_alloc_error};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::ops::{Deref, DerefMut};

use keras_shapes::plan::LINE;

use super::{Block, Sample};

#[repr(C, align(64))]
struct Aligned<M>(M);

/// A model, or another block of weights, on the heap, aligned to a cache line.
///
/// It derefs to the model: `model.dense.kernel[0][3]`.
pub struct Boxed<M>(Box<Aligned<M>>);

impl<M: Block> Boxed<M> {
    /// A block of zeros. A model of any size: nothing of it is ever on the stack.
    #[must_use]
    pub fn zeroed() -> Boxed<M> {
        let layout = Layout::new::<Aligned<M>>();
        if layout.size() == 0 {
            // SAFETY: a value of no bytes needs no memory but an aligned pointer that is not null, and `Block` makes
            // all bits zero (here: none) a value.
            return Boxed(unsafe { Box::from_raw(core::ptr::NonNull::<Aligned<M>>::dangling().as_ptr()) });
        }
        // SAFETY: the size is not 0. The memory is zeroed, which `Block` makes a valid `M`; it was allocated by the
        // global allocator with the layout that `Box` will free it with.
        unsafe {
            let memory = alloc_zeroed(layout).cast::<Aligned<M>>();
            if memory.is_null() {
                handle_alloc_error(layout);
            }
            Boxed(Box::from_raw(memory))
        }
    }
}

impl<M> Deref for Boxed<M> {
    type Target = M;

    #[inline]
    fn deref(&self) -> &M {
        &self.0.0
    }
}

impl<M> DerefMut for Boxed<M> {
    #[inline]
    fn deref_mut(&mut self) -> &mut M {
        &mut self.0.0
    }
}

impl<M: Block> Clone for Boxed<M> {
    fn clone(&self) -> Boxed<M> {
        let mut copy = Boxed::<M>::zeroed();
        copy.as_mut_slice().copy_from_slice(self.as_slice());
        copy
    }
}

impl<M: Block> fmt::Debug for Boxed<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Boxed").field("floats", &M::FLOATS).finish_non_exhaustive()
    }
}

/// Floats on the heap, aligned to a cache line: what a [`Boxed`] block is to code that does not know its type.
///
/// ```
/// let mut floats = keras_kernels::memory::Floats::zeroed(5);
/// floats[4] = 1.0;
/// assert_eq!((floats[..].as_ptr().align_offset(64), &floats[..]), (0, &[0.0, 0.0, 0.0, 0.0, 1.0][..]));
/// ```
pub struct Floats {
    lines: Vec<Aligned<[f32; LINE]>>,
    len: usize,
}

impl Floats {
    /// So many zeros.
    #[must_use]
    pub fn zeroed(len: usize) -> Floats {
        let n = len.div_ceil(LINE);
        let Ok(layout) = Layout::array::<Aligned<[f32; LINE]>>(n) else {
            panic!("{len} floats do not fit the address space");
        };
        if layout.size() == 0 {
            return Floats { lines: Vec::new(), len };
        }
        // SAFETY: the size is not 0; all bits zero is a value of an array of floats; the memory was allocated with the
        // layout of `n` lines.
        let lines = unsafe {
            let memory = alloc_zeroed(layout).cast::<Aligned<[f32; LINE]>>();
            if memory.is_null() {
                handle_alloc_error(layout);
            }
            Vec::from_raw_parts(memory, n, n)
        };
        Floats { lines, len }
    }
}

impl Deref for Floats {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        // SAFETY: a line is `LINE` floats without padding, and there are enough lines for `len` of them.
        unsafe { core::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }
}

impl DerefMut for Floats {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above, and `&mut self` makes it the only access.
        unsafe { core::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}

impl fmt::Debug for Floats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Floats").field("len", &self.len).finish_non_exhaustive()
    }
}

/// `n` samples of zeros, made on the heap and not over the stack, whatever their size.
///
/// ```
/// let images = keras_kernels::memory::zeros::<[[[f32; 3]; 224]; 224]>(8);
/// assert_eq!((images.len(), images[7][223][223]), (8, [0.0; 3]));
/// ```
#[must_use]
pub fn zeros<S: Sample>(n: usize) -> Vec<S> {
    let Ok(layout) = Layout::array::<S>(n) else {
        panic!("{n} samples of {} bytes do not fit the address space", size_of::<S>());
    };
    if layout.size() == 0 {
        return Vec::new();
    }
    // SAFETY: the size is not 0; a sample of zeros is a valid sample (the trait is sealed over plain numbers); the
    // memory was allocated with the layout of `n` samples.
    unsafe {
        let memory = alloc_zeroed(layout).cast::<S>();
        if memory.is_null() {
            handle_alloc_error(layout);
        }
        Vec::from_raw_parts(memory, n, n)
    }
}
