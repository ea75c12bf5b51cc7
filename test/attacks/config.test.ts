// Settings that would let every request pass if an edge took them as they are. No artefact is built with them, and every
// edge refuses to start with them.

import { describe, expect, test } from 'vitest'
import { AWS_EDGE } from '../../functions/aws/compile.ts'
import { createHandler } from '../../functions/aws/handler.ts'
import { CLOUDFLARE_EDGE } from '../../functions/cloudflare/compile.ts'
import { createWorker } from '../../functions/cloudflare/worker.ts'
import { compileFor } from '../../shared/compiler.ts'
import { ConfigError, createAuthorizer } from '../../shared/index.ts'

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

/** Compiles or creates each edge with a configuration and the environment above. */
const STARTS: Readonly<Record<string, (config: never) => unknown>> = {
  core: (config) => createAuthorizer(config, { fetch, now: Date.now, report: () => {} }, { env: ENV }),
  worker: (config) => createWorker(config, ENV),
  lambda: (config) => createHandler(config, ENV),
  'the build of a worker': (config) => compileFor(CLOUDFLARE_EDGE, config, { env: ENV }, true),
  'the build of a lambda': (config) => compileFor(AWS_EDGE, config, { env: ENV }, true),
}

const GOOD = { ...issuer({}), routes: [ROUTE], origin: { url: 'https://origin.example.com' } }

describe.each(Object.entries(STARTS))('%s', (_, start) => {
  test('starts with a good configuration', () => {
    start(GOOD as never)
  })

  test.each(ATTACKS)('refuses: %s', (_, settings, problem) => {
    let thrown: unknown
    try {
      start({ ...GOOD, ...settings } as never)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(ConfigError)
    expect((thrown as ConfigError).problems.map(({ path }) => path)).toContain(problem)
  })
})
