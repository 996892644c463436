/* Products of sparse rows with the weights of many models, and the rows of weights that a minibatch touches. */
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__gnu_linux__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

/* Set `scores`, (rows, models), to the product of the rows with `weights`, (features, models). */
FOR_EACH_PROCESSOR void clary_sparse_scores(const int64_t *starts, const int32_t *indices, const float *values,
                                            int64_t rows, const float *weights, int64_t models, float *scores) {
    for (int64_t row = 0; row < rows; row++) {
        float *score = scores + row * models;
        memset(score, 0, (size_t)models * sizeof *score);
        for (int64_t at = starts[row]; at < starts[row + 1]; at++) {
            const float *weight = weights + (int64_t)indices[at] * models;
            float value = values[at];
            for (int64_t model = 0; model < models; model++) score[model] += value * weight[model];
        }
    }
}

/* Add the product of the transposed rows with `slopes`, (rows, models), to `gradient`, (features, models). */
FOR_EACH_PROCESSOR void clary_sparse_gradient(const int64_t *starts, const int32_t *indices, const float *values,
                                              int64_t rows, const float *slopes, int64_t models,
                                              float *gradient) {
    for (int64_t row = 0; row < rows; row++) {
        const float *slope = slopes + row * models;
        for (int64_t at = starts[row]; at < starts[row + 1]; at++) {
            float *sum = gradient + (int64_t)indices[at] * models;
            float value = values[at];
            for (int64_t model = 0; model < models; model++) sum[model] += value * slope[model];
        }
    }
}

/* Number the distinct `indices` in the order they appear.
 *
 * `places`, one for each feature, must be -1 and is so again afterwards. `touched` takes the distinct indices,
 * `local` the number of each index. Returns how many are distinct.
 */
int64_t clary_sparse_touch(const int32_t *indices, int64_t count, int32_t *places, int64_t *touched,
                           int32_t *local) {
    int32_t distinct = 0;
    for (int64_t at = 0; at < count; at++) {
        int32_t *place = places + indices[at];
        if (*place < 0) {
            *place = distinct;
            touched[distinct++] = indices[at];
        }
        local[at] = *place;
    }
    for (int32_t number = 0; number < distinct; number++) places[touched[number]] = -1;
    return distinct;
}
