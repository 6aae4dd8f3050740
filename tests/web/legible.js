// SPDX-License-Identifier: BSD-2-Clause
// What is wrong with a page for who reads it, by eye or by ear: both run in
// the page and give a list.
"use strict";

// WCAG 2.1, 1.4.3: the contrast of every text with what is behind it.
function lowContrast() {
    const channel = (c) => c <= 0.03928 ? c / 12.92
        : ((c + 0.055) / 1.055) ** 2.4;
    const luminance = ([r, g, b]) => 0.2126 * channel(r / 255) +
        0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
    const numbers = (color) => color.match(/[\d.]+/g).map(Number);
    const behind = (e) => {
        for (; e; e = e.parentElement) {
            const color = numbers(getComputedStyle(e).backgroundColor);
            if (color.length === 3 || color[3] > 0) {
                return color;
            }
        }
        return [255, 255, 255];
    };
    const low = [];
    for (const e of document.querySelectorAll("body *")) {
        const own = [...e.childNodes].some((n) => n.nodeType === 3 &&
                                           n.textContent.trim());
        if (!own || e.closest("svg") || !e.offsetParent) {
            continue;
        }
        const a = luminance(numbers(getComputedStyle(e).color));
        const b = luminance(behind(e));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) {
            low.push(`${e.tagName} "${e.textContent}" ${ratio.toFixed(2)}`);
        }
    }
    return low;
}

// What somebody who cannot see the page is told.
function unnamed() {
    const faults = [];
    for (const part of document.querySelectorAll("section")) {
        const title = document.getElementById(
            part.getAttribute("aria-labelledby"));
        if (!title || !title.textContent) {
            faults.push("a section without a name");
        }
    }
    for (const head of document.querySelectorAll("thead th")) {
        if (head.getAttribute("scope") !== "col" || !head.textContent) {
            faults.push("a column without a name");
        }
    }
    const picture = document.getElementById("picture");
    const texts = picture ? picture.getAttribute("aria-labelledby") : "";
    for (const id of texts.split(" ").filter((t) => t)) {
        if (!document.getElementById(id).textContent) {
            faults.push("a picture without a text");
        }
    }
    if (!document.documentElement.lang) {
        faults.push("no language");
    }
    return faults;
}

module.exports = { lowContrast, unnamed };
