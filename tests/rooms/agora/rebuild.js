// Reads {"modules": folder, "certificate": hex, "tokens": [{token, channel, uid}, ...]} from standard input and
// writes, for each 006 token, the privileges Agora's own package reads and whether it would sign the same.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const question = JSON.parse(fs.readFileSync(0, 'utf8'))
const { AccessToken } = require(path.join(question.modules, 'agora-token', 'src', 'AccessToken'))

function readToken({ token, channel, uid }) {
    const theirs = new AccessToken('', question.certificate, channel, uid)
    if (!theirs.fromString(token)) {
        return null
    }
    return { app_id: theirs.appID, privileges: theirs.messages, signed: theirs.build() === token }
}

process.stdout.write(JSON.stringify(question.tokens.map(readToken)))
