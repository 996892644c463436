/* Numbers in CSV text, straight into a row-major table.
 *
 * Where there is AVX2, separators are found 64 bytes at a time, so that each cell is known from end to end and none
 * waits for the one before it; its digits, up to sixteen, become a number by three multiplications. Elsewhere eight
 * digits at a time are read in a 64-bit word. Both make the same numbers.
 *
 * A cell is [blanks] [sign] digits [. digits] [e [sign] digits] [blanks], of which a carriage return is one.
 */
#include "decimal.h"

#if defined(__x86_64__) && defined(__gnu_linux__)
#define WITH_AVX2
#include <immintrin.h>
#endif

/* Return where the cell at `text` ends if it says that there is no value: nothing, nan, na or null; else NULL. */
static const uint8_t *read_missing(const uint8_t *text) {
    static const char *const words[] = {"", "nan", "na", "null"};
    while (*text == ' ' || *text == '\t') text++;
    const uint8_t *first = text;
    while (*text != ',' && *text != '\n') text++;
    int64_t length = text - first;
    while (length > 0 && (first[length - 1] == ' ' || first[length - 1] == '\t' || first[length - 1] == '\r')) length--;
    for (int word = 0; word < 4; word++) {
        int64_t same = 0;
        while (same < length && words[word][same] && (first[same] | 0x20) == words[word][same]) same++;
        if (same == length && !words[word][same]) return text;
    }
    return 0;
}

/* Read a cell of the common form, `12.3456789` with at most three digits before the point and fifteen after it.
 *
 * No branch depends on how many digits there are: guessing it wrongly would cost more than reading them.
 * Returns NULL for any other form, malformed ones included.
 */
static inline const uint8_t *read_common(const uint8_t *text, float *value) {
    int negative = *text == '-';
    text += negative;
    uint64_t whole, high, low;
    int before = digits_at(text, &whole);
    text += before;
    if (before == 0 || before > 3 || *text != '.') return 0;
    int first = digits_at(text + 1, &high);
    int second = digits_at(text + 9, &low);
    second = first == 8 ? second : 0;
    low = first == 8 ? low : 0;
    text += 1 + first + second;
    if (second == 8 || (*text != ',' && *text != '\n')) return 0;
    uint64_t mantissa = (whole * POWERS[first] + high) * POWERS[second] + low;
    double number = (double)mantissa / SCALES[first + second];
    *value = (float)(negative ? -number : number);
    return text;
}

#ifdef WITH_AVX2
#define AVX2 __attribute__((target("avx2,bmi,lzcnt")))

/* Return a bit for each of the 64 bytes at `text` that ends a cell. */
AVX2 static inline uint64_t separators(const uint8_t *text) {
    const __m256i comma = _mm256_set1_epi8(','), feed = _mm256_set1_epi8('\n');
    uint64_t found[2];
    for (int half = 0; half < 2; half++) {
        __m256i part = _mm256_loadu_si256((const __m256i *)(text + 32 * half));
        __m256i hits = _mm256_or_si256(_mm256_cmpeq_epi8(part, comma), _mm256_cmpeq_epi8(part, feed));
        found[half] = (uint32_t)_mm256_movemask_epi8(hits);
    }
    return found[0] | found[1] << 32;
}

/* Read the cell from `text` up to `end` if it is [-] digits [. digits] in at most sixteen characters.
 *
 * Returns 0 for any other form, malformed ones included. Sixteen bytes before `end` are loaded, so that the last digit
 * is always in the same place; the point is taken out by moving what stands before it.
 */
AVX2 static inline int read_short(const uint8_t *text, const uint8_t *end, float *value) {
    static const uint8_t ones_last[32] = {[16 ... 31] = 0xFF}, ones_first[32] = {[0 ... 15] = 0xFF};
    static const double tens[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                  1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1};
    const __m128i places = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m128i nine = _mm_set1_epi8(9);
    int negative = *text == '-';
    int64_t length = end - text - negative;
    if ((uint64_t)(length - 1) > 15) return 0;
    __m128i digits = _mm_xor_si128(_mm_loadu_si128((const __m128i *)(end - 16)), _mm_set1_epi8('0'));
    digits = _mm_and_si128(digits, _mm_loadu_si128((const __m128i *)(ones_last + length)));
    uint32_t point = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(digits, _mm_set1_epi8('.' ^ '0')));
    int after = (int)_lzcnt_u32(point) - 16; /* digits after the point; 16 if there is none */
    __m128i moved = _mm_loadu_si128((const __m128i *)(ones_first + after));
    digits = _mm_shuffle_epi8(digits, _mm_add_epi8(places, moved));
    int sound = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(digits, nine), nine)) == 0xFFFF;
    if (!sound | (length == (point != 0))) return 0;
    __m128i pairs = _mm_maddubs_epi16(digits, _mm_set1_epi16(0x010A));
    __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00010064));
    __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours), _mm_set1_epi32(0x00012710));
    uint64_t both = (uint64_t)_mm_cvtsi128_si64(eights);
    int64_t mantissa = (int64_t)((both & 0xFFFFFFFF) * POWERS[8] + (both >> 32));
    double number = (double)mantissa / tens[after];
    *value = (float)(negative ? -number : number);
    return 1;
}

static inline int is_blank(const uint8_t *text, const uint8_t *end) {
    while (text < end && (*text == ' ' || *text == '\t' || *text == '\r')) text++;
    return text == end;
}

AVX2 static int64_t read_lines(const uint8_t *text, int64_t size, int64_t missing, float *table,
                               int64_t *shape) {
    const uint8_t *end = text + size, *block = text, *cell = text;
    uint64_t marks = separators(block);
    float *value = table, *first = table;
    int64_t rows = 0, lines = 0, width = 0;
    while (cell < end) {
        while (!marks) marks = separators(block += 64);
        const uint8_t *stop = block + __builtin_ctzll(marks);
        int last = *stop == '\n';
        marks &= marks - 1;
        lines += last;
        if (!read_short(cell, stop, value)) {
            if (last && value == first && is_blank(cell, stop)) {
                cell = stop + 1;
                continue;
            }
            if (read_cell(cell, value) != stop) {
                if (!missing || read_missing(cell) != stop) return -1;
                *value = NAN;
            }
        }
        value++;
        cell = stop + 1;
        if (last) {
            if (width == 0) width = value - first;
            if (value - first != width) return -1;
            first = value;
            rows++;
        }
    }
    shape[0] = width;
    shape[1] = lines;
    return rows;
}
#endif

/* Read whole lines of `size` bytes into `table`, row after row; blank lines are left out.
 *
 * The last byte must be a line feed; 16 bytes before the text and 64 after it must be readable. `shape` takes the
 * number of columns, which all lines must have, and of lines, blank ones included. With `missing`, cells without a value
 * become NaN; else they are malformed. Returns the number of rows, or -1 for text that is malformed; where, is for the
 * caller to find out.
 */
int64_t clary_csv(const uint8_t *text, int64_t size, int64_t missing, float *table, int64_t *shape) {
#ifdef WITH_AVX2
    if (__builtin_cpu_supports("avx2")) return read_lines(text, size, missing, table, shape);
#endif
    const uint8_t *end = text + size;
    float *cell = table;
    int64_t rows = 0, lines = 0, width = 0;
    while (text < end) {
        const uint8_t *line = text;
        lines++;
        while (*line == ' ' || *line == '\t' || *line == '\r') line++;
        if (*line == '\n') {
            text = line + 1;
            continue;
        }
        float *first = cell;
        for (;;) {
            const uint8_t *after = read_common(text, cell);
            if (!after) after = read_cell(text, cell);
            if (missing && (!after || (*after != ',' && *after != '\n'))) {
                after = read_missing(text);
                *cell = NAN;
            }
            if (!after || after > end) return -1;
            text = after;
            cell++;
            if (*text != ',') break;
            text++;
        }
        if (*text != '\n' || text > end) return -1;
        text++;
        if (width == 0) width = cell - first;
        if (cell - first != width) return -1;
        rows++;
    }
    shape[0] = width;
    shape[1] = lines;
    return rows;
}
