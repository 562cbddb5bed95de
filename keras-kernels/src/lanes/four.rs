//! A vector of four floats, with instructions that every processor of its kind has.

#[cfg(target_arch = "aarch64")]
use core::arch::aarch64::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

#[cfg(target_arch = "aarch64")]
type Inner = float32x4_t;
#[cfg(target_arch = "x86_64")]
type Inner = __m128;

/// Four floats.
#[derive(Clone, Copy)]
pub(super) struct Four(Inner);

// SAFETY of all: every x86-64 has SSE2 and every AArch64 has NEON.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Four {
    #[inline(always)]
    pub(super) fn new(x: &[f32; 4]) -> Four {
        #[cfg(target_arch = "x86_64")]
        return Four(unsafe { _mm_loadu_ps(x.as_ptr()) });
        #[cfg(target_arch = "aarch64")]
        Four(unsafe { vld1q_f32(x.as_ptr()) })
    }

    #[inline(always)]
    pub(super) fn add(self, other: Four) -> Four {
        #[cfg(target_arch = "x86_64")]
        return Four(unsafe { _mm_add_ps(self.0, other.0) });
        #[cfg(target_arch = "aarch64")]
        Four(unsafe { vaddq_f32(self.0, other.0) })
    }

    /// The larger ones, where none is NaN.
    #[inline(always)]
    pub(super) fn larger(self, other: Four) -> Four {
        #[cfg(target_arch = "x86_64")]
        return Four(unsafe { _mm_max_ps(self.0, other.0) });
        #[cfg(target_arch = "aarch64")]
        Four(unsafe { vmaxq_f32(self.0, other.0) })
    }

    /// Those from the third on in the first places; anything behind them.
    #[inline(always)]
    pub(super) fn high(self) -> Four {
        #[cfg(target_arch = "x86_64")]
        return Four(unsafe { _mm_movehl_ps(self.0, self.0) });
        #[cfg(target_arch = "aarch64")]
        Four(unsafe { vextq_f32::<2>(self.0, self.0) })
    }

    /// The second in the first place; anything behind it.
    #[inline(always)]
    pub(super) fn second(self) -> Four {
        #[cfg(target_arch = "x86_64")]
        return Four(unsafe { _mm_shuffle_ps::<1>(self.0, self.0) });
        #[cfg(target_arch = "aarch64")]
        Four(unsafe { vextq_f32::<1>(self.0, self.0) })
    }

    #[inline(always)]
    pub(super) fn first(self) -> f32 {
        #[cfg(target_arch = "x86_64")]
        return unsafe { _mm_cvtss_f32(self.0) };
        #[cfg(target_arch = "aarch64")]
        unsafe {
            vgetq_lane_f32::<0>(self.0)
        }
    }
}
