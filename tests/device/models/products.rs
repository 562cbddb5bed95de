//! Matrix products by themselves.

use keras::device::{Device, Math, Product, Transposed};

use super::Numbers;

/// Sizes that are multiples of nothing, a single product, and some that are whole; tiles of both sizes; every way that factors lie.
pub(crate) fn ragged(device: Device) {
    let mut products = Vec::new();
    for sizes in [[1, 1, 1], [65, 130, 37], [72, 64, 33], [129, 7, 3]] {
        for transposed in [Transposed::Neither, Transposed::First, Transposed::Second] {
            for math in [Math::Float32, Math::TensorFloat32, Math::Bfloat16, Math::Float16] {
                let product = |is_large| Product { sizes, transposed, math, is_large: Some(is_large) };
                products.push(product(false));
                if math != Math::Float32 && sizes != [1; 3] {
                    products.push(product(true));
                }
            }
        }
    }
    multiply(device, &products);
}

/// A tile of each size, for few threads.
pub(crate) fn few_tiles(device: Device) {
    let product =
        |math, is_large| Product { sizes: [37, 30, 40], transposed: Transposed::First, math, is_large: Some(is_large) };
    multiply(device, &[product(Math::TensorFloat32, true), product(Math::Bfloat16, false)]);
}

/// Gives the products to a device, and reads what it makes of them.
fn multiply(device: Device, products: &[Product]) {
    let mut engine = device.into_engine();
    let (halves, floats): (Vec<Product>, Vec<Product>) =
        products.iter().partition(|product| matches!(product.math, Math::Bfloat16 | Math::Float16));
    // Products of 16 bits are given factors that have no more digits.
    for (products, digits) in [(floats, 24), (halves, 7)] {
        for factor in 0..2 {
            let spans = products.iter().map(|product| product.factors()[factor]);
            let longest = spans.max_by_key(|span| span.len).unwrap();
            let (mut numbers, unit) = (Numbers(41), f32::from(2_u8).powi(digits));
            let factor: Vec<f32> = numbers.rows::<1>(longest.len).iter().map(|[x]| (x * unit).round() / unit).collect();
            engine.allocate(longest.region, longest.len).unwrap();
            engine.write_f32(longest, &factor).unwrap();
        }
        for (i, product) in products.iter().enumerate() {
            engine.allocate(product.result(i).region, product.result(i).len).unwrap();
        }
        let program = engine.load(Product::program(&products)).unwrap();
        engine.run(program, 1).unwrap();
        for (i, product) in products.iter().enumerate() {
            let span = product.result(i);
            engine.read_f32(span, &mut vec![0.0; span.len]).unwrap();
        }
    }
}
