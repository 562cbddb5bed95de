use super::*;
use crate::datasets::{fashion_mnist, mnist};
use std::fs;

fn write(folder: &Path, name: &str, sizes: &[u32], items: &[u8]) {
    let mut file = vec![0, 0, 8, sizes.len() as u8];
    for size in sizes {
        file.extend(size.to_be_bytes());
    }
    file.extend(items);
    fs::write(folder.join(name), file).unwrap();
}

/// Three training images of pixels 1, 2, 3 and two test images of pixels 4, 5.
fn small() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let pixels = |values: &[u8]| values.iter().flat_map(|&value| [value; 784]).collect::<Vec<u8>>();
    write(folder.path(), "train-images-idx3-ubyte", &[3, 28, 28], &pixels(&[1, 2, 3]));
    write(folder.path(), "train-labels-idx1-ubyte", &[3], &[7, 8, 9]);
    write(folder.path(), "t10k-images-idx3-ubyte", &[2, 28, 28], &pixels(&[4, 5]));
    write(folder.path(), "t10k-labels-idx1-ubyte", &[2], &[0, 1]);
    folder
}

#[test]
fn four_files_become_a_dataset() {
    let folder = small();
    let dataset = mnist::load_data_from(folder.path()).unwrap();
    assert_eq!(dataset.train.x, [[[1; 28]; 28], [[2; 28]; 28], [[3; 28]; 28]]);
    assert_eq!(dataset.train.y, [7, 8, 9]);
    assert_eq!(dataset.test.x, [[[4; 28]; 28], [[5; 28]; 28]]);
    assert_eq!(dataset.test.y, [0, 1]);
    assert_eq!(fashion_mnist::load_data_from(folder.path()).unwrap(), dataset);
    let flat = dataset.take(1, 1).scaled().flattened::<784>();
    assert_eq!(flat.train.x, [[1.0 / 255.0; 784]]);
    assert_eq!(flat.test.y, [0]);
}

#[test]
fn a_missing_file_is_named_with_its_url_and_the_feature() {
    let folder = small();
    fs::remove_file(folder.path().join("t10k-labels-idx1-ubyte")).unwrap();
    let error = mnist::load_data_from(folder.path()).unwrap_err().to_string();
    let path = folder.path().join("t10k-labels-idx1-ubyte.gz").display().to_string();
    let mend = if cfg!(feature = "download") { "load_data() fetches it" } else { "enable the feature `download`" };
    for word in [&*path, "https://storage.googleapis.com/cvdf-datasets/mnist/t10k-labels-idx1-ubyte.gz", mend] {
        assert!(error.contains(word), "{word} in {error}");
    }
    let error = fashion_mnist::load_data_from(folder.path()).unwrap_err().to_string();
    let url = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/t10k-labels-idx1-ubyte.gz";
    assert!(error.contains(url), "{error}");
}

#[test]
fn images_and_labels_must_go_together() {
    let folder = small();
    write(folder.path(), "train-labels-idx1-ubyte", &[2], &[7, 8]);
    let error = mnist::load_data_from(folder.path()).unwrap_err();
    assert!(matches!(error, DatasetError::Count { images: 3, labels: 2, .. }), "{error}");

    write(folder.path(), "train-labels-idx1-ubyte", &[3], &[7, 10, 9]);
    let error = mnist::load_data_from(folder.path()).unwrap_err().to_string();
    assert!(error.contains("train-labels-idx1-ubyte: label 10 of sample 1 is not a class: expected 0 to 9"), "{error}");
}

/// Published figures: 60,000 and 10,000 images; mean 0.13066 and standard deviation 0.30811 of the training pixels,
/// divided by 255; the first labels as in the first rows of every printed copy.
#[test]
fn real_mnist() {
    let Some(data) = std::env::var_os("KERAS_TEST_DATA") else {
        println!("skipped: KERAS_TEST_DATA does not name a folder with mnist/ in it");
        return;
    };
    let mnist = mnist::load_data_from(Path::new(&data).join("mnist")).unwrap();
    assert_eq!((mnist.train.len(), mnist.test.len()), (60_000, 10_000));
    assert_eq!(mnist.train.y[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    assert_eq!(mnist.test.y[..10], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);

    let pixels = mnist.train.x.as_flattened().as_flattened();
    let n = pixels.len() as f64;
    let mean = pixels.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / n;
    let variance = pixels.iter().map(|&pixel| (f64::from(pixel) - mean).powi(2)).sum::<f64>() / n;
    assert!((mean / 255.0 - 0.13066).abs() < 5e-6, "{}", mean / 255.0);
    assert!((variance.sqrt() / 255.0 - 0.30811).abs() < 5e-6, "{}", variance.sqrt() / 255.0);
}
