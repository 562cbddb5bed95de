//! Ternary kernels while a model is trained: any number of threads, batches in rounds, kernels of several panels.

use keras::__private::Block;
use keras::prelude::*;

use crate::support::count::allocations;

sequential! {
    struct Wide<
        Input(96),
        TernaryDense(700, activation = relu),
        TernaryDense(600, 0.02, relu),
        TernaryDense(10, activation = softmax),
    >;
}

fn rows<const N: usize>(n: usize) -> Vec<[f32; N]> {
    let value = |i: usize| (i as u32).wrapping_mul(2_654_435_761) as f32 / u32::MAX as f32 - 0.25;
    (0..n).map(|row| std::array::from_fn(|i| value(row * N + i))).collect()
}

#[test]
fn any_number_of_threads_gives_the_same_weights() -> keras::Result<()> {
    let x = rows::<96>(96);
    let y: Vec<u8> = (0..96).map(|i| (i * 7 % 10) as u8).collect();
    let train = |threads| {
        let loss = SparseCategoricalCrossentropy::default();
        let mut model = Wide::seeded(1).compile(Adam::new(0.01), loss, ())?.seed(2).threads(threads);
        for n in [96, 75, 96] {
            model.train_on_batch(&x[..n], &y[..n])?;
        }
        assert_eq!(allocations(|| model.train_on_batch(&x, &y).map(|_| ()).unwrap()), 0);
        Ok::<_, keras::Error>(model.as_slice().iter().map(|w| w.to_bits()).collect::<Vec<_>>())
    };
    let one = train(1)?;
    for threads in [2, 5] {
        assert!(train(threads)? == one, "{threads} threads give other weights than one");
    }
    Ok(())
}

sequential! { struct Classes< Input(4), TernaryDense(32, activation = tanh), TernaryDense(2, activation = softmax) >; }

/// Which half of the numbers is larger.
#[test]
fn learns() -> keras::Result<()> {
    let x = rows::<4>(512);
    let y: Vec<u8> = x.iter().map(|x| u8::from(x[0] + x[1] > x[2] + x[3])).collect();
    let loss = SparseCategoricalCrossentropy::default();
    let mut model = Classes::seeded(1).compile(Adam::new(0.01), loss, (Accuracy::default(),))?.seed(2);
    let history = model.fit(&x, &y, Fit::epochs(20).batch_size(32).verbose(0))?;
    let accuracy = history.last("accuracy").unwrap();
    assert!(accuracy > 0.95, "{accuracy}");
    // What it gives is the product with three numbers.
    let dense = &model.ternary_dense;
    let magnitudes: f32 = dense.kernel.as_flattened().iter().map(|w| w.abs()).sum();
    let mean = magnitudes / 128.0;
    let t = |w: f32| if w.abs() > 0.5 * mean { w.signum() } else { 0.0 };
    let unit =
        |x: &[f32; 4], j: usize| (0..4).map(|p| x[p] * t(dense.kernel[p][j])).sum::<f32>() * mean + dense.bias[j];
    let h: [f32; 32] = std::array::from_fn(|j| unit(&x[0], j).tanh());
    let last = &model.ternary_dense_1;
    let mean = last.kernel.as_flattened().iter().map(|w| w.abs()).sum::<f32>() / 64.0;
    let t = |w: f32| if w.abs() > 0.5 * mean { w.signum() } else { 0.0 };
    let z: [f32; 2] =
        std::array::from_fn(|j| (0..32).map(|p| h[p] * t(last.kernel[p][j])).sum::<f32>() * mean + last.bias[j]);
    let [p, _] = model.predict_one(&x[0]);
    assert!((p - 1.0 / (1.0 + (z[1] - z[0]).exp())).abs() < 1e-5, "{p} for {z:?}");
    Ok(())
}

/// A weight that is not a number is not hidden by what it counts as.
#[test]
fn nan_spreads() {
    let mut model = Classes::seeded(1);
    model.ternary_dense.kernel[0][0] = f32::NAN;
    assert!(model.predict_one(&[1.0; 4]).iter().all(|p| p.is_nan()));
}
