/* SPDX-License-Identifier: Apache-2.0 */
#include "control/zone.h"

static struct text region_short(struct turn *turn);

struct text zone_id(struct turn *turn, struct text name)
{
    struct text region = region_short(turn);

    ASSERT(name.len > 0);
    return arena_printf(turn->arena, "%.*s-az%d", TEXT_ARG(region),
                        name.at[name.len - 1] - 'a' + 1);
}

bool zone_exists(const struct turn *turn, struct text name)
{
    for (size_t i = 0; i < turn->config->zone_count; i++) {
        if (text_eq(turn->config->zones[i], name)) {
            return true;
        }
    }
    return false;
}

/* "us-east-1" -> "use1", "ap-southeast-2" -> "apse2", "us-gov-west-1" -> "usgw1": the first word
 * whole, then a letter for each point of the compass or word, then the number. */
static struct text region_short(struct turn *turn)
{
    struct text rest = turn->config->region;
    struct text word;
    char out[16];
    size_t len = 0;

    while (text_next(&rest, '-', &word) && len + 4 < sizeof(out)) {
        bool is_first = len == 0;

        for (size_t i = 0; i < word.len && i < 2 && is_first; i++) {
            out[len++] = word.at[i];
        }
        if (!is_first && word.len > 0) {
            out[len++] = word.at[0];
        }
        if (!is_first && word.len > 5 &&
            (text_ends(word, TEXT("east")) || text_ends(word, TEXT("west")))) {
            out[len++] = word.at[word.len - 4]; /* southeast: s and e */
        }
    }
    return arena_text(turn->arena, (struct text){out, len});
}
