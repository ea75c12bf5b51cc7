// Issuers that send logout tokens to two clients of ours, a store that records what is written to it, and requests as
// issuers send them. No server: keys are fetched through the port. Time is `NOW`.

import { assemble } from '../../shared/assemble.ts'
import { resolveConfig, webCrypto, type LanekeeperConfig, type ReportEvent } from '../../shared/index.ts'
import { createLogoutReceivers, LOGOUT_STEPS } from '../../shared/revocation/backchannel-logout.ts'
import type { ReceivedRequest } from '../../shared/revocation/receiver.ts'
import type { NewEntry, RevocationAuthor, RevokeOutcome } from '../../shared/revocation/store.ts'
import { partsOf, STEPS } from '../../shared/steps.ts'
import { createMemoryRevocations, type MemoryRevocations } from './memory-revocations.ts'
import { generateKey, signCompact, type Members, type SigningKey } from './test-issuer.ts'

/** In seconds. */
export const NOW = 1_800_000_000
export const TOLERANCE = 30
export const MAX_LIFETIME = 3_600
export const MAIN = 'https://login.test.example'
/** Its access tokens name the session in `sid`. */
export const SESSIONS = 'https://sessions.test.example'
/** Has the keys of `MAIN`, and sends no logout tokens. */
export const UNLISTED = 'https://unlisted.test.example'
export const CLIENT = 'web-app'
export const AUDIENCE = 'https://api.test.example'
export const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

export type LogoutSteps = typeof LOGOUT_STEPS

/** What is sent: the members of a good logout token and request, but for these. */
export interface LogoutChange {
  readonly header?: Members
  /** `undefined` removes a claim. */
  readonly claims?: Members
  /** Claims as text, in the place of `claims`. */
  readonly raw?: (claims: string) => string
  readonly key?: SigningKey
  readonly token?: (token: string) => string
  /** The body, from the token. */
  readonly body?: (token: string) => string
  readonly method?: string
  readonly contentType?: string | null
}

/** `iss` of two tenants of one issuer. */
export const TENANTS = ['one', 'two'].map((tenant) => `https://tenants.test.example/${tenant}/v2.0`)
const TENANTS_ISSUER = 'https://tenants.test.example/{tenantid}/v2.0'

/** `logout`: whether it has a receiver. */
export function logoutConfig(logout = true): LanekeeperConfig {
  const common = {
    audience: AUDIENCE,
    profile: 'rfc9068',
    keys: { jwks_uri: `${MAIN}/jwks` },
    algorithms: ['ES256'],
    clockToleranceSeconds: TOLERANCE,
    maxLifetimeSeconds: MAX_LIFETIME,
  } as const
  return {
    issuers: {
      main: { ...common, issuer: MAIN },
      sessions: { ...common, issuer: SESSIONS, session: { claim: 'sid' } },
      unlisted: { ...common, issuer: UNLISTED },
      tenants: { ...common, profile: 'entra-v2', issuer: TENANTS_ISSUER, tenants: ['one', 'two'] },
    },
    routes: [{ path: '/orders', methods: ['GET'], scope: 'none', revocation: 'strong' }],
    revocation: {
      durableObject: 'STORE',
      ...(logout && {
        logout: {
          path: '/logout',
          clients: { main: [CLIENT, 'mobile-app'], sessions: CLIENT, tenants: CLIENT },
        },
      }),
    },
  }
}

const withoutAbsent = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

export const goodClaims = (change: Members = {}): Members =>
  withoutAbsent({
    iss: MAIN,
    sub: 'user-1',
    aud: CLIENT,
    iat: NOW - 2,
    exp: NOW + 118,
    jti: 'logout-1',
    events: { [EVENT]: {} },
    ...change,
  })

export interface LogoutAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** Of the event of this request. */
  readonly outcome: string
  readonly code: string
  readonly issuer: string | undefined
  /** What was written. */
  readonly entries: readonly NewEntry[]
}

export async function createLogoutWorld() {
  const [key, other, rsa] = await Promise.all([
    generateKey('ES256', 'main'),
    generateKey('ES256', 'main'),
    generateKey('RS256', 'rsa'),
  ])
  const written: { readonly entries: readonly NewEntry[]; readonly author: RevocationAuthor }[] = []
  const events: ReportEvent[] = []
  const memory: MemoryRevocations = createMemoryRevocations()
  const world = {
    key,
    other,
    rsa,
    memory,
    events,
    written,
    fetches: 0,
    areKeysDown: false,
    /** In seconds. */
    now: NOW,
    /** What the store answers; `null`: what became of the entries. */
    outcome: null as RevokeOutcome | null,
    ports: portsOf(),
    open,
    sign,
    bodyOf,
    toRequest,
    send,
  }

  function portsOf() {
    return {
      fetch: async () => {
        world.fetches++
        if (world.areKeysDown) throw new TypeError('no connection')
        return Response.json({
          keys: [key.publicJwk, rsa.publicJwk, { ...key.publicJwk, kid: 'tenants', issuer: TENANTS_ISSUER }],
        })
      },
      now: () => world.now * 1_000,
      report: (event: ReportEvent) => void events.push(event),
      crypto: webCrypto,
      revocations: {
        ...memory,
        find: (keys: Parameters<typeof memory.find>[0]) => memory.find(keys),
        async revoke(entries: readonly NewEntry[], author: RevocationAuthor) {
          const outcomes = await memory.revoke(entries, author)
          written.push({ entries, author })
          return world.outcome === null ? outcomes : [world.outcome]
        },
      },
    }
  }

  /** An authorizer with a receiver of these steps. */
  function open(steps: Partial<LogoutSteps> = {}, config = logoutConfig()) {
    return assemble(resolveConfig(config), world.ports, {
      ...partsOf(STEPS),
      receivers: (resolved, given, keys) =>
        createLogoutReceivers(resolved, given, keys, { ...LOGOUT_STEPS, ...steps }),
    })
  }

  async function sign({ header = {}, claims = {}, raw, key: signer = key }: LogoutChange): Promise<string> {
    const protectedHeader = withoutAbsent({
      alg: signer.algorithm,
      kid: signer.kid,
      typ: 'logout+jwt',
      ...header,
    })
    const payload = goodClaims(claims)
    return signCompact(signer, protectedHeader, raw === undefined ? payload : raw(JSON.stringify(payload)))
  }

  async function bodyOf(change: LogoutChange = {}): Promise<string> {
    const { token: toToken = (text) => text, body = (text) => `logout_token=${text}` } = change
    return body(toToken(await sign(change)))
  }

  async function toRequest(change: LogoutChange = {}): Promise<ReceivedRequest> {
    const bytes = new TextEncoder().encode(await bodyOf(change))
    const { method = 'POST', contentType = 'application/x-www-form-urlencoded' } = change
    return { method, contentType, body: async (maxBytes) => (bytes.length > maxBytes ? null : bytes) }
  }

  /** Sends to a receiver of its own, unless one is given. */
  async function send(
    change: LogoutChange = {},
    { receivers: [receiver] }: Pick<ReturnType<typeof open>, 'receivers'> = open(),
  ): Promise<LogoutAnswer> {
    const [before, eventsBefore] = [written.length, events.length]
    const answer = await receiver!.receive(await toRequest(change), undefined)
    const news = events.slice(eventsBefore).filter(({ event }) => event === 'revocation')
    if (news.length !== 1) throw new Error(`${news.length} events of one request`)
    const { outcome, code, issuer } = news[0] as { outcome: string; code: string; issuer?: string }
    return {
      ...answer,
      outcome,
      code,
      issuer,
      entries: written.slice(before).flatMap(({ entries }) => entries),
    }
  }

  return world
}

export type LogoutWorld = Awaited<ReturnType<typeof createLogoutWorld>>
