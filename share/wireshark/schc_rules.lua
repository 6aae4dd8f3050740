-- SPDX-License-Identifier: BSD-2-Clause
-- Rules of SCHC from the file that both ends of a link have (covey-rules(5)).
-- Nothing of Wireshark is used here; schc.lua is the dissector.
--
-- Bits are strings of "0" and "1": slow, plain, and fast enough for a person
-- who reads a capture.

local found, json = pcall(require, "dkjson")

-- 1. Fields, in the words of RFC 9363 ---------------------------------------

-- bits, layer, and where in the header; dev and app: by direction, so that
-- the device is the source of what goes up (RFC 8724 Section 10).
local headers = {
    ["ipv6version"] = { 4, "ipv6", 0 },
    ["ipv6trafficclass"] = { 8, "ipv6", 4 },
    ["ipv6trafficclassds"] = { 6, "ipv6", 4 },
    ["ipv6trafficclassecn"] = { 2, "ipv6", 10 },
    ["ipv6flowlabel"] = { 20, "ipv6", 12 },
    ["ipv6payloadlength"] = { 16, "ipv6", 32 },
    ["ipv6nextheader"] = { 8, "ipv6", 48 },
    ["ipv6hoplimit"] = { 8, "ipv6", 56 },
    ["ipv6devprefix"] = { 64, "ipv6", up = 64, down = 192 },
    ["ipv6deviid"] = { 64, "ipv6", up = 128, down = 256 },
    ["ipv6appprefix"] = { 64, "ipv6", up = 192, down = 64 },
    ["ipv6appiid"] = { 64, "ipv6", up = 256, down = 128 },
    ["udpdevport"] = { 16, "udp", up = 0, down = 16 },
    ["udpappport"] = { 16, "udp", up = 16, down = 0 },
    ["udplength"] = { 16, "udp", 32 },
    ["udpchecksum"] = { 16, "udp", 48 },
    ["coapversion"] = { 2, "coap", 0 },
    ["coaptype"] = { 2, "coap", 2 },
    ["coaptkl"] = { nil, "coap", 4 },
    ["coapcode"] = { 8, "both", 8 },
    ["coapcodeclass"] = { 3, "both", 8 },
    ["coapcodedetail"] = { 5, "both", 11 },
    ["coapmid"] = { 16, "coap", 16 },
    ["coaptoken"] = { nil, "coap" },
}

local options = {
    ["ifmatch"] = 1, ["urihost"] = 3, ["etag"] = 4, ["ifnonematch"] = 5,
    ["observe"] = 6, ["uriport"] = 7, ["locationpath"] = 8, ["uripath"] = 11,
    ["contentformat"] = 12, ["maxage"] = 14, ["uriquery"] = 15,
    ["hoplimit"] = 16, ["accept"] = 17, ["qblock1"] = 19,
    ["locationquery"] = 20, ["edhoc"] = 21, ["block2"] = 23, ["block1"] = 27,
    ["size2"] = 28, ["qblock2"] = 31, ["proxyuri"] = 35,
    ["proxyscheme"] = 39, ["size1"] = 60, ["proxycri"] = 235,
    ["proxyschemenumber"] = 239, ["echo"] = 252, ["noresponse"] = 258,
    ["requesttag"] = 292,
}

local OSCORE = 9
local parts = {
    ["flags"] = 1, ["piv"] = 2, ["kidctx"] = 3, ["x"] = 4, ["nonce"] = 5,
    ["y"] = 6, ["oldnonce"] = 7, ["kid"] = 8,
}

local lengths = {
    ["variable"] = "var", ["var"] = "var",
    ["variablebit"] = "var_bit", ["variablebits"] = "var_bit",
    ["varbit"] = "var_bit", ["varbits"] = "var_bit",
    ["tokenlength"] = "tkl", ["tkl"] = "tkl",
    ["oscorepivlength"] = "piv", ["oscpiv"] = "piv",
    ["oscorenoncelength"] = "nonce", ["oscoreoscorenoncelength"] = "nonce",
    ["oscxm"] = "nonce",
    ["oscoreoldnoncelength"] = "old",
    ["oscoreoscoreoldnoncelength"] = "old", ["oscyw"] = "old",
}

-- The documents differ in case, separators, module and prefix.
local function bare(name, prefix)
    local word = tostring(name):gsub("^[%w-]+:", ""):lower()
    word = word:gsub("[-_. ]", "")
    if prefix and word:sub(1, #prefix) == prefix then
        word = word:sub(#prefix + 1)
    end
    return word
end

-- What a field identity stands for: a header field, a payload, an option by
-- its number, or a part of the option OSCORE.
local function identity(name)
    local word = bare(name, "fid")
    if word == "payload" then
        return { kind = "payload" }
    end
    if headers[word] then
        local h = headers[word]
        return { kind = word, bits = h[1], layer = h[2], at = h }
    end
    word = word:gsub("^coap", ""):gsub("^option", "")
    local number, rest = word:match("^%((%d+)%)(.*)$")
    if number and rest == "" then
        return { kind = "option", number = tonumber(number), layer = "both" }
    end
    if number == tostring(OSCORE) and parts[rest] then
        word = "oscore" .. rest
    end
    if options[word] then
        return { kind = "option", number = options[word], layer = "both" }
    end
    local part = parts[word:match("^oscore(.*)$") or ""]
    if part then
        return { kind = "option", number = OSCORE, part = part,
                 layer = "both" }
    end
    error("no field is called \"" .. tostring(name) .. "\"", 0)
end

-- 2. Bits -------------------------------------------------------------------

local nibbles = {}
for i = 0, 15 do
    local text = ""
    for shift = 3, 0, -1 do
        text = text .. math.floor(i / 2 ^ shift) % 2
    end
    nibbles[("%x"):format(i)] = text
end

local function bits_of_hex(hex)
    return (hex:lower():gsub(".", nibbles))
end

local function bits_of_bytes(bytes)
    return (bytes:gsub(".", function(c)
        local hex = ("%02x"):format(c:byte())
        return nibbles[hex:sub(1, 1)] .. nibbles[hex:sub(2, 2)]
    end))
end

local function hex_of_bits(bits)
    bits = bits .. ("0"):rep(-#bits % 4)
    return (bits:gsub("....", function(four)
        return ("%x"):format(tonumber(four, 2))
    end))
end

local function number_of(bits)
    return bits == "" and 0 or tonumber(bits, 2)
end

local function bits_of_number(n, width)
    local text = ""
    while n >= 1 do
        text = n % 2 .. text
        n = math.floor(n / 2)
    end
    text = text:gsub("%.0", "")
    return ("0"):rep(width - #text) .. text
end

-- 3. Rules ------------------------------------------------------------------

local function base64_bits(text)
    local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                   .. "0123456789+/"
    local bits = ""
    for c in text:gsub("=", ""):gmatch(".") do
        local at = digits:find(c, 1, true)
        if not at then
            error("no base64: " .. text, 0)
        end
        bits = bits .. bits_of_number(at - 1, 6)
    end
    return bits:sub(1, #bits - #bits % 8)
end

-- An unsigned integer at the right of its bits; texts as they are.
local function target_value(item, field, encoding)
    local text = item["covey:text"] or item.text
    local value, bits = item.value, nil
    if text then
        bits = bits_of_bytes(text)
    elseif type(value) == "number" then
        bits = bits_of_number(value, 0)
        bits = ("0"):rep(-#bits % 8) .. bits
    elseif encoding == "base64" then
        bits = base64_bits(value)
    elseif type(value) == "string" and not value:find("%X") then
        bits = bits_of_hex(value)
    else
        error("expected hex digits for a target value", 0)
    end
    local width = item.bits or field.bits or #bits
    if #bits > width then
        if bits:sub(1, #bits - width):find("1") then
            error("a target value does not fit in its bits", 0)
        end
        return bits:sub(#bits - width + 1)
    end
    return ("0"):rep(width - #bits) .. bits
end

local function read_entry(entry, encoding)
    local field = identity(entry["field-id"])
    local length = entry["field-length"]
    field.name = tostring(entry["field-id"]):gsub("^[%w-]+:", "")
    field.bits = type(length) == "number" and length or nil
    if length and not field.bits then
        field.length = lengths[bare(length, "fl")]
                       or error("no such length: " .. tostring(length), 0)
    end
    field.direction = bare(entry["direction-indicator"] or "bi", "di")
    field.position = entry["field-position"] or 1
    field.mo = bare(entry["matching-operator"], "mo")
    field.cda = bare(entry["comp-decomp-action"], "cda")
    field.values = {}
    for i, item in ipairs(entry["target-value"] or {}) do
        field.values[(item.index or i - 1) + 1] =
            target_value(item, field, encoding)
    end
    local argument = (entry["matching-operator-value"] or {})[1]
    if field.mo == "msb" and argument then
        local n = argument.value
        field.msb = type(n) == "number" and n
                    or number_of(target_value({ value = n }, {}, encoding))
    end
    local grouped = entry["covey:grouped"] ~= false and field.number == 11
                    and (field.mo == "equal" or field.mo == "matchmapping")
    field.grouped = grouped and field.values[1] ~= nil
                    and field.values[1]:sub(1, 8) == bits_of_bytes("/")
    return field
end

local function read_rule(object, file)
    local rule = {
        id = object["rule-id-value"], id_bits = object["rule-id-length"],
        nature = bare(object["rule-nature"], "nature"),
        note = object["covey:note"], fields = {}, layers = {},
    }
    if not rule.id or not rule.id_bits then
        error("a rule without RuleID, or not in the form of RFC 9363; "
              .. "\"covey schc rules export-json\" writes that form", 0)
    end
    rule.key = bits_of_number(rule.id, rule.id_bits)
    for i, entry in ipairs(object.entry or {}) do
        rule.fields[i] = read_entry(entry, file.encoding)
        local layer = rule.fields[i].layer
        if layer then
            rule.layers[layer] = true
        end
    end
    return rule
end

-- Everything between "ietf-schc:schc" and the file may hold the settings.
local function read_document(text)
    local document, _, problem = json.decode(text)
    if type(document) ~= "table" then
        error(problem or "no JSON object", 0)
    end
    local inner = document["ietf-schc:schc"] or document.schc or document
    local function setting(name)
        return inner["covey:" .. name] or document["covey:" .. name]
    end
    local list = inner.rule or inner["ietf-schc:rule"] or inner.rules or inner
    if list["rule-id-value"] then
        list = { list }
    end
    local file = {
        stack = setting("stack"), encoding = setting("value-encoding"),
        kudos = setting("kudos"), one_entry = setting("one-entry-index") or 0,
        lsb_whole = setting("lsb-size") == "value", rules = {},
    }
    for i, object in ipairs(list) do
        file.rules[i] = read_rule(object, file)
    end
    if #file.rules == 0 then
        error("no rules", 0)
    end
    return file
end

local function load_rules(path)
    if not found then
        error("the Lua module dkjson is missing (Debian: lua-dkjson)", 0)
    end
    local handle, problem = io.open(path, "r")
    if not handle then
        error(problem, 0)
    end
    local text = handle:read("*a")
    handle:close()
    local good, file = pcall(read_document, text)
    if not good then
        error(path .. ": " .. tostring(file), 0)
    end
    return file
end

-- The rule that a packet names.
local function find_rule(file, bits)
    for _, rule in ipairs(file.rules) do
        if bits:sub(1, rule.id_bits) == rule.key then
            return rule
        end
    end
end

return {
    OSCORE_PARTS = parts, bits_of_hex = bits_of_hex, hex_of_bits = hex_of_bits,
    bits_of_number = bits_of_number, number_of = number_of,
    load = load_rules, find = find_rule,
}
