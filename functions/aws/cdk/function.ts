// The Lambda of an artefact in CDK: its code, its variables, its log group, and a role with its own rights alone.

import { ArnFormat, Duration, Stack } from 'aws-cdk-lib'
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Code, Function as LambdaFunction, Runtime, RuntimeFamily } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import type { LambdaFunction as FunctionName } from '../deployment/description.ts'
import type { BuiltLambda } from './artefact.ts'
import { rightsOf, type Right } from './rights.ts'

/** Options of every construct. */
export interface LanekeeperFunctionProps {
  /** The folder that `lanekeeper build --edge aws` has written (`dist/lambda`), from the working directory. */
  readonly artefact: string
  /** The stage that is deployed. An artefact of another stage is refused. Default: that of the artefact. */
  readonly stage?: string
  /**
   * Variables of the function: those that the build has left to it (`environmentVariables` in `dist/lambda.json`), and
   * others, such as HTTPS_PROXY. Default: none.
   */
  readonly environment?: Readonly<Record<string, string>>
  /** Memory of the function, in MiB. Default 256. */
  readonly memorySize?: number
  /** For how long its log is kept. Default one month. */
  readonly logRetention?: RetentionDays
}

/** Longer than a decision takes at most (docs/decisions.md), and shorter than API Gateway waits. */
const TIMEOUT_SECONDS = 8

/** A name, because older versions of CDK have no constant for it. */
const RUNTIME = 'nodejs24.x'

function toStatement(stack: Stack, { actions, resource, leadingKeys }: Right): PolicyStatement {
  const arn =
    typeof resource === 'string'
      ? resource
      : stack.formatArn({
          service: resource.service,
          resource: resource.name,
          arnFormat: ArnFormat.NO_RESOURCE_NAME,
          ...(resource.region === null ? {} : { region: resource.region }),
        })
  return new PolicyStatement({
    actions: [...actions],
    resources: [arn],
    ...(leadingKeys === null
      ? {}
      : { conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...leadingKeys] } } }),
  })
}

function createRole(
  scope: Construct,
  name: FunctionName,
  { description }: BuiltLambda,
  logGroup: LogGroup,
): Role {
  const ownLog = new PolicyStatement({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [logGroup.logGroupArn],
  })
  const others = rightsOf(name, description).map((right) => toStatement(Stack.of(scope), right))
  return new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: { lanekeeper: new PolicyDocument({ statements: [ownLog, ...others] }) },
  })
}

/** Creates a function of the artefact, with its role and its log group, below a construct. */
export function createFunction(
  scope: Construct,
  name: FunctionName,
  artefact: BuiltLambda,
  environment: Readonly<Record<string, string>>,
  { memorySize = 256, logRetention = RetentionDays.ONE_MONTH }: LanekeeperFunctionProps,
): LambdaFunction {
  const { folder, description } = artefact
  const logGroup = new LogGroup(scope, 'Logs', { retention: logRetention })
  return new LambdaFunction(scope, 'Function', {
    description: `Lanekeeper ${description.lanekeeper}, ${name}, plan ${description.plan}`,
    runtime: new Runtime(RUNTIME, RuntimeFamily.NODEJS),
    code: Code.fromAsset(folder),
    handler: description.handlers[name]!,
    role: createRole(scope, name, artefact, logGroup),
    logGroup,
    environment: { ...environment },
    memorySize,
    timeout: Duration.seconds(TIMEOUT_SECONDS),
  })
}
