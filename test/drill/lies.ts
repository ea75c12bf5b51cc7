// Wrong answers of the issuer, as rows: which of the two documents is changed, how, and which keys an edge that follows
// the standards holds afterwards. `heldKeys` is written by hand; it uses none of the code under test.

import type { ServerResponse } from 'node:http'

/** Whether an instance can use each of the keys it was given, by kid. */
export type HeldKeys = ReadonlyMap<string, 'usable' | 'unusable'>

export interface PublishedKey {
  readonly kid: string
  readonly [member: string]: unknown
}

interface LieContext {
  readonly response: ServerResponse
  /** The unchanged document. */
  readonly body: Buffer
  /** An address that no edge may ever contact. */
  readonly trap: string
  readonly otherKeys: readonly PublishedKey[]
}

interface Lie {
  readonly of: 'metadata' | 'key set'
  readonly respond: (context: LieContext) => void
  /** The keys held after this answer; absent if the answer must be refused, so that the previous keys stay. */
  readonly heldKeys?: (keys: readonly PublishedKey[], otherKeys: readonly PublishedKey[]) => HeldKeys
}

const SLOW_MS = 400
const DRIP_MS = 50

const usable = (keys: readonly PublishedKey[]): HeldKeys => new Map(keys.map(({ kid }) => [kid, 'usable']))

/** The first key is unusable, the others are usable. */
const firstUnusable = (keys: readonly PublishedKey[]): HeldKeys =>
  new Map(keys.map(({ kid }, index) => [kid, index === 0 ? 'unusable' : 'usable']))

const sendJson = (response: ServerResponse, document: unknown): void =>
  void response.setHeader('content-type', 'application/json').end(JSON.stringify(document))

/** Sends the key set with its list of keys changed. */
const withKeys =
  (change: (keys: PublishedKey[], otherKeys: readonly PublishedKey[]) => unknown[]): Lie['respond'] =>
  ({ response, body, otherKeys }) =>
    sendJson(response, { keys: change(JSON.parse(body.toString()).keys, otherKeys) })

const withMetadata =
  (change: (context: LieContext) => object): Lie['respond'] =>
  (context) =>
    sendJson(context.response, { ...JSON.parse(context.body.toString()), ...change(context) })

export const LIES = {
  slowed: {
    of: 'key set',
    respond: ({ response, body }) => void setTimeout(() => response.end(body), SLOW_MS),
    heldKeys: usable,
  },
  'status 500': { of: 'metadata', respond: ({ response }) => void response.writeHead(500).end('{}') },
  'HTML with 200': {
    of: 'key set',
    respond: ({ response }) =>
      void response.setHeader('content-type', 'text/html').end('<!doctype html><p>Down for maintenance'),
  },
  '302 elsewhere': {
    of: 'key set',
    respond: ({ response, trap }) => void response.writeHead(302, { location: trap }).end(),
  },
  'cut off': {
    of: 'key set',
    respond({ response, body }) {
      response.setHeader('content-length', body.length)
      response.write(body.subarray(0, body.length / 2), () => response.destroy())
    },
  },
  '10 MB': {
    of: 'key set',
    respond: ({ response, body }) => void response.end(Buffer.concat([Buffer.alloc(10_000_000, ' '), body])),
  },
  'empty set': { of: 'key set', respond: withKeys(() => []) },
  'metadata of another issuer': {
    of: 'metadata',
    respond: withMetadata(() => ({ issuer: 'https://another.example' })),
  },
  'jwks_uri elsewhere': {
    of: 'metadata',
    // Refused for its scheme. A fetch that followed it would find keys, and would not leave this machine.
    respond: withMetadata(({ otherKeys }) => ({
      jwks_uri: `data:application/json,${encodeURIComponent(JSON.stringify({ keys: otherKeys }))}`,
    })),
  },
  'null entry': { of: 'key set', respond: withKeys((keys) => [null, ...keys]), heldKeys: usable },
  'duplicate kid': {
    of: 'key set',
    respond: withKeys((keys, [other]) => [...keys, { ...other, kid: keys[0]!.kid }]),
    heldKeys: firstUnusable,
  },
  'private key in the set': {
    of: 'key set',
    respond: withKeys(([first, ...rest]) => [{ ...first, d: 'AQAB' }, ...rest]),
    heldKeys: firstUnusable,
  },
  // The issuer alone says what its keys are, so the edge accepts this set. The keys of the tokens it has signed are
  // then missing from it.
  "another server's keys": {
    of: 'key set',
    respond: withKeys((_, otherKeys) => [...otherKeys]),
    heldKeys: (_, otherKeys) => usable(otherKeys),
  },
  hang: { of: 'metadata', respond: () => undefined },
  'slow drip': {
    of: 'key set',
    respond({ response, body }) {
      let sent = 0
      response.writeHead(200, { 'content-type': 'application/json' })
      const timer = setInterval(() => response.write(body.subarray(sent, ++sent)), DRIP_MS)
      response.once('close', () => clearInterval(timer))
    },
  },
} as const satisfies Record<string, Lie>

export type LieName = keyof typeof LIES

/** The lie of that name; the honest answer without a name. */
export const lieOf = (name: LieName | undefined): Lie =>
  name === undefined
    ? {
        of: 'key set',
        respond: ({ response, body }) =>
          void response.setHeader('content-type', 'application/json').end(body),
        heldKeys: usable,
      }
    : LIES[name]
