'use strict'

// Reads one JSON object a line. The first says for whom to sign and is answered {}; each later one,
// {tokens}, is answered with the microseconds that so many tokens took and the last of them.

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

function answer(message) {
  if (terms === null) {
    terms = message
    return {}
  }
  return sign(terms, message.tokens)
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + '\n')
})
