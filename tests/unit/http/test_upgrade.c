/* SPDX-License-Identifier: Apache-2.0 */
#include "http/upgrade.h"

#include "test.h"

static struct http_request asking(struct text upgrade)
{
    return (struct http_request){.version = HTTP_1_1, .upgrade = upgrade};
}

TEST(upgrade_asked, takes_websocket_and_others)
{
    struct http_request request = asking(TEXT("websocket"));

    assert_text_equal(upgrade_asked(&request), TEXT("websocket"));
    assert_true(upgrade_is_websocket(upgrade_asked(&request)));
    request = asking(TEXT("foo/2, bar"));
    assert_text_equal(upgrade_asked(&request), TEXT("foo/2, bar"));
}

TEST(upgrade_asked, leaves_out_http_2_tls_and_bodies)
{
    struct http_request request = asking(TEXT("h2c"));

    assert_int_equal(upgrade_asked(&request).len, 0);
    request = asking(TEXT("websocket, TLS/1.0"));
    assert_int_equal(upgrade_asked(&request).len, 0);
    request = asking(TEXT("websocket"));
    request.framing = HTTP_LENGTH;
    assert_int_equal(upgrade_asked(&request).len, 0);
    request = asking(TEXT("websocket"));
    request.version = HTTP_2;
    assert_int_equal(upgrade_asked(&request).len, 0);
}

TEST(upgrade_granted, needs_one_of_what_was_asked)
{
    struct http_response response = {.status = 101, .upgrade = TEXT("WebSocket")};

    assert_true(upgrade_granted(TEXT("websocket"), &response));
    assert_true(upgrade_granted(TEXT("foo, websocket"), &response));
    assert_false(upgrade_granted(TEXT("foo"), &response));
    assert_false(upgrade_granted(TEXT(""), &response));
    response.status = 200;
    assert_false(upgrade_granted(TEXT("websocket"), &response));
    response = (struct http_response){.status = 101};
    assert_false(upgrade_granted(TEXT("websocket"), &response));
}

TESTS({
    CASE(upgrade_asked__takes_websocket_and_others),
    CASE(upgrade_asked__leaves_out_http_2_tls_and_bodies),
    CASE(upgrade_granted__needs_one_of_what_was_asked),
})
