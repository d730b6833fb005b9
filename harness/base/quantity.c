#include "base/quantity.h"
#include <string.h>

gboolean quantity_duration(const char *text, gint64 *ret_ns) {
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}};
    char *end = NULL;
    double amount = g_ascii_isdigit(*text) ? g_ascii_strtod(text, &end) : 0;
    for (guint i = 0; end && i < G_N_ELEMENTS(units); i++) {
        if (strcmp(end, units[i].name) != 0) continue;
        double seconds = amount * units[i].seconds;
        if (!(seconds >= 0 && seconds <= QUANTITY_DURATION_MAX_S)) return FALSE;
        *ret_ns = (gint64)(seconds * 1e9);
        return TRUE;
    }
    return FALSE;
}

gboolean quantity_size(const char *text, guint64 *ret_bytes) {
    static const char units[] = "KMG";
    char *end = NULL;
    guint64 size = g_ascii_isdigit(*text) ? g_ascii_strtoull(text, &end, 10) : 0;
    const char *unit = end && *end ? strchr(units, *end) : NULL;
    if (!end || (*end && (!unit || end[1]))) return FALSE;
    guint shift = unit ? 10 * (guint)(unit - units + 1) : 0;
    /* A number that does not fit exceeds every bound. */
    *ret_bytes = size > G_MAXUINT64 >> shift ? G_MAXUINT64 : size << shift;
    return TRUE;
}
