// Each stage of the pipeline: whether it passed, and what it looked at. Values of claims are those of shown-claims.ts.

import { STAGE_NAMES, type StageName } from '../../shared/compiler.ts'
import type { Facts } from './facts.ts'
import { LOOKS, type Look } from './looks.ts'

export type StageStatus = 'passed' | 'refused' | 'not checked' | 'not reached' | 'not needed'

export interface ExplainedStage {
  readonly stage: StageName
  readonly status: StageStatus
  /** The rule that refused, or was not checked. */
  readonly rule?: string
  /** Why it was not checked. */
  readonly because?: string
  readonly looks: readonly Look[]
}

function statusOf(stage: StageName, facts: Facts): Omit<ExplainedStage, 'stage' | 'looks'> {
  const { traced, unchecked, route } = facts
  const { stopped, checks } = traced.trace
  const missing = unchecked.find((one) => one.stage === stage)
  if (missing !== undefined) return { status: 'not checked', rule: missing.rule, because: missing.because }
  if (stopped?.stage === stage) return { status: 'refused', rule: stopped.rule }
  if (stage === 'credential' && route?.demand === null) return { status: 'not needed' }
  // A refusal of the credential counts once a rule covers the request.
  const own = checks.filter((check) => check.stage === stage)
  if (stage === 'credential' && own.some(({ outcome }) => outcome === 'refused'))
    return { status: 'not reached' }
  return { status: own.length > 0 ? 'passed' : 'not reached' }
}

/** The stages that this token passes through: it is verified by its signature, or introspected. */
function stagesOf({ traced, issuer, token }: Facts): readonly StageName[] {
  const stages = new Set(traced.trace.checks.map(({ stage }) => stage))
  const isIntrospected =
    stages.has('introspection') ||
    (!stages.has('signature') && token !== null && issuer?.opaque.jwt === 'introspect')
  return STAGE_NAMES.filter((stage) => stage !== (isIntrospected ? 'signature' : 'introspection'))
}

/** In the order of the pipeline. */
export const toStages = (facts: Facts): readonly ExplainedStage[] =>
  stagesOf(facts).map((stage) => {
    const status = statusOf(stage, facts)
    const isReached = status.status !== 'not reached' && status.status !== 'not needed'
    return { stage, ...status, looks: isReached ? LOOKS[stage](facts) : [] }
  })
