//! The tape: the same steps as `train_on_batch`, and gradients of losses of one's own.

use keras::prelude::*;

use crate::support::count::allocations;

sequential! { struct Net< Input(6), Dense(5, tanh, kernel_regularizer = L2(0.01)), Dense(3, softmax) >; }
sequential! { struct Plain< Input(6), Dense(5, relu), Dense(3) >; }
sequential! { struct Smooth< Input(6), Dense(5, gelu), Dense(2, sigmoid) >; }

fn data() -> (Vec<[f32; 6]>, Vec<[f32; 3]>) {
    let x = (0..8).map(|i| std::array::from_fn(|j| ((i * 7 + j * 3) % 11) as f32 / 11.0 - 0.5)).collect();
    let y = (0..8).map(|i| std::array::from_fn(|j| f32::from(u8::from(i % 3 == j)))).collect();
    (x, y)
}

fn equals_fit(optimizer: impl Optimizer + Clone) -> keras::Result<()> {
    let (x, y) = data();
    let mut compiled = Net::seeded(1).compile(optimizer.clone(), CategoricalCrossentropy::default(), ())?;
    let mut model = Net::seeded(1);
    let mut optimizer = optimizer.build(&model)?;
    let mut tape = GradientTape::new();
    for _ in 0..5 {
        compiled.train_on_batch(&x, &y)?;
        let (loss, mut grads) = tape.forward(&mut model, &x)?.gradient_of(CategoricalCrossentropy::default(), &y)?;
        assert!(loss.is_finite());
        optimizer.apply_gradients(&mut model, &mut grads);
    }
    assert_eq!(model.dense.kernel, compiled.dense.kernel);
    assert_eq!(model.dense_1.bias, compiled.dense_1.bias);
    Ok(())
}

#[test]
fn steps_equal_those_of_fit() -> keras::Result<()> {
    equals_fit(Sgd::new(0.1).momentum(0.9).nesterov(true))?;
    equals_fit(Adam::new(0.01))?;
    equals_fit(Adam::new(0.01).global_clipnorm(0.5).weight_decay(0.01))
}

/// Mean squared error, its gradient written by hand, on a model with a linear output.
#[test]
fn a_loss_of_ones_own() -> keras::Result<()> {
    let (x, t) = data();
    let mut model = Plain::seeded(1);
    let mut optimizer = Sgd::new(0.2).build(&model)?;
    let mut tape = GradientTape::new();
    let mut dy = vec![[0.0f32; 3]; x.len()];
    let mut losses = Vec::new();
    for _ in 0..200 {
        let pass = tape.forward(&mut model, &x)?;
        let mut loss = 0.0;
        for ((dy, y), t) in dy.iter_mut().zip(pass.output()).zip(&t) {
            for j in 0..3 {
                loss += (y[j] - t[j]).powi(2) / 24.0;
                dy[j] = 2.0 * (y[j] - t[j]) / 24.0;
            }
        }
        losses.push(loss);
        let mut grads = pass.gradient(&dy)?;
        optimizer.apply_gradients(&mut model, &mut grads);
    }
    assert!(losses[199] < losses[0] / 5.0, "{} to {}", losses[0], losses[199]);
    Ok(())
}

/// dL/dx against central differences.
#[test]
fn gradients_of_inputs() -> keras::Result<()> {
    let (x, _) = data();
    let x = [x[3]];
    let mut model = Smooth::seeded(1);
    let dy = [[1.0f32, -2.0]];
    let value = |model: &_, x: &[f32; 6]| -> f64 {
        let y: [f32; 2] = Predict::predict_one(model, x);
        f64::from(y[0]) - 2.0 * f64::from(y[1])
    };
    let mut tape = GradientTape::new().watch_inputs(true);
    let found = tape.forward(&mut model, &x)?.gradient(&dy)?.inputs().expect("watched")[0];
    for j in 0..6 {
        let (mut up, mut down) = (x[0], x[0]);
        up[j] += 1e-2;
        down[j] -= 1e-2;
        let difference = (value(&*model, &up) - value(&*model, &down)) / 2e-2;
        assert!((f64::from(found[j]) - difference).abs() < 1e-3, "{j}: {} and {difference}", found[j]);
    }
    let mut tape = GradientTape::new();
    assert!(tape.forward(&mut model, &x)?.gradient(&dy)?.inputs().is_none(), "not watched");
    Ok(())
}

#[test]
fn mistakes_and_memory() -> keras::Result<()> {
    let (x, y) = data();
    let mut model = Net::seeded(1);
    let mut tape = GradientTape::new();
    assert!(tape.forward(&mut model, &[]).is_err());
    let error = tape.forward(&mut model, &x)?.gradient(&y[..3]).map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "gradient: dy: expected 8 rows as in the first input, found 3");

    let mut optimizer = Adam::default().build(&model)?;
    let mut step = || {
        let mut grads = tape.forward(&mut model, &x).unwrap().gradient(&y).unwrap();
        optimizer.apply_gradients(&mut model, &mut grads);
    };
    step();
    assert_eq!(allocations(step), 0);
    Ok(())
}
