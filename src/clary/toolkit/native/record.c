/* RecordIO-protobuf records into compressed sparse rows; dense records are rows in which every index occurs. */
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__gnu_linux__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

#define MAGIC 0xCED7230AU
enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };
enum { FLOAT32 = 2, FLOAT64 = 3, INT32 = 7 };

typedef struct {
    const uint8_t *at, *end;
} Span;

typedef struct {
    int number, wire;
    Span content;
} Field;

typedef struct {
    float *values;
    int32_t *indices; /* NULL for labels */
    int64_t room, count, keys, width;
} Tensor;

static int read_varint(Span *span, uint64_t *number) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && span->at < span->end; shift += 7) {
        uint8_t byte = *span->at++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *number = value;
            return 1;
        }
    }
    return 0;
}

static int read_field(Span *span, Field *field) {
    uint64_t tag, length;
    if (!read_varint(span, &tag)) return 0;
    field->number = (int)(tag >> 3);
    field->wire = (int)(tag & 7);
    field->content.at = span->at;
    if (field->wire == BYTES) {
        if (!read_varint(span, &length)) return 0;
        field->content.at = span->at;
    } else if (field->wire == VARINT) {
        if (!read_varint(span, &length)) return 0;
        length = 0;
    } else if (field->wire == FIXED64 || field->wire == FIXED32) {
        length = field->wire == FIXED64 ? 8 : 4;
    } else {
        return 0;
    }
    if (length > (uint64_t)(span->end - span->at)) return 0;
    span->at += length;
    field->content.end = span->at;
    return 1;
}

static int read_values(Span span, int kind, Tensor *tensor) {
    int64_t size = span.end - span.at;
    if (kind == INT32) {
        for (uint64_t number; span.at < span.end; tensor->count++) {
            if (tensor->count == tensor->room || !read_varint(&span, &number)) return 0;
            tensor->values[tensor->count] = (float)(int32_t)number;
        }
        return 1;
    }
    int64_t width = kind == FLOAT32 ? 4 : 8, count = size / width;
    if (size % width || count > tensor->room - tensor->count) return 0;
    float *values = tensor->values + tensor->count;
    if (kind == FLOAT32) memcpy(values, span.at, (size_t)size);
    for (int64_t place = 0; kind == FLOAT64 && place < count; place++) {
        double value;
        memcpy(&value, span.at + 8 * place, 8);
        values[place] = (float)value;
    }
    tensor->count += count;
    return 1;
}

static int read_tensor(Span span, int kind, Tensor *tensor) {
    Field field;
    uint64_t number;
    while (span.at < span.end) {
        if (!read_field(&span, &field) || field.wire != BYTES) return 0;
        Span content = field.content;
        if (field.number == 1 && !read_values(content, kind, tensor)) return 0;
        for (; field.number == 2 && content.at < content.end; tensor->keys++) {
            if (!tensor->indices || tensor->keys == tensor->room || !read_varint(&content, &number)) return 0;
            if (number > INT32_MAX) return 0;
            tensor->indices[tensor->keys] = (int32_t)number;
        }
        for (; field.number == 3 && content.at < content.end;) {
            if (!read_varint(&content, &number) || number > INT32_MAX || tensor->width) return 0;
            tensor->width = (int64_t)number;
        }
    }
    return 1;
}

/* Read the map entry `values` of features or label. */
static int read_entry(Span span, Tensor *tensor) {
    Field field, inner;
    while (span.at < span.end) {
        if (!read_field(&span, &field) || field.wire != BYTES) return 0;
        Span content = field.content;
        if (field.number == 1 && (content.end - content.at != 6 || memcmp(content.at, "values", 6))) return 0;
        if (field.number != 2) continue;
        if (!read_field(&content, &inner) || inner.wire != BYTES || content.at != content.end) return 0;
        if (inner.number != FLOAT32 && inner.number != FLOAT64 && inner.number != INT32) return 0;
        if (!read_tensor(inner.content, inner.number, tensor)) return 0;
    }
    return 1;
}

static int read_record(Span span, Tensor *features, Tensor *label) {
    Field field;
    while (span.at < span.end) {
        if (!read_field(&span, &field)) return 0;
        if (field.number > 2) return 0; /* what an answer must repeat is not for this reader */
        if (field.wire != BYTES || !read_entry(field.content, field.number == 1 ? features : label)) return 0;
    }
    return 1;
}

/* Fill in what a dense tensor leaves out, and check what a sparse one says. */
static int settle(Tensor *tensor, int64_t *width) {
    if (tensor->keys == 0) {
        if (tensor->width && tensor->width != tensor->count && tensor->count) return 0;
        if (!tensor->width) tensor->width = tensor->count;
        for (int64_t place = 0; place < tensor->count; place++) tensor->indices[place] = (int32_t)place;
    } else if (tensor->keys != tensor->count || tensor->width == 0) {
        return 0;
    }
    if (*width == 0) *width = tensor->width;
    if (tensor->width != *width) return 0;
    for (int64_t place = 0; place < tensor->count; place++)
        if (tensor->indices[place] >= *width) return 0;
    return 1;
}

/* Read at most `rows` records of `data`, as many as there is room for.
 *
 * `starts` has rows + 1 places, `indices` and `values` have `room`, `labels` one a row. `state` is, in and out, the byte
 * to go on from, the number of features (0 for that of the first record) and of labels (-1 likewise). Returns the
 * number of records read, or -1 for what only the reader in Python understands or explains.
 */
int64_t clary_records(const uint8_t *data, int64_t size, int64_t rows, int64_t room, int64_t *starts,
                      int32_t *indices, float *values, float *labels, int64_t *state) {
    int64_t row = 0, used = 0, at = state[0];
    starts[0] = 0;
    for (; row < rows && at < size; row++) {
        uint32_t head[2];
        if (size - at < 8) return -1;
        memcpy(head, data + at, 8);
        int64_t length = head[1];
        if (head[0] != MAGIC || length > size - at - 8) return -1;
        if (used + length > room) break;
        Tensor features = {values + used, indices + used, room - used, 0, 0, 0};
        Tensor label = {labels + row, 0, 1, 0, 0, 0};
        Span span = {data + at + 8, data + at + 8 + length};
        if (!read_record(span, &features, &label) || !settle(&features, &state[1])) return -1;
        if (state[2] < 0) state[2] = label.count;
        if (label.count != state[2] || label.width > 1) return -1;
        used += features.count;
        starts[row + 1] = used;
        at += 8 + length + (-length & 3);
    }
    state[0] = at < size ? at : size;
    return row;
}

/* Read `rows` records that differ from the first in their values only: `first` has its bytes, and `constant` is 0xFF
 * for those which must be the same, 0 for values.
 *
 * `layout` is the bytes of a record, and for features and labels each where they begin and how many bytes they
 * are. Returns how many records are so before the first that is not.
 */
FOR_EACH_PROCESSOR int64_t clary_dense_records(const uint8_t *data, int64_t rows, const uint8_t *first,
                                               const uint8_t *constant, const int64_t *layout,
                                               uint8_t *restrict features, uint8_t *restrict labels) {
    int64_t size = layout[0], row = 0;
    for (; row < rows; row++, data += size) {
        uint8_t strange = 0;
        for (int64_t at = 0; at < size; at++) strange |= (data[at] ^ first[at]) & constant[at];
        if (strange) break;
        memcpy(features + row * layout[2], data + layout[1], (size_t)layout[2]);
        memcpy(labels + row * layout[4], data + layout[3], (size_t)layout[4]);
    }
    return row;
}

/* Return where the last whole record of `data` ends; all of `size` where something is not a record. */
int64_t clary_frames(const uint8_t *data, int64_t size) {
    int64_t at = 0;
    while (size - at >= 8) {
        uint32_t head[2];
        memcpy(head, data + at, 8);
        if (head[0] != MAGIC) return size;
        int64_t following = at + 8 + (int64_t)head[1] + (-(int64_t)head[1] & 3);
        if (following > size) break;
        at = following;
    }
    return at;
}
