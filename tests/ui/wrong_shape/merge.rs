//! Merging layers whose inputs are not of one shape, or too many.
use keras::model;

model! {
    struct Wrong(a: [3, 4], b: [4, 3], c: [3, 4]) {
        let product = Multiply()(a, b);
        let difference = Subtract()(a, c, a);
        (product, difference)
    }
}

fn main() {}
