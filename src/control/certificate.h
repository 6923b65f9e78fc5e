/* SPDX-License-Identifier: Apache-2.0 */
/* certificate: certificates that listeners use: imported into ACM, or uploaded to IAM. Both lie in
 * one table; they differ in names and words.
 *
 * Sources  AWS ACM, "Prerequisites for importing certificates"; AWS IAM, UploadServerCertificate;
 *          AWS ALB, "SSL certificates": keys that a listener takes. */
#pragma once
#include "control/control.h"
#include "crypto/x509.h"
#include "store/certificate.h"

struct certificate_material { /* PEM; the chain may be empty */
    struct text body, chain, key;
};

/* New under a fresh ARN, or, when `arn` is given, in the place of that one: listeners go on with
 * it. Refuses with ValidationException, ResourceNotFoundException. */
MUST_USE enum rc certificate_import(struct turn *turn, struct text arn,
                                    const struct certificate_material *material,
                                    struct certificate_row *out);
/* Refuses with MalformedCertificate, KeyPairMismatch, EntityAlreadyExists. An empty path is "/". */
MUST_USE enum rc certificate_upload(struct turn *turn, struct text name, struct text path,
                                    const struct certificate_material *material,
                                    struct certificate_row *out);
/* An IAM certificate's new name or path; an empty one stays. Its ARN changes with it, so it is
 * refused while a listener uses it (DeleteConflict). */
MUST_USE enum rc certificate_rename(struct turn *turn, struct text name, struct text new_name,
                                    struct text new_path);

/* Of ACM: ResourceNotFoundException; in use: ResourceInUseException. */
MUST_USE enum rc certificate_get_acm(struct turn *turn, struct text arn,
                                     struct certificate_row *out);
MUST_USE enum rc certificate_delete_acm(struct turn *turn, struct text arn);
/* Of IAM, by name: NoSuchEntity; in use: DeleteConflict. */
MUST_USE enum rc certificate_get_iam(struct turn *turn, struct text name,
                                     struct certificate_row *out);
MUST_USE enum rc certificate_delete_iam(struct turn *turn, struct text name);

/* For listeners: CertificateNotFound, or UnsupportedCertificate for keys that ALB does not take. */
MUST_USE enum rc certificate_for_listener(struct turn *turn, struct text arn);
