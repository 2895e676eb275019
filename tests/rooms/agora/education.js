// Reads {"modules": folder, "certificate": hex, "tokens": [{"app_id", "room", "user", "role", "expires_in"}]}
// from standard input and writes, for each, the education room-user token that Agora's own package builds.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const question = JSON.parse(fs.readFileSync(0, 'utf8'))
const source = path.join(question.modules, 'agora-token', 'src', 'EducationTokenBuilder')
const { EducationTokenBuilder } = require(source)

function build({ app_id, room, user, role, expires_in }) {
    return EducationTokenBuilder.buildRoomUserToken(app_id, question.certificate, room, user, role, expires_in)
}

process.stdout.write(JSON.stringify(question.tokens.map(build)))
