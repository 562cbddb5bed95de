//! Layers, inputs and structs whose names stand in generated code too. Each model is one of plain names besides.

use kk::prelude::*;

kk::sequential! { struct Plain< Input(4), Dense(5, gelu), Dense(6, relu), Dense(7, tanh), Dense(2, softmax) >; }

macro_rules! named {
    ($($name:ident: $a:literal $b:literal $c:literal $d:literal;)*) => {
        $(
            kk::sequential! {
                struct $name<
                    Input(4), Dense(5, gelu, name = $a), Dense(6, relu, name = $b), Dense(7, tanh, name = $c),
                    Dense(2, softmax, name = $d)
                >;
            }
        )*

        /// What each of them predicts after some training; the first has plain names.
        ///
        /// # Errors
        /// None.
        pub fn predictions() -> kk::Result<std::vec::Vec<[f32; 2]>> {
            let (x, y) = ([[0.1, 0.2, 0.3, 0.4]; 3], [[0.0, 1.0]; 3]);
            let mut all = std::vec::Vec::new();
            let loss = CategoricalCrossentropy::default;
            let mut model = Plain::seeded(3).compile(Sgd::new(0.1), loss(), ())?;
            drop(model.fit(&x, &y, Fit::epochs(3).verbose(0))?);
            all.push(model.predict_one(&x[0]));
            $(
                let mut model = $name::seeded(3).compile(Sgd::new(0.1), loss(), ())?;
                drop(model.fit(&x, &y, Fit::epochs(3).verbose(0))?);
                all.push(model.predict_one(&x[0]));
            )*
            std::result::Result::Ok(all)
        }
    };
}

named! {
    Contexts: "cx" "ws" "m" "x";
    Locals: "n" "first" "out" "tmp";
    Sinks: "sink" "self_" "d_x" "x_";
    Gradients: "dense" "d_dense" "dense_z" "d_dense_z";
    Structs: "a_b" "a__b" "aB" "a1";
    Underscores: "_a" "__" "___" "A";
    Kernels: "kernel" "bias" "activation" "softmax";
    Methods: "new" "seeded" "infer" "GRAPH";
    Words: "union" "auto" "macro_rules" "r";
    Letters: "größe" "층" "é" "Ω";
    Numbers: "dense_1" "dense1" "dense_01" "dense_1_";
    Vec: "vec" "option" "some" "none";
    Option: "Vec" "Option" "Some" "None";
    Some: "f32" "usize" "u64" "bool";
    None: "core" "std" "kk" "keras";
    Result: "Result" "Box" "Sized" "Drop";
    Box: "boxed" "Boxed" "Block" "Model";
    Self_: "dense_2" "dense_3" "dense_4" "x0";
    r#type: "a" "b" "c" "d";
    MlpDense: "dense" "dense_" "mlp" "mlp_dense";
    Graph: "graph" "layer" "op" "value";
}

kk::model! {
    struct Inputs(x: [4], ws: [4], cx: [4], m: [4], n: [4], out: [4], r#type: [4], d_x: [4]) {
        let tmp = Dense(4, gelu, name = "ws_")(x + ws + cx + m);
        let sink = Dense(4, gelu, name = "cx")(n + out + r#type + d_x);
        let x = Dense(4, tanh, name = "x")(tmp);
        let x = Dense(4, tanh, name = "d_cx")(x) + sink;
        x
    }
}

/// Inputs of such names.
#[must_use]
pub fn inputs() -> [f32; 4] {
    let a = [0.5; 4];
    Inputs::seeded(1).predict_one(&(a, a, a, a, a, a, a, a))
}
