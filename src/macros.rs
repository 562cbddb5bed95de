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

/// A block of layers with arguments, to be used in models as if it were one layer.
///
/// ```
/// use keras::prelude::*;
///
/// layer! {
///     /// Two layers and a way around them.
///     pub struct Residual(units, rate = 0.1)(x) {
///         let h = Dense(units, relu)(x);
///         let h = Dropout(rate)(h);
///         Dense(units)(h) + x
///     }
/// }
///
/// layer! { struct Head(classes) < Dense(32, relu), Dense(classes, softmax) >; }
///
/// sequential! {
///     pub struct Net< Input(16), self::Residual!(16), self::Residual!(16, rate = 0.2), self::Head!(3) >;
/// }
///
/// # fn main() {
/// let net = Net::seeded(1);
/// assert_eq!(net.residual_1.dense.kernel.len(), 16);
/// # let _: [f32; 3] = net.predict_one(&[0.5; 16]);
/// # }
/// ```
/// A block is a chain, `struct Name(arguments) < … >;`, or a graph as in [`model!`], `struct Name(arguments)(inputs) { … }`,
/// whose inputs have any shape. It is used by its path with a `!`, in [`sequential!`] and [`model!`] and in other blocks, in
/// this crate and, if it is `pub`, in others; it can be bound to a name and called several times, with shared weights.
/// Arguments stand wherever an argument of a layer can stand: sizes, rates, activations, initializers. The weights are fields
/// of a field named after the block, `net.residual.dense.kernel`; every use takes `name = …` and `trainable = …`.
///
/// Within a block paths begin with `crate::` or the name of a crate, so that they mean the same wherever it is used.
///
/// # Errors
/// Mistakes in the block itself are told at its definition, those of a use at the use:
/// ```compile_fail
/// keras::layer! { struct Wide(units) < Dense(units), Dense(8) >; }
/// keras::sequential! { struct Net< Input(4), self::Wide!(units = 3, activation = relu) >; }
/// ```
#[macro_export]
macro_rules! layer {
    ($($tokens:tt)*) => { $crate::__macros::layer! { [$crate] $($tokens)* } };
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

/// The weights of a safetensors file, in the program itself: a `&'static` model, checked by the compiler.
///
/// ```ignore
/// sequential! { pub struct Digits< Input(64), Dense(64, relu), Dense(10, softmax) >; }
///
/// let model: &'static Digits = include_weights!(Digits, "digits.safetensors");
/// let mut memory = [0.0; Digits::MEMORY];
/// let classes = model.infer_one(&image, &mut memory);
/// ```
/// The file is named as for [`include_bytes!`], from the source file that the macro stands in. The weights lie in the
/// read-only data of the program: nothing is read, parsed or allocated at run time, and with [`Infer`](crate::Infer) nothing
/// is allocated for a prediction either, so that this works without a heap or an operating system.
///
/// # Errors
/// A file that is damaged, lacks a weight, or has one of another shape than the model is an error of the compiler:
/// ```text
/// evaluation panicked: `dense/kernel`: the model has it of shape (64, 32), the file of (64, 64)
/// ```
#[macro_export]
macro_rules! include_weights {
    ($model:ty, $file:expr $(,)?) => {{
        #[allow(long_running_const_eval)]
        static WEIGHTS: $crate::__private::kernels::memory::Embedded<{ ::core::mem::size_of::<$model>() }> =
            $crate::__private::embed(::core::include_bytes!($file), <$model as $crate::Model>::GRAPH);
        WEIGHTS.get::<$model>()
    }};
}

/// Functions and their gradients, by reverse mode from source to source.
///
/// The gradients of the parameters before the `;` are asked for; those after it are data. Beside the function itself comes
/// one of the same name with `_grad`, which takes references and gives the value and the gradients: a tuple of them, or
/// the gradient itself if there is one parameter.
/// ```
/// use keras::gradient;
///
/// gradient! {
///     /// Mean squared error of one dense layer.
///     pub fn loss(w: [[f32; 2]; 3], b: [f32; 2]; x: [f32; 3], y: [f32; 2]) -> f32 {
///         let out = (x.matmul(w) + b).tanh();
///         (out - y).square().mean()
///     }
/// }
///
/// let (mut w, mut b) = ([[0.1, -0.2], [0.3, 0.1], [-0.1, 0.2]], [0.0; 2]);
/// let (x, y) = ([1.0, 0.5, -1.0], [0.5, -0.5]);
/// for _ in 0..100 {
///     let (_, (dw, db)) = loss_grad(&w, &b, &x, &y);
///     for (b, db) in b.iter_mut().zip(db) {
///         *b -= 0.5 * db;
///     }
///     for (w, dw) in w.as_flattened_mut().iter_mut().zip(dw.as_flattened()) {
///         *w -= 0.5 * dw;
///     }
/// }
/// assert!(loss(w, b, x, y) < 1e-3);
/// ```
/// Numbers are all `f32` or all `f64`; sizes are numbers, consts, or what the function is generic over. Values are small tensors, nested arrays on the stack:
/// nothing is allocated.
///
/// - `+ - * /` and unary `-`, element by element; shapes are broadcast as in NumPy.
/// - `a.matmul(b)` or `dot(a, b)` of vectors and matrices, `transpose(a)`.
/// - Keras's elementwise activations by their names (`relu`, `leaky_relu(x, 0.1)`, `gelu`, `gelu_tanh`, `mish`, …), `exp`,
///   `ln`, `sqrt`, `abs`, `square`, `sin`, `cos`, `pow`, `powi`, `max(a, b)`, `min(a, b)`; `softmax`, `log_softmax`,
///   `sparsemax` and `glu` over the last dimension; `sum()` and `mean()` of all elements or over one axis. Each as a function or as a method.
/// - `let`, `let mut` and assignments, also to elements (`x[i] = …`); arrays `[a, b]` and `[0.0; N]`; `x[i]`.
/// - `if` on compared numbers, and `for i in 0..N` with variables that are carried from turn to turn:
///   ```
///   keras::gradient! {
///       fn recurrent(w: f64, h0: f64; x: [f64; 8]) -> f64 {
///           let mut h = h0;
///           for i in 0..8 {
///               h = if x[i] > 0.0 { (w * h + x[i]).tanh() } else { 0.5 * h };
///           }
///           h
///       }
///   }
///   let (h, (dw, dh0)) = recurrent_grad(&0.5, &0.1, &[0.3; 8]);
///   # assert!(h > 0.0 && dw > 0.0 && dh0 > 0.0);
///   ```
/// - Other functions: of the same `gradient!` by their names, of another one by a path, `losses::other(w, x)`; with sizes
///   if it is generic, `losses::other::<3>(w, x)`.
/// - Their gradients, which are differentiated again: second derivatives, and those of any order.
///   ```
///   keras::gradient! {
///       fn energy<const N: usize>(x: [f64; N]) -> f64 { x.square().sum().exp() }
///
///       /// The slope in the direction `v`. Its gradient is the product of the second derivatives and `v`.
///       fn along<const N: usize>(x: [f64; N]; v: [f64; N]) -> f64 {
///           let (_, dx) = energy_grad(x);
///           dot(dx, v)
///       }
///   }
///   // The second derivatives of e^|x|² are e^|x|² (2 I + 4 x xᵗ).
///   let (_, column) = along_grad(&[0.0, 1.0], &[0.0, 1.0]);
///   # assert_eq!(column[0], 0.0);
///   assert!((column[1] - 6.0 * 1f64.exp()).abs() < 1e-12);
///   ```
///
/// The gradient of `max` and `min` of equal numbers is shared evenly. The gradient at a kink is that of one side.
///
/// # Errors
/// Mistakes are errors of the compiler, all of them together, each on the token that is wrong:
/// ```compile_fail
/// keras::gradient! { fn loss(w: [f32; 3]; x: [f32; 4]) -> f32 { (w * x).sum() } }
/// ```
/// What is wrong for some sizes only is told where the function is used with them:
/// ```compile_fail,E0080
/// keras::gradient! { fn loss<const N: usize>(w: [f32; N]; x: [f32; 4]) -> f32 { (w * x).sum() } }
/// println!("{:?}", loss_grad(&[1.0; 3], &[1.0; 4]));
/// ```
#[macro_export]
macro_rules! gradient {
    ($($tokens:tt)*) => { $crate::__macros::gradient! { [$crate] $($tokens)* } };
}

/// The rows of `const GRAPH`, where the names of `__private::code` are in scope.
#[doc(hidden)]
#[macro_export]
macro_rules! __rows {
    (layers $($parent:tt $name:literal $class:literal [$($inputs:tt $outputs:tt)*] $trainable:tt)*) => {
        &[$(Layer {
            parent: $parent,
            name: $name,
            class: $class,
            calls: &[$(Call { inputs: &$inputs, outputs: &$outputs }),*],
            trainable: $trainable,
        }),*]
    };
    (params $($name:literal $layer:tt $at:tt $shape:tt $trainable:tt $init:tt $regularizer:tt $constraint:tt
        $precision:ident)*) => {
        &[$(Param {
            name: $name,
            layer: $layer,
            at: $at,
            shape: &$shape,
            trainable: $trainable,
            init: $init,
            regularizer: $regularizer,
            constraint: $constraint,
            precision: Precision::$precision,
        }),*]
    };
    (values $($shape:tt $alias:tt)*) => {
        &[$(Value { shape: &$shape, alias: $alias }),*]
    };
    (ops $($(@[$($items:tt)*])? $kind:ident $({ $($sizes:tt)* })?; $layer:tt $inputs:tt $output:tt $params:tt)*) => {
        &[$({
            $($($items)*)?
            Op {
                kind: OpKind::$kind $({ $($sizes)* })?,
                layer: $layer,
                inputs: &$inputs,
                output: $output,
                params: &$params,
            }
        }),*]
    };
    (gradients $($op:tt $input:tt $accumulate:tt $only_for_inputs:tt)*) => {
        &[$(Gradient {
            op: $op,
            input: $input,
            accumulate: $accumulate,
            only_for_inputs: $only_for_inputs,
        }),*]
    };
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

/// What devices have to know of a layer of one's own, by the consts that have its phases and its value.
#[cfg(feature = "cuda")]
#[doc(hidden)]
#[macro_export]
macro_rules! __on_device {
    ($own:expr, $layer:expr) => {{
        const BODY: &$crate::__private::layer::OnDevice = &$crate::__private::layer::OnDevice {
            shapes: $own.shapes,
            cuda: || $own.cuda(&$layer),
            forward: |call, flat, y, saved, n| $own.forward(&$layer, call, flat, y, saved, n),
            backward_data: |call, flat, dx, n| $own.backward_data(&$layer, call, flat, dx, n, true),
            backward_params: |call, flat, dw, n| $own.gradients(&$layer, call, flat, dw, n),
            update_state: |call, flat, w, n| $own.update_state(&$layer, call, flat, w, n),
        };
        ::core::option::Option::Some(BODY)
    }};
}

#[cfg(not(feature = "cuda"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __on_device {
    ($own:expr, $layer:expr) => {
        ::core::option::Option::None
    };
}
