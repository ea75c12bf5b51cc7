// The requests that every page compares: what a client sends, by the name that the tables have for it.

import type { RawRequest } from '../support/raw-http.ts'
import type { Members } from '../support/test-issuer.ts'
import type { PageIssuer } from './issuer.ts'

export interface PageRequest {
  readonly name: string
  /** Whether its answer depends on the clock to within a minute. */
  readonly isTimed?: true
  make(issuer: PageIssuer): Promise<RawRequest>
}

const MINUTE = 60

/** An access token with these scopes. */
export const accessToken = (
  issuer: PageIssuer,
  scope: string,
  { header, claims }: { header?: Members; claims?: Members } = {},
): Promise<string> => issuer.sign(...membersOf(issuer, scope, { header, claims }))

function membersOf(
  { issuer, kit: { access } }: PageIssuer,
  scope: string,
  { header = {}, claims = {} }: { header?: Members | undefined; claims?: Members | undefined },
): [Members, Members] {
  const now = Math.floor(Date.now() / 1_000)
  const times = { iat: now - 5 * MINUTE, exp: now + 10 * MINUTE }
  return [
    { ...access.header, ...header },
    { iss: issuer, ...times, ...access.claims, scope, ...claims },
  ]
}

const send = (method: string, target: string, token?: string, scheme = 'Bearer'): RawRequest => ({
  method,
  target,
  fields: token === undefined ? [] : [['Authorization', `${scheme} ${token}`]],
})

/** `GET /orders` with a token that may read, but for this change. */
const changed = (
  name: string,
  change: (issuer: PageIssuer, now: number) => { header?: Members; claims?: Members },
): PageRequest => ({
  name,
  make: async (issuer) =>
    send(
      'GET',
      '/orders',
      await accessToken(issuer, issuer.kit.read, change(issuer, Math.floor(Date.now() / 1_000))),
    ),
})

/** A request with a token that may read. */
const reading = (name: string, method: string, target: string, scheme?: string): PageRequest => ({
  name,
  make: async (issuer) => send(method, target, await accessToken(issuer, issuer.kit.read), scheme),
})

/** A request with an ID token of the same login. */
const withIdToken = (name: string, claims: (issuer: PageIssuer) => Members): PageRequest => ({
  name,
  async make(issuer) {
    const [, times] = membersOf(issuer, '', {})
    const { header, claims: own } = issuer.kit.idToken
    const { iss, iat, exp } = times
    return send('GET', '/orders', await issuer.sign(header, { iss, iat, exp, ...own, ...claims(issuer) }))
  },
})

export const REQUESTS: readonly PageRequest[] = [
  { name: '`GET /health`, no token', make: async () => send('GET', '/health') },
  reading('`GET /orders`, may read', 'GET', '/orders'),
  {
    name: '`POST /orders`, may write',
    make: async (issuer) => send('POST', '/orders', await accessToken(issuer, issuer.kit.write)),
  },
  reading('`GET /orders/7`, may read', 'GET', '/orders/7'),
  reading('`HEAD /orders`, may read', 'HEAD', '/orders'),
  {
    name: '`POST /orders`, may read and write',
    make: async (issuer) =>
      send('POST', '/orders', await accessToken(issuer, `${issuer.kit.read} ${issuer.kit.write}`)),
  },
  reading('`POST /orders`, may only read', 'POST', '/orders'),
  { name: 'no token', make: async () => send('GET', '/orders') },
  {
    name: 'preflight of `GET /orders`',
    make: async () => ({
      ...send('OPTIONS', '/orders'),
      fields: [
        ['Origin', 'https://app.example.com'],
        ['Access-Control-Request-Method', 'GET'],
        ['Access-Control-Request-Headers', 'authorization'],
      ],
    }),
  },
  changed('expired an hour ago', (_, now) => ({ claims: { iat: now - 7200, exp: now - 3600 } })),
  { ...changed('expired 10 seconds ago', (_, now) => ({ claims: { exp: now - 10 } })), isTimed: true },
  { ...changed('valid in 20 seconds (`nbf`)', (_, now) => ({ claims: { nbf: now + 20 } })), isTimed: true },
  changed('valid in an hour (`nbf`)', (_, now) => ({ claims: { nbf: now + 3600 } })),
  changed('without `exp`', () => ({ claims: { exp: undefined } })),
  changed('of another issuer', () => ({ claims: { iss: 'https://other.example.com/' } })),
  changed('for another API', ({ kit }) => ({ claims: kit.forAnotherApi })),
  changed('`aud` is a list with this API in it', ({ kit }) => ({ claims: kit.inList })),
  changed('scopes as a list', ({ kit }) => ({ claims: { scope: [kit.read] } })),
  {
    name: 'signed with another key',
    make: async (issuer) =>
      send('GET', '/orders', await issuer.forge(...membersOf(issuer, issuer.kit.read, {}))),
  },
  withIdToken('ID token', () => ({})),
  withIdToken('ID token with this API in `aud`, and scopes', ({ kit }) => ({
    aud: kit.access.claims['aud'] ?? 'client-1',
    scope: kit.read,
  })),
  changed('bound to a key (`cnf.jkt`), without proof', () => ({ claims: { cnf: { jkt: 'x'.repeat(43) } } })),
  {
    name: 'in the query (`?access_token=`)',
    make: async (issuer) => send('GET', `/orders?access_token=${await accessToken(issuer, issuer.kit.read)}`),
  },
  {
    name: 'in the query and in the Authorization field',
    make: async (issuer) => {
      const token = await accessToken(issuer, issuer.kit.read)
      return send('GET', `/orders?access_token=${token}`, token)
    },
  },
  reading('scheme `bearer`', 'GET', '/orders', 'bearer'),
  { name: 'scheme `Basic`', make: async () => send('GET', '/orders', 'YTpi', 'Basic') },
  {
    name: 'no scheme (`Authorization: TOKEN`)',
    make: async (issuer) => ({
      ...send('GET', '/orders'),
      fields: [['Authorization', await accessToken(issuer, issuer.kit.read)]],
    }),
  },
  { name: '`Authorization: Bearer`, no token behind it', make: async () => send('GET', '/orders', '') },
  { name: 'no JWT behind `Bearer`', make: async () => send('GET', '/orders', 'abc') },
  reading('`GET /orders/`', 'GET', '/orders/'),
  reading('`GET /Orders`', 'GET', '/Orders'),
  reading('`DELETE /orders`', 'DELETE', '/orders'),
  reading('`GET /unknown`', 'GET', '/unknown'),
]
