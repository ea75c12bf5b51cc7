// `lanekeeper check --online`: asks the issuers of every stage what an edge would ask them. Nothing else of a check makes
// a request. Two stages with the same issuer ask it once.

import { inspect } from 'node:util'
import type { ResolvedIssuer } from '../../shared/compiler.ts'
import { ConfigError, type LanekeeperConfig, type ResolvedConfig } from '../../shared/index.ts'
import type { CommandIo } from '../command.ts'
import { resolveStageConfig, type StageConfig } from '../stage-config.ts'
import type { Environment } from '../stage-findings.ts'
import { askKeys } from './ask-keys.ts'
import { askLookups } from './ask-lookups.ts'
import { joinAnswers, NOTHING, type IssuerAnswers, type OnlineStage } from './online-document.ts'

/** The issuers by their name in the configuration: several where an entry has tenants. */
function byName({ issuers }: ResolvedConfig): ReadonlyMap<string, readonly ResolvedIssuer[]> {
  const entries = new Map<string, ResolvedIssuer[]>()
  for (const issuer of issuers.values())
    entries.set(issuer.name, [...(entries.get(issuer.name) ?? []), issuer])
  return entries
}

type Ask = (tenants: readonly ResolvedIssuer[], config: ResolvedConfig) => Promise<IssuerAnswers>

/** Asks once about issuers with the same settings. */
function createAsk(io: CommandIo, env: Environment): Ask {
  const answers = new Map<string, Promise<IssuerAnswers>>()

  async function ask(tenants: readonly ResolvedIssuer[], config: ResolvedConfig): Promise<IssuerAnswers> {
    const [first] = tenants
    io.progress(`asking the issuer ${first!.name}`)
    const [keys, lookups] = await Promise.all([askKeys(tenants, io), askLookups(first!, config, io, env)])
    return joinAnswers(keys, ...lookups)
  }

  return (tenants, config) => {
    const settings = inspect(tenants, { depth: null, maxArrayLength: null, maxStringLength: null })
    const found = answers.get(settings) ?? ask(tenants, config)
    answers.set(settings, found)
    return found
  }
}

const withoutVariables = (name: string, open: StageConfig['open']): readonly string[] => [
  ...new Set(open.filter(({ path }) => path.startsWith(`issuers.${name}.`)).map(({ variable }) => variable)),
]

async function askStage(
  given: LanekeeperConfig,
  stage: string | undefined,
  env: Environment,
  ask: Ask,
): Promise<OnlineStage> {
  const name = stage ?? null
  let resolved: StageConfig
  try {
    resolved = resolveStageConfig(given, stage, env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const variables = [...new Set(error.problems.flatMap(({ variable }) => variable ?? []))]
    const because =
      variables.length === 0
        ? 'the configuration has problems'
        : `needs the variables ${variables.join(', ')}`
    return { name, ...NOTHING, notAsked: [{ setting: 'issuers', because }] }
  }
  const { config, open } = resolved
  const answers = await Promise.all(
    [...byName(config)].map(([issuer, tenants]): Promise<IssuerAnswers> => {
      const variables = withoutVariables(issuer, open)
      if (variables.length === 0) return ask(tenants, config)
      const because = `needs the variables ${variables.join(', ')}`
      return Promise.resolve({ ...NOTHING, notAsked: [{ setting: `issuers.${issuer}`, because }] })
    }),
  )
  return { name, ...joinAnswers(...answers) }
}

/** Asks the issuers of one stage, or of every stage. */
export async function checkOnline(
  config: LanekeeperConfig,
  onlyStage: string | undefined,
  io: CommandIo,
  env: Environment,
): Promise<readonly OnlineStage[]> {
  const ask = createAsk(io, env)
  const named = onlyStage === undefined ? Object.keys(config.stages ?? {}) : [onlyStage]
  const stages: OnlineStage[] = []
  for (const stage of named.length === 0 ? [undefined] : named)
    stages.push(await askStage(config, stage, env, ask))
  return stages
}
