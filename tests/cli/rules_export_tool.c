/* SPDX-License-Identifier: BSD-2-Clause */
/* rules_export_tool c|json FILE OUT: writes the rules of FILE to OUT, as C
 * with the symbol exported_rules, or as JSON. No profile is applied. Built
 * with EXPORTED it is linked with such C and takes no file: json OUT writes
 * the tables that were compiled in, so that both can be compared. */
#include <rules.h>

#include <string.h>

static bool write_rules(const char *form, const covey_schc_rules *rules,
                        const char *path)
{
    FILE *out = fopen(path, "w");
    bool good;

    if (out == NULL) {
        perror(path);
        return false;
    }
    good = strcmp(form, "c") == 0
               ? rules_export_c(rules, "exported_rules", out)
               : rules_export_json(rules, COVEY_SCHC_PROFILE_SEED, out);
    return fclose(out) == 0 && good;
}

#ifdef EXPORTED
extern const covey_schc_rules exported_rules;

int main(int argc, char **argv)
{
    return argc == 3 && write_rules(argv[1], &exported_rules, argv[2]) ? 0 : 1;
}
#else
int main(int argc, char **argv)
{
    rules_options options = rules_default_options();
    rules_report report = { NULL, 0, 0 };
    rules_file *file;
    bool good;

    if (argc != 4) {
        return 1;
    }
    options.check_profile = false;
    file = rules_load(argv[2], &options, &report);
    if (file == NULL) {
        rules_report_print(&report, argv[2], stderr);
    }
    good = file != NULL && write_rules(argv[1], rules_get(file), argv[3]);
    rules_report_free(&report);
    rules_free(file);
    return good ? 0 : 1;
}
#endif
