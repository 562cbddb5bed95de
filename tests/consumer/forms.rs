//! Every form of a model, public and private, in a module, a function and a macro.

use kk::prelude::*;

/// A size.
pub const HIDDEN: usize = 6;

kk::sequential! {
    /// A classifier.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Mlp< Input(8), Dense(HIDDEN, relu), Dropout(0.5), Dense(3, softmax) >;
}

kk::sequential! { pub(crate) type Alias = < Input((2, 4)), Flatten, Dense(HIDDEN * 2, tanh), Dense(3) >; }

kk::sequential! { struct Deferred< Dense(HIDDEN, "relu", kernel_regularizer = L2(1e-4)), Dense(3, softmax) >; }

kk::model! {
    /// Two inputs, two outputs, a shared layer and a sum.
    pub struct TwoTower(a: [8], b: [[f32; 4]; 2]) {
        let encoder = Dense(HIDDEN, relu);
        let u = encoder(a);
        let v = encoder(Flatten()(b));
        let z = Concatenate()(u, v);
        let h = Dense(HIDDEN * 2, relu)(z) + z;
        (Dense(1, sigmoid)(h), Dense(3, tanh, name = "aux")(u))
    }
}

kk::keras! {
    /// Keras's own notation.
    pub type Card = sequential!< Input(8), Dense(HIDDEN, relu), Dense(3, softmax) >;
}

// A model that nobody uses.
kk::sequential! { struct Idle< Input(8), Dense(HIDDEN, relu), Dropout(RATE), Dense(3, softmax) >; }

/// A share that is dropped.
pub const RATE: f64 = 0.25;
const SEED: u64 = 7;

kk::sequential! {
    /// Expressions wherever there can be some.
    pub struct Expressions<
        Input((HIDDEN - 2) * 2 / 2, 2),
        Reshape((-1, HIDDEN - 4)),
        Flatten,
        Dense(HIDDEN + 1, kernel_initializer = RandomNormal(stddev = RATE / 10.0, seed = SEED)),
        Dropout(RATE + 0.1, seed = SEED + 1),
        Dense({ HIDDEN }, bias_regularizer = L1L2(l1 = RATE, l2 = 0.5)),
        Dense((3), activity_regularizer = L2(RATE)),
    >;
}

/// All of them.
///
/// # Errors
/// None.
pub fn all() -> kk::Result<f32> {
    let x = [[0.5_f32; 8]; 5];
    let y = [[0.0_f32, 1.0, 0.0]; 5];
    let mut sum = 0.0;
    let mut model =
        Mlp::seeded(1).compile(Sgd::new(0.1), CategoricalCrossentropy::default(), (Accuracy::default(),))?;
    let history = model.fit(&x, &y, Fit::epochs(2).verbose(0))?;
    sum += history.last("loss").map_or(0.0, |_| 1.0);
    sum += Alias::seeded(1).predict_one(&[[0.5; 4]; 2])[0];
    sum += Deferred::<8>::seeded(1).predict_one(&x[0])[0];
    sum += TwoTower::seeded(1).predict_one(&(x[0], [[0.5; 4]; 2])).1[0];
    sum += Card::seeded(1).predict_one(&x[0])[0];
    sum += Expressions::seeded(1).predict_one(&[[0.5; 2]; 4])[0];
    sum += kk::sequential!(Input(8), Dense(HIDDEN, relu), Dense(3)).predict_one(&x[0])[0];
    sum += kk::sequential!(< Dense(HIDDEN, relu), Dense(3) >).predict_one(&x[0])[0];
    sum += kk::model!(|x: [8]| Dense(8, relu)(x) + x).predict_one(&x[0])[0];
    let card = kk::keras! { sequential!< Input(8), Dense(HIDDEN, relu), Dense(3) > };
    sum += card.predict_one(&x[0])[0];
    kk::sequential! { struct Local< Input(8), Dense(3) >; }
    sum += Local::seeded(1).predict_one(&x[0])[0];
    Ok(sum)
}
