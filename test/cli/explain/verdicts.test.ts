// The verdicts of `lanekeeper explain`, its options and exit codes. Each allow has a twin that differs in one thing.

import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSelfSigned } from '../../../local/client-certificates/certificates.ts'
import { createClientKey, makeProof } from '../../support/dpop-proofs.ts'
import { generateKey } from '../../support/test-issuer.ts'
import { CONFIG, ISSUER, MAIN, NOW, startWorld, type Result, type World } from './world.ts'

let world: World

beforeEach(async () => {
  world = await startWorld()
})

afterEach(() => world.close())

const verdictIn = ({ text }: Result): string | undefined => /^Verdict +(.*)$/m.exec(text)?.[1]

const stageIn = ({ text }: Result, name: string): string | undefined =>
  new RegExp(`^${name} +(.*)$`, 'm').exec(text)?.[1]?.trim()

const TOKEN = ['--token-file', 'token'] as const

describe('without keys', () => {
  test('the signature is not checked, and the verdict is unknown', async () => {
    await world.token()
    const result = await world.run(['GET', '/orders', ...TOKEN])
    expect([result.exitCode, verdictIn(result)]).toEqual([1, 'unknown. What was checked refuses nothing'])
    expect(stageIn(result, 'signature')).toBe(
      'not checked  no keys are at hand: pass --jwks FILE or --online',
    )
    expect(stageIn(result, 'policy')).toMatch(/^passed/)
    const withKeys = await world.explain('GET', '/orders')
    expect([withKeys.exitCode, verdictIn(withKeys)]).toEqual([0, 'allow'])
  })

  test('later stages are about the claims as they are', async () => {
    await world.token({ scope: 'other' })
    const result = await world.run(['GET', '/orders', ...TOKEN])
    expect([result.exitCode, verdictIn(result)]).toEqual([
      1,
      'unknown. As the token claims, it would be refused: insufficient_scope, at the stage policy by the rule "scope"',
    ])
  })

  test.each([
    ['the path', '/nowhere', {}, {}, 'route_unknown'],
    ['the issuer', '/orders', { iss: 'https://other.example.com' }, {}, 'issuer_unknown'],
    ['the algorithm', '/orders', {}, { alg: 'RS256' }, 'alg_not_allowed'],
    ['the header', '/orders', {}, { crit: ['exp'] }, 'header_member_refused'],
  ])('a refusal before the signature is certain: %s', async (_, path, claims, header, code) => {
    await world.token(claims, header)
    const result = await world.run(['GET', path, ...TOKEN])
    expect([result.exitCode, verdictIn(result)]).toEqual([
      1,
      expect.stringMatching(new RegExp(`^deny: ${code},`)),
    ])
  })

  test('inline keys of the configuration are at hand', async () => {
    await world.token()
    world.config({
      ...CONFIG,
      issuers: { main: { ...MAIN, keys: { jwks: { keys: [world.key.publicJwk] } } } },
    })
    expect((await world.run(['GET', '/orders', ...TOKEN])).exitCode).toBe(0)
    const other = await generateKey('ES256', 'main')
    world.config({ ...CONFIG, issuers: { main: { ...MAIN, keys: { jwks: { keys: [other.publicJwk] } } } } })
    expect(verdictIn(await world.run(['GET', '/orders', ...TOKEN]))).toMatch(/^deny: signature_invalid/)
  })

  test('a key set behind a secret is at hand if its variable is', async () => {
    await world.token()
    world.config({ ...CONFIG, issuers: { main: { ...MAIN, keys: { jwksSecret: { env: 'JWKS' } } } } })
    const without = await world.run(['GET', '/orders', ...TOKEN])
    expect([without.exitCode, stageIn(without, 'signature')]).toEqual([
      1,
      'not checked  the secret is not in the environment: pass --env-file',
    ])
    world.write('env', `JWKS='${JSON.stringify({ keys: [world.key.publicJwk] })}'\n`)
    expect((await world.run(['GET', '/orders', ...TOKEN, '--env-file', 'env'])).exitCode).toBe(0)
  })
})

test('--jwks: refused keys are reported, and a key of somebody else verifies nothing', async () => {
  await world.token()
  const other = await generateKey('ES256', 'main')
  world.write('jwks.json', { keys: [world.key.publicJwk, { kty: 'oct', k: 'AAAA' }] })
  expect(stageIn(await world.explain('GET', '/orders'), 'signature')).toBeDefined()
  expect((await world.explain('GET', '/orders')).text).toMatch(/keys of --jwks: 1 usable, refused: \w+/)
  world.write('jwks.json', { keys: [other.publicJwk] })
  expect(verdictIn(await world.explain('GET', '/orders'))).toMatch(/^deny: signature_invalid/)
})

describe('--online', () => {
  const answer = (document: object, status = 200) => new Response(JSON.stringify(document), { status })

  test('fetches metadata and keys as an edge does', async () => {
    await world.token()
    const asked: string[] = []
    const fetch = async (url: string) => {
      asked.push(url)
      return answer(
        url.endsWith('/jwks')
          ? { keys: [world.key.publicJwk] }
          : { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` },
      )
    }
    const result = await world.run(['GET', '/orders', ...TOKEN, '--online'], { fetch })
    expect([result.exitCode, asked]).toEqual([
      0,
      [`${ISSUER}/.well-known/openid-configuration`, `${ISSUER}/jwks`],
    ])
  })

  test('a key set that cannot be had from here may be there for an edge: unknown, with the status', async () => {
    await world.token()
    const result = await world.run(['GET', '/orders', ...TOKEN, '--online'], {
      fetch: async () => answer({}, 500),
    })
    expect([result.exitCode, verdictIn(result)]).toEqual([
      1,
      'unknown. Asked from here, it would be refused: keys_unavailable, at the stage signature by the rule "key"',
    ])
    expect(result.text.replace(/\n +/g, ' ')).toContain(
      `failed: status, at ${ISSUER}/.well-known/openid-configuration, status 500`,
    )
  })
})

describe('opaque tokens', () => {
  const introspection = {
    endpoint: `${ISSUER}/introspect`,
    authentication: 'client_secret_basic',
    clientId: 'edge',
    secret: { env: 'SECRET' },
  }
  const config = { ...CONFIG, issuers: { main: { issuer: ISSUER, audience: MAIN.audience, introspection } } }
  const ANSWER = {
    ...{ active: true, token_type: 'access_token', iss: ISSUER, aud: MAIN.audience, sub: 'user-1' },
    ...{ client_id: 'orders-web', scope: 'orders:read', exp: NOW + 60, iat: NOW - 60 },
  }
  const asked = (document: object) => async () =>
    new Response(JSON.stringify(document), { headers: { 'content-type': 'application/json' } })

  beforeEach(() => {
    world.config(config)
    world.write('token', 'opaque-token-1')
  })

  test('without --online the issuer is not asked', async () => {
    const result = await world.run(['GET', '/orders', ...TOKEN])
    expect([result.exitCode, stageIn(result, 'introspection')]).toEqual([
      1,
      'not checked  the issuer is not asked: pass --online',
    ])
    expect(stageIn(result, 'policy')).toBe('not reached')
    expect(result.text).not.toContain('What the caller saw')
  })

  test('with --online and its secret it is', async () => {
    const env = { SECRET: 'a-secret-of-the-edge' }
    const args = ['GET', '/orders', ...TOKEN, '--online']
    expect((await world.run(args, { env, fetch: asked(ANSWER) })).exitCode).toBe(0)
    const inactive = await world.run(args, { env, fetch: asked({ active: false }) })
    expect(verdictIn(inactive)).toMatch(/^deny: token_inactive, at the stage introspection/)
    const without = await world.run(args, { fetch: asked(ANSWER) })
    expect([without.exitCode, stageIn(without, 'introspection')]).toEqual([
      1,
      'not checked  the variable SECRET is not at hand: pass --env-file',
    ])
  })
})

describe('what is not asked', () => {
  test('a store of revocations: an allow is unknown, a refusal is certain', async () => {
    world.config({ ...CONFIG, revocation: { dynamodb: { table: 'revocations' } } })
    await world.token()
    const result = await world.explain('GET', '/orders')
    expect([result.exitCode, stageIn(result, 'revocation')]).toEqual([
      1,
      'not checked  the store is not asked: see lanekeeper revocations',
    ])
    await world.token({ scope: 'other' })
    expect(verdictIn(await world.explain('GET', '/orders'))).toMatch(/^deny: insufficient_scope/)
  })

  test('a route that demands no check needs no store', async () => {
    const routes = [{ ...CONFIG.routes[1], revocation: 'off' }]
    world.config({ ...CONFIG, routes, revocation: { dynamodb: { table: 'revocations' } } })
    await world.token()
    expect((await world.explain('GET', '/orders')).exitCode).toBe(0)
  })
})

describe('bound tokens', () => {
  const bound = {
    ...CONFIG,
    issuers: { main: { ...MAIN, senderConstraint: 'any' } },
    dpop: { algorithms: ['ES256'] },
    publicUrls: ['https://api.example.com'],
    aws: { strategy: 'off' },
  }

  test('a proof in --header is checked', async () => {
    world.config(bound)
    const key = createClientKey('ES256')
    const token = await world.token({ cnf: { jkt: key.jkt } })
    const proofFor = (url: string) => makeProof(key, { url, token }, { claims: { iat: NOW } })
    const good = `DPoP: ${proofFor('https://api.example.com/orders')}`
    const allowed = await world.explain('GET', '/orders', '--header', good)
    expect([allowed.exitCode, verdictIn(allowed)]).toEqual([0, 'allow'])
    const other = `DPoP: ${proofFor('https://api.example.com/other')}`
    const refused = await world.explain('GET', '/orders', '--header', other)
    expect(verdictIn(refused)).toBe('deny: dpop_proof_invalid, at the stage sender by the rule "htu"')
    expect(verdictIn(await world.explain('GET', '/orders'))).toMatch(/^deny: sender_constraint_unproven/)
  })

  test('where every function refuses them and no Worker decides, no proof makes it an allow', async () => {
    const key = createClientKey('ES256')
    const token = await world.token({ cnf: { jkt: key.jkt } })
    const url = 'https://api.example.com/orders'
    const proof = `DPoP: ${makeProof(key, { url, token }, { claims: { iat: NOW } })}`
    const explained = async (edges: object) => {
      world.config({ ...bound, ...edges })
      return world.explain('GET', '/orders', '--header', proof)
    }
    const plain = { aws: { resultTtlSeconds: 0, senderConstraint: 'none' } }
    const refused = await explained(plain)
    expect([refused.exitCode, verdictIn(refused)]).toEqual([1, expect.stringMatching(/^deny: /)])
    expect(refused.text).toContain('aws.senderConstraint')
    const worker = await explained({ ...plain, origin: { url: 'https://orders.example.com' } })
    expect([worker.exitCode, verdictIn(worker)]).toEqual([0, 'allow'])
  })

  test('a certificate is compared', async () => {
    const [one, other] = [await createSelfSigned('one'), await createSelfSigned('other')]
    const { dpop: _, ...rest } = bound
    world.config({ ...rest, issuers: { main: { ...MAIN, senderConstraint: 'mtls' } } })
    const der = Buffer.from(one.pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
    await world.token({ cnf: { 'x5t#S256': createHash('sha256').update(der).digest('base64url') } })
    world.write('one.pem', one.pem)
    world.write('other.pem', other.pem)
    expect((await world.explain('GET', '/orders', '--certificate', 'one.pem')).exitCode).toBe(0)
    const refused = await world.explain('GET', '/orders', '--certificate', 'other.pem')
    expect(verdictIn(refused)).toMatch(/^deny: client_certificate_mismatch/)
    expect(verdictIn(await world.explain('GET', '/orders'))).toMatch(/^deny: client_certificate_missing/)
  })
})

test('report-only: allowed without an identity, and no success', async () => {
  world.config({ ...CONFIG, reportOnly: true })
  await world.token({ scope: 'other' })
  const result = await world.explain('GET', '/orders')
  expect([result.exitCode, verdictIn(result)]).toEqual([
    1,
    'allow, without an identity: report-only records insufficient_scope, at the stage policy by the rule "scope"',
  ])
  expect(result.text).toMatch(/^Worker +passed on/m)
})

test('an identity that no function can hand on is refused, and a Worker hands it on', async () => {
  const claims = ['a', 'b', 'c'].map((name) => `org_${name}`)
  const identity = { claims: Object.fromEntries(claims.map((name) => [name, name])) }
  await world.token(Object.fromEntries(claims.map((name) => [name, 'x'.repeat(1800)])))
  const explained = async (edges: object) => {
    world.config({ ...CONFIG, identity, limits: { maxTokenBytes: 16_384 }, ...edges })
    return world.explain('GET', '/orders')
  }
  const refused = await explained({})
  expect([refused.exitCode, verdictIn(refused)]).toEqual([1, expect.stringMatching(/^deny: identity_/)])
  const worker = await explained({ origin: { url: 'https://orders.example.com' } })
  expect([worker.exitCode, verdictIn(worker)]).toEqual([0, 'allow'])
})

test('a public route needs no token; another one does', async () => {
  expect((await world.run(['GET', '/health'])).exitCode).toBe(0)
  const result = await world.run(['GET', '/orders'])
  expect([result.exitCode, verdictIn(result)]).toEqual([
    1,
    expect.stringMatching(/^deny: credential_missing/),
  ])
})

test('the host of a URL, or of --header, is checked', async () => {
  world.config({ ...CONFIG, publicUrls: ['https://api.example.com'] })
  await world.token()
  expect((await world.explain('GET', 'https://api.example.com/orders')).exitCode).toBe(0)
  expect(verdictIn(await world.explain('GET', 'https://other.example.com/orders'))).toMatch(
    /^deny: host_unknown/,
  )
  expect((await world.explain('GET', '/orders', '--header', 'Host: api.example.com')).exitCode).toBe(0)
  expect(verdictIn(await world.explain('GET', '/orders', '--header', 'Host: other'))).toMatch(
    /^deny: host_unknown/,
  )
})

test('--token-file - reads standard input, and --at the time', async () => {
  const token = await world.token({ exp: NOW + 600 })
  const run = (at: string) =>
    world.run(['GET', '/orders', '--token-file', '-', '--jwks', 'jwks.json', '--at', at], {
      stdin: Readable.from([token]),
    })
  expect((await run(String(NOW + 600))).exitCode).toBe(0)
  expect((await run('2026-11-30T12:10:30Z')).exitCode).toBe(1)
})

describe('with a function that keeps nothing, with a table, and with a WebSocket API', () => {
  test('a refusal that is thrown is not kept', async () => {
    world.config({ ...CONFIG, aws: { strategy: 'off' } })
    await world.token({ scope: 'other' })
    expect((await world.explain('GET', '/orders')).text).toContain(
      'REST API (aws, off): not kept: the lifetime is 0 (strategy off)',
    )
  })

  test('a table keeps one answer for every path of a token', async () => {
    const routes = CONFIG.routes.slice(0, 2)
    world.config({ ...CONFIG, routes, aws: { ...CONFIG.aws, strategy: 'table' } })
    await world.token({ scope: 'other' })
    const { text } = await world.explain('GET', '/orders')
    expect(text).toContain('REST API (aws, table): kept for 300 s: every request with the same token gets')
    expect(text).not.toMatch(/^HTTP API/m)
  })

  test('a handshake', async () => {
    const routes = [
      ...CONFIG.routes,
      { path: '$connect', methods: ['GET'], scope: { allOf: ['orders:read'] } },
    ]
    world.config({ ...CONFIG, routes })
    await world.token({ scope: 'other' })
    const { text } = await world.explain('GET', '$connect')
    expect(text).toMatch(/^WebSocket API \(aws\) +403/m)
    expect(text).not.toMatch(/^Worker/m)
  })
})

describe('a wrong call', () => {
  test.each([
    [['GET'], /^The arguments are METHOD PATH; 1 are given\./],
    [['GET', 'orders'], /^PATH begins with "\/"/],
    [['GE T', '/orders'], /^METHOD is the method/],
    [
      ['GET', '/orders', '--stage', 'prod'],
      /^--stage \(LANEKEEPER_STAGE\): the configuration has no stages\.$/,
    ],
    [['GET', '/orders', '--at', 'noon'], /^--at is a time/],
    [['GET', '/orders', '--header', 'Host'], /^--header is a header field/],
    [['GET', '/orders', '--header', 'authorization: Basic x'], /^--header: an access token is no argument/],
    [['GET', 'https://a/orders', '--header', 'Host: b'], /^--header Host: the host is given twice/],
    [['GET', '/orders', '--token-file', 'missing'], /^--token-file: cannot be read \(ENOENT\)\.$/],
    [['GET', '/orders', '--jwks', 'missing'], /^--jwks: cannot be read \(ENOENT\)\.$/],
    [['GET', '/orders', '--jwks', 'lanekeeper.config.ts'], /^--jwks: is no JSON\.$/],
    [['GET', '/orders', '--jwks', 'empty.json'], /^--jwks: is no JWK Set with keys/],
    [['GET', '/orders', '--jwks', 'jwks.json', '--online'], /^--jwks and --online: pass one of them\.$/],
    [['GET', '/orders', '--certificate', 'jwks.json'], /^--certificate: has no certificate in PEM\.$/],
    [['GET', '/orders', '--token-file', '-', '--jwks', '-'], /^--token-file - and --jwks -: pass one/],
    [['GET', '/orders', '--config', 'missing.ts'], /^missing\.ts: there is no such file\.$/],
  ])('%j', async (args, message) => {
    world.config({
      ...CONFIG,
      issuers: { main: { ...MAIN, senderConstraint: 'mtls' } },
      aws: { strategy: 'off' },
    })
    writeFileSync(join(world.root, 'empty.json'), '{"keys":[]}')
    const { exitCode, text, errors } = await world.run(args)
    expect([exitCode, text, errors]).toEqual([2, '', expect.stringMatching(message)])
  })

  test('variables that are missing are named', async () => {
    world.config({ ...CONFIG, issuers: { main: { ...MAIN, audience: '${env:AUDIENCE}' } } })
    const { exitCode, errors } = await world.run(['GET', '/orders'])
    expect([exitCode, errors]).toEqual([
      2,
      'issuers.main.audience needs the variable AUDIENCE; set it or pass --env-file.',
    ])
  })

  test('a stage is required where there are stages', async () => {
    world.config({ ...CONFIG, stages: { production: {}, staging: {} } })
    expect((await world.run(['GET', '/orders'])).errors).toBe(
      '--stage (LANEKEEPER_STAGE) is one of production, staging.',
    )
    expect((await world.run(['GET', '/health', '--stage', 'staging'])).exitCode).toBe(0)
  })
})

describe('a challenge of a REST API', () => {
  test.each([
    [{ exp: NOW - 60 }, 'Bearer realm="api" (by the gateway response UNAUTHORIZED)'],
    [{ scope: 'orders:write' }, 'scope="orders:read" (by the gateway response ACCESS_DENIED)'],
  ])('of %j comes from its gateway response', async (claims, challenge) => {
    world.config(CONFIG)
    await world.token(claims)
    const { answers } = JSON.parse((await world.explain('GET', '/orders', '--json')).text)
    const [rest, http] = ['REST API', 'HTTP API'].map((name) =>
      answers.find(({ edge }: { edge: string }) => edge === name),
    )
    expect(rest.challenge).toContain(challenge)
    expect(http.challenge ?? null).toBeNull()
  })
})
