//! Names of layers, for words that are none.

use super::{LAYERS, find};
use crate::errors::did_you_mean;

/// Layers of Keras that are not in the registry, or were not once.
const OTHERS: &str = "\
    AdditiveAttention AlphaDropout Attention Average AveragePooling1D AveragePooling2D AveragePooling3D \
    BatchNormalization Bidirectional CategoryEncoding CenterCrop Conv1D Conv1DTranspose Conv2D Conv2DTranspose \
    Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Cropping1D Cropping2D Cropping3D DepthwiseConv1D \
    DepthwiseConv2D Discretization Dot ELU EinsumDense Embedding GRU GRUCell GaussianDropout GaussianNoise \
    GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D \
    GlobalMaxPooling3D GroupNormalization GroupQueryAttention HashedCrossing Hashing Identity IntegerLookup LSTM \
    LSTMCell Lambda LayerNormalization LeakyReLU Masking MaxPooling1D MaxPooling2D MaxPooling3D Maximum \
    MelSpectrogram Minimum MultiHeadAttention Multiply Normalization PReLU Permute RMSNormalization RNN \
    RandomContrast RandomCrop RandomFlip RandomRotation RandomTranslation RandomZoom ReLU RepeatVector Rescaling \
    Resizing SeparableConv1D SeparableConv2D SimpleRNN SimpleRNNCell Softmax SpatialDropout1D SpatialDropout2D \
    SpatialDropout3D SpectralNormalization StackedRNNCells StringLookup Subtract TextVectorization TimeDistributed \
    UnitNormalization UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D";

/// The other names that Keras has for some layers, and theirs.
pub const ALIASES: &[(&str, &str)] = &[
    ("Convolution1D", "Conv1D"),
    ("Convolution2D", "Conv2D"),
    ("Convolution3D", "Conv3D"),
    ("Convolution1DTranspose", "Conv1DTranspose"),
    ("Convolution2DTranspose", "Conv2DTranspose"),
    ("Convolution3DTranspose", "Conv3DTranspose"),
    ("SeparableConvolution1D", "SeparableConv1D"),
    ("SeparableConvolution2D", "SeparableConv2D"),
    ("MaxPool1D", "MaxPooling1D"),
    ("MaxPool2D", "MaxPooling2D"),
    ("MaxPool3D", "MaxPooling3D"),
    ("AvgPool1D", "AveragePooling1D"),
    ("AvgPool2D", "AveragePooling2D"),
    ("AvgPool3D", "AveragePooling3D"),
    ("GlobalMaxPool1D", "GlobalMaxPooling1D"),
    ("GlobalMaxPool2D", "GlobalMaxPooling2D"),
    ("GlobalMaxPool3D", "GlobalMaxPooling3D"),
    ("GlobalAvgPool1D", "GlobalAveragePooling1D"),
    ("GlobalAvgPool2D", "GlobalAveragePooling2D"),
    ("GlobalAvgPool3D", "GlobalAveragePooling3D"),
];

/// The layer that has this as another name.
#[must_use]
pub fn of_alias(alias: &str) -> Option<&'static str> {
    ALIASES.iter().find(|(known, _)| *known == alias).map(|(_, name)| *name)
}

fn names() -> impl Iterator<Item = &'static str> {
    LAYERS.iter().map(|layer| layer.spec().name)
}

/// The built-in layer that was probably meant by a name, `Input` among them.
#[must_use]
pub fn suggested(name: &str) -> Option<&'static str> {
    did_you_mean(name, names().chain(["Input"]))
}

/// What is said of a word that names no layer.
#[must_use]
pub fn unknown(word: &str) -> String {
    let all = names().chain(["Input"]).chain(OTHERS.split(' '));
    match did_you_mean(word, all) {
        Some(near) if find(near).is_none() && near != "Input" => {
            format!("`{near}` of Keras is not supported yet\ndocs/layers.md of keras has all layers that are")
        }
        near => {
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            format!("unknown layer `{word}`{near}\nfor a layer of your own write a path: `self::{word}(…)`")
        }
    }
}
