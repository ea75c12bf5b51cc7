// The stage `local` of a run: what is derived, what stays, and what other stages refuse of it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findLoopbackIssuers } from '../../../cli/loopback-issuers.ts'
import { deriveStage } from '../../../local/dev/derive-stage.ts'
import { createLocalKeys } from '../../../local/issuer/keys.ts'
import { startLocalIssuer, type LocalIssuer } from '../../../local/issuer/local-issuer.ts'
import { createAuthorizer, resolveConfig, type LanekeeperConfig } from '../../../shared/index.ts'

const ADDRESSES = { issuer: 'http://127.0.0.1:4404', origin: 'http://127.0.0.1:4405', isOriginNamed: false }

const CONFIG: LanekeeperConfig = {
  issuers: {
    main: {
      issuer: 'https://login.example.com',
      audience: 'https://api.example.com',
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration', bundled: { maxAgeSeconds: 3_600 } },
      algorithms: ['ES256'],
      clients: ['web'],
    },
  },
  routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }],
  origin: { binding: 'ORDERS', token: 'forward' },
  publicUrls: ['https://api.example.com'],
}

const derive = (config: LanekeeperConfig, env = {}, addresses = ADDRESSES) =>
  deriveStage(config, env, addresses)

describe('an issuer', () => {
  test('keeps everything but its keys', () => {
    const { config, foreign, notes } = derive(CONFIG)
    expect(config.issuers).toEqual({
      main: {
        ...CONFIG.issuers['main'],
        keys: {
          discovery: 'openid-configuration',
          url: 'http://127.0.0.1:4404/main/.well-known/openid-configuration',
        },
      },
    })
    expect([...foreign, ...notes]).toEqual([])
    expect(config.stages).toEqual({ local: {} })
  })

  test('of the stage local is the one that is derived; another stage does not count', () => {
    const audience = (stage: string) => {
      const { config } = derive({
        ...CONFIG,
        stages: { [stage]: { issuers: { main: { audience: stage } } } },
      })
      return config.issuers['main']!.audience
    }
    expect([audience('local'), audience('production')]).toEqual(['local', 'https://api.example.com'])
  })

  test.each([
    ['jwks_uri', { keys: { jwks_uri: 'http://localhost:9000/jwks' } }],
    ['issuer', { issuer: 'http://127.0.0.1:9000' }],
    ['jwks', { keys: { jwks: { keys: [{}] } } }],
  ])('with its own %s in the stage local stays as it is', (_, override) => {
    const { config, foreign } = derive({ ...CONFIG, stages: { local: { issuers: { main: override } } } })
    expect(config.issuers['main']).toEqual({ ...CONFIG.issuers['main'], ...override })
    expect([...foreign]).toEqual(['main'])
  })

  test('without its variables is that of the local issuer, and the notes say so', () => {
    const issuer = {
      ...CONFIG.issuers['main'],
      issuer: '${env:ISSUER}',
    } as LanekeeperConfig['issuers'][string]
    const { config, notes } = derive({ ...CONFIG, issuers: { main: issuer } })
    expect(config.issuers['main']!.issuer).toBe('http://127.0.0.1:4404/main')
    expect(notes).toEqual(['issuers.main.issuer: ISSUER is not set, so it is http://127.0.0.1:4404/main'])
    const set = derive({ ...CONFIG, issuers: { main: issuer } }, { ISSUER: 'https://login.example.org' })
    expect([set.config.issuers['main']!.issuer, set.notes]).toEqual(['https://login.example.org', []])
  })
})

describe('the origin', () => {
  const staged: LanekeeperConfig = {
    ...CONFIG,
    stages: { local: { origin: { url: 'http://localhost:3000' } } },
  }

  test('is that of the stage local, else the one of the run, with its other settings', () => {
    expect(derive(CONFIG).config.origin).toEqual({ url: ADDRESSES.origin, token: 'forward' })
    expect(derive(staged).config.origin).toEqual({ url: 'http://localhost:3000' })
    const named = { ...ADDRESSES, isOriginNamed: true }
    expect(derive(staged, {}, named).config.origin).toEqual({ url: ADDRESSES.origin })
  })
})

test('references to stores of secrets become variables, and names of variables stay', () => {
  const assertion = { key: { secretsStore: 'KEY' }, audience: 'orders' }
  const log = { fingerprintKey: { env: 'FINGERPRINT' } }
  const { config } = derive({ ...CONFIG, origin: { url: 'https://o.example', assertion }, log } as never)
  expect(config).toMatchObject({
    origin: { assertion: { key: { env: 'LANEKEEPER_LOCAL_SECRET_1' } } },
    log: { fingerprintKey: { env: 'FINGERPRINT' } },
  })
})

test('what does not run here is left out, and the notes name it', () => {
  const { config, notes } = derive({
    ...CONFIG,
    dpop: {},
    revocation: { dynamodb: { table: 't' } },
    routes: [
      { path: '/orders', methods: ['GET'], scope: 'none', revocation: 'strong', senderConstraint: 'dpop' },
    ],
  } as never)
  expect(config.routes).toEqual([{ path: '/orders', methods: ['GET'], scope: 'none' }])
  expect('dpop' in config || 'revocation' in config || 'publicUrls' in config).toBe(false)
  expect(notes.map((note) => note.split(':')[0])).toEqual(['revocation', 'dpop', 'senderConstraint'])
})

describe('another stage', () => {
  let issuer: LocalIssuer
  const start = (secret: string) =>
    startLocalIssuer({ port: 0, secret, keys: createLocalKeys(() => 'base64url'), now: Date.now })

  beforeAll(async () => {
    issuer = await start('one')
  })

  afterAll(() => issuer.close())

  const statusFor = async (config: LanekeeperConfig, stage: string, token: string) => {
    const codes: string[] = []
    const authorizer = createAuthorizer(
      config,
      {
        fetch,
        now: Date.now,
        report: (event) => void (event.event === 'decision' && codes.push(event.code)),
      },
      { stage },
    )
    const authorization = [`Bearer ${token}`]
    await authorizer.authorize({ method: 'GET', path: '/orders', authorization, accessTokenInQuery: false })
    return codes
  }

  test('of the same configuration refuses a token of the local issuer, and so does the next run', async () => {
    const staged = derive(CONFIG, {}, { ...ADDRESSES, issuer: issuer.url }).config
    issuer.update({ config: resolveConfig(staged, { stage: 'local' }), foreign: new Set() })
    const { token } = await issuer.mint({})
    const next = await start('two')
    const production = derive(CONFIG, {}, { ...ADDRESSES, issuer: next.url }).config
    const ofNext = resolveConfig(production, { stage: 'local' })
    next.update({ config: ofNext, foreign: new Set() })
    const published = (await (await fetch(`${next.url}/main/jwks`)).json()) as { keys: object[] }
    const real: LanekeeperConfig = {
      ...CONFIG,
      issuers: { main: { ...CONFIG.issuers['main'], keys: { jwks: published } } as never },
      stages: { production: {} },
    }
    expect(await statusFor(staged, 'local', token)).toEqual(['access_token'])
    expect(await statusFor(real, 'production', token)).toEqual(['key_unknown'])
    expect(await statusFor(production, 'local', token)).toEqual(['key_unknown'])
    await next.close()
  })

  test.each([
    ['local', []],
    ['production', ['issuers.main.keys']],
    ['', ['issuers.main.keys']],
  ])('"%s" has problems with keys on loopback: %j', (stage, paths) => {
    const resolved = resolveConfig(derive(CONFIG).config, { stage: 'local' })
    expect(findLoopbackIssuers(resolved, stage).map(({ path }) => path)).toEqual(paths)
    const ofProvider = resolveConfig(CONFIG, {})
    expect(findLoopbackIssuers(ofProvider, stage)).toEqual([])
  })
})
