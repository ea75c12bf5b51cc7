// Every check is tested: without any one of them the outcome of some case row is wrong.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TokenCheck } from '../../shared/stages.ts'
import { REVOCATION_STEPS } from '../../shared/revocation/revocation-part.ts'
import { BOUND_STEPS } from '../../shared/sender/bound.ts'
import { DPOP_STEPS } from '../../shared/sender/dpop/dpop.ts'
import { NONCE_STEPS } from '../../shared/sender/dpop/stateless-nonces.ts'
import { MTLS_STEPS } from '../../shared/sender/mtls/mtls.ts'
import { STEPS } from '../../shared/steps.ts'
import { createAuthorizer, type AuthorizationRequest } from '../../shared/index.ts'
import { isIntrospected } from '../../shared/introspection/introspected-issuer.ts'
import { createRouteTable } from '../../shared/routes/route-table.ts'
import { SIGNATURE_ALGORITHMS } from '../../shared/token/algorithms.ts'
import { decodeBase64url } from '../../shared/token/base64url.ts'
import { parseToken, TEXT_RULES } from '../../shared/token/compact.ts'
import { KIND_ROWS } from '../../shared/token/kind.ts'
import { createVerifiedTokenCache } from '../../shared/token/verified-token-cache.ts'
import type { Failure } from '../../shared/failures/failure.ts'
import { CORE_ROWS } from '../cases/index.ts'
import { CACHE_BYTES, CACHE_ROWS } from '../cases/verified-token-cache.ts'
import { createCoreDrill } from '../support/core-drill.ts'
import { startTokenDrill } from '../support/token-drill.ts'
import type { CaseRequest, CaseRow } from '../cases/row.ts'
import { PROFILES } from '../../shared/token/profiles.ts'
import type { Profile } from '../../shared/token/profiles/profile.ts'
import { expectedCode } from '../cases/row.ts'
import { openCoreEdgeFromSteps } from '../edges/core-edge.ts'
import { startCaseWorld, type CaseWorld } from '../support/case-world.ts'

type Steps = typeof STEPS

/** One entry per check: the steps without it. */
const WITHOUT: Record<string, Partial<Steps>> = {
  'credential: scheme, form and number': {
    readCredential: ({ authorization }: AuthorizationRequest) => ({
      token: authorization[0]?.split(/\s+/).at(-1) ?? '',
    }),
  },
  'credential: query': {
    readCredential: (request, recall) =>
      STEPS.readCredential({ ...request, accessTokenInQuery: false }, recall),
  },
  'credential: repetition': {
    readCredential: (request, recall) =>
      STEPS.readCredential(
        {
          ...request,
          authorization: request.authorization.slice(0, 1).map((field) => field.split(',')[0]!),
        },
        recall,
      ),
  },
  'route: host': { checkHost: () => null },
  'route: one path in every field': { checkSpellings: () => null },
  'route: canonical path': {
    createRouteTable: (routes, limit) => {
      const table = createRouteTable(routes, limit)
      return {
        match: (method, path) =>
          table.match(method, new URL(path.replace(/;.*|\\.*/, ''), 'http://x').pathname.replace('//', '/')),
      }
    },
  },
  'route: resource of the path': { findResource: (_, resources) => resources[0] ?? null },
  'route: length': { createRouteTable: (routes) => createRouteTable(routes, 10_000) },
  'route: deny by default': {
    createRouteTable: (routes, limit) => {
      const table = createRouteTable(routes, limit)
      return {
        match(method, path) {
          const found = table.match(method, path)
          return 'code' in found && found.code === 'route_unknown'
            ? routes.find((route) => route.path === '/orders')!
            : found
        },
      }
    },
  },
  'route: method': {
    createRouteTable: (routes, limit) => {
      const table = createRouteTable(routes, limit)
      return {
        match: (method, path) => {
          const found = table.match(method, path)
          return 'code' in found ? table.match('GET', path) : found
        },
      }
    },
  },
  'route: HEAD': {
    createRouteTable: (routes, limit) => {
      const table = createRouteTable(routes, limit)
      return { match: (method, path) => table.match(method === 'HEAD' ? 'UNLISTED' : method, path) }
    },
  },
  ...Object.fromEntries(
    TEXT_RULES.map(
      (rule) =>
        [
          `form: ${rule.name}`,
          {
            parseToken: (token, limits) =>
              parseToken(
                token,
                limits,
                null,
                undefined,
                TEXT_RULES.filter((other) => other !== rule),
              ),
          },
        ] satisfies [string, Partial<Steps>],
    ),
  ),
  'form: strict JSON': {
    parseToken(token, limits) {
      const strict = parseToken(token, limits)
      if (!('code' in strict) || strict.detail?.['part'] === undefined) return strict
      const [header = '', claims = '', signature = ''] = token.split('.')
      try {
        const read = (text: string) => JSON.parse(new TextDecoder().decode(decodeBase64url(text)))
        return {
          header: read(header),
          claims: read(claims),
          signature,
          signingInput: `${header}.${claims}`,
          heapBytes: 0,
        }
      } catch {
        return strict
      }
    },
  },
  'form: depth': { parseToken: (token, limits) => parseToken(token, { ...limits, maxJsonDepth: 1_000 }) },
  ...Object.fromEntries(
    STEPS.headerRules.map((rule) => [
      `header: ${rule.name}`,
      { headerRules: STEPS.headerRules.filter((other) => other !== rule) },
    ]),
  ),
  'issuer: exact iss': {
    selectIssuer: (token, config) => {
      const found = STEPS.selectIssuer(token, config)
      return 'code' in found ? config.issuers.values().next().value! : found
    },
  },
  'issuer: algorithm list': {
    checkAlgorithm: () => null,
    createKeyStore: (issuer, ports) =>
      STEPS.createKeyStore(
        { ...issuer, keys: { ...issuer.keys, algorithms: new Set(SIGNATURE_ALGORITHMS) } },
        ports,
      ),
  },
  'shared secret: the MAC': { createSharedSecret: () => ({ verify: async () => null }) },
  'shared secret: no kid': {
    createSharedSecret: (...known) => {
      const secret = STEPS.createSharedSecret(...known)
      return {
        verify: ({ header: { kid: _, ...header }, ...token }, ...more) =>
          secret.verify({ ...token, header }, ...more),
      }
    },
  },
  'key: kid': {
    createKeyStore: (issuer, ports) => {
      const store = STEPS.createKeyStore(issuer, ports)
      return {
        ...store,
        find: (request, waitUntil) => store.find({ ...request, kid: null }, waitUntil),
      }
    },
  },
  'key: its own issuer': {
    createKeyStore: (issuer, ports) => {
      const store = STEPS.createKeyStore(issuer, ports)
      return { ...store, find: (request, waitUntil) => store.find({ ...request, owner: null }, waitUntil) }
    },
  },
  'key: owned by its issuer': {
    createKeyStore: (() => {
      let shared: ReturnType<Steps['createKeyStore']> | undefined
      return (issuer, ports) => (shared ??= STEPS.createKeyStore(issuer, ports))
    })(),
  },
  signature: { verifySignature: async () => true },
  ...Object.fromEntries(
    STEPS.kindRules.map((rule) => [
      `kind: ${rule.name}`,
      { kindRules: STEPS.kindRules.filter((other) => other !== rule) },
    ]),
  ),
  ...Object.fromEntries(
    STEPS.formRules.map((rule) => [
      `form of the claims: ${rule.name}`,
      { formRules: STEPS.formRules.filter((other) => other !== rule) },
    ]),
  ),
  ...Object.fromEntries(
    STEPS.claimRules.map((rule) => [
      `claims: ${rule.name}`,
      { claimRules: STEPS.claimRules.filter((other) => other !== rule) },
    ]),
  ),
  binding: { senderConstraint: { ...STEPS.senderConstraint, check: () => null } },
  'scope: demand': { checkScope: () => null },
  'scope: all of': { checkScope: (granted, demand) => STEPS.checkScope(granted, { ...demand, allOf: [] }) },
  'scope: any of': { checkScope: (granted, demand) => STEPS.checkScope(granted, { ...demand, anyOf: [] }) },
  'opaque: whose token it is': {
    createIssuerSelection: (config) => {
      const select = STEPS.createIssuerSelection(config)
      return (token, route) =>
        select(token, { ...route, issuer: null }) ??
        (token.includes('.') ? null : [...config.issuers.values()].find(isIntrospected)!)
    },
  },
  'opaque: the issuer of the route': { checkRouteIssuer: () => null },
  'opaque: what a token hints at': { checkHints: () => null },
  'opaque: what is no verdict': {
    createTokenLookup: (...known) => {
      const question = STEPS.createTokenLookup(...known)
      return {
        ...question,
        async find(token, waitUntil) {
          const found = await question.find(token, waitUntil)
          return 'code' in found ? { code: 'token_inactive' } : found
        },
      }
    },
  },
  'userinfo: the identifier': {
    createUserinfoLookup: (...known) => ({
      ...STEPS.createUserinfoLookup(...known),
      identify: async (claims) => ({ claims }),
    }),
  },
  ...Object.fromEntries(
    STEPS.introspectionRules.map((rule) => [
      `facts: ${rule.name}`,
      { introspectionRules: STEPS.introspectionRules.filter((other) => other !== rule) },
    ]),
  ),
  ...Object.fromEntries(
    STEPS.conditionRules.map((rule) => [
      `condition: ${rule.name}`,
      { conditionRules: STEPS.conditionRules.filter((other) => other !== rule) },
    ]),
  ),
  'condition: resource': { resourceRules: [] },
  'report-only: nothing unless it says so': { isReportOnly: () => true },
  'report-only: recorded, not enforced': { isReportOnly: () => false },
  'identity: what can be passed on': {
    toGrant: (token, issuer, config) =>
      STEPS.toGrant(token, issuer, { ...config, identity: { ...config.identity, claims: {} } }),
  },
}

/**
 * Runs a check for a new token only, as if its outcome were cached. `about`: the object that is the same for each
 * request with one token.
 */
function onlyAtFirst<Subject extends readonly unknown[]>(
  check: (...subject: Subject) => Failure | null,
  about: (...subject: Subject) => object,
): (...subject: Subject) => Failure | null {
  const seen = new WeakSet<object>()
  return (...subject) => {
    const it = about(...subject)
    if (seen.has(it)) return null
    seen.add(it)
    return check(...subject)
  }
}

/** A cache whose keys are not the whole token. */
const keyedBy =
  (toKey: (token: string) => string): Steps['createVerifiedTokenCache'] =>
  (maxBytes) => {
    const cache = createVerifiedTokenCache(maxBytes)
    return {
      ...cache,
      get: (token) => cache.get(toKey(token)),
      set: (token, verified, heapBytes) => cache.set(toKey(token), verified, heapBytes),
    }
  }

/** One entry per check of a cached token: the steps that leave it out when the token is cached. */
const ONLY_AT_FIRST: Record<string, Partial<Steps>> = {
  key: { isProvenBy: () => true },
  'route: issuer': {
    checkRouteIssuer: onlyAtFirst(STEPS.checkRouteIssuer, (issuer) => issuer),
  },
  ...Object.fromEntries(
    STEPS.claimRules.map((rule) => [
      `claims: ${rule.name}`,
      {
        claimRules: STEPS.claimRules.map((other) =>
          other === rule ? { ...rule, check: onlyAtFirst(rule.check, (claims) => claims) } : other,
        ),
      } satisfies Partial<Steps>,
    ]),
  ),
  binding: {
    senderConstraint: {
      ...STEPS.senderConstraint,
      check: onlyAtFirst(
        (...about: Parameters<TokenCheck>) => STEPS.senderConstraint.check(...about) as Failure | null,
        ({ claims }) => claims,
      ),
    },
  },
  'scope: demand': { checkScope: onlyAtFirst(STEPS.checkScope, (granted) => granted) },
  ...Object.fromEntries(
    STEPS.conditionRules.map((rule) => [
      `condition: ${rule.name}`,
      {
        conditionRules: STEPS.conditionRules.map((other) =>
          other === rule ? { ...rule, check: onlyAtFirst(rule.check, ({ claims }) => claims) } : other,
        ),
      } satisfies Partial<Steps>,
    ]),
  ),
  'condition: resource': {
    resourceRules: STEPS.resourceRules.map((rule) => ({
      ...rule,
      check: onlyAtFirst(rule.check, ({ claims }) => claims),
    })),
  },
  'text: the signature': {
    createVerifiedTokenCache: keyedBy((token) => token.slice(0, token.lastIndexOf('.'))),
  },
  'text: the last character': { createVerifiedTokenCache: keyedBy((token) => token.slice(0, -1)) },
  'text: its length': { createVerifiedTokenCache: keyedBy((token) => token.slice(0, 300)) },
}

let world: CaseWorld

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

const requests = new Map<CaseRow, CaseRequest | Promise<CaseRequest>>()

/** The request of a row, signed once, since time stands still. */
function requestOf(row: CaseRow): CaseRequest | Promise<CaseRequest> {
  const request = requests.get(row) ?? row.request(world)
  requests.set(row, request)
  return request
}

/** The first row with another outcome than the one it states. */
async function findWrongRow(steps: Steps, rows: readonly CaseRow[] = CORE_ROWS): Promise<string | null> {
  const edge = await openCoreEdgeFromSteps(world.config, world.env, steps)
  for (const row of rows) {
    const { expect: expected } = row
    try {
      const outcome = await edge.send(await requestOf(row))
      if (outcome.allow !== expected.allow || outcome.code !== expectedCode(expected)) return row.id
    } catch {
      return row.id
    }
  }
  return null
}

/** The id prefix of a check's rows, where it is not the check's name. */
const ROWS_OF: Readonly<Record<string, string>> = {
  facts: 'opaque',
  form: 'claims',
  'route: resource of the path': 'condition',
  'key: its own issuer': 'tenants',
  'claims: tenant': 'tenants',
  'claims: client': 'opaque',
  'opaque: the issuer of the route': 'opaque',
}

/** The rows in the order of likelihood: first those whose ids begin with the name of the removed check. */
function likeliestFirst(name: string, rows: readonly CaseRow[] = CORE_ROWS): CaseRow[] {
  const [subject = ''] = name.split(/[: ]/)
  const likely = [subject, ROWS_OF[subject], ROWS_OF[name]]
  const isLikely = ({ id }: CaseRow) =>
    id
      .split(/[/ ]/)
      .slice(0, 2)
      .some((part) => likely.includes(part))
  return [...rows.filter(isLikely), ...rows.filter((row) => !isLikely(row))]
}

test('some entry removes each step, and all evidence of another kind decides some row', async () => {
  const changes = [...Object.values(WITHOUT), ...Object.values(ONLY_AT_FIRST)]
  const taken = new Set(changes.flatMap((change) => Object.keys(change)))
  // test/edges/revocation-steps.test.ts, dpop-steps.test.ts and mtls-steps.test.ts
  const elsewhere = [
    ...[REVOCATION_STEPS, BOUND_STEPS, DPOP_STEPS, MTLS_STEPS].flatMap((steps) => Object.keys(steps)),
    'createHeaderCertificate',
    ...Object.keys(NONCE_STEPS),
  ]
  expect(Object.keys(STEPS).filter((step) => !taken.has(step))).toEqual(elsewhere)
  const reported = new Set<unknown>()
  const authorizer = createAuthorizer(
    world.config,
    {
      fetch,
      now: Date.now,
      secrets: world.secrets,
      report: (event) => void ('detail' in event && reported.add(event.detail?.['mark'])),
    },
    { env: world.env },
  )
  for (const row of CORE_ROWS) {
    const { method, path, authorization } = await requestOf(row)
    await authorizer.authorize({ method, path, authorization, accessTokenInQuery: false })
  }
  expect(KIND_ROWS.map(({ evidence }) => evidence).filter((evidence) => !reported.has(evidence))).toEqual([])
})

test('with every check in place no row is wrong', async () => {
  expect(await findWrongRow(STEPS)).toBeNull()
})

describe('with one check removed some row is wrong', () => {
  test.each(Object.entries(WITHOUT))('%s', async (name, change) => {
    expect(await findWrongRow({ ...STEPS, ...change }, likeliestFirst(name))).not.toBeNull()
  })
})

/** Whether the second outcome of some row is another one than the row states. */
async function isWrongSecondTime(steps: Steps, rows: readonly CaseRow[]): Promise<boolean> {
  const edge = await openCoreEdgeFromSteps(world.config, world.env, steps)
  for (const row of rows) {
    const request = await requestOf(row)
    await edge.send(request)
    if ((await edge.send(request)).code !== expectedCode(row.expect)) return true
  }
  return false
}

describe('with one check of cached tokens removed some row is wrong', () => {
  let drill: Awaited<ReturnType<typeof startTokenDrill>>

  beforeAll(async () => {
    drill = await startTokenDrill()
  })

  afterAll(() => drill.close())

  const tenants = CORE_ROWS.filter(({ id }) => /tenant/.test(id))

  test.each(Object.entries(ONLY_AT_FIRST))('%s', async (_, change) => {
    const steps = { ...STEPS, ...change }
    const isWrong = (text: string) => {
      const [got, stated] = text.replaceAll(', remembered', '').split(' instead of ')
      return got!.split(': ')[1] !== stated
    }
    const runtime = createCoreDrill(drill.config, steps)
    let found = false
    for (const row of CACHE_ROWS) found ||= (await drill.play(row, runtime)).some(isWrong)
    expect(found || (await isWrongSecondTime(steps, tenants))).toBe(true)
  })

  test.each([
    ['the bound', 10 * CACHE_BYTES],
    ['the cache', 0],
  ])('%s', async (_, bytes) => {
    const createCache = () => createVerifiedTokenCache(bytes)
    const runtime = createCoreDrill(drill.config, { ...STEPS, createVerifiedTokenCache: createCache })
    let found = false
    for (const row of CACHE_ROWS) found ||= (await drill.play(row, runtime)).length > 0
    expect(found).toBe(true)
  })
})

/** Copies of a profile that each lack one rule about kinds. */
const withoutOne = (profile: Profile): [string, Profile][] => [
  ...profile.evidence.map((group, index): [string, Profile] => [
    `evidence ${group.map(({ name }) => name).join(' or ')}`,
    { ...profile, evidence: profile.evidence.filter((_, other) => other !== index) },
  ]),
  ...profile.evidence.flatMap((group, index) =>
    group
      .filter(({ values, prefix }) => values !== undefined || prefix !== undefined)
      .map(({ values: _, prefix: __, ...evidence }): [string, Profile] => [
        `value of ${evidence.name}`,
        {
          ...profile,
          evidence: profile.evidence.map((group, other) => (other === index ? [evidence] : group)),
        },
      ]),
  ),
  ...profile.otherKinds.map(({ evidence }, index): [string, Profile] => [
    `evidence of another kind ${evidence.name}`,
    { ...profile, otherKinds: profile.otherKinds.filter((_, other) => other !== index) },
  ]),
  ...profile.waived.map((evidence): [string, Profile] => [
    `waiver of ${evidence}`,
    { ...profile, waived: [] },
  ]),
  ['typ', { ...profile, typ: ['', 'jwt', 'at+jwt', 'x+jwt', 'okta-internal-at+jwt', 'none', 'logout'] }],
]

describe('every piece of evidence of a profile decides some row', () => {
  const cases = Object.values(PROFILES).flatMap((profile) =>
    withoutOne(profile).map(([name, less]) => [`${profile.name}: ${name}`, profile, less] as const),
  )
  const rows = CORE_ROWS.filter(({ id }) => /^(provider|kind)\//.test(id))

  test.each(cases)('%s', async (_, { name, evidence }, less) => {
    const kindRules = STEPS.kindRules.map((rule) => ({
      ...rule,
      check: (...[header, claims, profile]: Parameters<typeof rule.check>) =>
        // Evidence that the configuration adds to a profile stays.
        rule.check(
          header,
          claims,
          profile.name === name
            ? { ...less, evidence: [...less.evidence, ...profile.evidence.slice(evidence.length)] }
            : profile,
        ),
    }))
    expect(await findWrongRow({ ...STEPS, kindRules }, likeliestFirst(name, rows))).not.toBeNull()
  })
})
