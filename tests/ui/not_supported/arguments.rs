use keras::prelude::*;

sequential! {
    pub struct Net<
        Input(784),
        Dense(64, dtype = "float16", quantization_config = config),
        Dropout(0.5, noise_shape = (1, 64)),
        Flatten(first),
        Dense(10, softmax),
    >;
}

fn main() -> keras::Result<()> {
    let (x, y) = ([[0.5; 784]; 4], [[0.1; 10]; 4]);
    let mut model = Net::seeded(1).compile(Sgd::new(0.1), CategoricalCrossentropy::default(), (Accuracy::default(),))?;
    model.fit(&x, &y, Fit::epochs(2))?;
    let classes: [f32; 10] = model.predict_one(&x[0]);
    println!("{classes:?} {}", model.dense.kernel[3][2]);
    Ok(())
}
