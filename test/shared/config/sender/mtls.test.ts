// The section `mtls`: its words and defaults, the header field of a proxy, and what a plan has of it. RFC 8705, RFC
// 9440.

import { describe, expect, test } from 'vitest'
import { AWS_EDGE } from '../../../../functions/aws/compile.ts'
import { CLOUDFLARE_EDGE } from '../../../../functions/cloudflare/compile.ts'
import { isRemoved } from '../../../../functions/fetch/spoofable-fields.ts'
import { compileFor, type EdgeCompiler } from '../../../../shared/compiler.ts'
import { partsOf } from '../../../../shared/config/parts-of.ts'
import { resolveConfig, type LanekeeperConfig } from '../../../../shared/index.ts'
import { GOOD, problemsOf } from '../../../support/config-problems.ts'

const boundBy = (senderConstraint: string): LanekeeperConfig => ({
  ...GOOD,
  issuers: { main: { ...GOOD.issuers['main']!, senderConstraint } as never },
})
const BOUND = boundBy('mtls')
const PUBLIC = { publicUrls: ['https://api.example.com'] }
const withMtls = (mtls: unknown, more: object = {}) => ({ ...BOUND, ...more, mtls }) as LanekeeperConfig

const GUARD = { header: 'X-Proxy-Secret', secret: { secretsStore: 'PROXY_SECRET' } }
const HEADER = { name: 'Client-Cert', format: 'rfc9440', guard: GUARD }
const withHeader = (header: object, more: object = {}) => withMtls({ header: { ...HEADER, ...header } }, more)
const withGuard = (guard: object, more: object = {}) => withHeader({ guard: { ...GUARD, ...guard } }, more)

test('the defaults', () => {
  const defaults = { trust: 'chain', issuerSki: null, header: null }
  expect(resolveConfig(BOUND).mtls).toEqual(defaults)
  expect(resolveConfig(withMtls({})).mtls).toEqual(defaults)
})

test('identifiers and names of fields are in lower case', () => {
  expect(resolveConfig(withMtls({ issuerSki: ['A95E2E59', 'b23f'] })).mtls!.issuerSki).toEqual(
    new Set(['a95e2e59', 'b23f']),
  )
  expect(resolveConfig(withMtls({ header: HEADER })).mtls!.header).toEqual({
    name: 'client-cert',
    format: 'rfc9440',
    guard: { header: 'x-proxy-secret', secret: { secretsStore: 'PROXY_SECRET' } },
  })
})

test.each([
  ['none', false, false],
  ['any', true, true],
  ['dpop', true, false],
  ['mtls', false, true],
  ['bound', true, true],
] as const)('an issuer with %s uses dpop: %j, mtls: %j', (demand, hasDpop, hasMtls) => {
  const config = { ...boundBy(demand), ...PUBLIC }
  const { dpop, mtls } = resolveConfig(config)
  expect([dpop !== null, mtls !== null]).toEqual([hasDpop, hasMtls])
  expect(problemsOf({ ...config, mtls: {} })).toEqual(
    hasMtls
      ? []
      : ['mtls: has no effect: no issuer has a senderConstraint that takes tokens bound to a certificate'],
  )
  expect(problemsOf({ ...config, dpop: {} })).toEqual(
    hasDpop ? [] : ['dpop: has no effect: no issuer has a senderConstraint that takes bound tokens'],
  )
})

test('a certificate names no URL, so publicUrls may be left out', () => {
  expect(problemsOf(BOUND)).toEqual([])
  expect(problemsOf(boundBy('dpop'))).toEqual([
    expect.stringMatching(/^publicUrls: is missing; a DPoP proof/),
  ])
})

const SECRET_PLACES = '{ env }, { secretsStore } or { secretsManager }'
const HEX = 'mtls.issuerSki: must have identifiers in hexadecimal, without colons'

test.each<[refused: unknown, taken: unknown, problem: string]>([
  ['x', {}, 'mtls: must be an object'],
  [
    { pin: ['a95e'] },
    { issuerSki: ['a95e'] },
    'mtls.pin: is not a setting; known here: trust, issuerSki, header',
  ],
  [{ trust: 'none' }, { trust: 'chain' }, 'mtls.trust: is not known; one of: chain, possession'],
  [{ trust: 'Possession' }, { trust: 'possession' }, 'mtls.trust: is not known; one of: chain, possession'],
  [
    { issuerSki: [] },
    { issuerSki: ['a95e'] },
    'mtls.issuerSki: must be a list of at least one non-empty string',
  ],
  [{ issuerSki: ['a95e', 'a95e'] }, { issuerSki: ['a95e', 'b23f'] }, 'mtls.issuerSki: lists "a95e" twice'],
  [{ issuerSki: ['A9:5E:2E:59'] }, { issuerSki: ['A95E2E59'] }, HEX],
  [{ issuerSki: ['a95'] }, { issuerSki: ['a95e'] }, HEX],
  [{ issuerSki: ['0xa95e'] }, { issuerSki: ['00a95e'] }, HEX],
  [{ issuerSki: ['qV4uWQ=='] }, { issuerSki: ['a95e2e59'] }, HEX],
  [{ issuerSki: ['a9'.repeat(65)] }, { issuerSki: ['a9'.repeat(64)] }, HEX],
  [
    { trust: 'possession', issuerSki: ['a95e'] },
    { trust: 'chain', issuerSki: ['a95e'] },
    'mtls.issuerSki: goes with trust: "chain" only',
  ],
  [
    { header: HEADER, issuerSki: ['a95e'] },
    { header: HEADER, trust: 'possession' },
    'mtls.issuerSki: cannot be checked of a certificate in a header field',
  ],
])('mtls = %j is refused, %j is taken', (refused, taken, problem) => {
  expect(problemsOf(withMtls(refused))).toEqual([problem])
  expect(problemsOf(withMtls(taken))).toEqual([])
})

describe('mtls.header', () => {
  const { guard: _guard, ...WITHOUT_GUARD } = HEADER
  const { format: _format, ...WITHOUT_FORMAT } = HEADER
  const FORMATS = 'one of: rfc9440, pem-urlencoded, sha256-hex'

  test.each<[refused: object, taken: object, problems: readonly string[]]>([
    [
      WITHOUT_GUARD,
      HEADER,
      [
        'guard: is missing',
        'guard.header: must be the name of a header field',
        `guard.secret: is missing; say where it is: ${SECRET_PLACES}`,
      ],
    ],
    [WITHOUT_FORMAT, HEADER, [`format: is missing; ${FORMATS}`]],
    [
      { ...HEADER, format: 'pem' },
      { ...HEADER, format: 'pem-urlencoded' },
      [`format: is not known; ${FORMATS}`],
    ],
    [
      { ...HEADER, format: 'sha256' },
      { ...HEADER, format: 'sha256-hex' },
      [`format: is not known; ${FORMATS}`],
    ],
    [{ ...HEADER, chain: 'x' }, HEADER, ['chain: is not a setting; known here: name, format, guard']],
    [
      { ...HEADER, guard: { ...GUARD, value: 'x' } },
      HEADER,
      ['guard.value: is not a setting; known here: header, secret'],
    ],
  ])('%j is refused, %j is taken', (refused, taken, problems) => {
    expect(problemsOf(withMtls({ header: refused }))).toEqual(problems.map((text) => `mtls.header.${text}`))
    expect(problemsOf(withMtls({ header: taken }))).toEqual([])
  })

  const another = (name: string) =>
    `is ${JSON.stringify(name)}, which has another meaning; take a name of your own`

  test.each<readonly [name: string, problem: string]>([
    ['', 'must be the name of a header field'],
    ['x secret', 'is "x secret", which is no header name'],
    ...['Authorization', 'DPoP', 'Cookie', 'X-Forwarded-Client-Cert', 'X_Forwarded_Cert', 'CF-Cert'].map(
      (name) => [name, another(name)] as const,
    ),
  ])('no field is %j', (name, problem) => {
    expect(problemsOf(withHeader({ name }))).toEqual([`mtls.header.name: ${problem}`])
    expect(problemsOf(withGuard({ header: name }))).toEqual([`mtls.header.guard.header: ${problem}`])
  })

  test.each(['Client-Cert', 'CloudFront-Viewer-Cert-Sha256', 'X-Amzn-Mtls-Clientcert', 'X-SSL-Client-Cert'])(
    'a certificate may be in %s, which is no place for the secret on the Worker',
    (name) => {
      const environment = { needsOrigin: true, isRemoved }
      const origin = { origin: { url: 'https://origin.example' } }
      expect(problemsOf(withHeader({ name }, origin), environment)).toEqual([])
      const asGuard = withHeader({ name: 'x-cert', guard: { ...GUARD, header: name } }, origin)
      expect(problemsOf(asGuard, environment)).toEqual([
        'mtls.header.guard.header: is a name that proxies and frameworks write (docs/cloudflare.md); take a name of your own',
      ])
      expect(problemsOf(asGuard)).toEqual([])
    },
  )

  test.each<[secret: unknown, problem: string]>([
    ['k3Jx'.repeat(8), `must say where the secret is, never what it is: ${SECRET_PLACES}`],
    [{}, 'must have exactly one of env, secretsStore, secretsManager'],
  ])('its secret is not %j', (secret, problem) => {
    expect(problemsOf(withGuard({ secret }))).toEqual([`mtls.header.guard.secret: ${problem}`])
    expect(problemsOf(withGuard({ secret: { secretsManager: 'proxy' } }))).toEqual([])
  })

  test('a secret in a variable has 32 characters or more', () => {
    const config = withGuard({ secret: { env: 'SECRET' } })
    const problem = expect.stringMatching(/^mtls\.header\.guard\.secret\.env: names SECRET, which is /)
    expect(problemsOf(config, { env: { SECRET: 'k3Jx'.repeat(8) } })).toEqual([])
    expect(problemsOf(config, { env: { SECRET: 'k3Jx'.repeat(8).slice(1) } })).toEqual([problem])
    expect(problemsOf(config)).toEqual([
      'mtls.header.guard.secret.env: needs the environment variable SECRET, which is not set',
    ])
  })
})

describe('the two fields and other settings', () => {
  const diagnostics = { header: 'x-diagnostics', secret: { secretsStore: 'DIAGNOSTICS' } }
  const origin = { url: 'https://origin.example' }
  const cors = { origins: ['https://app.example'], preflight: 'answer', headers: ['authorization'] }

  test.each<[refused: object, taken: object, problem: string]>([
    [
      withHeader({ name: 'x_proxy_secret' }),
      withHeader({ name: 'x-proxy-cert' }),
      'mtls.header.guard.header: is also mtls.header.name; the secret needs a field of its own',
    ],
    [
      withGuard({ header: 'X-Diagnostics' }, { diagnostics }),
      withGuard({ header: 'X-Diagnostics-2' }, { diagnostics }),
      'mtls.header.guard.header: is also diagnostics.header; the secret needs a field of its own',
    ],
    [
      withHeader({ name: 'X-Diagnostics' }, { diagnostics }),
      withHeader({ name: 'X-Certificate' }, { diagnostics }),
      'mtls.header.name: is also diagnostics.header',
    ],
    [
      withHeader({ name: 'X-Lanekeeper-Cert' }),
      withHeader({ name: 'X-Lanekeeping-Cert' }),
      'mtls.header.name: is a name of the identity, which no client may set',
    ],
    [
      withGuard({ header: 'X-Lanekeeper-Secret' }),
      withGuard({ header: 'X-Lanekeeping-Secret' }),
      'mtls.header.guard.header: is a name of the identity, which no client may set',
    ],
    [
      withMtls({ header: HEADER }, { origin: { ...origin, keepHeaders: ['client-cert'] } }),
      withMtls({ header: HEADER }, { origin: { ...origin, keepHeaders: ['client-cert-chain'] } }),
      'mtls.header.name: is in origin.keepHeaders, and this field never reaches the origin',
    ],
    [
      withGuard({ header: 'x-user' }, { origin: { ...origin, keepHeaders: ['x-user'] } }),
      withGuard({ header: 'x-proxy-secret' }, { origin: { ...origin, keepHeaders: ['x-user'] } }),
      'mtls.header.guard.header: is in origin.keepHeaders, and this field never reaches the origin',
    ],
    [
      withMtls({ header: HEADER }, { cors: { ...cors, headers: [...cors.headers, 'client-cert'] } }),
      withMtls({ header: HEADER }, { cors }),
      'mtls.header.name: is in cors.headers; no script sets this field',
    ],
    [
      withMtls({ header: HEADER }, { cors: { ...cors, headers: [...cors.headers, 'x-proxy-secret'] } }),
      withMtls({ header: HEADER }, { cors }),
      'mtls.header.guard.header: is in cors.headers; no script should have the secret',
    ],
  ])('%j is refused, %j is taken', (refused, taken, problem) => {
    expect(problemsOf(refused)).toEqual([problem])
    expect(problemsOf(taken)).toEqual([])
  })
})

test('every problem of the section is listed at once', () => {
  const problems = problemsOf(
    withMtls({ trust: 'all', issuerSki: ['x'], header: { name: 'host', format: 'der', guard: {} } }),
  )
  expect(problems.map((text) => text.split(':')[0])).toEqual([
    'mtls.trust',
    'mtls.issuerSki',
    'mtls.header.name',
    'mtls.header.format',
    'mtls.header.guard.header',
    'mtls.header.guard.secret',
    'mtls.issuerSki',
  ])
})

test('a stage replaces the whole section', () => {
  const config = withMtls(
    { issuerSki: ['a95e'] },
    { stages: { staging: { mtls: { trust: 'possession' } }, production: {} } },
  )
  expect(resolveConfig(config, { stage: 'staging' }).mtls).toMatchObject({
    trust: 'possession',
    issuerSki: null,
  })
  expect(resolveConfig(config, { stage: 'production' }).mtls!.issuerSki).toEqual(new Set(['a95e']))
  const wrong = { ...config, stages: { staging: { mtls: { trust: 'all' } } } }
  expect(problemsOf(wrong, { stage: 'staging' })).toEqual([
    'mtls.trust: is not known; one of: chain, possession',
  ])
})

const ORIGIN = { origin: { url: 'https://origin.example' }, aws: { strategy: 'off' } } as const
const EDGES: readonly EdgeCompiler[] = [AWS_EDGE, CLOUDFLARE_EDGE]
const ofEdges = describe.each(EDGES.map((edge) => [edge.name, edge] as const))

ofEdges('a build for %s', (_name, edge) => {
  const build = (config: object, env = {}) => compileFor(edge, { ...config, ...ORIGIN } as never, env, true)

  test('takes variables that it has and leaves none of the section open', () => {
    const config = withMtls({
      trust: '${env:TRUST}',
      header: { ...HEADER, name: '${env:CERTIFICATE_FIELD}', guard: { ...GUARD, secret: { env: 'SECRET' } } },
    })
    const env = { TRUST: 'possession', CERTIFICATE_FIELD: 'Client-Cert' }
    const { plan, open } = build(config, { env })
    expect(open).toEqual([])
    expect(plan.config).toMatchObject({ mtls: { trust: 'possession', header: { name: 'client-cert' } } })
    expect(plan.secrets).toEqual([
      { path: 'mtls.header.guard.secret', ref: { env: 'SECRET' }, use: 'fingerprint_key' },
    ])
    expect(() => build(config, { env: { TRUST: 'chain' } })).toThrow(
      'mtls.header.name: needs the environment variable CERTIFICATE_FIELD when it is built; set it or pass --env-file',
    )
  })

  const textOf = (config: object): string => {
    const { plan, parts } = build(config)
    return JSON.stringify([plan, parts])
  }

  test('has nothing of it without an issuer that takes tokens bound to a certificate', () => {
    expect(textOf(GOOD)).not.toContain('mtls')
    expect(textOf({ ...boundBy('dpop'), ...PUBLIC })).not.toContain('mtls')
    expect(textOf({ ...boundBy('any'), ...PUBLIC })).toContain('mtls')
  })

  test('has no part of DPoP for certificates alone', () => {
    expect(textOf(BOUND)).not.toContain('dpop')
    expect(textOf({ ...boundBy('bound'), ...PUBLIC })).toContain('dpop')
  })
})

test('the Worker has the identifiers in its plan as they are compared', () => {
  const { plan } = compileFor(CLOUDFLARE_EDGE, { ...withMtls({ issuerSki: ['A95E'] }), ...ORIGIN }, {}, true)
  expect(JSON.stringify(plan.config)).toContain('a95e')
  expect(JSON.stringify(plan.config)).not.toContain('A95E')
})

test('the header of a proxy is a part of its own', () => {
  const namesOf = (config: LanekeeperConfig) => partsOf(resolveConfig(config)).map(({ name }) => name)
  expect(partsOf(resolveConfig(withMtls({ header: HEADER })))).toEqual(
    expect.arrayContaining([
      { name: 'mtls', because: 'senderConstraint' },
      { name: 'mtls-header', because: 'mtls.header' },
    ]),
  )
  expect(namesOf(BOUND)).toContain('mtls')
  expect(namesOf(BOUND)).not.toContain('mtls-header')
  expect(namesOf(GOOD)).not.toContain('mtls')
})
