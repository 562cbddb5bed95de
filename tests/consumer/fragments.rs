//! Models made by macros of the user's own: what those pass on comes in invisible groups.

use kk::prelude::*;

macro_rules! classifier {
    ($(#[$meta:meta])* $vis:vis $name:ident, $inputs:expr, $hidden:expr, $layer:ident, $act:ident, $rate:literal) => {
        kk::sequential! {
            $(#[$meta])*
            $vis struct $name< Input($inputs), $layer($hidden, $act), Dense(2 * $hidden, $act), Dropout($rate), Dense(3) >;
        }
    };
}

classifier! {
    /// Made by a macro.
    #[derive(Debug)]
    pub Made, 4 * 2, 1 + 2, Dense, relu, 0.5
}

macro_rules! chain {
    ($($layer:expr),*) => { kk::sequential!($($layer),*) };
}

macro_rules! repeated {
    ($($units:expr),*) => { kk::sequential!(Input(8), $(Dense($units, relu),)* Dense(3)) };
}

macro_rules! residual {
    ($name:ident, $input:ident, $shape:tt, $inner:expr, $size:ty) => {
        kk::model! { struct $name($input: $shape, more: $size) { $inner($input) + $input + more } }
    };
}

residual!(Residual, x, [8], Dense(8, relu), [f32; 8]);

macro_rules! deep {
    ($($size:literal)*) => { kk::sequential! { struct Deep< Input(crate::forms::HIDDEN), $(Dense(DEPTHS[$size], relu),)* Dense(3) >; } };
}

const DEPTHS: [usize; 10] = [3; 10];

// Sizes that rustc works out for ninety layers: more than its patience allows for but a lean planner.
deep! {
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9
}

/// What they give.
#[must_use]
pub fn all() -> [usize; 7] {
    let made = Made::seeded(1);
    let chained = chain!(Input(8), Dense(5, relu), Dense(3));
    let several = repeated!(1 + 1, 4);
    let residual = Residual::seeded(1);
    let outputs = residual.predict_one(&([0.5; 8], [0.5; 8]));
    let sizes = [made.dense_1.bias.len(), chained.dense.bias.len(), several.dense.bias.len(), outputs.len()];
    [
        made.dense.bias.len(),
        sizes[0],
        sizes[1],
        sizes[2],
        several.dense_1.bias.len(),
        sizes[3],
        Deep::seeded(1).dense_89.bias.len(),
    ]
}
