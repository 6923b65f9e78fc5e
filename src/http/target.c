/* SPDX-License-Identifier: Apache-2.0 */
#include "http/target.h"

#include "http/scan.h"

void target_split(struct http_request *out, struct text target)
{
    const size_t len = text_find(target, '?');

    out->path = text_slice(target, 0, len);
    if (len < target.len) {
        out->query = text_slice(target, len + 1, target.len);
    }
}

bool target_is_authority(struct text authority)
{
    const char *at = authority.at;
    const char *end = at + authority.len;
    const char *host_end;

    if (authority.len == 0) {
        return true;
    }
    if (*at == '[') {
        host_end = scan_span(at + 1, end, SCAN_HEX);
        while (host_end < end && (*host_end == ':' || *host_end == '.')) {
            host_end = scan_span(host_end + 1, end, SCAN_HEX);
        }
        if (host_end == end || *host_end++ != ']') {
            return false;
        }
    } else {
        for (host_end = at; host_end < end && *host_end != ':'; host_end++) {
            if (!scan_is(*host_end, SCAN_HOST) || *host_end == '[' || *host_end == ']') {
                return false;
            }
        }
        if (host_end == at) {
            return false;
        }
    }
    if (host_end == end) {
        return true;
    }
    return *host_end == ':' && scan_span(host_end + 1, end, SCAN_DIGIT) == end &&
           end - host_end <= 6;
}
