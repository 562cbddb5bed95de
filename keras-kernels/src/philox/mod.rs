//! Random numbers by seed and index: Philox4x32-10.
//!
//! A block cipher over a counter (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011). A
//! number depends on its [`Key`] and its index alone, so numbers can be drawn in any order, by any thread or device.
//!
//! Index i of a key lies in word `i / 16 mod 4` of block `i / 64 · 16 + i mod 16`: 16 indices in a row are one word of 16
//! blocks in a row, which is what vectors want. The counter of a block is made of
//!
//! | word | holds |
//! |---|---|
//! | 0 | the block's number, low half |
//! | 1 | bits 32 to 47 of the block's number, and above them bits 32 to 47 of the step |
//! | 2 | the step, low half |
//! | 3 | the stream |
//!
//! and the cipher's key is the seed. Steps and blocks beyond 2⁴⁸ begin anew.

use core::f64::consts::TAU;

/// Which sequence of random numbers is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Key {
    /// The user's seed.
    pub seed: u64,
    /// The training step, or what else counts the draws from one stream.
    pub step: u64,
    /// The layer, or what else draws apart from others.
    pub stream: u32,
}

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// The cipher: four random words from a counter and a key.
///
/// ```
/// // From the known answers of Random123, the authors' own library.
/// assert_eq!(keras_kernels::philox::block([0; 4], [0; 2]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
/// ```
#[inline(always)]
#[must_use]
pub const fn block(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut a, mut b, mut c, mut d] = counter;
    let [mut k, mut l] = key;
    let mut round = 0;
    while round < 10 {
        let p = MULTIPLIERS[0] as u64 * a as u64;
        let q = MULTIPLIERS[1] as u64 * c as u64;
        [a, b, c, d] = [(q >> 32) as u32 ^ b ^ k, q as u32, (p >> 32) as u32 ^ d ^ l, p as u32];
        k = k.wrapping_add(WEYL[0]);
        l = l.wrapping_add(WEYL[1]);
        round += 1;
    }
    [a, b, c, d]
}

impl Key {
    /// The counter of a block of this key; the cipher's key is [`Key::cipher`].
    #[inline(always)]
    const fn counter(self, block: u64) -> [u32; 4] {
        let high = (block >> 32) as u32 & 0xFFFF | ((self.step >> 32) as u32) << 16;
        [block as u32, high, self.step as u32, self.stream]
    }

    #[inline(always)]
    const fn cipher(self) -> [u32; 2] {
        [self.seed as u32, (self.seed >> 32) as u32]
    }

    #[inline]
    const fn block(self, index: u64) -> [u32; 4] {
        block(self.counter(index), self.cipher())
    }
}

/// The 32 random bits of an index.
#[inline]
#[must_use]
pub const fn bits(key: Key, index: u64) -> u32 {
    key.block(index / 64 * 16 + index % 16)[(index / 16 % 4) as usize]
}

/// The uniformly distributed number of an index: a multiple of 2⁻²⁴ in [0, 1).
#[inline]
#[must_use]
pub const fn uniform(key: Key, index: u64) -> f32 {
    from_bits(bits(key, index))
}

/// The number from the normal distribution of mean 0 and deviation 1 of an index, by Box and Muller's method: its word of
/// the block and the one beside it give two, of which the even word has the one with the cosine.
#[must_use]
pub fn normal(key: Key, index: u64) -> f64 {
    let word = (index / 16 % 4) as usize;
    let words = key.block(index / 64 * 16 + index % 16);
    let (u, v) = (from_bits(words[word & !1]), from_bits(words[word | 1]));
    // 1 − u is never 0, whose logarithm is infinite.
    let radius = libm::sqrt(-2.0 * libm::log(1.0 - f64::from(u)));
    let angle = TAU * f64::from(v);
    radius * if word & 1 == 0 { libm::cos(angle) } else { libm::sin(angle) }
}

/// Blocks that are drawn together.
const BLOCKS: usize = 16;

/// Indices whose random bits are drawn together: the four words of these blocks.
pub(crate) const GROUP: usize = 4 * BLOCKS;

/// The random bits of the indices `64 · group` and on.
///
/// Each word is kept in the low half of a lane of 64 bits, where a product of two of them needs no shuffles; what the upper
/// half holds does not count.
#[inline(always)]
pub(crate) fn group(key: Key, group: u64) -> [[u32; BLOCKS]; 4] {
    let [low, high, step, stream] = key.counter(group.wrapping_mul(BLOCKS as u64)).map(u64::from);
    let (mut a, mut b, mut c, mut d) = ([0; BLOCKS], [high; BLOCKS], [step; BLOCKS], [stream; BLOCKS]);
    // A group's blocks begin at a multiple of 16: only the lowest word differs.
    for i in 0..BLOCKS {
        a[i] = low + i as u64;
    }
    let [mut k, mut l] = key.cipher();
    for _ in 0..10 {
        for i in 0..BLOCKS {
            let p = u64::from(MULTIPLIERS[0]) * (a[i] & 0xFFFF_FFFF);
            let q = u64::from(MULTIPLIERS[1]) * (c[i] & 0xFFFF_FFFF);
            a[i] = (q >> 32) ^ b[i] ^ u64::from(k);
            c[i] = (p >> 32) ^ d[i] ^ u64::from(l);
            b[i] = q;
            d[i] = p;
        }
        k = k.wrapping_add(WEYL[0]);
        l = l.wrapping_add(WEYL[1]);
    }
    let mut words = [[0; BLOCKS]; 4];
    for (to, from) in words.iter_mut().zip([&a, &b, &c, &d]) {
        for i in 0..BLOCKS {
            to[i] = from[i] as u32;
        }
    }
    words
}

#[inline(always)]
pub(crate) const fn from_bits(bits: u32) -> f32 {
    // The cast through i32 is one instruction where that from u32 is several; the value has 24 bits.
    (bits >> 8) as i32 as f32 * (1.0 / 16_777_216.0)
}

/// Random numbers one after the other.
///
/// ```
/// use keras_kernels::philox::{Key, Philox};
/// let draw = || Philox::new(Key { seed: 3, step: 0, stream: 1 });
/// assert_eq!(draw().normal(), draw().normal());
/// assert!((0..100).all(|_| draw().below(6) < 6));
/// ```
#[derive(Clone, Debug)]
pub struct Philox {
    key: Key,
    /// The next block.
    next: u64,
    words: [u32; 4],
    /// How many of `words` are used up.
    used: usize,
}

impl Philox {
    /// The sequence of a key, from its beginning.
    #[must_use]
    pub const fn new(key: Key) -> Philox {
        Philox { key, next: 0, words: [0; 4], used: 4 }
    }

    /// 32 random bits.
    #[inline]
    pub fn next_u32(&mut self) -> u32 {
        if self.used == 4 {
            self.words = self.key.block(self.next);
            self.next = self.next.wrapping_add(1);
            self.used = 0;
        }
        self.used += 1;
        self.words[self.used - 1]
    }

    /// 64 random bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        u64::from(self.next_u32()) | u64::from(self.next_u32()) << 32
    }

    /// A uniformly distributed multiple of 2⁻²⁴ in [0, 1).
    #[inline]
    pub fn uniform(&mut self) -> f32 {
        from_bits(self.next_u32())
    }

    /// A uniformly distributed multiple of 2⁻⁵³ in [0, 1).
    #[inline]
    pub fn uniform_f64(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// A number from the normal distribution of mean 0 and deviation 1, by Box and Muller's method.
    pub fn normal(&mut self) -> f64 {
        // 1 − u is never 0, whose logarithm is infinite.
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform_f64()));
        radius * libm::cos(TAU * self.uniform_f64())
    }

    /// A uniformly distributed whole number less than `n`, each exactly equally likely (Lemire's method); 0 where `n` is
    /// 0.
    pub fn below(&mut self, n: u64) -> u64 {
        let mut product = u128::from(self.next_u64()) * u128::from(n);
        if (product as u64) < n {
            let unfair = n.wrapping_neg() % n;
            while (product as u64) < unfair {
                product = u128::from(self.next_u64()) * u128::from(n);
            }
        }
        (product >> 64) as u64
    }

    /// Shuffles a slice (Fisher and Yates's method); each order is equally likely.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;

    /// From `kat_vectors` of Random123.
    #[test]
    fn known_answers() {
        assert_eq!(block([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(block([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            block([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn keys_and_indices_differ() {
        let mut all: Vec<u32> = Vec::new();
        for seed in [0, 1, 1 << 32] {
            for step in [0, 1, 1 << 32, 1 << 47] {
                for stream in [0, 1] {
                    for index in [0, 1, 15, 16, 63, 64, 1 << 33, 1 << 40, 1 << 49] {
                        all.push(bits(Key { seed, step, stream }, index));
                    }
                }
            }
        }
        let len = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), len);
    }

    #[test]
    fn distributions() {
        let mut philox = Philox::new(Key { seed: 1, step: 2, stream: 3 });
        let n = 200_000;
        let draws: Vec<f64> = (0..n).map(|_| philox.normal()).collect();
        let moment = |p| draws.iter().map(|x: &f64| x.powi(p)).sum::<f64>() / f64::from(n);
        // Five standard errors of each moment.
        for (p, expected, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
            let error: f64 = variance / f64::from(n);
            assert!((moment(p) - expected).abs() < 5.0 * error.sqrt(), "moment {p}: {}", moment(p));
        }
        let mut counts = [0.0; 6];
        (0..n).for_each(|_| counts[philox.below(6) as usize] += 1.0);
        let expected = f64::from(n) / 6.0;
        let chi2: f64 = counts.iter().map(|c: &f64| (c - expected).powi(2) / expected).sum();
        assert!(chi2 < 20.5, "chi² of five degrees of freedom: {chi2}");
        let key = Key { seed: 4, step: 1, stream: 0 };
        let draws: Vec<f64> = (0..n as u64).map(|i| normal(key, i)).collect();
        let moment = |p| draws.iter().map(|x: &f64| x.powi(p)).sum::<f64>() / f64::from(n);
        for (p, expected, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
            let error: f64 = variance / f64::from(n);
            assert!((moment(p) - expected).abs() < 5.0 * error.sqrt(), "moment {p} by index: {}", moment(p));
        }
        // The two numbers of a pair have nothing to do with each other.
        let together = (0..n as usize).filter(|i| i % 32 < 16).map(|i| draws[i] * draws[i + 16]).sum::<f64>();
        assert!((2.0 * together / f64::from(n)).abs() < 5.0 * (2.0 / f64::from(n)).sqrt(), "{together}");
        let key = Key::default();
        let mean = (0..u64::from(n as u32)).map(|i| f64::from(uniform(key, i))).sum::<f64>() / f64::from(n);
        assert!((mean - 0.5).abs() < 5.0 * (1.0 / 12.0 / f64::from(n)).sqrt());
    }

    #[test]
    fn a_shuffle_keeps_everything() {
        let mut items: Vec<usize> = (0..1000).collect();
        Philox::new(Key::default()).shuffle(&mut items);
        assert!(items.iter().enumerate().any(|(i, &item)| i != item));
        items.sort_unstable();
        assert!(items.iter().enumerate().all(|(i, &item)| i == item));
    }
}
