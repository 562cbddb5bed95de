//! Rounding, of every instruction set: all numbers of a format, the middle between each and the next, and the floats beside that.
//!
//! What is expected comes from the numbers of the format, which are counted here by their definition.

use keras_kernels::Isa;
use keras_kernels::round::{self, Precision, scalar};

/// The positive numbers of a format of so many bits for the exponent and behind it for the digits, in their order, and what follows
/// the largest.
fn numbers(exponents: u32, digits: u32) -> Vec<f64> {
    let lowest = 2 - (1 << (exponents - 1));
    let of_exponent = |e: i32| {
        (0..1 << digits).map(move |fraction: u32| {
            let fraction = f64::from(fraction) / f64::from(1 << digits);
            if e == 0 { fraction * 2f64.powi(lowest) } else { (1.0 + fraction) * 2f64.powi(lowest + e - 1) }
        })
    };
    let past = 2f64.powi(1 << (exponents - 1));
    (0..(1 << exponents) - 1).flat_map(of_exponent).chain([past]).collect()
}

/// Floats and what each is rounded to.
fn cases(numbers: &[f64]) -> Vec<(f32, f32)> {
    let last = numbers.len() - 1;
    let float = |i: usize| if i == last { f32::INFINITY } else { numbers[i] as f32 };
    let mut cases = Vec::new();
    for i in 0..last {
        let (below, above) = (float(i), float(i + 1));
        let middle = ((numbers[i] + numbers[i + 1]) / 2.0) as f32;
        let even = if i % 2 == 0 { below } else { above };
        cases.extend([(below, below), (middle, even), (middle.next_down(), below), (middle.next_up(), above)]);
    }
    cases.push((f32::MAX, f32::INFINITY));
    cases.push((f32::INFINITY, f32::INFINITY));
    let negative: Vec<_> = cases.iter().map(|&(x, y)| (-x, -y)).collect();
    cases.extend(negative);
    cases
}

#[test]
fn the_nearest_number_and_of_two_the_even_one() {
    for (to, numbers) in [(Precision::Bfloat16, numbers(8, 7)), (Precision::Float16, numbers(5, 10))] {
        let cases = cases(&numbers);
        let (x, expected): (Vec<f32>, Vec<f32>) = cases.iter().copied().unzip();
        for isa in Isa::available() {
            let (mut y, mut in_place, mut sum) = (vec![0.0; x.len()], x.clone(), vec![1.0; x.len()]);
            round::forward(isa, &mut y, Some(&x), to);
            round::forward(isa, &mut in_place, None, to);
            round::backward(isa, &mut sum, Some(&x), to, true);
            for (i, &expected) in expected.iter().enumerate() {
                let what = format!("{:e} in {to:?} on {isa:?}", x[i]);
                assert_eq!(y[i].to_bits(), expected.to_bits(), "{what}: {:e}, expected {expected:e}", y[i]);
                assert_eq!(in_place[i].to_bits(), expected.to_bits(), "{what}, in place");
                assert_eq!(sum[i].to_bits(), (1.0 + expected).to_bits(), "{what}, added");
            }
        }
        for (x, y) in cases {
            assert_eq!(scalar::rounded(f64::from(x), to), f64::from(y), "{x:e} in {to:?} in f64");
        }
    }
}

#[test]
fn what_is_no_number_stays_so() {
    for isa in Isa::available() {
        for to in [Precision::Bfloat16, Precision::Float16] {
            // A NaN whose last bits alone say so would become infinite without them.
            let mut y = [f32::NAN, -f32::NAN, f32::from_bits(0x7f80_0001), f32::from_bits(0xffff_ffff)];
            round::forward(isa, &mut y, None, to);
            assert!(y.iter().all(|y| y.is_nan()), "{y:?} on {isa:?}");
        }
    }
}
