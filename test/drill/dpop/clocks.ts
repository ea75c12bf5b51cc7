// Clients whose clock is ten minutes wrong, either way, and one whose clock is right: oauth4webapi makes the proofs and
// handles the nonces. With nonces each passes after one round trip; without, a wrong clock is refused. RFC 9449
// sections 8 and 11.3.

import * as oauth from 'oauth4webapi'
import type { Answer } from './answer.ts'
import type { IssueToken } from './clients.ts'
import { AUDIENCE, PLAIN } from './config.ts'
import type { Ask } from './edges.ts'
import { judge, STALE } from './oracle.ts'

export const SKEWS_SECONDS = [-600, 0, 600] as const

export interface ClockFigures {
  readonly instance: string
  readonly hasNonces: boolean
  readonly skewSeconds: number
  readonly requests: number
  readonly passed: number
  /** Refused because of `iat`. */
  readonly stale: number
  /** Answers that demanded a nonce, after which the same request was sent with one. */
  readonly roundTrips: number
  readonly other: number
}

/** The answer of an instance as oauth4webapi reads one. */
function toResponse({ verdict, status, challenge, nonce }: Answer): Response {
  const headers = new Headers()
  if (challenge !== null) headers.set('www-authenticate', challenge)
  if (nonce !== null) headers.set('dpop-nonce', nonce)
  return new Response(null, { status: status ?? (verdict === 'allow' ? 200 : 403), headers })
}

export interface ClockOptions {
  readonly instance: string
  readonly hasNonces: boolean
  readonly ask: Ask
  readonly issue: IssueToken
  readonly requests: number
}

export async function runClocks(
  { instance, hasNonces, ask, issue, requests }: ClockOptions,
  skewSeconds: number,
): Promise<ClockFigures> {
  const client: oauth.Client = { client_id: 'drill', [oauth.clockSkew]: skewSeconds }
  const handle = oauth.DPoP(client, await oauth.generateKeyPair('ES256', { extractable: true }))
  const token = issue({ cnf: { jkt: await handle.calculateThumbprint() } })
  let answer: Answer | undefined
  const send = () =>
    oauth.protectedResourceRequest(
      token,
      PLAIN.method,
      new URL(`${AUDIENCE}${PLAIN.path}`),
      new Headers(),
      null,
      {
        DPoP: handle,
        [oauth.customFetch]: async (_, { headers, method }) => {
          const { authorization = '', dpop = '' } = Object.fromEntries(new Headers(headers))
          answer = await ask({ method, path: PLAIN.path, authorization, proofs: [dpop] })
          return toResponse(answer)
        },
      },
    )
  const counts = { passed: 0, stale: 0, roundTrips: 0, other: 0 }
  for (let sent = 0; sent < requests; sent++) {
    const error = await send().catch((thrown: unknown) => thrown)
    if (oauth.isDPoPNonceError(error)) {
      counts.roundTrips++
      await send().catch(() => {})
    }
    if (judge(null, answer!) === 'right') counts.passed++
    else if (judge(STALE, answer!) === 'right') counts.stale++
    else counts.other++
  }
  return { instance, hasNonces, skewSeconds, requests, ...counts }
}
