'use strict'

// A typical token server: Express and agora-token, two workers, no authentication, no database.

const cluster = require('node:cluster')
const express = require('express')
const { RtcRole, RtcTokenBuilder } = require('agora-token')

const WORKERS = 2
const { PORT, AGORA_APP_ID, AGORA_APP_CERTIFICATE } = process.env
const EXPIRES_IN = Number(process.env.EXPIRES_IN)

function serve() {
  const app = express()
  app.use(express.json())
  app.get('/healthz', (request, response) => response.json({ status: 'ok' }))
  app.post('/tokens', (request, response) => {
    const { channel, account } = request.body
    const token = RtcTokenBuilder.buildTokenWithUserAccount(
      AGORA_APP_ID, AGORA_APP_CERTIFICATE, channel, account, RtcRole.PUBLISHER, EXPIRES_IN, EXPIRES_IN
    )
    response.json({ token })
  })
  app.listen(Number(PORT), '127.0.0.1')
}

if (cluster.isPrimary) {
  for (let number = 0; number < WORKERS; number++) cluster.fork()
  cluster.on('exit', () => process.exit(1))
} else {
  serve()
}
