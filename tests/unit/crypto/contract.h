/* SPDX-License-Identifier: BSD-2-Clause */
/* What covey/crypto.h promises, tested on any provider: lengths, refusals,
 * handles, in place, every flipped bit. Values are not looked at here. */
#ifndef CONTRACT_H
#define CONTRACT_H

#include "kit.h"

#include <covey/crypto.h>

/* The provider under test, set by the program before the tests run. */
extern covey_crypto crypto;
/* How many of contract_keys.c's curves it has. */
extern size_t contract_curves;

/* contract_cipher.c */
void opens_what_it_sealed_at_many_lengths(void **state);
void seals_and_opens_in_place(void **state);
void refuses_every_flipped_bit(void **state);
void refuses_what_is_shorter_than_a_tag(void **state);
void uses_one_key_for_many_messages_both_ways(void **state);
void goes_on_after_a_forgery(void **state);
void refuses_keys_of_wrong_length(void **state);
void refuses_nonces_of_wrong_length(void **state);
void refuses_aad_with_ctr(void **state);
void refuses_more_than_ccm_can_count(void **state);
void refuses_to_seal_without_room(void **state);
void encrypts_with_algorithms_for_encryption_only(void **state);

/* contract_hash.c */
void hashes_the_same_in_any_pieces(void **state);
void hashes_on_after_cloning(void **state);
void refuses_empty_and_finished_hashes(void **state);
void refuses_other_hashes_and_macs(void **state);
void expands_as_much_as_was_asked_for(void **state);
void derives_as_extract_and_expand(void **state);
void refuses_to_derive_too_much_or_nothing(void **state);
void fills_with_random_bytes(void **state);

/* contract_keys.c */
void verifies_what_it_signed(void **state);
void refuses_every_flipped_bit_of_a_signature(void **state);
void refuses_signatures_of_wrong_length(void **state);
void refuses_keys_of_another_algorithm(void **state);
void refuses_algorithms_it_has_not(void **state);
void refuses_private_keys_of_wrong_length(void **state);
void refuses_public_keys_of_wrong_shape(void **state);
void gives_back_the_public_key(void **state);
void agrees_from_both_sides(void **state);
void refuses_to_agree_across_curves(void **state);
void refuses_the_empty_handle(void **state);
void refuses_to_write_without_room(void **state);

/* contract_ecqv.c */
void reconstructs_two_halves_of_one_key(void **state);
void refuses_to_reconstruct_without_point_or_scalar(void **state);

/* clang-format off */
#define CONTRACT_TESTS                                                        \
    cmocka_unit_test(opens_what_it_sealed_at_many_lengths),                   \
    cmocka_unit_test(seals_and_opens_in_place),                               \
    cmocka_unit_test(refuses_every_flipped_bit),                              \
    cmocka_unit_test(refuses_what_is_shorter_than_a_tag),                     \
    cmocka_unit_test(uses_one_key_for_many_messages_both_ways),               \
    cmocka_unit_test(goes_on_after_a_forgery),                                \
    cmocka_unit_test(refuses_keys_of_wrong_length),                           \
    cmocka_unit_test(refuses_nonces_of_wrong_length),                         \
    cmocka_unit_test(refuses_aad_with_ctr),                                   \
    cmocka_unit_test(refuses_more_than_ccm_can_count),                        \
    cmocka_unit_test(refuses_to_seal_without_room),                           \
    cmocka_unit_test(encrypts_with_algorithms_for_encryption_only),           \
    cmocka_unit_test(hashes_the_same_in_any_pieces),                          \
    cmocka_unit_test(hashes_on_after_cloning),                                \
    cmocka_unit_test(refuses_empty_and_finished_hashes),                      \
    cmocka_unit_test(refuses_other_hashes_and_macs),                          \
    cmocka_unit_test(expands_as_much_as_was_asked_for),                       \
    cmocka_unit_test(derives_as_extract_and_expand),                          \
    cmocka_unit_test(refuses_to_derive_too_much_or_nothing),                  \
    cmocka_unit_test(fills_with_random_bytes),                                \
    cmocka_unit_test(verifies_what_it_signed),                                \
    cmocka_unit_test(refuses_every_flipped_bit_of_a_signature),               \
    cmocka_unit_test(refuses_signatures_of_wrong_length),                     \
    cmocka_unit_test(refuses_keys_of_another_algorithm),                      \
    cmocka_unit_test(refuses_algorithms_it_has_not),                          \
    cmocka_unit_test(refuses_private_keys_of_wrong_length),                   \
    cmocka_unit_test(refuses_public_keys_of_wrong_shape),                     \
    cmocka_unit_test(gives_back_the_public_key),                              \
    cmocka_unit_test(agrees_from_both_sides),                                 \
    cmocka_unit_test(refuses_to_agree_across_curves),                         \
    cmocka_unit_test(refuses_the_empty_handle),                               \
    cmocka_unit_test(refuses_to_write_without_room),                          \
    cmocka_unit_test(reconstructs_two_halves_of_one_key),                     \
    cmocka_unit_test(refuses_to_reconstruct_without_point_or_scalar)
/* clang-format on */

#endif
