// The proxy in front of the authorization server: the one address that the edges know as the issuer. It passes
// everything on, but answers key fetches with the configured lie, and records each attempt of each instance. A dead
// server shows as a broken connection. Loopback only.

import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { INSTANCE_HEADER } from './instance-header.ts'
import { lieOf, type HeldKeys, type LieName, type PublishedKey } from './lies.ts'
import type { Attempt } from './oracle.ts'

const METADATA = '/.well-known/openid-configuration'
const KEY_SET = '/jwks'
const TRAP = '/trap/jwks'

type Writable<T> = { -readonly [member in keyof T]: T[member] }

export interface FaultProxy {
  readonly url: string
  /** Address of the authorization server; `null` breaks every connection. */
  setUpstream(address: string | null): void
  setLie(name: LieName | undefined): void
  setOtherKeys(keys: readonly PublishedKey[]): void
  /** Attempts of an instance to fetch the key set, oldest first. */
  attempts(instance: string): readonly Attempt[]
  /** Documents that an instance has requested so far. */
  fetches(instance: string): number
  /** Records that the instance had processed, at time `at` of its own clock, every attempt that it had begun before. */
  noteTaken(instance: string, at: number): void
  /** Requests to an address that no edge may ever contact. */
  trapped(): number
  close(): Promise<void>
}

interface Fetched {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export async function startFaultProxy(): Promise<FaultProxy> {
  const attempts = new Map<string, Writable<Attempt>[]>()
  const fetches = new Map<string, number>()
  let upstream: string | null = null
  let lie: LieName | undefined
  let otherKeys: readonly PublishedKey[] = []
  let trapped = 0

  const attemptsOf = (instance: string): Writable<Attempt>[] => {
    const known = attempts.get(instance) ?? []
    attempts.set(instance, known)
    return known
  }

  /** The answer of the real server, or `null` without one. The Host field stays that of the caller's request. */
  function fetchUpstream(request: IncomingMessage): Promise<Fetched | null> {
    if (upstream === null) return Promise.resolve(null)
    const { hostname, port } = new URL(upstream)
    return new Promise((resolve) => {
      const { method, url, headers } = request
      const outgoing = httpRequest({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => void chunks.push(chunk))
        answer.once('error', () => resolve(null))
        answer.once('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
        )
      })
      outgoing.once('error', () => resolve(null))
      request.pipe(outgoing)
    })
  }

  const pass = (answer: Fetched, response: ServerResponse): void =>
    void response.writeHead(answer.status, answer.headers).end(answer.body)

  /**
   * Answers one document of an attempt. The keys that the instance holds afterwards are recorded when the answer
   * begins.
   */
  async function answerKeyFetch(request: IncomingMessage, response: ServerResponse, instance: string) {
    const isKeySet = request.url === KEY_SET
    const current = (isKeySet ? 'key set' : 'metadata') === lieOf(lie).of ? lieOf(lie) : lieOf(undefined)
    if (!isKeySet) {
      attemptsOf(instance).push({
        startedAt: Date.now(),
        offeredAt: null,
        takenBy: null,
        outcome: 'failed',
      })
    }
    const attempt = attemptsOf(instance).at(-1)
    fetches.set(instance, (fetches.get(instance) ?? 0) + 1)
    const answer = await fetchUpstream(request)
    if (answer === null) return void response.destroy()
    const { body } = answer
    if (isKeySet && current.heldKeys !== undefined && attempt !== undefined) {
      const keys = JSON.parse(body.toString()).keys as PublishedKey[]
      const held: HeldKeys = current.heldKeys(keys, otherKeys)
      Object.assign(attempt, { offeredAt: Date.now(), outcome: held })
      response.once('close', () => {
        if (!response.writableFinished) attempt.outcome = 'failed'
      })
    }
    current.respond({ response, body, trap: `${url}${TRAP}`, otherKeys })
  }

  async function answerRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const instance = request.headers[INSTANCE_HEADER]
    if (request.url === TRAP) {
      trapped++
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: otherKeys }))
    } else if (typeof instance === 'string' && [METADATA, KEY_SET].includes(request.url ?? '')) {
      await answerKeyFetch(request, response, instance)
    } else {
      const answer = await fetchUpstream(request)
      if (answer === null) response.destroy()
      else pass(answer, response)
    }
  }

  const server = createServer((request, response) => {
    // Every fetch uses a new connection, as to a server that was restarted.
    response.shouldKeepAlive = false
    response.on('error', () => {})
    answerRequest(request, response).catch(() => response.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    setUpstream: (address) => void (upstream = address),
    setLie: (name) => void (lie = name),
    setOtherKeys: (keys) => void (otherKeys = keys),
    attempts: attemptsOf,
    fetches: (instance) => fetches.get(instance) ?? 0,
    noteTaken(instance, at) {
      const now = Date.now()
      for (const attempt of attemptsOf(instance)) if (attempt.startedAt <= at) attempt.takenBy ??= now
    },
    trapped: () => trapped,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
