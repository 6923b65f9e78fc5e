/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/zone.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"

enum {
    FIRST_BLOCK_BYTES = 4096,
    CEILING_BYTES = 256 * 1024 * 1024, /* never reached: a snapshot is bounded itself */
};

struct zone {
    struct arena *arena; /* own */
    struct map names;    /* lower-case name -> struct zone_name */
    struct text domain;
};

static bool is_under(struct text name, struct text domain)
{
    return text_ends(name, domain) &&
           (name.len == domain.len || name.at[name.len - domain.len - 1] == '.');
}

static struct zone_name *add_one(struct zone *zone, struct text name)
{
    struct zone_name *entry = map_get(&zone->names, name);

    if (!entry) {
        entry = ARENA_NEW(zone->arena, struct zone_name);
        ASSERT(entry != NULL);
        entry->name = name;
        entry->is_apex = name.len == zone->domain.len;
        (void)map_put(&zone->names, name, entry); /* it was absent */
    }
    return entry;
}

/* Adds the name and all above it, up to the domain. */
static struct zone_name *add_name(struct zone *zone, struct text name)
{
    struct text above = name;

    while (above.len > zone->domain.len) {
        above = text_slice(above, text_find(above, '.') + 1, above.len);
        (void)add_one(zone, above);
    }
    return add_one(zone, name);
}

static struct text lower(struct zone *zone, struct text name)
{
    char *copy = arena_take_raw(zone->arena, name.len + 1);

    ASSERT(copy != NULL);
    for (size_t i = 0; i < name.len; i++) {
        copy[i] = ascii_lower(name.at[i]);
    }
    return (struct text){copy, name.len};
}

static void add_addresses(struct zone *zone, struct text name, const struct snap_address *addresses,
                          size_t count)
{
    struct zone_name *entry = add_name(zone, name);
    uint32_t *ips = ARENA_ARRAY(zone->arena, uint32_t, entry->ip_count + count);

    ASSERT(ips != NULL);
    for (size_t i = 0; i < entry->ip_count; i++) {
        ips[i] = entry->ips[i];
    }
    for (size_t i = 0; i < count; i++) {
        ips[entry->ip_count++] = addresses[i].ip;
    }
    entry->ips = ips;
}

static void add_balancer(struct zone *zone, const struct snap_balancer *balancer)
{
    const struct text name = lower(zone, balancer->dns_name);

    if (!is_under(name, zone->domain)) {
        return;
    }
    add_addresses(zone, name, balancer->addresses, balancer->address_count);
    const struct text both = arena_printf(zone->arena, "dualstack.%.*s", TEXT_ARG(name));
    add_addresses(zone, both, balancer->addresses, balancer->address_count);
    for (size_t i = 0; i < balancer->address_count; i++) {
        const struct snap_address *address = &balancer->addresses[i];
        const struct text zonal =
            arena_printf(zone->arena, "%.*s.%.*s", TEXT_ARG(address->zone), TEXT_ARG(name));
        add_addresses(zone, lower(zone, zonal), address, 1);
    }
}

struct zone *zone_new(struct text domain, uint32_t own_ip, const struct snap_balancer *balancers,
                      size_t count)
{
    struct zone *zone = MEM_NEW(struct zone);

    zone->arena = arena_new(FIRST_BLOCK_BYTES, CEILING_BYTES);
    zone->domain = lower(zone, domain);
    map_init(&zone->names);
    (void)add_one(zone, zone->domain);
    if (own_ip) {
        const struct snap_address own = {.ip = own_ip};
        add_addresses(zone, arena_printf(zone->arena, "ns1.%.*s", TEXT_ARG(zone->domain)), &own, 1);
    }
    for (size_t i = 0; i < count; i++) {
        add_balancer(zone, &balancers[i]);
    }
    return zone;
}

void zone_free(struct zone *zone)
{
    if (!zone) {
        return;
    }
    map_done(&zone->names);
    arena_free(zone->arena);
    mem_give(zone);
}

struct text zone_domain(const struct zone *zone)
{
    return zone->domain;
}

enum zone_answer zone_find(const struct zone *zone, struct text name, const struct zone_name **out)
{
    if (!is_under(name, zone->domain)) {
        return ZONE_FOREIGN;
    }
    const struct zone_name *entry = map_get(&zone->names, name);
    if (!entry) {
        return ZONE_ABSENT;
    }
    *out = entry;
    return ZONE_PRESENT;
}
