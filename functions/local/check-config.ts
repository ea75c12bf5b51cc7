// `npm run check:config`: would lanekeeper.config.ts start, on either edge, in every stage? Says what each
// problem is and where, and ends with exit code 1 if there is one. What only a deployment can know (variables
// of its environment, service bindings) is listed and not judged; nor is a missing origin, which only the
// Worker needs. Then wrangler.toml and the modules it would deploy, for what could let a request past the Worker; then
// the packaged serverless.yml, of every stage, against the configuration. An edge whose file is not there is left out.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import config from '../../lanekeeper.config.ts'
import {
  ConfigError,
  resolveConfig,
  revocationStaleness,
  type ConfigProblem,
  type LanekeeperConfig,
  type ResolvedConfig,
  type SecretKind,
} from '../../shared/index.ts'
import { LAMBDA_SECRETS } from '../aws/secrets.ts'
import { WORKER_SECRETS } from '../cloudflare/secrets.ts'
import { unstable_readConfig } from 'wrangler'
import { findFailOpen, findWrongStage, NOT_SEEN_HERE, type WranglerSettings } from './fail-open.ts'
import { findPassThrough } from './fail-open-source.ts'
import { findHiddenRules, findUndiscoverable } from './published-notes.ts'
import { ROOT } from './build.ts'
import { compareStages } from './compare-stages.ts'
import { layOut, paint } from './table.ts'

const HELP = `npm run check:config

Checks lanekeeper.config.ts in every stage, and wrangler.toml and serverless.yml against it. Where one of these two is
missing, its edge is left out. Exit code 0 if everything may be deployed, 1 if not.

  --help   this text`

try {
  if (parseArgs({ options: { help: { type: 'boolean' } } }).values.help === true) {
    console.log(HELP)
    process.exit(0)
  }
} catch (error) {
  console.error(`${(error as Error).message.split('. ')[0]}.\n\n${HELP}`)
  process.exit(2)
}

interface Finding {
  readonly problems: readonly ConfigProblem[]
  /** Variables and bindings that the deployment has to supply. */
  readonly needed: readonly string[]
  readonly resolved: ResolvedConfig | null
  readonly leftOut?: boolean
}

function look(
  stage: string | undefined,
  secretKinds: readonly SecretKind[],
  needsOrigin: boolean = false,
): Finding {
  try {
    const resolved = resolveConfig(config, { stage, env: process.env, secretKinds, needsOrigin })
    return { problems: [], needed: [], resolved }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const needed = error.problems.flatMap(({ variable }) => variable ?? [])
    const problems = error.problems.filter(({ variable }) => variable === undefined)
    return { problems, needed, resolved: null }
  }
}

/** Whether the stage sends anything on: a deployment to AWS alone needs no origin. */
const hasOrigin = (stage: string | undefined): boolean =>
  (stage === undefined ? undefined : config.stages?.[stage]?.origin) !== undefined ||
  config.origin !== undefined

const toml = join(ROOT, 'wrangler.toml')
const hasWorker = existsSync(toml)
const hasLambda = existsSync(join(ROOT, 'serverless.yml'))

/** An edge that has no file here is not deployed from here: what it alone could not do is no problem. */
const leaveOut = (finding: Finding, isHere: boolean, other: Finding): Finding =>
  isHere || hasWorker === hasLambda || finding.problems.length === 0 || other.problems.length > 0
    ? finding
    : { problems: [], needed: [], resolved: null, leftOut: true }

const stages = Object.keys(config.stages ?? {})
const findings = (stages.length === 0 ? [undefined] : stages).map((stage) => {
  const worker = look(stage, WORKER_SECRETS, hasOrigin(stage))
  const lambda = look(stage, LAMBDA_SECRETS)
  return {
    stage,
    worker: leaveOut(worker, hasWorker, lambda),
    lambda: leaveOut(lambda, hasLambda, worker),
  }
})

const verdict = (good: boolean, otherwise: string) =>
  good ? ({ text: 'ok', colour: 'green' } as const) : ({ text: otherwise, colour: 'red' } as const)

const judge = ({ problems, resolved, leftOut }: Finding, needsOrigin: boolean) =>
  leftOut === true
    ? ({ text: 'left out', colour: 'dim' } as const)
    : problems.length === 0 && needsOrigin && resolved?.origin === null
      ? verdict(false, 'no origin')
      : verdict(problems.length === 0, 'refused')

/** The worst case of a stage, in seconds. */
const worst = ({ resolved }: Finding): string =>
  resolved === null ? '' : `${Math.max(...revocationStaleness(resolved).map(({ seconds }) => seconds))} s`

console.log(
  layOut(
    ['stage', 'Worker', 'Lambda', 'a revocation is seen after', 'to be supplied'],
    findings.map(({ stage, worker, lambda }) => [
      stage ?? '(none)',
      judge(worker, true),
      judge(lambda, false),
      worst(worker.resolved === null ? lambda : worker),
      [...new Set([...worker.needed, ...lambda.needed])].join(' '),
    ]),
  ),
)
for (const { stage, worker, lambda } of findings) {
  const problems = new Map(
    [...worker.problems, ...lambda.problems].map(({ path, message }) => [`${path}: ${message}`, path]),
  )
  if (problems.size > 0) console.log(`\n${paint('bold', stage ?? '(none)')}`)
  for (const problem of problems.keys()) console.log(`  ${problem}`)
  const { resolved } = worker.resolved === null ? lambda : worker
  if (resolved === null) continue
  console.log(`\n${paint('bold', stage ?? '(none)')}: at most, in each instance`)
  for (const { issuer, tokens, seconds, parts } of revocationStaleness(resolved)) {
    const sum = parts.map((part) => `${part.seconds} ${part.name}`).join(' + ')
    console.log(
      `  ${issuer}, ${tokens === 'jwt' ? 'JWTs' : 'opaque tokens'}: ${seconds} s = ${sum || 'at once'}`,
    )
  }
}
/** Rules that only record what they would refuse. */
for (const { stage, worker, lambda } of findings) {
  const { resolved } = worker.resolved === null ? lambda : worker
  const watched = resolved?.routes.filter(({ reportOnly }) => reportOnly).map(({ name }) => name) ?? []
  const what = resolved?.reportOnly === true ? ['everything'] : watched
  if (what.length > 0)
    console.log(`\n${paint('bold', stage ?? '(none)')}: report-only, nothing is refused: ${what.join('; ')}`)
}

/** What clients find out by themselves, and what they do not. RFC 9728. */
for (const { stage, worker } of findings) {
  if (worker.resolved === null) continue
  const notes = [...findUndiscoverable(worker.resolved), ...findHiddenRules(worker.resolved)]
  for (const note of notes) console.log(`\n${paint('bold', stage ?? '(none)')}: ${note}`)
}

/** wrangler.toml: the stage `production` is deployed from its top, every other one from the environment of its name. */
const readSettings = (env?: string) =>
  unstable_readConfig({ config: toml, env }) as unknown as WranglerSettings
const environments = hasWorker ? [undefined, ...(readSettings()['definedEnvironments'] as string[])] : []
const failOpen = environments.flatMap((env) => {
  const settings = readSettings(env)
  const stage = (settings['vars'] as Record<string, unknown> | undefined)?.['LANEKEEPER_STAGE']
  const resolved = findings.find((finding) => finding.stage === stage)?.worker.resolved ?? null
  const found = [...findWrongStage(stage, stages), ...findFailOpen(settings, resolved)]
  return found.map((problem) => `${env ?? '(top)'}: ${problem}`)
})
/** The modules that would be deployed, each once. */
const mains = new Set(
  environments.map((env) => readSettings(env)['main']).filter((main) => main !== undefined),
)
for (const main of mains) {
  try {
    failOpen.push(...(await findPassThrough(String(main), ROOT)))
  } catch (error) {
    failOpen.push(`main: cannot be looked through for passThroughOnException: ${(error as Error).message}`)
  }
}
if (hasWorker) console.log(`\n${paint('bold', 'wrangler.toml')}`)
for (const problem of failOpen) console.log(`  ${problem}`)
for (const unseen of hasWorker ? NOT_SEEN_HERE : []) console.log(`  look for yourself: ${unseen}`)

/** In place of issuers that only a deployment knows. No comparison looks at them. */
const standIn = (name: string) => ({
  issuer: `https://${name.toLowerCase()}.issuer.example`,
  audience: 'https://api.example',
  profile: 'rfc9068' as const,
  keys: { discovery: 'openid-configuration' as const },
})

/** The configuration of a stage as far as it is compared: routes, report-only and what API Gateway may keep. */
function toCompare({ stage, lambda, worker }: (typeof findings)[number]): ResolvedConfig | null {
  const resolved = lambda.resolved ?? worker.resolved
  if (resolved !== null || lambda.problems.length > 0) return resolved
  const { issuers: _issuers, origin: _origin, ...own } = (stage && config.stages?.[stage]) || {}
  const given: LanekeeperConfig = {
    ...config,
    issuers: Object.fromEntries(Object.keys(config.issuers).map((name) => [name, standIn(name)])),
    ...(stage === undefined ? {} : { stages: { [stage]: own } }),
  }
  try {
    return resolveConfig(given, { stage, env: process.env, secretKinds: LAMBDA_SECRETS, needsOrigin: false })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return null
  }
}

const toBeCompared = findings.flatMap((finding) => {
  const found = toCompare(finding)
  return found === null ? [] : [[finding.stage ?? 'production', found] as const]
})
const deployment = await compareStages(new Map(toBeCompared), stages.length > 0).catch((error: Error) => {
  console.error(`\nserverless.yml cannot be packaged, so it is not compared.\n${error.message}`)
  process.exit(1)
})
const left = findings.filter(({ stage }) => !deployment.has(stage ?? 'production'))
if (toBeCompared.length > 0) {
  const kept = toBeCompared
    .flatMap(([, { aws }]) => [aws, ...aws.authorizers.values()])
    .map(({ resultTtlSeconds }) => resultTtlSeconds)
  console.log(
    `\nAPI Gateway may serve an answer for at most ${Math.max(...kept)} s after it was decided (docs/aws.md).`,
  )
}
/** What is found in several stages is said once. */
const said = new Map<string, string[]>()
for (const [stage, found] of deployment)
  for (const { weight, place, message } of found) {
    const text = `${weight}: ${place}: ${message}`
    said.set(text, [...(said.get(text) ?? []), stage])
  }
for (const [text, where] of said) console.log(`${text} (${where.join(', ')})`)
if (hasLambda)
  console.log(
    `\nCompared with serverless.yml as it would be deployed to: ${[...deployment.keys()].join(', ') || 'no stage'}.` +
      (left.length > 0
        ? ` Not compared, for it does not start: ${left.map(({ stage }) => stage).join(', ')}.`
        : ''),
  )

process.exit(
  failOpen.length > 0 ||
    [...deployment.values()].flat().some(({ weight }) => weight === 'problem') ||
    findings.some(({ worker, lambda }) => worker.problems.length + lambda.problems.length > 0)
    ? 1
    : 0,
)
