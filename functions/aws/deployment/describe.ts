// Describes a compiled Lambda for its deployment, from its configuration and its plan alone. The same artefact has the
// same description.

import { kindOfSecret, type Compiled } from '../../../shared/compiler.ts'
import { challengeOf, describeAuthorizers, findUnserved } from './authorizer-settings.ts'
import {
  DESCRIPTION_VERSION,
  type DescribedSecret,
  type DescribedTable,
  type Description,
  type NeededVariable,
} from './description.ts'
import { REPLAY_RIGHTS, REVOCATION_RIGHTS } from './table-rights.ts'

function describeSecrets({ plan }: Compiled): readonly DescribedSecret[] {
  return plan.secrets.flatMap(({ path, ref }): DescribedSecret[] => {
    const kind = kindOfSecret(ref)
    return kind === 'secretsStore' ? [] : [{ kind, name: ref[kind]!, path }]
  })
}

/** The tables whose code is in the artefact. */
function describeTables({ config, parts }: Compiled): readonly DescribedTable[] {
  const has = (name: string) => parts.some((part) => part.name === name)
  const { revocation, dpop } = config
  const named = [
    [has('aws/dynamodb') ? revocation?.dynamodb : null, 'revocation'],
    [has('aws/replays') ? dpop?.replay.dynamodb : null, 'replay'],
  ] as const
  return named.flatMap(([table, use]): DescribedTable[] => {
    if (table == null) return []
    const { authorizer, logout } = REVOCATION_RIGHTS
    const revocationRights = revocation?.logout == null ? { authorizer } : { authorizer, logout }
    const rights = use === 'replay' ? REPLAY_RIGHTS : revocationRights
    return [{ name: table.table, region: table.region ?? null, use, rights }]
  })
}

const describeVariables = (
  { open }: Compiled,
  secrets: readonly DescribedSecret[],
): readonly NeededVariable[] => [
  ...open.map(({ path, variable }) => ({ name: variable, path, isSecret: false })),
  ...secrets.filter(({ kind }) => kind === 'env').map(({ name, path }) => ({ name, path, isSecret: true })),
]

/** What of the artefact a configuration does not say. */
export interface DescribedArtefact {
  /** The version of Lanekeeper. */
  readonly lanekeeper: string
  /** The files of the folder, each with its SHA-256 in base64url. */
  readonly files: Description['files']
  /** The paths that metadata.mjs serves. */
  readonly metadataPaths: readonly string[]
}

export function describeDeployment(
  compiled: Compiled,
  { lanekeeper, files, metadataPaths }: DescribedArtefact,
): Description {
  const { config, plan } = compiled
  const secrets = describeSecrets(compiled)
  const handlers = (['authorizer', 'metadata', 'logout'] as const)
    .filter((name) => Object.hasOwn(files, `${name}.mjs`))
    .map((name) => [name, `${name}.handler`])
  return {
    version: DESCRIPTION_VERSION,
    lanekeeper,
    plan: plan.hash,
    stage: plan.stage || null,
    files,
    handlers: Object.fromEntries(handlers) as Description['handlers'],
    authorizers: describeAuthorizers(config),
    challenge: challengeOf(config),
    secrets,
    tables: describeTables(compiled),
    environmentVariables: describeVariables(compiled, secrets),
    metadataPaths,
    logoutPath: config.revocation?.logout?.path ?? null,
    cannotServe: findUnserved(config),
  }
}
