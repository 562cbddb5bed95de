keras::gradient! {
    fn loss(w: [f64; 3], b: f64; x: [f64; 3]) -> f64 {
        (w.dot(x) + b).square()
    }

    fn along(w: [f64; 3], b: f64; x: [f64; 3], v: [f64; 4]) -> f64 {
        let (_, dw) = loss_grad(w, b, x);
        let (_, (dw, _)) = loss_grad(w, b, v);
        loss_grad(w, b, x) + dw.sum()
    }
}

fn main() {
    println!("{:?}", along_grad(&[0.0; 3], &1.0, &[0.0; 3], &[0.0; 4]));
}
