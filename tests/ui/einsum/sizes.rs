//! Sizes and letters that do not fit the equation of an `EinsumDense`.
use keras::sequential;

const STEPS: usize = 4;

sequential! { struct Many< Input((4, 8)), EinsumDense("abc,cd->abd", 5) >; }

sequential! { struct Other< Input((4, 8)), EinsumDense("abc,cd->abd", (3, 5)) >; }

sequential! { struct Const< Input((STEPS, 8)), EinsumDense("abc,cd->abd", (STEPS + 1, 5)) >; }

sequential! { struct Open< Input((4, 8)), EinsumDense("abc,cd->abd", (4, None)) >; }

sequential! { struct Bias< Input((4, 8)), EinsumDense("abc,cd->abd", (None, 5), bias_axes = "c") >; }

fn main() {}
