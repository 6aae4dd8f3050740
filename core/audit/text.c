/* SPDX-License-Identifier: BSD-2-Clause */
/* Names and words of the gate's reasons. */
#include <covey/audit.h>

typedef struct reason_row {
    const char *name;
    const char *text;
} reason_row;

/* clang-format off */
static const reason_row reasons[COVEY_AUDIT_REASONS] = {
    [COVEY_AUDIT_ALLOWED] =
        { "ALLOWED", "the mandate covers it" },
    [COVEY_AUDIT_NO_MANDATE] =
        { "NO_MANDATE", "there is no valid mandate" },
    [COVEY_AUDIT_WITHDRAWN] =
        { "WITHDRAWN", "the mandate was withdrawn" },
    [COVEY_AUDIT_NOT_EXPRESSIBLE] =
        { "NOT_EXPRESSIBLE", "not an act that an audit can do" },
    [COVEY_AUDIT_NO_RIGHT] =
        { "NO_RIGHT", "the technique is not in the mandate" },
    [COVEY_AUDIT_WRONG_MODE] =
        { "WRONG_MODE", "needs the mode with a user's account" },
    [COVEY_AUDIT_NO_TIME] =
        { "NO_TIME", "the time of day is not known" },
    [COVEY_AUDIT_TOO_EARLY] =
        { "TOO_EARLY", "the window has not begun" },
    [COVEY_AUDIT_EXPIRED] =
        { "EXPIRED", "the window is over" },
    [COVEY_AUDIT_TOO_LONG] =
        { "TOO_LONG", "would not end within the window" },
    [COVEY_AUDIT_EXCLUDED] =
        { "EXCLUDED", "the target is excluded" },
    [COVEY_AUDIT_OUT_OF_SCOPE] =
        { "OUT_OF_SCOPE", "the address is in no clause of the scope" },
    [COVEY_AUDIT_WRONG_PROTOCOL] =
        { "WRONG_PROTOCOL", "no clause has this protocol for the address" },
    [COVEY_AUDIT_WRONG_PORT] =
        { "WRONG_PORT", "no clause has this port for the address" },
    [COVEY_AUDIT_WRONG_KIND] =
        { "WRONG_KIND", "a group where one host is asked, or the reverse" },
    [COVEY_AUDIT_STAGE_ORDER] =
        { "STAGE_ORDER", "an earlier stage has not been finished" },
    [COVEY_AUDIT_SILENT] =
        { "SILENT", "the target has stopped to answer" },
    [COVEY_AUDIT_BUDGET] =
        { "BUDGET", "more packets than the target may get" },
    [COVEY_AUDIT_PARALLEL] =
        { "PARALLEL", "too many acts at a time" },
};
/* clang-format on */

const char *covey_audit_reason_name(covey_audit_reason reason)
{
    return (unsigned)reason < COVEY_AUDIT_REASONS ? reasons[reason].name
                                                  : "UNKNOWN";
}

const char *covey_audit_reason_text(covey_audit_reason reason)
{
    return (unsigned)reason < COVEY_AUDIT_REASONS ? reasons[reason].text
                                                  : "unknown reason";
}
