// SPDX-License-Identifier: BSD-2-Clause
// The group as a picture: whoever shows it in the middle, with a ring for how
// many of all have answered, or have the newest keys; beside it, or above and
// below where the screen is narrow, everybody else.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const BOX = { width: 216, height: 46, gap: 10 };
const HUB = 62;
const NARROW = 640;
const SHOWN = 12; // on each side; the tables have all of them

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

const clip = (text, most) => text.length <= most ? text
    : text.slice(0, most - 1) + "…";

// A card: a name, what there is to say of it, and a bar if it was slow.
function card(x, y, node) {
    const g = shape("g", { class: node.className || "" });
    const left = x + 16;
    g.append(
        shape("title", {}, `${node.name} ${node.detail || ""}`),
        shape("rect", { x, y, width: BOX.width, height: BOX.height, rx: 8,
                        class: "box" }),
        shape("rect", { x: x + 6, y: y + 8, width: 4,
                        height: BOX.height - 16, rx: 2, class: "edge" }),
        shape("text", { x: left, y: y + 19, class: "name" },
              clip(node.name, 27)),
        shape("text", { x: left, y: y + 34, class: "small" },
              clip(node.detail || "", 32)));
    if (node.slow !== undefined) {
        const width = BOX.width - 26;
        g.append(
            shape("rect", { x: left, y: y + 39, width, height: 2, rx: 1,
                            class: "bar" }),
            shape("rect", { x: left, y: y + 39, height: 2, rx: 1,
                            width: Math.max(2, width * node.slow),
                            class: "bar part" }));
    }
    return g;
}

function hub(x, y, self) {
    const g = shape("g", {});
    const round = 2 * Math.PI * HUB;
    const part = Math.min(1, Math.max(0, self.part || 0));
    g.append(shape("circle", { cx: x, cy: y, r: HUB + 4, class: "hub" }),
             shape("circle", { cx: x, cy: y, r: HUB, class: "ring" }));
    if (part > 0) {
        g.append(shape("circle", {
            cx: x, cy: y, r: HUB,
            transform: `rotate(-90 ${x} ${y})`,
            "stroke-dasharray": `${round * part} ${round}`,
            class: "ring part " + (part === 1 ? "all" : self.warm || ""),
        }));
    }
    g.append(shape("text", { x, y: y - 24, class: "small middle" },
                   clip(self.above || "", 18)),
             shape("text", { x, y: y + 8, class: "big" }, self.big),
             shape("text", { x, y: y + 24, class: "small middle" },
                   clip(self.below || "", 18)),
             shape("text", { x, y: y + 40, class: "code middle" },
                   clip(self.code || "", 14)));
    return g;
}

// Beside the hub: one below the other.
function column(svg, nodes, x, middle, center, side) {
    const total = nodes.length * (BOX.height + BOX.gap) - BOX.gap;
    nodes.forEach((node, i) => {
        const top = middle - total / 2 + i * (BOX.height + BOX.gap);
        const y = top + BOX.height / 2;
        const from = side < 0 ? x + BOX.width : x;
        const to = center + side * (HUB + 4);
        const half = (from + to) / 2;
        svg.prepend(shape("path", {
            d: `M${from} ${y} C${half} ${y} ${half} ${middle} ${to} ${middle}`,
            class: "wire " + (node.className || ""),
        }));
        svg.append(card(x, top, node));
    });
}

// Above or below it, in rows of two: a stem between them has a branch to each.
function rows(svg, nodes, top, at) {
    const stem = BOX.width + 12;
    nodes.forEach((node, i) => {
        const x = i % 2 === 0 ? 2 : stem + 10;
        const y = top + Math.floor(i / 2) * (BOX.height + BOX.gap);
        const edge = i % 2 === 0 ? x + BOX.width : x;
        svg.prepend(shape("path", {
            d: `M${stem} ${at} V${y + BOX.height / 2} H${edge}`,
            class: "wire " + (node.className || ""),
        }));
        svg.append(card(x, y, node));
    });
}

function drawWide(svg, left, self, right) {
    const most = Math.max(left.length, right.length);
    const height = Math.max(most * (BOX.height + BOX.gap) + 2,
                            2 * HUB + 24);
    const width = 1000;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.append(hub(width / 2, height / 2, self));
    column(svg, left, 2, height / 2, width / 2, -1);
    column(svg, right, width - BOX.width - 2, height / 2, width / 2, 1);
}

function drawTall(svg, above, self, below) {
    const tall = (nodes) => Math.ceil(nodes.length / 2) *
        (BOX.height + BOX.gap);
    const space = 24;
    const top = 2;
    const y = top + tall(above) + (above.length ? space : 0) + HUB + 8;
    const width = 2 * BOX.width + 24;
    svg.setAttribute("viewBox", `0 0 ${width} ${
        y + HUB + 8 + (below.length ? space : 0) + tall(below)}`);
    svg.append(hub(width / 2, y, self));
    rows(svg, above, top, y - HUB - 4);
    rows(svg, below, y + HUB + 8 + space, y + HUB + 4);
}

const few = (nodes) => nodes.length <= SHOWN ? nodes
    : [...nodes.slice(0, SHOWN - 1),
       { name: `and ${nodes.length - SHOWN + 1} more`,
         detail: "in the tables" }];

// left, right: {name, detail, className, slow}; self: {above, big, below,
// code, part}.
function drawPicture(svg, left, self, right) {
    svg.replaceChildren();
    if (svg.clientWidth < NARROW) {
        drawTall(svg, few(left), self, few(right));
    } else {
        drawWide(svg, few(left), self, few(right));
    }
}
