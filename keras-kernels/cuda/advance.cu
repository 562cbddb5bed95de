// The end of a step: the next one finds its rows and its numbers, and the logs have its loss. One thread.

// `now` has the first row of the batch, the number of the step, and the count of steps in two words, low half first. `sums` has
// the loss of the step, how many rows there were, and the sum of losses times rows. Only while TRAINING steps are counted;
// one that is left out, as now[4] says, is none of those that the optimizer has numbers for.
template <bool TRAINING>
__global__ void advance(unsigned int* now, double* sums, int rows) {
    now[0] += (unsigned int)rows;
    if constexpr (TRAINING) {
        now[1] += 1 - now[4];
        now[2] += 1;
        if (now[2] == 0) now[3] += 1;
    }
    sums[1] += rows;
    sums[2] += sums[0] * rows;
    sums[0] = 0.0;
}
