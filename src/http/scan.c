/* SPDX-License-Identifier: Apache-2.0 */
#include "http/scan.h"

#define DIGITS  (SCAN_TCHAR | SCAN_TARGET | SCAN_HOST | SCAN_DIGIT | SCAN_HEX | SCAN_ALNUM)
#define HEXES   (SCAN_TCHAR | SCAN_TARGET | SCAN_HOST | SCAN_HEX | SCAN_ALNUM)
#define LETTERS (SCAN_TCHAR | SCAN_TARGET | SCAN_HOST | SCAN_ALNUM)
#define TOKEN   (SCAN_TCHAR | SCAN_TARGET)
#define ANY     (SCAN_TCHAR | SCAN_TARGET | SCAN_HOST)

const uint8_t scan_class[256] = {
    [0x00 ... 0x1f] = SCAN_CONTROL,
    [0x7f] = SCAN_CONTROL,
    ['0' ... '9'] = DIGITS,
    ['A' ... 'F'] = HEXES,
    ['a' ... 'f'] = HEXES,
    ['G' ... 'Z'] = LETTERS,
    ['g' ... 'z'] = LETTERS,
    ['!'] = ANY,
    ['$'] = ANY,
    ['%'] = ANY,
    ['&'] = ANY,
    ['\''] = ANY,
    ['*'] = ANY,
    ['+'] = ANY,
    ['-'] = ANY,
    ['.'] = ANY,
    ['_'] = ANY,
    ['~'] = ANY,
    ['^'] = TOKEN,
    ['`'] = TOKEN,
    ['|'] = TOKEN,
    ['#'] = SCAN_TCHAR,
    ['('] = SCAN_TARGET | SCAN_HOST,
    [')'] = SCAN_TARGET | SCAN_HOST,
    [','] = SCAN_TARGET | SCAN_HOST,
    [':'] = SCAN_TARGET | SCAN_HOST,
    [';'] = SCAN_TARGET | SCAN_HOST,
    ['='] = SCAN_TARGET | SCAN_HOST,
    ['['] = SCAN_TARGET | SCAN_HOST,
    [']'] = SCAN_TARGET | SCAN_HOST,
    ['"'] = SCAN_TARGET,
    ['/'] = SCAN_TARGET,
    ['<'] = SCAN_TARGET,
    ['>'] = SCAN_TARGET,
    ['?'] = SCAN_TARGET,
    ['@'] = SCAN_TARGET,
    ['\\'] = SCAN_TARGET,
    ['{'] = SCAN_TARGET,
    ['}'] = SCAN_TARGET,
    [0x80 ... 0xff] = SCAN_TARGET,
};
