'use strict'

// A typical live server: Socket.IO with its Redis adapter for broadcasts to other processes. It authorizes and
// stores nothing.

const { createServer } = require('node:http')
const { createAdapter } = require('@socket.io/redis-adapter')
const { createClient } = require('redis')
const { Server } = require('socket.io')

const { PORT, REDIS_URL } = process.env

async function serve() {
  const publisher = createClient({ url: REDIS_URL })
  const subscriber = publisher.duplicate()
  await Promise.all([publisher.connect(), subscriber.connect()])

  const http = createServer((request, response) => response.end('ok'))
  const io = new Server(http, { adapter: createAdapter(publisher, subscriber), transports: ['websocket'] })
  let version = 0
  io.on('connection', (socket) => {
    const { room } = socket.handshake.query
    socket.join(room)
    socket.on('room.set', (change) => {
      const action = change.mute_everyone ? 'mute_everyone' : 'unmute_everyone'
      const update = { version: ++version, action, by: socket.id, at: new Date().toISOString(), room: change }
      io.to(room).emit('update', update)
    })
  })
  http.listen(Number(PORT), '127.0.0.1')
}

serve()
