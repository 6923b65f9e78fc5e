/* SPDX-License-Identifier: Apache-2.0 */
/* list: an intrusive doubly linked list. A link is embedded in what it links; a list head is a link
 * that points at itself when empty. Nothing is owned. */
#pragma once
#include "base/rc.h"

#include <stdbool.h>

struct list {
    struct list *next;
    struct list *prev;
};

static inline void list_init(struct list *list)
{
    list->next = list;
    list->prev = list;
}

static inline bool list_is_empty(const struct list *list)
{
    return list->next == list;
}

static inline void list_insert_between(struct list *link, struct list *prev, struct list *next)
{
    link->prev = prev;
    link->next = next;
    prev->next = link;
    next->prev = link;
}

static inline void list_push_front(struct list *list, struct list *link)
{
    list_insert_between(link, list, list->next);
}

static inline void list_push_back(struct list *list, struct list *link)
{
    list_insert_between(link, list->prev, list);
}

/* Leaves the link pointing at itself, so removing twice is harmless. */
static inline void list_remove(struct list *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    list_init(link);
}

/* The first link, taken off; NULL when empty. */
static inline struct list *list_pop_front(struct list *list)
{
    struct list *link = list->next;

    if (link == list) {
        return NULL;
    }
    list_remove(link);
    return link;
}

#define LIST_ITEM(link, type, member) CONTAINER_OF(link, type, member)
/* The body may remove (and free) the current item. */
#define LIST_EACH(head, link)                                                         \
    for (struct list *link = (head)->next, *link##_next = link->next; link != (head); \
         link = link##_next, link##_next = link->next)
