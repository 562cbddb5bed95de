//! Layers under mixed policies.

use keras::device::Device;
use keras::prelude::*;

use super::Numbers;

sequential! { #[dtype = "mixed_bfloat16"] struct Inner< Input(4, 3), LSTM(5, dtype = "float32"), Dense(4, tanh) >; }

model! {
    #[dtype = "mixed_bfloat16"]
    struct Mixed(x: [4, 3], words: [[u32; 4]; 1]) {
        let table = Flatten()(Embedding(9, 2)(words));
        let h = LayerNormalization()(Flatten()(Conv1D(4, 2, activation = relu)(x)));
        let shared = Dense(4, kernel_regularizer = L2(0.01));
        let h = shared(h) + self::Inner()(x) + Dense(4)(table);
        Dense(3, softmax, dtype = "float32")(Concatenate()(h, Dense(4, sigmoid)(h)))
    }
}

/// Two policies, a model within with its own, a value that several layers read.
pub(crate) fn mixed(device: Device) {
    let n = 9;
    let mut numbers = Numbers(17);
    let (x, y) = (numbers.rows::<12>(n), numbers.classes(n, 3));
    let x: Vec<[[f32; 3]; 4]> =
        x.iter().map(|x| std::array::from_fn(|t| std::array::from_fn(|i| x[3 * t + i]))).collect();
    let words: Vec<[[u32; 4]; 1]> = (0..n as u32).map(|i| [std::array::from_fn(|j| (5 * i + j as u32) % 9)]).collect();
    let loss = SparseCategoricalCrossentropy::default();
    let model = Mixed::seeded(2).compile(Adam::new(0.01), loss, (Accuracy::default(),)).unwrap();
    let mut model = model.seed(5).on(device).unwrap();
    model.fit((&x, &words), &y, Fit::epochs(2).batch_size(4).verbose(0)).unwrap();
    model.predict_with((&x, &words), 4).unwrap();
}
