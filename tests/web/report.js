// SPDX-License-Identifier: BSD-2-Clause
// The report of an audit in a real browser: usage: node report.js NPM PAGE
// [FILE SCHEME]. NPM is where playwright-core is installed, PAGE an HTML file
// of covey audit report; with FILE its first screen becomes a picture, in
// light or dark.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { lowContrast, unnamed } = require("./legible.js");

const [NPM, PAGE, FILE, SCHEME] = process.argv.slice(2);
const { chromium } = require(path.resolve(NPM, "node_modules",
                                       "playwright-core"));
const URL = pathToFileURL(path.resolve(PAGE)).href;

// Where a link leads to that is not in the page.
function astray() {
    return [...document.querySelectorAll("a")]
        .map((a) => a.getAttribute("href"))
        .filter((to) => !to.startsWith("#") ||
                !document.getElementById(to.slice(1)));
}

// Tables that paper would cut off.
function cutOff() {
    return [...document.querySelectorAll("table")]
        .filter((t) => t.scrollWidth > t.parentElement.clientWidth + 1)
        .map((t) => t.getAttribute("aria-label") || t.caption.textContent);
}

async function look(page) {
    const asked = [];
    page.on("request", (r) => asked.push(r.url()));
    page.on("pageerror", (e) => assert.fail(e.message));
    page.on("console", (m) => assert.fail(m.text()));
    for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await page.goto(URL);
        assert.deepStrictEqual(await page.evaluate(lowContrast), []);
    }
    assert.deepStrictEqual(asked, [URL, URL], "it loads something");
    assert.deepStrictEqual(await page.evaluate(unnamed), []);
    assert.deepStrictEqual(await page.evaluate(astray), []);
    assert.strictEqual(await page.locator("script").count(), 0);
    assert.ok(await page.locator("#findings h3").count() > 0);
    assert.ok(await page.isVisible(".tlp"));
    await page.setViewportSize({ width: 360, height: 740 });
    assert.ok(await page.evaluate(
        () => document.documentElement.scrollWidth <= innerWidth));
    await page.emulateMedia({ media: "print" });
    await page.setViewportSize({ width: 703, height: 1000 }); // A4, margins
    assert.deepStrictEqual(await page.evaluate(cutOff), []);
    assert.ok(!await page.isVisible("nav"));
    assert.ok(await page.isVisible(".tlp"));
}

async function main() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "covey-web-"));
    const browser = await chromium.launch({
        executablePath: "/usr/bin/chromium",
        timeout: 120000,
        // What is shown is ours; not every system allows a sandbox, or has
        // room in /dev/shm.
        args: ["--no-sandbox", "--disable-dev-shm-usage"],
        env: { ...process.env, HOME: folder }, // it leaves things there
    });
    try {
        const page = await browser.newPage();
        page.setDefaultTimeout(60000);
        await look(page);
        console.log("the report stands alone, and is legible");
        if (FILE) {
            await page.emulateMedia({ media: "screen", colorScheme: SCHEME });
            await page.setViewportSize({ width: 1040, height: 900 });
            await page.goto(URL);
            await page.screenshot({ path: FILE });
        }
    } finally {
        await browser.close();
        fs.rmSync(folder, { recursive: true });
    }
}

main().catch((e) => {
    console.error(e);
    process.exit(1);
});
