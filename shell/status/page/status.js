// SPDX-License-Identifier: BSD-2-Clause
// Shows what api/status.json says, anew whenever an event comes, and every
// few seconds for what changes without one.
"use strict";

const POLL_MS = 5000;
const EVENTS = 60;
const REFUSED = 12;
const FRESH_S = 10; // an answer that is this young is drawn so

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

function row(cells) {
    const tr = document.createElement("tr");
    for (const cell of cells) {
        const [text, className] = Array.isArray(cell) ? cell : [cell];
        tr.append(element("td", text, className));
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

const time = (unix) => new Date(unix * 1000).toLocaleTimeString();

function span(seconds) {
    const s = Math.max(0, Math.round(seconds));
    const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
    const [size, unit] = parts.find(([n]) => s >= n) || [1, "s"];
    return `${Math.floor(s / size)} ${unit}`;
}

// --- the picture ---

const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes, text) {
    const e = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) {
        e.setAttribute(key, value);
    }
    if (text !== undefined) {
        e.textContent = text;
    }
    return e;
}

const BOX = { width: 190, height: 40, gap: 12 };

function box(x, y, node) {
    const g = shape("g", {});
    g.append(shape("rect", {
        x, y, width: BOX.width, height: BOX.height, rx: 6,
        class: "box " + (node.className || ""),
    }));
    g.append(shape("text", { x: x + 10, y: y + 17 }, node.name));
    g.append(shape("text", { x: x + 10, y: y + 32, class: "small" },
                   node.detail || ""));
    return g;
}

function wire(svg, from, to, node, across) {
    const [x1, y1] = from;
    const [x2, y2] = to;
    const mid = across ? [(x1 + x2) / 2, y1, (x1 + x2) / 2, y2]
        : [x1, (y1 + y2) / 2, x2, (y1 + y2) / 2];
    svg.prepend(shape("path", {
        d: `M${x1} ${y1} C${mid[0]} ${mid[1]} ${mid[2]} ${mid[3]} ${x2} ${y2}`,
        class: "wire " + (node.className || ""),
    }));
}

// Beside the hub: one below the other.
function column(svg, nodes, x, middle, hub, side) {
    const total = nodes.length * (BOX.height + BOX.gap) - BOX.gap;
    nodes.forEach((node, i) => {
        const y = middle - total / 2 + i * (BOX.height + BOX.gap);
        wire(svg, [side < 0 ? x + BOX.width : x, y + BOX.height / 2],
             [hub + side * BOX.width / 2, middle], node, true);
        svg.append(box(x, y, node));
    });
}

// Above or below it, where the screen is narrow: in rows of two.
function rows(svg, nodes, top, hub, side) {
    nodes.forEach((node, i) => {
        const x = i % 2 === 0 ? 10 : BOX.width + 20;
        const y = top + Math.floor(i / 2) * (BOX.height + BOX.gap);
        wire(svg, [x + BOX.width / 2, side < 0 ? y + BOX.height : y],
             [BOX.width + 15, hub + (side < 0 ? 0 : BOX.height)], node,
             false);
        svg.append(box(x, y, node));
    });
}

// Who asked lately, and who answered: of the last requests.
function neighbours(status) {
    const clients = new Map();
    const origins = new Map();
    for (const request of status.requests || []) {
        if (!clients.has(request.from)) {
            clients.set(request.from, {
                name: request.from, detail: "asked at " + time(request.at),
            });
        }
        for (const answer of request.answers || []) {
            if (!origins.has(answer.origin)) {
                const young = status.now - request.at < FRESH_S;
                origins.set(answer.origin, {
                    name: answer.origin,
                    detail: `${answer.code} after ${answer.ms} ms`,
                    className: young ? "answered fresh" : "answered",
                });
            }
        }
    }
    return [[...clients.values()], [...origins.values()]];
}

function members(status) {
    const all = [];
    for (const group of status.groups || []) {
        for (const member of group.members || []) {
            all.push({
                name: member.name || member.id,
                detail: [group.name, (member.roles || []).join(" "),
                         member.version === undefined ? ""
                             : "epoch " + member.version]
                    .filter(Boolean).join(", "),
                className: member.version === undefined ||
                    member.version === group.version ? "answered" : "",
            });
        }
    }
    return all;
}

function links(status) {
    return (status.links || []).map((link) => ({
        name: link.address,
        detail: `${link.messages} messages` + (link.sent ? ", SCHC" : ""),
    }));
}

function drawWide(svg, left, self, right) {
    const most = Math.max(left.length, right.length, 2);
    const height = most * (BOX.height + BOX.gap) + BOX.gap;
    const width = 820;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.append(box((width - BOX.width) / 2, height / 2 - BOX.height / 2,
                   self));
    column(svg, left, 10, height / 2, width / 2, -1);
    column(svg, right, width - BOX.width - 10, height / 2, width / 2, 1);
}

function drawTall(svg, above, self, below) {
    const tall = (nodes) => Math.ceil(nodes.length / 2) *
        (BOX.height + BOX.gap);
    const space = 30;
    const hub = tall(above) + space;
    const width = 2 * BOX.width + 30;
    const height = hub + BOX.height + space + tall(below) + BOX.gap;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.append(box(BOX.width / 2 + 15, hub, self));
    rows(svg, above, BOX.gap, hub, -1);
    rows(svg, below, hub + BOX.height + space, hub, 1);
}

const SHOWN = 12; // on each side; the tables have all of them

function draw(status) {
    let [left, right] = neighbours(status);
    const known = members(status);
    if (known.length > 0) {
        const answers = new Map(right.map((node) => [node.name, node]));
        right = known.map((node) => answers.get(node.name) || node);
    }
    if (left.length === 0) {
        left = links(status);
    }
    const clip = (nodes) => nodes.length <= SHOWN ? nodes
        : [...nodes.slice(0, SHOWN - 1),
           { name: `and ${nodes.length - SHOWN + 1} more` }];
    const counts = [left.length, right.length];
    left = clip(left);
    right = clip(right);
    const svg = byId("picture");
    const group = (status.groups || [])[0];
    const self = {
        name: status.program, className: "self",
        detail: group ? `${group.name || group.gid}, epoch ${group.version}`
            : "up " + span(status.now - status.started),
    };
    svg.replaceChildren();
    if (svg.clientWidth < 600) {
        drawTall(svg, left, self, right);
    } else {
        drawWide(svg, left, self, right);
    }
    put("picture-text", `${status.program} between ${counts[0]} ` +
        `on the one side and ${counts[1]} on the other` +
        (known.length ? `; ${known.length} members.` : "."));
}

// --- tables ---

function showGroups(status) {
    fill("groups", (status.groups || []).map((g) => row([
        g.name || "", [g.gid || "", "code"], [g.version ?? "", "number"],
        (g.members || []).map((m) => m.name || m.id).join(", ")])));
}

function showRequests(status) {
    fill("requests", (status.requests || []).map((r) => row([
        time(r.at), [r.from, "code"], [r.to, "code"],
        (r.answers || []).map((a) => `${a.origin} ${a.code} ${a.ms} ms`)
            .join(", ") || "none yet"])));
}

function showLinks(status) {
    fill("links", (status.links || []).map((l) => {
        const sum = (what) => l.sent ? l.sent[what] + l.received[what] : 0;
        const without = sum("message_bytes");
        const saved = without ? 1 - sum("packet_bytes") / without : 0;
        return row([[l.address, "code"], [l.messages, "number"],
                    [l.sent ? without : "", "number"],
                    [l.sent ? sum("packet_bytes") : "", "number"],
                    [l.sent ? (saved * 100).toFixed(1) + " %" : "",
                     "number"]]);
    }));
}

const known = ["name", "help", "value"];

function showFigures(status) {
    fill("figures", (status.figures || []).map((f) => {
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
    draw(status);
    showGroups(status);
    showRequests(status);
    showLinks(status);
    showFigures(status);
}

// --- events ---

const fixed = ["time", "level", "event", "section"];

function showEvent(event) {
    const clock = new Date(event.time).toLocaleTimeString();
    const rest = Object.entries(event).filter(([key]) => !fixed.includes(key))
        .map(([key, value]) => `${key}=${value}`).join(" ");
    const refused = event.event.endsWith(".refused");
    const li = element("li", `${clock} ${event.event} ${rest}`,
                       refused ? "refused" : event.level);
    byId("events").prepend(li);
    while (byId("events").children.length > EVENTS) {
        byId("events").lastChild.remove();
    }
    if (refused) {
        byId("refused").prepend(row([clock, [event.from || "", "code"],
                                     event.why || "", event.section || ""]));
        byId("refused-none").hidden = true;
        while (byId("refused").children.length > REFUSED) {
            byId("refused").lastChild.remove();
        }
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
    refresh();
}

begin();
