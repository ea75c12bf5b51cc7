// The answer of the strategy `table`: a policy for everything that a token may do. Only a token that is itself refused
// may be an error.

import type { Examination } from '../../../shared/edge.ts'
import {
  identityContext,
  toPolicyAnswer,
  toThrown,
  toTimeLimit,
  type AuthorizerAnswer,
  type LambdaConfig,
} from '../answer.ts'
import type { ReadEvent } from '../event.ts'
import { toPolicyDocument } from '../policy.ts'
import { toTablePolicy } from './policy.ts'
import type { TablePlan } from './proof.ts'

/** `decidedAt`: milliseconds since the epoch. @throws {Error} for a refusal that API Gateway has to answer. */
export type AnswerTable = (
  plan: TablePlan,
  event: ReadEvent,
  examined: Examination,
  config: LambdaConfig,
  decidedAt: number,
) => AuthorizerAnswer

export const answerTable: AnswerTable = (plan, event, { decision, grant }, config, decidedAt) => {
  const { aws } = config
  const thrown = grant === null && !decision.allow ? toThrown(decision, event, aws) : null
  if (thrown !== null) throw thrown
  // Without a grant the token itself is refused, so the refusal is true for every path.
  const about = grant === null && !decision.allow ? { code: decision.code } : identityContext(grant)
  const context = { ...about, decided_at: String(decidedAt) }
  const policy =
    grant === null
      ? toPolicyDocument([], [`${event.stageArn}/*`], null)
      : toTablePolicy(plan, event.stageArn, grant.scopes, toTimeLimit(grant, aws, config))
  return toPolicyAnswer(policy, grant, context, aws, 'refused')
}
