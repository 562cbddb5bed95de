use keras::prelude::*;

fn main() {
    let model = sequential!(Dense(64, relu), Dense(10, softmax));
    let _ = model.predict_one(&[0.5; 784]);
    let _ = model.predict_one(&[0.5; 783]);
}
