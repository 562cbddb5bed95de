use keras::prelude::*;

fn main() {
    let model = sequential!();
    model.predict_one(&[0.0; 784]);
}
