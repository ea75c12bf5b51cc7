// An authorizer whose decisions are traced. It is the real one: the same pipeline with the same steps and parts, each
// of which is wrapped to record what it answers. docs/explaining.md.

import { assembleWithSteps } from '../assemble.ts'
import { createSafeReport } from '../audit/decision-event.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { AuthorizationRequest, Authorizer, Decision, Grant } from '../decision.ts'
import type { Parts } from '../parts/parts.ts'
import { decide, examine } from '../pipeline.ts'
import type { Ports } from '../platform/ports.ts'
import type { DecisionContext } from '../request/decision-context.ts'
import type { ConfirmationMethod } from '../sender/confirmation-method.ts'
import type { Outcome, Stages } from '../stages.ts'
import { partsOf, STEPS, type Steps } from '../steps.ts'
import type { ReadToken, Soon } from '../token/token-reader.ts'
import { ANY_ROUTE } from '../wiring.ts'
import { traceStages } from './traced-stages.ts'
import { traceSteps } from './traced-steps.ts'
import { createRecorder, type Recorder, type Refuses, type Trace } from './trace.ts'

/** A decision and how it came about. */
export interface TracedDecision {
  readonly decision: Decision
  readonly trace: Trace
  /** What the stages have noted; absent where the request was none. */
  readonly context: DecisionContext | undefined
  /** The token as its issuer confirms it; absent where the pipeline stopped before. */
  readonly token: ReadToken | undefined
}

/** What stands in for checks that cannot be done here. Default: every check is done. */
export interface Substitutes {
  /** @internal */
  steps?(steps: Steps, recorder: Recorder): Steps
  parts?(parts: Parts, recorder: Recorder): Parts
}

export interface TraceOptions {
  readonly fitsContext?: ((grant: Grant) => boolean) | undefined
  readonly substitutes?: Substitutes
  /** Whether the token is examined first, on public routes too, as for the strategy `table` of API Gateway. */
  readonly isExamination?: boolean
}

const hasNoNonce: Refuses = (answer) =>
  typeof answer === 'object' &&
  answer !== null &&
  ('code' in answer || (answer as { readonly until: unknown }).until === null)

const traceMethod = (method: ConfirmationMethod, rule: string, { run }: Recorder): ConfirmationMethod => ({
  ...method,
  prove: (...about) => run('sender', rule, () => method.prove(...about)),
})

/** Checks that no step is made of. */
const traceParts = (parts: Parts, recorder: Recorder): Parts => ({
  ...parts,
  dpop: (...about) => traceMethod(parts.dpop!(...about), 'DPoP', recorder),
  mtls: (...about) => traceMethod(parts.mtls!(...about), 'client certificate', recorder),
  dpopNonces(...about) {
    const nonces = parts.dpopNonces!(...about)
    return {
      ...nonces,
      check: (...asked) => recorder.run('sender', 'nonce', () => nonces.check(...asked), hasNoNonce),
    }
  },
})

/** Hands each call on to the recorder of the decision that is being made. */
function createSwitch(): { readonly recorder: Recorder; begin(): Recorder } {
  let current = createRecorder()
  return {
    begin: () => (current = createRecorder()),
    recorder: {
      run: (...about) => current.run(...about),
      runSlot: (...about) => current.runSlot(...about),
      slot: () => current.slot(),
      isWithin: (stage) => current.isWithin(stage),
      skip: (...about) => current.skip(...about),
      end: (outcome) => current.end(outcome),
      read: () => current.read(),
    },
  }
}

export interface TracedAuthorizer {
  readonly authorizer: Authorizer<ResolvedConfig>
  /** Decides as `authorize` does, one request after the other. */
  explain(request: AuthorizationRequest): Promise<TracedDecision>
}

/** Creates an authorizer with every part that keeps how it came to each decision. */
export function createTracedAuthorizer(
  config: ResolvedConfig,
  givenPorts: Ports,
  { fitsContext = () => true, substitutes = {}, isExamination = false }: TraceOptions = {},
): TracedAuthorizer {
  const { recorder, begin } = createSwitch()
  const ports = { ...givenPorts, report: createSafeReport(givenPorts.report) }
  const traced = traceSteps(STEPS, recorder)
  const steps = substitutes.steps?.(traced, recorder) ?? traced
  const tracedParts = traceParts(partsOf(steps), recorder)
  const parts = substitutes.parts?.(tracedParts, recorder) ?? tracedParts
  let context: DecisionContext | undefined
  let token: ReadToken | undefined

  /** In the slot of `Authorizer.examine`, which takes any pipeline. */
  async function run(given: DecisionContext, stages: Stages): Promise<Outcome> {
    context = given
    const recorded = traceStages(stages, recorder, (read) => (token = read))
    try {
      const outcome: Soon<Outcome> = isExamination
        ? examine(given, recorded, ANY_ROUTE)
        : decide(given, recorded)
      const settled = outcome instanceof Promise ? await outcome : outcome
      recorder.end(settled)
      return settled
    } catch (error) {
      recorder.end(undefined)
      throw error
    }
  }

  const authorizer = assembleWithSteps(
    config,
    ports,
    { ...parts, examine: run },
    { fitsContext: (grant) => recorder.run('grant', 'size of the identity', () => fitsContext(grant)) },
    steps,
  )
  return {
    authorizer,
    async explain(request) {
      begin()
      context = undefined
      token = undefined
      const { decision } = await authorizer.examine(request)
      return { decision, trace: recorder.read(), context, token }
    },
  }
}
