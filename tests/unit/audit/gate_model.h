/* SPDX-License-Identifier: BSD-2-Clause */
/* The gate once more, as slowly and plainly as it can be said: one bit at a
 * time, every document on its own. */
#ifndef COVEY_TEST_GATE_MODEL_H
#define COVEY_TEST_GATE_MODEL_H

#include <covey/audit.h>

enum {
    MODEL_CLAUSES = 4,
    MODEL_WINDOWS = 2,
    MODEL_DOCUMENTS = 2
};

/* A document before its clauses are made ready. */
typedef struct model_document {
    covey_audit_range scope[MODEL_CLAUSES];
    size_t scope_count;
    covey_audit_range exclude[MODEL_CLAUSES];
    size_t exclude_count;
    covey_audit_window windows[MODEL_WINDOWS];
    size_t window_count;
    uint32_t techniques;
    covey_audit_mode mode;
    covey_audit_limits limits;
} model_document;

typedef struct model_mandate {
    model_document documents[MODEL_DOCUMENTS];
    size_t count;
    bool withdrawn;
    /* for the gate */
    covey_audit_clause scope[MODEL_DOCUMENTS][MODEL_CLAUSES];
    covey_audit_clause exclude[MODEL_DOCUMENTS][MODEL_CLAUSES];
    covey_audit_document ready[MODEL_DOCUMENTS];
    covey_audit_mandate mandate;
} model_mandate;

/* Makes m->mandate; clauses that are refused are left out of both. */
void model_prepare(model_mandate *m);

bool model_allows(const model_mandate *m, const covey_audit_act *act,
                  const covey_time *now, const covey_audit_counters *done);

#endif
