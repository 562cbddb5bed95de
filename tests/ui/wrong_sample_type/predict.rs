use keras::prelude::*;

sequential! { pub struct Net< Input(784), Dense(64, relu), Dense(10, softmax) >; }

fn main() {
    let model = Net::seeded(1);
    let _ = model.predict_one(&[0.5; 783]);
    let many = vec![[0.5; 783]; 8];
    let _ = model.predict(&many, 4);
}
