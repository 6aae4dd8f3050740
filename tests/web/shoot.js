// SPDX-License-Identifier: BSD-2-Clause
// Pictures of a status page: usage: node shoot.js NPM URL FILE WIDTH SCHEME
// DEPTH ... with FILE WIDTH SCHEME DEPTH as often as wanted. NPM is where
// playwright-core is installed, SCHEME is light or dark; all parts are shown
// that begin above DEPTH pixels. For tools/screenshots.
"use strict";

const path = require("node:path");

const [NPM, URL, ...SHOTS] = process.argv.slice(2);
const { chromium } = require(path.join(NPM, "node_modules",
                                       "playwright-core"));
const WAIT = { timeout: 20000 };

async function shoot(browser, [file, width, colorScheme, depth]) {
    const page = await browser.newPage({
        viewport: { width: Number(width), height: 600 },
        deviceScaleFactor: Number(width) < 600 ? 1.5 : 1,
        colorScheme, reducedMotion: "reduce", locale: "en-GB",
    });
    await page.goto(URL);
    await page.waitForSelector("#live.on", WAIT);
    await page.waitForSelector("#events li", WAIT);
    const end = await page.evaluate((depth) => Math.max(
        ...[...document.querySelectorAll("#tiles, main section")]
            .map((e) => e.getBoundingClientRect())
            .filter((r) => r.height > 0 && r.top < depth)
            .map((r) => r.bottom)), Number(depth));
    await page.screenshot({
        path: file, clip: { x: 0, y: 0, width: Number(width),
                            height: Math.ceil(end) + 16 },
        fullPage: true,
    });
    await page.close();
}

async function main() {
    const browser = await chromium.launch({
        executablePath: "/usr/bin/chromium",
        args: process.getuid() === 0 ? ["--no-sandbox"] : [],
    });
    try {
        for (let i = 0; i < SHOTS.length; i += 4) {
            await shoot(browser, SHOTS.slice(i, i + 4));
        }
    } finally {
        await browser.close();
    }
}

main().catch((e) => {
    console.error(e);
    process.exit(1);
});
