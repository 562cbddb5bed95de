//! Blocks of layers: what is written with `layer!` is the same as what is written out.

use keras::prelude::*;

use crate::layer_test;
use crate::support::layer_test::equal;

mod parts {
    keras::layer! {
        /// A way around two layers.
        pub struct Residual(units, activation = relu, rate = 0.25)(x) {
            let h = Dense(units, activation)(x);
            let h = Dropout(rate)(h);
            Dense(units)(h) + x
        }
    }
    keras::layer! {
        pub struct Twice(units)(x) {
            let shared = crate::layers::blocks::parts::Residual!(units * 2 / 2, tanh);
            shared(shared(x))
        }
    }
    keras::layer! {
        pub struct Fork(a, b)(x, y) {
            let h = Concatenate()(x, y);
            (Dense(a, tanh)(h), Dense(b)(h))
        }
    }
}

/// Blocks of one name, made at one place, in modules of their own.
macro_rules! module {
    ($name:ident, $more:literal) => {
        mod $name {
            keras::layer! { pub(super) struct Wider(units) < Dense(units + $more) >; }
            keras::layer! { pub(crate) struct Around(units)(x) { crate::layers::blocks::$name::Wider!(units * 2)(x) } }
        }
    };
}
module!(by_one, 1);
module!(by_two, 2);

layer! {
    struct Computed(units, slope = -0.25, r#type = gelu(approximate = true))(x) {
        let h = Dense(if units != 3 { units } else { 1 }, r#type)(x);
        LeakyReLU(negative_slope = -slope)(h)
    }
}

layer! { struct Head(classes) < Dense(4, sigmoid), Dense(classes, softmax) >; }

layer_test!(chain, sequential!(Input(5), self::parts::Residual!(5), self::Head!(3)));
layer_test!(within_another, sequential!(Input(4), self::parts::Twice!(4), parts::Residual!(4, rate = 0.5)));
layer_test!(
    called_twice,
    model!(|x: [4]| {
        let block = self::parts::Residual!(4, tanh, name = "block");
        block(block(x))
    })
);
layer_test!(
    several_values,
    model!(|x: [3], y: [4]| {
        let (a, b) = self::parts::Fork!(2, b = 2)(x, y);
        self::Head!(2)(a + b)
    })
);

sequential! { struct Block< Input(5), self::parts::Residual!(5, name = "r"), self::Head!(3, trainable = false) >; }
model! {
    struct Written(x: [5]) {
        let h = Dropout(0.25)(Dense(5, relu)(x));
        let h = Dense(5)(h) + x;
        Dense(3, softmax, trainable = false)(Dense(4, sigmoid, trainable = false)(h))
    }
}

#[test]
fn is_what_is_written_out() {
    equal(&Block::seeded(1), &Written::seeded(1));
}

const N: usize = 2;
sequential! { struct Wide< Input(3), self::by_one::Around!(N - 1), self::by_two::Around!(N + 1) >; }
sequential! { struct Sizes< Input(2), self::Computed!(N + 1), self::Computed!(N * 2, slope = -(0.5)) >; }
model! {
    struct SizesWritten(x: [2]) {
        let h = LeakyReLU(negative_slope = 0.25)(Dense(1, gelu(approximate = true))(x));
        LeakyReLU(negative_slope = 0.5)(Dense(4, gelu(approximate = true))(h))
    }
}

#[test]
fn blocks_of_one_name() {
    let model = Wide::seeded(1);
    assert_eq!(model.around.wider.dense.bias.len(), 3);
    assert_eq!(model.around_1.wider.dense.bias.len(), 8);
}

#[test]
fn arguments_in_expressions() {
    equal(&Sizes::seeded(1), &SizesWritten::seeded(1));
}

#[test]
fn fields_and_names() {
    let mut model = Block::seeded(1).compile(Sgd::new(0.1), CategoricalCrossentropy::default(), ()).unwrap();
    assert_eq!(model.r.dense.kernel.len(), 5);
    let explained = model.explain();
    assert!(explained.contains("head/dense_1/kernel") && explained.contains("frozen until"), "{explained}");

    let before = (model.r.dense.kernel, model.head.dense.kernel);
    model.train_on_batch(&[[0.5; 5]; 4], &[[1.0, 0.0, 0.0]; 4]).unwrap();
    assert_ne!(model.r.dense.kernel, before.0);
    assert_eq!(model.head.dense.kernel, before.1);
    model.set_trainable("head", true).unwrap();
    model.set_trainable("r/dense", false).unwrap();
    let before = (model.r.dense.kernel, model.r.dense_1.kernel, model.head.dense.kernel);
    model.train_on_batch(&[[0.5; 5]; 4], &[[1.0, 0.0, 0.0]; 4]).unwrap();
    assert_eq!(model.r.dense.kernel, before.0);
    assert_ne!((model.r.dense_1.kernel, model.head.dense.kernel), (before.1, before.2));
    let error = model.set_trainable("r/dens", true).unwrap_err().to_string();
    assert!(error.contains("r/dense, r/dropout, r/dense_1"), "{error}");
}
