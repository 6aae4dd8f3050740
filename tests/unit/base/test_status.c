/* SPDX-License-Identifier: BSD-2-Clause */
#include "kit.h"

#include <ctype.h>

static const covey_status all[] = {
    COVEY_OK,          COVEY_E_SHORT,       COVEY_E_FORMAT,
    COVEY_E_RANGE,     COVEY_E_UNSUPPORTED, COVEY_E_ROOM,
    COVEY_E_RULE,      COVEY_E_NO_RULE,     COVEY_E_ARGUMENT,
    COVEY_E_AUTH,      COVEY_E_CRYPTO,      COVEY_E_NOT_STORED,
    COVEY_E_EXHAUSTED, COVEY_E_NO_CONTEXT,  COVEY_E_STATE,
};

static bool is_known(int value)
{
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        if ((int)all[i] == value) {
            return true;
        }
    }
    return false;
}

static void spells_every_status_as_its_enumerator(void **state)
{
    (void)state;
    assert_string_equal(covey_status_name(COVEY_OK), "OK");
    assert_string_equal(covey_status_name(COVEY_E_SHORT), "E_SHORT");
    assert_string_equal(covey_status_name(COVEY_E_FORMAT), "E_FORMAT");
    assert_string_equal(covey_status_name(COVEY_E_RANGE), "E_RANGE");
    assert_string_equal(covey_status_name(COVEY_E_UNSUPPORTED),
                        "E_UNSUPPORTED");
    assert_string_equal(covey_status_name(COVEY_E_ROOM), "E_ROOM");
    assert_string_equal(covey_status_name(COVEY_E_RULE), "E_RULE");
    assert_string_equal(covey_status_name(COVEY_E_NO_RULE), "E_NO_RULE");
    assert_string_equal(covey_status_name(COVEY_E_ARGUMENT), "E_ARGUMENT");
    assert_string_equal(covey_status_name(COVEY_E_AUTH), "E_AUTH");
    assert_string_equal(covey_status_name(COVEY_E_CRYPTO), "E_CRYPTO");
    assert_string_equal(covey_status_name(COVEY_E_NOT_STORED), "E_NOT_STORED");
    assert_string_equal(covey_status_name(COVEY_E_EXHAUSTED), "E_EXHAUSTED");
}

/* A message is "<name>: <text>", so a text has neither capital nor stop. */
static void gives_every_status_a_text_of_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        const char *text = covey_status_text(all[i]);
        size_t len = strlen(text);
        assert_true(len > 0 && islower((unsigned char)text[0]));
        assert_int_not_equal(text[len - 1], '.');
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(text, covey_status_text(all[k]));
        }
    }
}

static void names_no_other_value(void **state)
{
    (void)state;
    for (int value = -300; value <= 300; value++) {
        const char *name = covey_status_name((covey_status)value);
        const char *text = covey_status_text((covey_status)value);
        if (is_known(value)) {
            assert_string_not_equal(name, "E_UNKNOWN");
        } else {
            assert_string_equal(name, "E_UNKNOWN");
            assert_string_equal(text, "unknown status");
        }
    }
}

static void puts_every_status_into_its_class(void **state)
{
    (void)state;
    assert_int_equal(covey_status_class_of(COVEY_OK), COVEY_CLASS_OK);
    assert_int_equal(covey_status_class_of(COVEY_E_SHORT), COVEY_CLASS_WIRE);
    assert_int_equal(covey_status_class_of(COVEY_E_FORMAT), COVEY_CLASS_WIRE);
    assert_int_equal(covey_status_class_of(COVEY_E_RANGE), COVEY_CLASS_WIRE);
    assert_int_equal(covey_status_class_of(COVEY_E_UNSUPPORTED),
                     COVEY_CLASS_WIRE);
    assert_int_equal(covey_status_class_of(COVEY_E_ROOM), COVEY_CLASS_ROOM);
    assert_int_equal(covey_status_class_of(COVEY_E_RULE), COVEY_CLASS_STATE);
    assert_int_equal(covey_status_class_of(COVEY_E_NO_RULE),
                     COVEY_CLASS_STATE);
    assert_int_equal(covey_status_class_of(COVEY_E_ARGUMENT),
                     COVEY_CLASS_STATE);
    assert_int_equal(covey_status_class_of(COVEY_E_AUTH), COVEY_CLASS_SEC);
    assert_int_equal(covey_status_class_of(COVEY_E_CRYPTO), COVEY_CLASS_HOST);
    assert_int_equal(covey_status_class_of(COVEY_E_NOT_STORED),
                     COVEY_CLASS_STATE);
    assert_int_equal(covey_status_class_of(COVEY_E_EXHAUSTED),
                     COVEY_CLASS_STATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spells_every_status_as_its_enumerator),
        cmocka_unit_test(gives_every_status_a_text_of_its_own),
        cmocka_unit_test(names_no_other_value),
        cmocka_unit_test(puts_every_status_into_its_class),
    };

    return KIT_RUN(tests);
}
