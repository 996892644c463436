/* What rows cost beside matrix products: columns made rows, rows shuffled and normalised, rows brought together, the
 * logistic function, Adam's step. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__gnu_linux__)
#define WITH_AVX2
#include <immintrin.h>
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

#ifdef WITH_AVX2
/* Set 8 floats in each of 8 rows, `stride` floats apart, to those of 8 columns from row `row` on. */
__attribute__((target("avx2"))) static inline void turn(const float *const *columns, int64_t row, int64_t stride,
                                                         float *out) {
    __m256 pairs[8], fours[8];
    for (int at = 0; at < 8; at += 2) {
        __m256 one = _mm256_loadu_ps(columns[at] + row), other = _mm256_loadu_ps(columns[at + 1] + row);
        pairs[at] = _mm256_unpacklo_ps(one, other);
        pairs[at + 1] = _mm256_unpackhi_ps(one, other);
    }
    for (int at = 0; at < 8; at += 4) {
        fours[at] = _mm256_shuffle_ps(pairs[at], pairs[at + 2], 0x44);
        fours[at + 1] = _mm256_shuffle_ps(pairs[at], pairs[at + 2], 0xEE);
        fours[at + 2] = _mm256_shuffle_ps(pairs[at + 1], pairs[at + 3], 0x44);
        fours[at + 3] = _mm256_shuffle_ps(pairs[at + 1], pairs[at + 3], 0xEE);
    }
    for (int at = 0; at < 4; at++) {
        _mm256_storeu_ps(out + at * stride, _mm256_permute2f128_ps(fours[at], fours[at + 4], 0x20));
        _mm256_storeu_ps(out + (at + 4) * stride, _mm256_permute2f128_ps(fours[at], fours[at + 4], 0x31));
    }
}

/* Set as many whole eights of rows as there are; returns how many rows. The last eight columns may overlap others. */
__attribute__((target("avx2"))) static int64_t turn_eights(const float *const *columns, int64_t count, int64_t rows,
                                                           float *out) {
    int64_t row = 0;
    for (; row + 8 <= rows; row += 8) {
        int64_t column = 0;
        for (; column + 8 <= count; column += 8) turn(columns + column, row, count, out + row * count + column);
        if (column < count) turn(columns + count - 8, row, count, out + row * count + count - 8);
    }
    return row;
}
#endif

/* Set `out`, (rows, count), to the columns, each (rows,). */
void clary_rows(const float *const *columns, int64_t count, int64_t rows, float *out) {
    enum { TILE = 32 }; /* rows whose lines stay in the first cache while all columns are gone through */
    int64_t top = 0;
#ifdef WITH_AVX2
    if (count >= 8 && __builtin_cpu_supports("avx2")) top = turn_eights(columns, count, rows, out);
#endif
    for (; top < rows; top += TILE) {
        int64_t stop = rows - top < TILE ? rows : top + TILE;
        for (int64_t column = 0; column < count; column++)
            for (int64_t row = top; row < stop; row++) out[row * count + column] = columns[column][row];
    }
}

/* Set `out` to the rows numbered `order`, of each value `shift` subtracted and the rest multiplied by `factor`, one
 * of either for each column. Rows lie anywhere in `table`, so they are asked for some time before they are used. */
FOR_EACH_PROCESSOR void clary_take(const float *restrict table, const int64_t *order, int64_t rows, int64_t columns,
                                   const float *restrict shift, const float *restrict factor,
                                   float *restrict out) {
    enum { AHEAD = 16, LINE = 16 }; /* rows, floats */
    for (int64_t row = 0; row < rows; row++) {
        if (row + AHEAD < rows) {
            const float *later = table + order[row + AHEAD] * columns;
            for (int64_t column = 0; column < columns; column += LINE) __builtin_prefetch(later + column);
            __builtin_prefetch(later + columns - 1);
        }
        const float *from = table + order[row] * columns;
        float *to = out + row * columns;
        for (int64_t column = 0; column < columns; column++)
            to[column] = (from[column] - shift[column]) * factor[column];
    }
}

/* Copy rows `starts[i]` up to `stops[i]` of each table to `out`, one after the other. */
void clary_join(const float *const *tables, const int64_t *starts, const int64_t *stops, int64_t count,
                int64_t columns, float *out) {
    for (int64_t number = 0; number < count; number++) {
        int64_t values = (stops[number] - starts[number]) * columns;
        memcpy(out, tables[number] + starts[number] * columns, (size_t)values * sizeof *out);
        out += values;
    }
}

/* exp for |x| <= 80: a power of two times a polynomial, within two units in the last place (after Cephes). */
static inline float exponential(float x) {
    float power = x * 1.44269504088896341f + 12582912.0f; /* rounds to an integer in the lowest bits */
    int32_t bits;
    memcpy(&bits, &power, 4);
    float whole = power - 12582912.0f;
    float rest = x - whole * 0.693359375f + whole * 2.12194440e-4f;
    float value = 1.9875691500e-4f;
    value = value * rest + 1.3981999507e-3f;
    value = value * rest + 8.3334519073e-3f;
    value = value * rest + 4.1665795894e-2f;
    value = value * rest + 1.6666665459e-1f;
    value = value * rest + 5.0000001201e-1f;
    value = value * rest * rest + rest + 1.0f;
    int32_t scaled;
    memcpy(&scaled, &value, 4);
    scaled += (int32_t)((uint32_t)bits << 23);
    memcpy(&value, &scaled, 4);
    return value;
}

/* Replace each score by 1 / (1 + exp(-score)) less the label of its row; `stride` is the bytes from label to label,
 * 0 for one label that is common to all. */
FOR_EACH_PROCESSOR void clary_logistic(float *scores, int64_t rows, int64_t models, const uint8_t *labels,
                                       int64_t stride) {
    for (int64_t row = 0; row < rows; row++) {
        float label;
        memcpy(&label, labels + row * stride, 4);
        float *score = scores + row * models;
        for (int64_t model = 0; model < models; model++) {
            float x = score[model];
            x = x > 80.0f ? 80.0f : x;
            x = x < -80.0f ? -80.0f : x;
            score[model] = 1.0f / (1.0f + exponential(-x)) - label;
        }
    }
}

/* Set `losses` to log(1 + exp(score)) - label * score, with `labels` and `stride` as above. */
FOR_EACH_PROCESSOR void clary_logistic_loss(const float *restrict scores, int64_t rows, int64_t models,
                                            const uint8_t *labels, int64_t stride, float *restrict losses) {
    for (int64_t row = 0; row < rows; row++) {
        float label;
        memcpy(&label, labels + row * stride, 4);
        const float *score = scores + row * models;
        float *loss = losses + row * models;
        for (int64_t model = 0; model < models; model++) {
            float x = score[model], size = x < 0 ? -x : x;
            float rest = exponential(size > 80.0f ? -80.0f : -size);
            /* log(1 + rest) = 2 atanh(t), of which eight terms are enough for t up to a third */
            float t = rest / (2.0f + rest), square = t * t, series = 1.0f / 15;
            series = series * square + 1.0f / 13;
            series = series * square + 1.0f / 11;
            series = series * square + 1.0f / 9;
            series = series * square + 1.0f / 7;
            series = series * square + 1.0f / 5;
            series = series * square + 1.0f / 3;
            series = series * square + 1.0f;
            loss[model] = 2.0f * t * series + (x > 0 ? x : 0.0f) - label * x;
        }
    }
}

/* Take Adam's step. `settings` are beta 1, beta 2, the corrections of the mean and of the root, and epsilon; `scale`
 * takes, for each weight, the step that a gradient of 1 would have made. */
FOR_EACH_PROCESSOR void clary_adam(float *restrict weights, const float *restrict gradient, float *restrict mean,
                                   float *restrict square, const float *restrict rates, float *restrict scale,
                                   int64_t count, const float *restrict settings) {
    const float first = settings[0], second = settings[1], correction = settings[2], root = settings[3];
    const float least = settings[4] * root;
    for (int64_t at = 0; at < count; at++) {
        mean[at] = first * mean[at] + (1 - first) * gradient[at];
        square[at] = second * square[at] + (1 - second) * gradient[at] * gradient[at];
        scale[at] = root * rates[at] / (sqrtf(square[at]) + least);
        weights[at] -= correction * scale[at] * mean[at];
    }
}
