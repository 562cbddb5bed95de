//! Models without any weights: `fit` has nothing to learn, and says what the loss is.

use keras::prelude::*;

const ROW: [f32; 4] = [0.5, 1.0, -1.0, 2.0];

sequential! { struct Positive< Input(4), Activation(relu) >; }
sequential! { struct Flat< Input((2, 2)), Flatten() >; }

model! {
    struct Both(a: [4], b: [4]) {
        (a + b, Multiply()(a, b))
    }
}

#[test]
fn an_activation() {
    let x = [ROW; 6];
    let mut model = Positive::new().compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
    let history = model.fit(&x, &x, Fit::epochs(2).batch_size(4).verbose(0)).unwrap();
    assert_eq!(history.get("loss"), [0.25, 0.25]);
}

#[test]
fn another_shape() {
    let x = [[[0.5, 1.0], [-1.0, 2.0]]; 6];
    let mut model = Flat::new().compile(Adam::new(0.1), MeanSquaredError::default(), ()).unwrap();
    let history = model.fit(&x, &[ROW; 6], Fit::epochs(1).batch_size(4).verbose(0)).unwrap();
    assert_eq!(history.get("loss"), [0.0]);
}

#[test]
fn two_outputs() {
    let x = [ROW; 6];
    let losses = (MeanSquaredError::default(), MeanSquaredError::default());
    let mut model = Both::new().compile(Adam::new(0.1), losses, ()).unwrap();
    let history = model.fit((&x, &x), (&x, &x), Fit::epochs(1).batch_size(6).verbose(0)).unwrap();
    // The means of x² and of (x² − x)².
    assert_eq!((history.get("add_loss"), history.get("multiply_loss")), (&[1.5625][..], &[2.015_625][..]));
}
