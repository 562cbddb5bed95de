use super::*;
use crate::Isa;
use crate::dispatch::per_isa;
use crate::lanes::{Function, map};

#[path = "../../tests/common/oracle.rs"]
mod oracle;

/// Each function as kernels call it: compiled for an instruction set, over many elements.
macro_rules! bodies {
    ($($name:ident: $f:expr;)*) => {
        mod bodies {
            use super::*;

            $(
                #[inline(always)]
                pub(super) fn $name(x: &mut [f32]) {
                    #[derive(Clone, Copy)]
                    struct F;
                    impl Function for F {
                        #[inline(always)]
                        fn of(self, x: f32) -> f32 {
                            $f(x)
                        }
                    }
                    map(x, None, F);
                }
            )*
        }

        $(
            fn $name(isa: Isa, x: &mut [f32]) {
                per_isa!(isa, bodies::$name(x: &mut [f32]), bodies::$name)
            }
        )*
    };
}

bodies! {
    exponential: exp;
    exponential_or_0: exp_or_0;
    exponential_m1: exp_m1;
    logarithm_1p: ln_1p;
    logarithm: ln;
    tangent: tanh;
    logistic: sigmoid;
    logistic_again: |x| sigmoid_and_slope(x).0;
    logistic_slope: |x| sigmoid_and_slope(x).1;
    cumulative: |x| normal(x).0;
    density: |x| normal(x).1;
}

/// A stated error: of the values from `from` to `to`, and of their negatives if those are `signed`.
struct Stated {
    name: &'static str,
    f: fn(Isa, &mut [f32]),
    exact: fn(f64) -> f64,
    from: f32,
    to: f32,
    signs: &'static [f32],
    /// The largest error in ulp.
    ulp: f64,
    /// What values that are less may be off by.
    absolute: f64,
}

/// From one float to the next that is looked at: a prime, so that all patterns of low bits come.
const STEP: usize = 257;

/// Those for which the functions are made; scalar bodies call libm.
fn sets() -> Vec<Isa> {
    Isa::available().filter(|&isa| isa != Isa::SCALAR).collect()
}

/// The largest error of each instruction set among those that are not within `absolute`, and where it is.
fn worst(stated: &Stated) -> Vec<(f64, f32)> {
    let sets = sets();
    let mut worst = vec![(0.0, 0.0); sets.len()];
    let (mut x, mut exact, mut y) = (Vec::new(), Vec::new(), Vec::new());
    let range = stated.from.to_bits()..=stated.to.to_bits();
    // The steps may pass over the thresholds, the ends and their neighbours.
    let thresholds = [1.0_f32, 13.22, 14.0, 20.0, 87.336_54, 88.0, 88.722_84, 89.0, 103.972, 104.0, stated.to];
    let near = thresholds.into_iter().flat_map(|t| t.to_bits() - 300..=t.to_bits() + 300);
    for &sign in stated.signs {
        let all = range.clone().step_by(STEP).chain(near.clone().filter(|bits| range.contains(bits)));
        let mut all = all.map(|bits| f32::from_bits(bits) * sign).peekable();
        while all.peek().is_some() {
            x.clear();
            x.extend(all.by_ref().take(1 << 12));
            exact.clear();
            exact.extend(x.iter().map(|&x| (stated.exact)(f64::from(x))));
            for (&isa, worst) in sets.iter().zip(&mut worst) {
                y.clone_from(&x);
                (stated.f)(isa, &mut y);
                for ((&x, &y), &exact) in x.iter().zip(&y).zip(&exact) {
                    if f64::from(y) == f64::from(exact as f32) || (f64::from(y) - exact).abs() <= stated.absolute {
                        continue;
                    }
                    let error = (f64::from(y) - exact).abs() / oracle::ulp(exact);
                    if error > worst.0 || error.is_nan() {
                        *worst = (error, x);
                    }
                }
            }
        }
    }
    worst
}

const BOTH: &[f32] = &[1.0, -1.0];
const POSITIVE: &[f32] = &[1.0];
const NEGATIVE: &[f32] = &[-1.0];

/// What is said of each function, where it says it.
fn stated() -> Vec<Stated> {
    let all = Stated {
        name: "",
        f: exponential,
        exact: f64::exp,
        from: 0.0,
        to: f32::MAX,
        signs: BOTH,
        ulp: 1.0,
        absolute: 0.0,
    };
    // What is 0 because eˣ is subnormal.
    let flushed = f64::from(f32::MIN_POSITIVE);
    let slope = |x| oracle::sigmoid(x) * oracle::sigmoid(-x);
    vec![
        Stated { name: "exp", ..all },
        Stated { name: "exp_or_0", f: exponential_or_0, to: 88.0, absolute: flushed, ..all },
        Stated { name: "exp_or_0", f: exponential_or_0, signs: NEGATIVE, absolute: flushed, ..all },
        Stated { name: "exp_m1", f: exponential_m1, exact: f64::exp_m1, signs: NEGATIVE, ulp: 1.5, ..all },
        Stated { name: "ln_1p", f: logarithm_1p, exact: f64::ln_1p, to: 1.0, signs: POSITIVE, ulp: 2.0, ..all },
        Stated { name: "ln", f: logarithm, exact: f64::ln, from: f32::MIN_POSITIVE, signs: POSITIVE, ulp: 2.0, ..all },
        Stated { name: "tanh", f: tangent, exact: f64::tanh, ulp: 3.0, ..all },
        Stated { name: "sigmoid", f: logistic, exact: oracle::sigmoid, ulp: 2.5, absolute: flushed, ..all },
        Stated {
            name: "sigmoid, with slope",
            f: logistic_again,
            exact: oracle::sigmoid,
            ulp: 4.0,
            absolute: flushed,
            ..all
        },
        Stated { name: "slope of sigmoid", f: logistic_slope, exact: slope, ulp: 5.0, absolute: flushed, ..all },
        Stated { name: "Φ", f: cumulative, exact: oracle::cumulative, signs: POSITIVE, ulp: 4.0, ..all },
        Stated {
            name: "Φ",
            f: cumulative,
            exact: oracle::cumulative,
            signs: NEGATIVE,
            ulp: 7.0,
            absolute: flushed,
            ..all
        },
        Stated { name: "φ", f: density, exact: oracle::density, ulp: 3.0, absolute: flushed, ..all },
    ]
}

#[test]
fn errors_over_all_exponents() {
    let mut beyond = Vec::new();
    for stated in stated() {
        for (isa, (error, at)) in sets().into_iter().zip(worst(&stated)) {
            println!("{isa:?} {}: {error:.3} ulp at {at:e}, stated {}", stated.name, stated.ulp);
            if error > stated.ulp || error.is_nan() {
                beyond.push(format!("{isa:?} {}: {error} ulp at {at:e}", stated.name));
            }
        }
    }
    assert!(beyond.is_empty(), "{beyond:#?}");
}

#[test]
fn turns() {
    for i in 0..1 << 20 {
        let turns = i as f32 / (1 << 20) as f32;
        let angle = f64::from(turns) * core::f64::consts::TAU;
        let (sine, cosine) = turn(turns);
        assert!((f64::from(sine) - angle.sin()).abs() < 4e-7, "sine of {turns} turns");
        assert!((f64::from(cosine) - angle.cos()).abs() < 4e-7, "cosine of {turns} turns");
    }
}

#[test]
fn special_values() {
    let (inf, none) = (f32::INFINITY, f32::NEG_INFINITY);
    for isa in sets() {
        let of = |f: fn(Isa, &mut [f32]), x: &[f32]| {
            let mut y = x.to_vec();
            f(isa, &mut y);
            y
        };
        for Stated { name, f, .. } in stated() {
            assert!(of(f, &[f32::NAN, -f32::NAN]).iter().all(|y| y.is_nan()), "{isa:?} {name}");
        }
        assert!(of(logarithm, &[inf, none, 0.0, -0.0, -1.0]).iter().all(|y| y.is_nan()));
        assert_eq!(of(exponential, &[inf, none, 0.0, -0.0]), [inf, 0.0, 1.0, 1.0]);
        assert_eq!(of(exponential_or_0, &[none, 0.0, -0.0]), [0.0, 1.0, 1.0]);
        assert_eq!(of(exponential_m1, &[none, 0.0]), [-1.0, 0.0]);
        assert_eq!(of(logarithm_1p, &[0.0]), [0.0]);
        assert_eq!(of(logarithm, &[1.0]), [0.0]);
        assert_eq!(of(tangent, &[inf, none, 0.0]), [1.0, -1.0, 0.0]);
        assert!(of(tangent, &[-0.0])[0].is_sign_negative());
        assert_eq!(of(logistic, &[inf, none, 0.0, -0.0]), [1.0, 0.0, 0.5, 0.5]);
        assert_eq!(of(logistic_again, &[inf, none, 0.0]), [1.0, 0.0, 0.5]);
        assert_eq!(of(logistic_slope, &[inf, none, 0.0]), [0.0, 0.0, 0.25]);
        assert_eq!(of(cumulative, &[inf, none]), [1.0, 0.0]);
        assert_eq!(of(density, &[inf, none]), [0.0, 0.0]);
    }
}
