/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "certs.h"
#include "control/certificate.h"

#include <stdlib.h>

struct world {
    struct store *store;
    struct control *control;
    struct arena *arena;
    struct turn turn;
    struct made_cert cert, other;
};

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    const struct control_config config = {.account = TEXT_INIT("123456789012")};
    char why[256];

    assert_int_equal(store_open(":memory:", &world->store, why, sizeof(why)), RC_OK);
    assert_int_equal(control_new(world->store, &config, 1000, &world->control, why, sizeof(why)),
                     RC_OK);
    world->arena = arena_new(4096, 1 << 22);
    world->cert = made_cert_new("a.test", true);
    world->other = made_cert_new("b.test", false);
    assert_int_equal(turn_begin(&world->turn, world->control, world->arena, 2000, STORE_WRITE),
                     RC_OK);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    const enum rc rc = turn_end(&world->turn, RC_DENIED);

    assert_int_equal(rc, RC_DENIED);
    made_cert_done(&world->cert);
    made_cert_done(&world->other);
    arena_free(world->arena);
    control_free(world->control);
    store_free(world->store);
    free(world);
    return 0;
}

static struct certificate_material material_of(const struct made_cert *cert)
{
    return (struct certificate_material){.body = cert->chain_pem, .key = cert->key_pem};
}

TEST(certificate_import, keeps_the_arn_when_it_renews)
{
    struct world *world = *state_;
    const struct certificate_material first = material_of(&world->cert);
    const struct certificate_material second = material_of(&world->other);
    struct certificate_row row, again, read;

    assert_int_equal(certificate_import(&world->turn, TEXT(""), &first, &row), RC_OK);
    assert_true(text_starts(row.arn, TEXT("arn:aws:acm:us-east-1:123456789012:certificate/")));
    assert_int_equal(certificate_import(&world->turn, row.arn, &second, &again), RC_OK);
    assert_text_equal(again.arn, row.arn);
    assert_int_equal(certificate_get_acm(&world->turn, row.arn, &read), RC_OK);
    assert_text_equal(read.body_pem, world->other.chain_pem);
    assert_int_equal(certificate_for_listener(&world->turn, row.arn), RC_OK);
}

TEST(certificate_import, refuses_a_key_of_another_certificate)
{
    struct world *world = *state_;
    const struct certificate_material mixed = {.body = world->cert.chain_pem,
                                               .key = world->other.key_pem};
    struct certificate_row row;

    assert_int_equal(certificate_import(&world->turn, TEXT(""), &mixed, &row), RC_CONFLICT);
    assert_string_equal(world->turn.refusal.code, "ValidationException");
    assert_non_null(strstr(world->turn.refusal.message, "does not match"));
}

TEST(certificate_upload, refuses_a_name_twice)
{
    struct world *world = *state_;
    const struct certificate_material material = material_of(&world->cert);
    struct certificate_row row;

    assert_int_equal(certificate_upload(&world->turn, TEXT("web"), TEXT(""), &material, &row),
                     RC_OK);
    assert_text_equal(row.arn, TEXT("arn:aws:iam::123456789012:server-certificate/web"));
    assert_int_equal(row.id.len, 21);
    assert_int_equal(certificate_upload(&world->turn, TEXT("web"), TEXT("/x/"), &material, &row),
                     RC_CONFLICT);
    assert_string_equal(world->turn.refusal.code, "EntityAlreadyExists");
}

TEST(certificate_rename, moves_the_arn)
{
    struct world *world = *state_;
    const struct certificate_material material = material_of(&world->cert);
    struct certificate_row row;

    assert_int_equal(certificate_upload(&world->turn, TEXT("web"), TEXT(""), &material, &row),
                     RC_OK);
    assert_int_equal(certificate_rename(&world->turn, TEXT("web"), TEXT("shop"), TEXT("/a/")),
                     RC_OK);
    assert_int_equal(certificate_get_iam(&world->turn, TEXT("shop"), &row), RC_OK);
    assert_text_equal(row.arn, TEXT("arn:aws:iam::123456789012:server-certificate/a/shop"));
    assert_int_equal(certificate_get_iam(&world->turn, TEXT("web"), &row), RC_ABSENT);
}

TEST(certificate_for_listener, does_not_find_what_was_never_there)
{
    struct world *world = *state_;

    assert_int_equal(certificate_for_listener(&world->turn, TEXT("arn:x")), RC_ABSENT);
    assert_string_equal(world->turn.refusal.code, "CertificateNotFound");
    assert_string_equal(world->turn.refusal.message, "Certificate 'arn:x' not found");
}

#define WORLD(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
TESTS({
    WORLD(certificate_import__keeps_the_arn_when_it_renews),
    WORLD(certificate_import__refuses_a_key_of_another_certificate),
    WORLD(certificate_upload__refuses_a_name_twice),
    WORLD(certificate_rename__moves_the_arn),
    WORLD(certificate_for_listener__does_not_find_what_was_never_there),
})
