//! Batch normalization while a model is trained: any number of threads, batches of one, frozen layers, the tape.

use keras::__private::Block;
use keras::prelude::*;

use crate::support::count::allocations;

sequential! {
    struct Deep<
        Input((8, 12)),
        BatchNormalization(momentum = 0.9),
        Dense(96, tanh),
        BatchNormalization(momentum = 0.5, scale = false),
        BatchNormalization(momentum = 0.5, renorm = true, renorm_clipping = (rmax = 3.0, dmax = 5.0)),
        LayerNormalization,
        Flatten,
        Dense(256),
        BatchNormalization(center = false, scale = false),
        Dense(10, softmax),
    >;
}

sequential! { struct Inner< Input(6), BatchNormalization(momentum = 0.5), Dense(6) >; }
sequential! { struct Outer< Input(6), Dense(6), self::Inner, Dense(2) >; }

fn rows<const N: usize>(n: usize) -> Vec<[f32; N]> {
    let value = |i: usize| (i as u32).wrapping_mul(2_654_435_761) as f32 / u32::MAX as f32 - 0.25;
    (0..n).map(|row| std::array::from_fn(|i| value(row * N + i))).collect()
}

fn images(n: usize) -> Vec<[[f32; 12]; 8]> {
    rows::<96>(n).iter().map(|row| std::array::from_fn(|i| std::array::from_fn(|j| row[12 * i + j]))).collect()
}

fn bits(w: &[f32]) -> Vec<u32> {
    w.iter().map(|w| w.to_bits()).collect()
}

#[test]
fn any_number_of_threads_gives_the_same_weights() -> keras::Result<()> {
    let (x, y) = (images(192), (0..192).map(|i| (i * 7 % 10) as u8).collect::<Vec<u8>>());
    let train = |threads| {
        let loss = SparseCategoricalCrossentropy::default();
        let mut model = Deep::seeded(1).compile(Adam::new(0.01), loss, ())?.seed(2).threads(threads);
        for n in [192, 150, 192] {
            model.train_on_batch(&x[..n], &y[..n])?;
        }
        assert_eq!(allocations(|| model.train_on_batch(&x, &y).map(|_| ()).unwrap()), 0);
        model.evaluate(&x, &y, 192)?;
        Ok::<_, keras::Error>(bits(model.as_slice()))
    };
    let one = train(1)?;
    for threads in [2, 5] {
        assert!(train(threads)? == one, "{threads} threads give other weights than one");
    }
    Ok(())
}

#[test]
fn averages_move_in_training_only() -> keras::Result<()> {
    let (x, y) = (rows::<6>(9), rows::<2>(9));
    let mut model = Outer::seeded(1).compile(Sgd::new(0.01), MeanSquaredError::default(), ())?;
    let before = model.inner.batch_normalization.moving_mean;
    model.evaluate(&x, &y, 4)?;
    model.predict(&x, 4)?;
    assert_eq!(model.inner.batch_normalization.moving_mean, before);
    // The last batch has one row.
    model.fit(&x, &y, Fit::epochs(1).batch_size(4).verbose(0))?;
    assert_ne!(model.inner.batch_normalization.moving_mean, before);
    assert!(model.as_slice().iter().all(|w| w.is_finite()));
    Ok(())
}

/// A frozen layer normalizes by its averages and leaves them alone, whatever froze it.
#[test]
fn frozen_layers_are_as_in_inference() -> keras::Result<()> {
    let (x, y) = (rows::<6>(8), rows::<2>(8));
    for frozen in ["inner", "inner/batch_normalization"] {
        let mut model = Outer::seeded(1).compile(Sgd::new(0.01), MeanSquaredError::default(), ())?;
        model.train_on_batch(&x, &y)?;
        model.set_trainable(frozen, false)?;
        let before = (model.inner.batch_normalization.moving_mean, model.inner.batch_normalization.moving_variance);
        let expected = model.evaluate(&x, &y, 8)?.loss();
        let loss = model.train_on_batch(&x, &y)?.loss();
        assert!((loss - expected).abs() < 1e-6, "{frozen}: {loss} in training, {expected} in inference");
        assert_eq!(
            (model.inner.batch_normalization.moving_mean, model.inner.batch_normalization.moving_variance),
            before
        );
        model.set_trainable(frozen, true)?;
        model.train_on_batch(&x, &y)?;
        assert_ne!(model.inner.batch_normalization.moving_mean, before.0);
    }
    Ok(())
}

#[test]
fn the_tape_makes_the_same_steps() -> keras::Result<()> {
    let (x, y) = (rows::<6>(8), rows::<2>(8));
    let mut compiled = Outer::seeded(1).compile(Sgd::new(0.1), MeanSquaredError::default(), ())?;
    let mut model = Outer::seeded(1);
    let mut optimizer = Sgd::new(0.1).build(&model)?;
    let mut tape = GradientTape::new();
    for _ in 0..4 {
        compiled.train_on_batch(&x, &y)?;
        let (_, mut grads) = tape.forward(&mut model, &x)?.gradient_of(MeanSquaredError::default(), &y)?;
        optimizer.apply_gradients(&mut model, &mut grads);
    }
    assert_eq!(bits(model.as_slice()), bits(compiled.as_slice()));
    Ok(())
}
