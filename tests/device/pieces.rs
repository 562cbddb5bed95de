//! Data that come to a device in pieces: the same numbers, to the bit, as from data that are all there.

use keras::__private::Block;
use keras::device::Device;
use keras::prelude::*;
use keras::{Predicting, Result};

use crate::late::Late;
use crate::models::Numbers;
use crate::shim::{Gxx, Shim};

sequential! { struct Mlp< Input(12), Dense(8, relu), Dropout(0.25), Dense(5, softmax) >; }

/// What a row of its data takes: an input and a class.
pub(crate) const ROW: usize = 4 * (12 + 1);

/// All numbers of a training by this model, of data with weights and a smaller batch at the end.
pub(crate) fn classify(device: Device, steps: usize, weighted: bool) -> Vec<u64> {
    let mut numbers = Numbers(3);
    let (x, y) = (numbers.rows::<12>(75), numbers.classes(75, 5));
    let weights: Vec<f32> = numbers.rows::<1>(75).iter().map(|[w]| w + 1.0).collect();
    let loss = SparseCategoricalCrossentropy::default();
    let model = Mlp::seeded(3).compile(Adam::new(0.01), loss, (Accuracy::default(),)).unwrap();
    let mut model = model.seed(5).steps_per_execution(steps).on(device).unwrap();
    let mut fit = Fit::epochs(2).batch_size(8).verbose(0);
    if weighted {
        fit = fit.sample_weight(&weights[..60]);
    }
    let history = model.fit(&x[..60], &y[..60], fit.validation_data(&x[60..], &y[60..])).unwrap();
    let mut seen: Vec<f64> =
        ["loss", "accuracy", "val_loss"].iter().flat_map(|name| history.get(name).to_vec()).collect();
    // Batches that go on where the epoch before has ended, and others of another size.
    model.fit(&x[..60], &y[..60], Fit::epochs(3).batch_size(7).steps_per_epoch(4).verbose(0)).unwrap();
    seen.extend(model.evaluate(&x, &y, Evaluate::batch_size(10).verbose(0)).unwrap().iter().map(|(_, score)| score));
    seen.extend(
        model
            .predict_with(&x, Predicting::batch_size(8).verbose(0))
            .unwrap()
            .as_flattened()
            .iter()
            .map(|x| f64::from(*x)),
    );
    seen.extend(model.train_on_batch(&x[..8], &y[..8]).unwrap().iter().map(|(_, score)| score));
    seen.extend(model.as_slice().iter().map(|x| f64::from(*x)));
    seen.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn pieces_change_no_bit() {
    for (steps, weighted) in [(1, false), (3, true), (usize::MAX, true)] {
        let meant = classify(Device::reference(), steps, weighted);
        // From two batches for each of two sets to all rows but one.
        for limit in [40 * ROW, 60 * ROW, 74 * ROW] {
            assert!(
                classify(Device::reference().data_limit(limit), steps, weighted) == meant,
                "{steps} steps, {limit} bytes"
            );
            let (late, seen) = Late::device(None);
            assert!(classify(late.data_limit(limit), steps, weighted) == meant, "late: {steps} steps, {limit} bytes");
            let seen = seen.lock().unwrap();
            assert!(seen.beside > 0, "nothing was copied beside the steps");
        }
    }
}

/// What a row takes that is predicted: an input and an output.
const ASKED: usize = 4 * (12 + 5);

/// The most bytes of data after training and a prediction of so many rows.
fn most(limit: usize, asked: usize) -> usize {
    let mut numbers = Numbers(3);
    let (x, y) = (numbers.rows::<12>(64), numbers.classes(64, 5));
    let (late, seen) = Late::device(None);
    let model = Mlp::seeded(3).compile(Sgd::new(0.1), SparseCategoricalCrossentropy::default(), ()).unwrap();
    let mut model = model.steps_per_execution(usize::MAX).on(late.data_limit(limit)).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(8).verbose(0)).unwrap();
    model.predict_with(&x[..asked], Predicting::batch_size(8).verbose(0)).unwrap();
    seen.lock().unwrap().most
}

#[test]
fn predictions_take_what_they_need() {
    // Long executions of training are no reason for more.
    assert!(most(usize::MAX, 8) <= 64 * ROW + 8 * ASKED, "{}", most(usize::MAX, 8));
    // Data of calls before make way.
    assert!(most(64 * ASKED, 64) <= 64 * ASKED, "{}", most(64 * ASKED, 64));
}

/// The kernels themselves, by the shim.
#[test]
fn pieces_change_no_bit_for_kernels() {
    if let Some(gxx) = Gxx::with("") {
        let meant = classify(Shim::device(gxx.clone()), 2, true);
        assert!(classify(Shim::device(gxx).data_limit(45 * ROW), 2, true) == meant);
    }
}

model! {
    struct Net(x: [6], words: [u16; 4]) {
        let h = Dense(6, tanh)(x) + Dense(6)(Flatten()(Embedding(9, 3)(words)));
        let kinds = Reshape((2, 3))(h);
        let size = Dense(1, sigmoid)(h);
        (Activation(softmax)(kinds), size)
    }
}

#[test]
fn several_inputs_and_targets_of_all_kinds() {
    let mut numbers = Numbers(3);
    let x = numbers.rows::<6>(50);
    let words: Vec<[u16; 4]> = numbers.rows::<4>(50).iter().map(|row| row.map(|x| ((x + 1.0) * 4.5) as u16)).collect();
    // Classes of two positions each, and numbers.
    let kinds: Vec<[u8; 2]> = numbers.rows::<2>(50).iter().map(|row| row.map(|x| ((x + 1.0) * 1.5) as u8)).collect();
    let kinds: Vec<[i64; 2]> = kinds.iter().map(|row| row.map(i64::from)).collect();
    let sizes: Vec<[f32; 1]> = numbers.rows::<1>(50).iter().map(|[x]| [f32::from(*x > 0.0)]).collect();
    let fit = |device: Device| {
        let losses = (SparseCategoricalCrossentropy::default(), BinaryCrossentropy::default());
        let model = Net::seeded(1).compile(Sgd::new(0.1).momentum(0.9), losses, ()).unwrap();
        let mut model = model.seed(2).steps_per_execution(4).on(device).unwrap();
        let fit = Fit::epochs(2).batch_size(8).validation_split(0.2).verbose(0);
        let history = model.fit((&x, &words), (&kinds, &sizes), fit).unwrap();
        let (a, b) = model.predict_with((&x, &words), Predicting::batch_size(16).verbose(0)).unwrap();
        let all = [a.as_flattened().as_flattened(), b.as_flattened(), model.as_slice()].concat();
        (history.get("val_loss").to_vec(), all)
    };
    let meant = fit(Device::reference());
    assert!(fit(Device::reference().data_limit(4500)) == meant);
    assert!(fit(Late::device(None).0.data_limit(4500)) == meant);
}

sequential! { struct Stateful< Input(4, 2), GRU(3, stateful = true), Dense(2) >; }

#[test]
fn states_go_from_piece_to_piece() {
    let mut numbers = Numbers(8);
    let x: Vec<[[f32; 2]; 4]> =
        numbers.rows::<8>(30).iter().map(|x| [[x[0], x[1]], [x[2], x[3]], [x[4], x[5]], [x[6], x[7]]]).collect();
    let y = numbers.rows::<2>(30);
    let fit = |device: Device| {
        let model = Stateful::seeded(4).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
        let mut model = model.steps_per_execution(6).on(device).unwrap();
        model.fit(&x, &y, Fit::epochs(2).batch_size(5).shuffle(false).verbose(0)).unwrap();
        let predicted = model.predict_with(&x, Predicting::batch_size(5).verbose(0)).unwrap();
        [predicted.as_flattened(), model.as_slice()].concat()
    };
    let meant = fit(Device::reference());
    let (late, _) = Late::device(None);
    // Pieces of two steps, of six that an execution has.
    for device in [Device::reference(), late] {
        assert!(fit(device.data_limit(2 * 2 * 5 * 40)) == meant);
    }
}

/// Forgets the states before each third batch, without a wish to see anything.
struct Forget;

impl Callback for Forget {
    fn wants_batch_logs(&self) -> bool {
        false
    }

    fn on_train_batch_begin(&mut self, training: &mut Training<'_>, batch: usize) -> Result<()> {
        if batch % 3 == 2 {
            training.carried.reset_state();
        }
        Ok(())
    }
}

/// They stay on the device until somebody looks, or forgets them.
#[test]
fn stateful_models_wait_for_no_step_either() {
    let mut numbers = Numbers(8);
    let x: Vec<[[f32; 2]; 4]> =
        numbers.rows::<8>(40).iter().map(|x| [[x[0], x[1]], [x[2], x[3]], [x[4], x[5]], [x[6], x[7]]]).collect();
    let y = numbers.rows::<2>(40);
    let fit = |epochs: usize, device: Option<Device>| {
        let model = Stateful::seeded(4).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
        let mut model = match device {
            Some(device) => model.on(device).unwrap(),
            None => model,
        };
        let fit = || Fit::epochs(epochs).batch_size(5).shuffle(false).verbose(0);
        model.fit(&x, &y, fit()).unwrap();
        let scores = model.evaluate(&x, &y, Evaluate::batch_size(5).verbose(0)).unwrap();
        model.fit(&x, &y, fit().callback(Forget)).unwrap();
        let predicted = model.predict_with(&x, Predicting::batch_size(5).verbose(0)).unwrap();
        let loss = scores.iter().map(|(_, loss)| loss as f32);
        loss.chain(predicted.as_flattened().iter().chain(model.as_slice()).copied()).collect::<Vec<f32>>()
    };
    let waits = |epochs: usize| {
        let (late, seen) = Late::device(None);
        let found = fit(epochs, Some(late));
        (found, seen.lock().unwrap().waits)
    };
    let ((_, few), (found, many)) = (waits(1), waits(3));
    // In each epoch once for its scores, in the second call also for each of two times that states are forgotten.
    assert_eq!(many - few, 2 * (1 + 3));
    assert!(found == fit(3, Some(Device::reference())));
    for (i, (found, meant)) in found.iter().zip(fit(3, None)).enumerate() {
        assert!((found - meant).abs() <= 1e-5 * meant.abs().max(0.1), "number {i}: {found} and {meant}");
    }
}

/// Without a limit, data come in pieces where they do not fit beside the model.
#[test]
fn data_that_do_not_fit_come_in_pieces() {
    let meant = classify(Device::reference(), 2, true);
    let (late, seen) = Late::device(None);
    assert!(classify(late, 2, true) == meant);
    let all = seen.lock().unwrap().most;
    let (mut whole, mut pieces) = (0, 0);
    for memory in (14_000..40_000).step_by(2000) {
        let (late, seen) = Late::device(Some(memory));
        assert!(classify(late, 2, true) == meant, "{memory} bytes");
        let most = seen.lock().unwrap().most;
        assert!(most <= all);
        *(if most == all { &mut whole } else { &mut pieces }) += 1;
    }
    assert!(whole > 0 && pieces > 0, "{whole} and {pieces}");
}

/// The steps of an epoch are queued without waiting for those before.
#[test]
fn nothing_waits_for_the_steps_before() {
    let mut numbers = Numbers(3);
    let (x, y) = (numbers.rows::<12>(64), numbers.classes(64, 5));
    for limit in [usize::MAX, 16 * ROW] {
        let waits = |epochs: usize| {
            let (late, seen) = Late::device(None);
            let loss = SparseCategoricalCrossentropy::default();
            let model = Mlp::seeded(3).compile(Sgd::new(0.1), loss, ()).unwrap();
            let mut model = model.on(late.data_limit(limit)).unwrap();
            model.fit(&x, &y, Fit::epochs(epochs).batch_size(8).verbose(0)).unwrap();
            let seen = seen.lock().unwrap();
            assert!(seen.most <= limit);
            (seen.waits, seen.beside)
        };
        let (few, many) = (waits(1), waits(5));
        // Once in an epoch, for its scores; of its eight executions all but the first are copied beside another.
        assert_eq!((many.0 - few.0, many.1 - few.1), (4, 4 * 7), "{limit}");
    }
}

#[test]
fn a_limit_that_leaves_no_room_for_two_batches_is_one_error() {
    let mut numbers = Numbers(3);
    let (x, y) = (numbers.rows::<12>(64), numbers.classes(64, 5));
    let fit = |limit: usize, split: f64| {
        let loss = SparseCategoricalCrossentropy::default();
        let model = Mlp::seeded(3).compile(Sgd::new(0.1), loss, ()).unwrap();
        let mut model = model.on(Device::reference().data_limit(limit)).unwrap();
        let fit = Fit::epochs(1).batch_size(8).validation_split(split).verbose(0);
        model.fit(&x, &y, fit).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(fit(16 * ROW, 0.0), Ok(()));
    assert_eq!(
        fit(16 * ROW - 1, 0.0).unwrap_err(),
        "data_limit = 831: a batch of 8 rows takes 416 bytes, and room is needed for two; allow more, or try a smaller batch"
    );
    assert_eq!(fit(32 * ROW, 0.5), Ok(()));
    assert_eq!(
        fit(32 * ROW - 1, 0.5).unwrap_err(),
        "data_limit = 1663: a batch of 8 rows takes 416 bytes, and room is needed for two of the data to train on and of those to \
         validate with; allow more, or try a smaller batch"
    );
}

/// What fails in the middle of a call is its error, and the next call goes on.
#[test]
fn a_call_that_fails_leaves_the_next_one_be() {
    let mut numbers = Numbers(3);
    let (x, y) = (numbers.rows::<12>(40), numbers.classes(40, 5));
    for fails_in in 0..6 {
        let (late, seen) = Late::device(None);
        let loss = SparseCategoricalCrossentropy::default();
        let model = Mlp::seeded(3).compile(Sgd::new(0.1), loss, (Accuracy::default(),)).unwrap();
        let mut model = model.seed(1).on(late.data_limit(16 * ROW)).unwrap();
        let fit = || Fit::epochs(2).batch_size(8).verbose(0);
        seen.lock().unwrap().fails_in = Some(fails_in);
        assert_eq!(model.fit(&x, &y, fit()).unwrap_err().to_string(), "late: the cable is out");
        // As many steps as were sent are in the weights that came back; a model with these goes on alike.
        let mut other = Mlp::seeded(3);
        other.as_mut_slice().copy_from_slice(model.as_slice());
        let loss = SparseCategoricalCrossentropy::default();
        let other = other.compile(Sgd::new(0.1), loss, (Accuracy::default(),)).unwrap();
        let mut other = other.seed(1).on(Device::reference()).unwrap();
        let scores =
            [&mut model, &mut other].map(|model| model.evaluate(&x, &y, Evaluate::batch_size(8).verbose(0)).unwrap());
        assert_eq!(format!("{:?}", scores[0]), format!("{:?}", scores[1]), "after {fails_in}");
        model.fit(&x, &y, fit()).unwrap();
    }
}

#[test]
fn memory_is_told_for_pieces_too() {
    let compiled = || {
        let loss = SparseCategoricalCrossentropy::default();
        Mlp::seeded(3).compile(Sgd::new(0.1), loss, ()).unwrap().steps_per_execution(4)
    };
    let pieces = |device: Device| {
        let usage = compiled().on(device).unwrap().memory(8).unwrap();
        (usage.pieces, usage.row)
    };
    let (all, row) = pieces(Device::reference());
    assert_eq!((all, row), (2 * 4 * 8 * row, 4 * (12 + 5)));
    assert_eq!(pieces(Device::reference().data_limit(5 * 8 * row)).0, 2 * 2 * 8 * row);
}
