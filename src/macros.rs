//! The macros. Each passes the path of this crate on, so that generated code finds it under any name.

/// A chain of layers, compiled.
///
/// As an item it makes a struct:
/// ```
/// use keras::prelude::*;
///
/// sequential! { pub struct Mlp< Input(784), Dense(64, relu), Dense(10, softmax) >; }
///
/// let model = Mlp::seeded(1);
/// let classes: [f32; 10] = model.predict_one(&[0.5; 784]);
/// assert_eq!(model.dense.kernel[0].len(), 64);
/// ```
/// As an expression it makes a model at once:
/// ```
/// # use keras::prelude::*;
/// let model = sequential!(Input(784), Dense(units = 64, activation = relu), Dense(10, softmax));
/// # let _: [f32; 10] = model.predict_one(&[0.5; 784]);
/// ```
/// Both take angle brackets or none. Arguments are Keras's, by position or by name; words stand bare or quoted. Sizes are
/// numbers or const expressions. The shape of `Input` is that of one sample, without the batch; without `Input` a chain of
/// `Dense`, `Activation` and `Dropout` takes its width from its use:
/// ```
/// # use keras::prelude::*;
/// const HIDDEN: usize = 32;
/// let model = sequential!(< Dense(HIDDEN * 2, "relu"), Dense(10, softmax) >);
/// let classes: [f32; 10] = model.predict_one(&[0.5; 300]);
/// ```
///
/// # Errors
/// Mistakes are errors of the compiler, all of them together, each on the token that is wrong:
/// ```compile_fail
/// keras::sequential! { struct Net< Input(784), Dence(64), Dense(10, activation = sofmax) >; }
/// ```
#[macro_export]
macro_rules! sequential {
    ($($tokens:tt)*) => { $crate::__macros::sequential! { [$crate] $($tokens)* } };
}

/// A graph of layers, compiled: shared layers, sums, several inputs and outputs.
///
/// ```
/// use keras::prelude::*;
///
/// model! {
///     pub struct TwoTower(a: [64], b: [64]) {
///         let encoder = Dense(32, relu);          // bound to a name: its calls share its weights
///         let u = encoder(a);
///         let v = encoder(b);
///         let z = Concatenate()(u, v);
///         let h = Dense(64, relu)(z) + z;         // a residual sum
///         (Dense(1, sigmoid)(h), Dense(3, tanh, name = "aux")(u))
///     }
/// }
///
/// let model = TwoTower::seeded(1);
/// let ([p], aux): ([f32; 1], [f32; 3]) = model.predict_one(&([0.1; 64], [0.2; 64]));
/// ```
/// As an expression it is written like a closure:
/// ```
/// # use keras::prelude::*;
/// let model = model!(|x: [8]| Dense(8, relu)(x) + x);
/// # let _: [f32; 8] = model.predict_one(&[0.5; 8]);
/// ```
/// The shape of an input is written `[28, 28]`, or as the type `[[f32; 28]; 28]`.
#[macro_export]
macro_rules! model {
    ($($tokens:tt)*) => { $crate::__macros::model! { [$crate] $($tokens)* } };
}

/// Makes `sequential!< … >` legal, which Rust's grammar refuses elsewhere.
///
/// ```
/// use keras::prelude::*;
///
/// keras! {
///     pub type Mlp = sequential!< Input(784), Dense(64, relu), Dense(10, softmax) >;
/// }
///
/// let model = keras! { sequential!< Dense(64, relu), Dense(10, softmax) > };
/// let classes: [f32; 10] = model.predict_one(&[0.5; 784]);
/// # let _ = Mlp::seeded(1);
/// ```
#[macro_export]
macro_rules! keras {
    ($($tokens:tt)*) => { $crate::__macros::keras! { [$crate] $($tokens)* } };
}

#[cfg(feature = "std")]
#[doc(hidden)]
#[macro_export]
macro_rules! __std {
    ($($tokens:tt)*) => { $($tokens)* };
}

#[cfg(not(feature = "std"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __std {
    ($($tokens:tt)*) => {};
}
