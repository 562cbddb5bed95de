use keras::prelude::*;

model! {
    struct Net(a: [28, 16], b: [28, 12]) {
        let scores = Dot(axes = 2)(a, b);
        Dense(10)(Flatten()(scores))
    }
}

const T: usize = 7;

model! {
    struct Sized(a: [T], b: [T + 1]) {
        Dense(10)(Dot(axes = 1)(a, b))
    }
}

model! {
    struct Three(a: [4]) {
        Dense(10)(Dot(axes = 1)(a, a, a))
    }
}

fn main() {}
