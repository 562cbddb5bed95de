//! What a policy changes, and what it does not.

use keras::prelude::*;
use keras::{GradientTape, Infer, sequential};

sequential! {
    /// A layer under a policy.
    struct Mixed< Input(3), Dense(2, dtype = "mixed_bfloat16") >;
}
sequential! { struct Plain< Input(2), Dense(2, dtype = "float32"), Dense(1) >; }
sequential! { #[dtype = "mixed_bfloat16"] struct Whole< Input(3), Dense(2), self::Plain, Dense(1) >; }

keras::layer! { struct Head(units) < Dense(units), Dense(2, dtype = "float32") >; }
sequential! { struct Blocks< Input(3), self::Head!(4, dtype = "mixed_bfloat16"), Dense(1) >; }

/// A number with more digits than bfloat16 has, and the nearest that it has.
const LONG: [f32; 2] = [1.0 + 1.0 / 512.0, 1.0];

/// A model of weights that are all such.
fn mixed() -> keras::Boxed<Mixed> {
    let mut model = Mixed::new();
    model.dense.kernel = [[LONG[0]; 2]; 3];
    model.dense.bias = [0.25; 2];
    model
}

#[test]
fn every_way_to_predict_rounds_inputs_weights_and_outputs() {
    let model = mixed();
    let x = [[LONG[0], 1.0, 1.0 / 512.0]];
    // 1 + 1 + 1/512 + 1/4 of rounded numbers, rounded.
    let y = [2.25; 2];
    assert_eq!(model.predict(&x, 1).unwrap(), [y]);
    assert_eq!(model.predict_one(&x[0]), y);
    assert_eq!(model.session().predict_one(&x[0]).unwrap(), y);
    assert_eq!(model.infer_one(&x[0], &mut [0.0; Mixed::MEMORY]), y);
    assert_eq!(model.layer_output::<[f32; 2]>("dense", &x).unwrap(), [y]);
    let mut model = model.compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
    assert_eq!(model.predict_with(&x, 1).unwrap(), [y]);
    assert_eq!(model.evaluate(&x, &[y], 1).unwrap().loss(), 0.0);
    let mut tape = GradientTape::new();
    assert_eq!(tape.forward(&mut model, &x).unwrap().output(), [y]);
}

#[test]
fn weights_are_trained_in_f32() {
    let (x, y) = ([[1.0, 0.0, 0.0]], [[0.0; 2]]);
    let mut model = mixed().compile(Sgd::new(1.0 / 1024.0), MeanSquaredError::default(), ()).unwrap();
    model.train_on_batch(&x, &y).unwrap();
    // The output is 1.25 by the rounded weight, so the gradient of the mean over both outputs is 1.25; what it is taken from is not rounded.
    let expected = LONG[0] - 1.25 / 1024.0;
    assert_eq!(model.dense.kernel, [[expected; 2], [LONG[0]; 2], [LONG[0]; 2]]);
    // The next step reads the weights as they are then.
    assert_eq!(model.predict_one(&x[0]), [1.25 + 0.0; 2]);
    for _ in 0..8 {
        model.train_on_batch(&x, &y).unwrap();
    }
    assert!(model.predict_one(&x[0])[0] < 1.25);
}

#[test]
fn blocks_have_the_policy_of_their_call() {
    let kernels = Blocks::GRAPH.params.iter().filter(|param| param.name == "kernel");
    let precisions: Vec<&str> = kernels.map(|param| param.precision.name()).collect();
    assert_eq!(precisions, ["bfloat16", "float32", "float32"]);
}

#[test]
fn models_that_are_layers_have_policies_of_their_own() {
    let precision = |layer: &str| {
        let graph = Whole::GRAPH;
        let of = |param: &&keras::graph::Param| graph.path(param.layer) == layer && param.name == "kernel";
        graph.params.iter().find(of).unwrap().precision
    };
    assert_eq!(precision("dense").name(), "bfloat16");
    assert_eq!(precision("plain/dense").name(), "float32");
    assert_eq!(precision("dense_1").name(), "bfloat16");
    let x = [LONG[0], 0.5, -0.25];
    let model = Whole::seeded(3);
    assert_eq!(model.predict_one(&x), model.predict(&[x], 1).unwrap()[0]);
}

/// The value of `Masking` is rounded as its input is.
#[test]
fn masks_are_by_rounded_values() {
    let model = sequential!(Input(3, 2), Masking(mask_value = 0.1, dtype = "mixed_bfloat16"));
    // 0.1001 is rounded to what 0.1 is rounded to.
    let x = [[0.1, 0.1], [0.5, 0.1], [0.1001, 0.1]];
    let y = [[0.0; 2], [0.5, 0.100_097_656], [0.0; 2]];
    assert_eq!(model.predict(&[x], 1).unwrap(), [y]);
    assert_eq!(model.predict_one(&x), y);
}

/// Beyond the largest number of half precision is infinity, and below half of the smallest is 0; bfloat16 has both.
#[test]
fn half_precision_has_a_largest_and_a_smallest_number() {
    let half = sequential!(Input(2), Rescaling(1024.0, dtype = "mixed_float16"));
    let brain = sequential!(Input(2), Rescaling(1024.0, dtype = "mixed_bfloat16"));
    for (x, y) in [(63.0, 64512.0), (64.0, f32::INFINITY), (-64.0, f32::NEG_INFINITY)] {
        assert_eq!(half.predict_one(&[x, 0.0]), [y, 0.0]);
        assert_eq!(brain.predict_one(&[x, 0.0]), [x * 1024.0, 0.0]);
    }
    let (least, below) = (1.0 / 16_777_216.0, 1.0 / 33_554_432.0);
    assert_eq!(half.predict_one(&[least, below]), [1024.0 * least, 0.0]);
    assert_eq!(brain.predict_one(&[least, below]), [1024.0 * least, 1024.0 * below]);
}

/// Numbers of rows are no numbers to compute with.
#[test]
fn numbers_of_rows_are_not_rounded() {
    sequential! { struct Table< Input(2), Embedding(300, 1, dtype = "mixed_bfloat16") >; }
    let mut model = Table::new();
    model.embedding.embeddings = std::array::from_fn(|i| [i as f32 - 200.0]);
    assert_eq!(model.predict_one(&[257.0, 299.0]), [[57.0], [99.0]]);
}

/// Rows that are not rounded meet a rounded table, and what comes of it is not rounded; nor is it in a layer of float32.
#[test]
fn embeddings_in_reverse_take_rows_as_they_are() {
    model! { struct Reverse(x: [1, 1]) { ReversibleEmbedding(1, 1, dtype = "mixed_bfloat16")(x, reverse = true) } }
    let mut model = Reverse::new();
    model.reversible_embedding.embeddings = [[LONG[0]]];
    assert_eq!(model.predict_one(&[[LONG[0]]]), [[LONG[0]]]);

    model! {
        struct Rounded(x: [1, 1]) {
            let h = Identity(dtype = "mixed_bfloat16")(x);
            let table = ReversibleEmbedding(1, 1, dtype = "mixed_bfloat16");
            let plain = ReversibleEmbedding(1, 1);
            (table(h, reverse = true), plain(h, reverse = true))
        }
    }
    let mut model = Rounded::new();
    model.reversible_embedding.embeddings = [[LONG[0]]];
    model.reversible_embedding_1.embeddings = [[LONG[0]]];
    assert_eq!(model.predict_one(&[[LONG[0]]]), ([[LONG[1]]], [[LONG[0]]]));
}
