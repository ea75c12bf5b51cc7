// Introspection answers of every kind. A token is allowed only if the answer plainly says that it is active, for this
// API, an access token, in its time, with the scope. An answer about anything else, or with members missing, allows
// nothing. The endpoint is a function here; real ones are in test/cases and test/local.

import fc from 'fast-check'
import { findLeaks } from '../../support/leaks.ts'
import { AUDIENCE, CANARY, demand, ISSUER, NOW } from '../fixture.ts'
import {
  changeJson,
  changeText,
  jsonChanges,
  textChanges,
  type JsonChange,
  type TextChange,
} from '../mutate.ts'
import { property } from '../property.ts'
import { readStrictly } from '../strict-reading.ts'

const PIECES = [
  ' ', '\n', ',', '"', '{', '}', '[', ']', '\ufeff', '\u0000', 'null', 'true', '"active":true,', '"active":false,', ',"active":true',
  '"tokenType":"refresh_token",', '"token_use":["access_token"],', '"typ":"Logout",', '"scope":"write",', '"aud":"x",', '"token_type":"refresh_token",', '1e400', '<html></html>', '{}', '"__proto__":{},', '\\u0061',
] // prettier-ignore

const TOKEN = 'opaque-7d1f0c9b2e5a4836-token'
const SECRET = 'secret-b0a94c7e13f52d68'

const ANSWER = {
  active: true,
  iss: ISSUER,
  aud: AUDIENCE,
  client_id: 'client-1',
  sub: 'user-1',
  scope: 'read',
  token_type: 'Bearer',
  iat: NOW - 5,
  exp: NOW + 600,
  canary: { note: CANARY },
}

/** Members whose mere presence makes it a token of another kind. */
const OTHER_KIND_MEMBERS = [
  'cnf',
  'nonce',
  'at_hash',
  'c_hash',
  's_hash',
  'events',
  'token_introspection',
  'htu',
  'vp',
]

const ACCESS_TOKENS = ['bearer', 'access', 'access_token', 'at+jwt', 'application/at+jwt']

type JsonObject = Readonly<Record<string, unknown>>

const lower = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value)
const isTime = (value: unknown): value is number => typeof value === 'number' && value >= 0

/** Whether an answer, read strictly, grants `read`. Written independently of the product. */
function permits(whole: unknown): boolean {
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) return false
  // Servers write `null` for members that they do not have.
  const read: JsonObject = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== null))
  const { active, iss, aud, exp, nbf, iat, scope, token_type, sub, client_id } = read
  const audiences = Array.isArray(aud) ? aud : [aud]
  const kinds = ['token_type', 'token_use', 'typ', 'tokenType', 'token-use', 'tokenName']
    .map((name) => read[name])
    .filter((kind) => kind !== undefined)
  return (
    active === true &&
    (iss === undefined || iss === ISSUER) &&
    audiences.includes(AUDIENCE) &&
    (exp === undefined || (isTime(exp) && exp > NOW - 30)) &&
    (iat === undefined || (isTime(iat) && iat <= NOW + 30)) &&
    (exp === undefined || Number(exp) - Number(iat ?? NOW) <= 86_400 + (iat === undefined ? 30 : 0)) &&
    (iat === undefined || exp === undefined || Number(exp) > Number(iat)) &&
    (nbf === undefined || (isTime(nbf) && nbf <= NOW + 30)) &&
    typeof token_type === 'string' &&
    kinds.every((kind) => ACCESS_TOKENS.some((name) => name === lower(kind))) &&
    !OTHER_KIND_MEMBERS.some((name) => Object.hasOwn(read, name)) &&
    typeof client_id === 'string' &&
    typeof sub === 'string' &&
    typeof scope === 'string' &&
    scope.split(' ').includes('read')
  )
}

function strictly(text: string): unknown {
  try {
    return readStrictly(text)
  } catch {
    return undefined
  }
}

interface Input {
  readonly json: readonly JsonChange[]
  readonly text: readonly TextChange[]
  readonly status: number
  readonly type: string
}

const few = <T>(some: fc.Arbitrary<T[]>, weight: number): fc.Arbitrary<T[]> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant<T[]>([]) }, { weight, arbitrary: some })

const usually = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  )

export const introspection = property<Input>({
  name: 'introspection answer',
  about: 'answers about an opaque token with members, text, status and type changed',
  input: fc.record({
    json: few(jsonChanges(3), 3),
    text: few(textChanges(PIECES, 2), 1),
    status: usually(200, 201, 204, 301, 400, 401, 403, 404, 500, 503),
    type: usually(
      'application/json',
      'application/json; charset=utf-8',
      'text/html',
      'application/token-introspection+jwt',
      '',
    ),
  }),
  mustSee: ['allow', 'deny'],
  async check({ json, text, status, type }, fixture) {
    const body = changeText(JSON.stringify(changeJson(ANSWER, json)) ?? '', text)
    const events: unknown[] = []
    let requests = 0
    const authorizer = fixture.createAuthorizer(
      {
        ...fixture.config,
        issuers: {
          main: {
            issuer: ISSUER,
            audience: AUDIENCE,
            introspection: {
              endpoint: `${ISSUER}/introspect`,
              authentication: 'client_secret_basic',
              clientId: 'lanekeeper',
              secret: { env: 'SECRET' },
            },
          },
        },
      },
      {
        async fetch() {
          requests++
          const bare = status === 204 ? null : new TextEncoder().encode(body)
          return new Response(bare, { status, headers: type === '' ? {} : { 'content-type': type } })
        },
        secrets: async () => SECRET,
        report: (event) => void events.push(event),
      },
      { SECRET },
    )
    const ask = () =>
      authorizer.authorize({
        method: 'GET',
        path: '/orders',
        authorization: [`Bearer ${TOKEN}`],
        accessTokenInQuery: false,
      })
    const decision = await ask()
    const again = await ask()
    const good = status === 200 && type.startsWith('application/json') && permits(strictly(body))
    demand(!decision.allow || good, 'an answer that does not permit it allows')
    demand(decision.allow === again.allow, 'the second decision is another than the first')
    demand(requests <= 4, `${requests} questions about one token`)
    demand(decision.allow || decision.code !== 'internal_error', 'an internal error')
    const output = JSON.stringify([decision, again, events])
    demand(findLeaks(output, [TOKEN, SECRET, CANARY]).length === 0, 'a piece of a secret is shown')
    return decision.allow ? 'allow' : 'deny'
  },
})
