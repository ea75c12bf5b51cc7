// The stage of the configuration that a request is explained with, and where each setting of it stands.

import { fitsContext } from '../../functions/aws/authorizer-handler.ts'
import { functionsOf } from '../../functions/aws/functions-of.ts'
import type { Grant, LanekeeperConfig, ResolvedConfig } from '../../shared/index.ts'
import { readEnvironment, type CommandIo } from '../command.ts'
import { findConfigFile, loadConfig } from '../load-config.ts'
import { resolveStageConfig } from '../stage-config.ts'
import type { Environment } from '../stage-findings.ts'
import { Stop } from '../stop.ts'

export interface GivenStage {
  readonly given: LanekeeperConfig
  /** Empty where no stages are configured. */
  readonly stage: string
  readonly config: ResolvedConfig
  readonly env: Environment
}

function checkStage(stage: string, { stages = {} }: LanekeeperConfig): void {
  const names = Object.keys(stages)
  if (names.length === 0 ? stage === '' : names.includes(stage)) return
  throw new Stop(
    names.length === 0
      ? '--stage (LANEKEEPER_STAGE): the configuration has no stages.'
      : `--stage (LANEKEEPER_STAGE) is one of ${names.join(', ')}.`,
    2,
  )
}

/** Settings that no decision reads. */
const UNREAD = /^(?:origin|resources\[\d+\]\.(?:name|documentation))\b/

/** Without an origin no Worker decides: only functions do. */
const hasFunctionsAlone = ({ origin }: ResolvedConfig): boolean => origin == null

/** The configuration as its edges have it: where every function refuses bound tokens, no edge takes one. */
function asItsEdges(config: ResolvedConfig): ResolvedConfig {
  const functions = functionsOf(config, { isBuild: true })
  const isPlain = functions.every(([, { senderConstraint }]) => senderConstraint === 'none')
  return hasFunctionsAlone(config) && isPlain ? { ...config, senderConstraint: 'none' } : config
}

/** What its edges cannot hand on. */
export const limitsOf = ({ config }: GivenStage): { readonly fitsContext?: (grant: Grant) => boolean } =>
  hasFunctionsAlone(config) ? { fitsContext } : {}

/** @throws {Stop} If there is no such stage, or it lacks a variable (exit code 2). {ConfigError} As a build does. */
export async function readGivenStage(
  values: {
    readonly stage?: string | undefined
    readonly config?: string | undefined
    readonly 'env-file'?: string | undefined
  },
  io: CommandIo,
): Promise<GivenStage> {
  const env = readEnvironment(io, values['env-file'])
  const given = await loadConfig(findConfigFile(io.cwd, values.config), io.cwd)
  const stage = values.stage ?? env['LANEKEEPER_STAGE'] ?? ''
  checkStage(stage, given)
  const { config, open } = resolveStageConfig(given, stage, env)
  const missing = open.filter(({ path }) => !UNREAD.test(path))
  if (missing.length > 0)
    throw new Stop(
      missing
        .map(({ path, variable }) => `${path} needs the variable ${variable}; set it or pass --env-file.`)
        .join('\n'),
      2,
    )
  return { given, stage, config: asItsEdges(config), env }
}

type Members = Readonly<Record<string, unknown>>

const membersOf = (value: unknown): Members =>
  typeof value === 'object' && value !== null ? (value as Members) : {}

/** A setting, and where it stands. */
export interface Place {
  readonly path: string
  /** The setting is not written there: its default counts. */
  readonly isDefault: boolean
}

const placed = (holder: unknown, path: string, member: string): Place => {
  const [first = ''] = member.split(/[.[]/)
  return { path, isDefault: !Object.hasOwn(membersOf(holder), first) }
}

/** Where a member of an issuer stands: in the stage if it overrides it. `name`: of the issuer. */
export function placeOfIssuer({ given, stage }: GivenStage, name: string, member: string): Place {
  const [first = ''] = member.split(/[.[]/)
  const overrides = membersOf(membersOf(membersOf(given.stages)[stage])['issuers'])[name]
  const base = membersOf(given.issuers)[name]
  return Object.hasOwn(membersOf(overrides), first)
    ? placed(overrides, `stages.${stage}.issuers.${name}.${member}`, member)
    : placed(base, `issuers.${name}.${member}`, member)
}

/** Where a setting of another section stands. A stage replaces a section as a whole. */
export function placeOfSection({ given, stage }: GivenStage, path: string): Place {
  const [section = ''] = path.split(/[.[]/)
  const overrides = membersOf(membersOf(given.stages)[stage])
  return Object.hasOwn(overrides, section)
    ? placed(overrides, `stages.${stage}.${path}`, path)
    : placed(given, path, path)
}

/** Where a member of a rule stands. No stage changes routes. */
export function placeOfRoute({ given }: GivenStage, index: number, member: string): Place {
  return placed(given.routes[index], `routes[${index}].${member}`, member)
}

/** Whether the configuration is for API Gateway: it has settings for it, or no origin behind a Worker. */
export function usesGateway({ given, stage }: GivenStage): boolean {
  const overrides = membersOf(membersOf(given.stages)[stage])
  return 'aws' in given || 'aws' in overrides || !('origin' in given || 'origin' in overrides)
}
