const N: usize = 4;

keras::gradient! {
    fn loss(w: [f32; N]; x: [f32; 3]) -> f32 {
        let mut sum = (w * x).sum();
        for i in 0..5 {
            sum += w[i];
        }
        sum
    }
}

fn main() {
    println!("{:?}", loss_grad(&[0.0; N], &[0.0; 3]));
}
