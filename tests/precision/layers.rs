//! Each kind of layer under `mixed_bfloat16`.

use keras::{Boxed, Model, model, sequential};

use crate::cases::cases;
use crate::layer_test;
use crate::support::fill::Fill;
use crate::support::golden;
use crate::support::interpret::{self, Random};
use crate::support::layer_test::{keras_within, set_weights};

/// How far from Keras's numbers ours may be, relative to a tensor's largest magnitude, where so many roundings differ.
///
/// bfloat16 has 8 digits, so that a rounding changes a number by 2⁻⁹ of itself at the most. Keras rounds the result of every operation
/// within a layer (a product, its sum with a bias, an activation, each step of a cell), which here is rounded once; and it rounds the
/// gradients of weights, while it adds them up too.
fn roundings(n: usize) -> f64 {
    n as f64 / 512.0
}

/// A number that neither bfloat16 nor half precision has.
pub(crate) const MISSING: f32 = 0.1;

/// How many of them there are between the input of a layer and its output, or back.
pub(crate) const LAYER: usize = 8;

/// The tests of a model, and its golden case.
macro_rules! mixed_test {
    ($name:ident, $keras:ident, $roundings:expr, $model:expr) => {
        layer_test!($name, $model);

        #[test]
        fn $keras() {
            keras_within($model, concat!("bfloat16_", stringify!($name)), roundings($roundings));
        }
    };
}

cases!("mixed_bfloat16", mixed_test, mixed_test);
mixed_test!(
    embedding_floats,
    keras_embedding_floats,
    LAYER,
    sequential!(Input(5), Embedding(300, 3, dtype = "mixed_bfloat16"))
);
mixed_test!(
    masking,
    keras_masking,
    LAYER,
    sequential!(
        #[dtype = "mixed_bfloat16"]
        Input(4, 3),
        Masking(MISSING),
        SimpleRNN(2)
    )
);
mixed_test!(
    multi_head_attention,
    keras_multi_head_attention,
    3 * LAYER,
    model!(#[dtype = mixed_bfloat16] |x: [3, 4]| MultiHeadAttention(1, 2)(x, x))
);

// What has no golden case: the interpreter alone knows where roundings are.
layer_test!(
    shared,
    model!(|x: [4], y: [4]| {
        let layer = Dense(3, tanh, kernel_regularizer = L2(0.1), dtype = "mixed_bfloat16");
        layer(x) + layer(y)
    })
);
layer_test!(
    images,
    sequential!(
        #[dtype = "mixed_bfloat16"]
        Input(6, 5, 1),
        Conv2D(3, 3, activation = relu),
        MaxPooling2D(2),
        Flatten,
        Dropout(0.5),
        Dense(2)
    )
);
layer_test!(
    moved,
    model!(
        #[dtype = "mixed_bfloat16"]
        |x: [2, 3], y: [2, 3]| {
            let both = Concatenate()(x, y);
            Multiply()(Permute((2, 1))(both), Dense(2)(Reshape((6, 2))(both)))
        }
    )
);
layer_test!(steps, sequential!(Input(3, 4), TimeDistributed(Dense(2, tanh), dtype = "mixed_bfloat16"), Dense(2)));
layer_test!(
    states,
    model!(
        #[dtype = "mixed_bfloat16"]
        |x: [3, 2], h: [4]| {
            let (y, last) = GRU(4, return_sequences = true, return_state = true)(x, initial_state = h);
            GlobalAveragePooling1D()(y) + last
        }
    )
);
layer_test!(
    masked,
    sequential!(
        #[dtype = "mixed_bfloat16"]
        Input(4, 3),
        Masking,
        LSTM(2)
    )
);
layer_test!(
    tied,
    model!(
        #[dtype = "mixed_bfloat16"]
        |x: [u32; 4], y: [4]| {
            let table = ReversibleEmbedding(9, 3, mask_zero = true, logit_soft_cap = 2.0);
            table(Dense(3, tanh)(table(x) + table(y)), reverse = true)
        }
    )
);
layer_test!(normalized, sequential!(Input(4), Dense(6), BatchNormalization(dtype = "mixed_bfloat16"), Dense(2)));

/// Whether what Keras computes under a policy is nearer to what a model does than to what it would do without: in the mean over
/// outputs and gradients, relative to the largest magnitude of each.
fn nearer_with_policy<M: Model<Input: Fill>>(model: &Boxed<M>, name: &str) {
    let mut model = model.clone();
    for (name, case) in golden::batches(name) {
        set_weights(&mut model, case);
        let w: Vec<f64> = model.as_slice().iter().map(|&w| f64::from(w)).collect();
        let (x, dy, n) = (case.list("x"), case.list("dy"), case.rows());
        let training = case.number("training").is_some();
        let errors = [true, false].map(|rounds| {
            let ran =
                interpret::run(M::GRAPH, &w, &x, &dy, n, Random { training, seed: 3, step: 5, frozen: false, rounds });
            let gradients = ran.input_grads.iter().zip(case.list("dx"));
            let pairs: Vec<_> = ran.outputs.iter().zip(case.list("y")).chain(gradients).collect();
            let error = |(ours, keras): &(&Vec<f64>, Vec<f64>)| {
                let scale = keras.iter().fold(0.0f64, |max, x| max.max(x.abs()));
                ours.iter().zip(keras).map(|(a, b)| (a - b).abs()).sum::<f64>() / (scale * keras.len() as f64)
            };
            pairs.iter().map(error).sum::<f64>()
        });
        assert!(errors[0] < errors[1], "{name}: {:e} from Keras with its policy, {:e} without", errors[0], errors[1]);
    }
}

/// Keras's numbers are nearer to ours than to those of the same model without its policy, where Keras rounds where we do.
#[test]
fn what_is_rounded_is_what_keras_rounds() {
    nearer_with_policy(&sequential!(Input(7), Dense(5, dtype = "mixed_bfloat16")), "bfloat16_dense");
    nearer_with_policy(
        &sequential!(Input(5, 4, 3), DepthwiseConv2D(3, depth_multiplier = 2, dtype = "mixed_bfloat16")),
        "bfloat16_depthwise_conv2d",
    );
    nearer_with_policy(
        &sequential!(Input(3, 6), LayerNormalization(dtype = "mixed_bfloat16")),
        "bfloat16_layer_normalization",
    );
    nearer_with_policy(
        &sequential!(Input(3, 6), RMSNormalization(dtype = "mixed_bfloat16")),
        "bfloat16_rms_normalization",
    );
    nearer_with_policy(
        &sequential!(Input(3, 2), BatchNormalization(dtype = "mixed_bfloat16")),
        "bfloat16_batch_normalization",
    );
    nearer_with_policy(
        &sequential!(Input(4, 4, 2), AveragePooling2D(2, dtype = "mixed_bfloat16")),
        "bfloat16_average_pooling2d",
    );
    nearer_with_policy(
        &sequential!(Input(5, dtype = u32), Embedding(300, 3, dtype = "mixed_bfloat16")),
        "bfloat16_embedding",
    );
    let masked = sequential!(
        #[dtype = "mixed_bfloat16"]
        Input(4, 3),
        Masking(MISSING),
        SimpleRNN(2)
    );
    nearer_with_policy(&masked, "bfloat16_masking");
}
