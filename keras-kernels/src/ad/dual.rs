//! Numbers that carry a derivative, for derivatives of gradients.
//!
//! A gradient g(x) that is computed with x + εv instead of x gives g(x) + εHv, where H is the matrix of second
//! derivatives. H is symmetric, so Hv is also what the reverse pass needs: the gradient of v·g. Numbers may be nested, one
//! level for each derivative more.

use core::iter::Sum;
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use super::{Fit, Number, Tensor, Unary};
use crate::Real;

/// x + εx′ with ε² = 0. Comparisons are those of `x`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dual<R> {
    /// The value.
    pub x: R,
    /// Its derivative.
    pub dx: R,
}

impl<R: Number> Dual<R> {
    #[inline]
    fn constant(x: R) -> Dual<R> {
        Dual { x, dx: R::ZERO }
    }

    /// Equal numbers share the gradient evenly.
    #[inline]
    fn middle(self, other: Dual<R>) -> Dual<R> {
        Dual { x: self.x, dx: R::of(0.5) * (self.dx + other.dx) }
    }

    /// What a function gives that has the value `y` and the slope `slope` here.
    #[inline]
    fn chain(self, y: R, slope: R) -> Dual<R> {
        Dual { x: y, dx: slope * self.dx }
    }
}

impl<R: Number> PartialEq for Dual<R> {
    #[inline]
    fn eq(&self, other: &Dual<R>) -> bool {
        self.x == other.x
    }
}

impl<R: Number> PartialOrd for Dual<R> {
    #[inline]
    fn partial_cmp(&self, other: &Dual<R>) -> Option<core::cmp::Ordering> {
        self.x.partial_cmp(&other.x)
    }
}

impl<R: Number> Neg for Dual<R> {
    type Output = Dual<R>;
    #[inline]
    fn neg(self) -> Dual<R> {
        Dual { x: -self.x, dx: -self.dx }
    }
}

impl<R: Number> Add for Dual<R> {
    type Output = Dual<R>;
    #[inline]
    fn add(self, b: Dual<R>) -> Dual<R> {
        Dual { x: self.x + b.x, dx: self.dx + b.dx }
    }
}

impl<R: Number> Sub for Dual<R> {
    type Output = Dual<R>;
    #[inline]
    fn sub(self, b: Dual<R>) -> Dual<R> {
        Dual { x: self.x - b.x, dx: self.dx - b.dx }
    }
}

impl<R: Number> Mul for Dual<R> {
    type Output = Dual<R>;
    #[inline]
    fn mul(self, b: Dual<R>) -> Dual<R> {
        Dual { x: self.x * b.x, dx: self.dx * b.x + self.x * b.dx }
    }
}

impl<R: Number> Div for Dual<R> {
    type Output = Dual<R>;
    #[inline]
    fn div(self, b: Dual<R>) -> Dual<R> {
        let x = self.x / b.x;
        Dual { x, dx: (self.dx - x * b.dx) / b.x }
    }
}

macro_rules! assign {
    ($($name:ident $f:ident $op:tt;)*) => {$(
        impl<R: Number> $name for Dual<R> {
            #[inline]
            fn $f(&mut self, b: Dual<R>) {
                *self = *self $op b;
            }
        }
    )*};
}
assign! { AddAssign add_assign +; SubAssign sub_assign -; MulAssign mul_assign *; DivAssign div_assign /; }

impl<R: Number> Sum for Dual<R> {
    #[inline]
    fn sum<I: Iterator<Item = Dual<R>>>(list: I) -> Dual<R> {
        list.fold(Dual::ZERO, |sum, x| sum + x)
    }
}

impl<R: Number> Real for Dual<R> {
    const ZERO: Dual<R> = Dual { x: R::ZERO, dx: R::ZERO };
    const ONE: Dual<R> = Dual { x: R::ONE, dx: R::ZERO };

    #[inline]
    fn of(x: f64) -> Dual<R> {
        Dual::constant(R::of(x))
    }
    #[inline]
    fn f64(self) -> f64 {
        self.x.f64()
    }
    #[inline]
    fn exp_m1(self) -> Dual<R> {
        self.chain(self.x.exp_m1(), self.x.exp())
    }
    #[inline]
    fn ln_1p(self) -> Dual<R> {
        self.chain(self.x.ln_1p(), R::ONE / (R::ONE + self.x))
    }
    #[inline]
    fn exp(self) -> Dual<R> {
        let y = self.x.exp();
        self.chain(y, y)
    }
    #[inline]
    fn ln(self) -> Dual<R> {
        self.chain(self.x.ln(), R::ONE / self.x)
    }
    #[inline]
    fn tanh(self) -> Dual<R> {
        let y = self.x.tanh();
        self.chain(y, R::ONE - y * y)
    }
    #[inline]
    fn erf(self) -> Dual<R> {
        self.chain(self.x.erf(), R::of(core::f64::consts::FRAC_2_SQRT_PI) * (-(self.x * self.x)).exp())
    }
    #[inline]
    fn erfc(self) -> Dual<R> {
        self.chain(self.x.erfc(), R::of(-core::f64::consts::FRAC_2_SQRT_PI) * (-(self.x * self.x)).exp())
    }
    #[inline]
    fn sqrt(self) -> Dual<R> {
        let y = self.x.sqrt();
        self.chain(y, R::of(0.5) / y)
    }
    #[inline]
    fn abs(self) -> Dual<R> {
        let slope = if self.x > R::ZERO {
            R::ONE
        } else if self.x < R::ZERO {
            -R::ONE
        } else {
            R::ZERO
        };
        self.chain(self.x.abs(), slope)
    }
    #[inline]
    fn max(self, other: Dual<R>) -> Dual<R> {
        if self.x == other.x {
            self.middle(other)
        } else if self > other || self.x.is_nan() {
            self
        } else {
            other
        }
    }
    #[inline]
    fn min(self, other: Dual<R>) -> Dual<R> {
        if self.x == other.x {
            self.middle(other)
        } else if self < other || self.x.is_nan() {
            self
        } else {
            other
        }
    }
    #[inline]
    fn mul_add(self, a: Dual<R>, b: Dual<R>) -> Dual<R> {
        self * a + b
    }
}

impl<R: Number> Number for Dual<R> {
    type Base = R::Base;

    #[inline]
    fn lift(x: R::Base) -> Dual<R> {
        Dual::constant(R::lift(x))
    }
    #[inline]
    fn apply(self, f: impl Unary) -> Dual<R> {
        let y = self.x.apply(f);
        self.chain(y, f.slope(self.x, y))
    }
    #[inline]
    fn is_zero(self) -> bool {
        self.x.is_zero() && self.dx.is_zero()
    }
    #[inline]
    fn sin(self) -> Dual<R> {
        self.chain(self.x.sin(), self.x.cos())
    }
    #[inline]
    fn cos(self) -> Dual<R> {
        self.chain(self.x.cos(), -self.x.sin())
    }
    /// The rules are those of [`pow_base`](super::pow_base) and [`pow_exponent`](super::pow_exponent). A part that does not
    /// move is left out: the logarithm of a negative number would spoil the sum.
    #[inline]
    fn pow(self, p: Dual<R>) -> Dual<R> {
        let y = self.x.pow(p.x);
        let mut dx = R::ZERO;
        if !p.x.is_zero() && !self.dx.is_zero() {
            dx += p.x * self.x.pow(p.x - R::ONE) * self.dx;
        }
        if self.x != R::ZERO && !p.dx.is_zero() {
            dx += y * self.x.ln() * p.dx;
        }
        Dual { x: y, dx }
    }
}

impl<R: Number> Tensor for Dual<R> {
    type Number = Dual<R>;
    const LEN: usize = 1;

    #[inline]
    fn from_elements(f: &mut impl FnMut(usize) -> Dual<R>, first: usize) -> Dual<R> {
        f(first)
    }
    #[inline]
    fn element(&self, _: usize) -> Dual<R> {
        *self
    }
    #[inline]
    fn fill(x: Dual<R>) -> Dual<R> {
        x
    }
    #[inline]
    fn each(self, f: impl Fn(Dual<R>) -> Dual<R> + Copy) -> Dual<R> {
        f(self)
    }
    #[inline]
    fn both(self, other: Dual<R>, f: impl Fn(Dual<R>, Dual<R>) -> Dual<R> + Copy) -> Dual<R> {
        f(self, other)
    }
    #[inline]
    fn total(self) -> Dual<R> {
        self
    }
    #[inline]
    fn add(&mut self, other: Dual<R>) {
        *self += other;
    }
}

impl<R: Number> Fit<Dual<R>> for Dual<R> {
    #[inline]
    fn fit(self) -> Dual<R> {
        self
    }
}

/// The element of a tensor, or 0 if it has none of this number: see [`coerce`](super::coerce).
#[inline]
fn element<T: Tensor>(x: &T, i: usize) -> T::Number {
    if i < T::LEN { x.element(i) } else { <T::Number as Real>::ZERO }
}

/// x + εv
#[inline]
pub fn moving<T: Tensor, V: Tensor<Number = T::Number>, U: Tensor<Number = Dual<T::Number>>>(x: &T, v: &V) -> U {
    U::from_elements(&mut |i| Dual { x: element(x, i), dx: element(v, i) }, 0)
}

/// What the reverse pass of a gradient gives: `s` times the gradient, and the product of the second derivatives with the
/// direction in which the parameters moved.
#[inline]
pub fn second<R: Number, T: Tensor<Number = Dual<R>>, U: Tensor<Number = R>>(s: R, x: &T) -> U {
    U::from_elements(
        &mut |i| {
            let d = element(x, i);
            s * d.x + d.dx
        },
        0,
    )
}
