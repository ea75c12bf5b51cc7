// The receiver of logout tokens: a request of an issuer becomes an entry, by which the access tokens of the session or
// user are refused. A token that is refused touches no store. Tokens may arrive repeatedly and in any order.
// OpenID Connect Back-Channel Logout 1.0 sections 2.5, 2.7 and 2.8.

import type { CoreConfig, ResolvedIssuer } from '../config/config.ts'
import { failureRow, isFailure } from '../failures/failure.ts'
import type { IssuerKeys } from '../keys/issuer-keys.ts'
import { createDeadline, type Deadline } from '../platform/deadline.ts'
import type { Ports, WaitUntil } from '../platform/ports.ts'
import { member } from '../token/strict-json.ts'
import {
  firstLogoutRefusal,
  LOGOUT_REFUSALS,
  LOGOUT_TOKEN_STEPS,
  MAX_LOGOUT_BYTES,
  readLogoutToken,
  type LogoutRefusal,
  type LogoutRule,
  type LogoutToken,
  type RefusedLogout,
} from './logout-token.ts'
import type { ReceivedRequest, Receiver, ReceiverAnswer } from './receiver.ts'
import type { NewEntry } from './store.ts'
import { toEntries, type RevocationRequest } from './to-entries.ts'

const FORM = 'application/x-www-form-urlencoded'

const mediaTypeOf = (contentType: string | null): string =>
  (contentType ?? '').split(';')[0]!.trim().toLowerCase()

/** In order, before the body is read. */
export const LOGOUT_REQUEST_RULES: readonly LogoutRule<ReceivedRequest>[] = [
  { name: 'method', check: ({ method }) => (method === 'POST' ? null : 'method_refused') },
  {
    name: 'content type',
    check: ({ contentType }) => (mediaTypeOf(contentType) === FORM ? null : 'content_type_refused'),
  },
]

/** In order, for every value of `logout_token`. Other parameters are ignored, as section 2.5 demands. */
export const LOGOUT_FORM_RULES: readonly LogoutRule<readonly string[]>[] = [
  { name: 'a token', check: (values) => (values.length === 0 ? 'logout_token_absent' : null) },
  { name: 'one token', check: (values) => (values.length > 1 ? 'logout_token_repeated' : null) },
]

/** @internal Tests replace one at a time. */
export const LOGOUT_STEPS = {
  requestRules: LOGOUT_REQUEST_RULES,
  maxBytes: MAX_LOGOUT_BYTES,
  formRules: LOGOUT_FORM_RULES,
  ...LOGOUT_TOKEN_STEPS,
}

/** Seconds until a sender may try again, where nothing tells better. */
const RETRY_SECONDS = 5

const NO_STORE = { 'cache-control': 'no-store' }

const DONE: ReceiverAnswer = { status: 200, headers: NO_STORE, body: null }

const unavailable = (retryAfterSeconds = RETRY_SECONDS): ReceiverAnswer => ({
  status: 503,
  headers: { ...NO_STORE, 'retry-after': String(retryAfterSeconds) },
  body: null,
})

/**
 * Section 2.8 demands 400 for every request that is invalid, so a large body and a wrong content type have no status of
 * their own. A request that is no POST is no logout request.
 */
const refusalAnswer = (refusal: LogoutRefusal): ReceiverAnswer =>
  refusal === 'method_refused'
    ? { status: 405, headers: { ...NO_STORE, allow: 'POST' }, body: null }
    : {
        status: 400,
        headers: { ...NO_STORE, 'content-type': 'application/json' },
        body: JSON.stringify({ error: 'invalid_request', error_description: LOGOUT_REFUSALS[refusal] }),
      }

/**
 * What a logout token revokes: the session, where access tokens of the issuer name it, else all tokens of the user up
 * to `iat`. `null`: access tokens have nothing that the token names.
 */
function toRequest({ claims, issuer }: LogoutToken): RevocationRequest | null {
  const sid = member(claims, 'sid') as string | undefined
  const sub = member(claims, 'sub') as string | undefined
  if (sid !== undefined && issuer.profile.session !== undefined)
    return { kind: 'sid', issuer: issuer.issuer, id: sid, ...(sub === undefined ? {} : { sub }) }
  const before = member(claims, 'iat') as number
  return sub === undefined ? null : { kind: 'sub', issuer: issuer.issuer, id: sub, before }
}

/** `now`: seconds since the epoch. The issuer's clock may be ahead of it. */
function toLogoutEntries(token: LogoutToken, now: number): readonly NewEntry[] | null {
  const request = toRequest(token)
  if (request === null) return null
  const latest = Math.max(now, member(token.claims, 'iat') as number)
  const entries = toEntries(request, [token.issuer], latest, false)
  if ('problem' in entries) throw new TypeError(entries.problem)
  return entries
}

/** @internal The receiver, where `revocation.logout` is configured. */
export function createLogoutReceivers(
  config: CoreConfig,
  ports: Ports,
  keys: IssuerKeys,
  steps: typeof LOGOUT_STEPS = LOGOUT_STEPS,
): readonly Receiver[] {
  const logout = config.revocation?.logout
  if (logout == null) return []

  function report(outcome: 'received' | 'refused' | 'full', code: string, issuer?: ResolvedIssuer): void {
    ports.report({
      event: 'revocation',
      outcome,
      code,
      ...(issuer === undefined ? {} : { issuer: issuer.name }),
    })
  }

  /** Without the keys, nobody can tell whether the token is good: the sender may try again. */
  function refuse({ refusal, issuer, failed }: RefusedLogout): ReceiverAnswer {
    report('refused', failed?.code ?? refusal, issuer)
    if (failed === undefined || issuer === undefined) return refusalAnswer(refusal)
    const { status, waitsFor } = failureRow(failed.code)
    if (status !== 503) return refusalAnswer(refusal)
    return unavailable(waitsFor === 'keys' ? keys.storeOf(issuer).retryAfterSeconds() : RETRY_SECONDS)
  }

  async function store(
    entries: readonly NewEntry[],
    issuer: ResolvedIssuer,
    deadline: Deadline,
  ): Promise<ReceiverAnswer> {
    try {
      const storing = ports.revocations!.revoke(entries, { by: `backchannel-logout ${issuer.name}` })
      deadline.waitUntil(storing.catch(() => {}))
      const outcomes = await deadline.race(storing)
      if (!isFailure(outcomes)) {
        const [outcome] = outcomes as readonly [(typeof outcomes)[number]]
        report(outcome === 'full' ? 'full' : 'received', outcome, issuer)
        return outcome === 'full' ? unavailable() : DONE
      }
    } catch {
      // The text of the exception stays out of the log.
    }
    report('refused', 'revocation_unavailable', issuer)
    return unavailable()
  }

  async function receive(request: ReceivedRequest, deadline: Deadline): Promise<ReceiverAnswer> {
    const early = firstLogoutRefusal(steps.requestRules, request)
    if (early !== null) return refuse({ refusal: early })
    const body = await request.body(steps.maxBytes)
    if (body === null) return refuse({ refusal: 'body_too_large' })
    const values = new URLSearchParams(new TextDecoder().decode(body)).getAll('logout_token')
    const malformed = firstLogoutRefusal(steps.formRules, values)
    if (malformed !== null) return refuse({ refusal: malformed })
    const token = await readLogoutToken(values[0]!, config, keys, ports.now, deadline, steps)
    if ('refusal' in token) return refuse(token)
    const entries = toLogoutEntries(token, ports.now() / 1000)
    if (entries === null) return refuse({ refusal: 'session_unknown', issuer: token.issuer })
    return store(entries, token.issuer, deadline)
  }

  return [
    {
      path: logout.path,
      async receive(request, waitUntil: WaitUntil | undefined) {
        try {
          return await receive(request, createDeadline(ports, waitUntil))
        } catch {
          report('refused', 'internal_error')
          return unavailable()
        }
      },
    },
  ]
}
