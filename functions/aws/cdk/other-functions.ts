// The functions of an artefact that are no authorizers, in CDK: the one that serves the metadata of resources
// (docs/aws.md), and the one that receives logout tokens (docs/revocation.md). Their routes have no authorizer.

import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { readArtefact } from './artefact.ts'
import { createFunction, type LanekeeperFunctionProps } from './function.ts'
import { DeploymentError } from './problems.ts'
import { decideFunction } from './settings.ts'

function create(
  scope: Construct,
  name: 'metadata' | 'logout',
  props: LanekeeperFunctionProps,
): LambdaFunction {
  const artefact = readArtefact(props.artefact)
  const decided = decideFunction(name, artefact.description, props)
  if ('problems' in decided) throw new DeploymentError(scope.node.path, decided.problems)
  return createFunction(scope, name, artefact, decided.environment, props)
}

/**
 * The function that serves the metadata of `resources` (RFC 9728), at `paths`.
 *
 * @throws {DeploymentError} if the configuration has no `resources`, or the artefact does not fit.
 */
export class LanekeeperMetadata extends Construct {
  /** The Lambda. */
  readonly function: LambdaFunction
  /** The paths that it serves, for GET. */
  readonly paths: readonly string[]

  constructor(scope: Construct, id: string, props: LanekeeperFunctionProps) {
    super(scope, id)
    this.function = create(this, 'metadata', props)
    this.paths = readArtefact(props.artefact).description.metadataPaths
  }
}

/**
 * The function that receives logout tokens, at `path`. It may add entries to the table of revocations.
 *
 * @throws {DeploymentError} if the configuration has no `revocation.logout`, or artefact or variables do not fit.
 */
export class LanekeeperLogout extends Construct {
  /** The Lambda. */
  readonly function: LambdaFunction
  /** The path at which it receives tokens, for POST. */
  readonly path: string

  constructor(scope: Construct, id: string, props: LanekeeperFunctionProps) {
    super(scope, id)
    this.function = create(this, 'logout', props)
    this.path = readArtefact(props.artefact).description.logoutPath!
  }
}
