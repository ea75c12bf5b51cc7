// The Lambda handler, called with the documented event of each kind of API: that of `createHandler`, or of the artefact
// of `lanekeeper build`.

import { createHandler, type AuthorizerHandler } from '../../functions/aws/handler.ts'
import type { EventShape } from '../../functions/aws/event.ts'
import type { LanekeeperConfig, ReportEvent } from '../../shared/index.ts'
import type { EdgeName } from '../cases/row.ts'
import { loadLambda, type LambdaGlobals } from '../support/artefact/lambda.ts'
import { elapse } from '../support/time.ts'
import { codeOf, comparable, detailOf, type Edge, type Outcome, type Variables } from './edge.ts'
import { TO_EVENT } from './events.ts'

type Answer = {
  readonly isAuthorized?: boolean
  readonly principalId?: string
  readonly policyDocument?: {
    readonly Version: string
    readonly Statement: readonly Record<string, unknown>[]
  }
  readonly context?: Readonly<Record<string, string>>
}

/** Reads an answer as API Gateway would, and throws for one that API Gateway would refuse. */
function readAnswer(answer: Answer, arn: unknown): Pick<Outcome, 'allow' | 'wire'> {
  if (answer.isAuthorized !== undefined)
    return { allow: answer.isAuthorized, wire: { isAuthorized: answer.isAuthorized } }
  const [statement, ...more] = answer.policyDocument?.Statement ?? []
  if (
    statement === undefined ||
    more.length > 0 ||
    answer.principalId === undefined ||
    answer.principalId === ''
  ) {
    throw new Error(`malformed answer: ${JSON.stringify(answer)}`)
  }
  const allow = statement['Effect'] === 'Allow'
  // In report-only, a wildcard sent by the client stands for one character, and so does the beginning of a policy
  // variable.
  if (allow && statement['Resource'] !== String(arn).replace(/\*|\$(?=\{)/g, '?'))
    throw new Error(`grants ${statement['Resource']}, asked about ${arn}`)
  return {
    allow,
    wire: {
      effect: statement['Effect'],
      version: answer.policyDocument?.Version,
      action: statement['Action'],
    },
  }
}

/** The identity without the time of the decision, which is for access logs. */
function identityOf({ decided_at: decidedAt, ...identity }: Readonly<Record<string, string>>) {
  if (!/^\d+$/.test(decidedAt ?? '')) throw new Error(`decided_at is ${decidedAt}`)
  return comparable(identity)
}

interface Opened {
  readonly handler: AuthorizerHandler
  close(): Promise<void>
}

async function openEdge(
  open: (globals: LambdaGlobals) => Opened | Promise<Opened>,
  name: EdgeName,
  shape: EventShape,
): Promise<Edge> {
  let events: ReportEvent[] = []
  let ahead = 0
  const { handler, close } = await open({
    report: (event) => void events.push(event),
    now: () => Date.now() + ahead,
  })
  return {
    name,
    async send(request) {
      events = []
      const event = TO_EVENT[shape](request)
      try {
        // Serialised as JSON, as Lambda delivers events and returns answers.
        const answer = JSON.parse(JSON.stringify(await handler(JSON.parse(JSON.stringify(event))))) as Answer
        const { allow, wire } = readAnswer(answer, event['methodArn'] ?? event['routeArn'])
        return {
          allow,
          code: codeOf(events),
          detail: detailOf(events),
          wire,
          identity: allow ? identityOf(answer.context ?? {}) : null,
        }
      } catch (error) {
        return {
          allow: false,
          code: codeOf(events),
          detail: detailOf(events),
          wire: { thrown: (error as Error).message },
          identity: null,
        }
      }
    },
    advance: async (ms) => void (ahead += ms),
    elapse: async (ms) => elapse(ms),
    close,
  }
}

const settings = (httpApiResponse: 'simple' | 'policy') => ({ httpApiResponse, resultTtlSeconds: 0 }) as const

/** `createHandler`, which compiles the configuration when it starts. */
export const openLambdaEdge = (
  config: LanekeeperConfig,
  name: EdgeName,
  shape: EventShape,
  httpApi: 'simple' | 'policy' = 'simple',
  env: Variables = {},
): Promise<Edge> =>
  openEdge(
    (globals) => ({
      handler: createHandler({ ...config, aws: { ...settings(httpApi), ...config.aws } }, env, globals),
      close: async () => {},
    }),
    name,
    shape,
  )

/** The artefact of `lanekeeper build`. `env` is the environment of the function. */
export const openLambdaArtefact = (
  config: LanekeeperConfig,
  name: EdgeName,
  shape: EventShape,
  env: Variables = {},
): Promise<Edge> =>
  openEdge(
    (globals) => loadLambda({ ...config, aws: { ...settings('simple'), ...config.aws } }, env, globals),
    name,
    shape,
  )
