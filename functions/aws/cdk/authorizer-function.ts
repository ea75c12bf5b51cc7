// What the authorizers of all kinds of APIs have in common: the checks when an app is synthesized, the function, and the
// right of API Gateway to call it for one authorizer of one API.

import { Aws, Names, Stack } from 'aws-cdk-lib'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import type { ApiKind, Description } from '../deployment/description.ts'
import { readArtefact } from './artefact.ts'
import { createFunction, type LanekeeperFunctionProps } from './function.ts'
import { DeploymentError } from './problems.ts'
import { decideAuthorizer, type AuthorizerSettings } from './settings.ts'

/** Options of every authorizer. */
export interface LanekeeperAuthorizerProps extends LanekeeperFunctionProps {
  /** The entry of `aws.authorizers` whose settings apply. Default: the settings of `aws` itself. */
  readonly authorizer?: string
}

export interface CreatedAuthorizer<Kind extends ApiKind> {
  readonly function: LambdaFunction
  readonly description: Description
  /** What the authorizer of the API has to be. */
  readonly api: AuthorizerSettings<Kind>['api']
}

/**
 * Creates the function of an authorizer.
 *
 * @throws {DeploymentError} with every problem of the artefact and the options.
 */
export function createAuthorizerFunction<Kind extends ApiKind>(
  scope: Construct,
  kind: Kind,
  props: LanekeeperAuthorizerProps,
): CreatedAuthorizer<Kind> {
  const artefact = readArtefact(props.artefact)
  const decided = decideAuthorizer(kind, artefact.description, props)
  if ('problems' in decided) throw new DeploymentError(scope.node.path, decided.problems)
  const lambda = createFunction(scope, 'authorizer', artefact, decided.environment, props)
  return { function: lambda, description: artefact.description, api: decided.api }
}

/** `AuthorizerUri` of a function. */
export const authorizerUri = (lambda: LambdaFunction): string =>
  `arn:${Aws.PARTITION}:apigateway:${Stack.of(lambda).region}:lambda:path/2015-03-31/functions/${lambda.functionArn}/invocations`

/** A name that no other authorizer of the app has. */
export const nameOf = (scope: Construct): string => Names.uniqueResourceName(scope, { maxLength: 128 })

/** Allows API Gateway to call the function for this authorizer of this API alone. */
export function allowInvocation(
  scope: Construct,
  lambda: LambdaFunction,
  apiId: string,
  authorizerId: string,
): void {
  lambda.addPermission('Invoke', {
    scope,
    principal: new ServicePrincipal('apigateway.amazonaws.com'),
    sourceArn: Stack.of(scope).formatArn({
      service: 'execute-api',
      resource: apiId,
      resourceName: `authorizers/${authorizerId}`,
    }),
  })
}
