// `npm run check:config`: would lanekeeper.config.ts start, on either edge, in every stage? Says what each
// problem is and where, and ends with exit code 1 if there is one. What only a deployment can know (variables
// of its environment, service bindings) is listed and not judged; nor is a missing origin, which only the
// Worker needs.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import config from '../../lanekeeper.config.ts'
import {
  ConfigError,
  resolveConfig,
  revocationStaleness,
  type ConfigProblem,
  type ResolvedConfig,
  type SecretKind,
} from '../../shared/index.ts'
import { LAMBDA_SECRETS } from '../aws/secrets.ts'
import { WORKER_SECRETS } from '../cloudflare/secrets.ts'
import { unstable_readConfig } from 'wrangler'
import { findFailOpen, type WranglerSettings } from './fail-open.ts'
import { layOut, paint } from './table.ts'

interface Finding {
  readonly problems: readonly ConfigProblem[]
  /** Variables and bindings that the deployment has to supply. */
  readonly needed: readonly string[]
  readonly resolved: ResolvedConfig | null
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

const stages = Object.keys(config.stages ?? {})
const findings = (stages.length === 0 ? [undefined] : stages).map((stage) => ({
  stage,
  worker: look(stage, WORKER_SECRETS, hasOrigin(stage)),
  lambda: look(stage, LAMBDA_SECRETS),
}))

const verdict = (good: boolean, otherwise: string) =>
  good ? ({ text: 'ok', colour: 'green' } as const) : ({ text: otherwise, colour: 'red' } as const)

const judge = ({ problems, resolved }: Finding, needsOrigin: boolean) =>
  problems.length === 0 && needsOrigin && resolved?.origin === null
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

/** wrangler.toml: the stage `production` is deployed from its top, every other one from the environment of its name. */
const toml = join(import.meta.dirname, '../../wrangler.toml')
const hasWorker = existsSync(toml)
const readSettings = (env?: string) =>
  unstable_readConfig({ config: toml, env }) as unknown as WranglerSettings
const environments = hasWorker ? [undefined, ...(readSettings()['definedEnvironments'] as string[])] : []
const failOpen = environments.flatMap((env) => {
  const settings = readSettings(env)
  const stage = (settings['vars'] as Record<string, unknown> | undefined)?.['LANEKEEPER_STAGE']
  const resolved = findings.find((finding) => finding.stage === stage)?.worker.resolved ?? null
  return findFailOpen(settings, resolved).map((problem) => `${env ?? '(top)'}: ${problem}`)
})
if (failOpen.length > 0) console.log(`\n${paint('bold', 'wrangler.toml')}`)
for (const problem of failOpen) console.log(`  ${problem}`)

process.exit(
  failOpen.length > 0 ||
    findings.some(({ worker, lambda }) => worker.problems.length + lambda.problems.length > 0)
    ? 1
    : 0,
)
