#include "gate/gate_case.h"
#include <string.h>

static void *value_of(const GateKey *key, const GateCase *c) { return (char *)c + key->offset; }

/* Whether the row has a value of its own in each case. */
static gboolean has_place(const GateKey *key) {
    return key->flags & KEY_CASE && !(key->flags & KEY_SHARED);
}

/* The size of a case: of its struct, or more if a row of the table has its place after it. */
static gsize case_bytes(void) {
    gsize bytes = sizeof(GateCase);
    for (const GateKey *key = gate_keys; key->name; key++)
        if (has_place(key)) bytes = MAX(bytes, key->offset + key->type->bytes);
    return bytes;
}

static void set_fallback(const GateKey *key, void *value) {
    const DiagFile file = {key->name, key->fallback, strlen(key->fallback)};
    const LexLine line = {.kind = LEX_KEY, .value = {0, file.length}};
    const KeyContext context = {&file, &line, FALSE};
    g_autoptr(GError) error = NULL;
    if (!key->type->parse(value, &context, &error)) g_error("%s", error->message);
}

static void copy_value(const GateKey *key, void *to, const void *from) {
    if (key->type->clear) key->type->clear(to);
    if (key->type->copy)
        key->type->copy(to, from);
    else
        memcpy(to, from, key->type->bytes);
}

GateCase *gate_case_new(const GateCase *from) {
    GateCase *c = g_malloc0(case_bytes());
    for (const GateKey *key = gate_keys; key->name; key++) {
        void *value = value_of(key, c);
        if (!has_place(key)) continue;
        if (from)
            copy_value(key, value, value_of(key, from));
        else if (key->type->init)
            key->type->init(value);
        if (!from && key->fallback) set_fallback(key, value);
    }
    return c;
}

void gate_case_take(GateCase *c, const GateCase *from) {
    for (const GateKey *key = gate_keys; key->name; key++)
        if (has_place(key) && !(key->flags & KEY_OWN))
            copy_value(key, value_of(key, c), value_of(key, from));
}

void gate_case_free(GateCase *c) {
    for (const GateKey *key = gate_keys; key->name; key++)
        if (has_place(key) && key->type->clear) key->type->clear(value_of(key, c));
    g_free(c->name);
    g_free(c);
}

GPtrArray *gate_case_lines(const GateCase *c, guint flags) {
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    for (const GateKey *key = gate_keys; key->name; key++)
        if (key->flags & KEY_CASE && !(key->flags & flags))
            key->type->show(value_of(key, c), key->name, lines);
    return lines;
}
