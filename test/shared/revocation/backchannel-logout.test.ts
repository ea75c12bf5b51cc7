// The receiver of logout tokens: each rule with a twin that differs in one thing and passes, and without the rule; what
// a good token revokes; and the answers when keys or store are out of reach.

import { beforeEach, describe, expect, test } from 'vitest'
import type { ParsedToken } from '../../../shared/token/compact.ts'
import { decodeBase64url } from '../../../shared/token/base64url.ts'
import { FOREVER } from '../../../shared/revocation/entry.ts'
import { LOGOUT_STEPS } from '../../../shared/revocation/backchannel-logout.ts'
import { LOGOUT_REFUSALS, type LogoutRefusal } from '../../../shared/revocation/logout-token.ts'
import { REQUEST_MS } from '../../../shared/platform/deadline.ts'
import {
  AUDIENCE,
  CLIENT,
  createLogoutWorld,
  EVENT,
  logoutConfig,
  MAIN,
  MAX_LIFETIME,
  NOW,
  SESSIONS,
  TENANTS,
  TOLERANCE,
  UNLISTED,
  type LogoutChange,
  type LogoutSteps,
  type LogoutWorld,
} from '../../support/logout-world.ts'
import { signCompact } from '../../support/test-issuer.ts'
import { elapse, until } from '../../support/time.ts'

let world: LogoutWorld

beforeEach(async () => {
  world = await createLogoutWorld()
})

type RuleList = 'requestRules' | 'formRules' | 'headerRules' | 'claimRules'

/** The steps without one rule. */
function without(list: RuleList, name: string): Partial<LogoutSteps> {
  const rules: readonly { readonly name: string }[] = LOGOUT_STEPS[list]
  const left = rules.filter((rule) => rule.name !== name)
  expect(left).toHaveLength(rules.length - 1)
  return { [list]: left }
}

/** Keeps the last of two members with one name, as JSON.parse does. */
function parseLeniently(text: string): ParsedToken {
  const [header = '', claims = '', signature = ''] = text.split('.')
  const read = (part: string) => JSON.parse(new TextDecoder().decode(decodeBase64url(part)))
  const signingInput = `${header}.${claims}`
  return { header: read(header), claims: read(claims), signature, signingInput, heapBytes: 0 }
}

const ANY_ISSUER: Partial<LogoutSteps> = {
  selectLogoutIssuer: ({ claims }, { issuers }) =>
    claims['iss'] === undefined ? null : [...issuers.values()][0]!,
}
const UNSIGNED: Partial<LogoutSteps> = { verify: async () => null }
const LENIENT: Partial<LogoutSteps> = { parseToken: parseLeniently }

interface Row {
  readonly code: LogoutRefusal
  /** The code in the log, where it is more precise. */
  readonly logged?: string
  readonly change: LogoutChange | ((world: LogoutWorld) => LogoutChange | Promise<LogoutChange>)
  /** The steps with which this mutant is accepted. */
  readonly accepts: () => Partial<LogoutSteps>
}

const claims = (name: string, code: LogoutRefusal, ...mutants: readonly object[]): [string, Row][] =>
  mutants.map((mutant) => [
    `${name}: ${JSON.stringify(mutant, (_, value) => (value === undefined ? 'absent' : value))}`,
    { code, change: { claims: { ...mutant } }, accepts: () => without('claimRules', name) },
  ])

const ROWS: readonly [string, Row][] = [
  [
    'method',
    { code: 'method_refused', change: { method: 'GET' }, accepts: () => without('requestRules', 'method') },
  ],
  ...['application/json', 'multipart/form-data; boundary=x', 'text/plain', null].map(
    (contentType): [string, Row] => [
      `content type ${contentType}`,
      {
        code: 'content_type_refused',
        change: { contentType },
        accepts: () => without('requestRules', 'content type'),
      },
    ],
  ),
  [
    'a body of 17 KB',
    {
      code: 'body_too_large',
      change: { body: (token) => `logout_token=${token}&x=${'a'.repeat(17_000 - token.length)}` },
      accepts: () => ({ maxBytes: 20_000 }),
    },
  ],
  [
    'two parameters',
    {
      code: 'logout_token_repeated',
      change: { body: (token) => `logout_token=${token}&logout_token=${token}` },
      accepts: () => without('formRules', 'one token'),
    },
  ],
  [
    'two members events',
    {
      code: 'logout_token_malformed',
      change: { raw: (text) => text.replace('{', '{"events":{},') },
      accepts: () => LENIENT,
    },
  ],
  [
    'a second spelling',
    {
      code: 'logout_token_malformed',
      // The last character of a signature of 64 bytes has four spare bits.
      change: { token: (text) => `${text.slice(0, -1)}${{ A: 'B', Q: 'R', g: 'h', w: 'x' }[text.at(-1)!]}` },
      accepts: () => ({ ...LENIENT, ...UNSIGNED }),
    },
  ],
  ...Object.entries({ crit: ['exp'], jwk: {}, zip: 'DEF', kid: 7 }).map(([name, value]): [string, Row] => [
    `header ${name}`,
    {
      code: 'logout_header_refused',
      change: { header: { [name]: value } },
      accepts: () => ({ ...without('headerRules', 'header'), ...(name === 'kid' ? UNSIGNED : {}) }),
    },
  ]),
  ...['JWT', 'at+jwt', 'secevent+jwt', 'dpop+jwt', '', 7, null].map((typ): [string, Row] => [
    `typ ${typ}`,
    {
      code: 'logout_typ_refused',
      change: { header: { typ } },
      accepts: () => ({ ...without('headerRules', 'typ'), ...without('claimRules', 'another kind') }),
    },
  ]),
  ...[UNLISTED, `${MAIN}/`, MAIN.toUpperCase(), 'https://else.test.example', [MAIN], 7].map(
    (iss): [string, Row] => [
      `iss ${JSON.stringify(iss)}`,
      { code: 'logout_issuer_unknown', change: { claims: { iss } }, accepts: () => ANY_ISSUER },
    ],
  ),
  [
    'the signature of another key',
    {
      code: 'logout_signature_refused',
      logged: 'signature_invalid',
      change: ({ other }) => ({ key: other }),
      accepts: () => UNSIGNED,
    },
  ],
  [
    'a signature that the algorithms of the issuer do not have',
    {
      code: 'logout_signature_refused',
      logged: 'alg_not_allowed',
      change: ({ rsa }) => ({ key: rsa }),
      accepts: () => UNSIGNED,
    },
  ],
  ...claims(
    'aud',
    'logout_audience_mismatch',
    { aud: 'another-app' },
    { aud: AUDIENCE },
    { aud: ['another-app'] },
    { aud: [] },
    { aud: undefined },
    { aud: [CLIENT, 7] },
    { aud: { 0: CLIENT } },
    { aud: CLIENT.toUpperCase() },
  ),
  ...claims(
    'exp',
    'logout_exp_refused',
    { exp: NOW - TOLERANCE },
    { exp: undefined },
    { exp: String(NOW + 60) },
    { exp: null },
  ),
  ...claims('nbf', 'logout_nbf_refused', { nbf: NOW + TOLERANCE + 1 }, { nbf: 'now' }),
  ...claims('jti', 'logout_jti_refused', { jti: undefined }, { jti: 7 }, { jti: '' }),
  ...claims('form of sub', 'logout_subject_malformed', { iss: SESSIONS, sub: '', sid: 's' }),
  ...claims('form of sid', 'logout_subject_malformed', { sid: '' }, { sid: 7 }, { sid: null }),
  ...claims(
    'events',
    'logout_events_refused',
    { events: undefined },
    { events: {} },
    { events: EVENT },
    { events: [EVENT] },
    { events: { [EVENT]: null } },
    { events: { [EVENT]: true } },
    { events: { [EVENT]: [] } },
    { events: { [`${EVENT}/`]: {} } },
    { events: { 'https://schemas.openid.net/secevent/caep/event-type/session-revoked': {} } },
  ),
  ...claims('nonce', 'logout_nonce_refused', { nonce: 'n' }, { nonce: null }),
  ...claims(
    'another kind',
    'logout_kind_refused',
    { at_hash: 'a' },
    { typ: 'ID' },
    { token_use: 'id' },
    { htm: 'POST' },
    { toe: NOW },
    { typ: 'Refresh' },
    { sub: MAIN },
  ),
  ...claims(
    'access token',
    'logout_access_token',
    { scope: 'openid' },
    { scp: ['read'] },
    { client_id: CLIENT },
    { token_use: 'access' },
    { typ: 'Bearer' },
  ),
]

/** Mutants that are not accepted without the one rule either. */
const FURTHER: readonly [string, Row][] = [
  ...claims(
    'iat',
    'logout_iat_refused',
    { iat: NOW + TOLERANCE + 1 },
    { iat: NOW - MAX_LIFETIME - TOLERANCE - 1 },
  ),
  ...claims('iat', 'logout_iat_refused', { iat: undefined }, { iat: String(NOW) }, { iat: -1 }),
  ...claims('sub or sid', 'logout_subject_missing', { sub: undefined }),
  ...claims('form of sub', 'logout_subject_malformed', { sub: 7 }, { sub: '' }, { sub: ['user-1'] }),
  [
    'no parameter',
    {
      code: 'logout_token_absent',
      change: { body: (token) => `Logout_token=${token}` },
      accepts: () => without('formRules', 'a token'),
    },
  ],
  [
    'an empty parameter',
    { code: 'logout_token_malformed', change: { body: () => 'logout_token=' }, accepts: () => ({}) },
  ],
  [
    'alg none',
    {
      code: 'logout_header_refused',
      change: { header: { alg: 'none' }, token: (text) => text.replace(/[^.]*$/, '') },
      accepts: () => without('headerRules', 'header'),
    },
  ],
  [
    'alg none with a signature',
    {
      code: 'logout_header_refused',
      change: { header: { alg: 'none' } },
      accepts: () => without('headerRules', 'header'),
    },
  ],
  [
    'a MAC',
    {
      code: 'logout_signature_refused',
      logged: 'alg_not_allowed',
      change: { header: { alg: 'HS256' } },
      accepts: () => ({}),
    },
  ],
  [
    'an unknown kid',
    {
      code: 'logout_signature_refused',
      logged: 'key_unknown',
      change: { header: { kid: 'else' } },
      accepts: () => ({}),
    },
  ],
  [
    'an encrypted token',
    {
      code: 'logout_token_malformed',
      change: { token: (text) => `${text}.a.b` },
      accepts: () => ({}),
    },
  ],
]

const changeOf = async ({ change }: Row): Promise<LogoutChange> =>
  typeof change === 'function' ? change(world) : change

describe('refuses, and writes nothing', () => {
  test.each([...ROWS, ...FURTHER])('%s', async (_, row) => {
    const { code, logged = code } = row
    const answer = await world.send(await changeOf(row))
    expect(answer).toMatchObject({ outcome: 'refused', code: logged, entries: [] })
    if (code === 'method_refused') {
      expect(answer).toMatchObject({ status: 405, body: null })
      expect(answer.headers).toEqual({ allow: 'POST', 'cache-control': 'no-store' })
      return
    }
    expect(answer.status).toBe(400)
    expect(answer.headers).toEqual({ 'content-type': 'application/json', 'cache-control': 'no-store' })
    expect(JSON.parse(answer.body!)).toEqual({
      error: 'invalid_request',
      error_description: LOGOUT_REFUSALS[code],
    })
  })

  test('every rule and every sentence has a row', () => {
    const codes = new Set<string>([...ROWS, ...FURTHER].map(([, { code }]) => code))
    expect(Object.keys(LOGOUT_REFUSALS).filter((code) => !codes.has(code))).toEqual(['session_unknown'])
    const titles = [...ROWS, ...FURTHER].map(([title]) => title)
    const lists = [...LOGOUT_STEPS.claimRules, ...LOGOUT_STEPS.headerRules, ...LOGOUT_STEPS.requestRules]
    expect(lists.filter(({ name }) => !titles.some((title) => title.startsWith(name)))).toEqual([])
  })
})

describe('with one step removed, the mutant is accepted', () => {
  test.each(ROWS)('%s', async (_, row) => {
    const answer = await world.send(await changeOf(row), world.open(row.accepts()))
    expect(answer).toMatchObject({ status: 200, outcome: 'received' })
    expect(answer.entries).toHaveLength(1)
  })

  test.each([
    ['in the future', { iat: NOW + TOLERANCE + 1 }],
    ['long past', { iat: NOW - MAX_LIFETIME - TOLERANCE - 1 }],
  ])('iat: %s', async (_, mutant) => {
    const { status } = await world.send({ claims: mutant }, world.open(without('claimRules', 'iat')))
    expect(status).toBe(200)
  })

  test.each([
    ['neither sub nor sid: nothing to revoke', { sub: undefined }, without('claimRules', 'sub or sid')],
    ['a sub that is no string: no entry', { sub: 7 }, without('claimRules', 'form of sub')],
    ['no iat: no epoch', { iat: undefined }, without('claimRules', 'iat')],
  ])('or another refusal takes its place: %s', async (_, mutant, steps) => {
    const refused = await world.send({ claims: mutant })
    const answer = await world.send({ claims: mutant }, world.open(steps))
    expect(answer.code).not.toBe(refused.code)
  })
})

describe('accepts', () => {
  test.each<[string, LogoutChange]>([
    ['a good token', {}],
    ['no typ', { header: { typ: undefined } }],
    ['typ with application/ and in capitals', { header: { typ: 'application/LOGOUT+JWT' } }],
    ['aud as a list with our client', { claims: { aud: ['another-app', 'mobile-app'] } }],
    ['an iat as far ahead as the tolerance', { claims: { iat: NOW + TOLERANCE } }],
    ['the oldest iat', { claims: { iat: NOW - MAX_LIFETIME - TOLERANCE } }],
    ['an exp as far back as the tolerance', { claims: { exp: NOW - TOLERANCE + 1 } }],
    ['an nbf as far ahead as the tolerance', { claims: { nbf: NOW + TOLERANCE } }],
    ['the claim typ of Keycloak', { claims: { typ: 'Logout' } }],
    [
      'a further member of events, as Keycloak has it for offline sessions',
      { claims: { events: { [EVENT]: {}, revoke_offline_access: true } } },
    ],
    ['members in the event', { claims: { events: { [EVENT]: { reason: 'x' } } } }],
    ['further claims', { claims: { auth_time: NOW, trace: 'x' } }],
    ['further parameters', { body: (token) => `state=x&logout_token=${token}&x=y` }],
    ['escaped characters', { body: (token) => `logout%5Ftoken=${token.replaceAll('.', '%2E')}` }],
    ['parameters of the content type', { contentType: 'Application/X-WWW-Form-Urlencoded ; charset=utf-8' }],
    ['a body of exactly 16 KiB', { body: (token) => `logout_token=${token}&x=`.padEnd(16_384, 'a') }],
  ])('%s', async (_, change) => {
    const answer = await world.send(change)
    expect(answer).toMatchObject({ status: 200, body: null, outcome: 'received', issuer: 'main' })
    expect(answer.headers).toEqual({ 'cache-control': 'no-store' })
    expect(answer.entries).toHaveLength(1)
  })

  test('one byte more than 16 KiB is refused', async () => {
    const body = (token: string) => `logout_token=${token}&x=`.padEnd(16_385, 'a')
    expect(await world.send({ body })).toMatchObject({ code: 'body_too_large', entries: [] })
  })
})

describe('what a logout token revokes', () => {
  const userEpoch = (iat: number, issuer = MAIN) => ({
    kind: 'sub',
    issuer,
    id: 'user-1',
    notBefore: iat,
    until: iat + MAX_LIFETIME + TOLERANCE + 1,
  })

  test('all tokens of the user up to iat, by the clock of the issuer', async () => {
    const { entries } = await world.send({ claims: { iat: NOW - 2.5 } })
    expect(entries).toEqual([userEpoch(NOW - 3)])
    expect(world.written[0]!.author).toEqual({ by: 'backchannel-logout main' })
  })

  test('the same where access tokens name no session', async () => {
    expect((await world.send({ claims: { sid: 's-1' } })).entries).toEqual([userEpoch(NOW - 2)])
  })

  test('the session where they do, and the user if there is no room for it', async () => {
    const { entries } = await world.send({ claims: { iss: SESSIONS, sid: 's-1' } })
    expect(entries).toEqual([
      {
        kind: 'sid',
        issuer: SESSIONS,
        id: 's-1',
        notBefore: FOREVER,
        until: NOW + TOLERANCE + MAX_LIFETIME + TOLERANCE + 1,
        wider: userEpoch(NOW, SESSIONS),
      },
    ])
  })

  test('the session alone, of a token without sub', async () => {
    const { entries } = await world.send({ claims: { iss: SESSIONS, sid: 's-1', sub: undefined } })
    expect(entries).toMatchObject([{ kind: 'sid', id: 's-1' }])
    expect(entries[0]).not.toHaveProperty('wider')
  })

  test('the user, of a token without sid', async () => {
    expect((await world.send({ claims: { iss: SESSIONS } })).entries).toEqual([userEpoch(NOW - 2, SESSIONS)])
  })

  test('the tenant alone whose iss the token has', async () => {
    const [one, two] = TENANTS
    const header = { kid: 'tenants' }
    expect((await world.send({ header, claims: { iss: one } })).entries).toMatchObject([{ issuer: one }])
    expect((await world.send({ header, claims: { iss: two } })).entries).toMatchObject([{ issuer: two }])
  })

  test('nothing where access tokens name no session and the token has a sid alone: it is refused', async () => {
    const answer = await world.send({ claims: { sid: 's-1', sub: undefined } })
    expect(answer).toMatchObject({ status: 400, code: 'session_unknown', issuer: 'main', entries: [] })
    expect(JSON.parse(answer.body!).error_description).toBe(LOGOUT_REFUSALS.session_unknown)
  })

  test('an access token of the user is refused from then on, a later one and those of others are not', async () => {
    const authorizer = world.open()
    const ask = async (change: object, iat = NOW - 2) => {
      const token = await signCompact(
        world.key,
        { alg: 'ES256', kid: 'main', typ: 'at+jwt' },
        {
          ...{ iss: MAIN, sub: 'user-1', aud: AUDIENCE, client_id: CLIENT, jti: 'j', iat, exp: NOW + 600 },
          ...change,
        },
      )
      const decision = await authorizer.authorize({
        method: 'GET',
        path: '/orders',
        authorization: [`Bearer ${token}`],
        accessTokenInQuery: false,
      })
      return decision.allow ? 'allow' : decision.code
    }
    expect(await ask({})).toBe('allow')
    expect(await world.send({}, authorizer)).toMatchObject({ status: 200, code: 'stored' })
    expect(await ask({})).toBe('token_revoked')
    expect(await ask({}, NOW - 1)).toBe('allow')
    expect(await ask({ sub: 'user-2' })).toBe('allow')
    expect(await ask({ iss: SESSIONS })).toBe('allow')
    // The session, whenever its tokens were issued.
    expect(await world.send({ claims: { iss: SESSIONS, sid: 's-1' } }, authorizer)).toMatchObject({
      status: 200,
    })
    expect(await ask({ iss: SESSIONS, sid: 's-1' }, NOW)).toBe('token_revoked')
    expect(await ask({ iss: SESSIONS, sid: 's-2' }, NOW)).toBe('allow')
    expect(await ask({ iss: MAIN, sub: 'user-2', sid: 's-1' }, NOW)).toBe('allow')
  })

  test('a token that arrives twice, or after a later one, changes nothing', async () => {
    const authorizer = world.open()
    const send = async (iat: number, jti: string) =>
      (await world.send({ claims: { iat, jti } }, authorizer)).code
    expect(await send(NOW - 2, 'two')).toBe('stored')
    expect(await send(NOW - 2, 'two')).toBe('known')
    expect(await send(NOW - 10, 'one')).toBe('known')
    expect(await send(NOW - 1, 'three')).toBe('stored')
  })
})

describe('another token of the issuer, posted as a logout token', () => {
  const ofKind = (typ: string | undefined, change: object): LogoutChange => ({
    header: { typ },
    claims: { events: undefined, ...change },
  })

  test.each<[string, LogoutChange, LogoutRefusal]>([
    [
      'an ID token',
      ofKind('JWT', { nonce: 'n', at_hash: 'a', auth_time: NOW, sid: 's' }),
      'logout_typ_refused',
    ],
    ['an ID token without typ', ofKind(undefined, { nonce: 'n', at_hash: 'a' }), 'logout_events_refused'],
    ['an ID token without typ and nonce', ofKind(undefined, { auth_time: NOW }), 'logout_events_refused'],
    [
      'an ID token with the event',
      ofKind(undefined, { nonce: 'n', events: { [EVENT]: {} } }),
      'logout_nonce_refused',
    ],
    ['an access token', ofKind('at+jwt', { client_id: CLIENT, scope: 'read' }), 'logout_typ_refused'],
    [
      'an access token without typ, for our client',
      ofKind(undefined, { client_id: CLIENT, scope: 'read' }),
      'logout_events_refused',
    ],
    [
      'an access token without typ, with the event',
      ofKind(undefined, { client_id: CLIENT, events: { [EVENT]: {} } }),
      'logout_access_token',
    ],
    [
      'a security event token',
      ofKind('secevent+jwt', {
        exp: undefined,
        events: { 'https://schemas.openid.net/secevent/risc/event-type/account-disabled': {} },
      }),
      'logout_typ_refused',
    ],
    [
      'a security event token without typ',
      ofKind(undefined, {
        events: { 'https://schemas.openid.net/secevent/risc/event-type/account-disabled': {} },
      }),
      'logout_events_refused',
    ],
  ])('%s is refused', async (_, change, code) => {
    expect(await world.send(change)).toMatchObject({ status: 400, code, entries: [] })
  })
})

describe('when something is out of reach', () => {
  const busy = { status: 503, body: null, headers: { 'cache-control': 'no-store', 'retry-after': '5' } }

  test('the keys: 503 until they are there, and nothing is written', async () => {
    world.areKeysDown = true
    const answer = await world.send()
    expect(answer).toMatchObject({
      status: 503,
      outcome: 'refused',
      code: 'keys_unavailable',
      issuer: 'main',
    })
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect(answer.entries).toEqual([])
  })

  test('the store: 503', async () => {
    world.memory.isDown = true
    expect(await world.send()).toMatchObject({ ...busy, code: 'revocation_unavailable', issuer: 'main' })
    expect(JSON.stringify(world.events)).not.toContain('the store is down')
  })

  test('a store that does not answer: 503 at the deadline', async () => {
    let isOver = false
    world.memory.hold = new Promise(() => {})
    const [receiver] = world.open().receivers
    const asked = receiver!.receive(await world.toRequest(), undefined).finally(() => (isOver = true))
    await until(() => {
      elapse(REQUEST_MS)
      return isOver
    })
    expect(await asked).toMatchObject(busy)
  })

  test('a full store: 503, and an event of its own', async () => {
    world.outcome = 'full'
    expect(await world.send()).toMatchObject({ ...busy, outcome: 'full', issuer: 'main' })
  })

  test('room for the session, but not for the user: 200', async () => {
    world.outcome = 'widened'
    expect(await world.send()).toMatchObject({ status: 200, outcome: 'received', code: 'widened' })
  })

  test('a body that breaks off: 503, never a rejection', async () => {
    const [receiver] = world.open().receivers
    const request = await world.toRequest()
    const body = () => Promise.reject(new Error('secret text'))
    expect(await receiver!.receive({ ...request, body }, undefined)).toMatchObject(busy)
    expect(JSON.stringify(world.events)).not.toContain('secret text')
  })
})

test('unknown kids fetch no more keys than the limits on fetches allow', async () => {
  const authorizer = world.open()
  await world.send({}, authorizer)
  for (let count = 0; count < 50; count++)
    expect(await world.send({ header: { kid: `kid-${count}` } }, authorizer)).toMatchObject({
      status: 400,
      entries: [],
    })
  expect(world.fetches).toBeLessThanOrEqual(2)
})

test('a token that differs in any one character is refused', async () => {
  const authorizer = world.open()
  const token = await world.sign({})
  const accepted: number[] = []
  for (let at = 0; at < token.length; at++) {
    const other = token[at] === 'A' ? 'B' : 'A'
    const changed = `${token.slice(0, at)}${other}${token.slice(at + 1)}`
    const { status } = await world.send({ token: () => changed }, authorizer)
    if (status !== 400) accepted.push(at)
  }
  expect(accepted).toEqual([])
  expect(world.written).toEqual([])
  expect(await world.send({ token: () => token }, authorizer)).toMatchObject({ status: 200 })
})

test('no answer and no event repeats anything of a token', async () => {
  const canaries = { sub: 'canary-sub', sid: 'canary-sid', jti: 'canary-jti', trace: 'canary-trace' }
  const said: unknown[] = []
  for (const [, row] of [...ROWS, ...FURTHER]) {
    const change = await changeOf(row)
    said.push(await world.send({ ...change, claims: { ...canaries, ...change.claims } }))
  }
  const answers = (said as { entries: unknown }[]).map(({ entries: _, ...answer }) => answer)
  expect(JSON.stringify([answers, world.events])).not.toMatch(/canary|eyJ/)
})

test('an authorizer without the section has no receiver', () => {
  expect(world.open().receivers.map(({ path }) => path)).toEqual(['/logout'])
  expect(world.open({}, logoutConfig(false)).receivers).toEqual([])
})
