// The figures of a drill of DPoP, laid out for a person, and the verdict: each phase with what is not as it should be.

import { layOut, paint, type Cell } from '../../../cli/table.ts'
import { flatnessOf, MOST_BYTES_PER_TOKEN } from '../flatness.ts'
import type { ClockFigures } from './clocks.ts'
import { INSTANCES, type Edge } from './edges.ts'
import type { FlatFigures } from './flat.ts'
import type { MixResult } from './mix.ts'
import { EXPECTED, type Finding, type Kind } from './oracle.ts'
import { ANSWER_BOUND_MS, type OutageFigures } from './outage.ts'
import type { PairFigures } from './pairs.ts'
import type { DpopDrillResult } from './result.ts'

interface Section {
  readonly title: string
  readonly headings: readonly string[]
  readonly rows: readonly (readonly (string | Cell)[])[]
  /** What is not as it should be. */
  readonly problems: readonly string[]
  /** Answers, for the person who has to find the cause of a problem. */
  readonly examples?: readonly string[]
}

const MEGABYTE = 1024 * 1024

const inFull = (number: number): string => number.toLocaleString('en')

const mustBe = (number: number, wanted: number): Cell => ({
  text: inFull(number),
  colour: number === wanted ? 'green' : 'red',
})

/** A sentence for each condition that does not hold. */
const problemsOf = (conditions: readonly (readonly [holds: boolean, sentence: string])[]): string[] =>
  conditions.flatMap(([holds, sentence]) => (holds ? [] : [sentence]))

const namesOf = (edge: Edge): string => INSTANCES[edge].join(' and ')

function pairSection(all: Readonly<Record<Edge, PairFigures>>): Section {
  const entries = Object.entries(all) as [Edge, PairFigures][]
  return {
    title: 'Two uses of one proof at the same time, through two instances',
    headings: [
      ...['instances', 'pairs', 'exactly one', 'none', 'both', 'other', 'repeated after a 503'],
      ...['by the first', 'by the second', 'pairs a second'],
    ],
    rows: entries.map(([edge, { exactlyOne, none, both, other, repeated, allowedBy, seconds }]) => {
      const pairs = exactlyOne + none + both + other
      return [
        ...[namesOf(edge), inFull(pairs), mustBe(exactlyOne, pairs)],
        ...[none, both, other].map((number) => mustBe(number, 0)),
        ...[inFull(repeated), ...allowedBy.map(inFull), String(Math.round(pairs / seconds))],
      ]
    }),
    problems: entries.flatMap(([edge, { none, both, other, allowedBy }]) =>
      problemsOf([
        [both === 0, `${namesOf(edge)}: ${both} proofs passed twice`],
        [none === 0, `${namesOf(edge)}: ${none} proofs did not pass at all`],
        [other === 0, `${namesOf(edge)}: ${other} pairs have no answer, or another one`],
        // A pair says nothing if the same instance is always first.
        [Math.min(...allowedBy) > 0, `${namesOf(edge)}: one of them never allowed`],
      ]),
    ),
  }
}

const describeExpected = (kind: Kind): string => {
  const expected = EXPECTED[kind] as { readonly code: string; readonly problem?: string } | null
  if (expected === null) return 'passes'
  return [expected.code, expected.problem].filter((word) => word !== undefined).join(' ')
}

function mixSection({ of, oddities }: MixResult, isBusy: boolean): Section {
  const instances = [...of.values()]
  const sum = (kind: Kind, finding: Finding) =>
    instances.reduce((total, figures) => total + figures[kind][finding], 0)
  const kinds = Object.keys(EXPECTED) as Kind[]
  const total = (finding: Finding) => kinds.reduce((all, kind) => all + sum(kind, finding), 0)
  const findings = ['wrong verdict', 'false denial', 'another reason', 'no answer', 'unavailable'] as const
  return {
    title: `Good and bad requests of every kind, to ${[...of.keys()].join(', ')} at once`,
    headings: ['request', 'has to get', 'right', ...findings],
    rows: kinds.map((kind) => [
      ...[kind, describeExpected(kind), inFull(sum(kind, 'right'))],
      ...findings.map((finding) => mustBe(sum(kind, finding), 0)),
    ]),
    problems: problemsOf([
      ...findings
        .filter((finding) => finding !== 'unavailable' || !isBusy)
        .map((finding) => [total(finding) === 0, `${total(finding)} answers: ${finding}`] as const),
      ...kinds.map((kind) => [sum(kind, 'right') > 0, `no right answer of the kind: ${kind}`] as const),
    ]),
    examples: oddities.map(
      ({ instance, kind, route, answer: { verdict, status, code, problem, tookMs } }) =>
        `${instance}, ${route}, ${kind}: ${verdict} ${[status, code, problem].filter((part) => part !== null).join(' ')} after ${Math.round(tookMs)} ms`,
    ),
  }
}

function clockSection(all: readonly ClockFigures[]): Section {
  return {
    title: 'Clients whose clock is ten minutes wrong (proofs by oauth4webapi)',
    headings: ['instance', 'clock', 'requests', 'passed', 'refused for iat', 'nonce round trips', 'other'],
    rows: all.map(({ instance, hasNonces, skewSeconds, requests, passed, stale, roundTrips, other }) => {
      const passes = hasNonces || skewSeconds === 0
      return [
        ...[instance, skewSeconds === 0 ? 'right' : `${skewSeconds > 0 ? '+' : ''}${skewSeconds / 60} min`],
        ...[inFull(requests), mustBe(passed, passes ? requests : 0), mustBe(stale, passes ? 0 : requests)],
        ...[mustBe(roundTrips, hasNonces ? 1 : 0), mustBe(other, 0)],
      ]
    }),
    problems: all.flatMap(({ instance, hasNonces, skewSeconds, requests, passed, stale, roundTrips }) => {
      const passes = hasNonces || skewSeconds === 0
      const who = `${instance}, clock ${skewSeconds} s`
      return problemsOf([
        [passed === (passes ? requests : 0), `${who}: ${passed} of ${requests} requests passed`],
        [stale === (passes ? 0 : requests), `${who}: ${stale} of ${requests} were refused for iat`],
        [roundTrips === (hasNonces ? 1 : 0), `${who}: ${roundTrips} round trips for a nonce`],
      ])
    }),
  }
}

function outageSection(all: readonly OutageFigures[], isBusy: boolean): Section {
  return {
    title: 'Stores that are killed, silent, slower than an edge waits (1.5 s), and slower than usual (0.3 s)',
    headings: [
      ...[
        'instances',
        'store',
        'before: passed',
        'not',
        'strong: 503',
        'passed',
        '401',
        'no answer',
        'slowest',
        'at most',
      ],
      ...['other route: passed', 'not', 'afterwards: passed', 'not', 'sent again', 'passed twice'],
    ],
    rows: all.map(({ edge, fault, before, strong, plain, otherCodes, slowestMs, after, again }) => {
      const answers = strong.allow + strong.refused + strong.unavailable + strong.none
      const isDown = fault !== 'slower than usual'
      return [
        ...[namesOf(edge), fault, inFull(before.allow), mustBe(before.other, 0)],
        mustBe(strong.unavailable - otherCodes, isDown ? answers : 0),
        ...[mustBe(strong.allow, isDown ? 0 : answers), mustBe(strong.refused, 0), mustBe(strong.none, 0)],
        ...[`${(slowestMs / 1000).toFixed(2)} s`, `${ANSWER_BOUND_MS / 1000} s`],
        ...[inFull(plain.allow), mustBe(plain.other, 0), inFull(after.allow), mustBe(after.other, 0)],
        ...[inFull(again.sent), mustBe(again.twice, 0)],
      ]
    }),
    problems: all.flatMap(({ edge, fault, before, strong, plain, otherCodes, slowestMs, after, again }) => {
      const who = `${namesOf(edge)}, store ${fault}`
      const isDown = fault !== 'slower than usual'
      return problemsOf([
        [isBusy || before.other === 0, `${who}: ${before.other} proofs did not pass before`],
        [!isDown || strong.allow === 0, `${who}: ${strong.allow} requests passed without the store`],
        [
          strong.refused === 0,
          `${who}: ${strong.refused} requests were refused as if the client were to blame`,
        ],
        [strong.none === 0, `${who}: ${strong.none} requests have no answer`],
        [otherCodes === 0, `${who}: ${otherCodes} 503s have another reason`],
        [!isDown || strong.unavailable > 0, `${who}: no request got a 503`],
        [isDown || isBusy || strong.unavailable === 0, `${who}: ${strong.unavailable} 503s`],
        [isDown || isBusy || strong.allow > 0, `${who}: no request passed`],
        [isBusy || slowestMs <= ANSWER_BOUND_MS, `${who}: an answer took ${Math.round(slowestMs)} ms`],
        [
          plain.allow > 0 && plain.other === 0,
          `${who}: ${plain.other} requests to the other route did not pass`,
        ],
        [after.allow > 0, `${who}: no new proof passed afterwards`],
        [isBusy || after.other === 0, `${who}: ${after.other} new proofs did not pass afterwards`],
        [again.sent > 0, `${who}: no proof was sent again`],
        [again.twice === 0, `${who}: ${again.twice} proofs passed twice`],
      ])
    }),
  }
}

/** Rise that counts as noise, in bytes: pages that are allocated and freed, and compiled code on a heap. */
const ALLOWANCE = { resident: 24 * MEGABYTE, heap: 2 * MEGABYTE } as const
/** Typed arrays besides those of the used proofs: buffers of the process. */
const OTHER_ARRAYS = MEGABYTE / 2
/** workerd and Node allocate memory for tens of thousands of requests before their first whole collection. */
const WARM_AFTER_PROOFS = 100_000

const inMegabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(1)

function flatSection(all: readonly FlatFigures[], memoryBytes: number): Section {
  const isWarm = all.some(
    ({ clients, samples }) => clients === 'few' && samples.at(-1)!.tokens >= WARM_AFTER_PROOFS,
  )
  const judged = all.map((figures) => ({
    ...figures,
    flatness: flatnessOf(figures.samples, ALLOWANCE[figures.memory]),
    isLongEnough: figures.memory === 'heap' || isWarm,
  }))
  const bound = memoryBytes + OTHER_ARRAYS
  const flatWord = (isFlat: boolean, isLongEnough: boolean): Cell => {
    if (!isLongEnough) return { text: 'too short to tell' }
    return isFlat ? { text: 'yes', colour: 'green' } : { text: 'NO', colour: 'red' }
  }
  return {
    title:
      `Memory: new proofs, each used once and every sixteenth twice; then proofs by a key of their own each\n` +
      `(dpop.replay.memoryBytes ${inFull(memoryBytes)}; flat: at most ${MOST_BYTES_PER_TOKEN} bytes a proof over the second half, or noise)`,
    headings: [
      ...['edge', 'what', 'number', 'wrong', 'memory', 'MB at 10%', 'at 50%', 'at end', 'bytes each'],
      ...['rise in MB', 'bound', 'flat', 'used proofs in MB', 'replay_memory_full', 'forgotten', 'a second'],
    ],
    rows: judged.map((figures) => {
      const { edge, clients, samples, wrong, memory, seconds, flatness, isLongEnough } = figures
      const { arrayBytes, full, dropped } = figures
      const number = samples.at(-1)!.tokens
      return [
        ...[edge, clients === 'few' ? 'proofs' : 'keys', inFull(number), mustBe(wrong, 0), memory],
        ...[0.1, 0.5, 1].map((part) => inMegabytes(samples[Math.ceil(samples.length * part) - 1]!.bytes)),
        ...[
          flatness.bytesPerToken.toFixed(2),
          inMegabytes(flatness.rise),
          `<= ${inMegabytes(flatness.bound)}`,
        ],
        flatWord(flatness.isFlat, isLongEnough),
        arrayBytes === null
          ? '-'
          : { text: inMegabytes(arrayBytes), colour: arrayBytes <= bound ? 'green' : 'red' },
        ...[inFull(full), inFull(dropped), String(Math.round(number / seconds))],
      ]
    }),
    problems: judged.flatMap(({ edge, clients, wrong, flatness, isLongEnough, arrayBytes, full }) => {
      const who = `${edge}, ${clients === 'few' ? 'proofs' : 'keys'}`
      return problemsOf([
        [wrong === 0, `${who}: ${wrong} wrong answers`],
        [!isLongEnough || flatness.isFlat, `${who}: memory grows by ${inMegabytes(flatness.rise)} MB`],
        [
          arrayBytes === null || arrayBytes <= bound,
          `${who}: ${inMegabytes(arrayBytes ?? 0)} MB of used proofs, and ${inMegabytes(memoryBytes)} is the setting`,
        ],
        [full > 0, `${who}: no event replay_memory_full`],
      ])
    }),
  }
}

/**
 * The whole report, and whether the drill passed. `isBusy`: times, and 503s of a store that answers, are shown and no
 * more.
 */
export function reportDpopDrill(
  { pairs, mix, clocks, outages, flat, memoryBytes }: DpopDrillResult,
  isBusy: boolean,
): { readonly text: string; readonly passed: boolean } {
  const sections = [
    pairSection(pairs),
    mixSection(mix, isBusy),
    clockSection(clocks),
    outageSection(outages, isBusy),
    flatSection(flat, memoryBytes),
  ]
  const problems = sections.flatMap((section) => section.problems)
  const passed = problems.length === 0
  const numbers = Object.values(pairs).map(({ exactlyOne }) => inFull(exactlyOne))
  const verdict = passed
    ? `As it should be: ${numbers.join(' and ')} pairs with exactly one use, no wrong verdict, no false denial.`
    : `NOT as it should be: ${problems.length} findings.`
  const text = [
    ...sections.flatMap(({ title, headings, rows, examples = [] }) => [
      title,
      layOut(headings, rows),
      ...examples,
      '',
    ]),
    ...problems.map((problem) => `- ${problem}`),
    ...(passed ? [] : ['']),
    paint(passed ? 'green' : 'red', verdict),
  ].join('\n')
  return { text, passed }
}
