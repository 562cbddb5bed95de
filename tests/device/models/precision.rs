//! Layers under mixed policies.

use keras::device::Device;
use keras::optimizers::LossScaleOptimizer;
use keras::prelude::*;

use super::Numbers;

sequential! { #[dtype = "mixed_bfloat16"] struct Inner< Input(4, 3), LSTM(5, dtype = "float32"), Dense(4, tanh) >; }

model! {
    #[dtype = "mixed_bfloat16"]
    struct Mixed(x: [4, 3], words: [[u32; 4]; 1], rows: [2]) {
        let table = Flatten()(Embedding(9, 2)(words)) + Flatten()(Embedding(300, 4)(rows));
        let steps = GRU(4)(Masking(0.1)(x));
        let h = LayerNormalization()(Flatten()(Conv1D(4, 2, activation = relu)(x)));
        let shared = Dense(4, kernel_regularizer = L2(0.01));
        let h = shared(h) + self::Inner()(x) + Dense(4)(table) + steps;
        Dense(3, softmax, dtype = "float32")(Concatenate()(h, Dense(4, sigmoid)(h)))
    }
}

/// Two policies, a model within with its own, a value that several layers read, rows and steps by numbers that bfloat16 does not have.
pub(crate) fn mixed(device: Device) {
    let n = 9;
    let mut numbers = Numbers(17);
    let (x, y) = (numbers.rows::<12>(n), numbers.classes(n, 3));
    let mut x: Vec<[[f32; 3]; 4]> =
        x.iter().map(|x| std::array::from_fn(|t| std::array::from_fn(|i| x[3 * t + i]))).collect();
    x.iter_mut().enumerate().for_each(|(i, x)| x[i % 4] = [0.1; 3]);
    let rows: Vec<[f32; 2]> = (0..n).map(|i| [257.0 + i as f32, 299.0]).collect();
    let words: Vec<[[u32; 4]; 1]> = (0..n as u32).map(|i| [std::array::from_fn(|j| (5 * i + j as u32) % 9)]).collect();
    let loss = SparseCategoricalCrossentropy::default();
    let model = Mixed::seeded(2).compile(Adam::new(0.01), loss, (Accuracy::default(),)).unwrap();
    let mut model = model.seed(5).on(device).unwrap();
    model.fit((&x, &words, &rows), &y, Fit::epochs(2).batch_size(4).verbose(0)).unwrap();
    model.predict_with((&x, &words, &rows), 4).unwrap();
}

sequential! { #[dtype = "mixed_float16"] struct Part< Input(6), Dense(4, tanh, bias_regularizer = L1(0.01)) >; }

model! {
    #[dtype = "mixed_float16"]
    struct Half(x: [6]) {
        let h = Dense(8, tanh, kernel_regularizer = L2(0.01), kernel_constraint = MaxNorm(1.0))(x);
        let part = self::Part()(x);
        let h = BatchNormalization(momentum = 0.8)(Dense(4, kernel_constraint = NonNeg, activity_regularizer = L2(0.01))(h));
        (Softmax(dtype = "float32")(Dense(3)(h + part)), Dense(2, dtype = "float32")(part))
    }
}

/// Scales that are too large and are found to be, with weights of samples and without, and whatever an optimizer does to gradients.
pub(crate) fn half(device: Device) {
    let n = 9;
    let mut numbers = Numbers(23);
    let (x, y, z) = (numbers.rows::<6>(n), numbers.classes(n, 3), numbers.rows::<2>(n));
    let weights: Vec<f32> = numbers.rows::<1>(n).iter().map(|[w]| w + 1.5).collect();
    let losses = (SparseCategoricalCrossentropy::default(), MeanSquaredError::default());
    let adam = Adam::new(0.01).clipnorm(0.5).gradient_accumulation_steps(2).use_ema(true);
    let optimizer = LossScaleOptimizer::new(adam).initial_scale(4_194_304.0).dynamic_growth_steps(3);
    let model = Half::seeded(2).compile(optimizer, losses, ((), ())).unwrap();
    let mut model = model.seed(5).on(device).unwrap();
    for _ in 0..6 {
        model.train_on_batch(&x, (&y, &z)).unwrap();
    }
    let fit = Fit::epochs(2).batch_size(4).sample_weight(&weights).verbose(0);
    model.fit(&x, (&y, &z), fit).unwrap();
    let made = model.iterations();
    assert!(0 < made && made < 12, "{made} of 12 steps are made");
}

model! {
    struct Rounded(x: [4, 6], image: [9, 8, 2]) {
        let steps = GRU(5, return_sequences = true)(x);
        let scores = Dot((2, 2))(steps, Bidirectional(LSTM(5, return_sequences = true), merge_mode = "sum")(x));
        let e = EinsumDense("btc,tcd->btd", (None, 3), bias_axes = "d")(x);
        let far = Conv2DTranspose(3, 2, strides = 2)(Conv2D(18, 3, strides = 2, activation = relu)(image));
        let each = Conv2D(32, 2, groups = 2)(Conv2D(32, 1)(DepthwiseConv2D(3, depth_multiplier = 2)(image)));
        let film = ConvLSTM1D(3, 2)(Reshape((2, 3, 4))(x));
        let h = Dense(70, tanh)(Concatenate()(Flatten()(e), Flatten()(far), Flatten()(each), Flatten()(film)));
        let h = TernaryDense(66)(h);
        Dense(3, softmax)(Concatenate()(h, Flatten()(scores)))
    }
}

/// All products that are rounded to TF32, and some that are not.
pub(crate) fn rounded(device: Device) {
    let n = 5;
    let mut numbers = Numbers(23);
    let (x, image, y) = (numbers.rows::<24>(n), numbers.rows::<144>(n), numbers.classes(n, 3));
    let x: Vec<[[f32; 6]; 4]> =
        x.iter().map(|x| std::array::from_fn(|t| std::array::from_fn(|i| x[6 * t + i]))).collect();
    let pixels =
        |at: &[f32; 144], row: usize| std::array::from_fn(|j| std::array::from_fn(|i| at[16 * row + 2 * j + i]));
    let image: Vec<[[[f32; 2]; 8]; 9]> = image.iter().map(|at| std::array::from_fn(|row| pixels(at, row))).collect();
    let loss = SparseCategoricalCrossentropy::default();
    let model = Rounded::seeded(4).compile(Sgd::new(0.05).momentum(0.9), loss, ()).unwrap();
    let mut model = model.seed(5).on(device.tf32()).unwrap();
    model.fit((&x, &image), &y, Fit::epochs(2).batch_size(n).shuffle(false).verbose(0)).unwrap();
}
