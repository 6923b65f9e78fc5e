/* SPDX-License-Identifier: Apache-2.0 */
/* replay: runs a fuzz target over its corpus, as a test: every file, and every beginning of it.
 * Inputs lie in heap blocks of exactly their size, so that ASan sees a read past the end. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_BYTES_MAX = 1 << 20, BEGINNINGS_MAX = 600 };

static void run_copy(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    if (!copy) {
        abort();
    }
    memcpy(copy, data, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

/* Evenly spaced when the input is long, every one when it is short. */
static void run_beginnings(const uint8_t *data, size_t size)
{
    const size_t step = size / BEGINNINGS_MAX + 1;

    for (size_t len = 0; len < size; len += step) {
        run_copy(data, len);
    }
    run_copy(data, size);
}

static bool run_file(const char *folder, const char *name, uint8_t *data)
{
    char path[4096];

    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path)) {
        return false;
    }
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return false;
    }
    const size_t size = fread(data, 1, INPUT_BYTES_MAX, file);
    (void)fclose(file);
    (void)fprintf(stderr, "%s\n", name); /* the last one named is the one that broke */
    run_beginnings(data, size);
    return true;
}

int main(int argc, char **argv)
{
    static uint8_t data[INPUT_BYTES_MAX];
    const struct dirent *entry;
    int count = 0;

    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    if (!folder) {
        (void)fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    while ((entry = readdir(folder))) {
        if (entry->d_name[0] != '.' && !run_file(argv[1], entry->d_name, data)) {
            return 1;
        }
        count += entry->d_name[0] != '.';
    }
    (void)closedir(folder);
    (void)printf("%d inputs and their beginnings\n", count);
    return count ? 0 : 1; /* an empty corpus tests nothing */
}
