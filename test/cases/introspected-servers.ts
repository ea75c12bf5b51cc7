// Recorded answers of real servers about their access and refresh tokens, with and without `token_type_hint` (RFC 7662
// section 2.1), from November 2026: Better Auth 1.7.25 (@better-auth/oauth-provider 1.7.5, in its default
// configuration), Canaille 0.3.6, and Authlib 1.9.10 with the answer that its documentation of the introspection
// endpoint writes. `iss`, clients, `scope` and times are adapted to the issuers of the case world; each lifetime is the
// recorded one.

import type { Members } from '../support/test-issuer.ts'
import type { CaseWorld } from '../support/case-world.ts'
import { allow, refused, USER, withToken, type CaseRow, type Expectation } from './row.ts'

const HOUR = 3_600
const DAY = 24 * HOUR

interface Recorded {
  /** The answer about the access token, the same with and without a hint. */
  readonly access: Members
  readonly accessLife: number
  /** The answer about the refresh token without a hint. With the hint `access_token` all of them call it inactive. */
  readonly refresh: Members
  readonly refreshLife: number
}

const BETTER_AUTH = {
  active: true,
  client_id: 'client-1',
  sub: 'PPv5Bq7HNxFvnA9hp0jfVID9VJue97dR',
  sid: 'en3equusaAH9OxJN3kX098eJThFrudor',
  scope: 'read',
  token_type: 'Bearer',
}

const AUTHLIB = {
  ...{ active: true, aud: 'client-1', client_id: 'client-1', scope: 'read', sub: '1' },
  ...{ token_type: 'Bearer', username: 'ada' },
}

const CANAILLE = {
  ...{ active: true, aud: ['client-1'], client_id: 'client-1', scope: 'read', sub: 'ada' },
  ...{ token_type: 'Bearer', username: 'Ada A' },
}

const SERVERS: Readonly<Record<'better-auth' | 'authlib' | 'canaille', Recorded>> = {
  'better-auth': {
    access: { ...BETTER_AUTH, azp: 'client-1' },
    accessLife: HOUR,
    refresh: BETTER_AUTH,
    refreshLife: 30 * DAY,
  },
  // Both tokens are columns of one database row.
  authlib: { access: AUTHLIB, accessLife: 10 * DAY, refresh: AUTHLIB, refreshLife: 10 * DAY },
  canaille: { access: CANAILLE, accessLife: 10 * DAY, refresh: CANAILLE, refreshLife: 10 * DAY },
}

type ServerName = keyof typeof SERVERS

const answerOf = (world: CaseWorld, issuer: string, members: Members, life: number): Members => {
  const iat = Math.floor(Date.now() / 1000) - 5
  return { iss: `${world.opaque.url}/${issuer}`, iat, exp: iat + life, ...members }
}

const row = (
  id: string,
  server: ServerName,
  kind: 'access' | 'refresh',
  /** `heeds`: the server applies the hint. */
  { issuer = server, heeds = true, change = {} }: { issuer?: string; heeds?: boolean; change?: Members },
  expect: Expectation,
): CaseRow => ({
  id: `opaque/${id}`,
  request(world) {
    const recorded = SERVERS[server]
    const [members, life] =
      kind === 'access' ? [recorded.access, recorded.accessLife] : [recorded.refresh, recorded.refreshLife]
    const json = answerOf(world, issuer, { ...members, ...change }, life)
    const hinted = kind === 'refresh' && heeds ? { json: { active: false } } : undefined
    return withToken(world.opaque.issue(`${issuer}_`, { json, ...(hinted === undefined ? {} : { hinted }) }))
  },
  expect,
})

const identity = (server: ServerName, issuer: string = server) =>
  allow({ ...USER, issuer, subject: String(SERVERS[server].access['sub']) })

export const INTROSPECTED_SERVER_ROWS: readonly CaseRow[] = [
  ...(Object.keys(SERVERS) as ServerName[]).flatMap((server) => [
    row(`an access token of ${server}`, server, 'access', {}, identity(server)),
    row(`a refresh token of ${server}`, server, 'refresh', {}, refused('token_inactive')),
  ]),

  // A server that ignores the hint. Only the lifetimes and the configuration can tell its tokens apart.
  row(
    'a refresh token of better-auth, without heed to the hint',
    'better-auth',
    'refresh',
    { heeds: false },
    refused('token_lifetime'),
  ),
  row(
    'a refresh token of better-auth, without heed to the hint and without iat',
    'better-auth',
    'refresh',
    { heeds: false, change: { iat: undefined } },
    refused('token_lifetime'),
  ),
  row(
    'an access token of better-auth without iat',
    'better-auth',
    'access',
    { change: { iat: undefined } },
    identity('better-auth'),
  ),
  row(
    'an access token of better-auth, azp configured',
    'better-auth',
    'access',
    { issuer: 'better-auth-azp' },
    identity('better-auth', 'better-auth-azp'),
  ),
  row(
    'a refresh token of better-auth, azp configured, without heed to the hint',
    'better-auth',
    'refresh',
    { issuer: 'better-auth-azp', heeds: false },
    refused('token_kind_unproven'),
  ),
  // Nothing tells these tokens apart: docs/opaque-tokens.md and SECURITY.md say so.
  row(
    'what authlib answers about both its tokens, without heed to the hint',
    'authlib',
    'refresh',
    { heeds: false },
    identity('authlib'),
  ),
  row(
    'what canaille answers about both its tokens, without heed to the hint',
    'canaille',
    'refresh',
    { heeds: false },
    identity('canaille'),
  ),
]
