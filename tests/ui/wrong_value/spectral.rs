//! Layers that cannot be normalized by their largest singular value.
use keras::{model, sequential};

sequential! { struct Cell< Input((8, 3)), SpectralNormalization(LSTM(4)) >; }

sequential! { struct Penalty< Input(784), SpectralNormalization(Dense(64, kernel_regularizer = L2(0.01))), Dense(10) >; }

sequential! { struct Iterations< Input(784), SpectralNormalization(Dense(64), power_iterations = 0) >; }

model! { struct Twice(x: [8]) { let d = SpectralNormalization(Dense(8)); d(d(x)) } }

fn main() {}
