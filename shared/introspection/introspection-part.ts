// What introspection brings to the pipeline: readers for tokens that their issuer is asked about, and `/userinfo`.

import type { ResolvedConfig, ResolvedIssuer, ResolvedRoute } from '../config/config.ts'
import { failureRow, isFailure, type Failure } from '../failures/failure.ts'
import type { IssuerKeys } from '../keys/issuer-keys.ts'
import type { Ports } from '../platform/ports.ts'
import type { CompactParts } from '../token/compact.ts'
import type { TokenReader } from '../token/token-reader.ts'
import { createIntrospectionReader, INTROSPECTION_STEPS } from './introspection-reader.ts'
import { createShareCaches, createTokenQuestion, createUserQuestion } from './lazy-lookups.ts'
import type { UserQuestion } from '../grant/userinfo-lookup.ts'
import type { TokenQuestion } from './token-lookup.ts'
import { isIntrospected } from './introspected-issuer.ts'
import { createIssuerSelection } from './select-issuer.ts'

/** @internal Tests replace one at a time. */
export const INTROSPECTION_PART_STEPS = {
  createIssuerSelection,
  createTokenQuestion,
  createUserQuestion,
  ...INTROSPECTION_STEPS,
}

export interface IntrospectionPart {
  /** The reader of a token; `null`: nobody is asked, and the token must be a JWT that can be verified here. */
  selectReader(
    token: string,
    route: ResolvedRoute,
    cut: CompactParts | undefined,
  ): TokenReader | Failure | null
  /** By `iss`. */
  readonly userQuestions: ReadonlyMap<string, UserQuestion>
  /** Seconds until it is worth asking this issuer again, after a failure of a question. */
  retryAfterSeconds(failed: Failure, issuer: ResolvedIssuer): number
}

/** @internal */
export function createIntrospectionPart(
  config: ResolvedConfig,
  keys: IssuerKeys,
  ports: Ports,
  steps: typeof INTROSPECTION_PART_STEPS,
): IntrospectionPart {
  const share = createShareCaches()
  const tokenQuestions = new Map<string, TokenQuestion>()
  const userQuestions = new Map<string, UserQuestion>()
  const readers = new Map<string, TokenReader>()
  for (const [iss, issuer] of config.issuers) {
    const { userinfo } = issuer.opaque
    if (userinfo !== null) userQuestions.set(iss, steps.createUserQuestion(issuer, userinfo, share, ports))
    if (!isIntrospected(issuer)) continue
    const question = steps.createTokenQuestion(issuer, keys.storeOf(issuer), share, ports)
    tokenQuestions.set(iss, question)
    readers.set(iss, createIntrospectionReader(issuer, question, ports, steps))
  }
  const select = steps.createIssuerSelection(config)
  return {
    selectReader(token, route, cut) {
      const issuer = select(token, route, cut)
      return issuer === null || isFailure(issuer) ? issuer : readers.get(issuer.issuer)!
    },
    userQuestions,
    retryAfterSeconds(failed, { issuer: iss }) {
      const isUserinfo = failureRow(failed.code).waitsFor === 'userinfo'
      const question = isUserinfo ? userQuestions.get(iss) : tokenQuestions.get(iss)
      return question?.retryAfterSeconds(failed) ?? 1
    },
  }
}
