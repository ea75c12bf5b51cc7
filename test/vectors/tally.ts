// Runs cases and compares their verdicts with the expected ones. A verdict is wrong if it is not the expected one, if
// places disagree, if an edge answers 5xx for a case that does not blame the issuer (or does not for one that does), if
// anything throws or takes too long, and if a case gives no verdict.

import type { Part, VectorCase, Verdict } from './suite.ts'

/** Far above the time of any case; only a hang takes as long. */
const PATIENCE_SECONDS = 30

/** Calls `late` when the time of a case is over. Returns a function that stops the timer. */
export type StartTimer = (late: () => void) => () => void

const startTimer: StartTimer = (late) => {
  const timer = setTimeout(late, PATIENCE_SECONDS * 1_000)
  return () => clearTimeout(timer)
}

export interface Wrong {
  readonly id: string
  readonly what: string
}

export interface Departure {
  readonly id: string
  readonly reason: string
}

export interface Tally {
  readonly suite: string
  readonly part: string
  readonly cases: number
  readonly verdicts: number
  readonly asRuled: number
  readonly departures: readonly Departure[]
  readonly wrong: readonly Wrong[]
  readonly notBuilt: number
}

const word = (accepted: boolean): string => (accepted ? 'accept' : 'refuse')

/** Places that choose their status; API Gateway knows fewer. */
const CHOOSES_STATUS = ['core', 'worker']

function findFault({ expect, status }: VectorCase, verdict: Verdict): string | null {
  const { accepted, code, where } = verdict
  if ((verdict.status ?? 0) >= 500 !== (status === 503)) return `${where}: ${verdict.status} (${code})`
  if (expect !== 'either' && word(accepted) !== expect)
    return `${where}: ${word(accepted)} (${code}), not ${expect}`
  return status !== undefined && CHOOSES_STATUS.includes(where) && status !== verdict.status
    ? `${where}: status ${verdict.status} (${code}), not ${status}`
    : null
}

function findFaults(given: VectorCase, verdicts: readonly Verdict[]): string[] {
  if (verdicts.length === 0) return ['no verdict']
  const faults = verdicts.flatMap((verdict) => findFault(given, verdict) ?? [])
  const disagree = new Set(verdicts.map(({ accepted }) => accepted)).size > 1
  return faults.length === 0 && disagree
    ? [verdicts.map(({ where, accepted }) => `${where}: ${word(accepted)}`).join(', ')]
    : faults
}

async function runInTime(run: VectorCase['run'], start: StartTimer): Promise<readonly Verdict[]> {
  const late = Promise.withResolvers<never>()
  const stop = start(() => late.reject(new Error(`no verdict in ${PATIENCE_SECONDS} s`)))
  try {
    return await Promise.race([run(), late.promise])
  } finally {
    stop()
  }
}

/** Runs the cases of one part, one after the other. Never throws. */
export async function runPart(suite: string, part: Part, start = startTimer): Promise<Tally> {
  const departures: Departure[] = []
  const wrong: Wrong[] = []
  let asRuled = 0
  let verdicts = 0
  for (const given of part.cases) {
    let faults: string[]
    try {
      const found = await runInTime(given.run, start)
      verdicts += found.length
      faults = findFaults(given, found)
    } catch (error) {
      faults = [`thrown: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`]
    }
    if (faults.length > 0) wrong.push({ id: given.id, what: faults.join('; ') })
    else if (given.departure !== undefined) departures.push({ id: given.id, reason: given.departure })
    else asRuled++
  }
  const { name, cases, notBuilt = 0 } = part
  if (cases.length === 0 && notBuilt === 0) wrong.push({ id: name, what: 'there are no cases' })
  return { suite, part: name, cases: cases.length, verdicts, asRuled, departures, wrong, notBuilt }
}

/** The tally of a suite whose data cannot be read. */
export const unreadable = (suite: string, error: unknown): Tally => ({
  suite,
  part: '(reading it)',
  cases: 0,
  verdicts: 0,
  asRuled: 0,
  departures: [],
  wrong: [{ id: suite, what: error instanceof Error ? error.message : String(error) }],
  notBuilt: 0,
})
