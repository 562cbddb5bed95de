//! An encoder block while it is trained.

use keras::__private::Block;
use keras::prelude::*;

use crate::support::count::allocations;

model! {
    struct Encoder(x: [16, 24]) {
        let a = LayerNormalization()(x + MultiHeadAttention(4, 8, dropout = 0.1)(x, x, use_causal_mask = true));
        let b = LayerNormalization()(a + Dense(24)(Dense(96, gelu)(a)));
        Dense(5, softmax)(Flatten()(b))
    }
}

/// Any number of threads gives the same weights, and a step allocates nothing.
#[test]
fn threads_do_not_matter() -> keras::Result<()> {
    let value = |i: usize| (i as u32).wrapping_mul(2_654_435_761) as f32 / u32::MAX as f32 - 0.5;
    let x: Vec<[[f32; 24]; 16]> =
        (0..128).map(|row| std::array::from_fn(|i| std::array::from_fn(|j| value((row * 16 + i) * 24 + j)))).collect();
    let y: Vec<u8> = (0..128).map(|i| (i * 3 % 5) as u8).collect();
    let train = |threads| {
        let loss = SparseCategoricalCrossentropy::default();
        let mut model = Encoder::seeded(1).compile(Adam::new(0.01), loss, ())?.seed(2).threads(threads);
        let before = model.train_on_batch(&x, &y)?.loss();
        for _ in 0..8 {
            model.train_on_batch(&x[..100], &y[..100])?;
        }
        assert_eq!(allocations(|| model.train_on_batch(&x, &y).map(|_| ()).unwrap()), 0);
        assert!(model.train_on_batch(&x, &y)?.loss() < before);
        Ok::<_, keras::Error>(model.as_slice().iter().map(|w| w.to_bits()).collect::<Vec<u32>>())
    };
    let one = train(1)?;
    assert!(train(3)? == one, "three threads give other weights than one");
    Ok(())
}

/// The weights are named by the parts of the layer, as in Keras.
#[test]
fn weights_have_the_names_of_keras() {
    let model = Encoder::seeded(1);
    let attention = &model.multi_head_attention;
    assert_eq!(attention.query.kernel.len(), 24);
    assert_eq!(attention.attention_output.bias, [0.0; 24]);
    // The summary has one row for the layer, with the weights of its parts.
    assert!(model.summary().contains("3,192"), "{}", model.summary());
}
