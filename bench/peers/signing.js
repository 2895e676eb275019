'use strict'

// Reads one JSON object per line. The first has the terms; the response is {}. Each further one is {tokens};
// the response has the microseconds for that many tokens and the last token.

const readline = require('node:readline')
const { RtcRole, RtcTokenBuilder } = require('agora-token')

let terms = null

function sign({ appId, certificate, expiresIn, visitors }, tokens) {
  let last = ''
  const started = process.hrtime.bigint()
  for (let number = 0; number < tokens; number++) {
    const [channel, account] = visitors[number % visitors.length]
    last = RtcTokenBuilder.buildTokenWithRtm(
      appId, certificate, channel, account, RtcRole.PUBLISHER, expiresIn, expiresIn
    )
  }
  return { microseconds: Number(process.hrtime.bigint() - started) / 1000, last }
}

function respond(message) {
  if (terms === null) {
    terms = message
    return {}
  }
  return sign(terms, message.tokens)
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  process.stdout.write(JSON.stringify(respond(JSON.parse(line))) + '\n')
})
