// What every exchange with an issuer shows: how long it took against the time limit of an edge, and how far the clock of
// its server is from ours.

import type { ResolvedIssuer } from '../../shared/compiler.ts'
import type { Find } from '../deployment-finding.ts'
import { clockDifferenceMs, describeDifference, differencesByHost } from './clock.ts'
import type { Exchange } from './observed-fetch.ts'
import { quoted, type AskedEndpoint } from './online-document.ts'

/** From this share of the time limit on, an answer is slow. */
const SLOW = 0.5

/** `kinds`: what each exchange asked for, the last one for all that follow. `endedAt`: when the last one was over. */
export const toAsked = (
  issuer: string,
  exchanges: readonly Exchange[],
  kinds: readonly AskedEndpoint['what'][],
  limitMs: number,
  endedAt: number,
): readonly AskedEndpoint[] =>
  exchanges.map((exchange, at) => ({
    issuer,
    what: kinds[at] ?? kinds.at(-1)!,
    url: exchange.url,
    status: exchange.status,
    ms: Math.max(0, (exchanges[at + 1]?.startedAt ?? endedAt) - exchange.startedAt),
    limitMs,
    clockDifferenceMs: clockDifferenceMs(exchange),
    cacheControl: exchange.fields['cache-control'],
  }))

const NOT_BOTH =
  'one of the two is wrong, or a cache keeps answers without Age; the clock of an edge is set by its platform, so look at the server first'

function describeSkew(host: string, differenceMs: number, { clockToleranceSeconds }: ResolvedIssuer): string {
  const effect =
    differenceMs > 0
      ? 'tokens that it has just issued count as not valid yet'
      : 'its tokens expire earlier here than it means'
  return `the clock of ${quoted(host)} is at least ${describeDifference(differenceMs)} of this machine's, more than clockToleranceSeconds (${clockToleranceSeconds}): ${effect}; ${NOT_BOTH}`
}

export function checkExchanges(
  issuer: ResolvedIssuer,
  exchanges: readonly Exchange[],
  asked: readonly AskedEndpoint[],
  find: Find,
): void {
  for (const { what, ms, limitMs, status } of asked)
    if (status !== null && ms > SLOW * limitMs && ms < limitMs)
      find('warning', `${what}: the answer took ${ms} ms, and an edge waits for at most ${limitMs} ms`)
  for (const [host, differenceMs] of differencesByHost(exchanges))
    if (Math.abs(differenceMs) > 1_000 * issuer.clockToleranceSeconds)
      find('problem', describeSkew(host, differenceMs, issuer))
}
