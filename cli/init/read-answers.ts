// Collects what init needs: from its options, and where a person is there, from the answers to questions. Everything
// that is missing or wrong is named at once.

import type { RouteRule } from '../../shared/index.ts'
import type { CommandIo } from '../command.ts'
import { Stop } from '../stop.ts'
import { AWS_TOOLS, type Answers } from './answers.ts'
import { takesClients, type Provider } from './providers.ts'
import {
  API,
  audienceQuestion,
  CLIENTS,
  EDGE,
  issuerQuestion,
  ORIGIN,
  PROVIDER,
  TOOL,
  type Question,
} from './questions.ts'
import { readRoute } from './route-option.ts'

/** The values of the options. */
export interface Given {
  readonly edge?: string | undefined
  readonly tool?: readonly string[] | undefined
  readonly api?: string | undefined
  readonly provider?: string | undefined
  readonly issuer?: string | undefined
  readonly audience?: readonly string[] | undefined
  readonly client?: readonly string[] | undefined
  readonly route?: readonly string[] | undefined
  readonly origin?: string | undefined
  readonly enforce?: boolean | undefined
}

const MAX_TRIES = 5

/** What is missing or wrong so far, as lines. */
class Mistakes {
  readonly missing: string[] = []
  readonly wrong: string[] = []

  /** @throws {Stop} If there is any (exit code 2). */
  stop(help: string): void {
    if (this.missing.length + this.wrong.length === 0) return
    const missing = this.missing.length === 0 ? [] : ['init needs, because nobody is here to be asked:']
    throw new Stop(
      [...this.wrong, ...missing, ...this.missing.map((line) => `  ${line}`), '', help].join('\n'),
      2,
    )
  }
}

async function askFor<Value>(question: Question<Value>, { ask, printError }: CommandIo): Promise<Value> {
  const { option, text, standard, read } = question
  const prompt = standard === undefined ? text : `${text} [${standard}]`
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const answer = (await ask!(prompt)) || standard
    if (answer === undefined || answer === '') continue
    const found = read(answer)
    if ('value' in found) return found.value
    printError(`That ${found.problem}.`)
  }
  throw new Stop(`There is no usable answer for ${option}.`, 2)
}

/** The value of an option, or of the answer. `undefined`: it is missing or wrong, which `mistakes` has. */
async function decide<Value>(
  question: Question<Value>,
  given: string | undefined,
  mistakes: Mistakes,
  io: CommandIo,
): Promise<Value | undefined> {
  const { option, hint, standard, isRequired, read } = question
  if (given === undefined && io.ask !== null) return askFor(question, io)
  const text = given ?? (isRequired === true ? undefined : standard)
  if (text === undefined) {
    mistakes.missing.push(`${option}: ${hint}`)
    return undefined
  }
  const found = read(text)
  if ('value' in found) return found.value
  mistakes.wrong.push(`${option} ${found.problem}.`)
  return undefined
}

interface Target {
  readonly hasWorker: boolean
  readonly hasLambda: boolean
  readonly tool?: string | undefined
}

/** The edges: as --edge says, or as the tools do. */
async function decideTarget(given: Given, mistakes: Mistakes, io: CommandIo): Promise<Target | undefined> {
  const tools = given.tool ?? []
  const unknown = tools.find((name) => name !== 'wrangler' && !AWS_TOOLS.some((tool) => tool === name))
  if (unknown !== undefined) mistakes.wrong.push('--tool is wrangler, osls, cdk or sam.')
  const [tool, ...others] = tools.filter((name) => name !== 'wrangler')
  if (others.length > 0) mistakes.wrong.push('--tool names one tool for AWS.')
  const named = tools.includes('wrangler') ? (tool === undefined ? 'cloudflare' : 'both') : 'aws'
  const edge = await decide(EDGE, given.edge ?? (tools.length === 0 ? undefined : named), mistakes, io)
  if (edge === undefined) return undefined
  const target = { hasWorker: edge !== 'aws', hasLambda: edge !== 'cloudflare', tool }
  if (tool !== undefined && !target.hasLambda)
    mistakes.wrong.push(`--tool ${tool} is for aws, and --edge is cloudflare.`)
  if (tools.includes('wrangler') && !target.hasWorker)
    mistakes.wrong.push('--tool wrangler is for cloudflare, and --edge is aws.')
  if (given.origin !== undefined && !target.hasWorker)
    mistakes.wrong.push('--origin is for cloudflare, and --edge is aws.')
  if (given.api !== undefined && !target.hasLambda)
    mistakes.wrong.push('--api is for aws, and --edge is cloudflare.')
  return target
}

async function decideAws(
  given: Given,
  target: Target,
  mistakes: Mistakes,
  io: CommandIo,
): Promise<Answers['aws']> {
  if (!target.hasLambda) return null
  const tool = await decide(TOOL, target.tool, mistakes, io)
  const api = await decide(API, given.api, mistakes, io)
  if (api === 'websocket' && target.hasWorker)
    mistakes.wrong.push(
      '--api websocket is for aws alone: the rule of a handshake ($connect) is none for the requests of a Worker. Use a configuration for each.',
    )
  return tool === undefined || api === undefined ? null : { tool, api }
}

const SOCKET_ROUTE = (scope: string): RouteRule => ({
  path: '$connect',
  methods: ['GET'],
  scope: { allOf: [scope] },
})

const FIRST_ROUTE = (scope: string): RouteRule => ({
  path: '/orders',
  methods: ['GET'],
  scope: { allOf: [scope] },
})

function decideRoutes(
  given: Given,
  provider: Provider,
  aws: Answers['aws'],
  mistakes: Mistakes,
): readonly RouteRule[] {
  const isSocket = aws?.api === 'websocket'
  if (given.route === undefined)
    return [isSocket ? SOCKET_ROUTE(provider.scope) : FIRST_ROUTE(provider.scope)]
  return given.route.flatMap((text) => {
    const route = readRoute(text)
    if (typeof route !== 'string' && isSocket === (route.path === '$connect')) return [route]
    mistakes.wrong.push(
      typeof route === 'string'
        ? `--route ${route}.`
        : `--route ${isSocket ? 'of a WebSocket API is "GET $connect SCOPE"' : '$connect is for --api websocket'}.`,
    )
    return []
  })
}

/** The audiences and clients of the entry. Either is enough where the provider's tokens need no audience. */
async function decideAudience(
  given: Given,
  provider: Provider | undefined,
  mistakes: Mistakes,
  io: CommandIo,
): Promise<Pick<Answers, 'audiences' | 'clients'>> {
  const join = (values: readonly string[] | undefined) => values?.join('\n')
  const clients = given.client ?? []
  if (provider !== undefined && takesClients(provider) && given.audience === undefined)
    return { audiences: [], clients: (await decide(CLIENTS, join(given.client), mistakes, io)) ?? [] }
  // An audience that was given is taken as it is, with spaces and commas.
  if (given.audience !== undefined) {
    if (given.audience.includes('')) mistakes.wrong.push('--audience is empty.')
    return { audiences: given.audience, clients }
  }
  return { audiences: (await decide(audienceQuestion(provider), undefined, mistakes, io)) ?? [], clients }
}

/**
 * `name`: that of the project.
 *
 * @throws {Stop} If something is missing and nobody can be asked, or is wrong: with all of it (exit code 2).
 */
export async function readAnswers(given: Given, name: string, help: string, io: CommandIo): Promise<Answers> {
  const mistakes = new Mistakes()
  const target = await decideTarget(given, mistakes, io)
  const aws = target === undefined ? null : await decideAws(given, target, mistakes, io)
  const provider = await decide(PROVIDER, given.provider, mistakes, io)
  const issuer = await decide(issuerQuestion(provider), given.issuer, mistakes, io)
  const { audiences, clients } = await decideAudience(given, provider, mistakes, io)
  const origin = target?.hasWorker === true ? await decide(ORIGIN, given.origin, mistakes, io) : null
  if (target === undefined && given.tool === undefined) mistakes.missing.push(`${TOOL.option}: ${TOOL.hint}`)
  const routes = provider === undefined ? [] : decideRoutes(given, provider, aws, mistakes)
  mistakes.stop(help)
  return {
    name,
    provider: provider!,
    issuer: issuer!,
    audiences,
    clients,
    routes,
    origin: origin ?? null,
    aws,
    reportOnly: given.enforce !== true,
  }
}
