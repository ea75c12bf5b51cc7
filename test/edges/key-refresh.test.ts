// A fetch of keys in workerd outlives the request that started it: it goes on in the background after the answer, and
// it serves the requests that wait for it when the first client has disconnected. The key server answers when the test
// says so; nothing is timed.

import { connect } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { generateKey, startTestIssuer, type SigningKey, type TestIssuer } from '../support/test-issuer.ts'
import { until } from '../support/time.ts'
import { openWorkerEdge, type WorkerEdge } from './worker-edge.ts'

const AUDIENCE = 'https://api.test.example'
const MINUTE = 60_000

let key: SigningKey
let issuer: TestIssuer
let edge: WorkerEdge
let clock: number
let before: number

beforeAll(async () => {
  key = await generateKey('ES256', 'one')
  issuer = await startTestIssuer({ audience: AUDIENCE, keys: [key] })
  edge = await openWorkerEdge({
    issuers: {
      main: {
        issuer: issuer.issuer,
        audience: AUDIENCE,
        profile: 'rfc9068',
        keys: { jwks_uri: issuer.jwksUri },
        algorithms: ['ES256'],
      },
    },
    routes: [{ path: '/', methods: ['GET'], scope: 'none' }],
  })
})

afterAll(async () => {
  await edge.close()
  await issuer.close()
})

beforeEach(async () => {
  issuer.answerWith(null)
  before = issuer.fetches()
  clock = Date.now()
  await edge.beginAt(clock)
})

const fetches = () => issuer.fetches() - before
const field = async () =>
  `Bearer ${await issuer.token({ claims: { exp: Math.floor(clock / 1000) + 3_600 } })}`

async function ask(): Promise<number> {
  const { response } = await edge.sendRaw({
    method: 'GET',
    target: '/',
    fields: [['Authorization', await field()]],
  })
  return response.status
}

const keyEvents = async () =>
  (await edge.takeEvents()).flatMap((event) => (event.event === 'keys' ? [event.outcome] : []))

/** Holds back every answer of the key server. `firstRequest` settles with the first request. */
function holdAnswers() {
  const waiting: (() => void)[] = []
  const firstRequest = new Promise<void>((resolve) => {
    issuer.answerWith((_, response) => {
      waiting.push(() => void response.end(JSON.stringify({ keys: [key.publicJwk] })))
      resolve()
    })
  })
  return { firstRequest, release: () => waiting.forEach((answer) => answer()) }
}

test('a refresh goes on in the background, and happens once', async () => {
  expect(await ask()).toBe(200)
  expect(await keyEvents()).toEqual(['refreshed'])
  await edge.setClock(clock + 11 * MINUTE)
  const { firstRequest, release } = holdAnswers()
  expect(await ask()).toBe(200)
  await firstRequest
  expect(await ask()).toBe(200)
  expect(await keyEvents()).toEqual([])
  release()
  await until(async () => (await keyEvents()).includes('refreshed'))
  expect(fetches()).toBe(2)
  expect(await ask()).toBe(200)
  expect(fetches()).toBe(2)
})

test('waiting requests are answered, though the first client has disconnected', async () => {
  const { firstRequest, release } = holdAnswers()
  const { port, hostname } = new URL(edge.url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(`GET / HTTP/1.1\r\nHost: x\r\nAuthorization: ${await field()}\r\n\r\n`)
  await firstRequest
  const waiting = [ask(), ask(), ask()]
  socket.destroy()
  await once(socket, 'close')
  release()
  expect(await Promise.all(waiting)).toEqual([200, 200, 200])
  expect(fetches()).toBe(1)
})
