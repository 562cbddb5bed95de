//! What training, evaluation and predictions leave for each other, and what is refused.

use keras::__private::Block;
use keras::prelude::*;
use keras::{Predicting, Session};

use crate::support::count::allocations;

sequential! {
    struct Net< Input(5, 3), LSTM(6, return_sequences = true, stateful = true), GRU(4, stateful = true), Dense(2) >;
}

type X = [[f32; 3]; 5];

/// Samples that are the same in every run.
fn samples(seed: usize, n: usize) -> Vec<X> {
    let value = |i: usize| (i as u32).wrapping_mul(2_654_435_761) as f32 / u32::MAX as f32 - 0.5;
    let sample =
        |row: usize| std::array::from_fn(|t| std::array::from_fn(|k| value(((seed * 64 + row) * 5 + t) * 3 + k)));
    (0..n).map(sample).collect()
}

fn targets(n: usize) -> Vec<[f32; 2]> {
    samples(9, n).iter().map(|x| [x[0][0], x[4][2]]).collect()
}

/// A model that learns nothing, so that all it does differs by its states alone.
fn still() -> Compiled<Net, Sgd, MeanSquaredError> {
    Net::seeded(3).compile(Sgd::new(0.0), MeanSquaredError::default(), ()).unwrap()
}

/// The predictions for batches of 4, one after the other, of a session that begins with the first.
fn expected(batches: &[&[X]]) -> Vec<Vec<[f32; 2]>> {
    let model = Net::seeded(3);
    let mut session = model.session();
    batches.iter().map(|x| session.predict(x, 4).unwrap()).collect()
}

fn mean_squared_error(y: &[[f32; 2]], of: &[[f32; 2]]) -> f64 {
    let square = |(a, b): (&f32, &f32)| f64::from(a - b).powi(2);
    y.as_flattened().iter().zip(of.as_flattened()).map(square).sum::<f64>() / (2 * y.len()) as f64
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-6 * expected.abs(), "{found} instead of {expected}");
}

/// Training, tests and predictions go on from each other's states, as in Keras.
#[test]
fn all_calls_share_the_states() -> keras::Result<()> {
    let (x, y) = (samples(1, 20), targets(20));
    let batches: Vec<&[X]> = x.chunks(4).collect();
    let of = expected(&batches);
    let mut model = still();
    near(model.train_on_batch(batches[0], &y[..4])?.loss(), mean_squared_error(&of[0], &y[..4]));
    near(model.test_on_batch(batches[1], &y[4..8])?.loss(), mean_squared_error(&of[1], &y[4..8]));
    assert_eq!(model.predict_with(batches[2], Predicting::batch_size(4).verbose(0))?, of[2]);
    near(
        model.evaluate(batches[3], &y[12..16], Evaluate::batch_size(4).verbose(0))?.loss(),
        mean_squared_error(&of[3], &y[12..16]),
    );
    let history = model.fit(batches[4], &y[16..], Fit::epochs(1).batch_size(4).shuffle(false).verbose(0))?;
    near(history.last("loss").unwrap(), mean_squared_error(&of[4], &y[16..]));
    model.reset_state();
    assert_eq!(model.predict_with(&x, Predicting::batch_size(4).verbose(0))?, of.concat());
    // Those of the validation are the same states too.
    model.reset_state();
    let options = Fit::epochs(1).batch_size(4).shuffle(false).verbose(0).validation_data(&x[8..16], &y[8..16]);
    let history = model.fit(&x[..8], &y[..8], options)?;
    near(history.last("loss").unwrap(), mean_squared_error(&of[..2].concat(), &y[..8]));
    near(history.last("val_loss").unwrap(), mean_squared_error(&of[2..4].concat(), &y[8..16]));
    assert_eq!(model.predict_with(batches[4], Predicting::batch_size(4).verbose(0))?, of[4]);
    Ok(())
}

/// Has each epoch begin anew.
struct Anew;

impl Callback for Anew {
    fn on_epoch_begin(&mut self, training: &mut Training<'_>, _: usize) -> keras::Result<()> {
        training.carried.reset_state();
        Ok(())
    }
}

#[test]
fn a_callback_resets_them() -> keras::Result<()> {
    let (x, y) = (samples(2, 12), targets(12));
    let losses = |model: &mut Compiled<Net, Sgd, MeanSquaredError>, anew: bool| {
        let options = Fit::epochs(3).batch_size(4).shuffle(false).verbose(0);
        let options = if anew { options.callback(Anew) } else { options };
        model.fit(&x, &y, options).map(|history| history.get("loss").to_vec())
    };
    let anew = losses(&mut still(), true)?;
    assert_eq!(anew[1..], [anew[0]; 2]);
    let on = losses(&mut still(), false)?;
    assert!(on[0] == anew[0] && on[1] != on[0] && on[2] != on[1], "{on:?}");
    Ok(())
}

/// The bits of the weights after some steps, each of which begins with what the one before has left.
fn trained(threads: usize, rows_at_once: usize) -> keras::Result<Vec<u32>> {
    let (x, y) = (samples(3, 64), targets(64));
    let model = Net::seeded(1).compile(Adam::new(0.01), MeanSquaredError::default(), ())?;
    let mut model = model.threads(threads).rows_at_once(rows_at_once);
    let before = model.train_on_batch(&x, &y)?.loss();
    for _ in 0..20 {
        model.train_on_batch(&x, &y)?;
    }
    assert_eq!(allocations(|| model.train_on_batch(&x, &y).map(|_| ()).unwrap()), 0);
    assert!(model.train_on_batch(&x, &y)?.loss() < before);
    Ok(model.as_slice().iter().map(|w| w.to_bits()).collect())
}

#[test]
fn threads_do_not_matter() -> keras::Result<()> {
    for rows in [2, 64] {
        let one = trained(1, rows)?;
        for threads in [2, 7] {
            assert!(
                trained(threads, rows)? == one,
                "{threads} threads give other weights than one, {rows} rows at once"
            );
        }
    }
    Ok(())
}

/// Each session has states of its own, whichever thread it is in.
#[test]
fn sessions_are_apart() -> keras::Result<()> {
    let model = Net::seeded(3);
    let x = samples(4, 6);
    let one_by_one =
        |mut session: Session<'_, Net>| x.iter().map(|x| session.predict_one(x)).collect::<keras::Result<Vec<_>>>();
    let alone = one_by_one(model.session())?;
    assert_ne!(alone[0], model.session().predict_one(&x[1])?);
    std::thread::scope(|scope| {
        let others: Vec<_> = (0..3).map(|_| scope.spawn(|| one_by_one(model.session()))).collect();
        others.into_iter().for_each(|other| assert_eq!(other.join().unwrap().unwrap(), alone));
    });
    // In memory of the caller's, where there is no heap.
    let (mut states, mut memory) = ([0.0; Net::STATES], vec![0.0; Net::MEMORY]);
    assert_eq!(Net::STATES, 6 + 6 + 4);
    for (x, y) in x.iter().zip(&alone) {
        assert_eq!(model.infer_next(x, &mut states, &mut memory), *y);
    }
    Ok(())
}

/// States are not weights: neither saved nor counted, and they stay when weights are loaded.
#[test]
fn files_have_no_states() -> keras::Result<()> {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("stateful.safetensors");
    let x = samples(5, 8);
    let mut model = still();
    let before = model.summary();
    let of = expected(&[&x[..4], &x[4..]]);
    assert_eq!(model.predict_with(&x[..4], Predicting::batch_size(4).verbose(0))?, of[0]);
    assert_eq!(model.summary(), before);
    model.save_weights(&path)?;
    model.load_weights(&path)?;
    assert_eq!(model.predict_with(&x[4..], Predicting::batch_size(4).verbose(0))?, of[1]);
    let mut other = Net::seeded(77);
    other.load_weights(&path)?;
    assert_eq!(other.session().predict(&x[..4], 4)?, of[0]);
    std::fs::remove_file(&path).unwrap();
    Ok(())
}

#[test]
fn batches_of_another_size_are_refused() {
    let (x, y) = (samples(6, 10), targets(10));
    let mut model = still();
    let text = |result: keras::Result<()>| result.unwrap_err().to_string();
    let fit = |model: &mut Compiled<Net, Sgd, MeanSquaredError>, n: usize, options: Fit<'_>| {
        text(model.fit(&x[..n], &y[..n], options.verbose(0)).map(|_| ()))
    };
    let uneven = "batch_size = 4: fit: stateful layers need batches of one size, and 10 samples leave a last one of 2; leave \
                  those out, or choose a batch_size that divides 10";
    assert_eq!(fit(&mut model, 10, Fit::epochs(1).batch_size(4)), uneven);
    // Nothing has been trained, so there are no states yet, and any other size will do.
    model.train_on_batch(&x[..3], &y[..3]).unwrap();
    let other = |call: &str, found: usize| {
        format!(
            "{call}: a batch of {found} samples, where the stateful layers keep the states of 3; give batches of 3, or call \
             `reset_state()` first"
        )
    };
    assert_eq!(text(model.train_on_batch(&x[..4], &y[..4]).map(|_| ())), other("train_on_batch", 4));
    assert_eq!(text(model.test_on_batch(&x[..1], &y[..1]).map(|_| ())), other("test_on_batch", 1));
    assert_eq!(fit(&mut model, 8, Fit::epochs(1).batch_size(4)), other("fit", 4));
    assert_eq!(
        text(model.evaluate(&x[..5], &y[..5], Evaluate::batch_size(5).verbose(0)).map(|_| ())),
        other("evaluate", 5)
    );
    assert_eq!(
        text(model.predict_with(&x[..2], Predicting::batch_size(4).verbose(0)).map(|_| ())),
        other("predict_with", 2)
    );
    // Validation has the states of training.
    let split = Fit::epochs(1).batch_size(3).validation_split(0.1);
    assert_eq!(fit(&mut model, 10, split), other("fit: validation data", 1));
    model.reset_state();
    let split = Fit::epochs(1).batch_size(4).validation_split(0.2);
    assert_eq!(fit(&mut model, 10, split), other("fit: validation data", 2).replace('3', "4"));
    model.train_on_batch(&x[..4], &y[..4]).unwrap();
    // A session has its own.
    let mut session = model.session();
    session.predict_one(&x[0]).unwrap();
    assert_eq!(text(session.predict(&x[..2], 2).map(|_| ())), other("predict", 2).replace('3', "1"));
    session.reset_state();
    assert_eq!(
        text(session.predict(&x[..5], 2).map(|_| ())),
        "batch_size = 2: predict: stateful layers need batches of one size, and 5 samples leave a last one of 1; leave those \
         out, or choose a batch_size that divides 5"
    );
    let mut tape = GradientTape::<Net>::new();
    let mut model = Net::seeded(1);
    tape.forward(&mut model, &x[..3]).unwrap();
    assert_eq!(text(tape.forward(&mut model, &x[..2]).map(|_| ())), other("forward", 2));
}

#[test]
fn calls_without_states_are_refused() {
    let (model, x) = (still(), samples(7, 4));
    let text = |call: &str| {
        format!(
            "{call}: the model has stateful layers, and this call keeps no states; make a session, `let mut session = \
             model.session();`, and predict with that, or with `predict_with` where the model is compiled"
        )
    };
    assert_eq!(model.predict(&x, 4).unwrap_err().to_string(), text("predict"));
    assert_eq!(model.predict_on_batch(&x).unwrap_err().to_string(), text("predict_on_batch"));
    assert_eq!(model.predict_into(&x, &mut [[0.0; 2]; 4]).unwrap_err().to_string(), text("predict_into"));
    assert_eq!(model.layer_output::<[f32; 4]>("gru", &x).unwrap_err().to_string(), text("layer_output"));
}
