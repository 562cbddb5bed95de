use keras::__private::kernels::memory::Block;
use keras::prelude::*;
use keras::{model, sequential};

use crate::layer_test;

const WORDS: usize = 6;

layer_test!(words, sequential!(Input(4, dtype = u32), Embedding(6, 3)), ["embedding"]);
layer_test!(rank3, sequential!(Input((2, 3), dtype = i32), Embedding(WORDS, 2)), ["embedding_rank3"]);
layer_test!(
    l2,
    sequential!(Input(4, dtype = u8), Embedding(6, 3, embeddings_regularizer = L2(0.1), mask_zero = true), Dense(2)),
    ["embedding_l2"]
);
layer_test!(floats, sequential!(Input(4), Embedding(6, 3, mask_zero = true)));
layer_test!(
    shared,
    model!(|a: [u32; 3], b: [i64; 3]| {
        let table = Embedding(6, 5);
        Dense(2, tanh)(Concatenate()(table(a), table(b)))
    }),
    ["embedding_shared"]
);
layer_test!(const_size, sequential!(Input(WORDS - 2, dtype = u32), Embedding(WORDS, WORDS / 2)), ["embedding"]);
layer_test!(frozen, sequential!(Input(4, dtype = u16), Embedding(6, 3, trainable = false), Dense(2)));
layer_test!(wide, sequential!(Input(3, dtype = u32), Embedding(40, 33), Flatten, Dense(2)));
layer_test!(
    one_input_twice,
    model!(|x: [u32; 4]| Embedding(6, 3)(x) + Rescaling(0.25)(Reshape((4, 1))(Embedding(7, 1)(x))))
);
layer_test!(rescaled, sequential!(Input((2, 2), dtype = u8), Rescaling(0.5, -1.0), Dense(3)));

/// Weights that are updated at once, those of rows that do not occur among them.
#[test]
fn updates_are_those_of_stored_gradients() {
    let x: [[u32; 4]; 3] = [[1, 2, 2, 5], [0, 2, 1, 1], [5, 5, 5, 5]];
    let y = [[0.5; 2]; 3];
    for momentum in [0.0, 0.9] {
        let model = || sequential!(Input(4, dtype = u32), Embedding(6, 3), Flatten, Dense(2));
        let sgd = Sgd::new(0.1).momentum(momentum);
        let mut at_once = model().compile(sgd.clone(), MeanSquaredError::default(), ()).unwrap();
        // A norm that is clipped, at no length that occurs, has gradients stored first.
        let mut stored = model().compile(sgd.global_clipnorm(1e9), MeanSquaredError::default(), ()).unwrap();
        stored.as_mut_slice().copy_from_slice(at_once.as_slice());
        let before = at_once.as_slice().to_vec();
        for step in 0..5 {
            for model in [&mut at_once, &mut stored] {
                model.train_on_batch(&x[..2 + step % 2], &y[..2 + step % 2]).unwrap();
            }
            assert_eq!(at_once.as_slice(), stored.as_slice(), "momentum {momentum}, step {step}");
        }
        let row = |w: &[f32], i: usize| w[3 * i..3 * i + 3].to_vec();
        // No sample has word 3 or 4.
        assert_eq!(row(at_once.as_slice(), 3), row(&before, 3));
        assert_eq!(row(at_once.as_slice(), 4), row(&before, 4));
        assert_ne!(row(at_once.as_slice(), 5), row(&before, 5));
    }
}

#[test]
fn numbers_beyond_the_table_give_nan_and_no_gradient() {
    let model = sequential!(Input(3, dtype = i64), Embedding(4, 2));
    let y: [[f32; 2]; 3] = model.predict_one(&[3, -1, 4]);
    assert!(y[0].iter().all(|y| y.is_finite()) && y[1..].as_flattened().iter().all(|y| y.is_nan()));
    let y: [[f32; 2]; 3] = model.predict_one(&[i64::MIN, i64::MAX, 1 << 40]);
    assert!(y.as_flattened().iter().all(|y| y.is_nan()));
}

#[test]
fn fit_and_predict_take_integers() {
    // The class is whether word 3 is among the words.
    let x: Vec<[u32; 5]> = (0..200u32).map(|i| std::array::from_fn(|j| (i * 7 + j as u32 * i * i) % 8)).collect();
    let y: Vec<u8> = x.iter().map(|words| u8::from(words.contains(&3))).collect();
    let model = sequential!(Input(5, dtype = u32), Embedding(8, 4), Flatten, Dense(8, relu), Dense(2, softmax));
    let loss = SparseCategoricalCrossentropy::default();
    let mut model = model.compile(Adam::new(0.02), loss, (Accuracy::default(),)).unwrap().seed(1);
    model.fit(&x, &y, Fit::epochs(60).verbose(0)).unwrap();
    let scores = model.evaluate(&x, &y, Evaluate::batch_size(64).verbose(0)).unwrap();
    assert!(scores.get("accuracy").unwrap() > 0.95, "{scores:?}");
    assert_eq!(model.predict(&x, 32).unwrap().len(), 200);
}
