// Reads {"modules": folder, "certificate": hex, "tokens": [...]} from standard input and writes what Agora's
// own package reads in each 007 token, and whether it finds the certificate's signature.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const question = JSON.parse(fs.readFileSync(0, 'utf8'))
const { AccessToken2 } = require(path.join(question.modules, 'agora-token', 'src', 'AccessToken2'))

function text(value) {
    return Buffer.isBuffer(value) ? value.toString() : value
}

function readService(service) {
    const { __type, __privileges, ...fields } = service
    const named = Object.entries(fields).map(([name, value]) => [name.replace(/^__/, ''), text(value)])
    return { type: __type, privileges: __privileges, ...Object.fromEntries(named) }
}

function readToken(string) {
    const token = new AccessToken2('', '', 1, 1)
    if (!token.from_string(string)) {
        return null
    }
    return {
        app_id: text(token.appId),
        issued_at: token.issueTs,
        expires_in: token.expire,
        salt: token.salt,
        services: token.services.map(readService),
        signed: token.verifySignature(question.certificate),
    }
}

process.stdout.write(JSON.stringify(question.tokens.map(readToken)))
