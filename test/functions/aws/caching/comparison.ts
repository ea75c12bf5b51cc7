// Sends a scenario through gateways that cache answers, and compares each answer with a new decision of the authorizer.

import { createHandler } from '../../../../functions/aws/handler.ts'
import { ConfigError, createAuthorizer, type LanekeeperConfig } from '../../../../shared/index.ts'
import { MAX_PATH_BYTES, START, type ComparedApi } from './compared-api.ts'
import { createGateway, LIFETIME_SECONDS, type Handler, type Seen } from './gateways.ts'
import type { Scenario, Step } from './scenario.ts'
import type { ComparedGateway, Strategy } from './strategies.ts'

/** An answer that the comparison accepts. */
export interface Compared extends Seen {
  readonly isOdd: boolean
  /** Whether the answer is an allow that has outlived its token, where the gateway permits that. */
  readonly outlived: boolean
}

export class Differs extends Error {
  readonly wrongly: 'allowed' | 'denied'

  constructor(wrongly: 'allowed' | 'denied', what: string) {
    super(what)
    this.wrongly = wrongly
  }
}

/** Turns the correct handler into the one behind the gateways. */
export type Compile = (right: Handler, config: LanekeeperConfig) => Handler

/** Spellings that are refused, or that two servers might read in two ways. */
const isOddPath = (path: string) =>
  path.length > MAX_PATH_BYTES || /[^A-Za-z0-9@$/]|\/\/|.\/$|(?:^|\/)\.\.?(?:\/|$)/.test(path)

/** In an HTTP API's event, the reader restores the escapes that a request line must have. */
const escaped = (path: string) => path.replace(/[^\x21-\x7e]+/gu, encodeURIComponent)

const quiet = { report: () => {}, fetch: () => Promise.reject(new Error('no request may be made')) }

function createRightHandler(config: LanekeeperConfig, now: () => number): Handler | null {
  try {
    return createHandler(config, {}, { ...quiet, now })
  } catch (error) {
    if (error instanceof ConfigError && error.message.includes('cannot be "table"')) return null
    throw error
  }
}

/**
 * The answers of each gateway; `null` if the table strategy refuses the routes.
 *
 * @throws {Differs} at the first answer that differs from the expected one.
 */
export async function compareAnswers(
  api: ComparedApi,
  scenario: Scenario,
  { kind, aws, gateways }: Strategy,
  compile: Compile = (right) => right,
): Promise<Compared[][] | null> {
  let seconds = START
  const now = () => seconds * 1000
  const config = api.config(scenario.routes, aws)
  const right = createRightHandler(config, now)
  if (right === null) return null
  const handler = compile(right, config)
  const core = createAuthorizer(config, { ...quiet, now })
  const tokens = await Promise.all(scenario.tokens.map((shape, number) => api.token(shape, number)))

  async function decideAfresh({ method, path, token }: Step): Promise<boolean> {
    // The event of a TOKEN authorizer shows the path in the ARN, where a REST API has merged leading slashes.
    const shown =
      kind === 'rest token' ? path.replace(/^\/+/, '/') : kind.startsWith('http') ? escaped(path) : path
    const authorization = [`Bearer ${tokens[token]}`]
    const request = { method, path: shown, authorization, accessTokenInQuery: false }
    if (aws.strategy !== 'table') return (await core.authorize(request)).allow
    // No pattern can limit the value of a parameter: a table denies every path of such a rule.
    const { decision, grant } = await core.examine(request)
    return decision.allow && grant !== null && !decision.route!.includes('{')
  }

  function check(
    { method, path, token }: Step,
    { mayOutlive }: ComparedGateway,
    seen: Seen,
    expected: boolean,
  ): Compared {
    const isOdd = isOddPath(path)
    if (seen.allowed === expected) return { ...seen, isOdd, outlived: false }
    const sinceEnd = seconds - START - scenario.tokens[token]!.until
    if (mayOutlive && seen.allowed && seen.hit && sinceEnd >= 0 && sinceEnd < LIFETIME_SECONDS)
      return { ...seen, isOdd, outlived: true }
    const wrongly = seen.allowed ? 'allowed' : 'denied'
    const about = `${seen.status}${seen.hit ? ', kept' : ''}`
    throw new Differs(wrongly, `${method} ${path}: wrongly ${wrongly} (${about})`)
  }

  const open = gateways.map((about) => {
    const create = (lifetimeSeconds: number, behind: Handler) =>
      createGateway(kind, lifetimeSeconds, behind, now, about.choices)
    return {
      about,
      keeping: create(aws.strategy === 'off' ? 0 : LIFETIME_SECONDS, handler),
      afresh: about.asShown ? create(0, right) : null,
      answers: [] as Compared[],
    }
  })
  for (const step of scenario.steps) {
    seconds += step.wait
    const sent = [step.method, step.path, tokens[step.token]!] as const
    const decided = await decideAfresh(step)
    for (const { about, keeping, afresh, answers } of open) {
      const seen = await keeping.send(...sent)
      const expected = afresh === null ? decided : (await afresh.send(...sent)).allowed
      answers.push(check(step, about, seen, expected))
    }
  }
  return open.map(({ answers }) => answers)
}
