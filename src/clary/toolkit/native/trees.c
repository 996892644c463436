/* What the trees of a boosted model add up to. */
#include <stdint.h>
#include <string.h>

enum { ROWS = 16 };

/* A node: rows whose feature is not below `split` go to the node after `left`, the others to `left`. Where a value is
 * missing, rows go to `left` unless the highest bit of `feature` is set. A leaf has a NaN as `split` and leads to itself.
 */
typedef struct {
    float split;
    uint32_t feature;
    int32_t left;
    float value; /* of a leaf */
} Node;

#define MISSING_GOES_RIGHT 0x80000000u

static inline int32_t below(const Node *tree, int32_t at, const float *row) {
    const Node *node = tree + at;
    float value = row[node->feature & ~MISSING_GOES_RIGHT];
    int right = (value >= node->split) | ((value != value) & (node->feature >> 31));
    return node->left + right;
}

/* Add to `sums`, (count, outputs), the leaves that `rows`, (count, width), reach.
 *
 * Tree `i` begins at `nodes[starts[i]]`, from which its nodes are numbered, is `depths[i]` deep, and adds to the output
 * `outputs_of[i]`. Rows go down a tree side by side, so that none waits for memory alone.
 */
void clary_trees(const Node *nodes, const int64_t *starts, const int64_t *depths, const int64_t *outputs_of, int64_t trees,
                 const float *rows, int64_t count, int64_t width, float *sums, int64_t outputs) {
    int64_t row = 0;
    for (; row + ROWS <= count; row += ROWS) {
        for (int64_t number = 0; number < trees; number++) {
            const Node *tree = nodes + starts[number];
            int32_t at[ROWS] = {0};
            for (int64_t level = 0; level < depths[number]; level++)
                for (int turn = 0; turn < ROWS; turn++) at[turn] = below(tree, at[turn], rows + (row + turn) * width);
            for (int turn = 0; turn < ROWS; turn++)
                sums[(row + turn) * outputs + outputs_of[number]] += tree[at[turn]].value;
        }
    }
    for (; row < count; row++) {
        for (int64_t number = 0; number < trees; number++) {
            const Node *tree = nodes + starts[number];
            int32_t at = 0;
            for (int64_t level = 0; level < depths[number]; level++) at = below(tree, at, rows + row * width);
            sums[row * outputs + outputs_of[number]] += tree[at].value;
        }
    }
}
