// `lanekeeper check --online` against real servers on loopback: each finding, and the same answer with one difference,
// which is none. The clock stands still; every answer states the time that the test says.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CheckDocument } from '../../../cli/check-document.ts'
import { runCommand } from '../../../cli/commands.ts'
import { COMMAND_TIME_MS, createCommandIo } from '../../support/command-io.ts'
import { EXPONENT_ONE, SMALL_ORDER, unusableKeys } from '../../support/hostile-keys.ts'
import { APP, CLIENT_ID, startOpaqueIssuer, type OpaqueIssuer } from '../../support/opaque-issuer.ts'
import {
  generateKey,
  signCompact,
  startTestIssuer,
  type SigningKey,
  type TestIssuer,
} from '../../support/test-issuer.ts'
import { startRecordingIssuer } from '../../support/recording-issuer.ts'
import { hang } from '../../support/time.ts'

const AUDIENCE = 'https://api.example.com'

let keys: SigningKey[]
let issuer: TestIssuer
let opaque: OpaqueIssuer
let root: string
/** How far the servers' clocks are ahead, in milliseconds, and how long each answer takes on the clock of the command. */
let aheadMs: number
let answerMs: number
let extraFields: Readonly<Record<string, string>>
let fetched: string[]

beforeAll(async () => {
  keys = [await generateKey('RS256', 'a'), await generateKey('ES256', 'b')]
  issuer = await startTestIssuer({ audience: AUDIENCE, keys })
  opaque = await startOpaqueIssuer()
})
afterAll(() => Promise.all([issuer.close(), opaque.close()]))

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lanekeeper-online-')))
  aheadMs = 0
  answerMs = 0
  extraFields = {}
  fetched = []
  issuer.answerWith(null)
  issuer.publish(keys.map(({ publicJwk }) => publicJwk))
})
afterEach(() => rmSync(root, { recursive: true }))

const main = (more: object = {}) => ({
  issuer: issuer.issuer,
  audience: AUDIENCE,
  profile: 'rfc9068',
  keys: { discovery: 'openid-configuration' },
  algorithms: ['RS256', 'ES256'],
  ...more,
})

const configOf = (issuers: object, more: object = {}) => ({
  issuers,
  routes: [{ path: '/orders', methods: ['GET'], scope: 'none' }],
  origin: { url: 'https://orders.internal.example.com' },
  ...more,
})

const LOCAL = { stages: { local: {} } }

async function run(config: object, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  writeFileSync(join(root, 'lanekeeper.config.js'), `export default ${JSON.stringify(config)}`)
  let now = COMMAND_TIME_MS
  const { io, kept } = createCommandIo({
    cwd: root,
    env,
    now: () => now,
    async fetch(url, init) {
      fetched.push(url)
      const response = await fetch(url, init)
      const headers = new Headers(response.headers)
      now += answerMs
      headers.set('date', new Date(COMMAND_TIME_MS + aheadMs).toUTCString())
      for (const [name, value] of Object.entries(extraFields)) headers.set(name, value)
      return new Response(response.body, { status: response.status, headers })
    },
  })
  const exitCode = await runCommand(['check', ...args], io)
  return { exitCode, text: kept.printed.join('\n'), errors: kept.errors.join('\n') }
}

/** What is found about the issuers of the stage local, which may ask an issuer on loopback. */
async function ask(
  issuers: object,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
) {
  const { exitCode, text } = await run(configOf(issuers, LOCAL), ['--online', '--json', ...args], env)
  const document = JSON.parse(text) as CheckDocument
  const [stage] = document.online!
  const lines = stage!.findings.map(({ severity, subject, message }) => `${severity}: ${subject}: ${message}`)
  expect(exitCode).toBe(stage!.findings.some(({ severity }) => severity === 'problem') ? 1 : 0)
  expect(document.ok).toBe(exitCode === 0)
  return { stage: stage!, lines, found: lines.join('\n') }
}

const send = (response: ServerResponse, document: unknown, fields: Readonly<Record<string, string>> = {}) =>
  response.writeHead(200, { 'content-type': 'application/json', ...fields }).end(JSON.stringify(document))

/** Changes the metadata of the issuer; its key set stays. */
const withMetadata = (members: object, ofEachKey: object = {}) =>
  issuer.answerWith((request, response) =>
    request.url === '/jwks'
      ? send(response, { keys: keys.map(({ publicJwk }) => ({ ...publicJwk, ...ofEachKey })) })
      : send(response, { issuer: issuer.issuer, jwks_uri: issuer.jwksUri, ...members }),
  )

const answerStatus = (status: number, fields: Readonly<Record<string, string>> = {}) =>
  issuer.answerWith((_, response) => void response.writeHead(status, fields).end())

describe('an issuer', () => {
  test('that answers as it should has no finding, and the exit code is 0', async () => {
    const { stage, lines } = await ask({ main: main() })
    expect(lines).toEqual([])
    expect(stage).toEqual({
      name: 'local',
      asked: [
        {
          issuer: 'main',
          what: 'metadata',
          url: `${issuer.issuer}/.well-known/openid-configuration`,
          status: 200,
          ms: 0,
          limitMs: 3_000,
          clockDifferenceMs: 0,
          cacheControl: null,
        },
        expect.objectContaining({ what: 'keys', url: issuer.jwksUri, status: 200 }),
      ],
      keys: [
        {
          issuer: 'main',
          published: 2,
          usable: [
            { kid: 'a', algorithms: ['RS256'] },
            { kid: 'b', algorithms: ['ES256'] },
          ],
          refused: [],
        },
      ],
      findings: [],
      notAsked: [],
    })
  })

  test.each<[string, () => void, string | RegExp]>([
    ['fails', () => answerStatus(500), 'answers with the status 500'],
    ['knows no metadata', () => answerStatus(404), 'answers with the status 404'],
    [
      'redirects',
      () => answerStatus(307, { location: '/elsewhere' }),
      'answers with a redirect (status 307), which an edge does not follow',
    ],
    [
      'sends no JSON',
      () => issuer.answerWith((_, response) => void response.end('<html>')),
      'is no JSON object',
    ],
    [
      'names a member twice',
      () => issuer.answerWith((_, response) => void response.end('{"issuer":"a","issuer":"b"}')),
      'has a member twice',
    ],
    ['does not answer in time', () => issuer.answerWith(hang), 'gave no whole answer within 3000 ms'],
    [
      'sends too much',
      () => issuer.answerWith((_, response) => void send(response, { padding: 'x'.repeat(262_145) })),
      'is larger than an edge reads',
    ],
    [
      'has a coding of its own',
      () =>
        issuer.answerWith((_, response) => void send(response, {}, { 'content-encoding': 'zstd-of-ours' })),
      'content coding',
    ],
    [
      'is another one',
      () => withMetadata({ issuer: 'https://evil.example' }),
      'that of the issuer "https://evil.example"',
    ],
    ['states none', () => withMetadata({ issuer: undefined }), 'states no issuer'],
    [
      'differs in a slash',
      () => withMetadata({ issuer: `${issuer.issuer}/` }),
      'they differ in the slash at the end',
    ],
    [
      'has keys elsewhere without TLS',
      () => withMetadata({ jwks_uri: 'http://keys.example.com/jwks' }),
      'has no jwks_uri that an edge may fetch',
    ],
    ['has no key', () => issuer.publish([]), /jwks" has no key/],
    [
      'has too many keys',
      () => issuer.publish(Array.from({ length: 101 }, () => keys[0]!.publicJwk)),
      'more keys than an edge reads',
    ],
  ])('that %s is a problem', async (_, change, expected) => {
    change()
    const { found, stage } = await ask({ main: main() })
    expect(found).toMatch(/^problem: issuers\.main\.keys: /)
    if (typeof expected === 'string') expect(found).toContain(expected)
    else expect(found).toMatch(expected)
    expect(stage.keys).toEqual([])
  })

  test('that differs in case is told so, whatever the configuration', async () => {
    const name = issuer.issuer.replace('127.0.0.1', 'localhost')
    const config = main({
      issuer: name,
      keys: { discovery: 'openid-configuration', url: `${issuer.issuer}/m` },
    })
    withMetadata({ issuer: name.replace('localhost', 'Localhost') })
    expect((await ask({ main: config })).found).toContain('they differ in case')
    withMetadata({ issuer: name })
    expect((await ask({ main: config })).lines).toEqual([])
  })

  test('of many tenants has the placeholder in its metadata', async () => {
    const pattern = 'https://login.microsoftonline.com/{tenantid}/v2.0'
    const entra = {
      ...main({ issuer: pattern, profile: 'entra-v2' }),
      tenants: ['11111111-2222-3333-4444-555555555555'],
      keys: { discovery: 'openid-configuration', url: `${issuer.issuer}/common` },
    }
    withMetadata({ issuer: pattern }, { issuer: pattern })
    expect((await ask({ main: entra })).lines).toEqual([])
    withMetadata({ issuer: pattern.replace('{tenantid}', 'common') })
    const { found } = await ask({ main: entra })
    expect(found).toContain(
      `the issuer "${pattern.replace('{tenantid}', 'common')}", and "${pattern}" is configured`,
    )
  })

  test('of AD FS states that of its access tokens, too', async () => {
    const accessTokens = `${issuer.issuer}/adfs/services/trust`
    const metadataIssuer = `${issuer.issuer}/adfs`
    const url = `${issuer.issuer}/metadata`
    const config = main({
      issuer: accessTokens,
      profile: 'adfs',
      keys: { discovery: 'openid-configuration', url, metadataIssuer },
    })
    withMetadata({ issuer: metadataIssuer, access_token_issuer: accessTokens })
    expect((await ask({ main: config })).lines).toEqual([])
    withMetadata({ issuer: metadataIssuer, access_token_issuer: `${accessTokens}/` })
    expect((await ask({ main: config })).found).toContain(
      `the access_token_issuer of the metadata is "${accessTokens}/", and "${accessTokens}" is configured`,
    )
    withMetadata({ issuer: accessTokens, access_token_issuer: accessTokens })
    expect((await ask({ main: config })).found).toContain(
      `the issuer "${accessTokens}", and "${metadataIssuer}"`,
    )
  })

  test('that cannot be reached is a problem with the code of the connection', async () => {
    const gone = await startTestIssuer({ audience: AUDIENCE, keys })
    await gone.close()
    const { found, stage } = await ask({ main: main({ issuer: gone.issuer }) })
    expect(found).toContain('cannot be reached (ECONNREFUSED)')
    expect(stage.asked).toMatchObject([{ status: null, clockDifferenceMs: null }])
  })

  test('whose certificate is not trusted is a problem with the code of TLS', async () => {
    const secure = await startRecordingIssuer('https')
    const { found } = await ask({ main: main({ issuer: secure.url }) })
    await secure.close()
    expect(found).toContain('cannot be reached (DEPTH_ZERO_SELF_SIGNED_CERT)')
  })
})

describe('keys', () => {
  const hostile = new Map(
    unusableKeys().map((key) => [(key as { kid?: string } | null)?.kid ?? String(key), key] as const),
  )

  test.each([
    ['e1', 'rsa_exponent'],
    ['small', 'small_order'],
    ['roca', 'rsa_roca'],
    ['short', 'rsa_size'],
    ['private', 'private'],
    ['off curve', 'off_curve'],
    ['long', 'wrong_length'],
    ['stub', 'wrong_length'],
    ['placeholder', 'malformed'],
    ['blank', 'symmetric'],
    ['null', 'not_a_key'],
    ['text', 'not_a_key'],
  ])('%s beside good ones is a problem: %s', async (name, problem) => {
    issuer.publish([...keys.map(({ publicJwk }) => publicJwk), hostile.get(name)])
    const { lines, stage } = await ask({ main: main({ algorithms: ['RS256', 'ES256', 'EdDSA'] }) })
    expect(lines).toEqual([
      expect.stringContaining(`is refused (${problem}): it `),
      expect.stringMatching(/^warning: .* EdDSA;/),
    ])
    expect(stage.keys[0]).toMatchObject({ published: 3, refused: [{ problem }] })
    expect(stage.keys[0]!.usable.map(({ kid }) => kid)).toEqual(['a', 'b'])
  })

  test('every hostile key has a row above', () => expect(hostile.size).toBe(12))

  test('that are all refused leave nothing that can be used', async () => {
    issuer.publish([EXPONENT_ONE, SMALL_ORDER])
    const { found, stage } = await ask({ main: main() })
    expect(found).toContain('problem: issuers.main.keys: has no usable key, so every token is refused')
    expect(found).toContain('"OKP Ed25519"')
    expect(stage.keys[0]!.usable).toEqual([])
  })

  test('for something else are a note, and the set is good', async () => {
    issuer.publish([
      ...keys.map(({ publicJwk }) => publicJwk),
      { ...keys[0]!.publicJwk, kid: 'enc', use: 'enc' },
    ])
    const { lines } = await ask({ main: main() })
    expect(lines).toEqual([expect.stringMatching(/^note: .*"enc" is not for signatures/)])
  })

  test('for another algorithm than the configured ones are none, and the problem names theirs', async () => {
    issuer.publish([keys[1]!.publicJwk])
    const { found } = await ask({ main: main({ algorithms: ['RS256'] }) })
    expect(found).toContain('published are "EC P-256 for ES256", and algorithms has RS256')
  })

  test('with one kid are ambiguous, unless they are the same key', async () => {
    const other = await generateKey('RS256', 'a')
    const published = keys.map(({ publicJwk }) => publicJwk)
    issuer.publish([...published, other.publicJwk])
    expect((await ask({ main: main() })).lines).toEqual([expect.stringMatching(/^problem: .*duplicate_kid/)])
    issuer.publish([...published, { ...published[0], x5t: 'again' }])
    expect((await ask({ main: main() })).lines).toEqual([])
  })

  test('that no algorithm of the configuration has are a warning', async () => {
    const { lines } = await ask({ main: main({ algorithms: ['RS256', 'ES256', 'ES384'] }) })
    expect(lines).toEqual([expect.stringMatching(/^warning: .*used with ES384;/)])
  })

  test('without alg and without kid are noted', async () => {
    const { alg: _, kid: __, ...bare } = keys[0]!.publicJwk
    issuer.publish([bare])
    const { lines } = await ask({ main: main({ algorithms: ['RS256', 'PS256'] }) })
    expect(lines).toEqual([
      expect.stringMatching(/^note: .*1 of its keys have no kid/),
      expect.stringMatching(/^note: .*1 of its keys name no alg: each is used with RS256, PS256/),
    ])
  })

  test('of another tenant are a problem for the tenant that has none', async () => {
    const tenant = '11111111-2222-3333-4444-555555555555'
    const pattern = 'https://login.microsoftonline.com/{tenantid}/v2.0'
    const entra = (tenants: readonly string[]) => ({
      issuer: pattern,
      audience: AUDIENCE,
      profile: 'entra-v2',
      tenants,
      keys: { jwks_uri: issuer.jwksUri },
      algorithms: ['RS256'],
    })
    const publish = (stated: string) => issuer.publish([{ ...keys[0]!.publicJwk, issuer: stated }])
    publish(pattern.replace('{tenantid}', tenant))
    expect((await ask({ main: entra([tenant]) })).lines).toEqual([])
    const other = tenant.replaceAll('1', '9')
    const { lines } = await ask({ main: entra([tenant, other]) })
    expect(lines).toEqual([
      expect.stringMatching(`^problem: .*no key of the set may sign for main/${other}:`),
    ])
    publish(pattern)
    expect((await ask({ main: entra([tenant, other]) })).lines).toEqual([])
  })
})

describe('time', () => {
  test.each([
    [30_000, null],
    [31_000, 'at least 31 s ahead'],
    [-31_000, null],
    [-32_000, 'at least 31 s behind'],
  ])('a server that is %i ms ahead: %j', async (ms, expected) => {
    aheadMs = ms
    const { lines } = await ask({ main: main() })
    expect(lines).toEqual(expected === null ? [] : [expect.stringContaining(expected)])
    if (expected !== null) expect(lines[0]).toMatch(/^problem: .*clockToleranceSeconds \(30\)/)
  })

  test('an answer that a cache has kept is as old as its Age says', async () => {
    aheadMs = -100_000
    extraFields = { age: '100' }
    expect((await ask({ main: main() })).lines).toEqual([])
    extraFields = {}
    expect((await ask({ main: main() })).found).toContain('behind')
  })

  test('the time that an answer takes is no difference of clocks', async () => {
    answerMs = 40_000
    aheadMs = 40_000
    expect((await ask({ main: main() })).stage.asked[0]).toMatchObject({ ms: 40_000, clockDifferenceMs: 0 })
  })

  test('a Date that is none states nothing', async () => {
    extraFields = { date: 'now' }
    const { stage, lines } = await ask({ main: main() })
    expect([stage.asked[0]!.clockDifferenceMs, lines]).toEqual([null, []])
  })

  test.each([
    [1_500, false],
    [1_501, true],
  ])('an answer after %i of 3000 ms is slow: %j', async (ms, isSlow) => {
    answerMs = ms
    const { lines } = await ask({ main: main() })
    const warnings = ['metadata', 'keys'].map((what) =>
      expect.stringContaining(`${what}: the answer took ${ms} ms`),
    )
    expect(lines).toEqual(isSlow ? warnings : [])
  })

  test.each([
    [{ age: '600' }, []],
    [{ age: '601' }, [/^warning: .*has kept it for 601 s/]],
    [{ 'cache-control': 'public, max-age=3600' }, []],
    [{ 'cache-control': 'public, max-age=3601' }, [/^note: .*for 3601 s/]],
  ])('caches: %j', async (fields, expected) => {
    aheadMs = 'age' in fields ? -1_000 * Number(fields.age) : 0
    extraFields = fields
    const { lines } = await ask({ main: main() })
    expect(lines).toEqual(expected.map((line) => expect.stringMatching(line)))
  })
})

describe('introspection', () => {
  const told = (more: object = {}) => ({
    issuer: opaque.url,
    audience: AUDIENCE,
    prefix: 'in_',
    introspection: {
      discovery: 'openid-configuration',
      authentication: 'client_secret_post',
      clientId: CLIENT_ID,
      secret: { env: 'OUR_SECRET' },
      ...more,
    },
  })

  test('that accepts the credential and calls the token inactive has no finding', async () => {
    const { lines, stage } = await ask({ told: told() }, opaque.env)
    expect(lines).toEqual([])
    expect(stage.asked.map(({ what, status }) => [what, status])).toEqual([
      ['metadata', 200],
      ['introspection', 200],
    ])
  })

  test('that refuses the credential is a problem', async () => {
    const { lines } = await ask({ told: told({ secret: { env: 'OUR_WRONG_SECRET' } }) }, opaque.env)
    expect(lines).toEqual([
      expect.stringMatching(/^problem: issuers\.told\.introspection: refuses the credential \(status 401\)/),
    ])
  })

  test.each([
    [{ env: 'OUR_SECRET' }, {}],
    [{ secretsManager: 'lanekeeper/introspection' }, { OUR_SECRET: 'x' }],
  ])('without the secret %j in the environment it is asked without one', async (secret, env) => {
    const { lines, stage } = await ask({ told: told({ secret }) }, env, ['--edge', 'aws'])
    expect(lines).toEqual([expect.stringMatching(/^note: .*without a credential.*status 401/)])
    expect(stage.asked.at(-1)).toMatchObject({ what: 'introspection', status: 401 })
  })

  test('a secret that cannot be used is a problem, and is not sent', async () => {
    const { found } = await ask({ told: told() }, { OUR_SECRET: ' surrounded ' })
    expect(found).toContain('the secret of this environment cannot be used (malformed)')
    expect(found).not.toContain('surrounded')
  })

  test('with signed answers has to sign them, with a key of the issuer', async () => {
    const introspection = {
      ...told({ endpoint: `${issuer.issuer}/introspect`, discovery: undefined, response: 'jwt' }),
    }
    const signed = main({ introspection: introspection.introspection })
    const header = { alg: 'RS256', kid: 'a', typ: 'token-introspection+jwt' }
    const claims = {
      iss: issuer.issuer,
      aud: CLIENT_ID,
      iat: COMMAND_TIME_MS / 1_000,
      token_introspection: { active: false },
    }
    const answerSignedBy = async (key: SigningKey) => {
      const body = await signCompact(key, header, claims)
      issuer.answerWith((request, response) => {
        if (request.url === '/introspect')
          return void response
            .writeHead(200, { 'content-type': 'application/token-introspection+jwt' })
            .end(body)
        const published = { keys: keys.map(({ publicJwk }) => publicJwk) }
        send(
          response,
          request.url === '/jwks' ? published : { issuer: issuer.issuer, jwks_uri: issuer.jwksUri },
        )
      })
    }
    await answerSignedBy(keys[0]!)
    expect((await ask({ main: signed }, opaque.env)).lines).toEqual([])
    await answerSignedBy(await generateKey('RS256', 'a'))
    const { lines, stage } = await ask({ main: signed }, opaque.env)
    expect(lines).toEqual([
      expect.stringMatching(/^problem: issuers\.main\.introspection: .*without a signature/),
    ])
    expect(stage.asked.map(({ what }) => what)).toEqual(['metadata', 'keys', 'introspection'])
    const unpublished = { ...signed, keys: { jwks_uri: `${issuer.issuer}/introspect` } }
    expect((await ask({ main: unpublished }, opaque.env)).found).toContain('that would verify it are missing')
  })

  test('that calls every token active is a problem', async () => {
    issuer.answerWith((_, response) => void send(response, { active: true, token_type: 'Bearer' }))
    const config = { ...told({ endpoint: `${issuer.issuer}/introspect`, discovery: undefined }) }
    expect((await ask({ told: config }, opaque.env)).lines).toEqual([
      expect.stringMatching(/^problem: .*active that nobody has issued/),
    ])
    issuer.answerWith((_, response) => void send(response, { active: false }))
    expect((await ask({ told: config }, opaque.env)).lines).toEqual([])
  })

  test('whose address the metadata does not have is a problem', async () => {
    const { found } = await ask({ told: { ...told(), issuer: issuer.issuer } }, opaque.env)
    expect(found).toContain('cannot be found in the metadata (metadata_member)')
  })
})

describe('userinfo and checks of providers', () => {
  test('userinfo has to refuse a token that nobody has issued', async () => {
    const userinfo = { endpoint: `${opaque.url}/userinfo`, claim: 'email' }
    const { lines, stage } = await ask({ main: main({ userinfo }) })
    expect([lines, stage.asked.at(-1)]).toEqual([
      [],
      expect.objectContaining({ what: 'userinfo', status: 401 }),
    ])
    const open = { endpoint: issuer.jwksUri, claim: 'email' }
    expect((await ask({ main: main({ userinfo: open }) })).found).toMatch(
      /^problem: issuers\.main\.userinfo: calls a token active/,
    )
  })

  const github = (env: string) => ({
    issuer: `${opaque.url}/github`,
    check: { provider: 'github', clientId: APP, secret: { env }, baseUrl: `${opaque.url}/github` },
  })

  test('a check is asked with its secret', async () => {
    const { lines, stage } = await ask({ hub: github('OUR_SECRET') }, opaque.env)
    expect([lines, stage.asked.map(({ what }) => what)]).toEqual([[], ['check']])
  })

  test('a check is not asked without its secret, because the provider would refuse us', async () => {
    const { lines, stage } = await ask({ hub: github('OUR_SECRET') })
    expect(lines).toEqual([])
    expect(stage.notAsked).toEqual([
      { setting: 'issuers.hub.check', because: 'its secret is not in the environment (env)' },
    ])
    expect(fetched).toEqual([])
  })

  test('a check that does not answer is a problem', async () => {
    const { lines } = await ask({ hub: github('OUR_WRONG_SECRET') }, opaque.env)
    expect(lines).toEqual([expect.stringMatching(/^problem: .*status 500/)])
  })
})

describe('stages', () => {
  const staged = (stages: object) => configOf({ main: main() }, { stages })
  const stagesOf = (text: string) => (JSON.parse(text) as CheckDocument).online!

  test('with the same issuer ask it once, and --stage asks for one', async () => {
    const config = staged({ production: {}, staging: {} })
    const both = await run(config, ['--online', '--json'])
    expect(stagesOf(both.text).map(({ name, asked }) => [name, asked.length])).toEqual([
      ['production', 2],
      ['staging', 2],
    ])
    expect(fetched).toHaveLength(2)
    const one = await run(config, ['--online', '--json', '--stage', 'staging'])
    expect(stagesOf(one.text).map(({ name }) => name)).toEqual(['staging'])
  })

  test('with open variables are named as not asked, and asked with them', async () => {
    const config = staged({ local: { issuers: { main: { issuer: '${env:LOCAL_ISSUER}' } } } })
    const [open] = stagesOf((await run(config, ['--online', '--json'])).text)
    expect(open).toMatchObject({
      asked: [],
      notAsked: [{ setting: 'issuers.main', because: 'needs the variables LOCAL_ISSUER' }],
    })
    expect(fetched).toEqual([])
    const [asked] = stagesOf(
      (await run(config, ['--online', '--json'], { LOCAL_ISSUER: issuer.issuer })).text,
    )
    expect(asked).toMatchObject({ notAsked: [], asked: [{ what: 'metadata' }, { what: 'keys' }] })
  })

  test('with problems are not asked', async () => {
    const { exitCode, text } = await run(configOf({ main: main({ audience: '' }) }), ['--online', '--json'])
    expect([exitCode, fetched]).toEqual([1, []])
    expect(stagesOf(text)).toMatchObject([{ notAsked: [{ because: 'the configuration has problems' }] }])
  })

  test('keys without an address are named', async () => {
    const [{ publicJwk }] = keys as [SigningKey]
    const { lines, stage } = await ask({ main: main({ keys: { jwks: { keys: [publicJwk] } } }) })
    expect(lines).toEqual([])
    expect(stage).toMatchObject({ asked: [], notAsked: [{ because: 'the keys are in the configuration' }] })
  })
})

test('without --online nothing is fetched, and the document has no such member', async () => {
  for (const args of [[], ['--json']]) {
    const { exitCode, text } = await run(configOf({ main: main() }, LOCAL), args)
    expect(exitCode).toBe(0)
    expect(text).not.toContain('online')
  }
  expect(fetched).toEqual([])
})

test('the text has a table for each stage, with findings below', async () => {
  aheadMs = 90_000
  const { exitCode, text } = await run(configOf({ main: main() }, LOCAL), ['--online'])
  expect(exitCode).toBe(1)
  expect(text).toContain('local, asked online\nissuer  asked for  at')
  expect(text).toMatch(/^main +keys +\S+\/jwks +200 +0 +3000 +90 s ahead$/m)
  expect(text).toContain('issuers.main.keys: 2 published, 2 usable: "a" RS256; "b" ES256')
  expect(text).toMatch(/^problem: issuers\.main\.keys: the clock of /m)
  for (const line of text.split('\n').filter((each) => each.startsWith('main ')))
    expect(line.length).toBeLessThanOrEqual(120)
})

test('no query, secret or escape sequence of anybody is printed', async () => {
  const secrets = { OUR_SECRET: 'a-secret-that-nobody-prints' }
  withMetadata({ issuer: 'https://evil.example/\u001b[2J\u202e', jwks_uri: `${issuer.jwksUri}?code=hidden` })
  const issuers = {
    main: main(),
    told: {
      issuer: `${opaque.url}/told`,
      audience: AUDIENCE,
      prefix: 'in_',
      introspection: {
        endpoint: `${opaque.url}/introspect/basic?code=hidden`,
        authentication: 'client_secret_basic',
        clientId: CLIENT_ID,
        secret: { env: 'OUR_SECRET' },
      },
    },
  }
  for (const args of [['--online'], ['--online', '--json']]) {
    const { text, errors } = await run(configOf(issuers), args, secrets)
    const all = text + errors
    expect(all).toContain('evil.example')
    expect(all).not.toMatch(/hidden|nobody-prints|lanekeeper-check-/)
    expect(all).not.toMatch(/[\u001b\u202e]/)
  }
})
