//! Functions of one number, with their derivatives.
//!
//! Formulas are those of Keras's activations of the same names. Where a function has a kink, its slope there is that of
//! the side which the formula of Keras takes; that of `relu`, `abs` and the shrinking functions at the kink is 0.

use super::{Number, Tensor};

/// A function and its slope.
pub trait Unary: Copy {
    /// The function.
    fn of<R: Number>(self, x: R) -> R;
    /// Its derivative at `x`, where it gave `y`.
    fn slope<R: Number>(self, x: R, y: R) -> R;
}

/// The function of each element.
#[inline]
pub fn map<T: Tensor>(f: impl Unary, x: T) -> T {
    x.each(move |x| x.apply(f))
}

/// dy · f′(x), where `f` gave `y`.
#[inline]
pub fn pull<T: Tensor>(f: impl Unary, x: T, y: T, dy: T) -> T {
    super::mul(x.both(y, move |x, y| f.slope(x, y)), dy)
}

macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident $(($($arg:ident),*))?: |$x:ident| $f:expr, |$y:ident| $slope:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name $(($(#[doc = stringify!($arg)] pub f64),*))?;

        impl Unary for $name {
            #[inline]
            fn of<R: Number>(self, $x: R) -> R {
                $(let $name($($arg),*) = self; $(let $arg = R::of($arg);)*)?
                $f
            }
            #[inline]
            #[allow(unused_variables)]
            fn slope<R: Number>(self, $x: R, $y: R) -> R {
                $(let $name($($arg),*) = self; $(let $arg = R::of($arg);)*)?
                $slope
            }
        }
    )*};
}

#[inline]
fn c<R: Number>(x: f64) -> R {
    R::of(x)
}

/// 1 where it holds, else 0.
#[inline]
fn when<R: Number>(condition: bool) -> R {
    if condition { R::ONE } else { R::ZERO }
}

#[inline]
fn clip<R: Number>(x: R, low: f64, high: f64) -> R {
    x.max(c(low)).min(c(high))
}

#[inline]
fn inside<R: Number>(x: R, low: f64, high: f64) -> R {
    when(x > c(low) && x < c(high))
}

#[inline]
fn sigmoid<R: Number>(x: R) -> R {
    R::ONE / (R::ONE + (-x).exp())
}

#[inline]
fn softplus<R: Number>(x: R) -> R {
    x.max(R::ZERO) + (-x.abs()).exp().ln_1p()
}

#[inline]
fn elu<R: Number>(x: R, alpha: R) -> R {
    if x > R::ZERO { x } else { alpha * x.exp_m1() }
}

#[inline]
fn elu_slope<R: Number>(x: R, alpha: R) -> R {
    if x > R::ZERO { R::ONE } else { alpha * x.exp() }
}

#[inline]
fn normal_cdf<R: Number>(x: R) -> R {
    c::<R>(0.5) * (R::ONE + (x * c(core::f64::consts::FRAC_1_SQRT_2)).erf())
}

#[inline]
fn sign<R: Number>(x: R) -> R {
    when::<R>(x > R::ZERO) - when(x < R::ZERO)
}

const SQRT_2_OVER_PI: f64 = 0.797_884_560_802_865_4;
const SQRT_1_OVER_TAU: f64 = 0.398_942_280_401_432_7;
const CUBIC: f64 = 0.044_715;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;

unary! {
    /// x
    Linear: |x| x, |y| R::ONE;
    /// max(x, 0)
    Relu: |x| x.max(R::ZERO), |y| when(x > R::ZERO);
    /// max(x, 0), at most 6
    Relu6: |x| clip(x, 0.0, 6.0), |y| inside(x, 0.0, 6.0);
    /// x where it is not negative, else slope · x
    LeakyRelu(slope): |x| if x >= R::ZERO { x } else { slope * x }, |y| if x >= R::ZERO { R::ONE } else { slope };
    /// x where it is positive, else α (eˣ − 1)
    Elu(alpha): |x| elu(x, alpha), |y| elu_slope(x, alpha);
    /// x where it is positive, else α (e^(x/α) − 1)
    Celu(alpha): |x| if x > R::ZERO { x } else { alpha * (x / alpha).exp_m1() },
        |y| if x > R::ZERO { R::ONE } else { (x / alpha).exp() };
    /// elu with a scale that keeps mean and variance
    Selu: |x| c::<R>(SELU_SCALE) * elu(x, c(SELU_ALPHA)), |y| c::<R>(SELU_SCALE) * elu_slope(x, c(SELU_ALPHA));
    /// x Φ(x)
    Gelu: |x| x * normal_cdf(x),
        |y| normal_cdf(x) + x * c(SQRT_1_OVER_TAU) * (c::<R>(-0.5) * x * x).exp();
    /// x (1 + tanh u) / 2, u = √(2/π) (x + 0.044715 x³)
    GeluTanh: |x| {
        let u = c::<R>(SQRT_2_OVER_PI) * (x + c::<R>(CUBIC) * x * x * x);
        c::<R>(0.5) * x * (R::ONE + u.tanh())
    }, |y| {
        let t = (c::<R>(SQRT_2_OVER_PI) * (x + c::<R>(CUBIC) * x * x * x)).tanh();
        let du = c::<R>(SQRT_2_OVER_PI) * (R::ONE + c::<R>(3.0 * CUBIC) * x * x);
        c::<R>(0.5) * (R::ONE + t) + c::<R>(0.5) * x * (R::ONE - t * t) * du
    };
    /// x σ(x)
    Silu: |x| x * sigmoid(x), |y| { let s = sigmoid(x); s + x * s * (R::ONE - s) };
    /// x relu6(x + 3) / 6
    HardSilu: |x| x * clip(x + c(3.0), 0.0, 6.0) / c(6.0),
        |y| (clip(x + c(3.0), 0.0, 6.0) + x * inside(x, -3.0, 3.0)) / c(6.0);
    /// 1 / (1 + e⁻ˣ)
    Sigmoid: |x| sigmoid(x), |y| y * (R::ONE - y);
    /// relu6(x + 3) / 6
    HardSigmoid: |x| clip(x + c(3.0), 0.0, 6.0) / c(6.0), |y| inside::<R>(x, -3.0, 3.0) / c(6.0);
    /// −softplus(−x)
    LogSigmoid: |x| -softplus(-x), |y| sigmoid(-x);
    /// tanh x
    Tanh: |x| x.tanh(), |y| R::ONE - y * y;
    /// x, cut to −1 … 1
    HardTanh: |x| clip(x, -1.0, 1.0), |y| inside(x, -1.0, 1.0);
    /// x − tanh x
    TanhShrink: |x| x - x.tanh(), |y| (x - y) * (x - y);
    /// x where |x| is above t, else 0
    HardShrink(t): |x| x * when(x.abs() > t), |y| when(x.abs() > t);
    /// sign(x) max(|x| − t, 0)
    SoftShrink(t): |x| sign(x) * (x.abs() - t).max(R::ZERO), |y| when(x.abs() > t);
    /// x where it is above t, else value
    Threshold(t, value): |x| if x > t { x } else { value }, |y| { let _ = value; when(x > t) };
    /// ln(1 + eˣ)
    Softplus: |x| softplus(x), |y| sigmoid(x);
    /// x / (1 + |x|)
    Softsign: |x| x / (R::ONE + x.abs()), |y| { let d = R::ONE + x.abs(); R::ONE / (d * d) };
    /// (x + √(x² + b)) / 2
    Squareplus(b): |x| (x + (x * x + b).sqrt()) * c(0.5), |y| (R::ONE + x / (x * x + b).sqrt()) * c(0.5);
    /// x tanh(softplus x)
    Mish: |x| x * softplus(x).tanh(), |y| {
        let t = x.apply(Softplus).tanh();
        t + x * (R::ONE - t * t) * sigmoid(x)
    };
    /// 0 to −1, x from 1, between them (x + 1)² / 4
    SparsePlus: |x| if x >= R::ONE { x } else { let z = (x + R::ONE).max(R::ZERO); z * z * c(0.25) },
        |y| clip((x + R::ONE) * c(0.5), 0.0, 1.0);
    /// (x + 1) / 2, cut to 0 … 1
    SparseSigmoid: |x| clip((x + R::ONE) * c(0.5), 0.0, 1.0), |y| inside::<R>(x, -1.0, 1.0) * c(0.5);
    /// eˣ
    Exp: |x| x.exp(), |y| y;
    /// The natural logarithm.
    Ln: |x| x.ln(), |y| R::ONE / x;
    /// √x
    Sqrt: |x| x.sqrt(), |y| c::<R>(0.5) / y;
    /// |x|
    Abs: |x| x.abs(), |y| sign(x);
    /// x²
    Square: |x| x * x, |y| x + x;
    /// sin x
    Sin: |x| x.sin(), |y| x.cos();
    /// cos x
    Cos: |x| x.cos(), |y| -x.sin();
}
