/* Documents as mixtures of topics. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__gnu_linux__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

enum { LANES = 8 };
typedef float Floats __attribute__((vector_size(4 * LANES), aligned(4)));

/* Set `shares` to the mixture times the word's chances in each topic; return their sum. */
static inline __attribute__((always_inline)) float shared(const float *mixture, const float *word, int64_t topics,
                                                          float *shares) {
    Floats total = {0};
    for (int64_t topic = 0; topic < topics; topic += LANES) {
        Floats left, right;
        memcpy(&left, mixture + topic, sizeof left);
        memcpy(&right, word + topic, sizeof right);
        left *= right;
        memcpy(shares + topic, &left, sizeof left);
        total += left;
    }
    return ((total[0] + total[4]) + (total[1] + total[5])) + ((total[2] + total[6]) + (total[3] + total[7]));
}

/* Find the `mixtures`, (documents, topics), of documents: the prior plus the expected words of each topic.
 *
 * `words`, (vocabulary, topics), are the chances of each word; `topics` is a multiple of 8, and those that were added for
 * that have neither chances nor a prior. Each document starts with what `mixtures` holds and ends when no topic's share
 * changes by more than `tolerance`, after `rounds` at the latest. `expected`, of the shape of the words, takes what is
 * expected of each word and topic, unless it is NULL; `room` is (2, topics). */
FOR_EACH_PROCESSOR void clary_topic_mixtures(const int64_t *starts, const int32_t *indices, const float *values,
                                             int64_t documents, const float *words, const float *prior,
                                             int64_t topics, int64_t rounds, const float *tolerance,
                                             float *mixtures, float *expected, float *room) {
    float *shares = room, *sums = room + topics;
    for (int64_t document = 0; document < documents; document++) {
        float *mixture = mixtures + document * topics, mass = 0;
        for (int64_t at = starts[document]; at < starts[document + 1]; at++) mass += values[at];
        for (int64_t topic = 0; topic < topics; topic++) mass += prior[topic];
        for (int64_t round = 0; round < rounds; round++) {
            memcpy(sums, prior, (size_t)topics * sizeof *sums);
            for (int64_t at = starts[document]; at < starts[document + 1]; at++) {
                float total = shared(mixture, words + indices[at] * topics, topics, shares);
                if (!(total > 0)) continue;
                float weight = values[at] / total;
                for (int64_t topic = 0; topic < topics; topic++) sums[topic] += weight * shares[topic];
            }
            float change = 0;
            for (int64_t topic = 0; topic < topics; topic++) {
                float moved = fabsf(sums[topic] - mixture[topic]);
                change = moved > change ? moved : change;
                mixture[topic] = sums[topic];
            }
            if (change <= *tolerance * mass) break;
        }
        if (!expected) continue;
        for (int64_t at = starts[document]; at < starts[document + 1]; at++) {
            float total = shared(mixture, words + indices[at] * topics, topics, shares);
            if (!(total > 0)) continue;
            float weight = values[at] / total, *to = expected + indices[at] * topics;
            for (int64_t topic = 0; topic < topics; topic++) to[topic] += weight * shares[topic];
        }
    }
}
