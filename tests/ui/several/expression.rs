use keras::prelude::*;

fn main() -> keras::Result<()> {
    let model = sequential!(Input(784), Dense(64, rleu), Dence(10, softmax));
    let classes: [f32; 10] = model.predict_one(&[0.5; 784]);
    let mut model = model.compile(Sgd::new(0.1), CategoricalCrossentropy::default(), (Accuracy::default(),))?;
    model.fit(&[[0.5; 784]; 4], &[classes; 4], Fit::epochs(2))?;
    Ok(())
}
