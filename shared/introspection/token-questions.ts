// What an issuer has said about tokens: asked once for each token, remembered for a stated time, and never more than
// facts. Whether they suffice is decided anew for every request. A server that did not answer has said nothing.
// Promises made here hold for one instance (one isolate, one Lambda sandbox).

import type { ResolvedIssuer } from '../config/config.ts'
import { isFailure, type Failure } from '../failures/failure.ts'
import type { KeyStore } from '../keys/key-store.ts'
import type { Ports, WaitUntil } from '../platform/ports.ts'
import { createSingleFlight } from '../platform/single-flight.ts'
import { member, type JsonObject } from '../token/strict-json.ts'
import { problem, toClaims, type Asked, type Claims } from './introspection-result.ts'
import type { Standing } from './circuit-breaker.ts'
import { createCheck } from './provider-check.ts'
import { findMalformedFact } from './claim-form.ts'
import { explainInactive } from './explain-inactive.ts'
import { createGate, type Gate } from './guarded-endpoint.ts'
import { createIntrospection, type AskIssuer } from './introspection-request.ts'
import { createMemory, type Memory } from './bounded-cache.ts'
import { PROVIDER_CHECKS } from './providers/index.ts'
import type { ProviderCheck } from './providers/row.ts'
import { createTokenKey, type TokenKey } from './cache-key.ts'
import { createUserinfo } from './userinfo.ts'

export const FACTS_LIMITS = { maxEntries: 5_000, maxBytes: 8_388_608 } as const
export const INACTIVE_LIMITS = { maxEntries: 5_000, maxBytes: 1_048_576 } as const
export const KNOWN_LIMITS = { maxEntries: 10_000, maxBytes: 2_097_152 } as const
/** For how long after a token was active it is asked about before tokens that nobody has seen. */
export const KNOWN_MS = 3_600_000
/** For how long a token that was not active is not asked about again, at most. */
export const INACTIVE_MS = 10_000
/** Besides what one answer may take: loading a secret and finding the endpoint. */
const AROUND_MS = 4_000
/** What an entry takes beside its claims, roughly. */
const ENTRY_BYTES = 200

/** Of all issuers together; the keys keep them apart. */
interface FactsMemory {
  readonly tokenKey: TokenKey
  readonly active: Memory<Claims>
  readonly inactive: Memory<Asked>
  /** Tokens that were active when they were last asked about. */
  readonly known: Memory<true>
}

const createFactsMemory = (): FactsMemory => ({
  tokenKey: createTokenKey(),
  active: createMemory(FACTS_LIMITS),
  inactive: createMemory(INACTIVE_LIMITS),
  known: createMemory(KNOWN_LIMITS),
})

/** What was said about tokens, of all issuers together, made with the first question. */
export interface FactsShelf {
  memory: FactsMemory | undefined
}

export interface Facts {
  /** What the issuer says about an active token, or the refusal that stands for anything else. */
  find(token: string, waitUntil?: WaitUntil): Promise<Claims | Failure>
  /** The claims, at once; completed by `/userinfo` where they lack the identifier that is configured. */
  identify(
    claims: JsonObject,
    token: string,
    waitUntil?: WaitUntil,
  ): Claims | Failure | Promise<Claims | Failure>
  /** Seconds until it is worth asking again, after this failure. */
  retryAfterSeconds(failed: Failure): number
}

interface Question {
  readonly gate: Gate
  readonly purpose: string
  readonly ask: AskIssuer
  /** Of a token that has not been active here. */
  readonly standing: (token: string) => Standing
  readonly cacheSeconds: number
  readonly timeoutMs: number
}

type Reader = NonNullable<ResolvedIssuer['opaque']['reader']>

/** Asks in the way of the reader. Facts of the wrong form are an answer that cannot be used, and none to remember. */
function createReader(
  issuer: ResolvedIssuer,
  reader: Reader,
  keys: KeyStore,
  ports: Ports,
  note: Gate['note'],
): AskIssuer {
  const ask =
    reader.kind === 'check'
      ? createCheck(issuer, reader, ports, note)
      : createIntrospection(issuer, reader, keys, ports, note)
  return async (token, waitUntil) => {
    const asked = await ask(token, waitUntil)
    const member = 'claims' in asked ? findMalformedFact(asked.claims, issuer) : undefined
    return member === undefined ? asked : problem('malformed', { member })
  }
}

/** By the form of the provider's tokens, where it has a check of its own. */
function standingOf(reader: Reader, token: string): Standing {
  if (reader.kind === 'introspection') return 'unseen'
  const row: ProviderCheck = PROVIDER_CHECKS[reader.provider]
  return row.form.test(token) ? 'unseen' : 'odd'
}

export function createAskedFacts(
  issuer: ResolvedIssuer,
  keys: KeyStore,
  shelf: FactsShelf,
  ports: Ports,
): Facts {
  const { reader, userinfo } = issuer.opaque
  const memory = (shelf.memory ??= createFactsMemory())
  const toleranceMs = issuer.clockToleranceSeconds * 1000
  const gate = createGate(ports.now)
  const userGate = createGate(ports.now)

  function remember(key: string, asked: Asked, at: number, cacheMs: number): void {
    if ('inactive' in asked) {
      memory.inactive.set(key, asked, ENTRY_BYTES, at, at + Math.min(INACTIVE_MS, cacheMs))
      memory.known.set(key, true, 0, at, at)
    }
    if (!('claims' in asked)) return
    memory.known.set(key, true, ENTRY_BYTES, at, at + KNOWN_MS)
    const exp = member(asked.claims, 'exp')
    const until = typeof exp === 'number' ? exp * 1000 + toleranceMs : Number.POSITIVE_INFINITY
    const bytes = 2 * JSON.stringify(asked.claims).length + ENTRY_BYTES
    memory.active.set(key, { claims: asked.claims }, bytes, at, Math.min(until, at + cacheMs))
  }

  function remembering({ gate, purpose, ask, standing, cacheSeconds, timeoutMs }: Question) {
    const flight = createSingleFlight<Asked>(2 * timeoutMs + AROUND_MS)

    return async (token: string, waitUntil: WaitUntil | undefined): Promise<Claims | Failure> => {
      const key = await memory.tokenKey(issuer.name, purpose, token)
      const now = ports.now()
      const known = memory.active.get(key, now)
      if (known !== undefined) return known
      const no = memory.inactive.get(key, now)
      if (no !== undefined) return toClaims(no)
      const work = async () => {
        const known = memory.known.get(key, now) ?? false
        const asked = await gate.pass(key, known ? 'known' : standing(token), () => ask(token, waitUntil))
        remember(key, asked, now, cacheSeconds * 1000)
        return asked
      }
      return toClaims(await flight.run(key, work, waitUntil))
    }
  }

  const asker = reader === null ? null : createReader(issuer, reader, keys, ports, gate.note)
  const find =
    asker === null || reader === null
      ? null
      : remembering({
          ...{ gate, purpose: 'token', ask: asker, standing: (token) => standingOf(reader, token) },
          ...{ cacheSeconds: reader.cacheSeconds, timeoutMs: reader.timeoutMs },
        })
  const user = userinfo === null ? null : createUserinfo(issuer, userinfo, ports)
  const askUser =
    user === null || userinfo === null
      ? null
      : remembering({
          // Asked about tokens alone that are known to be active.
          ...{ gate: userGate, purpose: 'userinfo', ask: user.ask, standing: () => 'known' as const },
          ...userinfo,
        })

  return {
    async find(token, waitUntil) {
      const found = await find!(token, waitUntil)
      return isFailure(found) ? explainInactive(found, token, issuer, ports.now() / 1000) : found
    },
    // Only for claims that lack the identifier: lazy-questions.ts asks for nothing else.
    identify(claims, token, waitUntil) {
      if (user === null || askUser === null) return { claims }
      const nobody = user.checkSubject(claims)
      if (nobody !== null) return nobody
      return askUser(token, waitUntil).then((told) =>
        isFailure(told) ? user.toFailure(told) : user.complete(claims, told.claims),
      )
    },
    retryAfterSeconds: ({ code, detail }) =>
      (code === 'userinfo_unavailable' ? userGate : gate).retryAfterSeconds(detail?.['why']),
  }
}
