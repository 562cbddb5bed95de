// x over a moving deviation: what a feature is multiplied by, but for its gain.
__device__ float slope(const Weights& w, int i) { return 1.0f / sqrtf(w.variance[i] + 1e-3f); }

__device__ void forward(const Call& call, const Weights& w, const Input& x, Output& y, Saved& saved) {
    for (int i : call.share(N)) {
        saved[i] = (x[i] - w.mean[i]) * slope(w, i);
        y[i] = saved[i] * w.gain[i];
    }
}

__device__ void backward_data(const Call& call, const Weights& w, const Pass& pass, Input& dx) {
    for (int i : call.share(N)) dx[i] += pass.dy[i] * w.gain[i] * slope(w, i);
}

__device__ float backward_gain(const Call&, const Weights&, const Pass& pass, int i) { return pass.saved[i] * pass.dy[i]; }

__device__ float mean_of(const Call& call, const Batch& pass, int i) {
    float sum = 0.0f;
    for (int row : call.share(call.batch)) sum += pass[row].x[i];
    return call.sum(sum) / float(call.batch);
}

__device__ float update_mean(const Call& call, const Weights& w, const Batch& pass, int i) {
    return MOMENTUM * w.mean[i] + (1.0f - MOMENTUM) * mean_of(call, pass, i);
}

__device__ float update_variance(const Call& call, const Weights& w, const Batch& pass, int i) {
    const float mean = mean_of(call, pass, i);
    float sum = 0.0f;
    for (int row : call.share(call.batch)) sum += (pass[row].x[i] - mean) * (pass[row].x[i] - mean);
    return MOMENTUM * w.variance[i] + (1.0f - MOMENTUM) * (call.sum(sum) / float(call.batch));
}
