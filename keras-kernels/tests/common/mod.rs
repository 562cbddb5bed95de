//! What the tests of kernels share: guarded memory, random numbers, comparison.
#![allow(dead_code)] // No test file uses all of it.

pub(crate) mod acts;
#[cfg(unix)]
pub(crate) mod fence;
pub(crate) mod oracle;

use keras_kernels::philox::{Key, Philox};

/// Half a unit in the last place of 1.
pub(crate) const EPSILON: f64 = 1.0 / 16_777_216.0;

/// Below, at and above multiples of vectors.
pub(crate) const LENGTHS: [usize; 14] = [0, 1, 2, 7, 15, 16, 17, 63, 64, 65, 127, 131, 256, 1009];

/// Floats that belong to nobody on either side of guarded memory.
const GUARD: usize = 67;

/// A NaN that no arithmetic makes: whatever reads it shows, and whatever writes over it.
const CANARY: u32 = 0x7FC5_A5A5;

/// Floats between canaries, at any alignment.
pub(crate) struct Guarded {
    memory: Vec<f32>,
    at: usize,
    len: usize,
}

impl Guarded {
    /// These values, `shift` floats off from where an allocation begins.
    pub(crate) fn new(values: &[f32], shift: usize) -> Guarded {
        let at = GUARD + shift;
        let mut memory = vec![f32::from_bits(CANARY); at + values.len() + GUARD];
        memory[at..at + values.len()].copy_from_slice(values);
        Guarded { memory, at, len: values.len() }
    }

    /// The values, after a look at the canaries.
    pub(crate) fn get(&self) -> &[f32] {
        let (before, rest) = self.memory.split_at(self.at);
        let (values, behind) = rest.split_at(self.len);
        assert!(before.iter().chain(behind).all(|v| v.to_bits() == CANARY), "a kernel wrote beyond its slice");
        values
    }

    pub(crate) fn get_mut(&mut self) -> &mut [f32] {
        &mut self.memory[self.at..][..self.len]
    }
}

/// Random numbers from −1 to 1.
pub(crate) struct Random(Philox);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(Philox::new(Key { seed, ..Key::default() }))
    }

    pub(crate) fn floats(&mut self, len: usize) -> Vec<f32> {
        (0..len).map(|_| self.0.uniform() * 2.0 - 1.0).collect()
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0.below(n as u64) as usize
    }
}

pub(crate) fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x)).collect()
}

/// Asserts |got − expected| ≤ bound for every element; NaN and infinities must be the same.
pub(crate) fn close(what: &str, got: &[f32], expected: &[f64], bound: impl Fn(usize) -> f64) {
    assert_eq!(got.len(), expected.len(), "{what}");
    for (i, (&got, &expected)) in got.iter().zip(expected).enumerate() {
        let got = f64::from(got);
        let same = got == expected || got.is_nan() && expected.is_nan();
        let error = (got - expected).abs();
        assert!(same || error <= bound(i), "{what}: element {i} is {got}, not {expected} ({error:e} > {:e})", bound(i));
    }
}

/// Asserts that two results have the same bits.
pub(crate) fn same_bits(what: &str, a: &[f32], b: &[f32]) {
    assert_eq!(a.len(), b.len(), "{what}");
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!(a.to_bits() == b.to_bits(), "{what}: element {i} is {a} and {b}");
    }
}
