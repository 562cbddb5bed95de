//! The output of a layer within a model, by its name.

use keras::prelude::*;

sequential! { struct Net< Input(6), Dense(5, tanh), Dropout(0.5), Dense(4), Activation(relu), Flatten, Dense(3, softmax) >; }
model! {
    struct Graph(x: [6], y: [6]) {
        let shared = Dense(4, relu, name = "shared");
        let h = shared(x) + shared(y);
        let g = Reshape((2, 2))(h);
        let k = Dense(3, tanh, name = "narrow")(g);
        Dense(2)(Flatten()(k))
    }
}
sequential! { struct Around< Input(6), self::Net, Dense(2, tanh), Dense(3) >; }

fn samples(n: usize) -> Vec<[f32; 6]> {
    (0..n).map(|i| std::array::from_fn(|j| ((i * 7 + j * 3) % 11) as f32 / 11.0 - 0.5)).collect()
}

fn dense<const N: usize, const K: usize>(x: &[f32; K], w: &[[f32; N]; K], b: &[f32; N]) -> [f32; N] {
    std::array::from_fn(|j| b[j] + (0..K).map(|i| x[i] * w[i][j]).sum::<f32>())
}

fn near<const N: usize>(ours: &[[f32; N]], expected: impl Fn(usize) -> [f32; N]) {
    for (i, ours) in ours.iter().enumerate() {
        for (ours, expected) in ours.iter().zip(expected(i)) {
            assert!((ours - expected).abs() < 1e-6, "row {i}: {ours} instead of {expected}");
        }
    }
}

/// All of them, also those whose buffers other steps write over; more rows than are worked on at once.
#[test]
fn of_a_chain() -> keras::Result<()> {
    let (model, x) = (Net::seeded(1), samples(300));
    let first: Vec<[f32; 5]> = model.layer_output("dense", &x)?;
    near(&first, |i| dense(&x[i], &model.dense.kernel, &model.dense.bias).map(f32::tanh));
    let dropped: Vec<[f32; 5]> = model.layer_output("dropout", &x)?;
    assert_eq!(dropped, first);
    let second: Vec<[f32; 4]> = model.layer_output("activation", &x)?;
    near(&second, |i| dense(&first[i], &model.dense_1.kernel, &model.dense_1.bias).map(|z| z.max(0.0)));
    assert_eq!(model.layer_output::<[f32; 4]>("flatten", &x)?, second);
    let last: Vec<[f32; 3]> = model.layer_output("dense_2", &x)?;
    near(&last, |i| model.predict_one(&x[i]));
    Ok(())
}

#[test]
fn of_a_graph() -> keras::Result<()> {
    let (model, x, y) = (Graph::seeded(1), samples(5), samples(9)[4..].to_vec());
    let first: Vec<[f32; 4]> = model.layer_output("shared", (&x, &y))?;
    near(&first, |i| dense(&x[i], &model.shared.kernel, &model.shared.bias).map(|z| z.max(0.0)));
    let square: Vec<[[f32; 2]; 2]> = model.layer_output("reshape", (&x, &y))?;
    let other: Vec<[f32; 4]> = model.layer_output("shared", (&y, &x))?;
    near(&square.iter().map(|s| s.as_flattened().try_into().unwrap()).collect::<Vec<[f32; 4]>>(), |i| {
        std::array::from_fn(|j| first[i][j] + other[i][j])
    });
    let narrow: Vec<[[f32; 3]; 2]> = model.layer_output("narrow", (&x, &y))?;
    near(&narrow.iter().map(|rows| rows[1]).collect::<Vec<_>>(), |i| {
        dense(&square[i][1], &model.narrow.kernel, &model.narrow.bias).map(f32::tanh)
    });
    Ok(())
}

#[test]
fn of_a_model_with_a_model() -> keras::Result<()> {
    let (model, x) = (Around::seeded(1), samples(5));
    let inner: Vec<[f32; 3]> = model.layer_output("net", &x)?;
    near(&inner, |i| model.net.predict_one(&x[i]));
    let within: Vec<[f32; 5]> = model.net.layer_output("dense", &x)?;
    near(&within, |i| dense(&x[i], &model.net.dense.kernel, &model.net.dense.bias).map(f32::tanh));
    Ok(())
}

#[test]
fn mistakes() {
    let (model, x) = (Around::seeded(1), samples(2));
    let told = |error: keras::Error| error.to_string();
    let error = told(model.layer_output::<[f32; 3]>("dence", &x).unwrap_err());
    assert!(error.contains("the layers of `around` are net, dense, dense_1, net/dense"), "{error}");
    let error = told(model.layer_output::<[f32; 4]>("net", &x).unwrap_err());
    assert!(error.contains("it gives samples of shape [3], asked for are samples of [4]"), "{error}");
    let error = told(model.layer_output::<[f32; 5]>("net/dense", &x).unwrap_err());
    assert!(error.contains("it is part of another layer"), "{error}");
    assert!(model.layer_output::<[f32; 3]>("net", &[]).is_err());
}
