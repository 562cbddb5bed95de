//! Names of the user's that generated code uses too, in scope of the model or in its sizes.

/// A size that has the name of a const generic of generated code.
pub const IN: usize = 3;
/// A size that has the name of a const of generated code.
pub const N0: usize = 5;

/// A module that has the name of one of kernels.
pub mod dense {
    /// A size.
    pub const WIDTH: usize = 4;
}

/// A module that has the name of a crate.
pub mod core {
    /// A size.
    pub const WIDTH: usize = 4;
}

/// A name that generated code uses.
#[derive(Debug)]
pub struct Layout;
/// A name that generated code uses.
#[derive(Debug)]
pub struct Input;
/// A name that generated code uses.
#[derive(Debug)]
pub struct Layer;
/// A name that generated code uses.
#[derive(Debug)]
pub struct Act;
/// A name that generated code uses.
#[derive(Debug)]
pub struct Use;
/// A name that generated code uses.
#[derive(Debug)]
pub struct Buf;
/// A name that generated code uses.
#[derive(Debug)]
pub struct Option;
/// A name that generated code uses.
#[derive(Debug)]
pub struct Vec;
/// A name that generated code uses.
pub trait Model {}
/// A name that generated code uses.
pub trait Block {}

impl Layout {
    const WIDTH: usize = 4;
}

impl Input {
    const WIDTH: usize = 2;
    const RATE: f32 = 0.5;
}

impl Act {
    const SEED: u64 = 3;
}

const fn m() -> usize {
    4
}

const fn cx() -> usize {
    2
}

#[allow(unused_macros)]
macro_rules! assert {
    ($($x:tt)*) => {
        compile_error!("a macro of the user's own")
    };
}

kk::sequential! { struct Chain< Dense(IN), Dense(N0), Dense(dense::WIDTH), Dense(m()), Dense(cx()) >; }
kk::sequential! {
    struct Net<
        Input((Input::WIDTH, core::WIDTH)),
        Flatten,
        Dense(Layout::WIDTH, relu),
        Dropout(Input::RATE, seed = Act::SEED),
        Dense(dense::WIDTH, kernel_regularizer = L2(Input::RATE), kernel_initializer = HeNormal(seed = Act::SEED)),
        Reshape((Input::WIDTH, cx())),
    >;
}

#[allow(unused_imports)]
mod nothing {
    #![no_implicit_prelude]
    ::kk::sequential! { pub(super) struct Bare< Input(3), Dense(2, gelu), Dropout(0.5), Dense(1) >; }
}

/// All of them.
#[must_use]
pub fn all() -> [f32; 3] {
    use kk::Predict;
    let a = Chain::<7>::seeded(1).predict_one(&[0.5; 7])[0];
    let b = Net::seeded(1).predict_one(&[[0.5; 4]; 2])[0][0];
    let c = nothing::Bare::seeded(1).predict_one(&[0.5; 3])[0];
    [a, b, c]
}
