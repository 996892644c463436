/* A decimal number in text, eight digits at a time in a 64-bit word.
 *
 * The first nineteen significant digits make an integer, which one multiplication or division by a power of ten
 * scales in double precision: within one unit in the last place of a float, and exact for what prints in seventeen
 * digits or fewer.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "words are read as little endian"
#endif

#define DIGITS 19 /* what a 64-bit integer holds whatever they are */
#define LARGEST_POWER 308

static const uint64_t POWERS[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
static double SCALES[LARGEST_POWER + 1];

__attribute__((constructor)) static void fill_scales(void) {
    static const double binary[] = {1e1, 1e2, 1e4, 1e8, 1e16, 1e32, 1e64, 1e128, 1e256};
    for (int power = 0; power <= LARGEST_POWER; power++) {
        double scale = 1;
        for (int bit = 0; bit < 9; bit++)
            if (power >> bit & 1) scale *= binary[bit];
        SCALES[power] = scale;
    }
    double exact = 1;
    for (int power = 0; power <= 22; power++, exact *= 10) SCALES[power] = exact;
}

/* Return the number of digits at `text`, at most eight, and the number they write. */
static inline int digits_at(const uint8_t *text, uint64_t *number) {
    uint64_t word;
    memcpy(&word, text, 8);
    word ^= 0x3030303030303030;
    uint64_t strange = ((word + 0x7676767676767676) | word) & 0x8080808080808080;
    int count = strange ? __builtin_ctzll(strange) >> 3 : 8;
    word = count ? word << ((64 - 8 * count) & 63) : 0;
    word = word * 10 + (word >> 8);
    *number = ((word & 0x000000FF000000FF) * 0x000F424000000064 +
               ((word >> 16) & 0x000000FF000000FF) * 0x0000271000000001) >> 32;
    return count;
}

typedef struct {
    uint64_t mantissa;
    int64_t dropped; /* digits that no longer fitted */
    int64_t length;
} Digits;

/* Read a run of digits into `run`, which may hold those before the point. */
static inline const uint8_t *read_digits(const uint8_t *text, Digits *run) {
    for (;;) {
        uint64_t part = 0;
        int count = digits_at(text, &part);
        if (run->mantissa < 10000000000ULL) { /* eight more digits fit */
            run->mantissa = run->mantissa * POWERS[count] + part;
        } else {
            for (int digit = 0; digit < count; digit++) {
                if (run->mantissa < 1000000000000000000ULL) run->mantissa = run->mantissa * 10 + (text[digit] - '0');
                else run->dropped++;
            }
        }
        run->length += count;
        text += count;
        if (count < 8) return text;
    }
}

static inline double scaled(uint64_t mantissa, int64_t power) {
    double value = (double)mantissa;
    if (power == 0 || mantissa == 0) return value;
    if (power > 0) return power > LARGEST_POWER ? INFINITY : value * SCALES[power];
    power = -power;
    if (power <= LARGEST_POWER) return value / SCALES[power];
    return power > LARGEST_POWER + DIGITS + 1 ? 0.0 : value / SCALES[LARGEST_POWER] / SCALES[power - LARGEST_POWER];
}

/* Read the cell at `text`; return where it ends, or NULL when it is not a finite float. */
static inline const uint8_t *read_cell(const uint8_t *text, float *value) {
    while (*text == ' ' || *text == '\t') text++;
    int negative = *text == '-';
    text += negative | (*text == '+');
    Digits run = {0, 0, 0};
    text = read_digits(text, &run);
    int64_t power = run.dropped;
    if (*text == '.') {
        int64_t whole = run.length;
        text = read_digits(text + 1, &run);
        power = run.dropped - (run.length - whole);
    }
    if (run.length == 0) return 0;
    if ((*text | 0x20) == 'e') {
        text++;
        int down = *text == '-';
        text += down | (*text == '+');
        Digits exponent = {0, 0, 0};
        text = read_digits(text, &exponent);
        if (exponent.length == 0) return 0;
        int64_t shift = exponent.dropped || exponent.mantissa > 100000 ? 100000 : (int64_t)exponent.mantissa;
        power += down ? -shift : shift;
    }
    float number = (float)scaled(run.mantissa, power);
    if (!isfinite(number)) return 0;
    *value = negative ? -number : number;
    while (*text == ' ' || *text == '\t' || *text == '\r') text++;
    return text;
}
