/* SPDX-License-Identifier: BSD-2-Clause */
/* Orders for covey-fence, which has rights that who writes them has not. What
 * is accepted is complete, one host, and permits that touch nowhere; the rules
 * made of it have no character that was not ours; what is refused is explained
 * in one line. */
#include <apps/covey-fence/order.h>
#include <apps/covey-fence/rules.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static void check_permits(const fence_order *o)
{
    for (uint32_t i = 1; i < o->permit_count; i++) {
        const order_permit *a = &o->permits[i - 1];
        const order_permit *b = &o->permits[i];
        check(a->protocol < b->protocol ||
              (a->protocol == b->protocol && a->last + 1 < b->first));
    }
}

static void check_rules(const fence_order *o)
{
    static const fence_route route = { .device = "eth0" };
    static const rules_names names = { "cvf1", "covey_fence_1" };
    fence_route r = route;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    check(out != NULL);
    r.source = o->sources[0];
    r.hop = o->target;
    rules_print(out, o, &r, &names);
    check(fclose(out) == 0);
    check(strspn(text, "abcdefghijklmnopqrstuvwxyz_0123456789ABCDEF"
                       " \n\"{},;.:/@&!=-") == len);
    check(strstr(text, "policy drop") != NULL);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fence_order o;
    char *text = NULL;
    size_t len = 0;
    FILE *messages = open_memstream(&text, &len);

    check(messages != NULL);
    const bool good = order_read(covey_bytes_of(data, size), &o, messages);
    check(fclose(messages) == 0);
    check(good == (len == 0));
    if (good) {
        check(order_is_complete(covey_bytes_of(data, size)));
        check(o.permit_count > 0 && o.source_count > 0 && o.budget > 0);
        check_permits(&o);
        check_rules(&o);
    } else {
        check(memchr(text, '\n', len) == text + len - 1);
    }
    free(text);
    return 0;
}
