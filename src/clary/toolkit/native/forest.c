/* Anomaly scores of rows by a random cut forest. */
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

/* A node: rows whose value in `column` is at most `cut` go to the first child, a node, or the leaf ~child. */
typedef struct {
    int32_t column;
    float cut;
    int32_t children[2];
} Node;

/* Return how far `row` lies outside of `box`, its least and then its greatest values, summed over the columns. */
static inline __attribute__((always_inline)) float outside(const float *row, const float *box, int64_t width) {
    Floats total = {0};
    for (int64_t column = 0; column < width; column += LANES) {
        Floats value, low, high;
        memcpy(&value, row + column, sizeof value);
        memcpy(&low, box + column, sizeof low);
        memcpy(&high, box + width + column, sizeof high);
        Floats below = low - value, above = value - high;
        total += (Floats)((Ints)below & (below > 0)) + (Floats)((Ints)above & (above > 0));
    }
    return ((total[0] + total[4]) + (total[1] + total[5])) + ((total[2] + total[6]) + (total[3] + total[7]));
}

static inline __attribute__((always_inline)) int equals(const float *row, const float *point, int64_t width) {
    for (int64_t column = 0; column < width; column++)
        if (row[column] != point[column]) return 0;
    return 1;
}

/* Add to `scores`, (count,), what one tree says of `rows`, (count, width).
 *
 * `width` is a multiple of 8; in columns that were added for that, rows and points are 0 and boxes without end. `boxes`
 * are (nodes, 2, width), and `spans` their sides added up. `seen`, of `stride` numbers for each depth, is the score of a
 * row that equals a leaf, by the leaf's mass; `unseen` that of any other, by depth. `path` has room for as many nodes as
 * the tree is deep. A row starts at its leaf and goes up until a box holds it: the boxes above hold it too, and change
 * nothing. */
FOR_EACH_PROCESSOR void clary_forest_scores(const float *rows, int64_t count, int64_t width, int64_t root,
                                            const Node *nodes, const float *boxes, const float *spans,
                                            const float *points, const int64_t *masses, const double *seen,
                                            int64_t stride, const double *unseen, int64_t *path,
                                            double *scores) {
    for (int64_t number = 0; number < count; number++) {
        const float *row = rows + number * width;
        int64_t depth = 0, node = root;
        while (node >= 0) {
            path[depth++] = node;
            __builtin_prefetch(boxes + 2 * node * width);
            node = nodes[node].children[row[nodes[node].column] > nodes[node].cut];
        }
        double score = unseen[depth];
        if (equals(row, points + ~node * width, width)) {
            scores[number] += seen[depth * stride + masses[~node]];
            continue;
        }
        while (depth--) {
            node = path[depth];
            double excess = outside(row, boxes + 2 * node * width, width);
            if (!(excess > 0)) break;
            double chance = excess / (spans[node] + excess);
            score = chance * unseen[depth] + (1 - chance) * score;
        }
        scores[number] += score;
    }
}
