// Asks the endpoints that look tokens up (introspection, a provider's check, userinfo) about a random token, with the
// code of an edge: whether they answer, whether they accept our credential, and whether they call a token active that
// nobody has issued. The secret is taken from the environment alone. RFC 7662 section 2.2; OpenID Connect Core section 5.3.

import {
  kindOfSecret,
  probeIntrospectionWithoutSecret,
  probeTokenLookup,
  probeUserinfo,
  type IntrospectedIssuer,
  type IntrospectionResult,
  type ResolvedIssuer,
  type ResolvedIntrospection,
} from '../../shared/compiler.ts'
import { webCrypto, type Ports, type ResolvedConfig } from '../../shared/index.ts'
import type { CommandIo } from '../command.ts'
import type { DeploymentFinding } from '../deployment-finding.ts'
import type { Environment } from '../stage-findings.ts'
import { checkExchanges, toAsked } from './exchange-findings.ts'
import { observeFetch, type Exchange } from './observed-fetch.ts'
import { NOTHING, type AskedEndpoint, type IssuerAnswers } from './online-document.ts'

type Problem = Extract<IntrospectionResult, { readonly problem: string }>

/** A word of ours, or of Node; never foreign text. */
const wordIn = ({ detail }: Problem, name: string): string => String(detail?.[name] ?? '')

/** Why an endpoint gave no answer that an edge could use, in words. */
function describeProblem(result: Problem, last: Exchange | undefined, limitMs: number): string {
  const status = wordIn(result, 'status')
  const code = last?.connectionProblem
  const texts: Readonly<Record<Problem['problem'], string>> = {
    no_answer: `cannot be reached${code == null ? '' : ` (${code})`}`,
    timeout: `gave no whole answer within ${limitMs} ms`,
    redirect: 'answers with a redirect, which an edge does not follow',
    too_large: 'gave an answer that is larger than an edge reads',
    status: `answers with the status ${status}`,
    empty: 'gave an empty answer',
    not_json: 'gave an answer that is no JSON by its Content-Type',
    malformed: 'gave an answer of another form',
    unverified: 'gave an answer without a signature that the keys of the issuer verify',
    endpoint_unknown: `cannot be found in the metadata (${wordIn(result, 'problem')})`,
    credentials_refused: `refuses the credential (status ${status || 'of its answer'}): compare the client and the secret of this environment with those of the issuer`,
    unauthorized: `answers with 401: it refuses the credential, or calls a token without use an error; compare client and secret`,
    unsupported: 'answers with 400: it does not take the request of RFC 7662, or not from this client',
    rate_limited: `limits the rate of our requests (status ${status})`,
    busy: 'is too slow for our requests',
    held: 'has failed before',
  }
  return texts[result.problem]
}

/** A token that nobody has issued, in the form of the issuer's tokens as far as it is known. */
const unissuedToken = ({ opaque: { prefixes } }: ResolvedIssuer): string =>
  `${prefixes[0] ?? ''}lanekeeper-check-${crypto.randomUUID().replaceAll('-', '')}`

interface Question {
  readonly what: AskedEndpoint['what']
  readonly setting: string
  readonly hasDiscovery: boolean
  readonly limitMs: number
  ask(ports: Ports, token: string): Promise<IntrospectionResult | { readonly status: number }>
}

const toPorts = (fetch: Ports['fetch'], { now }: CommandIo, env: Environment): Ports => ({
  fetch,
  now,
  crypto: webCrypto,
  report: () => {},
  secrets: async (ref) => (ref.env === undefined ? undefined : env[ref.env]),
})

type Verdict = Omit<DeploymentFinding, 'subject'> | null

function judge(
  result: IntrospectionResult | { readonly status: number },
  { what, limitMs }: Question,
  exchanges: readonly Exchange[],
): Verdict {
  if ('inactive' in result) return null
  if ('claims' in result)
    return {
      severity: 'problem',
      message: 'calls a token active that nobody has issued: any text would be accepted as a token there',
    }
  if ('failure' in result) {
    const { detail, code } = result.failure
    const why = String(detail?.['problem'] ?? code)
    const message =
      code === 'secret_unavailable'
        ? `the secret of this environment cannot be used (${why})`
        : `gave a signed answer, and the keys that would verify it are missing (${why})`
    return { severity: 'problem', message }
  }
  if ('problem' in result)
    return { severity: 'problem', message: describeProblem(result, exchanges.at(-1), limitMs) }
  const { status } = result
  if (status === 404 || status === 405 || status >= 500)
    return { severity: 'problem', message: `${what} answers with the status ${status}` }
  return {
    severity: 'note',
    message: `was asked without a credential, which is not in the environment, and answers with the status ${status}: whether it accepts the credential is not known`,
  }
}

async function askOne(
  issuer: ResolvedIssuer,
  question: Question,
  io: CommandIo,
  env: Environment,
): Promise<IssuerAnswers> {
  const { what, setting, hasDiscovery, limitMs } = question
  const findings: DeploymentFinding[] = []
  const observed = observeFetch(io)
  const result = await question.ask(toPorts(observed.fetch, io, env), unissuedToken(issuer))
  const kinds = hasDiscovery ? (['metadata', what] as const) : ([what] as const)
  // A signed answer needs the keys, which ask-keys.ts reports on.
  const exchanges = observed.exchanges.slice(0, kinds.length)
  const asked = toAsked(issuer.name, exchanges, kinds, limitMs, io.now())
  checkExchanges(issuer, exchanges, asked, (severity, message) =>
    findings.push({ severity, subject: setting, message }),
  )
  const verdict = judge(result, question, exchanges)
  if (verdict !== null) findings.push({ subject: setting, ...verdict })
  return { ...NOTHING, asked, findings }
}

const isIntrospected = (issuer: ResolvedIssuer): issuer is IntrospectedIssuer => issuer.opaque.reader !== null

/** Introspection or the check of a provider. Without its secret the check is not asked, since it would refuse us. */
async function askReader(
  issuer: IntrospectedIssuer,
  config: ResolvedConfig,
  io: CommandIo,
  env: Environment,
): Promise<IssuerAnswers> {
  const { reader } = issuer.opaque
  const setting = `issuers.${issuer.name}.${reader.kind}`
  const { secret } = reader
  const isAtHand = secret === null || (secret.env !== undefined && (env[secret.env] ?? '') !== '')
  const hasDiscovery = reader.kind === 'introspection' && reader.source.discovery !== undefined
  const question = { what: reader.kind, setting, hasDiscovery, limitMs: reader.timeoutMs } as const
  if (isAtHand)
    return askOne(
      issuer,
      { ...question, ask: (ports, token) => probeTokenLookup(issuer, config, ports, token) },
      io,
      env,
    )
  if (reader.kind === 'check') {
    const because = `its secret is not in the environment (${kindOfSecret(secret)})`
    return { ...NOTHING, notAsked: [{ setting, because }] }
  }
  const settings: ResolvedIntrospection = reader
  return askOne(
    issuer,
    { ...question, ask: (ports, token) => probeIntrospectionWithoutSecret(issuer, settings, ports, token) },
    io,
    env,
  )
}

async function askUserinfo(issuer: ResolvedIssuer, io: CommandIo, env: Environment): Promise<IssuerAnswers> {
  const { userinfo } = issuer.opaque
  if (userinfo === null) return NOTHING
  const question: Question = {
    what: 'userinfo',
    setting: `issuers.${issuer.name}.userinfo`,
    hasDiscovery: userinfo.source.discovery !== undefined,
    limitMs: userinfo.timeoutMs,
    ask: (ports, token) => probeUserinfo(issuer, userinfo, ports, token),
  }
  return askOne(issuer, question, io, env)
}

/** Everything that looks tokens of an issuer up. */
export async function askLookups(
  issuer: ResolvedIssuer,
  config: ResolvedConfig,
  io: CommandIo,
  env: Environment,
): Promise<readonly IssuerAnswers[]> {
  return Promise.all([
    isIntrospected(issuer) ? askReader(issuer, config, io, env) : NOTHING,
    askUserinfo(issuer, io, env),
  ])
}
