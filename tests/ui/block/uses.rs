//! Mistakes where a block is used.

use keras::prelude::*;

layer! {
    pub struct Residual(units, rate = 0.1)(x) {
        let h = Dense(units, relu)(x);
        Dropout(rate)(h) + x
    }
}

sequential! { pub struct Missing< Input(8), self::Residual!(), Dense(3) >; }
sequential! { pub struct Typo< Input(8), self::Residual!(8, rat = 0.5), Dense(3) >; }
sequential! { pub struct Many< Input(8), self::Residual!(8, 0.5, relu), Dense(3) >; }
sequential! { pub struct Twice< Input(8), self::Residual!(8, units = 8), Dense(3) >; }
sequential! { pub struct Shape< Input(8), self::Residual!(16), Dense(3) >; }
sequential! { pub struct Value< Input(8), self::Residual!(8, rate = 1.5), Dense(3) >; }
sequential! { pub struct Switch< Input(8), self::Residual!(8, trainable = False), Dense(3) >; }
sequential! { pub struct Name< Input(8), self::Residual!(8, name = 5), Dense(3) >; }
model! { pub struct Inputs(a: [8], b: [8]) { self::Residual!(8)(a, b) } }
model! { pub struct Results(a: [8]) { let (x, y) = self::Residual!(8)(a); x + y } }

fn main() {
    let model = Missing::new();
    let _: [f32; 3] = model.predict_one(&[0.5; 8]);
}
