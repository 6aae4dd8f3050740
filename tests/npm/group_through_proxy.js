// SPDX-License-Identifier: BSD-2-Clause
// Asks a group through a proxy with npm's "coap", which knows nothing of
// groups behind proxies, but takes several responses to one request.
//
// usage: node group_through_proxy.js ADDRESS PORT GROUP-URI SECONDS
// Prints a JSON object for each response.
'use strict';
const coap = require('coap');

const [address, port, uri, seconds] = process.argv.slice(2);
const request = coap.request({
  hostname: address,
  port: Number(port),
  proxyUri: uri,
  confirmable: false,
  multicast: true,  // several responses, from the proxy
  multicastTimeout: Number(seconds) * 1000 + 500,
});
request.setOption('2', Buffer.from([Number(seconds)]));  // Multicast-Timeout
request.on('response', (response) => {
  const origin = response._packet.options.find((o) => o.name === '248' ||
                                                      o.name === 248);
  console.log(JSON.stringify({
    code: response.code,
    payload: response.payload.toString(),
    reply_from: origin ? origin.value.toString('hex') : null,
  }));
});
request.on('error', (error) => {
  console.error(String(error));
  process.exitCode = 4;
});
setTimeout(() => process.exit(), Number(seconds) * 1000 + 1000);
request.end();
