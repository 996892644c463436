/* The nearest of many centres to each row, and what belongs to each centre. */
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__gnu_linux__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

enum { LANES = 16, ROWS = 8 };
typedef float Floats __attribute__((vector_size(4 * LANES), aligned(4)));
typedef int32_t Ints __attribute__((vector_size(4 * LANES), aligned(4)));

/* Set `nearest` to the number of the centre nearest to each row, and `least` to the square of its distance less that of
 * the row itself.
 *
 * `slopes`, (width, places), is -2 times the transposed centres and `norms`, (places,), their squares summed; `places`
 * is a multiple of 16, and where there is no centre its norm is infinite. Each row is added to `sums`, (places, width),
 * and counted in `counts`, (places,), of its centre, unless `sums` is NULL. Of centres equally near the first is taken.
 */
FOR_EACH_PROCESSOR void clary_nearest(const float *rows, int64_t count, int64_t width, const float *slopes,
                                      const float *norms, int64_t places, int32_t *nearest, float *least,
                                      double *sums, int64_t *counts) {
    Ints first;
    for (int lane = 0; lane < LANES; lane++) first[lane] = lane;
    for (int64_t row = 0; row < count; row += ROWS) {
        const float *at[ROWS];
        Floats best[ROWS];
        Ints which[ROWS];
        for (int64_t turn = 0; turn < ROWS; turn++) { /* beyond the end, the last row again */
            at[turn] = rows + (row + turn < count ? row + turn : count - 1) * width;
            best[turn] = (Floats){0} + __builtin_inff();
            which[turn] = first;
        }
        for (int64_t place = 0; place < places; place += LANES) {
            Floats norm, slope, reach[ROWS];
            memcpy(&norm, norms + place, sizeof norm);
            for (int turn = 0; turn < ROWS; turn++) reach[turn] = norm;
            for (int64_t column = 0; column < width; column++) {
                memcpy(&slope, slopes + column * places + place, sizeof slope);
                for (int turn = 0; turn < ROWS; turn++) reach[turn] += slope * at[turn][column];
            }
            Ints here = first + (int32_t)place;
            for (int turn = 0; turn < ROWS; turn++) {
                Ints less = reach[turn] < best[turn];
                best[turn] = (Floats)((less & (Ints)reach[turn]) | (~less & (Ints)best[turn]));
                which[turn] = (less & here) | (~less & which[turn]);
            }
        }
        for (int turn = 0; turn < ROWS && row + turn < count; turn++) {
            int lowest = 0;
            for (int lane = 1; lane < LANES; lane++)
                if (best[turn][lane] < best[turn][lowest] ||
                    (best[turn][lane] == best[turn][lowest] && which[turn][lane] < which[turn][lowest]))
                    lowest = lane;
            int64_t found = which[turn][lowest];
            nearest[row + turn] = (int32_t)found;
            least[row + turn] = best[turn][lowest];
            if (!sums) continue;
            counts[found]++;
            for (int64_t column = 0; column < width; column++) sums[found * width + column] += at[turn][column];
        }
    }
}
