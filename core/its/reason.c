/* SPDX-License-Identifier: BSD-2-Clause */
/* Each reason for a refusal in words, and where the rule stands. Clauses are
 * those of IEEE 1609.2-2022 if no other document is named. */
#include <covey/its.h>

/* clang-format off */
static const struct row {
    const char *clause;
    const char *text;
} rows[COVEY_ITS_REASON_COUNT] = {
    [COVEY_ITS_FINE]           = { "-", "nothing to object" },
    [COVEY_ITS_R_SHORT]        = { "X.696 8", "ends too early" },
    [COVEY_ITS_R_TRAILING]     = { "X.696 8", "bytes after the end" },
    [COVEY_ITS_R_CANONICAL]    = { "X.696 7", "not the canonical encoding" },
    [COVEY_ITS_R_VERSION]      = { "6.4.3", "another version" },
    [COVEY_ITS_R_CHOICE]       = { "6.4.1", "a critical choice that is not "
                                            "known" },
    [COVEY_ITS_R_VALUE]        = { "6.4.1", "a value outside its range" },
    [COVEY_ITS_R_QUANTITY]     = { "6.4.1", "too many or too few items" },
    [COVEY_ITS_R_LENGTH]       = { "6.4.1", "another length" },
    [COVEY_ITS_R_DEPTH]        = { "6.3.7", "data within data, too deep" },
    [COVEY_ITS_R_SM]           = { "6.3.29", "SM2 and SM3 are not computed "
                                             "here" },
    [COVEY_ITS_R_POINT]        = { "6.3.23", "a curve point in a form that is "
                                             "not allowed here" },
    [COVEY_ITS_R_TYPE]         = { "6.4.5", "signature or key does not go "
                                            "with the certificate's type" },
    [COVEY_ITS_R_NO_PERMISSIONS] = { "6.4.8", "no permissions of any kind" },
    [COVEY_ITS_R_PSID_TWICE]   = { "6.4.8", "a PSID twice" },
    [COVEY_ITS_R_CHAIN_ZERO]   = { "6.4.30", "minChainLength 0 where "
                                             "certificates are issued" },
    [COVEY_ITS_R_ALL_TWICE]    = { "6.4.8", "two entries for all other "
                                            "PSIDs" },
    [COVEY_ITS_R_REGION]       = { "6.4.17", "a region that is none" },
    [COVEY_ITS_R_SSP_MASK]     = { "6.4.34", "value and mask of an SSP differ "
                                             "in length" },
    [COVEY_ITS_R_CONTENT]      = { "6.3.2", "not signed data" },
    [COVEY_ITS_R_ISSUER_MISSING] = { "5.1.2.2", "the issuer is not known" },
    [COVEY_ITS_R_NOT_ANCHOR]   = { "5.1.2.2", "self-signed, and no trust "
                                              "anchor" },
    [COVEY_ITS_R_CHAIN_LONG]   = { "5.1.2.2", "too many certificates up to an "
                                              "anchor" },
    [COVEY_ITS_R_WORK]         = { "5.1.2.2", "more signatures than may be "
                                              "verified for one peer" },
    [COVEY_ITS_R_TIME_UNKNOWN] = { "5.2.4", "the time is not known" },
    [COVEY_ITS_R_NOT_YET]      = { "6.4.14", "not valid yet" },
    [COVEY_ITS_R_EXPIRED]      = { "6.4.14", "not valid any more" },
    [COVEY_ITS_R_VALIDITY]     = { "5.1.2.4", "validity beyond its issuer's" },
    [COVEY_ITS_R_REGION_OUTSIDE] = { "5.1.2.4", "region beyond its issuer's" },
    [COVEY_ITS_R_REGION_KIND]  = { "5.1.2.4", "region of another kind than "
                                              "its issuer's" },
    [COVEY_ITS_R_PSID]         = { "5.1.2.4", "the issuer may not grant this "
                                              "PSID" },
    [COVEY_ITS_R_SSP]          = { "5.1.2.4", "the issuer may not grant this "
                                              "SSP" },
    [COVEY_ITS_R_EE_TYPE]      = { "6.4.31", "the issuer may not grant this "
                                             "to this type of end entity" },
    [COVEY_ITS_R_CHAIN_LENGTH] = { "6.4.30", "another chain length than the "
                                             "issuer may grant" },
    [COVEY_ITS_R_ISSUES]       = { "5.1.2.4", "the issuer may not issue" },
    [COVEY_ITS_R_HASH]         = { "5.3.1", "a hash that does not go with the "
                                            "signer's key" },
    [COVEY_ITS_R_CURVE]        = { "5.3.1", "a signature of another curve "
                                            "than the signer's key" },
    [COVEY_ITS_R_KEY]          = { "6.3.23", "a point that is not on the "
                                             "curve" },
    [COVEY_ITS_R_SIGNATURE]    = { "5.3.1", "the signature is wrong" },
    [COVEY_ITS_R_REVOKED]      = { "5.1.3", "revoked" },
    [COVEY_ITS_R_IMPLICIT_ROOT] = { "6.4.5", "implicit, but without issuer" },
    [COVEY_ITS_R_PRIVATE]      = { "5.3.1", "the private key is another "
                                            "certificate's" },
    [COVEY_ITS_R_SIGNER]       = { "5.2.3", "signed by another certificate" },
    [COVEY_ITS_R_SIGNER_SELF]  = { "5.2.3", "not signed with a certificate" },
    [COVEY_ITS_R_PSID_EXPECTED] = { "5.2.3", "another PSID than expected" },
    [COVEY_ITS_R_PSID_APP]     = { "5.2.3", "the signer may not sign with "
                                            "this PSID" },
    [COVEY_ITS_R_PDU_ABSENT]   = { "RFC 8902 7.5", "no pduFunctionalType" },
    [COVEY_ITS_R_PDU_TYPE]     = { "RFC 8902 7.5", "another pduFunctionalType "
                                                   "than asked for" },
    [COVEY_ITS_R_NO_TIME]      = { "RFC 8902 5", "no generationTime" },
    [COVEY_ITS_R_TIME_SIGNER]  = { "5.2.4", "generated outside the signer's "
                                            "validity" },
    [COVEY_ITS_R_TIME_WINDOW]  = { "5.2.4", "generated too long ago or in "
                                            "future" },
    [COVEY_ITS_R_DATA_EXPIRED] = { "5.2.4", "the data has expired" },
    [COVEY_ITS_R_LOCATION]     = { "5.2.4", "generated outside the signer's "
                                            "region" },
    [COVEY_ITS_R_PAYLOAD]      = { "6.3.7", "signs other data" },
    [COVEY_ITS_R_HEADER]       = { "RFC 8902 5", "a header field that may not "
                                                 "be there" },
    [COVEY_ITS_R_LIST_KIND]    = { "7.3", "a list of a kind that is not read "
                                          "here" },
    [COVEY_ITS_R_LIST_OLD]     = { "7.3", "there must be a newer list" },
    [COVEY_ITS_R_LIST_SIGNER]  = { "7.4", "the signer may not sign this "
                                          "list" },
    [COVEY_ITS_R_LIST_ENTRY]   = { "TS 102 941 6.3", "an entry that this kind "
                                                     "of list has not" },
};
/* clang-format on */

static const struct row *row_of(covey_its_reason reason)
{
    static const struct row unknown = { "-", "unknown reason" };

    return (unsigned)reason < COVEY_ITS_REASON_COUNT ? &rows[reason]
                                                     : &unknown;
}

const char *covey_its_reason_text(covey_its_reason reason)
{
    return row_of(reason)->text;
}

const char *covey_its_reason_clause(covey_its_reason reason)
{
    return row_of(reason)->clause;
}
