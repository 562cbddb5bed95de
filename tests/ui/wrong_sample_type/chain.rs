use keras::prelude::*;

sequential! { struct Head< Input(16), Dense(10, softmax) >; }
sequential! { struct Body< Input(784), Dense(12, relu) >; }

fn main() {
    let (body, head) = (Body::seeded(1), Head::seeded(2));
    let h = body.predict_one(&[0.5; 784]);
    let _ = head.predict_one(&h);
}
