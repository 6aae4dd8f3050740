// SPDX-License-Identifier: BSD-2-Clause
// The status pages in a real browser: usage: node status.js SERVER PROXY
// GM FLEET COVEY NPM. NPM is where playwright-core is installed.
"use strict";

const assert = require("node:assert");
const { execFileSync, spawn } = require("node:child_process");
const dgram = require("node:dgram");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { lowContrast, unnamed } = require("./legible.js");

const [SERVER, PROXY, GM, FLEET, COVEY, NPM] = process.argv.slice(2);
const { chromium } = require(path.join(NPM, "node_modules",
                                       "playwright-core"));
const SECRET = "type: oscore\n" +
    "master_secret: 0102030405060708090a0b0c0d0e0f10\n";
const WAIT = { timeout: 60000 };
const MARKUP = "<img src=x onerror=alert(1)>"; // is a text, and no more

function write(folder, name, text) {
    const file = path.join(folder, name);
    fs.writeFileSync(file, text, { mode: 0o600 });
    return file;
}

// A daemon, and the ports that it said it has.
async function start(program, folder, name, text) {
    const config = write(folder, name + ".yaml", text);
    const child = spawn(program, ["--config", config],
                        { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8");
    await new Promise((resolve, reject) => {
        child.stderr.on("data", (text) => {
            said += text;
            if (said.includes(" daemon.ready ")) {
                resolve();
            }
        });
        child.on("exit", () => reject(new Error(said)));
    });
    return {
        child,
        coap: Number(said.match(/(?:server|proxy|gm)\.listen what=\S+:(\d+)/)[1]),
        url: said.match(/status\.listen what=(\S+)/)[1],
    };
}

async function serve(folder) {
    write(folder, "context.yaml", SECRET + "sender_id: 01\n" +
          "recipient_id: 02\n");
    write(folder, "client.yaml", SECRET + "sender_id: 02\n" +
          "recipient_id: 01\n");
    return start(SERVER, folder, "server", `
listen: ['127.0.0.1:0']
status: '127.0.0.1:0'
contexts: [{file: context.yaml}]
store: state.db
resources:
- {path: /lamp, type: value, value: 'off'}
`);
}

function forward(folder) {
    return start(PROXY, folder, "proxy", `
listen: ['127.0.0.1:0']
status: '127.0.0.1:0'
insecure: true
clients: [{from: 127.0.0.1, servers: [127.0.0.0/8]}]
`);
}

function manage(folder) {
    execFileSync(FLEET, ["enrol", path.join(folder, "gm.db"), "6", "road"]);
    const identity = execFileSync(FLEET, ["identity", "9999"]).toString();
    return start(GM, folder, "gm", `
listen: ['127.0.0.1:0']
status: '127.0.0.1:0'
store: gm.db
identities: [${identity.trim()}]
groups: [{name: road}, {name: other, description: "${MARKUP}"}]
`);
}

// Nodes that do what they are told.
async function fleetOf(manager) {
    const child = spawn(FLEET, ["run", String(manager.coap), "6"],
                        { stdio: ["pipe", "pipe", "inherit"] });
    let said = "";
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (text) => {
        said += text;
        child.emit("said");
    });
    const fleet = {
        child,
        until: async (pattern) => {
            while (!pattern.test(said)) {
                await new Promise((resolve) => child.once("said", resolve));
            }
        },
        say: async (line, pattern) => {
            said = "";
            child.stdin.write(line + "\n");
            await fleet.until(pattern);
        },
    };
    await fleet.until(/^ready$/m);
    return fleet;
}

// A message that somebody has changed on its way.
function forged(folder, number) {
    const hex = execFileSync(COVEY, [
        "oscore", "protect", "--number", String(number),
        path.join(folder, "client.yaml"), "40010001b46c616d70"])
        .toString().trim();
    const bytes = Buffer.from(hex, "hex");
    bytes[bytes.length - 1] ^= 1;
    return bytes;
}

async function send(port, bytes) {
    const socket = dgram.createSocket("udp4");
    await new Promise((resolve) => socket.send(bytes, port, "127.0.0.1",
                                               resolve));
    socket.close();
}

// Everything that can be used or scrolled is reached by the keyboard alone,
// has a name, and shows that it is where one is.
async function walk(page) {
    const reached = [];
    await page.evaluate(() => document.activeElement.blur());
    for (let i = 0; i < 40; i++) {
        await page.keyboard.press("Tab");
        const at = await page.evaluate(() => {
            const e = document.activeElement;
            const by = e.getAttribute("aria-labelledby");
            return e === document.body ? null : {
                id: e.id || e.tagName,
                name: (by ? document.getElementById(by) : e).textContent
                    .trim(),
                outline: getComputedStyle(e).outlineStyle,
            };
        });
        if (!at || reached.some((r) => r.id === at.id &&
                                r.name === at.name)) {
            break;
        }
        assert.ok(at.name, `${at.id} has no name`);
        assert.notStrictEqual(at.outline, "none", at.id);
        reached.push(at);
    }
    return reached.map((r) => r.id);
}

async function open(browser, daemon, errors) {
    const page = await browser.newPage({ viewport: { width: 1200,
                                                     height: 900 } });
    page.setDefaultTimeout(WAIT.timeout);
    page.on("console", (m) => m.type() === "error" && errors.push(m.text()));
    page.on("pageerror", (e) => errors.push(e.message));
    page.on("request", (r) => assert.ok(
        r.url().startsWith(daemon.url) || r.url().startsWith("data:"),
        r.url()));
    await page.goto(daemon.url);
    await page.waitForSelector("#live.on", WAIT);
    return page;
}

// Legible in both colours, named, and no wider than a phone.
async function judge(page) {
    for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        assert.deepStrictEqual(await page.evaluate(lowContrast), []);
    }
    assert.deepStrictEqual(await page.evaluate(unnamed), []);
    const reached = await walk(page);
    for (const id of ["events", "SUMMARY", "A"]) {
        assert.ok(reached.includes(id), `${id} is not reached`);
    }
    await page.setViewportSize({ width: 360, height: 740 });
    assert.ok(await page.evaluate(
        () => document.documentElement.scrollWidth <= innerWidth));
    await page.setViewportSize({ width: 390, height: 740 });
    await page.waitForFunction( // no table either
        () => [...document.querySelectorAll(".wide")]
            .every((e) => e.scrollWidth <= e.clientWidth), null, WAIT);
    await page.waitForFunction( // drawn anew, one above the other
        () => document.getElementById("picture").viewBox.baseVal.width < 500,
        null, WAIT);
    await page.setViewportSize({ width: 1200, height: 900 });
}

const textOf = (page, selector) => page.locator(selector).first().innerText();

async function look(browser, server, folder) {
    const errors = [];
    const page = await open(browser, server, errors);
    assert.strictEqual(await page.title(), "covey-server");
    assert.ok(await page.isVisible("#refused-none"));
    assert.ok(!await page.isVisible("#note"));
    assert.strictEqual(await page.locator("#links tr").count(), 1);
    assert.strictEqual(await page.locator("#picture .ring").count(), 1);

    const before = Number(await page.locator("#links td").nth(1).innerText());
    for (let i = 0; i < 3; i++) {
        await send(server.coap, forged(folder, i));
    }
    await page.waitForFunction(
        () => document.querySelectorAll("#refused tr").length === 3, null,
        WAIT);
    const row = await page.locator("#refused tr").first().innerText();
    assert.match(row, /not-decrypted/);
    assert.match(row, /RFC 8613 Section 8/);
    assert.ok(!await page.isVisible("#refused-none"));
    await page.waitForFunction(
        (n) => document.querySelector("#links td:nth-child(2)")
            .textContent === String(n), before + 3, WAIT);

    await judge(page);
    server.child.kill("SIGTERM");
    await page.waitForSelector("#live.off", WAIT);
    // Chromium says of its own that nobody answers any more.
    assert.deepStrictEqual(errors.filter(
        (e) => !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY/
            .test(e)), []);
}

// Who asked, who answered, and how fast.
async function lookAtProxy(browser, server, proxy) {
    const errors = [];
    const page = await open(browser, proxy, errors);
    assert.strictEqual(await page.title(), "covey-proxy");
    assert.ok(!await page.isVisible("#requests-part"));
    const uri = `coap://127.0.0.1:${server.coap}/lamp`;
    for (let i = 0; i < 3; i++) {
        execFileSync(COVEY, ["get", "--proxy",
                             `coap://127.0.0.1:${proxy.coap}`, uri]);
    }
    await page.waitForFunction(
        () => document.querySelectorAll("#requests tr").length === 3, null,
        WAIT);
    assert.match(await textOf(page, "#requests tr"),
                 new RegExp(`127\\.0\\.0\\.1:${server.coap} 2\\.05 \\d+ ms`));
    await page.waitForSelector("#picture .good .box", WAIT);
    assert.match(await textOf(page, "#picture-text"), /had 1 answer, the/);
    // Nobody else may be asked.
    assert.throws(() => execFileSync(COVEY, [
        "get", "--proxy", `coap://127.0.0.1:${proxy.coap}`,
        "coap://192.0.2.1/lamp"], { stdio: "ignore" }));
    await page.waitForSelector("#refused tr", WAIT);
    assert.match(await textOf(page, "#refused tr"),
                 /4\.01 not allowed for this client/);
    await judge(page);
    assert.deepStrictEqual(errors, []);
}

// Members come and go, and somebody is refused.
async function lookAtManager(browser, manager, fleet) {
    const errors = [];
    const page = await open(browser, manager, errors);
    assert.strictEqual(await page.title(), "covey-gm");
    assert.match(await textOf(page, "#picture-text"), /^road: 0 members/);
    await fleet.say("join 1 1 road 6", /^joined 1 /m);
    await page.waitForFunction(
        () => document.querySelector("#picture-text").textContent
            .startsWith("road: 1 member, 1 of them"), null, WAIT);
    assert.strictEqual(await page.locator("#picture .good .box").count(), 1);
    await fleet.say("join 2 3 road 4", /^joined [23] .*\n(.*\n)*joined [23] /m);
    await page.waitForFunction(
        () => document.querySelectorAll("#picture .good .box").length === 3,
        null, WAIT);
    assert.match(await textOf(page, "#rekeys"), /join\s+3 of 3/);
    assert.match(await textOf(page, "#groups"), /n1.*n2.*n3/s);
    await fleet.say("ask 5 1 ace-group/road/num 65535 -", /^answer 5 4\.03/m);
    await page.waitForSelector("#refused tr", WAIT);
    const row = await textOf(page, "#refused tr");
    assert.match(row, /4\.03 only for group members/);
    assert.match(row, /RFC 9594 Section 9/);
    // A kid that nobody has, in an OSCORE option (RFC 8613 Section 6.1).
    await send(manager.coap, Buffer.from("41024242719409007777ff787878", "hex"));
    await page.waitForFunction(
        () => document.querySelectorAll("#refused tr").length === 2, null,
        WAIT);
    assert.match(await textOf(page, "#refused tr"),
                 /no-context\s+RFC 8613 Section 8\.2/);
    // The other group.
    await page.focus("#choice button:nth-child(2)");
    await page.keyboard.press("Enter");
    await page.waitForFunction(
        (name) => document.querySelector("#picture-text").textContent
            .startsWith(`other, ${name}: 0 members`), MARKUP, WAIT);
    assert.strictEqual(await page.locator("img").count(), 0);
    assert.strictEqual(await page.getAttribute("#choice button:nth-child(2)",
                                               "aria-pressed"), "true");
    await judge(page);
    assert.deepStrictEqual(errors, []);
}

async function main() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "covey-web-"));
    let server, proxy, manager, fleet, browser;
    try {
        server = await serve(folder);
        proxy = await forward(folder);
        manager = await manage(folder);
        fleet = await fleetOf(manager);
        browser = await chromium.launch({
            executablePath: "/usr/bin/chromium",
            timeout: 120000,
            // What is shown is ours; not every system allows a sandbox, or
            // has room in /dev/shm.
            args: ["--no-sandbox", "--disable-dev-shm-usage"],
            env: { ...process.env, HOME: folder }, // it leaves things there
        });
        await lookAtManager(browser, manager, fleet);
        await lookAtProxy(browser, server, proxy);
        await look(browser, server, folder);
        console.log("the pages are live, say what is refused, and are legible");
    } finally {
        if (browser) {
            await browser.close();
        }
        for (const daemon of [fleet, server, proxy, manager]) {
            if (daemon) {
                daemon.child.kill("SIGKILL");
            }
        }
        fs.rmSync(folder, { recursive: true });
    }
}

main().catch((e) => {
    console.error(e);
    process.exit(1);
});
