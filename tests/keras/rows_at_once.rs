//! A step that takes a batch block by block gives the weights and scores of one that takes it whole.

use keras::__private::Block;
use keras::prelude::*;
use keras::{Error, Result};

use crate::support::count::allocations;

/// Rows of a batch.
const N: usize = 37;

sequential! { struct Base< Input(12), Dense(12, tanh, kernel_regularizer = L2(0.01)), Dropout(0.25), Dense(8) >; }

model! {
    struct Net(x: [6, 6, 2]) {
        let image = Conv2D(5, 3, activation = relu)(x);
        let base = self::Base;
        let h = Flatten()(MaxPooling2D()(image));
        let twice = Dense(12, relu, kernel_regularizer = L1(0.001));
        let h = base(twice(Dense(12)(h)) + twice(Dense(12)(h)));
        let lines = LSTM(8, dropout = 0.2)(Reshape((6, 12))(x));
        Dense(4, softmax)(h + lines)
    }
}

// Large enough for several threads.
sequential! {
    struct Wide<
        Input((6, 6, 2)),
        Conv2D(64, 3, activation = relu, padding = "same"),
        Dropout(0.1),
        Conv2D(64, 3),
        Reshape((16, 64)),
        LSTM(24),
        Dense(4, softmax),
    >;
}

sequential! { struct Normalized< Input(6), Dense(4), BatchNormalization, Dense(3, softmax) >; }

type Image = [[[f32; 2]; 6]; 6];

fn data() -> (Vec<Image>, Vec<u8>, Vec<f32>) {
    let mut at = 0u32;
    let mut value = || {
        at += 1;
        at.wrapping_mul(2_654_435_761) as f32 / u32::MAX as f32 - 0.5
    };
    let x = (0..N).map(|_| [(); 6].map(|()| [(); 6].map(|()| [value(), value()]))).collect();
    (x, (0..N).map(|row| (row * 3 % 4) as u8).collect(), (0..N).map(|row| (row % 5) as f32 * 0.5).collect())
}

/// Trains and tests a few times, and gives the scores and the weights.
fn train(
    optimizer: impl Optimizer,
    rows: Option<usize>,
    threads: usize,
    weights: Option<&[f32]>,
) -> (Vec<f64>, Vec<f32>) {
    let (x, y, _) = data();
    let loss = SparseCategoricalCrossentropy::default();
    let model = Net::seeded(1).compile(optimizer, loss, (Accuracy::default(),)).unwrap();
    let model = model.weighted_metrics((Accuracy::default(),)).seed(2).threads(threads);
    let mut model = match rows {
        Some(rows) => model.rows_at_once(rows),
        None => model,
    };
    let mut scores = Vec::new();
    for _ in 0..3 {
        let fit = Fit::epochs(2).batch_size(20).verbose(0);
        let fit = if let Some(weights) = weights { fit.sample_weight(weights) } else { fit };
        let history = model.fit(&x, &y, fit).unwrap();
        scores.extend(["loss", "accuracy"].map(|name| history.last(name).unwrap()));
        let tested = model.evaluate(&x, &y, Evaluate::batch_size(N).verbose(0)).unwrap();
        scores.extend(["loss", "accuracy"].map(|name| tested.get(name).unwrap()));
    }
    (scores, model.as_slice().to_vec())
}

/// Whether two trainings differ by rounding alone.
#[track_caller]
fn close(what: &str, (scores, weights): &(Vec<f64>, Vec<f32>), (scores_2, weights_2): &(Vec<f64>, Vec<f32>)) {
    for (a, b) in scores.iter().zip(scores_2) {
        assert!((a - b).abs() <= 1e-5 * a.abs().max(1.0), "{what}: score {a}, not {b}");
    }
    for (a, b) in weights.iter().zip(weights_2) {
        assert!((a - b).abs() <= 1e-5, "{what}: weight {a}, not {b}");
    }
}

#[test]
fn blocks_of_any_size() {
    let whole = train(Sgd::new(0.1).momentum(0.9), Some(N), 1, None);
    for rows in [1, 3, 8, 19] {
        close(&format!("{rows} rows at once"), &train(Sgd::new(0.1).momentum(0.9), Some(rows), 1, None), &whole);
    }
    // So small a model is taken whole without being told.
    assert_eq!(train(Sgd::new(0.1).momentum(0.9), None, 1, None), whole);
}

#[test]
fn sample_weights_and_rules_for_whole_tensors() {
    let (_, _, weights) = data();
    let whole = train(Sgd::new(0.1).global_clipnorm(0.5), Some(N), 1, Some(&weights));
    close("weighted", &train(Sgd::new(0.1).global_clipnorm(0.5), Some(4), 1, Some(&weights)), &whole);
}

#[test]
fn any_number_of_threads() {
    let (x, y, _) = data();
    let train = |rows, threads| {
        let loss = SparseCategoricalCrossentropy::default();
        let model = Wide::seeded(1).compile(Adam::new(0.01), loss, (Accuracy::default(),)).unwrap();
        let mut model = model.seed(2).rows_at_once(rows).threads(threads);
        let history = model.fit(&x, &y, Fit::epochs(2).batch_size(N).verbose(0)).unwrap();
        (history.last("loss"), history.last("accuracy"), model.as_slice().to_vec())
    };
    for rows in [1, 4] {
        let one = train(rows, 1);
        for threads in [2, 7] {
            let several = train(rows, threads);
            assert!(several == one, "{threads} threads that take {rows} rows at once give other numbers than one");
        }
    }
}

#[test]
fn nothing_is_allocated() {
    let (x, y, _) = data();
    let loss = SparseCategoricalCrossentropy::default();
    let mut model = Net::seeded(1).compile(Adam::default(), loss, ()).unwrap().rows_at_once(4);
    model.train_on_batch(&x, &y).unwrap();
    assert_eq!(allocations(|| model.train_on_batch(&x, &y).map(|_| ()).unwrap()), 0);
}

#[test]
fn a_batch_norm_still_sees_the_batch() -> Result<()> {
    let (x, y) = (vec![[0.5, 1.0, -0.5, 0.25, 0.0, 2.0], [1.5; 6], [-1.0; 6]], [0u8, 1, 2]);
    let train = |rows: Option<usize>| -> Result<Vec<f32>> {
        let model = Normalized::seeded(1).compile(Sgd::new(0.1), SparseCategoricalCrossentropy::default(), ())?;
        let mut model = if let Some(rows) = rows { model.rows_at_once(rows) } else { model };
        model.train_on_batch(&x, &y)?;
        Ok(model.as_slice().to_vec())
    };
    assert_eq!(train(Some(1))?, train(None)?);
    Ok(())
}

#[test]
fn a_wrong_label_is_named_by_its_row_and_nothing_is_trained() {
    let (x, mut y, _) = data();
    y[30] = 4;
    let model = Net::seeded(1).compile(Sgd::new(0.1), SparseCategoricalCrossentropy::default(), ()).unwrap();
    let mut model = model.rows_at_once(8);
    let before = model.as_slice().to_vec();
    match model.train_on_batch(&x, &y) {
        Err(Error::Label { index: 30, value: 4, classes: 4 }) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(model.as_slice(), before);
}
