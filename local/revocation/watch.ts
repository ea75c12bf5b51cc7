// Asks an edge again and again until it answers as expected. What it may answer until then, and until when, is part of
// the expectation. A slow machine makes an answer late, never wrong: only requests that were sent after a bound are
// held to it.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Edge } from './services.ts'

export type Verdict = 'accepted' | 'refused' | 'unavailable'

/** An HTTP API refuses with 403, and API Gateway answers 500 where its authorizer fails. */
const VERDICTS: Readonly<Record<number, Verdict>> = {
  200: 'accepted',
  401: 'refused',
  403: 'refused',
  500: 'unavailable',
  503: 'unavailable',
}

export interface Expectation {
  readonly wanted: Verdict
  /** What may be answered before. Default: nothing else. */
  readonly before?: readonly Verdict[]
  /** From when on nothing but `wanted` and `unavailable` may be answered, as `performance.now()`. `null`: not yet. */
  readonly bound?: () => number | null
  /** Called before each request. */
  readonly prepare?: () => void
}

export interface Observation {
  readonly status: number
  /** When the request was sent that was answered as expected, as `performance.now()`. */
  readonly sentAt: number
  /** What is wrong; `null`: nothing. */
  readonly problem: string | null
}

const PAUSE_MS = 50
const ANSWER_MS = 15_000
const PATIENCE_MS = 60_000

export async function ask({ url }: Edge, path: string, token: string): Promise<number> {
  const response = await fetch(`${url}${path}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(ANSWER_MS),
  })
  await response.arrayBuffer()
  return response.status
}

export async function watch(
  edge: Edge,
  path: string,
  token: string,
  { wanted, before = [], bound = () => null, prepare = () => {} }: Expectation,
): Promise<Observation> {
  const startedAt = performance.now()
  for (;;) {
    prepare()
    const sentAt = performance.now()
    const status = await ask(edge, path, token)
    const verdict = VERDICTS[status]
    const observe = (problem: string | null) => ({ status, sentAt, problem })
    if (verdict === wanted) return observe(null)
    if (verdict === undefined || !before.includes(verdict)) return observe(`answered ${status}`)
    const end = bound()
    if (end !== null && sentAt >= end && verdict !== 'unavailable')
      return observe(`still answered ${status} after the bound`)
    if (sentAt > startedAt + PATIENCE_MS) return observe(`still answered ${status}`)
    await sleep(PAUSE_MS)
  }
}
