// The trace of one decision: which checks of which stage ran, in order, and where the pipeline stopped. It records what
// the checks themselves answer and decides nothing. For `lanekeeper explain`; nothing of this folder is deployed.

import { isFailure, type Failure } from '../failures/failure.ts'
import type { Outcome } from '../stages.ts'

/** The stages of docs/architecture.md. A token is either verified by its signature or introspected. */
export const STAGE_NAMES = [
  'credential',
  'route',
  'token',
  'signature',
  'introspection',
  'kind',
  'claims',
  'sender',
  'revocation',
  'grant',
  'policy',
] as const

export type StageName = (typeof STAGE_NAMES)[number]

/** A check, and what it answered. */
export interface TracedCheck {
  readonly stage: StageName
  /** The name of the rule in its list, or what the check is about. */
  readonly rule: string
  /** `pending`: it was not done when the decision was made, or it threw. */
  readonly outcome: 'passed' | 'refused' | 'not checked' | 'pending'
  /** Why it was not checked. */
  readonly because?: string
  /** A whole slot of the pipeline: the checks after it are its own. */
  readonly isSlot?: true
}

/** The check at which the pipeline stopped. */
export interface StoppedAt {
  readonly stage: StageName
  readonly rule: string
}

export interface Trace {
  /** In the order in which they began. */
  readonly checks: readonly TracedCheck[]
  /** `null`: no check refused the request. */
  readonly stopped: StoppedAt | null
}

/**
 * In place of an answer that only somebody else can give. The pipeline stops there as at a failure, and what it decides
 * then is no decision.
 */
export const NOT_AT_HAND: Failure = { code: 'internal_error' }

export type Refuses = (answer: unknown) => boolean

/** A predicate refuses by `false`, any other check by a failure. */
export const refuses: Refuses = (answer) =>
  answer === false || (typeof answer === 'object' && answer !== null && isFailure(answer))

export interface Recorder {
  /** Runs a check, and records what it answers. */
  run<Answer>(stage: StageName, rule: string, check: () => Answer, isRefusal?: Refuses): Answer
  /** The same for a slot of the pipeline, whose checks may be of several stages. */
  runSlot<Answer>(slot: string, stage: StageName, rule: string, fill: () => Answer): Answer
  /** The slot that runs. */
  slot(): string
  /** Whether a check of the stage runs, so that one that begins now is a part of it. */
  isWithin(stage: StageName): boolean
  /** Records a check that cannot be done here. */
  skip(stage: StageName, rule: string, because: string): void
  /** Records what the pipeline answers; `undefined`: it threw. */
  end(outcome: Outcome | undefined): void
  read(): Trace
}

type Draft = { -readonly [member in keyof TracedCheck]: TracedCheck[member] }

/** Records one decision. */
export function createRecorder(): Recorder {
  const checks: Draft[] = []
  /** By the failure that a slot answered, which is the one that the pipeline answers. */
  const deciders = new Map<unknown, StoppedAt>()
  let stopped: StoppedAt | null = null
  let slot = ''

  /** The check that decided: the last one that began and has not passed. */
  function lastRefusal(from: number): StoppedAt | null {
    const { stage, rule } = checks.slice(from).findLast(({ outcome }) => outcome !== 'passed') ?? {}
    return stage === undefined || rule === undefined ? null : { stage, rule }
  }

  function begin<Answer>(
    stage: StageName,
    rule: string,
    work: () => Answer,
    isRefusal: Refuses,
    then?: (answer: unknown) => void,
  ): Answer {
    const check: Draft = { stage, rule, outcome: 'pending', ...(then && { isSlot: true }) }
    checks.push(check)
    const finish = <Late>(answer: Late): Late => {
      check.outcome = answer === NOT_AT_HAND ? 'not checked' : isRefusal(answer) ? 'refused' : 'passed'
      then?.(answer)
      return answer
    }
    const answer = work()
    return answer instanceof Promise ? (answer.then(finish) as Answer) : finish(answer)
  }

  return {
    run: (stage, rule, check, isRefusal = refuses) => begin(stage, rule, check, isRefusal),
    runSlot(name, stage, rule, fill) {
      slot = name
      const from = checks.length
      return begin(stage, rule, fill, refuses, (answer) => {
        if (refuses(answer)) deciders.set(answer, lastRefusal(from)!)
      })
    },
    slot: () => slot,
    isWithin: (stage) => checks.some((check) => check.stage === stage && check.outcome === 'pending'),
    skip: (stage, rule, because) => void checks.push({ stage, rule, outcome: 'not checked', because }),
    end(outcome) {
      stopped = outcome === undefined ? lastRefusal(0) : (deciders.get(outcome) ?? null)
    },
    read: () => ({ checks: checks.map((check) => ({ ...check })), stopped }),
  }
}
