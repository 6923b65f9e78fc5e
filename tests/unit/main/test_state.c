/* SPDX-License-Identifier: Apache-2.0 */
#include "main/state.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char why[OPTIONS_WHY_BYTES];

static void make_state(struct state *state, char *root)
{
    assert_non_null(mkdtemp(root));
    state->lock_fd = -1;
    (void)snprintf(state->folder, sizeof(state->folder), "%s/a/b", root);
}

static void remove_state(const struct state *state, const char *root)
{
    static const char *const names[] = {"lock", "credentials", "endpoint"};
    char path[5000];

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        state_path(state, names[i], path, sizeof(path));
        (void)unlink(path);
    }
    assert_int_equal(rmdir(state->folder), 0);
    (void)snprintf(path, sizeof(path), "%s/a", root);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(root), 0);
}

static int mode_of(const char *path)
{
    struct stat found;

    assert_int_equal(stat(path, &found), 0);
    return found.st_mode & 07777;
}

TEST(state_open, is_closed_to_others_and_to_a_second_server)
{
    char root[] = "/tmp/openalb-test-state-XXXXXX";
    struct state state;
    char process[32];

    make_state(&state, root);
    struct state second = state;
    assert_int_equal(state_open(&state, why), RC_OK);
    assert_int_equal(mode_of(state.folder), 0700);
    assert_int_equal(state_open(&second, why), RC_CONFLICT);
    (void)snprintf(process, sizeof(process), "(process %d)", getpid());
    assert_non_null(strstr(why, process));
    state_close(&state);
    assert_int_equal(state_open(&second, why), RC_OK);
    state_close(&second);
    remove_state(&state, root);
}

TEST(state_key_make, generates_once)
{
    char root[] = "/tmp/openalb-test-state-XXXXXX";
    struct state state;
    struct state_key first, again;
    char path[5000];

    make_state(&state, root);
    assert_int_equal(state_key_read(&state, &first, why), RC_ABSENT);
    assert_int_equal(state_open(&state, why), RC_OK);
    assert_int_equal(state_key_make(&state, &first, why), RC_OK);
    assert_int_equal(state_key_make(&state, &again, why), RC_OK);
    assert_string_equal(first.id, again.id);
    assert_string_equal(first.secret, again.secret);
    assert_true(text_starts(text_of(first.id), TEXT("AKIA")));
    assert_int_equal(strlen(first.secret), 40);
    state_path(&state, "credentials", path, sizeof(path));
    assert_int_equal(mode_of(path), 0600);
    state_close(&state);
    remove_state(&state, root);
}

TEST(state_key_parse, refuses_keys_of_other_lengths)
{
    struct state_key key;

    assert_int_equal(state_key_parse(TEXT("aws_access_key_id = AKIA\n"), &key), RC_BAD);
    assert_int_equal(state_key_parse(TEXT("aws_access_key_id = AKIAABCDEFGHIJKLMNOP\n"), &key),
                     RC_BAD);
    assert_int_equal(
        state_key_parse(TEXT("aws_access_key_id=AKIAABCDEFGHIJKLMNOP\naws_secret_access_key = "
                             "abcdefghijklmnopqrstuvwxyzabcdefghijklmn"),
                        &key),
        RC_OK);
    assert_string_equal(key.id, "AKIAABCDEFGHIJKLMNOP");
}

TESTS({
    CASE(state_open__is_closed_to_others_and_to_a_second_server),
    CASE(state_key_make__generates_once),
    CASE(state_key_parse__refuses_keys_of_other_lengths),
})
