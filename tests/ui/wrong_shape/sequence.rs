use keras::prelude::*;

sequential! {
    struct Words<
        Input(20, dtype = u32),
        Dense(16, relu),
        Dense(2, softmax),
    >;
}

sequential! {
    struct Steps<
        Input(20),
        Masking(mask_value = -1.0),
        Dense(2, softmax),
    >;
}

fn main() {
    let mut model = Words::seeded(1).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
    let _ = model.fit(&[[1u32; 20]; 4], &[[0.5; 2]; 4], Fit::epochs(1));
}
