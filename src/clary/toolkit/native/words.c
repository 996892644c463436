/* Steps of stochastic gradient descent on a few rows of two large tables: word vectors and classifiers of texts. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>

#if defined(__x86_64__) && defined(__gnu_linux__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif
#define INLINE static inline __attribute__((always_inline))

enum { LANES = 16, SKIPGRAM = 0, CBOW = 1, STEPS = 1024, FAR = 8 };
typedef float Floats __attribute__((vector_size(4 * LANES), aligned(4)));

#define AT(row, column) (*(Floats *)((row) + (column)))

/* The logistic function, from `curve`: its values at STEPS + 1 places from -FAR to FAR. */
INLINE float logistic(float score, const float *curve) {
    if (score >= FAR) return 1;
    if (score <= -FAR) return 0;
    float place = (score + FAR) * (STEPS / (2.0f * FAR));
    int below = (int)place;
    return curve[below] + (place - below) * (curve[below + 1] - curve[below]);
}

INLINE float dot(float *first, float *second, int64_t width) {
    Floats sum = AT(first, 0) * AT(second, 0);
    for (int64_t at = LANES; at < width; at += LANES) sum += AT(first, at) * AT(second, at);
    float total = 0;
    for (int lane = 0; lane < LANES; lane++) total += sum[lane];
    return total;
}

INLINE void prefetch(const float *row, int64_t width) {
    for (int64_t at = 0; at < width; at += LANES) __builtin_prefetch(row + at, 1);
}

/* Where the hidden layers lie, what goes back to them, and between which rows: many inputs by many targets. */
typedef struct {
    float **hidden, **targets, *back, *slopes;
} Block;

/* Set `back` to what moves each hidden layer, and move the targets; both from the values before. */
INLINE void move(Block block, int64_t inputs, int64_t targets, int64_t width) {
    for (int64_t at = 0; at < width; at += LANES) {
        for (int64_t input = 0; input < inputs; input++) {
            Floats sum = {0};
            for (int64_t target = 0; target < targets; target++)
                sum += block.slopes[input * targets + target] * AT(block.targets[target], at);
            AT(block.back + input * width, at) = sum;
        }
        for (int64_t target = 0; target < targets; target++) {
            Floats sum = AT(block.targets[target], at);
            for (int64_t input = 0; input < inputs; input++)
                sum += block.slopes[input * targets + target] * AT(block.hidden[input], at);
            AT(block.targets[target], at) = sum;
        }
    }
}

/* Set `into` to the sum of rows of `table`. */
INLINE void add_up(float *into, float *table, const int32_t *rows, int64_t count, int64_t width) {
    memset(into, 0, width * sizeof *into);
    for (int64_t row = 0; row < count; row++)
        for (int64_t at = 0; at < width; at += LANES) AT(into, at) += AT(table + rows[row] * width, at);
}

INLINE void scale(float *row, float factor, int64_t width) {
    for (int64_t at = 0; at < width; at += LANES) AT(row, at) *= factor;
}

/* Add `row` to rows of `table`. */
INLINE void spread(float *row, float *table, const int32_t *rows, int64_t count, int64_t width) {
    for (int64_t each = 0; each < count; each++)
        for (int64_t at = 0; at < width; at += LANES) AT(table + rows[each] * width, at) += AT(row, at);
}

/* The next number of Steele, Lea and Flood's SplitMix64. */
INLINE uint64_t drawn(uint64_t *state) {
    uint64_t word = *state += 0x9E3779B97F4A7C15u;
    word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9u;
    word = (word ^ word >> 27) * 0x94D049BB133111EBu;
    return word ^ word >> 31;
}

/* One sentence after another: `tokens`, (count,), are numbers of words and -1 between sentences; `reach`, (count,), how
 * far each word's window goes.
 *
 * The vector of word w is the mean of the rows parts[starts[w]:starts[w + 1]] of `inputs`, or row w where `starts` is
 * NULL. `form` is the mode (0 skip-gram, 1 CBOW, 2 skip-gram in batches with shared negatives), the width of a row (a
 * multiple of 16), the negatives of a word, the mask of `noise`, the list that they are drawn from, and the words of a
 * batch. Returns 0, or -1 where there is no memory.
 */
FOR_EACH_PROCESSOR int64_t clary_words(const int32_t *tokens, const int32_t *reach, int64_t count, const int64_t *starts,
                                       const int32_t *parts, const int32_t *noise, const int64_t *form, float *inputs,
                                       float *outputs, const float *rate, uint64_t *state, const float *curve) {
    const int64_t mode = form[0], width = form[1], targets = 1 + form[2], mask = form[3];
    int64_t most = 1;
    for (int64_t at = 0; at < count; at++)
        if (2 * reach[at] > most) most = 2 * reach[at];
    const int64_t batch = mode == SKIPGRAM || mode == CBOW ? 1 : form[4] < most ? form[4] : most;
    /* rows begin at multiples of 64 bytes */
    float *room = aligned_alloc(64, (2 * batch * width * sizeof(float) + 63) / 64 * 64);
    float *slopes = malloc(batch * targets * sizeof(float));
    float **rows = malloc((batch + targets) * sizeof(float *));
    int32_t *words = malloc((most + 2 * targets) * sizeof(int32_t));
    if (!room || !slopes || !rows || !words) {
        free(room), free(slopes), free(rows), free(words);
        return -1;
    }
    float *sums = room;
    Block block = {rows, rows + batch, room + batch * width, slopes};
    int32_t *now = words + most, *next = now + targets;
    for (int64_t centre = 0; centre < count; centre++) {
        if (tokens[centre] < 0) continue;
        int64_t found = 0;
        for (int64_t at = centre - 1; at >= 0 && at >= centre - reach[centre] && tokens[at] >= 0; at--)
            words[found++] = tokens[at];
        for (int64_t at = centre + 1; at < count && at <= centre + reach[centre] && tokens[at] >= 0; at++)
            words[found++] = tokens[at];
        if (!found) continue;
        int64_t turns = mode == CBOW ? 1 : (found + batch - 1) / batch;
        for (int64_t turn = -1; turn < turns; turn++) {
            if (turn + 1 < turns) { /* the rows of the next turn come from memory while this one is reckoned */
                next[0] = tokens[centre];
                for (int64_t target = 1; target < targets; target++) {
                    next[target] = noise[drawn(state) & mask];
                    prefetch(outputs + next[target] * width, width);
                }
            }
            if (turn >= 0) {
                int32_t *of = words + turn * batch;
                int64_t size = mode == CBOW ? 1 : found - turn * batch < batch ? found - turn * batch : batch;
                if (mode == CBOW) {
                    int64_t all = 0;
                    if (!starts) {
                        add_up(sums, inputs, of, found, width);
                        all = found;
                    } else {
                        memset(sums, 0, width * sizeof *sums);
                        for (int64_t each = 0; each < found; each++)
                            for (int64_t part = starts[of[each]]; part < starts[of[each] + 1]; part++, all++)
                                for (int64_t at = 0; at < width; at += LANES)
                                    AT(sums, at) += AT(inputs + parts[part] * width, at);
                    }
                    scale(sums, 1.0f / all, width);
                    block.hidden[0] = sums;
                } else {
                    for (int64_t input = 0; input < size; input++) {
                        int32_t word = of[input];
                        block.hidden[input] = inputs + word * width;
                        if (starts) {
                            int64_t own = starts[word + 1] - starts[word];
                            block.hidden[input] = sums + input * width;
                            add_up(block.hidden[input], inputs, parts + starts[word], own, width);
                            scale(block.hidden[input], 1.0f / own, width);
                        }
                    }
                }
                for (int64_t target = 0; target < targets; target++) block.targets[target] = outputs + now[target] * width;
                for (int64_t input = 0; input < size; input++)
                    for (int64_t target = 0; target < targets; target++) {
                        float score = logistic(dot(block.hidden[input], block.targets[target], width), curve);
                        int wanted = target && now[target] == now[0]; /* a negative that is none */
                        slopes[input * targets + target] = wanted ? 0 : *rate * ((target == 0) - score);
                    }
                move(block, size, targets, width);
                for (int64_t input = 0; input < (mode == CBOW ? found : size); input++) {
                    float *back = block.back + (mode == CBOW ? 0 : input * width);
                    int32_t word = of[input];
                    if (starts) spread(back, inputs, parts + starts[word], starts[word + 1] - starts[word], width);
                    else spread(back, inputs, &word, 1, width);
                }
            }
            int32_t *other = now;
            now = next, next = other;
        }
    }
    free(room), free(slopes), free(rows), free(words);
    return 0;
}

/* One text after another: the mean of rows[starts[i]:starts[i + 1]] of `inputs` is to say labels[i].
 *
 * By softmax over the first `form[1]` rows of `outputs`, or, where `nodes` is not NULL, by the hierarchical one: the label
 * l goes by the rows nodes[paths[l]:paths[l + 1]], to the side that `sides` says. `form[0]` is the width of a row. Returns
 * 0, or -1 where there is no memory.
 */
FOR_EACH_PROCESSOR int64_t clary_texts(const int64_t *starts, const int32_t *rows, const int32_t *labels, int64_t count,
                                       const int64_t *paths, const int32_t *nodes, const float *sides,
                                       const int64_t *form, float *inputs, float *outputs, const float *rate,
                                       const float *curve) {
    const int64_t width = form[0], every = form[1];
    float *room = aligned_alloc(64, (2 * width + every + 15) * sizeof(float) / 64 * 64);
    float **wanted = malloc(every * sizeof(float *));
    if (!room || !wanted) {
        free(room), free(wanted);
        return -1;
    }
    float *hidden = room, *slopes = room + 2 * width;
    Block block = {&hidden, wanted, room + width, slopes};
    for (int64_t text = 0; text < count; text++) {
        int64_t own = starts[text + 1] - starts[text], label = labels[text];
        if (!own) continue;
        add_up(hidden, inputs, rows + starts[text], own, width);
        scale(hidden, 1.0f / own, width);
        int64_t targets = nodes ? paths[label + 1] - paths[label] : every;
        for (int64_t target = 0; target < targets; target++) {
            wanted[target] = outputs + (nodes ? nodes[paths[label] + target] : target) * width;
            slopes[target] = dot(hidden, wanted[target], width);
        }
        if (nodes) {
            for (int64_t target = 0; target < targets; target++)
                slopes[target] = *rate * (sides[paths[label] + target] - logistic(slopes[target], curve));
        } else {
            float largest = slopes[0], sum = 0;
            for (int64_t target = 1; target < targets; target++)
                if (slopes[target] > largest) largest = slopes[target];
            for (int64_t target = 0; target < targets; target++)
                sum += slopes[target] = expf(slopes[target] - largest);
            for (int64_t target = 0; target < targets; target++)
                slopes[target] = *rate * ((target == label) - slopes[target] / sum);
        }
        move(block, 1, targets, width);
        scale(block.back, 1.0f / own, width);
        spread(block.back, inputs, rows + starts[text], own, width);
    }
    free(room), free(wanted);
    return 0;
}
