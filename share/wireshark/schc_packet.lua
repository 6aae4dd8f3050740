-- SPDX-License-Identifier: BSD-2-Clause
-- The packet that a SCHC packet stands for: RFC 8724 Section 7.4, read from
-- the receiver's side. Nothing of Wireshark is used here; schc.lua is the
-- dissector.

local rules = require("schc_rules")
local parts = rules.OSCORE_PARTS
local bits_of_hex, hex_of_bits = rules.bits_of_hex, rules.hex_of_bits
local bits_of_number, number_of = rules.bits_of_number, rules.number_of

-- 1. Layers -----------------------------------------------------------------

local orders = {
    ["ipv6"] = { "ipv6" }, ["ipv6-udp"] = { "ipv6", "udp" },
    ["ipv6-udp-coap"] = { "ipv6", "udp", "coap" },
    ["udp-coap"] = { "udp", "coap" }, ["coap"] = { "coap" },
    ["coap-inner"] = { "inner" },
}

-- The stack that the rules are about, if neither file nor user says.
local function guess_stack(file)
    local named = {}
    for _, rule in ipairs(file.rules) do
        for layer in pairs(rule.layers) do
            named[layer] = true
        end
    end
    local names = {}
    for _, layer in ipairs({ "ipv6", "udp", "coap" }) do
        if named[layer] then
            names[#names + 1] = layer
        end
    end
    if #names == 0 then
        return "coap-inner"
    end
    return table.concat(names, "-")
end

-- The layers that this rule rebuilds: down to the innermost that it names.
local function layers_of(rule, stack)
    local last = 0
    for i, layer in ipairs(orders[stack] or {}) do
        local both = layer == "coap" or layer == "inner"
        if rule.layers[layer] or (both and rule.layers.both) then
            last = i
        end
    end
    local layers = {}
    for i = 1, last do
        layers[i] = orders[stack][i]
        layers[layers[i]] = true
    end
    return layers
end

-- 2. Fields and residues ------------------------------------

local function take(u, n)
    if u.at + n > #u.bits then
        error("the packet ends within the residue", 0)
    end
    local piece = u.bits:sub(u.at + 1, u.at + n)
    u.at = u.at + n
    return piece
end

-- RFC 8724 Section 7.4.2.
local function take_size(u)
    local size = number_of(take(u, 4))
    if size == 15 then
        size = number_of(take(u, 8))
        if size == 255 then
            size = number_of(take(u, 16))
        end
    end
    return size
end

local function take_residue(u, field, from)
    local n, sized = field.bits, false
    if field.length == "var" or field.length == "var_bit" then
        n = take_size(u) * (field.length == "var" and 8 or 1)
        sized = true
    elseif field.length then
        n = (u.len[field.length] or 0) * 8
    elseif not n then
        error(field.name .. " is sent, but its length is not known", 0)
    end
    if not sized or u.file.lsb_whole then
        n = n - from
    end
    if n < 0 then
        error(field.name .. ": the size contradicts the rule", 0)
    end
    return take(u, n)
end

local function index_bits(file, count)
    if count <= 1 then
        return file.one_entry
    end
    local bits = 0
    while 2 ^ bits < count do
        bits = bits + 1
    end
    return bits
end

local function entry_of(field, i)
    return field.values[i] or error(field.name .. ": no target value with "
                                    .. "index " .. i - 1, 0)
end

-- The value of a field; nil if it is computed at the end.
local function decode(u, field)
    local cda = field.cda
    if cda == "notsent" then
        return entry_of(field, 1)
    elseif cda == "valuesent" then
        return take_residue(u, field, 0)
    elseif cda == "lsb" then
        return entry_of(field, 1):sub(1, field.msb)
               .. take_residue(u, field, field.msb)
    elseif cda == "mappingsent" then
        local index = take(u, index_bits(u.file, #field.values))
        return entry_of(field, number_of(index) + 1)
    elseif cda:find("^compute") then
        return nil
    elseif cda == "deviid" or cda == "appiid" then
        local iid = bits_of_hex((u.iid[cda]:gsub("%X", "")))
        return #iid == 64 and iid
               or error("the preference for the " .. cda .. " is missing", 0)
    end
    error("no such action: " .. cda, 0)
end

-- RFC 8974 Section 2.1: what a TKL of 4, 12 or 20 bits says.
local function note_tkl(u, value)
    local extension = (#value - 4) / 8
    local first = number_of(value:sub(1, 4))
    local n = number_of(value:sub(5))
    if extension == 0 and first > 12 or
       extension > 0 and first ~= 12 + extension then
        error("a TKL of " .. first .. " in " .. #value .. " bits", 0)
    end
    u.tkl = value
    u.len.tkl = extension == 0 and first or n + (extension == 1 and 13 or 269)
end

-- Bits of a header nobody has put yet are "x".
local function put(u, layer, at, value)
    local header = u.headers[layer]
    if header:sub(at + 1, at + #value):find("[01]") then
        error("the rule has two values for one field", 0)
    end
    u.headers[layer] = header:sub(1, at) .. value
                       .. header:sub(at + #value + 1)
end

-- What later parts of OSCORE need of this one: their lengths.
local function note_part(u, field, value)
    local first = number_of(value:sub(1, 8))
    local m = u.file.kudos == "kudos-14" and 16 or 8
    if value == "" then
        return
    elseif field.part == parts.flags then
        u.len.piv = first % 8
    elseif field.part == parts.x then
        u.len.nonce = first % m + 1
    elseif field.part == parts.y then
        u.len.old = first % m + 1
    end
end

local function free_position(u, number)
    local position = 1
    for _, o in ipairs(u.options) do
        if o.number == number and o.position >= position then
            position = o.position + 1
        end
    end
    return position
end

local function place(u, field, value)
    if field.kind == "payload" then
        u.payload = value
    elseif field.kind == "coaptkl" then
        note_tkl(u, value)
        put(u, "coap", 4, value:sub(1, 4))
    elseif field.kind == "coaptoken" then
        u.token = value
    elseif field.kind == "option" then
        if field.part then
            note_part(u, field, value)
        end
        u.options[#u.options + 1] = {
            number = field.number, value = value, grouped = field.grouped,
            part = field.part,
            joined = field.part and field.part > 1,
            position = field.part or (field.position > 0 and field.position)
                       or free_position(u, field.number),
        }
    else
        local layer = field.layer == "both" and u.layers[#u.layers]
                      or field.layer
        local at = field.at[3] or field.at[u.direction]
        if layer == "inner" then
            at = at - 8 -- the plaintext of OSCORE begins with the code
        end
        put(u, layer, at, value)
    end
end

local function option_bits(delta, value)
    local function split(n)
        if n < 13 then
            return n, ""
        elseif n < 269 then
            return 13, bits_of_number(n - 13, 8)
        end
        return 14, bits_of_number(n - 269, 16)
    end
    local d, more = split(delta)
    local l, much = split(#value / 8)
    return bits_of_number(d, 4) .. bits_of_number(l, 4) .. more .. much
           .. value
end

-- 3. The packet in its own order --------------------------------------------

-- How long the parts of a value of the option OSCORE are (RFC 8613 Section
-- 6.1, draft-ietf-core-oscore-key-update); nil if it is none.
local function split_oscore(value, kudos14)
    local bytes = {}
    for piece in value:gmatch("........") do
        bytes[#bytes + 1] = number_of(piece)
    end
    if #bytes == 0 then
        return {}
    end
    local flags, second = bytes[1], 0
    local function has(bit)
        return math.floor(flags / bit) % 2 == 1
    end
    if flags == 0 or has(64) or flags % 8 > 5 then
        return nil
    end
    local len = { [parts.flags] = 1, [parts.piv] = flags % 8 }
    if has(128) then
        len[parts.flags], second = 2, bytes[2] or 2
    end
    if second > 1 then
        return nil
    end
    local at = len[parts.flags] + len[parts.piv]
    if has(16) then
        len[parts.kidctx] = 1 + (bytes[at + 1] or 0)
        at = at + len[parts.kidctx]
    end
    if second == 1 then
        local x = bytes[at + 1] or 0
        len[parts.x], len[parts.nonce] = 1, x % (kudos14 and 16 or 8) + 1
        at = at + 1 + len[parts.nonce]
        if kudos14 and math.floor(x / 64) % 2 == 1 then
            len[parts.y] = 1
            len[parts.oldnonce] = (bytes[at + 1] or 0) % 16 + 1
            at = at + 1 + len[parts.oldnonce]
        end
    end
    if has(8) then
        len[parts.kid] = #bytes - at
    end
    return at <= #bytes and (has(8) or at == #bytes) and len or nil
end

-- What was put together must fall apart into the same pieces, or no
-- compressor sent it.
local function check_parts(u, value, have)
    local len = split_oscore(value, u.file.kudos == "kudos-14")
    for part, n in pairs(have) do
        if not len or (len[part] or 0) ~= n then
            error("the parts of OSCORE contradict each other", 0)
        end
    end
end

-- Options in the order of the packet, RFC 7252 Section 3.1.
local function write_options(u)
    local out, number, i = "", 0, 1
    table.sort(u.options, function(a, b)
        if a.number ~= b.number then
            return a.number < b.number
        end
        return a.position < b.position
    end)
    while i <= #u.options do
        local o = u.options[i]
        local values = { o.value }
        local len = { [o.position] = #o.value / 8 }
        i = i + 1
        if o.joined then
            error("parts of OSCORE without its flags", 0)
        end
        while u.options[i] and u.options[i].joined do
            values[1] = values[1] .. u.options[i].value
            len[u.options[i].position] = #u.options[i].value / 8
            i = i + 1
        end
        if o.part and next(len, next(len)) then
            check_parts(u, values[1], len)
        end
        if o.grouped then
            values = {}
            for hex in (hex_of_bits(o.value) .. "2f"):sub(3)
                       :gsub("..", "%0 "):gsub("2f ", "/"):gmatch("(.-)/") do
                values[#values + 1] = bits_of_hex((hex:gsub(" ", "")))
            end
        end
        for _, value in ipairs(values) do
            if #value % 8 ~= 0 then
                error("an option of " .. #value .. " bits", 0)
            end
            out = out .. option_bits(o.number - number, value)
            number = o.number
        end
    end
    return out
end

local function ones_sum(bits)
    local sum = 0
    bits = bits .. ("0"):rep(-#bits % 16)
    for i = 1, #bits, 16 do
        sum = sum + tonumber(bits:sub(i, i + 15), 2)
    end
    while sum > 0xffff do
        sum = sum % 0x10000 + math.floor(sum / 0x10000)
    end
    return sum
end

-- Lengths first, since the checksum covers them: RFC 8724 Section 7.4.8.
local function compute(u, rest)
    local ipv6, udp = u.headers.ipv6, u.headers.udp
    local function with(header, at, n)
        return header:sub(1, at) .. bits_of_number(n, 16)
               .. header:sub(at + 17)
    end
    if u.computed.udplength then
        udp = with(udp, 32, (#udp + #rest) / 8)
    end
    if u.computed.ipv6payloadlength then
        ipv6 = with(ipv6, 32, (#(udp or "") + #rest) / 8)
    end
    if u.computed.udpchecksum then
        if not ipv6 then
            error("the checksum of UDP needs the addresses", 0)
        end
        local sum = ones_sum(ipv6:sub(65) .. udp:sub(33, 48)
                             .. bits_of_number(17, 16)
                             .. with(udp, 48, 0) .. rest)
        udp = with(udp, 48, sum == 0xffff and 0xffff or 0xffff - sum)
    end
    return (ipv6 or "") .. (udp or "")
end

-- What follows IPv6 and UDP. The marker is there if and only if there is a
-- payload (draft-ietf-schc-8824-update Section 7).
local function write_rest(u)
    local rest = ""
    if u.layers.coap then
        if #u.token ~= (u.len.tkl or 0) * 8 then
            error("the token is not as long as TKL says", 0)
        end
        rest = u.headers.coap .. u.tkl:sub(5) .. u.token
    elseif u.layers.inner then
        rest = u.headers.inner
    end
    if u.layers.coap or u.layers.inner then
        rest = rest .. write_options(u)
        if u.payload ~= "" then
            rest = rest .. "11111111"
        end
    end
    return rest .. u.payload
end

local sizes = { ipv6 = 320, udp = 64, coap = 32, inner = 8 }

local function active(u, field)
    local layer = field.layer
    return (field.direction:sub(1, 1) == "b"
            or field.direction:sub(1, 1) == u.direction:sub(1, 1))
           and (layer == nil or u.layers[layer]
                or (layer == "both" and (u.layers.coap or u.layers.inner)))
end

-- What became of each field, and the packet as hex digits.
local function decompress(file, rule, bits, direction, setup)
    local stack = setup.stack or file.stack or guess_stack(file)
    local u = {
        file = file, bits = bits, at = rule.id_bits, direction = direction,
        iid = setup.iid, layers = layers_of(rule, stack), headers = {},
        options = {}, computed = {}, len = {}, token = "",
        shown = {},
    }
    for _, layer in ipairs(u.layers) do
        u.headers[layer] = ("x"):rep(sizes[layer])
    end
    for _, field in ipairs(rule.fields) do
        if active(u, field) then
            local from = u.at
            local value = decode(u, field)
            u.computed[field.kind] = value == nil
            place(u, field, value or ("0"):rep(field.bits))
            u.shown[#u.shown + 1] = { field = field, value = value,
                                      from = from, to = u.at }
        end
    end
    u.residue_end = u.at
    for _, layer in ipairs(u.layers) do
        if u.headers[layer]:find("x") then
            error("the rule leaves out a field of " .. layer .. " going "
                  .. direction, 0)
        end
    end
    if not u.payload then
        u.payload = take(u, math.floor((#bits - u.at) / 8) * 8)
    end
    if rule.nature == "nocompression" then
        u.packet = u.payload
        u.layers = orders[stack]
    else
        local rest = write_rest(u)
        u.packet = compute(u, rest) .. rest
    end
    if u.at + 8 <= #bits or bits:sub(u.at + 1):find("1") then
        u.padding_odd = true
    end
    return u
end

return { decompress = decompress }
