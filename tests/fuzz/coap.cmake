# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(coap_message)
covey_fuzz(coap_stream)
covey_fuzz(coap_options)
covey_fuzz(coap_uri)
covey_fuzz(link_filter)

# The notations of covey-coap(1), in front of the program's own sources.
covey_fuzz(coap_notation covey_text PkgConfig::JANSSON)
target_sources(fuzz_coap_notation PRIVATE
    ${PROJECT_SOURCE_DIR}/apps/covey/coap_draft.c
    ${PROJECT_SOURCE_DIR}/apps/covey/coap_fault.c
    ${PROJECT_SOURCE_DIR}/apps/covey/coap_json.c
    ${PROJECT_SOURCE_DIR}/apps/covey/coap_json_in.c
    ${PROJECT_SOURCE_DIR}/apps/covey/coap_option.c
    ${PROJECT_SOURCE_DIR}/apps/covey/coap_text.c
    ${PROJECT_SOURCE_DIR}/apps/covey/coap_text_in.c
    ${PROJECT_SOURCE_DIR}/apps/covey/coap_value.c)
target_include_directories(fuzz_coap_notation PRIVATE
    ${PROJECT_SOURCE_DIR}/apps/covey)
target_compile_definitions(fuzz_coap_notation PRIVATE
    _POSIX_C_SOURCE=200809L)
