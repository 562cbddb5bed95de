//! Predictions, and what does not depend on how they are asked for.

use keras_kernels::memory::{Block, Boxed};
use keras_runtime::{Predict, Predicting};

use crate::models::TwoHeads;
use crate::{Classifier, classifier, data};

#[test]
fn all_ways_give_the_same() {
    let (x, _) = data(300);
    let mut model = classifier();
    let expected = model.predict(&x, 300).unwrap();
    assert_eq!(expected.len(), 300);
    for batch_size in [1, 7, 128, 1000] {
        assert_eq!(model.predict(&x, batch_size).unwrap(), expected);
    }
    let mut y = vec![[0.0; 3]; 300];
    model.predict_into(&x, &mut y).unwrap();
    assert_eq!(y, expected);
    let one_by_one: Vec<_> = x.iter().map(|x| model.predict_one(x)).collect();
    assert_eq!(one_by_one, expected);
    assert_eq!(model.predict_on_batch(&x).unwrap(), expected);
    assert_eq!(model.predict_with(&x, Predicting::batch_size(7).verbose(0)).unwrap(), expected);
    let some = model.predict_with(&x, Predicting::batch_size(7).steps(2).verbose(0)).unwrap();
    assert_eq!(some, expected[..14]);
}

#[test]
fn several_outputs_come_as_a_tuple() {
    let (x, _) = data(5);
    let model: Boxed<TwoHeads> = keras_runtime::init(Some(1));
    let (first, second) = model.predict(&x, 2).unwrap();
    assert_eq!((first.len(), second.len()), (5, 5));
    assert_eq!(model.predict_one(&x[3]), (first[3], second[3]));
    let (mut a, mut b) = (vec![[0.0; 3]; 5], vec![[0.0; 2]; 5]);
    model.predict_into(&x, (&mut a, &mut b)).unwrap();
    assert_eq!((a, b), (first, second));
}

#[test]
fn one_model_serves_many_threads() {
    let (x, _) = data(50);
    let model: Boxed<Classifier> = keras_runtime::init(Some(1));
    let expected = model.predict(&x, 50).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for (x, y) in x.iter().zip(&expected) {
                    assert_eq!(model.predict_one(x), *y);
                }
            });
        }
    });
}

#[test]
fn a_compiled_model_is_its_weights() {
    let mut model = classifier();
    model.dense.bias[0] = 0.25;
    assert_eq!(model.as_slice()[24], 0.25);
    assert_eq!(model.into_model().dense.bias[0], 0.25);
}
