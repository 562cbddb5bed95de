//! Maximum pools that inference takes while it computes the convolution before them: what the forward pass of training gives,
//! where both are there as a whole, to the bit.

use keras::prelude::*;

/// Numbers between −1 and 1 in no order.
fn numbers(n: usize) -> Vec<f32> {
    (0..n).map(|i| (i * 7919 % 1009) as f32 / 504.0 - 1.0).collect()
}

/// A model of this chain, whose predictions are those of its last layer.
macro_rules! same {
    ($name:ident, $x:ty, $last:literal, $y:ty, $($chain:tt)*) => {
        #[test]
        fn $name() {
            sequential! { struct Chain< $($chain)* >; }
            let model = Chain::seeded(3);
            let len = size_of::<$x>() / 4;
            let numbers = numbers(3 * len);
            let mut x: Vec<$x> = keras::zeros(3);
            <$x as keras::Sample>::flatten_mut(&mut x).copy_from_slice(&numbers);
            let expected: Vec<$y> = model.layer_output($last, &x).unwrap();
            assert_eq!(model.predict(&x, 2).unwrap(), expected);
            assert_eq!(model.predict_one(&x[2]), expected[2]);
        }
    };
}

same!(
    image,
    [[[f32; 1]; 28]; 28],
    "max_pooling2d_1",
    [[[f32; 64]; 5]; 5],
    Input((28, 28, 1)),
    Conv2D(32, 3, activation = relu),
    MaxPooling2D,
    Conv2D(64, 3, activation = relu),
    MaxPooling2D
);
same!(
    padded,
    [[[f32; 3]; 9]; 11],
    "max_pooling2d",
    [[[f32; 20]; 3]; 5],
    Input((11, 9, 3)),
    Conv2D(20, 3, padding = same, activation = tanh),
    MaxPooling2D((2, 3))
);
same!(
    line,
    [[f32; 2]; 20],
    "max_pooling1d",
    [[f32; 7]; 9],
    Input((20, 2)),
    Conv1D(7, 3, activation = relu),
    MaxPooling1D
);
// Windows that overlap, and a convolution that more than the pool reads, stay as they are.
same!(
    overlapping,
    [[[f32; 1]; 8]; 8],
    "max_pooling2d",
    [[[f32; 4]; 4]; 4],
    Input((8, 8, 1)),
    Conv2D(4, 3),
    MaxPooling2D(3, strides = 1)
);

#[test]
fn a_convolution_that_is_read_twice() {
    model! {
        struct Twice(x: [6, 6, 2]) {
            let y = Conv2D(3, 3)(x);
            (y, MaxPooling2D()(y))
        }
    }
    let model = Twice::seeded(3);
    let mut x: Vec<[[[f32; 2]; 6]; 6]> = keras::zeros(1);
    <[[[f32; 2]; 6]; 6] as keras::Sample>::flatten_mut(&mut x).copy_from_slice(&numbers(72));
    let (y, pooled) = model.predict_one(&x[0]);
    for (i, line) in pooled.iter().enumerate() {
        for (j, features) in line.iter().enumerate() {
            for (f, &largest) in features.iter().enumerate() {
                let seen =
                    [y[2 * i][2 * j][f], y[2 * i][2 * j + 1][f], y[2 * i + 1][2 * j][f], y[2 * i + 1][2 * j + 1][f]];
                assert_eq!(largest, seen.into_iter().fold(f32::NEG_INFINITY, f32::max));
            }
        }
    }
}
