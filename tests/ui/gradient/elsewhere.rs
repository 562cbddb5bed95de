mod losses {
    keras::gradient! {
        pub fn energy(x: [f64; 3]; k: f64) -> f64 { k * x.square().sum() }
    }

    pub fn plain(x: f64) -> f64 {
        x
    }
}

keras::gradient! {
    fn shape(x: [f64; 4], k: f64) -> f64 {
        let (_, dx) = losses::energy_grad(x, k);
        dx.sum()
    }
}

keras::gradient! {
    fn gradients(x: [f64; 3], k: f64) -> f64 {
        let (_, (dx, dk)) = losses::energy_grad(x, k);
        dx.sum() + dk
    }
}

keras::gradient! {
    fn other(x: f64) -> f64 {
        losses::plain(x)
    }
}

fn main() {}
