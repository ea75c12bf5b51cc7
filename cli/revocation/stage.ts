// The stage that a command is about, and its stores. Needs no variable of the deployment but those that say whose
// tokens are accepted. A store that cannot be asked is a store all the same: the commands name it as one that has
// failed.

import type { LanekeeperConfig, ResolvedConfig, SecretRef } from '../../shared/index.ts'
import { readEnvironment, type CommandIo } from '../command.ts'
import { findConfigFile, loadConfig } from '../load-config.ts'
import { resolveStageConfig } from '../stage-config.ts'
import type { Environment } from '../stage-findings.ts'
import { Stop } from '../stop.ts'
import { createDynamoDbTarget } from './dynamodb-target.ts'
import { createHttpTarget } from './http-target.ts'
import { readText } from './input.ts'
import { closedTarget, type EdgeWithStore, type RevocationTarget } from './target.ts'

/** The options of every command that asks the stores. */
export const STAGE_OPTIONS = {
  stage: { type: 'string' },
  config: { type: 'string' },
  'env-file': { type: 'string' },
  url: { type: 'string' },
  'credential-file': { type: 'string' },
  edge: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

export const STAGE_HELP = `  --stage NAME            the stage; default: LANEKEEPER_STAGE. Required where stages are configured
  --edge NAME             only the store of this edge, cloudflare or aws
  --url URL               the store Worker; default: revocation.admin.url
  --credential-file FILE  the credential for its admin endpoint; default: the variable that revocation.admin names
  --config FILE           another configuration file
  --env-file FILE         variables that the environment does not have, as lines NAME=value
  --json                  one JSON document instead of text
  --help                  this text

The table in DynamoDB and the caches of API Gateway are reached with the AWS credentials of the environment.`

export type StageValues = {
  readonly [Name in Exclude<keyof typeof STAGE_OPTIONS, 'json' | 'help'>]?: string | undefined
}

/** A stage with revocation. */
export interface RevocationStage {
  readonly config: ResolvedConfig
  /** The only edge that is meant; `null`: every edge that has a store. */
  readonly edge: EdgeWithStore | null
  readonly env: Environment
}

function toEdge(name: string | undefined): EdgeWithStore | null {
  if (name === undefined) return null
  if (name !== 'cloudflare' && name !== 'aws') throw new Stop('--edge is cloudflare or aws.', 2)
  return name
}

function checkStage(stage: string, { stages }: LanekeeperConfig): void {
  const names = Object.keys(stages ?? {})
  if (names.length === 0 ? stage === '' : names.includes(stage)) return
  if (names.length === 0) throw new Stop('--stage (LANEKEEPER_STAGE): the configuration has no stages.', 2)
  throw new Stop(`--stage (LANEKEEPER_STAGE) is one of ${names.join(', ')}.`, 2)
}

/** The environment without the credentials of the admin endpoint: one that is malformed concerns its store alone. */
function withoutCredentials(
  { revocation, stages }: LanekeeperConfig,
  stage: string,
  env: Environment,
): Environment {
  const admins = [revocation?.admin, stages?.[stage]?.revocation?.admin]
  const names = admins.flatMap((admin) => [admin?.revoke, admin?.list].flat()).map((ref) => ref?.env)
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)))
}

const ISSUER = /^issuers\.[^.]+\.(?:issuer|tenants)\b/

/** @throws {Stop} If there is no such stage, or no revocation or store in it. {ConfigError} As a build does. */
export async function readStage(values: StageValues, io: CommandIo): Promise<RevocationStage> {
  const edge = toEdge(values.edge)
  const env = readEnvironment(io, values['env-file'])
  const given = await loadConfig(findConfigFile(io.cwd, values.config), io.cwd)
  const stage = values.stage ?? env['LANEKEEPER_STAGE'] ?? ''
  checkStage(stage, given)
  const { config, open } = resolveStageConfig(given, stage, withoutCredentials(given, stage, env))
  const missing = open.filter(({ path }) => ISSUER.test(path))
  if (missing.length > 0)
    throw new Stop(
      missing
        .map(
          ({ path, variable }) =>
            `${path} needs the environment variable ${variable}; set it or pass --env-file.`,
        )
        .join('\n'),
      1,
    )
  const { revocation } = config
  if (revocation == null)
    throw new Stop('revocation is not configured, so no edge refuses revoked tokens.', 1)
  if (edge === 'cloudflare' && revocation.durableObject === null)
    throw new Stop('--edge cloudflare: revocation.durableObject is not configured.', 2)
  if (edge === 'aws' && revocation.dynamodb === null)
    throw new Stop('--edge aws: revocation.dynamodb is not configured.', 2)
  return { config, edge, env }
}

/** An origin; https, or http on loopback. */
function checkUrl(url: string): string {
  const isOrigin = URL.canParse(url) && [new URL(url).origin, `${new URL(url).origin}/`].includes(url)
  const { protocol, hostname, origin } = isOrigin ? new URL(url) : new URL('https://x.invalid')
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
  if (!isOrigin || !(protocol === 'https:' || (protocol === 'http:' && isLoopback)))
    throw new Stop('--url is an origin such as https://store.example.com; https, or http on loopback.', 2)
  return origin
}

/** The credential, or why there is none. */
async function readCredential(
  refs: readonly SecretRef[],
  file: string | undefined,
  { cwd, stdin }: CommandIo,
  env: Environment,
): Promise<{ readonly value: string } | { readonly problem: string }> {
  const names = refs.flatMap(({ env: name }) => name ?? [])
  const value =
    file === undefined
      ? names.map((name) => env[name]).find((each) => each !== undefined && each !== '')
      : await readText(cwd, file, '--credential-file', stdin)
  if (value === undefined)
    return {
      problem:
        names.length === 0
          ? 'its credential is not in an environment variable; pass --credential-file'
          : `the environment has no ${names.join(' or ')}; set it or pass --credential-file`,
    }
  return /^[\x21-\x7e]{1,8192}$/.test(value)
    ? { value }
    : { problem: 'the credential has characters that none has' }
}

/** `use`: the credential that is needed. */
async function openWorkerStore(
  { config, env }: RevocationStage,
  values: StageValues,
  use: 'revoke' | 'list',
  io: CommandIo,
): Promise<RevocationTarget> {
  const { admin } = config.revocation!
  const url = values.url === undefined ? admin?.url : checkUrl(values.url)
  const name = url == null ? 'store Worker' : `store Worker ${url}`
  if (admin === null)
    return closedTarget(name, 'cloudflare', 'it has no admin endpoint: revocation.admin is not configured')
  const credential = await readCredential(admin[use], values['credential-file'], io, env)
  if (url == null)
    return closedTarget(
      name,
      'cloudflare',
      'its URL is not known; pass --url or configure revocation.admin.url',
    )
  if ('problem' in credential) return closedTarget(name, 'cloudflare', credential.problem)
  const { fetch, now } = io
  const issuers = [...config.issuers.values()]
  return createHttpTarget(name, { url, credential: credential.value, fetch, issuers, now })
}

/**
 * Every store of the stage, or that of the edge which is meant.
 *
 * @throws {Stop} If `--url` or `--credential-file` is wrong (exit code 2).
 */
export async function openTargets(
  stage: RevocationStage,
  values: StageValues,
  use: 'revoke' | 'list',
  io: CommandIo,
): Promise<readonly RevocationTarget[]> {
  const { config, edge } = stage
  const { durableObject, dynamodb } = config.revocation!
  return [
    ...(durableObject !== null && edge !== 'aws' ? [await openWorkerStore(stage, values, use, io)] : []),
    ...(dynamodb !== null && edge !== 'cloudflare'
      ? [createDynamoDbTarget(`DynamoDB table ${dynamodb.table}`, config, io.now)]
      : []),
  ]
}
