// Convolutions: src/conv; transposed ones are their gradients. A sample of x is POSITIONS of CIN features, one of y COUNT windows of COUT;
// the kernel w has a matrix of FROM rows and COUT columns for each tap.
//
// They are matrix products whose factors are read where they lie: none of them is ever written down. Products of groups with few
// features would leave most of a tile empty; they have a thread for each element. T is how tiles are computed.
#include "activation.cuh"
#include "gemm.cuh"
#include "reduce.cuh"
#include "windows.cuh"

// The sizes of a convolution.
template <class W, int CIN_, int COUT_, int GROUPS>
struct Geometry : W {
    static constexpr int CIN = CIN_, COUT = COUT_;
    // Features of a group in x and y.
    static constexpr int FROM = CIN / GROUPS, TO = COUT / GROUPS;
    // Rows of the kernel.
    static constexpr int DEPTH = W::TAPS * FROM;
};

// A factor whose elements are where `find` of PLACES says, or nowhere, which counts as 0. WHOLE says that the features of a group are whole
// fours, and so are those of a position.
template <class PLACES>
struct Found : PLACES {
    __device__ float at(int row, int column) const {
        const float* const found = PLACES::find(row, column);
        return found ? *found : 0.0f;
    }

    __device__ bool has_fours() const { return PLACES::WHOLE && is_of_fours(PLACES::from); }

    __device__ void four(int row, int column, float (&to)[BRINGS]) const {
        if (const float* const found = PLACES::find(row, column)) return read_four(found, to);
        for (float& element : to) element = 0.0f;
    }
};

// What windows see of a group's features, as a matrix: a row for each window, a column for each tap and feature.
template <class G>
struct SeenPlaces {
    static constexpr bool WHOLE = G::FROM % BRINGS == 0 && G::CIN % BRINGS == 0;
    const float* from;

    __device__ const float* find(int row, int column) const {
        const int at = G::position(row % G::COUNT, column / G::FROM);
        return at < 0 ? nullptr : from + (size_t(row / G::COUNT) * G::POSITIONS + at) * G::CIN + column % G::FROM;
    }
};

template <class G>
using Seen = Found<SeenPlaces<G>>;

// The gradients of a group's features in the windows that see a position: a row for each position, a column for each tap and feature.
template <class G>
struct SeeingPlaces {
    static constexpr bool WHOLE = G::TO % BRINGS == 0 && G::COUT % BRINGS == 0;
    const float* from;

    __device__ const float* find(int row, int column) const {
        const int window = G::window(row % G::POSITIONS, column / G::TO);
        return window < 0 ? nullptr : from + (size_t(row / G::POSITIONS) * G::COUNT + window) * G::COUT + column % G::TO;
    }
};

template <class G>
using Seeing = Found<SeeingPlaces<G>>;

// The kernel of a group with a row for each feature of x, and a column for each tap and feature of y.
template <class G>
struct TurnedPlaces {
    static constexpr bool WHOLE = G::TO % BRINGS == 0 && G::COUT % BRINGS == 0;
    const float* from;

    __device__ const float* find(int row, int column) const {
        return from + size_t(column / G::TO * G::FROM + row) * G::COUT + column % G::TO;
    }
};

template <class G>
using Turned = Found<TurnedPlaces<G>>;

// y = act(x ∗ w + b), of m samples; `bias` is null unless BIAS. The grid has a block for each tile of y, its x along windows, its z for the
// groups.
template <class G, Word ACT, bool BIAS, class T>
__global__ void __launch_bounds__(GEMM_THREADS) conv_forward(
    float* y, const float* __restrict__ x, const float* __restrict__ w, const float* __restrict__ bias, int m, float a,
    float b, float c, float d
) {
    const int group = int(blockIdx.z);
    const Seen<G> seen{{x + group * G::FROM}};
    const Matrix<G::COUT> kernel{w + group * G::TO};
    gemm_tile<T, ALONG_SUM, ALONG_TILE>(seen, kernel, m * G::COUNT, G::TO, G::DEPTH, [=](int i, int j, float sum) {
        const int feature = group * G::TO + j;
        y[size_t(i) * G::COUT + feature] = activate<ACT>(BIAS ? sum + bias[feature] : sum, {a, b, c, d});
    });
}

// dx = the gradient of x, given dy; or dx += that if ACC; of m samples. As a transposed convolution it has a bias and an activation. The
// grid has a block for each tile of dx, its x along positions, its z for the groups.
template <class G, bool ACC, Word ACT, bool BIAS, class T>
__global__ void __launch_bounds__(GEMM_THREADS) conv_data(
    float* dx, const float* __restrict__ dy, const float* __restrict__ w, const float* __restrict__ bias, int m, float a,
    float b, float c, float d
) {
    const int group = int(blockIdx.z);
    const Seeing<G> seeing{{dy + group * G::TO}};
    const Turned<G> kernel{{w + group * G::TO}};
    const int depth = G::TAPS * G::TO;
    gemm_tile<T, ALONG_SUM, ALONG_SUM>(seeing, kernel, m * G::POSITIONS, G::FROM, depth, [=](int i, int j, float sum) {
        const int feature = group * G::FROM + j;
        const float x = activate<ACT>(BIAS ? sum + bias[feature] : sum, {a, b, c, d});
        put<ACC>(&dx[size_t(i) * G::CIN + feature], x);
    });
}

// dw = the gradient of the kernel over m samples, or dw += that if ACC. The grid has a block for each tile of dw, its x along taps and
// features; its z is for the groups, and for parts of the sum: `share` samples, which go to a dw of their own.
template <class G, int GROUPS, bool ACC, class T>
__global__ void __launch_bounds__(GEMM_THREADS)
    conv_kernel(float* dw, const float* __restrict__ x, const float* __restrict__ dy, int m, int share) {
    const int group = int(blockIdx.z) % GROUPS, part = int(blockIdx.z) / GROUPS;
    const int from = part * share, samples = m - from < share ? m - from : share;
    dw += size_t(part) * G::DEPTH * G::COUT + group * G::TO;
    const Seen<G> seen{{x + size_t(from) * G::POSITIONS * G::CIN + group * G::FROM}};
    const Matrix<G::COUT> slopes{dy + size_t(from) * G::COUNT * G::COUT + group * G::TO};
    const int depth = samples * G::COUNT;
    gemm_tile<T, ALONG_TILE, ALONG_TILE>(seen, slopes, G::DEPTH, G::TO, depth, [=](int i, int j, float sum) {
        put<ACC>(&dw[size_t(i) * G::COUT + j], sum);
    });
}

// As conv_forward, for groups of few features. A thread has one of `len` elements of y.
template <class G, Word ACT, bool BIAS>
__global__ void conv_few_forward(
    float* y, const float* __restrict__ x, const float* __restrict__ w, const float* __restrict__ bias, int len, float a,
    float b, float c, float d
) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const int feature = i % G::COUT, row = i / G::COUT;
    const Seen<G> seen{{x + feature / G::TO * G::FROM}};
    float sum = 0.0f;
    for (int p = 0; p < G::DEPTH; ++p) sum = fmaf(seen.at(row, p), w[size_t(p) * G::COUT + feature], sum);
    y[i] = activate<ACT>(BIAS ? sum + bias[feature] : sum, {a, b, c, d});
}

// As conv_data, for groups of few features. A thread has one of `len` elements of dx.
template <class G, bool ACC, Word ACT, bool BIAS>
__global__ void conv_few_data(
    float* dx, const float* __restrict__ dy, const float* __restrict__ w, const float* __restrict__ bias, int len, float a,
    float b, float c, float d
) {
    const int i = thread_of_launch();
    if (i >= len) return;
    const int feature = i % G::CIN, row = i / G::CIN, group = feature / G::FROM;
    const Seeing<G> seeing{{dy + group * G::TO}};
    const Turned<G> kernel{{w + group * G::TO}};
    float sum = 0.0f;
    for (int p = 0; p < G::TAPS * G::TO; ++p) sum = fmaf(seeing.at(row, p), kernel.at(feature % G::FROM, p), sum);
    put<ACC>(&dx[i], activate<ACT>(BIAS ? sum + bias[feature] : sum, {a, b, c, d}));
}

// As conv_kernel, for groups of few features. A block of 256 threads has 32 columns of a row of dw: its x along the columns, its y
// for the row, its z for the part. Its warps take turns with the windows, each lane with a column; then the first warp adds what the
// eight warps have.
template <class G, bool ACC>
__global__ void __launch_bounds__(256)
    conv_few_kernel(float* dw, const float* __restrict__ x, const float* __restrict__ dy, int m, int share) {
    const int warp = int(threadIdx.x) / WARP, feature = int(blockIdx.x) * WARP + lane();
    const int row = int(blockIdx.y), part = int(blockIdx.z);
    const int from = part * share, to = m - from < share ? m : from + share;
    float sum = 0.0f;
    if (feature < G::COUT) {
        const Seen<G> seen{{x + feature / G::TO * G::FROM}};
        for (int i = from * G::COUNT + warp; i < to * G::COUNT; i += WARPS) {
            sum = fmaf(seen.at(i, row), dy[size_t(i) * G::COUT + feature], sum);
        }
    }
    sum = sum_of_warps(sum);
    if (warp == 0 && feature < G::COUT) put<ACC>(&dw[(size_t(part) * G::DEPTH + row) * G::COUT + feature], sum);
}
