// Settings that would let every request pass if an edge took them as they are. Every edge refuses to start with them,
// compiled or not.

import { describe, expect, test } from 'vitest'
import { createHandler } from '../../functions/aws/handler.ts'
import { createWorker } from '../../functions/cloudflare/worker.ts'
import { compileCore } from '../edges/core-edge.ts'
import { ConfigError, createAuthorizer, webCrypto } from '../../shared/index.ts'

const ISSUER = {
  issuer: 'https://login.example.com',
  audience: 'https://api.example.com',
  profile: 'rfc9068',
  keys: { discovery: 'openid-configuration' },
}
const ROUTE = { path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }

const issuer = (members: object) => ({ issuers: { main: { ...ISSUER, ...members } } })
const route = (members: object) => ({ routes: [{ ...ROUTE, ...members }] })

const ATTACKS: readonly (readonly [title: string, settings: object, problem: string])[] = [
  ['A005 no keys', issuer({ keys: { jwks: { keys: [] } } }), 'issuers.main.keys.jwks.keys'],
  [
    'A005 a key without a value',
    issuer({ keys: { jwks: { keys: [{ kty: 'oct', k: '' }] } } }),
    'issuers.main.keys.jwks.keys[0]',
  ],
  ['A005 null for a key', issuer({ keys: { jwks: { keys: [null] } } }), 'issuers.main.keys.jwks.keys[0]'],
  ['A005 an empty address of keys', issuer({ keys: { jwks_uri: '' } }), 'issuers.main.keys.jwks_uri'],
  ['A005 a variable that is not set', issuer({ audience: '${env:AUDIENCE}' }), 'issuers.main.audience'],
  ['A005 a variable that is empty', issuer({ audience: '${env:EMPTY}' }), 'issuers.main.audience'],
  ...[Infinity, Number.NaN, -1, '30', null].map(
    (seconds) =>
      [
        `A041 ${String(seconds)} seconds of tolerance`,
        issuer({ clockToleranceSeconds: seconds }),
        'issuers.main.clockToleranceSeconds',
      ] as const,
  ),
  ...[undefined, null, false, '', '*', [], /./].map(
    (value) =>
      [`A055 ${String(value)} for the issuer`, issuer({ issuer: value }), 'issuers.main.issuer'] as const,
  ),
  ...[undefined, null, false, '', [], ['']].map(
    (value) =>
      [
        `A063 ${JSON.stringify(value)} for the audience`,
        issuer({ audience: value }),
        'issuers.main.audience',
      ] as const,
  ),
  ['A064 a pattern for the audience', issuer({ audience: /^https:/g }), 'issuers.main.audience'],
  ['A080 no scope', route({ scope: undefined }), 'routes[0].scope'],
  ['A080 an empty scope', route({ scope: {} }), 'routes[0].scope'],
  ['A080 an empty list of scopes', route({ scope: { allOf: [] } }), 'routes[0].scope.allOf'],
  ['A080 a list for the scope', route({ scope: [] }), 'routes[0].scope'],
  ['A080 public and a scope', route({ public: true }), 'routes[0].scope'],
  ['A118 an issuer over http', issuer({ issuer: 'http://login.example.com' }), 'issuers.main.issuer'],
  [
    'A118 keys over http',
    issuer({ keys: { jwks_uri: 'http://keys.example.com' } }),
    'issuers.main.keys.jwks_uri',
  ],
  [
    'A118 a switch that turns certificates off',
    issuer({ rejectUnauthorized: false }),
    'issuers.main.rejectUnauthorized',
  ],
]

const ENV = { EMPTY: '' }
const PORTS = { fetch, now: Date.now, report: () => {} }

/** Compiles or creates each edge with a configuration and the environment above. */
const STARTS: Readonly<Record<string, (config: never) => unknown>> = {
  core: (config) => createAuthorizer(config, PORTS, { env: ENV }),
  worker: (config) => createWorker(config, ENV),
  lambda: (config) => createHandler(config, ENV),
  'what is compiled': async (config) => (await compileCore(config, ENV))({ crypto: webCrypto, ...PORTS }),
}

const GOOD = { ...issuer({}), routes: [ROUTE], origin: { url: 'https://origin.example.com' } }

describe.each(Object.entries(STARTS))('%s', (_, start) => {
  test('starts with a good configuration', async () => {
    await start(GOOD as never)
  })

  test.each(ATTACKS)('refuses to start: %s', async (_, settings, problem) => {
    let thrown: unknown
    try {
      await start({ ...GOOD, ...settings } as never)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(ConfigError)
    expect((thrown as ConfigError).problems.map(({ path }) => path)).toContain(problem)
  })
})
