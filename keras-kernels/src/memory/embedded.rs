//! Weights in the read-only data of a program.

use super::Block;

/// The bytes of a block of weights, aligned to a cache line, for a `static`.
///
/// ```
/// use keras_kernels::memory::Embedded;
/// static WEIGHTS: Embedded<8> = Embedded::zeroed().with(0, &1.5f32.to_le_bytes()).with(4, &2.5f32.to_le_bytes());
/// // `()` is a block of no floats; a model's is `WEIGHTS.get::<Mlp>()`.
/// static NONE: Embedded<0> = Embedded::zeroed();
/// let (): &() = NONE.get();
/// ```
#[repr(C, align(64))]
pub struct Embedded<const BYTES: usize>([u8; BYTES]);

impl<const BYTES: usize> Embedded<BYTES> {
    /// All weights 0.
    #[must_use]
    pub const fn zeroed() -> Embedded<BYTES> {
        Embedded([0; BYTES])
    }

    /// The same with these numbers, `f32` in little-endian order as files have them, from byte `at` on.
    ///
    /// # Panics
    /// If they reach beyond the end, or are not whole numbers.
    #[must_use]
    pub const fn with(mut self, at: usize, numbers: &[u8]) -> Embedded<BYTES> {
        assert!(numbers.len().is_multiple_of(size_of::<f32>()), "numbers of four bytes");
        let (_, rest) = self.0.split_at_mut(at);
        let (to, _) = rest.split_at_mut(numbers.len());
        if cfg!(target_endian = "little") {
            to.copy_from_slice(numbers);
            return self;
        }
        let mut i = 0;
        while i < numbers.len() {
            // The four bytes of each number the other way round.
            to[i ^ 3] = numbers[i];
            i += 1;
        }
        self
    }

    /// The block of weights.
    #[must_use]
    pub const fn get<M: Block>(&self) -> &M {
        const { assert!(BYTES == size_of::<M>() && BYTES == M::FLOATS * size_of::<f32>(), "weights of another block") };
        // SAFETY: the bytes are as many as `M` has, aligned to more than `f32` is; by the contract of `Block` a value is
        // floats without padding, and any bytes are floats.
        unsafe { &*(&raw const self.0).cast::<M>() }
    }
}
