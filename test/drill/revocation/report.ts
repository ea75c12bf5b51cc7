// The findings of a drill of revocations, laid out for a person, and the verdict.

import { layOut, paint, type Cell } from '../../../cli/table.ts'
import { edgeOf, INSTANCES, type Edge } from './edges.ts'
import { isWrong } from './oracle.ts'
import type { Delay, RevocationDrillResult } from './result.ts'

/** The share of the revocations that has to be in effect within N. */
export const SHARE_WITHIN_N = 0.99

const mustBeNone = (number: number): Cell => ({
  text: String(number),
  colour: number === 0 ? 'green' : 'red',
})

/** The value below which a share of the sorted values is (nearest rank). */
export function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
}

const inSeconds = (ms: number | null): string => (ms === null ? '-' : (ms / 1000).toFixed(2))

const percent = (share: number): string => `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`

/** The share of the delays within their bound; 1 without any. */
export const shareWithin = (delays: readonly Delay[]): number =>
  delays.length === 0 ? 1 : delays.filter(({ ms, boundMs }) => ms <= boundMs).length / delays.length

const PHASE_HEADINGS = [
  'phase',
  'seconds',
  'instance',
  'requests',
  'allows',
  '401',
  '503',
  'wrong',
  '503 too early',
]

const phaseRows = ({ phases, of }: RevocationDrillResult): (string | Cell)[][] =>
  phases.flatMap(({ name, seconds }, index) =>
    INSTANCES.map((instance, place) => {
      const there = of[instance].answered.filter(({ phase }) => phase === index)
      const count = (is: (one: (typeof there)[number]) => boolean) => there.filter(is).length
      return [
        place === 0 ? name : '',
        place === 0 ? seconds.toFixed(1) : '',
        instance,
        String(there.length),
        String(count(({ verdict }) => verdict === 'allow')),
        String(count(({ verdict }) => verdict === 'revoked')),
        String(count(({ verdict }) => verdict === 'unavailable')),
        mustBeNone(count(({ finding }) => isWrong(finding))),
        mustBeNone(count(({ finding }) => finding === 'unavailable')),
      ]
    }),
  )

const DELAY_HEADINGS = ['instance', 'the store', 'revoked', 'p50', 'p90', 'p99', 'max', 'N', 'within N']

function delayRows({ of, bounds }: RevocationDrillResult): (string | Cell)[][] {
  return INSTANCES.flatMap((instance) => {
    const { seconds, reachableSeconds } = bounds[edgeOf(instance)]
    return [false, true].map((isOutage): (string | Cell)[] => {
      const delays = of[instance].delays.filter((delay) => delay.isOutage === isOutage)
      const sorted = delays.map(({ ms }) => ms).toSorted((one, other) => one - other)
      const share = shareWithin(delays)
      return [
        isOutage ? '' : instance,
        isOutage ? 'breaks meanwhile' : 'answers',
        String(delays.length),
        ...[0.5, 0.9, 0.99, 1].map((part) => inSeconds(percentile(sorted, part))),
        String(isOutage ? seconds : reachableSeconds),
        { text: percent(share), colour: share >= SHARE_WITHIN_N ? 'green' : 'red' },
      ]
    })
  })
}

/** Of each kind of finding. */
const MOST_EXAMPLES = 4

/** Wrong answers in words, for the person who has to find their cause. */
function examples({ of, phases }: RevocationDrillResult): string[] {
  const bad = INSTANCES.flatMap((instance) =>
    of[instance].answered.filter(({ finding }) => finding !== 'right').map((one) => ({ ...one, instance })),
  )
  const kinds = [...new Set(bad.map(({ finding }) => finding))]
  const ago = (sentAt: number, at: number | null | undefined) =>
    at == null ? 'never' : `${((sentAt - at) / 1000).toFixed(2)} s before`
  return kinds.flatMap((kind) => {
    const some = bad.filter(({ finding }) => finding === kind)
    return [
      `${kind}: ${some.length}`,
      ...some
        .slice(0, MOST_EXAMPLES)
        .map(
          ({ instance, phase, number, verdict, detail = '', sentAt, answeredAt, written, knownAt }) =>
            `  ${phases[phase]!.name}, ${instance}: token ${number}, ${[verdict, detail].join(' ').trim()} after ${answeredAt - sentAt} ms; ` +
            `revoked ${ago(sentAt, written?.revokedAt)}, known ${ago(sentAt, knownAt)}`,
        ),
    ]
  })
}

/** The whole report, and whether the drill passed. `isBusy`: times and 503s of a busy machine are shown and no more. */
export function reportRevocationDrill(
  result: RevocationDrillResult,
  isBusy: boolean,
): { readonly text: string; readonly passed: boolean } {
  const all = INSTANCES.flatMap((instance) => result.of[instance].answered)
  const count = (is: (one: (typeof all)[number]) => boolean) => all.filter(is).length
  const wrong = count(({ finding }) => isWrong(finding))
  const early = count(({ finding }) => finding === 'unavailable')
  const missed = INSTANCES.reduce((sum, instance) => sum + result.of[instance].missed, 0)
  const late = INSTANCES.filter((instance) => shareWithin(result.of[instance].delays) < SHARE_WITHIN_N).length
  const passed = wrong === 0 && missed === 0 && (isBusy || (early === 0 && late === 0))
  const { cloudflare, aws } = result.written
  const rate = (edge: Edge) => Math.round(result.written[edge].stored / result.answering[edge])
  const verdict =
    `${all.length} requests: ${count(({ verdict: of }) => of === 'allow')} allows, ` +
    `${count(({ verdict: of }) => of === 'revoked')} refused as revoked, ` +
    `${count(({ verdict: of }) => of === 'unavailable')} 503s; ${wrong} wrong verdicts, ${early} 503s too early, ` +
    `${missed} revocations never seen, ${late} instances that miss N.`
  const text = [
    layOut(PHASE_HEADINGS, phaseRows(result)),
    '',
    'Seconds from the answer of the store to the first refusal in another isolate (asked every 0.2 s) or sandbox (0.4 s); where',
    'the store breaks meanwhile, until the token was allowed last (then 401 or 503):',
    layOut(DELAY_HEADINGS, delayRows(result)),
    '',
    `Entries about nobody: the store Worker took ${cloudflare.stored} (${rate('cloudflare')} a second of those in ` +
      `which it answered), DynamoDB ${aws.stored} (${rate('aws')}); ${cloudflare.failed} and ${aws.failed} calls failed.`,
    ...examples(result),
    '',
    paint(passed ? 'green' : 'red', `${passed ? 'As it should be' : 'NOT as it should be'}: ${verdict}`),
  ].join('\n')
  return { text, passed }
}
