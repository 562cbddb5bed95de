keras::gradient! {
    fn loss(w: [f32; 4], s: f32; n: usize) -> f32 {
        s
    }

    fn walk(w: [f32; 4], s: f32; x: [f32; 4]) -> f32 {
        while s > 1.0 {
            s = s * 0.5;
        }
        if s > 0.0 {
            return s;
        }
        let double = |a| a * 2.0;
        let turns = 4.0;
        for i in 0..turns {
            w[i] = double(x[i]);
        }
        let rest = w.iter().map(|w| w * s);
        let kind = match s {
            _ => rest,
        };
        walk_on(kind)
    }

    fn walk_on(s: f32) -> f32 {
        again(s) + f32::max(s, 0.0)
    }

    fn again(s: f32) -> f32 {
        walk_on(s * 0.5)
    }

    fn result(x: [f32; 3]) -> [f32; 3] {
        x.exp()
    }
}

fn main() {
    println!("{:?}", walk_grad(&[0.0; 4], &1.0, &[0.0; 4]));
}
