//! Every form of the macros: they differ in how they are written, not in the model.

use keras::prelude::*;
use keras::{Boxed, Model};

use crate::layer_test;

/// What a model is, without its name.
fn graph<M: Model>() -> String {
    let text = format!("{:?}", M::GRAPH);
    text.split_once("sequential:").unwrap().1.to_string()
}

fn of<M: Model>(_: &Boxed<M>) -> String {
    graph::<M>()
}

const HIDDEN: usize = 6;

mod sizes {
    pub(super) const UNITS: usize = 3;
    pub(super) const fn double(n: usize) -> usize {
        2 * n
    }
}

sequential! { struct Angles< Input(8), Dense(6, relu), Dense(3, softmax) >; }
sequential! { pub(crate) type Alias = < Input(8), Dense(6, relu), Dense(3, softmax) >; }
sequential! { struct Consts< Input(sizes::double(4)), Dense(HIDDEN, relu), Dense(sizes::UNITS, softmax) >; }
keras::keras! {
    #[derive()]
    pub type Card = sequential!< Input(8), Dense(6, relu), Dense(3, softmax) >;
}
model! { struct Graph(x: [8]) {
    let h = Dense(6, relu)(x);
    Dense(3, softmax)(h)
} }

#[test]
fn items_are_one_model() {
    let expected = graph::<Angles>();
    assert_eq!(graph::<Alias>(), expected);
    assert_eq!(graph::<Card>(), expected);
    assert_eq!(graph::<Consts>(), expected);
    assert_eq!(graph::<Graph>().replacen("false", "true", 1), expected);
}

#[test]
fn expressions_are_the_same_model() {
    const LOCAL: usize = 6;
    let expected = graph::<Angles>();
    assert_eq!(of(&sequential!(Input(8), Dense(6, relu), Dense(3, softmax))), expected);
    assert_eq!(of(&sequential!(Input((8,)), Dense(6, relu), Dense(3, softmax),)), expected);
    assert_eq!(of(&sequential!(< Input(8), Dense(6, relu), Dense(3, softmax) >)), expected);
    assert_eq!(of(&sequential!(Input(8), Dense(LOCAL, "relu"), Dense(units = 3, activation = "softmax"))), expected);
    assert_eq!(of(&keras! { sequential!< Input(8), Dense(6, relu), Dense(3, softmax) > }), expected);
    let closure = model!(|x: [8]| Dense(3, softmax)(Dense(6, relu)(x)));
    let expected = "dense_1";
    assert!(of(&closure).contains(expected));
}

/// Names follow the order in which layers are written, as in Keras; in nested calls the inner one is called first.
#[test]
fn the_width_is_inferred_without_input() {
    let model = sequential!(< Dense(64, relu), Dropout(0.5), Activation(tanh), Dense(10, softmax) >);
    let y: [f32; 10] = model.predict_one(&[0.5; 784]);
    assert!((y.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    assert_eq!(model.dense.kernel.len(), 784);
}

sequential! { struct Deferred< Dropout(0.25), Dense(HIDDEN, sigmoid), Dense(4) >; }

layer_test!(deferred, Deferred::<5>::seeded(1));
layer_test!(consts, Consts::seeded(1));
layer_test!(
    const_shapes,
    sequential!(Input((sizes::UNITS, HIDDEN)), Dense(HIDDEN - 2, gelu), Reshape((2, -1)), Flatten, Dense(sizes::UNITS))
);
layer_test!(
    const_graph,
    model!(|a: [HIDDEN], b: [sizes::UNITS]| {
        let z = Concatenate()(Dense(sizes::UNITS, tanh)(a), b);
        Dense(sizes::double(3))(z) + a
    })
);

/// Fragments that come through a macro of the user's stand in invisible groups.
#[test]
fn through_a_macro_of_the_users() {
    macro_rules! head {
        ($name:ident, $n:expr, $units:literal, $act:ident) => {
            sequential! { struct $name< Input($n), Dense($units, $act), Dense($n, name = "out") >; }
        };
    }
    head!(Mine, 2 + 2, 6, relu);
    assert_eq!(Mine::seeded(1).out.bias, [0.0; 4]);
}

#[test]
fn models_are_independent_and_reproducible() {
    let (a, b) = (Angles::seeded(1), Angles::seeded(1));
    assert_eq!(a.dense.kernel, b.dense.kernel);
    assert_ne!(a.dense.kernel, Angles::seeded(2).dense.kernel);
    assert_ne!(a.dense.kernel[0][..3], a.dense_1.kernel[0][..]);
    assert_eq!(a.dense.bias, [0.0; 6]);
    // GlorotUniform: within sqrt(6 / (8 + 6)).
    assert!(a.dense.kernel.iter().flatten().all(|w| w.abs() <= (6.0f32 / 14.0).sqrt()));
}

#[test]
fn inputs_may_be_written_as_types() {
    let model = model!(|x: [[f32; 3]; 2], k: [f32; 6]| Flatten()(x) + k);
    let y: [f32; 6] = model.predict_one(&([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [10.0; 6]));
    assert_eq!(y, [11.0, 12.0, 13.0, 14.0, 15.0, 16.0]);
}
