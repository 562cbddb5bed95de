//! What matrix products multiply.

use super::launch::Launch;
use super::memory::Span;
use super::reference::Memory;
use crate::model::graph::Precision;

/// What a product multiplies: its factors as they are, or rounded, by tensor cores. Products are added up in f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Math {
    /// Factors as they are.
    Float32,
    /// Factors rounded to TF32, the floats with 10 digits behind the first.
    TensorFloat32,
    /// Factors that are numbers of bfloat16.
    Bfloat16,
    /// Factors that are numbers of half precision.
    Float16,
}

impl Math {
    /// Its word in `words.cuh`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Math::Float32 => "FLOAT32",
            Math::TensorFloat32 => "TENSOR_FLOAT32",
            Math::Bfloat16 => "BFLOAT16",
            Math::Float16 => "FLOAT16",
        }
    }

    /// Factors of a product, as it multiplies them: those of 16 bits are as they should be.
    pub(super) fn factors(self, memory: &Memory, factors: [Span; 2]) -> [Vec<f32>; 2] {
        let mut factors = factors.map(|factor| memory.f32(factor));
        if self == Math::TensorFloat32 {
            factors.iter_mut().flatten().for_each(|x| *x = tf32(*x));
        }
        factors
    }
}

/// A number rounded to TF32: to the nearest, away from 0 of two that are equally near, as `cvt.rna.tf32.f32` of the PTX ISA does it.
fn tf32(x: f32) -> f32 {
    const DROPPED: u32 = f32::MANTISSA_DIGITS - 1 - 10;
    let half = 1 << (DROPPED - 1);
    if x.is_finite() { f32::from_bits((x.to_bits() + half) >> DROPPED << DROPPED) } else { x }
}

/// What the products of a device multiply.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Products {
    /// Whether it has tensor cores that know all of [`Math`].
    pub(crate) tensor_cores: bool,
    /// Whether products of floats that are not rounded are those of TF32.
    pub(crate) tf32: bool,
}

impl Products {
    /// What a product of factors of these precisions multiplies.
    pub(super) fn of(self, factors: [Precision; 2]) -> Math {
        match factors {
            _ if !self.tensor_cores => Math::Float32,
            [Precision::Bfloat16, Precision::Bfloat16] => Math::Bfloat16,
            [Precision::Float16, Precision::Float16] => Math::Float16,
            _ if self.tf32 => Math::TensorFloat32,
            _ => Math::Float32,
        }
    }
}

/// What is known of the numbers that a launch writes, unless it is elementwise work, whose steps tell.
#[derive(Clone, Debug, Default)]
pub(crate) enum Gives {
    /// Nothing.
    #[default]
    Any,
    /// They are numbers from there, or 0 or 1.
    From(Vec<Span>),
}

impl Launch {
    /// Says that what it writes are numbers of these spans, or 0 or 1, unless they are added to what is there.
    pub(super) fn moves(mut self, from: &[Span], acc: bool) -> Launch {
        self.gives = if acc { Gives::Any } else { Gives::From(from.to_vec()) };
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tf32_is_the_nearest_of_ten_digits() {
        let ulp = 1.0 / 1024.0;
        let cases = [
            (0.1, 0.099_975_586),
            (1.0 + 0.49 * ulp, 1.0),
            (1.0 + 0.5 * ulp, 1.0 + ulp),
            (-1.0 - 0.5 * ulp, -1.0 - ulp),
            (1.0 + 1.5 * ulp, 1.0 + 2.0 * ulp),
            (2.0 - 0.5 * ulp, 2.0),
            // Nine times the smallest number of TF32, 2⁻¹³⁶.
            (1e-40, f32::from_bits(9 << 13)),
            (f32::MAX, f32::INFINITY),
            (-0.0, 0.0),
            (f32::NEG_INFINITY, f32::NEG_INFINITY),
        ];
        for (x, rounded) in cases {
            assert_eq!(tf32(x), rounded, "{x}");
        }
        assert!(tf32(f32::NAN).is_nan());
    }

    #[test]
    fn products_are_of_what_both_factors_are() {
        use Precision::{Bfloat16, Float16, Float32};
        let [plain, tf32] = [false, true].map(|tf32| Products { tensor_cores: true, tf32 });
        assert_eq!(plain.of([Bfloat16; 2]), Math::Bfloat16);
        assert_eq!(tf32.of([Float16; 2]), Math::Float16);
        for mixed in [[Bfloat16, Float32], [Float16, Bfloat16], [Float32; 2]] {
            assert_eq!([plain.of(mixed), tf32.of(mixed)], [Math::Float32, Math::TensorFloat32]);
        }
        assert_eq!(Products { tensor_cores: false, tf32: true }.of([Bfloat16; 2]), Math::Float32);
    }
}
