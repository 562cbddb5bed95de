//! Cells of the user's: against built-in ones, against differences, against real Keras.

use keras::__private::Block;
use keras::prelude::*;

use crate::support::layer_test::{allocates_nothing, directions, equal, keras, survives_a_file};
#[allow(unused_imports, reason = "models name them by `self::`")]
use crate::written::{Gated, Simple, Sum};

/// All checks of a model with cells of the user's, which the interpreter does not know: `cells!(name, model, "golden")`.
macro_rules! cells {
    ($name:ident, $model:expr $(, $case:literal)?) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            fn model() -> Boxed<impl Model<Input: crate::support::fill::Fill>> {
                $model
            }

            #[test]
            fn gradients_are_differences() {
                directions(&model());
            }
            #[test]
            fn allocates_nothing() {
                super::allocates_nothing(&model());
            }
            #[test]
            fn survives_a_file() {
                super::survives_a_file(model(), concat!("cells_", stringify!($name)));
            }
            $(#[test]
            fn keras_agrees() {
                keras(model(), $case);
            })?
        }
    };
}

cells!(last, sequential!(Input(4, 3), RNN(self::Simple::<5>)), "cell");
cells!(
    sequences,
    sequential!(Input(4, 3), RNN(self::Simple::<3>, return_sequences = true, go_backwards = true, unroll = true)),
    "cell_sequences"
);
cells!(gated, sequential!(Input(4, 3), RNN(cell = self::Gated::<3>::new(0.5), return_sequences = true)), "cell_gated");
cells!(
    gated_backwards,
    sequential!(Input(4, 3), RNN(self::Gated::<2>::new(-0.25), go_backwards = true)),
    "cell_gated_backwards"
);
cells!(
    two,
    sequential!(
        Input(4, 3),
        RNN(self::Gated::<3>::new(0.5, output_shape = [3]), return_sequences = true),
        RNN(self::Simple::<2>)
    ),
    "cell_two"
);
cells!(
    masked,
    sequential!(
        Input(5, 2),
        Masking(0.25),
        RNN(self::Gated::<3>::scaled(0.5, 1.0, output_shape = [3]), return_sequences = true),
        RNN(self::Simple::<2>)
    ),
    "cell_masked"
);
cells!(
    masked_last,
    sequential!(Input(5, 2), Masking(0.25), RNN(self::Gated::<3>::scaled(0.5, 1.0))),
    "cell_masked_last"
);
cells!(
    masked_backwards,
    sequential!(
        Input(5, 2),
        Masking(0.25),
        RNN(self::Gated::<3>::scaled(0.5, 1.0), go_backwards = true, return_sequences = true)
    ),
    "cell_masked_backwards"
);
cells!(
    zero_masked,
    sequential!(
        Input(5, 2),
        Masking(0.25),
        RNN(self::Gated::<3>::scaled(0.5, 1.0), return_sequences = true, zero_output_for_mask = true)
    ),
    "cell_zero_masked"
);
cells!(
    bidirectional,
    sequential!(
        Input(4, 3),
        Bidirectional(RNN(self::Gated::<2>::new(0.5, output_shape = [2]), return_sequences = true)),
        Bidirectional(RNN(self::Simple::<3>), sum)
    ),
    "cell_bidirectional"
);
cells!(
    bidirectional_masked,
    sequential!(
        Input(5, 2),
        Masking(0.25),
        Bidirectional(RNN(self::Gated::<2>::scaled(0.5, 1.0, output_shape = [2]), return_sequences = true))
    ),
    "cell_bidirectional_masked"
);
cells!(
    stacked,
    sequential!(
        Input(4, 3),
        RNN([LSTMCell(2), self::Gated::<3>::new(0.5, output_shape = [3]), GRUCell(2)], return_sequences = true)
    ),
    "cell_stacked"
);
cells!(time_distributed, sequential!(Input(2, 3, 2), TimeDistributed(RNN(self::Simple::<2>))), "cell_time_distributed");
cells!(
    states,
    model!(|x: [3, 2], h: [4], m: [2]| {
        let rnn = RNN(self::Gated::<4>::new(0.5), return_sequences = true, return_state = true);
        let (y, h, m) = rnn(x, initial_state = [h, m]);
        (y, h, m)
    }),
    "cell_states"
);
cells!(
    states_masked,
    model!(|x: [5, 2], h: [3], m: [2], k: [5]| {
        let rnn = RNN(self::Gated::<3>::scaled(0.5, 1.0), return_state = true);
        let (y, h, m) = rnn(x, initial_state = [h, m], mask = k);
        (y, h, m)
    }),
    "cell_states_masked"
);
cells!(
    decoder,
    model!(|x: [3, 2], y: [2, 3]| {
        let (_, h, m) = RNN(self::Gated::<4>::new(0.5), return_state = true)(x);
        RNN(self::Gated::<4>::new(-0.5), return_sequences = true)(y, initial_state = [h, m])
    }),
    "cell_decoder"
);
cells!(
    shared,
    model!(|x: [3, 2], y: [4, 2]| {
        let rnn = RNN(self::Simple::<3>(output_shape = [3]));
        Concatenate()(rnn(x), rnn(y))
    }),
    "cell_shared"
);
cells!(
    stacked_shared,
    model!(|x: [3, 2], y: [4, 2]| {
        let rnn = RNN([GRUCell(4), self::Simple::<3>(output_shape = [3])]);
        Concatenate()(rnn(x), rnn(y))
    })
);
cells!(
    bidirectional_states,
    model!(|x: [3, 2], a: [2], b: [2]| {
        let both = Bidirectional(RNN(self::Simple::<2>, return_state = true), merge_mode = None);
        let (y, z, a, b) = both(x, initial_state = [a, b]);
        (y, z, a, b)
    }),
    "cell_bidirectional_states"
);
cells!(
    stacked_states,
    model!(|x: [3, 2], h: [3], g: [2], m: [2]| {
        let rnn = RNN([GRUCell(3), self::Gated::<2>::new(0.5)], return_state = true);
        let (y, h, g, m) = rnn(x, initial_state = [h, g, m]);
        (y, h, g, m)
    }),
    "cell_stacked_states"
);
cells!(
    alone,
    model!(|x: [2], h: [3], m: [2]| {
        let (y, h, m) = self::Gated::<3>::new(0.5)(x, states = [h, m]);
        (y, h, m)
    }),
    "cell_alone"
);
cells!(
    alone_shared,
    model!(|x: [2], y: [2], h: [3], m: [2]| {
        let cell = self::Gated::<3>::new(0.5);
        let (_, h, m) = cell(x, states = [h, m]);
        let (y, _, _) = cell(y, states = [h, m]);
        y
    }),
    "cell_alone_shared"
);

const STEPS: usize = 3;
const UNITS: usize = 2;
cells!(consts, sequential!(Input(STEPS, 2), RNN(self::Simple::<UNITS>, return_sequences = true), Dense(2)));
cells!(random_images, sequential!(Input(3, 2, 4), RNN(self::Sum(0.25), return_sequences = true), Flatten, Dense(2)));

sequential! {
    struct Declared<
        Input(5, 3),
        RNN(self::Simple::<4>(output_shape = [4]), return_sequences = true, name = first),
        RNN(self::Simple::<2>(name = cell), go_backwards = true),
    >;
}
sequential! {
    struct BuiltIn<
        Input(5, 3),
        RNN(SimpleRNNCell(4, kernel_regularizer = L2(0.1)), return_sequences = true),
        RNN(SimpleRNNCell(2, kernel_regularizer = L2(0.1)), go_backwards = true),
    >;
}

#[test]
fn is_what_a_built_in_cell_is() {
    equal(&Declared::seeded(1), &BuiltIn::seeded(1));
}

sequential! {
    struct Masked< Input(4, 2), Masking(0.25), RNN(self::Gated::<1>::new(0.5), return_sequences = true) >;
}
sequential! {
    struct Last< Input(4, 2), Masking(0.25), RNN(self::Gated::<1>::new(0.5), zero_output_for_mask = true) >;
}

/// The output of a step that is left out is that of the step before, not its state; before the first it is 0.
#[test]
fn steps_that_are_left_out() {
    let (out, x, z) = ([0.25; 2], [1.0, -0.5], [0.5, 2.0]);
    let model = Masked::seeded(1);
    let of = |x| model.predict_one(&x);
    let [a, b, ..] = of([x, z, x, z]);
    assert_ne!(a, b);
    assert_eq!(of([out, x, out, z]), [[0.0], a, a, b]);
    let mut last = Last::seeded(1);
    last.rnn.gated.kernel = model.rnn.gated.kernel;
    last.rnn.gated.recurrent_kernel = model.rnn.gated.recurrent_kernel;
    assert_eq!((last.predict_one(&[out, x, out, z]), last.predict_one(&[x, z, x, out])), (b, [0.0]));
}

sequential! { struct Frozen< Input(3, 2), RNN(self::Simple::<2>(name = still, trainable = false)), Dense(2) >; }

#[test]
fn a_frozen_cell_stays() {
    let mut model = Frozen::seeded(1).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
    let (cell, dense) = (model.rnn.still.kernel, model.dense.kernel);
    model.train_on_batch(&[[[0.5, -0.25]; 3]; 2], &[[1.0, -1.0]; 2]).unwrap();
    assert_eq!(model.rnn.still.kernel, cell);
    assert_ne!(model.dense.kernel, dense);
}

#[test]
fn weights_are_fields() {
    let model = Declared::seeded(1);
    assert_eq!(model.first.simple.kernel.len(), 3);
    assert_eq!(model.rnn.cell.recurrent_kernel.len(), 2);
}

/// A training step with the optimizer in the sink is the same as the tape's with stored gradients.
#[test]
fn fused_updates_are_the_same() {
    let (x, y) = ([[[0.3, -0.2, 0.5]; 5], [[0.1, 0.9, -0.4]; 5]], [[1.0, 0.0], [0.0, 1.0]]);
    let mut compiled = Declared::seeded(1).compile(Adam::new(0.01), MeanSquaredError::default(), ()).unwrap();
    let mut model = Declared::seeded(1);
    let mut optimizer = Adam::new(0.01).build(&model).unwrap();
    let mut tape = GradientTape::new();
    for _ in 0..3 {
        compiled.train_on_batch(&x, &y).unwrap();
        let pass = tape.forward(&mut model, &x).unwrap();
        let (_, mut grads) = pass.gradient_of(MeanSquaredError::default(), &y).unwrap();
        optimizer.apply_gradients(&mut model, &mut grads);
    }
    assert_eq!(model.get_weights(), compiled.get_weights());
}

/// Halves of sequences, one after the other, give what the whole ones do.
#[test]
fn states_go_on_from_batch_to_batch() -> keras::Result<()> {
    let halves = model!(|x: [2, 3]| {
        let (y, h, memory) = RNN(self::Gated::<3>::new(0.5, output_shape = [3]), return_state = true, stateful = true)(x);
        let (z, g, _) = RNN([GRUCell(2), self::Simple::<5>], return_state = true, stateful = true)(x);
        (y, h, memory, z, g)
    });
    let mut whole = model!(|x: [4, 3]| {
        let (y, h, memory) = RNN(self::Gated::<3>::new(0.5, output_shape = [3]), return_state = true)(x);
        let (z, g, _) = RNN([GRUCell(2), self::Simple::<5>], return_state = true)(x);
        (y, h, memory, z, g)
    });
    whole.as_mut_slice().copy_from_slice(halves.as_slice());
    let step = |at: usize| std::array::from_fn(|i| ((at * 3 + i) as f32).sin());
    let x: Vec<[[f32; 3]; 4]> = (0..5).map(|row| std::array::from_fn(|t| step(row * 4 + t))).collect();
    let half = |first: usize| x.iter().map(|x| [x[first], x[first + 1]]).collect::<Vec<_>>();
    let mut session = halves.session();
    for _ in 0..2 {
        let _ = session.predict(&half(0), 5)?;
        let ours = session.predict(&half(2), 5)?;
        let expected = whole.predict(&x, 5)?;
        let near = |ours: &[f32], of: &[f32]| ours.iter().zip(of).all(|(ours, of)| (ours - of).abs() <= 1e-6);
        let pairs = [
            (ours.0.as_flattened(), expected.0.as_flattened()),
            (ours.1.as_flattened(), expected.1.as_flattened()),
            (ours.2.as_flattened(), expected.2.as_flattened()),
            (ours.3.as_flattened(), expected.3.as_flattened()),
            (ours.4.as_flattened(), expected.4.as_flattened()),
        ];
        assert!(pairs.into_iter().all(|(ours, of)| near(ours, of)), "{ours:?} instead of {expected:?}");
        session.reset_state();
    }
    Ok(())
}
