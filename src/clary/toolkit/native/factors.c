/* Factorization machines: scores of sparse rows, their gradient, and Adam's step on the rows of weights they touch.
 *
 * `weights` are (features, 1 + factors): of each feature its linear weight and its factors.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__gnu_linux__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

/* Set `sums`, (rows, factors), to the factors of each row's features, times their values, added up; and `scores`,
 * (rows,), to the linear part plus one half of the difference between the squares of these sums and the sums of the
 * squares, which is what all pairs of features add. */
FOR_EACH_PROCESSOR void clary_factor_scores(const int64_t *starts, const int32_t *indices, const float *values,
                                            int64_t rows, const float *weights, int64_t factors,
                                            float *restrict sums, float *restrict scores) {
    enum { TILE = 64 };
    for (int64_t row = 0; row < rows; row++) {
        float score = 0, pairs = 0;
        for (int64_t at = starts[row]; at < starts[row + 1]; at++)
            score += values[at] * weights[indices[at] * (1 + factors)];
        for (int64_t top = 0; top < factors; top += TILE) {
            int64_t count = factors - top < TILE ? factors - top : TILE;
            float sum[TILE] = {0}, square[TILE] = {0};
            for (int64_t at = starts[row]; at < starts[row + 1]; at++) {
                const float *own = weights + indices[at] * (1 + factors) + 1 + top;
                float value = values[at];
                for (int64_t factor = 0; factor < count; factor++) {
                    float part = value * own[factor];
                    sum[factor] += part;
                    square[factor] += part * part;
                }
            }
            memcpy(sums + row * factors + top, sum, (size_t)count * sizeof *sum);
            for (int64_t factor = 0; factor < count; factor++) pairs += sum[factor] * sum[factor] - square[factor];
        }
        scores[row] = score + 0.5f * pairs;
    }
}

/* Add to `gradient`, of the shape of the weights, that of the scores times `slopes`, (rows,). */
FOR_EACH_PROCESSOR void clary_factor_gradient(const int64_t *starts, const int32_t *indices, const float *values,
                                              int64_t rows, const float *weights, int64_t factors,
                                              const float *restrict sums, const float *restrict slopes,
                                              float *restrict gradient) {
    for (int64_t row = 0; row < rows; row++) {
        const float *sum = sums + row * factors;
        for (int64_t at = starts[row]; at < starts[row + 1]; at++) {
            const float *own = weights + indices[at] * (1 + factors) + 1;
            float *to = gradient + indices[at] * (1 + factors);
            float value = values[at], slope = slopes[row] * value;
            to[0] += slope;
            for (int64_t factor = 0; factor < factors; factor++)
                to[1 + factor] += slope * (sum[factor] - value * own[factor]);
        }
    }
}

/* Take Adam's step on some `rows` of `weights`, (any, columns), to which `gradient`, (count, columns), belongs.
 *
 * `rates` and `decays` are learning rates and weight decay by column; `settings` are beta 1, beta 2, the corrections of
 * the mean and of the root, epsilon, what the gradient is multiplied by, and what its size is clipped to. */
FOR_EACH_PROCESSOR void clary_adam_rows(float *restrict weights, float *restrict means, float *restrict squares,
                                        const float *restrict gradient, const int64_t *rows, int64_t count,
                                        int64_t columns, const float *restrict rates,
                                        const float *restrict decays, const float *settings) {
    enum { AHEAD = 12, LINE = 16 }; /* rows, floats */
    const float first = settings[0], second = settings[1], correction = settings[2], root = settings[3];
    const float epsilon = settings[4], scale = settings[5], limit = settings[6];
    for (int64_t number = 0; number < count; number++) {
        if (number + AHEAD < count) {
            int64_t later = rows[number + AHEAD] * columns;
            for (int64_t column = 0; column < columns; column += LINE) {
                __builtin_prefetch(weights + later + column, 1);
                __builtin_prefetch(means + later + column, 1);
                __builtin_prefetch(squares + later + column, 1);
            }
        }
        float *restrict weight = weights + rows[number] * columns;
        float *restrict mean = means + rows[number] * columns;
        float *restrict square = squares + rows[number] * columns;
        const float *slope = gradient + number * columns;
        for (int64_t column = 0; column < columns; column++) {
            float step = scale * slope[column] + decays[column] * weight[column];
            step = step > limit ? limit : step < -limit ? -limit : step;
            mean[column] = first * mean[column] + (1 - first) * step;
            square[column] = second * square[column] + (1 - second) * step * step;
            weight[column] -= rates[column] * correction * mean[column] / (sqrtf(square[column]) / root + epsilon);
        }
    }
}
