//! Merging layers whose inputs are not of one shape, or too many, or too few.
use keras::model;

model! {
    struct Wrong(a: [3, 4], b: [4, 3], c: [3, 4]) {
        let product = Multiply()(a, b);
        let difference = Subtract()(a, c, a);
        (product, difference)
    }
}

model! {
    struct Others(a: [3, 4], b: [4, 3], c: [6]) {
        let difference = Subtract()(a, b);
        let product = Multiply()(a);
        let mean = Average()(a, b);
        let largest = Maximum()(a, b);
        let smallest = Minimum()(a, c);
        let means = Average()(a);
        let largests = Maximum(axis = 1)(a, a);
        let smallests = Minimum()(b);
        (Flatten()(difference), product, mean, largest, smallest, means, largests, smallests)
    }
}

fn main() {}
