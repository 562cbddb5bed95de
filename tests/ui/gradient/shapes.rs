keras::gradient! {
    fn loss(w: [f32; 4], b: [f32; 3]; x: [f32; 3]) -> f32 {
        let out = w * x;
        let near = wieght * out;
        (b.rleu() - x + near).sum()
    }
}

fn main() {
    println!("{:?}", loss_grad(&[0.0; 4], &[0.0; 3], &[0.0; 3]));
}
