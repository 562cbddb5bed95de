//! What `#[weight(…)]` says of a field.

#[derive(keras::Weights)]
#[repr(C)]
pub struct Wrong {
    #[weight(initialiser = Ones)]
    pub a: [f32; 8],
    #[weight(initializer = Onse)]
    pub b: [f32; 8],
    #[weight(trainable = 0)]
    pub c: [f32; 8],
    #[weight(Ones)]
    pub d: [f32; 8],
    #[weight(regularizer = L2(0.1, 0.2))]
    pub e: [f32; 8],
    #[weight(constraint = 3)]
    pub f: [f32; 8],
    #[weight]
    pub g: [f32; 8],
}

fn main() {}
