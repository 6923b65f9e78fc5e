/* SPDX-License-Identifier: Apache-2.0 */
/* notify: tells the service manager how we are, if there is one ($NOTIFY_SOCKET). sd_notify(3): one
 * datagram. */
#pragma once

void notify_manager(const char *state); /* "READY=1", "STOPPING=1" */
