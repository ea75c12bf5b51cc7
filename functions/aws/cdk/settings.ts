// What a construct sets, decided from the description of the artefact and what the app gives: pure, so that a test needs
// no aws-cdk-lib. The constructs only hand it on.

import type {
  ApiKind,
  DescribedAuthorizer,
  Description,
  LambdaFunction,
  NeededVariable,
} from '../deployment/description.ts'

/** What the app gives besides the artefact. */
export interface Given {
  /** The entry of `aws.authorizers`. Absent: `aws` itself. */
  readonly authorizer?: string | undefined
  /** The stage that is deployed, to compare with that of the artefact. */
  readonly stage?: string | undefined
  readonly environment?: Readonly<Record<string, string>> | undefined
}

/** As AWS writes them. */
const NAMES = { rest: 'a REST API', http: 'an HTTP API', webSocket: 'a WebSocket API' } as const

/** Variables that a construct sets, and the option that says so. */
const OWN_VARIABLES = { LANEKEEPER_AUTHORIZER: 'authorizer', LANEKEEPER_STAGE: 'stage' } as const

function findStageProblem({ stage }: Description, given: Given): readonly string[] {
  if (given.stage === undefined || given.stage === (stage ?? '')) return []
  return [
    stage === null
      ? `stage is "${given.stage}", and the configuration has no stages; take the option out`
      : `stage is "${given.stage}", and the artefact was built for "${stage}"; run npx lanekeeper build --edge aws --stage ${given.stage}`,
  ]
}

const describeNeed = ({ name, path, isSecret }: NeededVariable): string =>
  `environment has no ${name}, which ${path} needs when the function starts${isSecret ? '; its value is a secret, which a template shows: prefer secretsManager' : ''}`

function findEnvironmentProblems(
  { environmentVariables }: Description,
  { environment = {} }: Given,
): readonly string[] {
  const missing = environmentVariables.filter(({ name }) => !environment[name])
  return [
    ...Object.entries(OWN_VARIABLES)
      .filter(([name]) => Object.hasOwn(environment, name))
      .map(([name, option]) => `environment has ${name}, which the construct sets; use the option ${option}`),
    ...missing.map(describeNeed),
  ]
}

const namesOf = ({ authorizers }: Description): string =>
  Object.keys(authorizers)
    .filter((name) => name !== '')
    .join(', ')

function findAuthorizerProblem(
  kind: ApiKind,
  description: Description,
  { authorizer = '' }: Given,
): readonly string[] {
  const { authorizers, cannotServe } = description
  if (!Object.hasOwn(authorizers, authorizer)) {
    const names = namesOf(description)
    const has = names === '' ? 'the configuration has no aws.authorizers' : `it has: ${names}`
    return [`aws.authorizers has no authorizer "${authorizer}"; ${has}`]
  }
  const obstacle = cannotServe.find((one) => one.authorizer === authorizer && one.api === kind)
  const name = authorizer === '' ? 'aws' : `aws.authorizers.${authorizer}`
  return obstacle === undefined ? [] : [`${name} cannot serve ${NAMES[kind]}: ${obstacle.because}`]
}

/** The environment of a function: what the app gives, and what chooses its settings. */
function environmentOf(
  { stage }: Description,
  { authorizer = '', environment = {} }: Given,
): Readonly<Record<string, string>> {
  return {
    ...environment,
    ...(stage === null ? {} : { LANEKEEPER_STAGE: stage }),
    ...(authorizer === '' ? {} : { LANEKEEPER_AUTHORIZER: authorizer }),
  }
}

export interface AuthorizerSettings<Kind extends ApiKind> {
  readonly api: NonNullable<DescribedAuthorizer[Kind]>
  readonly environment: Readonly<Record<string, string>>
}

type Decided<Settings> = Settings | { readonly problems: readonly string[] }

/** What the authorizer of an API has to be, or every reason why it cannot be. */
export function decideAuthorizer<Kind extends ApiKind>(
  kind: Kind,
  description: Description,
  given: Given,
): Decided<AuthorizerSettings<Kind>> {
  const problems = [
    ...findAuthorizerProblem(kind, description, given),
    ...findStageProblem(description, given),
    ...findEnvironmentProblems(description, given),
  ]
  if (problems.length > 0) return { problems }
  const api = description.authorizers[given.authorizer ?? '']![kind]!
  return { api, environment: environmentOf(description, given) }
}

/** What makes `lanekeeper build` write a function besides the authorizer. */
const WRITTEN_WITH = { metadata: 'resources', logout: 'revocation.logout' } as const

/** The environment of a function that is no authorizer, or every reason why it cannot be. */
export function decideFunction(
  name: Exclude<LambdaFunction, 'authorizer'>,
  description: Description,
  given: Given,
): Decided<{ readonly environment: Readonly<Record<string, string>> }> {
  const isWritten = description.handlers[name] !== undefined
  // The function `metadata` reads no environment.
  const needs = name === 'metadata' ? { ...description, environmentVariables: [] } : description
  const problems = [
    ...(isWritten
      ? []
      : [
          `the artefact has no ${name}.mjs, which is written with ${WRITTEN_WITH[name]} in the configuration`,
        ]),
    ...findStageProblem(description, given),
    ...findEnvironmentProblems(needs, given),
  ]
  if (problems.length > 0) return { problems }
  return {
    environment: name === 'metadata' ? {} : environmentOf(description, { environment: given.environment }),
  }
}
