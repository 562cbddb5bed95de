//! Recurrent layers of convolutions, and stacks of cells, while they are trained.

use keras::__private::Block;
use keras::prelude::*;

use crate::support::count::allocations;

sequential! {
    struct Film<
        Input(5, 8, 9, 2),
        ConvLSTM2D(8, 3, padding = same, return_sequences = true, dropout = 0.1, recurrent_dropout = 0.2),
        ConvLSTM2D(20, 3),
        Flatten,
        Dense(5, softmax)
    >;
}

sequential! {
    struct Stack< Input(20, 12), RNN([LSTMCell(24, recurrent_dropout = 0.2), GRUCell(70)]), Dense(5, softmax) >;
}

fn value(i: usize) -> f32 {
    (i as u32).wrapping_mul(2_654_435_761) as f32 / u32::MAX as f32 - 0.5
}

/// The bits of the weights after some steps on so many threads, which learn and allocate nothing.
macro_rules! trained {
    ($model:ident, $x:expr, $threads:expr) => {{
        let (x, y) = ($x, (0..32).map(|i| (i * 3 % 5) as u8).collect::<Vec<u8>>());
        let loss = SparseCategoricalCrossentropy::default();
        let mut model = $model::seeded(1).compile(Adam::new(0.01), loss, ())?.seed(2).threads($threads);
        let before = model.train_on_batch(&x[..], &y[..])?.loss();
        for step in 0..12 {
            let n = if step % 3 == 2 { 21 } else { 32 };
            model.train_on_batch(&x[..n], &y[..n])?;
        }
        assert_eq!(allocations(|| model.train_on_batch(&x[..], &y[..]).map(|_| ()).unwrap()), 0);
        assert!(model.train_on_batch(&x[..], &y[..])?.loss() < before);
        model.as_slice().iter().map(|w| w.to_bits()).collect::<Vec<u32>>()
    }};
}

#[test]
fn threads_do_not_matter_to_films() -> keras::Result<()> {
    let pixel = |at: usize| [value(2 * at), value(2 * at + 1)];
    let line = |at: usize| std::array::from_fn(|i| pixel(at * 9 + i));
    let image = |at: usize| std::array::from_fn(|i| line(at * 8 + i));
    let x: Vec<[[[[f32; 2]; 9]; 8]; 5]> =
        (0..32).map(|row| std::array::from_fn(|step| image(row * 5 + step))).collect();
    assert!(trained!(Film, &x, 1) == trained!(Film, &x, 3), "three threads give other weights than one");
    Ok(())
}

#[test]
fn threads_do_not_matter_to_stacks() -> keras::Result<()> {
    let step = |at: usize| std::array::from_fn(|i| value(at * 12 + i));
    let x: Vec<[[f32; 12]; 20]> = (0..32).map(|row| std::array::from_fn(|i| step(row * 20 + i))).collect();
    assert!(trained!(Stack, &x, 1) == trained!(Stack, &x, 3), "three threads give other weights than one");
    Ok(())
}

/// The weights are named by the cells, as in Keras, and the summary has one row for the layer.
#[test]
fn weights_have_the_names_of_keras() {
    let model = Stack::seeded(1);
    let cells = &model.rnn.stacked_rnn_cells;
    assert_eq!(cells.lstm_cell.kernel.len(), 12);
    assert_eq!(cells.lstm_cell.bias[24..48], [1.0; 24]);
    assert_eq!(cells.gru_cell.bias.len(), 2);
    // 3552 of the LSTM, 20160 of the GRU.
    assert!(model.summary().contains("23,712"), "{}", model.summary());
    let film = Film::seeded(1);
    assert_eq!(film.conv_lstm2d_1.recurrent_kernel[0][0].len(), 20);
    assert_eq!(film.conv_lstm2d.bias[8..16], [1.0; 8]);
}
