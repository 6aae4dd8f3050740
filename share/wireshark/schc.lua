-- SPDX-License-Identifier: BSD-2-Clause
-- A dissector of SCHC packets (RFC 8724 Section 7) for Wireshark and tshark.
-- It shows each field with the bits it took, and hands the packet that comes
-- out to Wireshark's own dissectors. covey-wireshark(7) says how to use it.

local here = debug.getinfo(1, "S").source:match("^@?(.*[/\\])") or "./"
package.path = here .. "?.lua;" .. package.path
local rules = require("schc_rules")
local decompress = require("schc_packet").decompress

local schc = Proto("schc", "Static Context Header Compression")

local f = {
    rule = ProtoField.string("schc.rule", "RuleID"),
    direction = ProtoField.string("schc.direction", "Direction"),
    nature = ProtoField.string("schc.nature", "Nature"),
    residue = ProtoField.string("schc.residue", "Residue"),
    residue_bits = ProtoField.uint32("schc.residue.bits", "Residue bits"),
    sent = ProtoField.string("schc.sent", "Sent"),
    elided = ProtoField.string("schc.elided", "Not sent"),
    payload = ProtoField.bytes("schc.payload", "Payload"),
    padding = ProtoField.string("schc.padding", "Padding"),
    packet = ProtoField.bytes("schc.packet", "Packet"),
    length = ProtoField.uint32("schc.packet.length", "Packet length"),
    saved = ProtoField.int32("schc.saved", "Bytes saved"),
}
schc.fields = f

local e = {
    rules = ProtoExpert.new("schc.no_rules", "No rules",
                            expert.group.UNDECODED, expert.severity.WARN),
    rule = ProtoExpert.new("schc.unknown_rule", "No rule has this RuleID",
                           expert.group.PROTOCOL, expert.severity.WARN),
    malformed = ProtoExpert.new("schc.malformed", "No packet comes out",
                                expert.group.MALFORMED,
                                expert.severity.ERROR),
    inner = ProtoExpert.new("schc.inner", "The packet itself is malformed",
                            expert.group.MALFORMED, expert.severity.WARN),
    padding = ProtoExpert.new("schc.odd_padding",
                              "Padding of eight bits or more, or not zero",
                              expert.group.PROTOCOL, expert.severity.WARN),
}
schc.experts = e

local p = schc.prefs
p.rules = Pref.string("Rule file", "", "JSON in the shape of RFC 9363")
p.ports = Pref.range("UDP ports", "", "Datagrams that hold SCHC packets",
                     65535)
p.device = Pref.range("Ports of the device", "",
                      "From these is up, to these is down", 65535)
p.direction = Pref.enum("Direction", 0, "If no port of the device says it: "
                        .. "either is the first that gives a packet", {
    { 0, "either", 0 }, { 1, "up", 1 }, { 2, "down", 2 },
}, false)
p.stack = Pref.enum("Stack", 0, "Headers that the packets have, or rules: "
                    .. "as the rule file says", {
    { 0, "rules", 0 }, { 1, "coap", 1 },
    { 2, "coap-inner", 2 }, { 3, "udp-coap", 3 }, { 4, "ipv6", 4 },
    { 5, "ipv6-udp", 5 }, { 6, "ipv6-udp-coap", 6 },
}, false)
p.deviid = Pref.string("DevIID", "", "Interface identifier of the device")
p.appiid = Pref.string("AppIID", "", "That of the application")

local stacks = { "coap", "coap-inner", "udp-coap", "ipv6", "ipv6-udp",
                 "ipv6-udp-coap" }
local loaded = { path = "" }
local registered

-- "5683,5700-5702" holds this number?
local function within(range, number)
    for piece in tostring(range):gmatch("[^,]+") do
        local low, high = piece:match("^%s*(%d+)%s*%-?%s*(%d*)")
        if low and number >= tonumber(low) and
           number <= (tonumber(high) or tonumber(low)) then
            return true
        end
    end
    return false
end

function schc.prefs_changed()
    local ports = DissectorTable.get("udp.port")
    if registered then
        ports:remove(registered, schc)
        registered = nil
    end
    if tostring(p.ports) ~= "" then
        ports:add(p.ports, schc)
        registered = p.ports
    end
    loaded = { path = p.rules }
    if p.rules ~= "" then
        local good, file = pcall(rules.load, p.rules)
        loaded.file = good and file or nil
        loaded.problem = not good and tostring(file) or nil
    end
end

local function directions(pinfo)
    if within(p.device, pinfo.src_port) then
        return { "up" }
    elseif within(p.device, pinfo.dst_port) then
        return { "down" }
    end
    return p.direction == 1 and { "up" } or p.direction == 2 and { "down" }
           or { "up", "down" }
end

local function try(rule, bits, pinfo)
    local setup = { stack = stacks[p.stack],
                    iid = { deviid = p.deviid, appiid = p.appiid } }
    local first
    for _, direction in ipairs(directions(pinfo)) do
        local good, u = pcall(decompress, loaded.file, rule, bits, direction,
                              setup)
        if good then
            return u, nil, direction
        end
        first = first or u
    end
    return nil, tostring(first)
end

-- The bytes that these bits lie in.
local function range_of(tvb, from, to)
    local first = math.floor(from / 8)
    local last = math.ceil(to / 8)
    first = math.min(first, tvb:len())
    return tvb(first, math.max(math.min(last, tvb:len()) - first, 0))
end

-- A value as people write it: small ones as numbers, texts as texts.
local function written(value)
    if #value == 0 then
        return "empty"
    elseif #value % 8 ~= 0 or #value <= 24 then
        local digits = #value % 4 == 0 and "0x" .. rules.hex_of_bits(value)
                       or "0b" .. value
        return #value > 32 and digits
               or ("%s (%d)"):format(digits, rules.number_of(value))
    end
    local hex = rules.hex_of_bits(value)
    local text = hex:gsub("..", function(h)
        return string.char(tonumber(h, 16))
    end)
    return text:find("[^%g ]") and "0x" .. hex or "\"" .. text .. "\""
end

local function show_fields(tree, tvb, u, rule)
    local bits = u.residue_end - rule.id_bits
    local range = range_of(tvb, rule.id_bits, u.residue_end)
    local residue = tree:add(f.residue, range,
                             u.bits:sub(rule.id_bits + 1, u.residue_end))
    residue:add(f.residue_bits, range, bits):set_generated()
    residue:append_text((" (%d bits)"):format(bits))
    local elided = tree:add(schc, tvb(0, 0), "Not sent")
    for _, s in ipairs(u.shown) do
        local value = s.value and written(s.value) or "computed"
        if s.to > s.from then
            residue:add(f.sent, range_of(tvb, s.from, s.to),
                        ("%s: %s"):format(s.field.name, value))
                :append_text((", %s: bits %d to %d: %s"):format(
                    s.field.cda, s.from, s.to - 1,
                    u.bits:sub(s.from + 1, s.to)))
        else
            elided:add(f.elided, tvb(0, 0),
                       ("%s: %s"):format(s.field.name, value))
                :append_text(", " .. s.field.cda)
        end
    end
end

local inner_of = { ipv6 = "ipv6", udp = "udp", coap = "coap" }

local function show_packet(tree, tvb, pinfo, u, root)
    local hex = rules.hex_of_bits(u.packet)
    local length = #hex / 2
    tree:add(f.length, tvb(0, 0), length):set_generated()
    tree:add(f.saved, tvb(0, 0), length - tvb:len()):set_generated()
    if length == 0 then
        return
    end
    local packet = ByteArray.new(hex):tvb("Packet of SCHC")
    tree:add(f.packet, packet())
    local name = inner_of[u.layers[1] or ""] or "data"
    if not pcall(Dissector.call, Dissector.get(name), packet, pinfo, root) then
        tree:add_proto_expert_info(e.inner)
    end
end

function schc.dissector(tvb, pinfo, root)
    local tree = root:add(schc, tvb())
    pinfo.cols.protocol = "SCHC"
    if p.rules ~= loaded.path then
        schc.prefs_changed()
    end
    if not loaded.file then
        tree:add_proto_expert_info(e.rules, loaded.problem
            or "Set the preference schc.rules to a rule file")
        return tvb:len()
    end
    local bits = rules.bits_of_hex(tvb:bytes():tohex())
    local rule = rules.find(loaded.file, bits)
    if not rule then
        tree:add_proto_expert_info(e.rule)
        return tvb:len()
    end
    local name = ("%d/%d"):format(rule.id, rule.id_bits)
    tree:append_text(", rule " .. name)
    tree:add(f.rule, range_of(tvb, 0, rule.id_bits), name)
        :append_text(rule.note and " (" .. rule.note .. ")" or "")
    tree:add(f.nature, tvb(0, 0), rule.nature)
    local u, problem, direction = try(rule, bits, pinfo)
    if not u then
        tree:add_proto_expert_info(e.malformed, problem)
        return tvb:len()
    end
    tree:add(f.direction, tvb(0, 0), direction):set_generated()
    if rule.nature ~= "nocompression" then
        show_fields(tree, tvb, u, rule)
    end
    if u.at > u.residue_end then
        -- Payload need not begin at a byte.
        local range = range_of(tvb, u.residue_end, u.at)
        tree:add(f.payload, range):set_text("Payload: "
            .. rules.hex_of_bits(u.bits:sub(u.residue_end + 1, u.at)))
    end
    if u.at < #bits then
        tree:add(f.padding, range_of(tvb, u.at, #bits), bits:sub(u.at + 1))
    end
    if u.padding_odd then
        tree:add_proto_expert_info(e.padding)
    end
    show_packet(tree, tvb, pinfo, u, root)
    return tvb:len()
end

-- A link that is no UDP: "DLT_USER" of the preferences, or Decode As.
DissectorTable.get("udp.port"):add_for_decode_as(schc)
