/* Lines of libsvm's format into compressed sparse rows.
 *
 * A line is label[:weight] [qid:group] {index:value} [# anything], its parts set apart by blanks.
 */
#include "decimal.h"

#define LARGEST_GROUP 999999999999999999ULL

static inline int is_blank(uint8_t letter) { return letter == ' ' || letter == '\t' || letter == '\r'; }

static inline const uint8_t *skip_blanks(const uint8_t *text) {
    while (is_blank(*text)) text++;
    return text;
}

/* Read a number that a colon, a blank or the end of the line ends; return where, or NULL when it is none. */
static inline const uint8_t *read_number(const uint8_t *text, float *value) {
    /* -12345678.12345678 at most, told apart by no branch on how many digits there are */
    int negative = *text == '-';
    uint64_t whole, fraction;
    const uint8_t *start = text + negative;
    int before = digits_at(start, &whole), after = 0;
    const uint8_t *end = start + before;
    fraction = 0;
    if (*end == '.') {
        after = digits_at(end + 1, &fraction);
        end += 1 + after;
    }
    if (before > 0 && before < 8 && after < 8 && (*end == ' ' || *end == '\n' || *end == ':')) {
        double number = (double)(int64_t)(whole * POWERS[after] + fraction) / SCALES[after];
        *value = (float)(negative ? -number : number);
        return end;
    }
    return is_blank(*text) ? 0 : read_cell(text, value); /* which goes beyond blanks behind it */
}

/* Read digits that write at most `largest`; return where they end, or NULL. */
static inline const uint8_t *read_integer(const uint8_t *text, uint64_t largest, uint64_t *number) {
    int count = digits_at(text, number);
    const uint8_t *end = text + count;
    if (count == 8) {
        for (; *end >= '0' && *end <= '9'; end++) {
            *number = *number * 10 + (*end - '0');
            if (*number > largest) return 0;
        }
    }
    return count == 0 || *number > largest ? 0 : end;
}

typedef struct {
    int64_t *starts, *groups;
    int32_t *indices;
    float *values, *labels, *weights;
} Rows;

/* Read the label, weight and group of the line at `text`; return where its features begin, or NULL. */
static inline const uint8_t *read_head(const uint8_t *text, Rows *rows, int64_t row, int64_t *counts) {
    uint64_t group = 0;
    text = read_number(text, rows->labels + row);
    if (!text) return 0;
    rows->weights[row] = 1;
    rows->groups[row] = 0;
    if (*text == ':' && !is_blank(text[-1])) {
        text = read_number(text + 1, rows->weights + row);
        if (!text) return 0;
        counts[0]++;
    }
    const uint8_t *next = skip_blanks(text);
    if (is_blank(next[-1]) && memcmp(next, "qid:", 4) == 0) {
        text = read_integer(next + 4, LARGEST_GROUP, &group);
        if (!text) return 0;
        rows->groups[row] = (int64_t)group;
        counts[1]++;
    }
    return text;
}

/* Read whole lines of `size` bytes; blank lines and those that are comments are left out.
 *
 * The last byte must be a line feed; 64 bytes after it must be readable. `starts` has a place for each line and one
 * more, `labels`, `weights` and `groups` one for each line, `indices` and `values` one for each colon. `counts` takes
 * the number of weights and of groups. Returns the number of rows, or -1 for text that is malformed; where, is for the
 * caller to find out.
 */
int64_t clary_libsvm(const uint8_t *text, int64_t size, int64_t *starts, int32_t *indices, float *values,
                     float *labels, float *weights, int64_t *groups, int64_t *counts) {
    Rows rows = {starts, groups, indices, values, labels, weights};
    const uint8_t *end = text + size;
    int64_t row = 0, used = 0;
    starts[0] = counts[0] = counts[1] = 0;
    while (text < end) {
        text = skip_blanks(text);
        if (*text != '\n' && *text != '#') {
            text = read_head(text, &rows, row, counts);
            if (!text) return -1;
            for (;;) {
                const uint8_t *next = skip_blanks(text);
                uint64_t index;
                if (*next == '\n' || *next == '#') {
                    text = next;
                    break;
                }
                if (!is_blank(next[-1])) return -1;
                text = read_integer(next, INT32_MAX - 1, &index);
                if (!text || *text != ':') return -1;
                text = read_number(text + 1, values + used);
                if (!text) return -1;
                indices[used++] = (int32_t)index;
            }
            starts[++row] = used;
        }
        if (*text == '#') text = memchr(text, '\n', (size_t)(end - text));
        if (!text || text >= end) return -1;
        text++;
    }
    return row;
}
