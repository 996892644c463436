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
typedef int32_t Ints __attribute__((vector_size(4 * LANES), aligned(4)));

/* Set `shares`, what of a word is expected to come from each topic, by what the rest of its document has of them and by
 * the word's chances; return their sum. `share` is how much of the word's own former `shares` the mixture is without. */
static inline __attribute__((always_inline)) float shared(const float *mixture, const float *word, float share,
                                                          int64_t topics, float *shares) {
    Floats total = {0};
    for (int64_t topic = 0; topic < topics; topic += LANES) {
        Floats rest, chance, own;
        memcpy(&rest, mixture + topic, sizeof rest);
        memcpy(&chance, word + topic, sizeof chance);
        memcpy(&own, shares + topic, sizeof own);
        rest -= share * own;
        rest = (Floats)((Ints)rest & (rest > 0)) * chance;
        memcpy(shares + topic, &rest, sizeof rest);
        total += rest;
    }
    return ((total[0] + total[4]) + (total[1] + total[5])) + ((total[2] + total[6]) + (total[3] + total[7]));
}

/* Find the `mixtures`, (documents, topics), of documents: the prior plus the expected words of each topic.
 *
 * `words`, (vocabulary, topics), are the chances of each word; `topics` is a multiple of 8, and those that were added for
 * that have neither chances nor a prior. Each document starts with what `mixtures` holds and ends when no topic's share
 * changes by more than `tolerance`, after `rounds` at the latest. `expected`, of the shape of the words, takes what is
 * expected of each word and topic, unless it is NULL. `room` is (1 + distinct words of the longest document, topics). */
FOR_EACH_PROCESSOR void clary_topic_mixtures(const int64_t *starts, const int32_t *indices, const float *values,
                                             int64_t documents, const float *words, const float *prior,
                                             int64_t topics, int64_t rounds, const float *tolerance,
                                             float *mixtures, float *expected, float *room) {
    float *sums = room, *shares = room + topics;
    for (int64_t document = 0; document < documents; document++) {
        const int32_t *index = indices + starts[document];
        const float *value = values + starts[document];
        int64_t distinct = starts[document + 1] - starts[document];
        float *mixture = mixtures + document * topics, mass = 0;
        for (int64_t word = 0; word < distinct; word++) mass += value[word];
        for (int64_t topic = 0; topic < topics; topic++) mass += prior[topic];
        memset(shares, 0, (size_t)(distinct * topics) * sizeof *shares);
        for (int64_t round = 0; round < rounds; round++) {
            memcpy(sums, prior, (size_t)topics * sizeof *sums);
            for (int64_t word = 0; word < distinct; word++) {
                float *own = shares + word * topics;
                float total = shared(mixture, words + index[word] * topics, value[word] < 1 ? value[word] : 1, topics, own);
                float scale = total > 0 ? 1 / total : 0;
                for (int64_t topic = 0; topic < topics; topic++) {
                    own[topic] *= scale;
                    sums[topic] += value[word] * own[topic];
                }
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
        for (int64_t word = 0; word < distinct; word++)
            for (int64_t topic = 0; topic < topics; topic++)
                expected[index[word] * topics + topic] += value[word] * shares[word * topics + topic];
    }
}
