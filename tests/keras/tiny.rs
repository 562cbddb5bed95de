//! Tiny networks, whose prediction is one function: the bits are those of a batch, whatever the sizes and instructions.

use keras::__private::kernels::Isa;
use keras::__private::kernels::isa::with_isa;
use keras::Model;
use keras::prelude::*;

use crate::support::count::allocations;

/// Compares a prediction for one sample with those for a batch.
macro_rules! same {
    ($($name:ident($input:literal, $($layers:tt)*);)*) => {$(
        #[test]
        fn $name() {
            sequential! { struct Net< Input($input), $($layers)* >; }
            let model = Net::seeded(3);
            let x: Vec<[f32; $input]> =
                (0..5).map(|row| std::array::from_fn(|i| ((row * 31 + i * 17) % 23) as f32 / 11.0 - 1.0)).collect();
            for isa in Isa::available() {
                with_isa(isa, || {
                    let batch = model.predict(&x, 5).unwrap();
                    for (x, y) in x.iter().zip(&batch) {
                        assert_eq!(model.infer_tiny(isa, x).is_some(), isa != Isa::SCALAR);
                        assert_eq!(model.predict_one(x), *y, "{isa:?}");
                        assert_eq!(allocations(|| model.predict_one(x)), 0);
                    }
                });
            }
        }
    )*};
}

same! {
    of_the_page(4, Dense(16, relu), Dense(16, relu), Dense(1));
    one_vector(7, Dense(5, tanh), Dense(8, sigmoid), Dense(9, elu));
    two_vectors(16, Dense(17, gelu), Dense(31, relu), Dense(32, use_bias = false), Softmax);
    several_vectors(3, Dense(100, leaky_relu), Dense(20, softmax));
    deep(256, Dense(8, relu), Dropout(0.5), Flatten, Activation(tanh), Dense(3, softmax));
    a_single_number(1, Dense(1));
}

#[test]
fn others_take_the_usual_way() {
    sequential! { struct Wide< Input(64), Dense(64, relu), Dense(2) >; }
    sequential! { struct Rows< Input(4, 3), Dense(2), Flatten, Dense(2) >; }
    sequential! { struct Shaped< Input(4), Dense(6), Reshape((2, 3)) >; }
    let isa = Isa::best();
    assert!(Wide::seeded(1).infer_tiny(isa, &[0.5; 64]).is_none());
    assert!(Rows::seeded(1).infer_tiny(isa, &[[0.5; 3]; 4]).is_none());
    assert!(Shaped::seeded(1).infer_tiny(isa, &[0.5; 4]).is_none());
}
