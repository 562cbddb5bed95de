//! A residual network on photographs: CIFAR-10, or as much of it as is there.
//!
//!     cargo run --release --example 09_cifar10 -- [folder with the files of CIFAR-10] [epochs]
//!
//! Without a folder the files are looked for in `~/.keras/datasets/cifar10`.

use std::time::Instant;

use keras::datasets::cifar10;
use keras::prelude::*;

layer! {
    /// A convolution, normalized.
    struct Normalized(filters, strides = 1) <
        Conv2D(filters, 3, strides = strides, padding = same, use_bias = false, kernel_initializer = he_normal),
        BatchNormalization(momentum = 0.9),
    >;
}

layer! {
    /// Two convolutions and a way around them.
    struct Residual(filters)(x) {
        let h = Activation(relu)(crate::Normalized!(filters)(x));
        Activation(relu)(crate::Normalized!(filters)(h) + x)
    }
}

layer! {
    /// The same at half the width and height; the way around is a convolution too.
    struct Halved(filters)(x) {
        let h = Activation(relu)(crate::Normalized!(filters, 2)(x));
        let around = Conv2D(filters, 1, strides = 2, use_bias = false)(x);
        Activation(relu)(crate::Normalized!(filters)(h) + around)
    }
}

sequential! {
    struct ResNet<
        Input(32, 32, 3),
        self::Normalized!(16),
        Activation(relu),
        self::Residual!(16),
        self::Halved!(32),
        self::Halved!(64),
        GlobalAveragePooling2D,
        Dropout(0.2),
        Dense(10, softmax),
    >;
}

type Image = [[[f32; 3]; 32]; 32];

fn main() -> keras::Result<()> {
    let mut args = std::env::args().skip(1);
    let data = match args.next() {
        Some(folder) => cifar10::load_data_from(folder)?,
        None => cifar10::load_data()?,
    };
    let epochs = args.next().and_then(|epochs| epochs.parse().ok()).unwrap_or(6);
    let data = data.scaled();
    let (test, tested) = (&data.test.x, &data.test.y);
    // A photograph shows as much in a mirror.
    let mirrored = data.train.x.iter().map(mirrored);
    let x: Vec<Image> = data.train.x.iter().copied().chain(mirrored).collect();
    let y = data.train.y.repeat(2);

    let loss = SparseCategoricalCrossentropy::default();
    let mut model = ResNet::seeded(1).compile(Adam::new(0.003), loss, (Accuracy::default(),))?.seed(1);
    let start = Instant::now();
    model.fit(&x, &y, Fit::epochs(epochs).batch_size(64).validation_data(test, tested))?;
    println!("fit: {:.0} s", start.elapsed().as_secs_f64());

    let shares = model.predict_one(&test[0]);
    let guess = (0..10).max_by(|&a, &b| shares[a].total_cmp(&shares[b])).unwrap_or_default();
    let [guess, truth] = [guess, usize::from(tested[0])].map(|class| cifar10::NAMES[class]);
    println!("the first of the test photographs: a {truth}, taken for a {guess}");
    println!("test: {}", model.evaluate(test, tested, 100)?);
    Ok(())
}

/// An image with left and right exchanged.
fn mirrored(image: &Image) -> Image {
    let mut image = *image;
    image.iter_mut().for_each(|line| line.reverse());
    image
}
