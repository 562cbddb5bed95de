//! A model's parameters as one struct and as one slice.

use super::Sample;

/// A struct of weights that is also one slice of floats.
///
/// Generated models implement it. The fields are in declaration order, so offsets into the slice are the offsets of the
/// fields; the model's graph has a table of them.
///
/// # Safety
/// The type is `repr(C)` and consists of `f32`, arrays of them, and other blocks, so that it has no padding, an
/// alignment of at most 4, and all bits zero is a value of it.
pub unsafe trait Block: Sized + Send + Sync + 'static {
    /// How many floats it holds.
    const FLOATS: usize = {
        assert!(align_of::<Self>() <= align_of::<f32>(), "a block is made of f32 and nothing else");
        size_of::<Self>() / size_of::<f32>()
    };

    /// All weights, in the order of the fields.
    #[inline]
    fn as_slice(&self) -> &[f32] {
        if Self::FLOATS == 0 {
            return &[];
        }
        // SAFETY: by the trait's contract `self` is `FLOATS` floats without padding; it is not empty, so its alignment
        // is that of f32.
        unsafe { core::slice::from_raw_parts(core::ptr::from_ref(self).cast(), Self::FLOATS) }
    }

    /// All weights, to be written.
    #[inline]
    fn as_mut_slice(&mut self) -> &mut [f32] {
        if Self::FLOATS == 0 {
            return &mut [];
        }
        // SAFETY: as above; any float is a valid weight.
        unsafe { core::slice::from_raw_parts_mut(core::ptr::from_mut(self).cast(), Self::FLOATS) }
    }

    /// The block in a slice of weights.
    ///
    /// # Panics
    /// If the slice has another length.
    #[inline]
    #[must_use]
    fn from_slice(weights: &[f32]) -> &Self {
        assert_eq!(weights.len(), Self::FLOATS, "weights of another block");
        // SAFETY: by the trait's contract a value is `FLOATS` floats, aligned as floats are (`FLOATS` checks that), and
        // any floats are one; the slice is borrowed for the life of the block.
        unsafe { &*weights.as_ptr().cast() }
    }

    /// The block in a slice of weights, to be written.
    ///
    /// # Panics
    /// If the slice has another length.
    #[inline]
    #[must_use]
    fn from_mut_slice(weights: &mut [f32]) -> &mut Self {
        assert_eq!(weights.len(), Self::FLOATS, "weights of another block");
        // SAFETY: as in `from_slice`.
        unsafe { &mut *weights.as_mut_ptr().cast() }
    }
}

// SAFETY: no floats at all, no padding.
unsafe impl Block for () {}

// SAFETY: samples of `f32` are nested arrays of it, and nothing else.
unsafe impl<T: Sample<Elem = f32>, const N: usize> Block for [T; N] {}
