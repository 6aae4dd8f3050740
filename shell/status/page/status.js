// SPDX-License-Identifier: BSD-2-Clause
// Shows what api/status.json says, anew whenever an event comes, and every
// few seconds for what changes without one. Everything becomes text, never
// markup.
"use strict";

const POLL_MS = 5000;
const EVENTS = 60;
const REFUSED = 12;
const REQUESTS = 8;
const FRESH_S = 3; // an answer that is this young is drawn so

const byId = (id) => document.getElementById(id);

function put(id, text) {
    byId(id).textContent = text;
}

function element(name, text, className) {
    const e = document.createElement(name);
    e.textContent = text === undefined ? "" : String(text);
    if (className) {
        e.className = className;
    }
    return e;
}

// A cell is a text, [text, class], or an element.
function row(cells) {
    const tr = document.createElement("tr");
    for (const cell of cells) {
        if (cell instanceof Node) {
            const td = element("td");
            td.append(cell);
            tr.append(td);
        } else {
            tr.append(element("td", ...[cell].flat()));
        }
    }
    return tr;
}

function fill(id, rows) {
    byId(id).replaceChildren(...rows);
    const part = byId(id + "-part");
    if (part) {
        part.hidden = rows.length === 0;
    }
}

function chips(list) {
    const div = element("div", "", "chips");
    div.append(...list.map(([text, className, title]) => {
        const chip = element("span", text, "chip " + (className || ""));
        if (title) {
            chip.title = title;
        }
        return chip;
    }));
    return div;
}

function meter(part, text) {
    const div = element("span", "", "number");
    const bar = element("span", "", "meter");
    const inner = element("span");
    inner.style.width = `${Math.round(100 * part)}%`;
    bar.append(inner);
    div.append(bar, text);
    return div;
}

const time = (unix) => new Date(unix * 1000).toLocaleTimeString();

function span(seconds) {
    const s = Math.max(0, Math.round(seconds));
    const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
    const [size, unit] = parts.find(([n]) => s >= n) || [1, "s"];
    return `${Math.floor(s / size)} ${unit}`;
}

const took = (ms) => ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;

const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

const list = (what) => what || [];

// --- figures ---

function sum(status, name) {
    const all = list(status.figures).filter((f) => f.name === name);
    return all.length ? all.reduce((n, f) => n + f.value, 0) : undefined;
}

function saved(link) {
    const all = (what) => link.sent[what] + link.received[what];
    const without = link.sent ? all("message_bytes") : 0;
    return without ? { without, bytes: all("packet_bytes"),
                       part: 1 - all("packet_bytes") / without } : null;
}

const percent = (part) => (part * 100).toFixed(1) + " %";

// --- who is beside the daemon ---

let chosen = 0; // of several groups

function theGroup(status) {
    const groups = list(status.groups);
    return groups[chosen < groups.length ? chosen : 0];
}

const byName = (a, b) => a.name.localeCompare(b.name, undefined,
                                              { numeric: true });

function linkNodes(status) {
    return list(status.links).map((link) => {
        const s = saved(link);
        return {
            name: link.address,
            detail: plural(link.messages, "message") + (link.sent
                ? s ? `, SCHC saves ${percent(s.part)}` : ", SCHC" : ""),
            className: s ? "good" : "",
        };
    });
}

// An address without its port: a client has another one for each request.
const hostOf = (address) => address.replace(/:\d+$/, "");

function clientNodes(status) {
    const clients = new Map();
    for (const r of list(status.requests)) {
        const name = hostOf(r.from);
        const client = clients.get(name) || { name, last: r, count: 0 };
        client.count++;
        clients.set(name, client);
    }
    return [...clients.values()].map(({ name, last, count }) => ({
        name,
        detail: [last.member && `member ${last.member}`,
                 plural(count, "request")].filter(Boolean).join(", "),
    }));
}

// All who have answered lately; those who have answered the last request to
// the same target in green.
function originNodes(status) {
    const requests = list(status.requests);
    const last = requests[0];
    const slowest = Math.max(1, ...list(last && last.answers)
        .map((a) => a.ms));
    const origins = new Map();
    for (const r of requests.filter((r) => r.to === last.to)) {
        for (const a of list(r.answers)) {
            if (origins.has(a.origin)) {
                continue;
            }
            const fresh = r === last && status.now - r.at < FRESH_S;
            origins.set(a.origin, r === last ? {
                name: a.origin,
                detail: `${a.code} after ${took(a.ms)}` +
                    (a.member ? `, member ${a.member}` : ""),
                className: "good" + (fresh ? " fresh" : ""),
                slow: a.ms / slowest,
            } : {
                name: a.origin,
                detail: `silent; ${a.code} at ${time(r.at)}`,
                className: "silent",
            });
        }
    }
    return [...origins.values()].sort(byName);
}

function memberNodes(group) {
    return list(group && group.members).map((m) => {
        const behind = m.version !== undefined && m.version !== group.version;
        const roles = list(m.roles).join(", ");
        return {
            name: m.name || `member ${m.id}`,
            detail: [behind && `epoch ${m.version}`, roles || "role not told",
                     m.name && m.id && `ID ${m.id}`,
                     m.heard === false && "not heard yet"]
                .filter(Boolean).join(" · "),
            className: behind ? "warm" : m.heard === false ? "" : "good",
        };
    }).sort(byName);
}

// --- each daemon's picture: left, self, right, text ---

function managerPicture(status) {
    const group = theGroup(status);
    const right = memberNodes(group);
    if (!group) {
        return { left: linkNodes(status), right, text: "No group yet.",
                 self: { big: "0", below: "groups" } };
    }
    return {
        left: linkNodes(status), right,
        self: { above: group.name, big: String(group.version),
                below: "epoch", code: group.gid, warm: "warm",
                part: group.count ? group.current / group.count : 0 },
        text: `${group.name}${group.description
            ? ", " + group.description : ""}: ` +
            `${plural(group.count, "member")}, ${group.current} of them with the ` +
            `keys of epoch ${group.version}, Gid ${group.gid}.`,
    };
}

function proxyPicture(status) {
    const last = list(status.requests)[0];
    if (!last) {
        return { left: linkNodes(status), right: [],
                 self: { big: "0", below: "requests" },
                 text: "Nobody has asked yet." };
    }
    const right = originNodes(status);
    return {
        left: clientNodes(status), right,
        self: { above: last.to, big: String(last.count),
                below: last.count === 1 ? "answer" : "answers",
                code: last.gid,
                part: right.length
                    ? last.answers.length / right.length : 0 },
        text: `The last request, at ${time(last.at)} from ${last.from} to ` +
            `${last.to}${last.gid ? " in the group " + last.gid : ""}, ` +
            `had ${plural(last.count, "answer")}` + (last.answers.length
                ? `, the slowest after ${
                    took(Math.max(...last.answers.map((a) => a.ms)))}.`
                : "."),
    };
}

function serverPicture(status) {
    const group = theGroup(status);
    const left = linkNodes(status);
    if (!group || !group.gid) {
        const messages = list(status.links).reduce((n, l) => n + l.messages,
                                                   0);
        return { left, right: [],
                 self: { above: group && group.name, big: String(messages),
                         below: messages === 1 ? "message" : "messages" },
                 text: (group ? `Not in the group ${group.name}. ` : "") +
                     `${plural(messages, "message")} on ` +
                     `${plural(left.length, "link")}.` };
    }
    const right = memberNodes(group);
    const heard = list(group.members).filter((m) => m.heard).length;
    return {
        left, right,
        self: { above: group.name, code: group.gid,
                big: group.version === undefined ? String(group.count + 1)
                    : String(group.version),
                below: group.version === undefined ? "members" : "epoch",
                part: group.count ? heard / group.count : 0 },
        text: `Member ${group.own || "without an ID"} of ${group.name}, Gid ` +
            `${group.gid}. It knows ${plural(group.count, "other member")}` +
            `, ${heard} of which it has heard since the last keys.`,
    };
}

const pictures = {
    "covey-gm": managerPicture,
    "covey-proxy": proxyPicture,
    "covey-server": serverPicture,
};

function showChoice(status) {
    const groups = list(status.groups);
    byId("choice").hidden = groups.length < 2;
    if (byId("choice").children.length !== groups.length) {
        byId("choice").replaceChildren(...groups.map((g, i) => {
            const button = element("button", g.name || g.gid);
            button.type = "button";
            button.addEventListener("click", () => {
                chosen = i;
                refresh();
            });
            return button;
        }));
    }
    [...byId("choice").children].forEach((button, i) => {
        button.setAttribute("aria-pressed", String(i === chosen));
    });
}

function showPicture(status) {
    const p = (pictures[status.program] || serverPicture)(status);
    drawPicture(byId("picture"), p.left, p.self, p.right);
    put("picture-text", p.text);
    put("picture-title", status.program === "covey-server" &&
        list(status.groups).length === 0 ? "Its links" : "The group");
    showChoice(status);
}

// --- at a glance ---

function tilesOf(status) {
    const refused = (sum(status, "covey_messages_refused_total") || 0) +
        (sum(status, "covey_gm_requests_refused_total") || 0) +
        (sum(status, "covey_proxy_refused_total") || 0);
    const without = sum(status, "covey_schc_message_bytes_total");
    const finished = sum(status, "covey_gm_rekeys_finished_total");
    const untold = sum(status, "covey_gm_members_untold");
    const groups = list(status.groups);
    const isManager = status.program === "covey-gm";
    const tiles = [
        ["Nodes enrolled", status.nodes],
        ["Members", isManager ? sum(status, "covey_gm_members") || 0
            : undefined],
        ["Still to be told", isManager ? untold || 0 : undefined,
         untold ? "warm" : "good"],
        ["Rekeyings done", finished],
        ["Mean rekeying", finished ? took(Math.round(1000 *
            sum(status, "covey_gm_rekey_seconds_total") / finished))
            : undefined],
        ["Requests", sum(status, "covey_proxy_requests_total")],
        ["Answers", sum(status, "covey_proxy_answers_total")],
        ["Resources", sum(status, "covey_server_resources")],
        ["Processes", status.workers > 1 ? status.workers : undefined],
        ["Members known", groups.length && !isManager
            ? groups.reduce((n, g) => n + (g.count || 0), 0) : undefined],
        ["Messages", sum(status, "covey_messages_received_total")],
        ["Saved by SCHC", without
            ? percent(1 - sum(status, "covey_schc_packet_bytes_total") /
                without) : undefined, "good"],
        ["Refused", refused, refused ? "bad" : "good"],
    ];
    return tiles.filter(([, value]) => value !== undefined);
}

function showTiles(status) {
    byId("tiles").replaceChildren(
        ...tilesOf(status).map(([name, value, className]) => {
            const div = element("div", "", className);
            div.append(element("dt", name), element("dd", value));
            return div;
        }));
}

function showNote(status) {
    const away = status.store === "away";
    put("note", away ? "The store does not answer: nothing is decided until " +
        "it does." : "");
    byId("note").hidden = !away;
}

// --- tables ---

function showGroups(status) {
    fill("groups", list(status.groups).map((g) => row([
        g.name || "", [g.gid || "not in", "code"],
        [g.version ?? "", "number"],
        chips(list(g.members).map((m) => [
            m.name || m.id, m.version === undefined ||
                m.version === g.version ? "" : "warm",
            list(m.roles).join(", ")])
            .concat(g.count > g.members.length
                ? [[`and ${g.count - g.members.length} more`]] : []))])));
}

function showRekeys(status) {
    fill("rekeys", list(status.rekeys).map((r) => row([
        [time(r.at), "when"], r.group, [r.version, "number"],
        list(r.causes.split(",")).join(", "),
        r.told === undefined ? r.state
            : meter(r.members ? Math.min(1, r.told / r.members) : 1,
                    `${r.told} of ${r.members}`),
        [r.state === "under way" ? `${took(r.ms)}, under way` : took(r.ms),
         "number"]])));
}

// What covey-server was asked; of protected requests it does not say what.
const askedRow = (r) => row([
    [time(r.at), "when"], [r.from, "code"],
    r.protection ? chips([[r.protection === "group" ? "group" : "OSCORE",
                           "good"], [`member ${r.member || "?"}`]])
        : [`${r.method} ${r.path || "/"}`, "code"],
    chips([[`${r.code || "answered"} within ${
        r.us < 1000 ? `${r.us}\u00a0µs` : took(Math.round(r.us / 1000))}`,
            !r.code || r.code.startsWith("2") ? "good" : "bad"]])]);

function showRequests(status) {
    if (status.program === "covey-server") {
        put("requests-to", "What");
        fill("requests", list(status.requests).slice(0, REQUESTS)
            .map(askedRow));
        return;
    }
    fill("requests", list(status.requests).slice(0, REQUESTS).map((r) => row([
        [time(r.at), "when"], [r.from, "code"], [r.to, "code"],
        r.count === 0 ? "none yet" : chips(r.answers.map((a) => [
            `${a.origin} ${a.code} ${a.ms} ms`,
            a.code.startsWith("2") ? "good" : "bad",
            a.member && `member ${a.member}`])
            .concat(r.count > r.answers.length
                ? [[`and ${r.count - r.answers.length} more`]] : []))])));
}

function showLinks(status) {
    fill("links", list(status.links).map((l) => {
        const s = saved(l);
        return row([[l.address, "code"], [l.messages, "number"],
                    [s ? s.without : "", "number"],
                    [s ? s.bytes : "", "number"],
                    s ? meter(s.part, percent(s.part)) : ""]);
    }));
    byId("links-table").classList.toggle(
        "plain", !list(status.links).some((l) => l.sent));
}

const known = ["name", "help", "value"];

function showFigures(status) {
    fill("figures", list(status.figures).map((f) => {
        const label = Object.keys(f).find((key) => !known.includes(key));
        const tr = row([[f.name + (label ? `{${label}="${f[label]}"}` : ""),
                         "code"], [f.value, "number"]]);
        tr.title = f.help;
        return tr;
    }));
}

function show(status) {
    document.title = status.program;
    put("program", status.program);
    put("version", status.version);
    put("uptime", "up " + span(status.now - status.started));
    showNote(status);
    showTiles(status);
    showPicture(status);
    showGroups(status);
    showRekeys(status);
    showRequests(status);
    showLinks(status);
    showFigures(status);
}

// --- events ---

const fixed = ["time", "level", "event", "section"];

function showRefused(event, clock) {
    byId("refused").prepend(row([
        [clock, "when"],
        [event.from || event.node || event.group || "", "code"],
        chips([[[event.code, event.why].filter(Boolean).join(" "), "bad"]]),
        event.section || ""]));
    byId("refused-table").hidden = false;
    byId("refused-none").hidden = true;
    while (byId("refused").children.length > REFUSED) {
        byId("refused").lastChild.remove();
    }
}

function showEvent(event) {
    const clock = new Date(event.time).toLocaleTimeString();
    const rest = Object.entries(event).filter(([key]) => !fixed.includes(key))
        .map(([key, value]) => `${key}=${value}`).join(" ");
    const refused = event.event.endsWith(".refused");
    const li = element("li", "", refused ? "refused" : event.level);
    li.append(element("time", clock), " ", element("b", event.event), " ",
              element("span", rest, "rest"));
    byId("events").prepend(li);
    while (byId("events").children.length > EVENTS) {
        byId("events").lastChild.remove();
    }
    if (refused) {
        showRefused(event, clock);
    }
}

// --- following ---

let asking = false;
let again = false;

async function refresh() {
    if (asking) {
        again = true;
        return;
    }
    asking = true;
    try {
        const answer = await fetch("api/status.json");
        show(await answer.json());
    } catch (e) {
        // The stream says that nobody is there; nothing is shown anew.
    }
    asking = false;
    if (again) {
        again = false;
        setTimeout(refresh, 200);
    }
}

function live(text, className) {
    byId("live").textContent = text;
    byId("live").className = className;
}

async function begin() {
    const stream = new EventSource("api/stream");
    stream.onopen = async () => {
        live("live", "on");
        const answer = await fetch("api/events.json");
        byId("events").replaceChildren();
        byId("refused").replaceChildren();
        (await answer.json()).filter(Boolean).forEach(showEvent);
        refresh();
    };
    stream.onerror = () => live("not connected", "off");
    stream.addEventListener("log", (e) => {
        showEvent(JSON.parse(e.data));
        refresh();
    });
    setInterval(refresh, POLL_MS);
    addEventListener("resize", refresh); // the picture turns
    refresh();
}

begin();
