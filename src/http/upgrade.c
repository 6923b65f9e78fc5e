/* SPDX-License-Identifier: Apache-2.0 */
#include "http/upgrade.h"

struct text upgrade_asked(const struct http_request *request)
{
    struct text rest = request->upgrade;
    struct text protocol;

    if (request->framing != HTTP_NO_BODY || request->version != HTTP_1_1) {
        return TEXT("");
    }
    while (http_list_next(&rest, &protocol)) {
        if (text_eq_nocase(protocol, TEXT("h2c")) || text_eq_nocase(protocol, TEXT("h2")) ||
            text_eq_nocase(text_slice(protocol, 0, 4), TEXT("TLS/"))) {
            return TEXT("");
        }
    }
    return request->upgrade;
}

bool upgrade_granted(struct text asked, const struct http_response *response)
{
    struct text protocol;

    if (response->status != 101 || text_is_empty(response->upgrade)) {
        return false;
    }
    while (http_list_next(&asked, &protocol)) {
        if (text_eq_nocase(protocol, response->upgrade)) {
            return true;
        }
    }
    return false;
}

bool upgrade_is_websocket(struct text asked)
{
    return text_eq_nocase(asked, TEXT("websocket"));
}
