// What the log says beside the verdict: an answer that API Gateway still gives from its cache, a decision by another
// configuration or at another time, or no decision at all.

import { functionsOf } from '../../functions/aws/functions-of.ts'
import { FAILURES, type FailureCode, type ResolvedAuthorizer } from '../../shared/index.ts'
import type { Facts } from './facts.ts'
import { usesGateway } from './given-stage.ts'
import type { LogFindings } from './log.ts'
import type { LogLine } from './log-lines.ts'
import { client, you } from './move.ts'
import type { Move } from './move.ts'
import { shownAt, shownFrom } from './times.ts'

/** Refusals that depend on the time alone. */
const BY_TIME: readonly string[] = [
  'token_expired',
  'token_not_yet_valid',
  'token_issued_in_future',
  'dpop_proof_invalid',
]

const rowOf = (code: string | undefined) =>
  code !== undefined && Object.hasOwn(FAILURES, code) ? FAILURES[code as FailureCode] : undefined

const keeps = ({ strategy, resultTtlSeconds }: ResolvedAuthorizer): boolean =>
  strategy !== 'off' && resultTtlSeconds !== 0

/** The functions of which API Gateway keeps answers. */
const keepers = ({ stage }: Facts): readonly ResolvedAuthorizer[] =>
  usesGateway(stage)
    ? functionsOf(stage.config, { isBuild: true })
        .map(([, settings]) => settings)
        .filter(keeps)
    : []

/** The longest lifetime; `null`: the configuration does not say. */
function longest(settings: readonly ResolvedAuthorizer[]): number | null {
  const lifetimes = settings.map(({ resultTtlSeconds }) => resultTtlSeconds)
  return lifetimes.some((seconds) => seconds === null)
    ? null
    : Math.max(...lifetimes.map((seconds) => seconds!))
}

/** The commands that empty the caches; with placeholders where the configuration does not name them. */
export function flushCommands({ stage }: Facts): readonly string[] {
  const { caches = [] } = stage.config.aws
  const named = caches.map(({ restApi, httpApi, stage: of, region }) => {
    const where = region === undefined ? '' : ` --region ${region}`
    return restApi === undefined
      ? `aws apigatewayv2 reset-authorizers-cache --api-id ${httpApi} --stage-name '${of}'${where}`
      : `aws apigateway flush-stage-authorizers-cache --rest-api-id ${restApi} --stage-name ${of}${where}`
  })
  return named.length > 0
    ? named
    : [
        'aws apigateway flush-stage-authorizers-cache --rest-api-id API --stage-name STAGE (REST API)',
        'aws apigatewayv2 reset-authorizers-cache --api-id API --stage-name STAGE (HTTP API)',
      ]
}

const whenKept = (seconds: number | null): string =>
  seconds === null
    ? 'for its lifetime, which aws.resultTtlSeconds does not say (by default 300 s on a REST API, 0 on an HTTP API)'
    : `for at most ${seconds} s`

const flush = (facts: Facts): Move => you(`Empty the cache: ${flushCommands(facts).join('; ')}.`)

/** The line that is later than all others. */
function lastOf(lines: readonly LogLine[]): LogLine {
  const isTimed = lines.every(({ time }) => time !== undefined)
  return isTimed ? lines.toSorted((one, other) => one.time! - other.time!).at(-1)! : lines.at(-1)!
}

function tellLast(last: LogLine, facts: Facts, plans: Readonly<Record<string, string>>): readonly Move[] {
  const { deny, route, now } = facts
  if (last.outcome !== 'deny' || last.code === deny?.code) return []
  const when = last.time === undefined ? '' : ` at ${shownFrom(last.time, now)}`
  const said = `The last decision in the log about this token${last.route === undefined ? '' : ` (${last.route})`} is deny ${last.code}${when}`
  const isElsewhere = last.route !== undefined && route !== undefined && last.route !== route.name
  const settings = keepers(facts)
  const ttl = longest(settings)
  const isOver = ttl !== null && last.time !== undefined && last.time + ttl < now
  const moves: Move[] = []
  if (
    !isElsewhere &&
    last.door !== 'worker' &&
    settings.length > 0 &&
    rowOf(last.code)?.keepable === true &&
    !isOver
  ) {
    const until =
      ttl === null || last.time === undefined ? whenKept(ttl) : `until ${shownAt(last.time + ttl)}`
    moves.push(
      you(
        `${said}, and nothing was asked since. API Gateway keeps that answer ${until}, and gives it to every request with the same token, method and path without a log line.`,
      ),
      flush(facts),
      client('Or request a new token: it has no kept answer.'),
    )
  }
  if (last.plan !== undefined && Object.keys(plans).length > 0 && !Object.values(plans).includes(last.plan))
    moves.push(
      you(
        `${said}, by another configuration: plan ${last.plan}, and this one is ${Object.entries(plans)
          .map(([edge, plan]) => `${plan} (${edge})`)
          .join(' or ')}. Deploy this one, or explain with the one that is deployed.`,
      ),
    )
  if (BY_TIME.includes(String(last.code)) && last.time !== undefined)
    moves.push(you(`${said}. That depends on the time: explain it with --at ${shownAt(last.time)}.`))
  return moves.length > 0 ? moves : [you(`${said}, which is not the verdict here.`)]
}

export function keptMoves(facts: Facts, log: LogFindings | null): readonly Move[] {
  if (log !== null && !('because' in log)) {
    if (log.lines.length > 0) return tellLast(lastOf(log.lines), facts, log.plans)
    return [
      you(
        log.decisions === 0
          ? 'The log has no decision at all: is it that of the edge?'
          : `None of the ${log.decisions} decisions in the log is about this token: the edge was not asked about it (API Gateway answers a request without an identity source or route itself), it has another key, or the log is of another time.`,
      ),
    ]
  }
  const settings = facts.verdict === 'allow' && facts.token !== null ? keepers(facts) : []
  if (settings.length === 0) return []
  return [
    you(
      `If the caller is refused all the same: API Gateway keeps an earlier refusal ${whenKept(longest(settings))}. --log shows the last decision about the token.`,
    ),
  ]
}
