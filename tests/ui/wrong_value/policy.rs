use keras::prelude::*;

sequential! {
    #[dtype = "mixed_bfloat16"]
    pub struct Net<
        Input(784),
        Dense(64, dtype = "bfloat16"),
        Dense(32, dtype = "float64"),
        Dense(10, softmax, dtype = "mixed_bflot16"),
    >;
}

fn main() {
    let classes: [f32; 10] = Net::seeded(1).predict_one(&[0.5; 784]);
    println!("{classes:?}");
}
