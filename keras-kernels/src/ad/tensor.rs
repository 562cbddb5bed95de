//! Numbers, nested arrays of them, and pairs, element by element.

use core::array::from_fn;

use super::Number;

/// A number, an array of tensors of one shape, or two tensors.
pub trait Tensor: Copy {
    /// What its elements are.
    type Number: Number;

    /// How many elements it has.
    const LEN: usize;

    /// Elements by their number, counted through.
    fn from_elements(f: &mut impl FnMut(usize) -> Self::Number, first: usize) -> Self;
    /// The element of this number.
    fn element(&self, i: usize) -> Self::Number;
    /// All elements `x`.
    fn fill(x: Self::Number) -> Self;
    /// `f` of each element.
    fn each(self, f: impl Fn(Self::Number) -> Self::Number + Copy) -> Self;
    /// `f` of each two elements in the same place.
    fn both(self, other: Self, f: impl Fn(Self::Number, Self::Number) -> Self::Number + Copy) -> Self;
    /// The sum of all elements.
    fn total(self) -> Self::Number;
    /// Adds `other`.
    fn add(&mut self, other: Self);
}

macro_rules! number {
    ($t:ident) => {
        impl Tensor for $t {
            type Number = $t;
            const LEN: usize = 1;

            #[inline]
            fn from_elements(f: &mut impl FnMut(usize) -> $t, first: usize) -> $t {
                f(first)
            }
            #[inline]
            fn element(&self, _: usize) -> $t {
                *self
            }

            #[inline]
            fn fill(x: $t) -> $t {
                x
            }
            #[inline]
            fn each(self, f: impl Fn($t) -> $t + Copy) -> $t {
                f(self)
            }
            #[inline]
            fn both(self, other: $t, f: impl Fn($t, $t) -> $t + Copy) -> $t {
                f(self, other)
            }
            #[inline]
            fn total(self) -> $t {
                self
            }
            #[inline]
            fn add(&mut self, other: $t) {
                *self += other;
            }
        }
    };
}

number!(f32);
number!(f64);

impl<T: Tensor, const N: usize> Tensor for [T; N] {
    type Number = T::Number;
    const LEN: usize = N * T::LEN;

    #[inline]
    fn from_elements(f: &mut impl FnMut(usize) -> T::Number, first: usize) -> Self {
        from_fn(|i| T::from_elements(f, first + i * T::LEN))
    }
    #[inline]
    fn element(&self, i: usize) -> T::Number {
        self[i / T::LEN].element(i % T::LEN)
    }

    #[inline]
    fn fill(x: T::Number) -> Self {
        [T::fill(x); N]
    }
    #[inline]
    fn each(self, f: impl Fn(T::Number) -> T::Number + Copy) -> Self {
        from_fn(|i| self[i].each(f))
    }
    #[inline]
    fn both(self, other: Self, f: impl Fn(T::Number, T::Number) -> T::Number + Copy) -> Self {
        from_fn(|i| self[i].both(other[i], f))
    }
    #[inline]
    fn total(self) -> T::Number {
        self.into_iter().map(T::total).sum()
    }
    #[inline]
    fn add(&mut self, other: Self) {
        for i in 0..N {
            self[i].add(other[i]);
        }
    }
}

/// Two tensors as one, which is what a list of parameters is made of.
impl<A: Tensor, B: Tensor<Number = A::Number>> Tensor for (A, B) {
    type Number = A::Number;
    const LEN: usize = A::LEN + B::LEN;

    #[inline]
    fn from_elements(f: &mut impl FnMut(usize) -> A::Number, first: usize) -> Self {
        (A::from_elements(f, first), B::from_elements(f, first + A::LEN))
    }
    #[inline]
    fn element(&self, i: usize) -> A::Number {
        if i < A::LEN { self.0.element(i) } else { self.1.element(i - A::LEN) }
    }

    #[inline]
    fn fill(x: A::Number) -> Self {
        (A::fill(x), B::fill(x))
    }
    #[inline]
    fn each(self, f: impl Fn(A::Number) -> A::Number + Copy) -> Self {
        (self.0.each(f), self.1.each(f))
    }
    #[inline]
    fn both(self, other: Self, f: impl Fn(A::Number, A::Number) -> A::Number + Copy) -> Self {
        (self.0.both(other.0, f), self.1.both(other.1, f))
    }
    #[inline]
    fn total(self) -> A::Number {
        self.0.total() + self.1.total()
    }
    #[inline]
    fn add(&mut self, other: Self) {
        self.0.add(other.0);
        self.1.add(other.1);
    }
}

/// A tensor of zeros.
#[inline]
#[must_use]
pub fn zeros<T: Tensor>() -> T {
    T::fill(<T::Number as crate::Real>::ZERO)
}

/// The sum of all elements.
#[inline]
pub fn sum<T: Tensor>(x: T) -> T::Number {
    x.total()
}

/// a + b
#[inline]
#[must_use]
pub fn add<T: Tensor>(a: T, b: T) -> T {
    a.both(b, |a, b| a + b)
}

/// a − b
#[inline]
#[must_use]
pub fn sub<T: Tensor>(a: T, b: T) -> T {
    a.both(b, |a, b| a - b)
}

/// a · b, each element with the one in its place
#[inline]
#[must_use]
pub fn mul<T: Tensor>(a: T, b: T) -> T {
    a.both(b, |a, b| a * b)
}

/// a / b
#[inline]
#[must_use]
pub fn div<T: Tensor>(a: T, b: T) -> T {
    a.both(b, |a, b| a / b)
}

/// −a
#[inline]
#[must_use]
pub fn neg<T: Tensor>(a: T) -> T {
    a.each(|a| -a)
}

/// a · s, by one number
#[inline]
#[must_use]
pub fn scale<T: Tensor>(a: T, s: T::Number) -> T {
    a.each(|a| a * s)
}

/// The larger of each two; NaN if either is NaN.
#[inline]
#[must_use]
pub fn max<T: Tensor>(a: T, b: T) -> T {
    a.both(b, crate::Real::max)
}

/// The smaller of each two; NaN if either is NaN.
#[inline]
#[must_use]
pub fn min<T: Tensor>(a: T, b: T) -> T {
    a.both(b, crate::Real::min)
}

/// `dy` where `a` was chosen over `b`, that is where `a` is larger; half of it where they are equal.
#[inline]
#[must_use]
pub fn where_larger<T: Tensor>(a: T, b: T, dy: T) -> T {
    let half = <T::Number as crate::Real>::of(0.5);
    let (zero, one) = (<T::Number as crate::Real>::ZERO, <T::Number as crate::Real>::ONE);
    let share = a.both(b, move |a, b| {
        if a > b {
            one
        } else if a == b {
            half
        } else {
            zero
        }
    });
    mul(share, dy)
}

/// a to the power of b
#[inline]
#[must_use]
pub fn pow<T: Tensor>(a: T, b: T) -> T {
    a.both(b, Number::pow)
}

/// The gradient of [`pow`] with respect to `a`: dy · b · aᵇ⁻¹.
#[inline]
#[must_use]
pub fn pow_base<T: Tensor>(a: T, b: T, dy: T) -> T {
    let one = <T::Number as crate::Real>::ONE;
    let zero = <T::Number as crate::Real>::ZERO;
    let slope = a.both(b, move |a, b| if b.is_zero() { zero } else { b * a.pow(b - one) });
    mul(slope, dy)
}

/// The gradient of [`pow`] with respect to `b`: dy · y · ln a, and 0 where `a` is 0.
#[inline]
#[must_use]
pub fn pow_exponent<T: Tensor>(a: T, y: T, dy: T) -> T {
    let zero = <T::Number as crate::Real>::ZERO;
    let slope = a.both(y, move |a, y| if a == zero { zero } else { y * crate::Real::ln(a) });
    mul(slope, dy)
}

/// Copies between arrays whose sizes are written differently. That they are equal is checked where this is written; if
/// they are not, that check has told so.
pub trait Fit<To>: Copy {
    /// The copy.
    fn fit(self) -> To;
}

impl Fit<f32> for f32 {
    #[inline]
    fn fit(self) -> f32 {
        self
    }
}

impl Fit<f64> for f64 {
    #[inline]
    fn fit(self) -> f64 {
        self
    }
}

impl<T: Fit<U>, U, const N: usize, const M: usize> Fit<[U; M]> for [T; N] {
    #[inline]
    fn fit(self) -> [U; M] {
        from_fn(|i| self[i].fit())
    }
}

/// See [`Fit`].
#[inline]
pub fn fit<To, T: Fit<To>>(x: T) -> To {
    x.fit()
}

/// A copy, where rustc checks elsewhere that the two types are one; if they are not, the elements that there are.
#[inline]
pub fn coerce<T: Tensor, U: Tensor<Number = T::Number>>(x: &T) -> U {
    U::from_elements(&mut |i| if i < T::LEN { x.element(i) } else { <T::Number as crate::Real>::ZERO }, 0)
}
