//! Cells that go through time.

use keras::device::Device;
use keras::prelude::*;

use super::Numbers;

/// Sequences with steps that do not count.
fn sequences<const T: usize, const N: usize>(numbers: &mut Numbers, rows: usize) -> Vec<[[f32; N]; T]> {
    let step = |row: [f32; N]| if row[0] < -0.5 { [0.0; N] } else { row };
    (0..rows).map(|_| std::array::from_fn(|_| step(numbers.rows::<N>(1)[0]))).collect()
}

model! {
    struct Cells(x: [4, 3], h: [5]) {
        let m = Masking()(x);
        let (a, s, c) = LSTM(5, return_sequences = true, return_state = true)(m, initial_state = [h, Dense(5)(h)]);
        let b = SimpleRNN(33, go_backwards = true)(a);
        let r = Bidirectional(GRU(5, return_sequences = true))(m);
        let q = GRU(3, gelu, recurrent_activation = silu, reset_after = false)(r);
        Dense(3, softmax)(Concatenate()(b, q, s, c))
    }
}

/// All cells, both ways, with masks, states that are given and states that come out.
pub(crate) fn cells(device: Device) {
    let (n, mut numbers) = (6, Numbers(31));
    let (x, h, y) = (sequences::<4, 3>(&mut numbers, n), numbers.rows::<5>(n), numbers.classes(n, 3));
    let loss = SparseCategoricalCrossentropy::default();
    let mut model = Cells::seeded(8).compile(Sgd::new(0.1), loss, ()).unwrap().seed(1).on(device).unwrap();
    model.fit((&x, &h), &y, Fit::epochs(2).batch_size(n).shuffle(false).verbose(0)).unwrap();
    model.evaluate((&x, &h), &y, n).unwrap();
}

model! {
    struct Dropped(x: [4, 3]) {
        let m = Masking()(x);
        let a = LSTM(4, relu, recurrent_activation = hard_sigmoid, recurrent_dropout = 0.25, return_sequences = true)(m);
        let b = GRU(3, recurrent_dropout = 0.5, return_sequences = true, go_backwards = true, use_bias = false)(a);
        let c = GRU(4, recurrent_dropout = 0.25, reset_after = false, return_sequences = true)(b);
        let d = SimpleRNN(3, recurrent_dropout = 0.25, use_bias = false)(c);
        Dense(3, softmax)(d)
    }
}

/// Cells whose states are dropped in part.
pub(crate) fn dropped(device: Device) {
    let (n, mut numbers) = (5, Numbers(32));
    let (x, y) = (sequences::<4, 3>(&mut numbers, n), numbers.classes(n, 3));
    let loss = SparseCategoricalCrossentropy::default();
    let mut model = Dropped::seeded(9).compile(Sgd::new(0.1), loss, ()).unwrap().seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(2).batch_size(n).shuffle(false).verbose(0)).unwrap();
    model.evaluate(&x, &y, n).unwrap();
}

model! {
    struct Carried(x: [3, 2]) {
        let h = LSTM(4, return_sequences = true, stateful = true)(x);
        Dense(3, softmax)(GRU(3, stateful = true)(h))
    }
}

/// Cells that go on from what the batch before has left.
pub(crate) fn carried(device: Device) {
    let (n, mut numbers) = (5, Numbers(33));
    let (x, y) = (sequences::<3, 2>(&mut numbers, 2 * n), numbers.classes(2 * n, 3));
    let loss = SparseCategoricalCrossentropy::default();
    let mut model = Carried::seeded(10).compile(Sgd::new(0.1), loss, ()).unwrap().seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(n).shuffle(false).verbose(0)).unwrap();
    model.evaluate(&x, &y, n).unwrap();
}

model! {
    struct Films(x: [3, 4, 3, 2], h: [5]) {
        let m = Masking()(x);
        let i = Reshape((4, 3, 3))(Dense(36)(h));
        let (a, s, c) = ConvLSTM2D(
            3, (3, 2), padding = same, return_sequences = true, return_state = true, activation = gelu
        )(m, initial_state = [i, Activation(tanh)(i) + i]);
        let b = ConvLSTM2D(2, 2, strides = 2, go_backwards = true, use_bias = false)(a);
        let d = ConvLSTM2D(4, 3, dropout = 0.2, recurrent_dropout = 0.25, recurrent_activation = silu)(m);
        Dense(3, softmax)(Concatenate()(Flatten()(b), Flatten()(s), Flatten()(c), Flatten()(d)))
    }
}

/// Cells of convolutions, both ways, with masks, states that are given and states that come out, and dropout.
pub(crate) fn films(device: Device) {
    let (n, mut numbers) = (4, Numbers(34));
    let image =
        |row: [f32; 24]| std::array::from_fn(|i| std::array::from_fn(|j| [row[6 * i + 2 * j], row[6 * i + 2 * j + 1]]));
    let x: Vec<[[[[f32; 2]; 3]; 4]; 3]> = (0..n)
        .map(|i| {
            // Some samples leave a step out.
            let steps = numbers.rows::<24>(3);
            std::array::from_fn(|t| image(if t == i { [0.0; 24] } else { steps[t] }))
        })
        .collect();
    let (h, y) = (numbers.rows::<5>(n), numbers.classes(n, 3));
    let loss = SparseCategoricalCrossentropy::default();
    let mut model = Films::seeded(11).compile(Sgd::new(0.1), loss, ()).unwrap().seed(1).on(device).unwrap();
    model.fit((&x, &h), &y, Fit::epochs(2).batch_size(n).shuffle(false).verbose(0)).unwrap();
    model.evaluate((&x, &h), &y, n).unwrap();
}

sequential! {
    struct Signals< Input(3, 5, 1), ConvLSTM1D(2, 3, return_sequences = true, stateful = true), ConvLSTM1D(2, 2), Flatten(), Dense(2) >;
}

/// Cells of convolutions that go on from what the batch before has left.
pub(crate) fn signals_carried(device: Device) {
    let (n, mut numbers) = (3, Numbers(35));
    let x: Vec<[[[f32; 1]; 5]; 3]> = numbers
        .rows::<15>(2 * n)
        .iter()
        .map(|row| std::array::from_fn(|t| std::array::from_fn(|i| [row[5 * t + i]])))
        .collect();
    let y = numbers.rows::<2>(2 * n);
    let model = Signals::seeded(12).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
    let mut model = model.seed(1).on(device).unwrap();
    model.fit(&x, &y, Fit::epochs(1).batch_size(n).shuffle(false).verbose(0)).unwrap();
    model.evaluate(&x, &y, n).unwrap();
}
