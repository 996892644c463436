/* The heads of plain messages, read and written in one go: clary/gateway/heads.py in C, function by function.

   What is plain, and why nothing else is read here, is said there; a test holds both against each other and
   against the parser. Only the stable part of Python's interface is used, so that the library serves any
   version from 3.11 on. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>
#include <stdint.h>
#include <string.h>

enum meaning { ORDINARY, FRAMING, CONNECTION, LENGTH };

/* Names that were seen, by the hash of their spelling; a newcomer takes the place of what was there. */

#define LONGEST 64
#define PLACES 512

struct name {
    PyObject *field; /* in lower case */
    enum meaning meaning;
    Py_ssize_t size;
    char spelt[LONGEST];
};

static struct name names[PLACES];

static const char *const framing[] = {"expect",  "proxy-connection",  "te",
                                      "trailer", "transfer-encoding", "upgrade"};

/* The bytes that a name is made of, as lower case has them; 0 for all others. */
static const char token[256] = {
    ['!'] = '!', ['#'] = '#', ['$'] = '$', ['%'] = '%', ['&'] = '&', ['\''] = '\'', ['*'] = '*', ['+'] = '+',
    ['-'] = '-', ['.'] = '.', ['^'] = '^', ['_'] = '_', ['`'] = '`', ['|'] = '|', ['~'] = '~',
    ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6', ['7'] = '7',
    ['8'] = '8', ['9'] = '9', ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f',
    ['g'] = 'g', ['h'] = 'h', ['i'] = 'i', ['j'] = 'j', ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n',
    ['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r', ['s'] = 's', ['t'] = 't', ['u'] = 'u', ['v'] = 'v',
    ['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd',
    ['E'] = 'e', ['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i', ['J'] = 'j', ['K'] = 'k', ['L'] = 'l',
    ['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r', ['S'] = 's', ['T'] = 't',
    ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z',
};

static int is_text(char byte) { return byte >= 0x20 && byte <= 0x7e; }

/* Whether the lower-case `word` stands at `text`, in whatever case. */
static int begins(const char *text, const char *end, const char *word) {
    for (; *word; text++, word++)
        if (text == end || token[(unsigned char)*text] != *word) return 0;
    return 1;
}

static enum meaning meaning_of(const char *lower, Py_ssize_t size) {
    if (size == 14 && !memcmp(lower, "content-length", 14)) return LENGTH;
    if (size == 10 && !memcmp(lower, "connection", 10)) return CONNECTION;
    for (size_t i = 0; i < sizeof framing / sizeof *framing; i++)
        if ((size_t)size == strlen(framing[i]) && !memcmp(lower, framing[i], (size_t)size)) return FRAMING;
    return ORDINARY;
}

/* Return what the name of `size` bytes, all of them token, is called; borrowed, or NULL with an error set. */
static struct name *name_of(const char *spelt, Py_ssize_t size, uint32_t hash) {
    struct name *name = &names[hash % PLACES];
    if (name->field && name->size == size && !memcmp(name->spelt, spelt, (size_t)size)) return name;
    char lower[LONGEST];
    for (Py_ssize_t i = 0; i < size; i++) lower[i] = token[(unsigned char)spelt[i]];
    PyObject *field = PyUnicode_FromStringAndSize(lower, size);
    if (!field) return NULL;
    PyUnicode_InternInPlace(&field);
    Py_XDECREF(name->field);
    name->field = field;
    name->meaning = meaning_of(lower, size);
    name->size = size;
    memcpy(name->spelt, spelt, (size_t)size);
    return name;
}

/* A message as far as it was read. `at` NULL: it is not plain, or an error is set. */
struct message {
    const char *at, *end; /* what is to be read, where the data ends */
    const char *headers; /* where the header lines begin */
    PyObject *lines, *fields; /* `lines` is kept where it is asked for */
    const char *body, *rest; /* the body, and what is behind it */
};

static void drop(struct message *message) {
    Py_CLEAR(message->lines);
    Py_CLEAR(message->fields);
}

/* Return the length that `text` says, -1 where it says it in no plain way. */
static Py_ssize_t length_of(const char *text, const char *end) {
    Py_ssize_t length = 0;
    if (text == end || end - text > 16 || (*text == '0' && end - text > 1)) return -1;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9') return -1;
        length = length * 10 + (*text - '0');
    }
    return length;
}

static int keep_line(PyObject *lines, const char *from, const char *to) {
    PyObject *line = PyBytes_FromStringAndSize(from, to - from);
    int kept = line && !PyList_Append(lines, line);
    Py_XDECREF(line);
    return kept;
}

/* Read the header line at `message->at` into both collections; returns 0 where it is not plain or on an error. */
static int read_line(struct message *message, Py_ssize_t *length) {
    const char *start = message->at, *at = start, *end = message->end;
    uint32_t hash = 2166136261u;
    for (; at < end && token[(unsigned char)*at]; at++) hash = (hash ^ (unsigned char)*at) * 16777619u;
    Py_ssize_t size = at - start;
    if (!size || size > LONGEST || end - at < 2 || at[0] != ':' || at[1] != ' ') return 0;
    const char *value = at += 2;
    while (at < end && is_text(*at)) at++;
    if (end - at < 2 || at[0] != '\r' || at[1] != '\n') return 0;
    if (at > value && (*value == ' ' || at[-1] == ' ')) return 0;
    struct name *name = name_of(start, size, hash);
    if (!name || name->meaning == FRAMING) return 0;
    if (name->meaning == CONNECTION && !(at - value == 10 && begins(value, at, "keep-alive"))) return 0;
    if (name->meaning == LENGTH) *length = length_of(value, at);
    PyObject *text = PyUnicode_FromStringAndSize(value, at - value);
    int read = text && !PyDict_SetItem(message->fields, name->field, text);
    Py_XDECREF(text);
    message->at = at + 2;
    return read && (!message->lines || keep_line(message->lines, start, at));
}

/* Read header lines, end of the head and body; returns 0 where they are not plain or on an error. */
static int read_fields(struct message *message, int keep_lines) {
    Py_ssize_t length = -1, count = 0;
    message->headers = message->at;
    message->lines = keep_lines ? PyList_New(0) : NULL;
    message->fields = PyDict_New();
    if ((keep_lines && !message->lines) || !message->fields) return 0;
    for (; message->end - message->at >= 2 && memcmp(message->at, "\r\n", 2); count++)
        if (!read_line(message, &length)) return 0;
    if (message->end - message->at < 2 || PyDict_Size(message->fields) != count) return 0;
    message->body = message->at + 2;
    if (length < 0 || length > message->end - message->body) return 0;
    message->rest = message->body + length;
    return 1;
}

/* Answer for a message that was not read: None, unless an error is set. */
static PyObject *unread(struct message *message) {
    drop(message);
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}

static PyObject *bytes_of(const char *from, const char *to) {
    return PyBytes_FromStringAndSize(from, to - from);
}

static PyObject *request(PyObject *module, PyObject *data) {
    (void)module;
    struct message message = {0};
    char *start;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(data, &start, &size)) return NULL;
    message.end = start + size;
    if (size < 6 || memcmp(start, "POST /", 6)) return unread(&message);
    const char *target = start + 5, *behind = target;
    while (behind < message.end && *behind > 0x20 && *behind <= 0x7e && *behind != '#') behind++;
    if (message.end - behind < 11 || memcmp(behind, " HTTP/1.1\r\n", 11)) return unread(&message);
    message.at = behind + 11;
    if (!read_fields(&message, 0) || message.rest != message.end) return unread(&message);
    return Py_BuildValue("(NNNN)", bytes_of(target, behind), bytes_of(message.headers, message.body - 4), message.fields,
                         bytes_of(message.body, message.rest));
}

static PyObject *answer(PyObject *module, PyObject *data) {
    (void)module;
    struct message message = {0};
    char *start;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(data, &start, &size)) return NULL;
    message.end = start + size;
    if (size < 14 || memcmp(start, "HTTP/1.1 ", 9) || start[9] < '2' || start[9] > '5' || start[10] < '0'
        || start[10] > '9' || start[11] < '0' || start[11] > '9')
        return unread(&message);
    int status = (start[9] - '0') * 100 + (start[10] - '0') * 10 + (start[11] - '0');
    const char *reason = start + 12;
    if (*reason == ' ') reason++;
    else if (*reason != '\r') return unread(&message);
    const char *behind = reason;
    while (behind < message.end && (is_text(*behind) || *behind == '\t')) behind++;
    if (status == 204 || status == 304 || message.end - behind < 2 || memcmp(behind, "\r\n", 2))
        return unread(&message);
    message.at = behind + 2;
    if (!read_fields(&message, 1)) return unread(&message);
    Py_DECREF(message.fields);
    return Py_BuildValue("(iNNNN)", status, bytes_of(reason, behind), message.lines,
                         bytes_of(message.body, message.rest), bytes_of(message.rest, message.end));
}

/* Text that is being put together; `text` NULL: an error is set. */
struct text {
    PyObject *text;
    char *at;
};

static struct text begin(Py_ssize_t size) {
    struct text text = {PyBytes_FromStringAndSize(NULL, size), NULL};
    if (text.text) text.at = PyBytes_AsString(text.text);
    return text;
}

static void put(struct text *text, const char *bytes, Py_ssize_t size) {
    memcpy(text->at, bytes, (size_t)size);
    text->at += size;
}

#define LENGTH_LINE 40
/* The end of every head, whose length may have twenty digits. */

static Py_ssize_t length_line(char into[LENGTH_LINE], Py_ssize_t length) {
    char digits[20], *first = digits + sizeof digits;
    do *--first = (char)('0' + length % 10);
    while (length /= 10);
    char *at = into;
    memcpy(at, "content-length: ", 16), at += 16;
    memcpy(at, first, (size_t)(digits + sizeof digits - first)), at += digits + sizeof digits - first;
    memcpy(at, "\r\n\r\n", 4), at += 4;
    return at - into;
}

static PyObject *order(PyObject *module, PyObject *const *given, Py_ssize_t count) {
    (void)module;
    static const char first[] = "POST /invocations HTTP/1.1\r\nhost: localhost\r\n";
    PyObject *field, *value, *parts = NULL;
    Py_ssize_t place = 0, size, total;
    char *body, length[LENGTH_LINE];
    struct text text = {0};
    if (count != 2 || !PyDict_Check(given[0])) {
        PyErr_SetString(PyExc_TypeError, "order(fields, body)");
        return NULL;
    }
    if (PyBytes_AsStringAndSize(given[1], &body, &size) || !(parts = PyList_New(0))) return NULL;
    Py_ssize_t written = length_line(length, size);
    total = (Py_ssize_t)sizeof first - 1 + written + size;
    while (PyDict_Next(given[0], &place, &field, &value)) {
        const char *name = PyUnicode_AsUTF8AndSize(field, NULL);
        if (!name) goto done;
        if (strcmp(name, "content-type") && strcmp(name, "accept") && strncmp(name, "x-amzn-sagemaker-", 17))
            continue;
        for (int side = 0; side < 2; side++) {
            PyObject *part = PyUnicode_AsLatin1String(side ? value : field);
            if (!part || PyList_Append(parts, part)) {
                Py_XDECREF(part);
                goto done;
            }
            total += PyBytes_Size(part) + 2;
            Py_DECREF(part); /* the list keeps it */
        }
    }
    text = begin(total);
    if (!text.text) goto done;
    put(&text, first, sizeof first - 1);
    for (Py_ssize_t i = 0; i < PyList_Size(parts); i++) {
        PyObject *part = PyList_GetItem(parts, i);
        put(&text, PyBytes_AsString(part), PyBytes_Size(part));
        put(&text, i % 2 ? "\r\n" : ": ", 2);
    }
    put(&text, length, written);
    put(&text, body, size);
done:
    Py_DECREF(parts);
    return text.text;
}

/* Whether a client gets to see its model's header line. */
static int returned(const char *line, const char *end) {
    if (begins(line, end, "x-amzn-sagemaker-")) return 1;
    return begins(line, end, "content-type") && (end - line == 12 || line[12] == ':');
}

static PyObject *reply(PyObject *module, PyObject *const *given, Py_ssize_t count) {
    (void)module;
    static const char first[] = "HTTP/1.1 200 OK\r\n";
    char *said, *body, length[LENGTH_LINE];
    Py_ssize_t said_size, size;
    if (count != 3) {
        PyErr_SetString(PyExc_TypeError, "reply(lines, said, body)");
        return NULL;
    }
    if (PyBytes_AsStringAndSize(given[1], &said, &said_size)) return NULL;
    if (PyBytes_AsStringAndSize(given[2], &body, &size)) return NULL;
    Py_ssize_t written = length_line(length, size);
    Py_ssize_t lines = PySequence_Size(given[0]);
    if (lines < 0) return NULL;
    struct text text = {0};
    for (int measured = 0; measured < 2; measured++) {
        Py_ssize_t total = 0;
        for (Py_ssize_t i = 0; i < lines; i++) {
            char *line;
            Py_ssize_t letters;
            PyObject *item = PySequence_GetItem(given[0], i);
            if (!item || PyBytes_AsStringAndSize(item, &line, &letters)) {
                Py_XDECREF(item);
                Py_XDECREF(text.text);
                return NULL;
            }
            if (returned(line, line + letters)) {
                total += letters + 2;
                if (measured) put(&text, line, letters), put(&text, "\r\n", 2);
            }
            Py_DECREF(item); /* the sequence keeps it */
        }
        if (!measured) {
            text = begin((Py_ssize_t)sizeof first - 1 + total + said_size + written + size);
            if (!text.text) return NULL;
            put(&text, first, sizeof first - 1);
        }
    }
    put(&text, said, said_size);
    put(&text, length, written);
    put(&text, body, size);
    return text.text;
}

static PyMethodDef functions[] = {
    {"request", request, METH_O, NULL},
    {"answer", answer, METH_O, NULL},
    {"order", (PyCFunction)(void (*)(void))order, METH_FASTCALL, NULL},
    {"reply", (PyCFunction)(void (*)(void))reply, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "heads", NULL, -1, functions, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_heads(void);
PyMODINIT_FUNC PyInit_heads(void) { return PyModule_Create(&definition); }
