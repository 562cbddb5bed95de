//! Training steps and predictions allocate nothing after the first.

use keras::prelude::*;

use crate::support::count::allocations;

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| vec![1, 2, 3]), 1);
    assert_eq!(allocations(|| 1 + 2), 0);
}

sequential! { struct Chain< Input((4, 6)), Dense(16, gelu), Dropout(0.5), Flatten, Dense(8, relu, kernel_regularizer = "l2"), Dense(3, softmax) >; }

model! {
    struct Graph(a: [5], b: [5]) {
        let shared = Dense(7, tanh, activity_regularizer = L1(0.01));
        let u = shared(a);
        let v = shared(b);
        let z = Concatenate()(u, v);
        (Dense(4, softmax)(Dense(14, relu)(z) + z), Dense(2)(u))
    }
}

fn chain(optimizer: impl Optimizer) -> keras::Result<()> {
    let (x, y) = (vec![[[0.5f32; 6]; 4]; 32], vec![[0.0f32, 1.0, 0.0]; 32]);
    let mut model = Chain::seeded(1).compile(optimizer, CategoricalCrossentropy::default(), (Accuracy::default(),))?;
    model.train_on_batch(&x, &y)?;
    // Smaller batches fit into what the first one took.
    for n in [32, 7, 1] {
        let count = allocations(|| model.train_on_batch(&x[..n], &y[..n]).map(|_| ()).unwrap());
        assert_eq!(count, 0, "train_on_batch of {n}");
    }
    let mut out = vec![[0.0; 3]; 32];
    model.predict_into(&x, &mut out)?;
    assert_eq!(allocations(|| model.predict_into(&x, &mut out).unwrap()), 0, "predict_into");
    assert_eq!(allocations(|| model.predict_one(&x[0])), 0, "predict_one");
    Ok(())
}

#[test]
fn chain_with_sgd() -> keras::Result<()> {
    chain(Sgd::new(0.01))?;
    chain(Sgd::new(0.01).momentum(0.9).nesterov(true))
}

#[test]
fn chain_with_adam() -> keras::Result<()> {
    chain(Adam::default())
}

#[test]
fn graph() -> keras::Result<()> {
    let (a, y, z) = (vec![[0.5f32; 5]; 16], vec![2u8; 16], vec![[1.0f32, 2.0]; 16]);
    let losses = (SparseCategoricalCrossentropy::default(), MeanSquaredError::default());
    let mut model = Graph::seeded(1).compile(Adam::default(), losses, ((Accuracy::default(),), ()))?;
    model.train_on_batch((&a, &a), (&y, &z))?;
    let count = allocations(|| model.train_on_batch((&a, &a), (&y, &z)).map(|_| ()).unwrap());
    assert_eq!(count, 0, "train_on_batch");
    model.predict_one(&(a[0], a[1]));
    assert_eq!(allocations(|| model.predict_one(&(a[0], a[1]))), 0, "predict_one");
    Ok(())
}
