//! What a seed decides, and what does not matter.

use keras_kernels::memory::{Block, Boxed};
use keras_runtime::optimizer::{Adam, Optimizer, Sgd};
use keras_runtime::{Compile, Fit, Predict, utils};

use crate::{Classifier, alone, classifier, compiled, data};

fn trained(seed: u64, options: impl Fn(Fit<'static>) -> Fit<'static>) -> Vec<f32> {
    let (x, y) = data(30);
    let mut model = classifier().seed(seed);
    model.fit(&x, &y, options(Fit::epochs(3).batch_size(4).verbose(0))).unwrap();
    model.as_slice().to_vec()
}

#[test]
fn a_seed_gives_the_same_bits() {
    assert_eq!(trained(7, |fit| fit), trained(7, |fit| fit));
    assert_ne!(trained(7, |fit| fit), trained(8, |fit| fit));
    // Without shuffling (and dropout) it has no part.
    assert_eq!(trained(7, |fit| fit.shuffle(false)), trained(8, |fit| fit.shuffle(false)));
    assert_ne!(trained(7, |fit| fit), trained(7, |fit| fit.shuffle(false)));
}

#[test]
fn a_global_seed_decides_all() {
    // Other tests draw seeds, too.
    if !alone("reproducible::a_global_seed_decides_all", "ALONE", "1") {
        return;
    }
    let run = || {
        utils::set_random_seed(5);
        let (x, y) = data(30);
        let model: Boxed<Classifier> = keras_runtime::init(None);
        let loss = keras_runtime::loss::CategoricalCrossentropy::default();
        let mut model = model.compile(Sgd::default(), loss, ()).unwrap();
        model.fit(&x, &y, Fit::epochs(2).batch_size(4).verbose(0)).unwrap();
        model.as_slice().to_vec()
    };
    assert_eq!(run(), run());
}

#[test]
fn each_epoch_has_an_order_of_its_own() {
    let (x, y) = data(30);
    let epochs = |from, to| {
        // At a learning rate of 0 the weights stay, so that the logs of batches tell the order alone.
        let (mut model, mut losses) = (compiled(Sgd::new(0.0)), Vec::new());
        let watch = keras_runtime::callback::LambdaCallback::new()
            .on_train_batch_end(|_, logs| losses.push(logs["loss"].to_bits()));
        let fit = Fit::epochs(to).initial_epoch(from).batch_size(10).verbose(0).callback(watch);
        model.fit(&x, &y, fit).unwrap();
        losses
    };
    let both = epochs(0, 2);
    assert_ne!(both[..2], both[3..5]);
    // A training that goes on at an epoch has the order of that epoch.
    assert_eq!(both[3..], epochs(1, 2));
}

/// Training in two calls of `fit` is training in one.
#[test]
fn training_goes_on_where_it_was() {
    let (x, y) = data(30);
    let fit = |epochs| Fit::epochs(epochs).batch_size(4).verbose(0);
    let mut once = compiled(Adam::new(0.01));
    once.fit(&x, &y, fit(4)).unwrap();
    let mut twice = compiled(Adam::new(0.01));
    twice.fit(&x, &y, fit(2)).unwrap();
    twice.fit(&x, &y, fit(4).initial_epoch(2)).unwrap();
    assert_eq!(once.as_slice(), twice.as_slice());
}

#[test]
fn epochs_of_fewer_steps_go_on_in_the_data() {
    let (x, y) = data(32);
    let fit = |epochs| Fit::epochs(epochs).batch_size(4).shuffle(false).verbose(0);
    let (mut whole, mut parts) = (classifier(), classifier());
    whole.fit(&x, &y, fit(1)).unwrap();
    parts.fit(&x, &y, fit(4).steps_per_epoch(2)).unwrap();
    assert_eq!(whole.as_slice(), parts.as_slice());
}

#[test]
fn batches_by_hand_are_batches_of_fit() {
    let (x, y) = data(30);
    let mut fitted = compiled(Adam::default());
    fitted.fit(&x, &y, Fit::epochs(1).batch_size(8).shuffle(false).verbose(0)).unwrap();
    let mut by_hand = compiled(Adam::default());
    for (x, y) in x.chunks(8).zip(y.chunks(8)) {
        let tested = by_hand.test_on_batch(x, y).unwrap().clone();
        let trained = by_hand.train_on_batch(x, y).unwrap();
        assert_eq!(trained.get("accuracy"), tested.get("accuracy"));
        // The loss is summed with its gradient or without, so its last bit may differ.
        assert!((trained.loss() - tested.loss()).abs() <= f64::from(f32::EPSILON) * tested.loss());
    }
    assert_eq!(fitted.as_slice(), by_hand.as_slice());
    assert_eq!(fitted.predict(&x, 8).unwrap(), by_hand.predict(&x, 8).unwrap());
}

#[test]
fn an_optimizer_by_name_is_the_same() {
    let (x, y) = data(30);
    let mut named = compiled("adam".parse::<Box<dyn Optimizer>>().unwrap());
    let mut typed = compiled(Adam::default());
    named.train_on_batch(&x, &y).unwrap();
    typed.train_on_batch(&x, &y).unwrap();
    assert_eq!(named.as_slice(), typed.as_slice());
}

#[test]
fn frozen_layers_stay() {
    let (x, y) = data(30);
    let mut model = classifier();
    let before = model.as_slice().to_vec();
    model.set_trainable("dense", false).unwrap();
    model.train_on_batch(&x, &y).unwrap();
    assert_eq!(model.as_slice()[..28], before[..28]);
    assert_ne!(model.as_slice()[28..], before[28..]);
    model.set_trainable("dense", true).unwrap();
    model.train_on_batch(&x, &y).unwrap();
    assert_ne!(model.as_slice()[..28], before[..28]);
}
