//! Masks up to the loss and the metrics, against real Keras.

use keras::prelude::*;
use keras::{Boxed, Model, sequential};

use crate::support::golden::{self, Case};
use crate::support::layer_test::set_weights;
use crate::support::{close, close32};

fn expected<M: Model>(case: Case, losses: &[f64], accuracies: &[f64], model: &Boxed<M>) {
    close("losses", losses, &case.tensor("losses"), 1e-5);
    close("accuracies", accuracies, &case.tensor("accuracies"), 1e-6);
    for param in M::GRAPH.params {
        let range = param.at..param.at + param.shape.iter().product::<usize>();
        let field = format!("f/{}/{}", M::GRAPH.path(param.layer), param.name);
        close32(&field, &model.as_slice()[range], &case.tensor(&field), 1e-5);
    }
}

#[test]
fn words_that_do_not_count() {
    let case = golden::case("sequence", "masked_words");
    let mut model = sequential!(Input(5, dtype = u32), Embedding(6, 4, mask_zero = true), Dense(3, softmax));
    set_weights(&mut model, case);
    let (x, y) = (case.tensor("x"), case.tensor("y"));
    let x: Vec<[u32; 5]> = x.as_chunks().0.iter().map(|row: &[f64; 5]| row.map(|x| x as u32)).collect();
    let y: Vec<[u32; 5]> = y.as_chunks().0.iter().map(|row: &[f64; 5]| row.map(|y| y as u32)).collect();
    let loss = SparseCategoricalCrossentropy::default();
    let mut model = model.compile(Adam::new(0.05), loss, (Accuracy::default(),)).unwrap();
    let (mut losses, mut accuracies) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        losses.push(model.train_on_batch(&x, &y).unwrap().loss());
        let scores = model.test_on_batch(&x, &y).unwrap();
        losses.push(scores.loss());
        accuracies.push(scores.get("accuracy").unwrap());
    }
    expected(case, &losses, &accuracies, &model);
}
