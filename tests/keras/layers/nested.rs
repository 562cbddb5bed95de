//! Models as layers of other models.

use keras::prelude::*;

use crate::layer_test;
use crate::support::layer_test::equal;

sequential! { struct Base< Input(5), Dense(6, tanh, kernel_regularizer = L2(0.02)), Dropout(0.25), Dense(4) >; }
sequential! { struct Images< Input(2, 3), Flatten, Dense(4, gelu), Reshape((2, 2)) >; }
sequential! { struct Deep< Input(5), self::Base, Dense(5, relu, activity_regularizer = L2(0.1)), self::Base >; }
sequential! { struct Ends< Input(4), Dense(3, softmax) >; }

layer_test!(first, sequential!(Input(5), self::Base, Dense(3, softmax)));
layer_test!(last, sequential!(Input(5), Dense(4, relu), self::Ends));
layer_test!(of_another_rank, sequential!(Input(6), Reshape((2, 3)), self::Images, Dense(3, tanh), Flatten, Dense(2)));
layer_test!(of_known_shape, sequential!(Input(2, 3), self::Images(output_shape = [2, 2]), Reshape((4, 1)), Dense(2)));
layer_test!(within_another, sequential!(Input(5), self::Deep, Dropout(0.5), Dense(2, sigmoid)));
layer_test!(frozen, sequential!(Input(5), Dense(5, tanh), self::Base(trainable = false), Dense(2)));
layer_test!(
    called_twice,
    model!(|a: [5], b: [5]| {
        let base = self::Base;
        Dense(2)(base(a) + base(b))
    })
);
layer_test!(
    in_a_graph,
    model!(|x: [5]| {
        let h = self::Base()(x);
        let g = self::Base(name = "second")(x);
        (h, Dense(4, tanh)(x) + g + h)
    })
);

sequential! { struct Nested< Input(5), self::Images1, Dense(3, softmax) >; }
sequential! { struct Images1< Input(5), Dense(6, tanh, kernel_regularizer = L2(0.02)), Dense(4) >; }
sequential! { struct Written< Input(5), Dense(6, tanh, kernel_regularizer = L2(0.02)), Dense(4), Dense(3, softmax) >; }

#[test]
fn is_what_is_written_out() {
    equal(&Nested::seeded(1), &Written::seeded(1));
}

/// Weights of a trained model are copied in, frozen, and trained again.
#[test]
fn fine_tuning() {
    let mut base = Images1::seeded(1).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
    base.train_on_batch(&[[0.5; 5]; 4], &[[1.0, 0.0, 0.0, 0.5]; 4]).unwrap();

    let mut model = Nested::seeded(2);
    model.images1.set_weights(&base);
    assert_eq!(model.images1.dense.kernel, base.dense.kernel);
    let mut model = model.compile(Sgd::new(0.1), CategoricalCrossentropy::default(), ()).unwrap();
    model.set_trainable("images1", false).unwrap();
    model.train_on_batch(&[[0.5; 5]; 4], &[[1.0, 0.0, 0.0]; 4]).unwrap();
    assert_eq!(model.images1.get_weights(), base.get_weights());
    model.set_trainable("images1/dense_1", true).unwrap();
    model.train_on_batch(&[[0.5; 5]; 4], &[[1.0, 0.0, 0.0]; 4]).unwrap();
    assert_eq!(model.images1.dense.kernel, base.dense.kernel);
    assert_ne!(model.images1.dense_1.kernel, base.dense_1.kernel);
}

sequential! {
    struct Inner<
        Input(4),
        Dense(4, relu, kernel_regularizer = L2(0.01), kernel_constraint = MaxNorm(0.8)),
        Dense(4, activity_regularizer = L2(0.1)),
    >;
}
sequential! { struct Middle< Input(4), self::Inner, Activation(tanh), self::Inner(name = "again") >; }
model! {
    struct Outer(x: [4]) {
        let middle = self::Middle;
        Dense(3)(middle(middle(x)) + x)
    }
}
model! {
    struct OuterWritten(x: [4]) {
        let a = Dense(4, relu, kernel_regularizer = L2(0.01), kernel_constraint = MaxNorm(0.8));
        let b = Dense(4, activity_regularizer = L2(0.1));
        let c = Dense(4, relu, kernel_regularizer = L2(0.01), kernel_constraint = MaxNorm(0.8));
        let d = Dense(4, activity_regularizer = L2(0.1));
        let h = d(c(Activation(tanh)(b(a(x)))));
        let h = d(c(Activation(tanh)(b(a(h)))));
        Dense(3)(h + x)
    }
}

/// Some epochs with an optimizer: the weights and the loss.
fn trained<M: Model<Input = [f32; 4], Output = [f32; 3]>>(mut model: Boxed<M>, optimizer: Adam) -> (Vec<f32>, f64) {
    model.as_mut_slice().iter_mut().zip(0..).for_each(|(w, i)| *w = ((i * 7) % 23) as f32 / 23.0 - 0.5);
    let x: Vec<[f32; 4]> = (0..12).map(|i| std::array::from_fn(|j| ((i * 5 + j * 3) % 7) as f32 / 7.0 - 0.4)).collect();
    let y: Vec<[f32; 3]> = (0..12).map(|i| std::array::from_fn(|j| f32::from(i % 3 == j))).collect();
    let mut model = model.compile(optimizer, MeanSquaredError::default(), ()).unwrap();
    let fit = Fit::epochs(3).batch_size(5).verbose(0).shuffle(false);
    let history = model.fit(&x, &y, fit).unwrap();
    (model.as_slice().to_vec(), history.last("loss").unwrap())
}

/// Models in models in models, called twice, train as what is written out, whatever the optimizer looks at.
#[test]
fn trains_as_what_is_written_out() {
    for optimizer in [
        Adam::new(0.01),
        Adam::new(0.01).global_clipnorm(0.3),
        Adam::new(0.01).clipnorm(0.1),
        Adam::new(0.01).weight_decay(0.1),
        Adam::new(0.01).use_ema(true).ema_overwrite_frequency(2),
    ] {
        let nested = trained(Outer::seeded(1), optimizer.clone());
        assert_eq!(nested, trained(OuterWritten::seeded(1), optimizer));
    }
}
