/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of this module: Canonical OER (X.696) over covey_reader
 * and covey_writer, and the readers and writers of what is in certificates. */
#ifndef COVEY_ITS_INTERNAL_H
#define COVEY_ITS_INTERNAL_H

#include <covey/its_data.h>

/* A reader that also remembers which rule its input broke, and where. The
 * first failure stays; every read after it gives 0 or an absent span. */
struct oer {
    covey_reader r;
    covey_its_reason reason;
    size_t at; /* the byte the reason is about */
    uint64_t found;
    uint64_t expected;
};

struct oer covey__oer_of(covey_bytes bytes);
bool covey__oer_fine(const struct oer *o);
/* Refuses, unless something was refused before; `at`: the byte. */
void covey__oer_refuse(struct oer *o, covey_status st, covey_its_reason reason,
                       size_t at);
/* The same with what was found and what would have been right. */
void covey__oer_refuse_value(struct oer *o, covey_its_reason reason,
                             uint64_t found, uint64_t expected);
/* The status, and `why` filled if it is not COVEY_OK; `why` may be NULL. */
covey_status covey__oer_verdict(struct oer *o, covey_its_finding *why);
/* As verdict, where nothing may be left. */
covey_status covey__oer_end(struct oer *o, covey_its_finding *why);

uint8_t covey__oer_u8(struct oer *o);
uint16_t covey__oer_u16(struct oer *o);
uint32_t covey__oer_u32(struct oer *o);
uint64_t covey__oer_u64(struct oer *o);
covey_bytes covey__oer_bytes(struct oer *o, size_t n);
/* X.696 Section 8.6: a length determinant. */
size_t covey__oer_length(struct oer *o);
/* OCTET STRING or open type of `min` to `max` bytes. */
covey_bytes covey__oer_octets(struct oer *o, size_t min, size_t max);
/* INTEGER (0..MAX) up to 2^64 - 1, INTEGER up to 32 bits. */
uint64_t covey__oer_unsigned(struct oer *o);
int32_t covey__oer_integer(struct oer *o);
/* How many items a SEQUENCE OF has. */
size_t covey__oer_quantity(struct oer *o, size_t min, size_t max);
/* The number of an alternative, below `count`. */
unsigned covey__oer_choice(struct oer *o, unsigned count);
/* The octet before a SEQUENCE; bits outside `allowed` must be 0. */
unsigned covey__oer_preamble(struct oer *o, unsigned allowed);
/* An open type begins, and ends where it said. */
size_t covey__oer_open(struct oer *o);
void covey__oer_close(struct oer *o, size_t end);
/* Extension additions: the presence bitmap, from its first bit; the open
 * types follow in the input. Up to 32 additions. */
uint32_t covey__oer_bitmap(struct oer *o);
/* What was read since the position `from`. */
covey_bytes covey__oer_since(const struct oer *o, size_t from);

void covey__oer_put_length(covey_writer *w, size_t len);
void covey__oer_put_octets(covey_writer *w, covey_bytes bytes);
void covey__oer_put_unsigned(covey_writer *w, uint64_t v);
void covey__oer_put_integer(covey_writer *w, int32_t v);
void covey__oer_put_u64(covey_writer *w, uint64_t v);
static inline void covey__oer_put_choice(covey_writer *w, unsigned number)
{
    covey_write_u8(w, (uint8_t)(0x80u | number));
}

/* curve.c: points, keys and signatures. */
/* One that can be a key: with both coordinates, or one and a bit. */
covey_its_point covey__its_read_key_point(struct oer *o, size_t coordinate,
                                          size_t at);
covey_its_public covey__its_read_public(struct oer *o);
covey_its_signature covey__its_read_signature(struct oer *o);
void covey__its_put_point(covey_writer *w, const covey_its_point *point);
void covey__its_put_public(covey_writer *w, const covey_its_public *key);
void covey__its_put_signature(covey_writer *w,
                              const covey_its_signature *signature);
/* Bytes of a coordinate: 32 or 48. */
size_t covey__its_coordinate(covey_its_alg alg);
/* The same point compressed; x-only stays. */
covey_its_point covey__its_compressed(const covey_its_point *point);
/* The algorithm of the provider for a hash; 0 for SM3. */
int32_t covey__its_hash_alg(covey_its_hash hash);
size_t covey__its_hash_len(covey_its_hash hash);

/* permission.c: a list, its items checked; the span is without quantity. */
covey_bytes covey__its_read_permissions(struct oer *o);
covey_bytes covey__its_read_groups(struct oer *o, bool issue);
void covey__its_put_permissions(covey_writer *w, covey_bytes list);
void covey__its_put_groups(covey_writer *w, covey_bytes list);

/* region.c */
covey_bytes covey__its_read_region(struct oer *o);
void covey__its_put_region(covey_writer *w, covey_bytes region);

/* certificate.c: *out is written only if all went well. */
bool covey__its_read_cert(struct oer *o, covey_its_cert *out);

/* write.c: the fields of the canonical form. */
covey_its_cert covey__its_canonical(const covey_its_cert *cert);
bool covey__its_tbs_is_canonical(const covey_its_cert *cert);
/* encryptionKey if there is one, and verifyKeyIndicator. */
void covey__its_put_keys(covey_writer *w, const covey_its_cert *c);

/* digest.c: appends the hash. COVEY_E_UNSUPPORTED: SM3. */
covey_status covey__its_hash_bytes(const covey_crypto *crypto,
                                   covey_its_hash alg, covey_bytes bytes,
                                   covey_writer *out);

/* within.c */
enum its_within {
    ITS_INSIDE,
    ITS_OUTSIDE,
    ITS_UNDECIDED /* two kinds that cannot be compared without a map */
};
/* An absent region is everywhere. */
enum its_within covey__its_within(covey_bytes inner, covey_bytes outer);
enum its_within covey__its_contains(covey_bytes region, int32_t lat,
                                    int32_t lon);

/* grant.c, rules.c: COVEY_ITS_FINE, or why the issuer could not issue this;
 * found, expected and entry of `why` are set then. No cryptography. */
covey_its_reason covey__its_check_grants(const covey_its_cert *subject,
                                         const covey_its_cert *issuer,
                                         covey_its_finding *why);
covey_its_reason covey__its_check_pair(const covey_its_cert *subject,
                                       const covey_its_cert *issuer,
                                       covey_bytes issuer_region,
                                       covey_its_finding *why);
/* Valid at this Time32. */
covey_its_reason covey__its_check_time(const covey_its_cert *cert,
                                       uint32_t now, covey_its_finding *why);

/* keys.c: the provider's view of keys and signatures. COVEY_E_RANGE: a point
 * that is none. */
covey_status covey__its_import(covey_key *out, const covey_its_public *from,
                               const covey_crypto *crypto);
/* COVEY_E_AUTH: wrong. `input`: both hashes. */
covey_status covey__its_verify(covey_key *key,
                               const covey_its_signature *signature,
                               covey_bytes input, const covey_crypto *crypto);
/* The key of an implicit certificate (SEC 4 Section 2.5). */
covey_status covey__its_reconstruct(covey_key *out, const covey_its_cert *cert,
                                    const covey_its_digest *issuer,
                                    const covey_key *issuer_key,
                                    const covey_crypto *crypto);

/* store.c: a copy of the certificate in a free slot, without key; NULL if
 * there is no room. `now`: Time32, 0 keeps what has expired. */
covey_its_known *covey__its_store_slot(covey_its_store *store,
                                       covey_bytes bytes, uint32_t now,
                                       const covey_crypto *crypto);

/* crl.c */
/* R_REVOKED: on a list that is about this certificate. R_LIST_OLD: on none,
 * but the newest of them should have been followed by another. */
covey_its_reason covey__its_check_lists(const covey_its_store *store,
                                        const covey_its_cert *cert,
                                        const covey_its_digest *digest,
                                        uint32_t now, covey_its_finding *why);

#endif
