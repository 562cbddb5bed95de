//! Spectral normalization while a model is trained: any number of threads, batches of one, frozen layers.

use keras::__private::Block;
use keras::prelude::*;

use crate::support::count::allocations;

sequential! {
    struct Deep<
        Input((8, 8, 3)),
        SpectralNormalization(Conv2D(32, 3, padding = same, activation = relu)),
        SpectralNormalization(Conv2D(32, 3, padding = same), power_iterations = 2),
        MaxPooling2D(2),
        Flatten,
        SpectralNormalization(Dense(256, tanh)),
        Dense(10, softmax),
    >;
}

sequential! { struct Small< Input(6), SpectralNormalization(Dense(4, tanh)), Dense(2) >; }

fn rows<const N: usize>(n: usize) -> Vec<[f32; N]> {
    let value = |i: usize| (i as u32).wrapping_mul(2_654_435_761) as f32 / u32::MAX as f32 - 0.25;
    (0..n).map(|row| std::array::from_fn(|i| value(row * N + i))).collect()
}

fn bits(w: &[f32]) -> Vec<u32> {
    w.iter().map(|w| w.to_bits()).collect()
}

#[test]
fn any_number_of_threads_gives_the_same_weights() -> keras::Result<()> {
    let image = |row: &[f32; 192]| {
        std::array::from_fn(|i| std::array::from_fn(|j| std::array::from_fn(|c| row[24 * i + 3 * j + c])))
    };
    let x: Vec<[[[f32; 3]; 8]; 8]> = rows::<192>(96).iter().map(image).collect();
    let y: Vec<u8> = (0..96).map(|i| (i * 7 % 10) as u8).collect();
    let train = |threads| {
        let loss = SparseCategoricalCrossentropy::default();
        let mut model = Deep::seeded(1).compile(Adam::new(0.01), loss, ())?.seed(2).threads(threads);
        for n in [96, 75, 96] {
            model.train_on_batch(&x[..n], &y[..n])?;
        }
        assert_eq!(allocations(|| model.train_on_batch(&x, &y).map(|_| ()).unwrap()), 0);
        Ok::<_, keras::Error>(bits(model.as_slice()))
    };
    let one = train(1)?;
    for threads in [2, 5] {
        assert!(train(threads)? == one, "{threads} threads give other weights than one");
    }
    Ok(())
}

#[test]
fn the_vector_moves_in_training_only() -> keras::Result<()> {
    let (x, y) = (rows::<6>(9), rows::<2>(9));
    let mut model = Small::seeded(1).compile(Sgd::new(0.01), MeanSquaredError::default(), ())?;
    let before = model.spectral_normalization.vector_u;
    model.evaluate(&x, &y, 4)?;
    model.predict(&x, 4)?;
    assert_eq!(model.spectral_normalization.vector_u, before);
    // The last batch has one row.
    model.fit(&x, &y, Fit::epochs(1).batch_size(4).verbose(0))?;
    assert_ne!(model.spectral_normalization.vector_u, before);
    let length: f32 = model.spectral_normalization.vector_u[0].iter().map(|u| u * u).sum();
    assert!((length - 1.0).abs() < 1e-5, "{length}");
    Ok(())
}

/// As in Keras, a frozen kernel is normalized all the same.
#[test]
fn frozen_layers_keep_their_kernel() -> keras::Result<()> {
    let (x, y) = (rows::<6>(8), rows::<2>(8));
    let mut model = Small::seeded(1).compile(Sgd::new(0.1), MeanSquaredError::default(), ())?;
    model.set_trainable("spectral_normalization", false)?;
    let before = (model.spectral_normalization.dense.kernel, model.spectral_normalization.vector_u);
    model.train_on_batch(&x, &y)?;
    assert_eq!(model.spectral_normalization.dense.kernel, before.0);
    assert_ne!(model.spectral_normalization.vector_u, before.1);
    Ok(())
}
