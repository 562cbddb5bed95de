// Tiles of matrix products by tensor cores.
//
// A block of 256 threads computes a tile of SIDE × SIDE elements of C = A · B, each of its eight warps half of the rows by a quarter of
// the columns. It goes through the sum in steps of 16 words (tensor.cuh) of each row of A and column of B: while the warps compute with
// those in shared memory, the next ones are on their way to registers; then they are rounded, packed and written to the other half of it.
// What lies beyond a matrix counts as 0. Each element is added up in f32, in an order that depends on sizes alone.
#pragma once

#include "factors.cuh"
#include "shared.cuh"
#include "tensor.cuh"

// Words along the sum in shared memory.
constexpr int PIECE_WORDS = 16;

// Where word w of line i, a row of A or a column of B, lies in a piece. Fours of words stay together. Lines have no gaps between them;
// instead they and their fours change places, so that no two threads meet in a bank of those that are served at once: 8 that read a four
// each of 8 lines side by side (load_matrices), 8 that write the fours of 2 lines, and 32 that write 4 words of every fourth of 32 lines.
__device__ inline int word_at(int i, int w) {
    const int line = i ^ (i >> 2 & 1), four = (w / 4) ^ ((i >> 1 ^ i >> 3) & 3);
    return line * PIECE_WORDS + four * 4 + w % 4;
}

// What a thread brings of a piece of a factor, SIDE of its lines by PIECE_WORDS: fours of words, those of a line where neighbours in
// memory lie along the sum, and else those of four lines.
template <Lies LIES, Word MATH, int SIDE>
struct Brought {
    static constexpr int EACH = PER_WORD<MATH>;
    static constexpr int FOURS = SIDE * PIECE_WORDS / 4 / GEMM_THREADS;
    static constexpr int WARP_LINES = 32;
    // By four: floats that are neighbours in memory. Of a line they are those of its words, one after the other; of four lines those of
    // the first number of each, and then those of the second.
    float own[FOURS][EACH][BRINGS];

    // The line of a four, or its first one: a warp has 8 lines of all fours, or 32 lines of 4 words.
    static __device__ int line(int four) {
        const int i = int(threadIdx.x) + four * GEMM_THREADS;
        return LIES == ALONG_SUM ? i / 4 : i / 32 % (SIDE / WARP_LINES) * WARP_LINES + i % 8 * 4;
    }

    // The word of a four, or its first one.
    static __device__ int word(int four) {
        const int i = int(threadIdx.x) + four * GEMM_THREADS;
        return LIES == ALONG_SUM ? i % 4 * 4 : i / 32 / (SIDE / WARP_LINES) * 4 + i / 8 % 4;
    }

    // Reads from row or column i0 and step p0 on. The factor has `limit` rows or columns and `depth` steps.
    template <class Factor>
    __device__ void read(Factor from, int i0, int limit, int p0, int depth) {
        // The same for all threads: most pieces are whole, and nothing is asked of their elements.
        const bool is_whole = i0 + SIDE <= limit && p0 + PIECE_WORDS * EACH <= depth && from.has_fours();
        if (is_whole) {
            each([&](float(&to)[BRINGS], int line, int step) { read_whole_four<LIES>(to, from, i0 + line, p0 + step); });
        } else {
            each([&](float(&to)[BRINGS], int line, int step) {
                read_neighbours<LIES>(to, from, i0 + line, limit, p0 + step, depth);
            });
        }
    }

    // Calls `what` with neighbours, the line and the step of the first of them.
    template <class What>
    __device__ void each(What what) {
#pragma unroll
        for (int four = 0; four < FOURS; ++four) {
#pragma unroll
            for (int e = 0; e < EACH; ++e) {
                what(own[four][e], line(four), word(four) * EACH + e * (LIES == ALONG_SUM ? BRINGS : 1));
            }
        }
    }

    // Word q of a four, packed.
    __device__ unsigned int packed(int four, int q) const {
        if constexpr (MATH == TENSOR_FLOAT32) {
            return tensor_word(own[four][0][q]);
        } else if constexpr (LIES == ALONG_SUM) {
            return tensor_word<MATH>(own[four][q / 2][q % 2 * 2], own[four][q / 2][q % 2 * 2 + 1]);
        } else {
            return tensor_word<MATH>(own[four][0][q], own[four][1][q]);
        }
    }

    __device__ void write(unsigned int* to) const {
#pragma unroll
        for (int four = 0; four < FOURS; ++four) {
            const unsigned int words[4] = {packed(four, 0), packed(four, 1), packed(four, 2), packed(four, 3)};
            if constexpr (LIES == ALONG_SUM) {
                const uint4 all = {words[0], words[1], words[2], words[3]};
                *reinterpret_cast<uint4*>(&to[word_at(line(four), word(four))]) = all;
            } else {
#pragma unroll
                for (int q = 0; q < 4; ++q) to[word_at(line(four) + q, word(four))] = words[q];
            }
        }
    }
};

// Two pieces of A and B each in shared memory: that which is computed with, and the next one.
template <int SIDE>
struct TensorPieces {
    unsigned int a[2][SIDE * PIECE_WORDS];
    unsigned int b[2][SIDE * PIECE_WORDS];
};

// The tile from row i0 and column j0 on: as gemm_tile_at.
template <Word MATH, int SIDE, Lies A, Lies B, class AFactor, class BFactor, class Take>
__device__ inline void tensor_tile(int i0, int j0, AFactor a, BFactor b, int rows, int columns, int depth, Take take) {
    // What an instruction computes, how many of them down and across a warp has, and steps of a piece.
    constexpr int ROWS = 16, COLUMNS = 8, DOWN = SIDE / 2 / ROWS, ACROSS = SIDE / 4 / COLUMNS;
    constexpr int STEPS = PIECE_WORDS * PER_WORD<MATH>;
    static_assert(ACROSS % 2 == 0, "two columns of them are loaded at once");
    auto& pieces = shared<TensorPieces<SIDE>>();
    const int lane = int(threadIdx.x) % 32, warp = int(threadIdx.x) / 32;
    const int i_warp = warp % 2 * (SIDE / 2), j_warp = warp / 2 * (SIDE / 4);
    // The row and the word of the matrices that the lane says the place of: of A the second one lies below the first, of B beside it.
    const int a_line = i_warp + lane % 16, a_word = lane / 16 * 4;
    const int b_line = j_warp + lane % 8 + lane / 16 * 8, b_word = lane / 8 % 2 * 4;

    float sums[DOWN][ACROSS][4] = {};
    Brought<A, MATH, SIDE> a_next;
    Brought<B, MATH, SIDE> b_next;
    a_next.read(a, i0, rows, 0, depth);
    b_next.read(b, j0, columns, 0, depth);
    a_next.write(pieces.a[0]);
    b_next.write(pieces.b[0]);
    __syncthreads();
    for (int p0 = 0, now = 0; p0 < depth; p0 += STEPS, now ^= 1) {
        const bool is_last = p0 + STEPS >= depth;
        if (!is_last) {
            a_next.read(a, i0, rows, p0 + STEPS, depth);
            b_next.read(b, j0, columns, p0 + STEPS, depth);
        }
#pragma unroll
        for (int w = 0; w < PIECE_WORDS; w += 8) {
            unsigned int a_words[DOWN][4], b_words[ACROSS / 2][4];
#pragma unroll
            for (int i = 0; i < DOWN; ++i) {
                load_matrices(a_words[i], &pieces.a[now][word_at(a_line + i * ROWS, w + a_word)]);
            }
#pragma unroll
            for (int j = 0; j < ACROSS / 2; ++j) {
                load_matrices(b_words[j], &pieces.b[now][word_at(b_line + j * 2 * COLUMNS, w + b_word)]);
            }
#pragma unroll
            for (int i = 0; i < DOWN; ++i) {
#pragma unroll
                for (int j = 0; j < ACROSS; ++j) {
                    const unsigned int column[2] = {b_words[j / 2][j % 2 * 2], b_words[j / 2][j % 2 * 2 + 1]};
                    tensor_product<MATH>(sums[i][j], a_words[i], column);
                }
            }
        }
        if (!is_last) {
            a_next.write(pieces.a[now ^ 1]);
            b_next.write(pieces.b[now ^ 1]);
        }
        __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < DOWN; ++i) {
#pragma unroll
        for (int j = 0; j < ACROSS; ++j) {
#pragma unroll
            for (int e = 0; e < 4; ++e) {
                const int row = i0 + i_warp + i * ROWS + lane / 4 + e / 2 * 8;
                const int column = j0 + j_warp + j * COLUMNS + lane % 4 * 2 + e % 2;
                if (row < rows && column < columns) take(row, column, sums[i][j][e]);
            }
        }
    }
}
