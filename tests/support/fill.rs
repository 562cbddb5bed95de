//! Inputs from lists of floats, whatever numbers they are of.

use keras::__private::kernels::memory::Sample;
use keras::Samples;

/// A number that is made of a float.
pub(crate) trait Number: Sample {
    fn of(x: f32) -> Self;
}

macro_rules! numbers {
    ($($t:ty),*) => {$(
        impl Number for $t {
            fn of(x: f32) -> $t {
                x as $t
            }
        }
    )*};
}

numbers!(f32, u8, u16, u32, i32, i64);

/// The inputs of a model.
pub(crate) trait Fill: Samples {
    /// `n` samples, input `i` made of the floats `x[i]`.
    fn fill(x: &[Vec<f32>], n: usize) -> Self::Vecs;
    /// The first of some samples.
    fn first(vecs: &Self::Vecs) -> Self;
}

fn samples<S: Sample<Elem: Number>>(x: &[f32], n: usize) -> Vec<S> {
    let mut samples = vec![S::ZERO; n];
    S::flatten_mut(&mut samples).iter_mut().zip(x).for_each(|(to, &x)| *to = S::Elem::of(x));
    samples
}

impl<T: Sample<Elem: Number>, const N: usize> Fill for [T; N] {
    fn fill(x: &[Vec<f32>], n: usize) -> Vec<[T; N]> {
        samples(&x[0], n)
    }
    fn first(vecs: &Vec<[T; N]>) -> [T; N] {
        vecs[0]
    }
}

macro_rules! tuple {
    ($($t:ident $i:tt),*) => {
        impl<$($t: Sample<Elem: Number>),*> Fill for ($($t,)*) {
            fn fill(x: &[Vec<f32>], n: usize) -> Self::Vecs {
                ($(samples::<$t>(&x[$i], n),)*)
            }
            fn first(vecs: &Self::Vecs) -> Self {
                ($(vecs.$i[0],)*)
            }
        }
    };
}

tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
