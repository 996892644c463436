/* The k of many points that are nearest to each row, by comparing each row with each point. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__gnu_linux__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif
#define INLINED static inline __attribute__((always_inline))

enum { LANES = 16, ROWS = 8, BLOCK = 128 * 1024 }; /* bytes of points that stay in the cache */
typedef float Floats __attribute__((vector_size(4 * LANES), aligned(4)));
typedef int32_t Ints __attribute__((vector_size(4 * LANES), aligned(4)));

typedef struct {
    float *distances; /* of the k nearest so far, a heap with the farthest first */
    int64_t *points;  /* their numbers */
    int64_t k;
} Heap;

static int farther(const Heap *heap, int64_t one, int64_t other) {
    return heap->distances[one] > heap->distances[other] ||
           (heap->distances[one] == heap->distances[other] && heap->points[one] > heap->points[other]);
}

static void swap(Heap *heap, int64_t one, int64_t other) {
    float distance = heap->distances[one];
    int64_t point = heap->points[one];
    heap->distances[one] = heap->distances[other], heap->points[one] = heap->points[other];
    heap->distances[other] = distance, heap->points[other] = point;
}

static void sink(Heap *heap, int64_t count) {
    for (int64_t at = 0, below; (below = 2 * at + 1) < count; at = below) {
        if (below + 1 < count && farther(heap, below + 1, below)) below++;
        if (!farther(heap, below, at)) return;
        swap(heap, at, below);
    }
}

/* Take the points of a panel that are nearer than the farthest kept. */
static __attribute__((noinline)) void keep(Heap *heap, const float *distances, int64_t first) {
    for (int lane = 0; lane < LANES; lane++) {
        if (!(distances[lane] < heap->distances[0])) continue;
        heap->distances[0] = distances[lane], heap->points[0] = first + lane;
        sink(heap, heap->k);
    }
}

/* Compare `count` rows, which is a constant, with the points of `panels`, numbered from `first`. */
INLINED void scan(const float *const *rows, const int count, int64_t width, const float *panels, int64_t places,
                  int64_t first, const int inner, Heap *heaps) {
    for (int64_t place = 0; place < places; place += LANES) {
        Floats point, reach[ROWS];
        const float *panel = panels + place * width;
        for (int turn = 0; turn < count; turn++) reach[turn] = (Floats){0};
        for (int64_t column = 0; column < width; column++) {
            memcpy(&point, panel + column * LANES, sizeof point);
            for (int turn = 0; turn < count; turn++) {
                if (inner) {
                    reach[turn] -= point * rows[turn][column];
                } else {
                    Floats gap = point - rows[turn][column];
                    reach[turn] += gap * gap;
                }
            }
        }
        Ints any = {0};
        for (int turn = 0; turn < count; turn++) any |= reach[turn] < heaps[turn].distances[0];
        int64_t words[LANES / 2], found = 0;
        memcpy(words, &any, sizeof words);
        for (int word = 0; word < LANES / 2; word++) found |= words[word];
        if (!found) continue;
        for (int turn = 0; turn < count; turn++) keep(heaps + turn, (const float *)(reach + turn), first + place);
    }
}

INLINED void compare(const float *const *rows, int count, int64_t width, const float *panels, int64_t places,
                     int64_t first, const int inner, Heap *heaps) {
    if (count == ROWS) {
        scan(rows, ROWS, width, panels, places, first, inner, heaps);
    } else {
        for (int turn = 0; turn < count; turn++) scan(rows + turn, 1, width, panels, places, first, inner, heaps + turn);
    }
}

/* Set `distances` and `points`, (count, k), to the nearest points of each row, the nearest first.
 *
 * `panels` holds the points sixteen at a time, (places / 16, width, 16); `places` is a multiple of 16, and where there
 * is no point its coordinates are not numbers. The distance is the squared Euclidean one, or less the inner product
 * where `inner` is not 0. Of points equally near the first are taken; what has no distance is infinitely far.
 */
FOR_EACH_PROCESSOR void clary_neighbours(const float *rows, int64_t count, int64_t width, const float *panels,
                                         int64_t places, int64_t k, int64_t inner, float *distances,
                                         int64_t *points) {
    for (int64_t at = 0; at < count * k; at++) distances[at] = INFINITY, points[at] = -1;
    int64_t step = BLOCK / (4 * LANES * width) * LANES;
    if (step < LANES) step = LANES;
    for (int64_t first = 0; first < places; first += step) {
        const float *block = panels + first * width;
        int64_t size = places - first < step ? places - first : step;
        for (int64_t row = 0; row < count; row += ROWS) {
            const float *at[ROWS];
            Heap heaps[ROWS];
            int turns = count - row < ROWS ? count - row : ROWS;
            for (int turn = 0; turn < turns; turn++) {
                at[turn] = rows + (row + turn) * width;
                heaps[turn] = (Heap){distances + (row + turn) * k, points + (row + turn) * k, k};
            }
            if (inner) {
                compare(at, turns, width, block, size, first, 1, heaps);
            } else {
                compare(at, turns, width, block, size, first, 0, heaps);
            }
        }
    }
    for (int64_t row = 0; row < count; row++) {
        Heap heap = {distances + row * k, points + row * k, k};
        for (int64_t last = k - 1; last > 0; last--) swap(&heap, 0, last), sink(&heap, last);
    }
}
