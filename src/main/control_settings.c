/* SPDX-License-Identifier: Apache-2.0 */
#include "main/control_settings.h"

#include <stdio.h>

enum { ARENA_BYTES = 1 << 20 };

static size_t count_parts(struct text list)
{
    struct text part;
    size_t count = 0;

    if (text_is_empty(list)) {
        return 0;
    }
    while (text_next(&list, ',', &part)) {
        count++;
    }
    return count;
}

/* "NAME:VALUE", both of them there. */
static enum rc split(struct text part, struct text *name, struct text *value)
{
    const size_t colon = text_find(part, ':');

    *name = text_trim(text_slice(part, 0, colon));
    *value = text_trim(text_slice(part, colon + 1, part.len));
    return name->len > 0 && value->len > 0 ? RC_OK : RC_BAD;
}

static enum rc read_zones(const struct options *options, struct control_settings *settings)
{
    struct text letters = options_text(options, OPTION_ZONES);
    struct text letter;
    size_t count = 0;
    struct text *zones = ARENA_ARRAY(settings->arena, struct text, count_parts(letters));

    if (!zones) {
        return RC_LIMIT;
    }
    while (text_next(&letters, ',', &letter)) {
        zones[count++] =
            arena_printf(settings->arena, "%s%.*s", options_string(options, OPTION_REGION),
                         TEXT_ARG(text_trim(letter)));
    }
    settings->config.zones = zones;
    settings->config.zone_count = count;
    return RC_OK;
}

/* The generated one first. */
static enum rc read_keys(const struct options *options, const struct state_key *key,
                         struct control_settings *settings, char *why)
{
    struct text list = options_text(options, OPTION_ACCESS_KEY);
    struct text part;
    size_t count = count_parts(list);
    struct sigv4_key *keys = ARENA_ARRAY(settings->arena, struct sigv4_key, count + 1);

    if (!keys) {
        return RC_LIMIT;
    }
    keys[0] = (struct sigv4_key){arena_text(settings->arena, text_of(key->id)),
                                 arena_text(settings->arena, text_of(key->secret))};
    for (size_t i = 1; i <= count && text_next(&list, ',', &part); i++) {
        if (split(part, &keys[i].id, &keys[i].secret) != RC_OK) {
            (void)snprintf(why, OPTIONS_WHY_BYTES,
                           "--access-key: a key is ID:SECRET; one of those given is not");
            return RC_BAD;
        }
    }
    settings->keys = (struct sigv4_keys){keys, count + 1};
    return RC_OK;
}

static enum rc read_instances(const struct options *options, struct control_settings *settings,
                              char *why)
{
    struct text list = options_text(options, OPTION_INSTANCE);
    struct text part;
    const size_t count = count_parts(list);
    struct control_instance *instances =
        ARENA_ARRAY(settings->arena, struct control_instance, count);

    if (!instances) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < count && text_next(&list, ',', &part); i++) {
        if (split(part, &instances[i].id, &instances[i].address) != RC_OK) {
            (void)snprintf(why, OPTIONS_WHY_BYTES,
                           "--instance: \"%.*s\" is not ID:ADDRESS, as "
                           "i-0123456789abcdef0:127.0.0.1",
                           TEXT_ARG(text_slice(part, 0, 100)));
            return RC_BAD;
        }
    }
    settings->config.instances = instances;
    settings->config.instance_count = count;
    return RC_OK;
}

static enum rc read_all(const struct options *options, const struct state_key *key,
                        struct control_settings *settings, char *why)
{
    (void)snprintf(why, OPTIONS_WHY_BYTES, "the options are too long");
    settings->config = (struct control_config){
        .account = options_text(options, OPTION_ACCOUNT),
        .region = options_text(options, OPTION_REGION),
        .domain = options_text(options, OPTION_DOMAIN),
        .vpc_cidr = options_text(options, OPTION_VPC_CIDR),
        .public_addresses = options_text(options, OPTION_PUBLIC_ADDRESSES),
        .private_addresses = options_text(options, OPTION_PRIVATE_ADDRESSES),
    };
    TRY(read_zones(options, settings));
    TRY(read_instances(options, settings, why));
    return read_keys(options, key, settings, why);
}

enum rc control_settings_read(const struct options *options, const struct state_key *key,
                              struct control_settings *out, char *why)
{
    struct control_settings settings = {.arena = arena_new(4096, ARENA_BYTES)};
    const enum rc rc = read_all(options, key, &settings, why);

    if (rc != RC_OK) {
        control_settings_done(&settings);
        return RC_BAD;
    }
    *out = settings;
    return RC_OK;
}

void control_settings_done(struct control_settings *settings)
{
    arena_free(settings->arena);
    settings->arena = NULL;
}
