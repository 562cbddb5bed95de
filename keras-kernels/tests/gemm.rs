//! Matrix products of every instruction set at their edges, against sums in `f64`.
//!
//! The bound is that of a sum in any order: with d terms, |error| ≤ (d + 2) · ε · Σ|terms|, ε = 2⁻²⁴.

mod common;

#[cfg(unix)]
use common::fence::{Fenced, Side};
use common::{EPSILON, Random, close, same_bits, wide};
use keras_kernels::Isa;
use keras_kernels::gemm::{Factor, gemm, gemm_scratch, scalar};

/// One product: its sizes, the operands as they lie in memory, what C holds before.
struct Case {
    m: usize,
    n: usize,
    k: usize,
    transposed: (bool, bool),
    acc: bool,
    a: Vec<f32>,
    b: Vec<f32>,
    before: Vec<f32>,
}

fn factor<R>(x: &[R], transposed: bool) -> Factor<'_, R> {
    if transposed { Factor::Transposed(x) } else { Factor::Plain(x) }
}

impl Case {
    /// Which operands are transposed and whether C is added to comes from the bits of `kind`.
    fn new(random: &mut Random, m: usize, n: usize, k: usize, kind: usize) -> Case {
        let (a, b, before) = (random.floats(m * k), random.floats(k * n), random.floats(m * n));
        Case { m, n, k, transposed: (kind & 1 != 0, kind & 2 != 0), acc: kind & 4 != 0, a, b, before }
    }

    fn name(&self, isa: Isa) -> String {
        format!("{isa:?} {}×{}×{} transposed {:?} acc {}", self.m, self.n, self.k, self.transposed, self.acc)
    }

    /// The product and the sum of the magnitudes of its terms.
    fn expected(&self) -> (Vec<f64>, Vec<f64>) {
        let (m, n, k) = (self.m, self.n, self.k);
        let (mut sums, mut magnitudes) = (vec![0.0; m * n], vec![0.0; m * n]);
        for i in 0..m {
            for j in 0..n {
                let at = i * n + j;
                let mut add = |term: f64| {
                    sums[at] += term;
                    magnitudes[at] += term.abs();
                };
                if self.acc {
                    add(f64::from(self.before[at]));
                }
                for p in 0..k {
                    let a = self.a[if self.transposed.0 { p * m + i } else { i * k + p }];
                    let b = self.b[if self.transposed.1 { j * k + p } else { p * n + j }];
                    add(f64::from(a) * f64::from(b));
                }
            }
        }
        (sums, magnitudes)
    }

    fn run(&self, isa: Isa, c: &mut [f32], a: &[f32], b: &[f32], tmp: &mut [f32]) {
        let (a, b) = (factor(a, self.transposed.0), factor(b, self.transposed.1));
        gemm(isa, c, a, b, self.m, self.n, self.k, self.acc, tmp);
    }

    /// Checks it with operands one float off from where an allocation begins, by every instruction set.
    fn check(&self) {
        let (expected, magnitudes) = self.expected();
        let off = |x: &[f32]| [&[f32::NAN], x].concat();
        let (a, b) = (off(&self.a), off(&self.b));
        for isa in Isa::available() {
            let mut c = off(&self.before);
            let mut tmp = vec![f32::NAN; gemm_scratch(self.m, self.n, self.k)];
            self.run(isa, &mut c[1..], &a[1..], &b[1..], &mut tmp);
            close(&self.name(isa), &c[1..], &expected, |i| (self.k + 2) as f64 * EPSILON * magnitudes[i]);
        }
    }
}

#[test]
fn every_small_size() {
    let mut random = Random::new(20);
    let mut kind = 0;
    for m in (0..=14).chain([25, 49]) {
        for n in [0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 79, 96, 127, 129, 143] {
            for k in [0, 1, 3, 4, 5, 13] {
                Case::new(&mut random, m, n, k, kind).check();
                kind += 1;
            }
        }
    }
}

/// Sizes at which blocks begin and operands are copied.
#[test]
fn blocks_and_copies() {
    let mut random = Random::new(21);
    for (m, n, k) in [
        (255, 65, 64),
        (257, 66, 65),
        (259, 511, 40),
        (256, 272, 40),
        (256, 512, 33),
        (263, 529, 70),
        (30, 256, 512),
        (31, 257, 513),
        (258, 300, 512),
        (3, 40, 1030),
        (270, 600, 515),
        (1, 130, 700),
        (50, 1030, 40),
        (2, 20, 1100),
    ] {
        for kind in 0..8 {
            Case::new(&mut random, m, n, k, kind).check();
        }
    }
}

#[cfg(unix)]
#[test]
fn nothing_beyond_the_operands_is_touched() {
    let mut random = Random::new(22);
    let mut sizes = vec![(1, 1, 1), (0, 5, 3), (5, 0, 3), (5, 3, 0), (32, 64, 128), (257, 515, 70), (49, 33, 513)];
    sizes.extend((0..120).map(|_| (random.below(30), random.below(150), random.below(80))));
    for (i, (m, n, k)) in sizes.into_iter().enumerate() {
        let case = Case::new(&mut random, m, n, k, i);
        let (expected, magnitudes) = case.expected();
        for isa in Isa::available() {
            for side in [Side::Before, Side::Behind] {
                let (a, b) = (Fenced::new(&case.a, side), Fenced::new(&case.b, side));
                let mut c = Fenced::new(&case.before, side);
                let mut tmp = Fenced::new(&vec![f32::NAN; gemm_scratch(m, n, k)], side);
                case.run(isa, c.get_mut(), a.get(), b.get(), tmp.get_mut());
                close(&case.name(isa), c.get(), &expected, |i| (k + 2) as f64 * EPSILON * magnitudes[i]);
            }
        }
    }
}

/// Neither the scratch nor the number of rows of a call changes the bits.
#[test]
fn bits_depend_on_neither_scratch_nor_rows() {
    let mut random = Random::new(23);
    for (m, n, k) in [(260, 520, 70), (70, 10, 600), (60, 30, 600), (50, 256, 530), (50, 1040, 20)] {
        for kind in 0..8 {
            let case = Case::new(&mut random, m, n, k, kind);
            for isa in Isa::available() {
                let run = |tmp: usize| {
                    let mut c = case.before.clone();
                    case.run(isa, &mut c, &case.a, &case.b, &mut vec![0.0; tmp]);
                    c
                };
                let whole = run(gemm_scratch(m, n, k));
                let least = if case.transposed.1 { 64 * k.min(512) } else { 0 };
                same_bits(&case.name(isa), &run(least), &whole);
                if case.transposed.0 {
                    continue;
                }
                let mut c = case.before.clone();
                let mut tmp = vec![0.0; gemm_scratch(m, n, k)];
                for (c, a) in c.chunks_mut(23 * n).zip(case.a.chunks(23 * k)) {
                    let rows = Case { m: c.len() / n, a: Vec::new(), b: Vec::new(), before: Vec::new(), ..case };
                    rows.run(isa, c, a, &case.b, &mut tmp);
                }
                same_bits(&case.name(isa), &c, &whole);
            }
        }
    }
}

/// What is not a number, or infinite, comes through wherever it is, and nowhere else.
#[test]
fn nan_and_infinity_go_through() {
    let mut random = Random::new(24);
    for (m, n, k) in [(5, 21, 19), (50, 70, 40), (13, 10, 600)] {
        for kind in 0..8 {
            let mut case = Case::new(&mut random, m, n, k, kind);
            let at = |transposed: bool, row: usize, col: usize, rows: usize, cols: usize| {
                if transposed { col * rows + row } else { row * cols + col }
            };
            case.a[at(case.transposed.0, m - 1, k - 1, m, k)] = f32::NAN;
            case.b[at(case.transposed.1, 0, n - 1, k, n)] = f32::INFINITY;
            for isa in Isa::available() {
                let mut c = case.before.clone();
                case.run(isa, &mut c, &case.a, &case.b, &mut vec![0.0; gemm_scratch(m, n, k)]);
                for (i, c) in c.iter().enumerate() {
                    let (row, col) = (i / n, i % n);
                    assert_eq!(c.is_nan(), row == m - 1, "{}: row {row}, column {col} is {c}", case.name(isa));
                    assert_eq!(c.is_infinite(), row < m - 1 && col == n - 1, "{}: {row}, {col}", case.name(isa));
                }
            }
        }
    }
}

/// The oracle of other tests.
#[test]
fn the_scalar_body_is_right() {
    let mut random = Random::new(25);
    for kind in 0..8 {
        let case = Case::new(&mut random, 7, 9, 11, kind);
        let mut c = wide(&case.before);
        let (a, b) = (wide(&case.a), wide(&case.b));
        scalar::gemm(&mut c, factor(&a, case.transposed.0), factor(&b, case.transposed.1), 7, 9, 11, case.acc);
        for (c, expected) in c.iter().zip(case.expected().0) {
            assert!((c - expected).abs() < 1e-14, "{c} instead of {expected}");
        }
    }
}

#[test]
#[should_panic(expected = "A has 5 elements instead of 2 × 3")]
fn wrong_lengths_are_refused() {
    gemm(Isa::best(), &mut [0.0; 2], Factor::Plain(&[0.0; 5]), Factor::Plain(&[0.0; 3]), 2, 1, 3, false, &mut []);
}

#[test]
#[should_panic(expected = "elements instead of")]
fn sizes_whose_product_is_no_number_are_refused() {
    let half = 1 << (usize::BITS / 2);
    gemm(Isa::best(), &mut [], Factor::Plain(&[]), Factor::Plain(&[]), half, half, 0, false, &mut []);
}

#[test]
#[should_panic(expected = "no room to transpose")]
fn too_little_scratch_for_a_transpose_is_refused() {
    let (a, b) = ([0.0; 6], [0.0; 6]);
    gemm(Isa::best(), &mut [0.0; 4], Factor::Plain(&a), Factor::Transposed(&b), 2, 2, 3, false, &mut []);
}
