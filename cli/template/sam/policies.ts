// `Policies` of a SAM function: managed policies, statements, and the policy templates that an authorizer may need. Any
// other policy template stays a name (SAM specification, "AWS SAM policy templates").

import { isObject, listOf, type JsonObject } from '../../../local/api-gateway/json.ts'
import { join } from '../functions.ts'

const arn = (service: string, ...rest: unknown[]): unknown =>
  join([
    'arn:',
    { Ref: 'AWS::Partition' },
    `:${service}:`,
    { Ref: 'AWS::Region' },
    ':',
    { Ref: 'AWS::AccountId' },
    ':',
    ...rest,
  ])

const tableArns = ({ TableName }: JsonObject): readonly unknown[] => [
  arn('dynamodb', 'table/', TableName),
  arn('dynamodb', 'table/', TableName, '/index/*'),
]

const ofTable =
  (actions: string) =>
  (parameters: JsonObject): JsonObject => ({
    Effect: 'Allow',
    Action: actions.split(' ').map((action) => `dynamodb:${action}`),
    Resource: tableArns(parameters),
  })

const TEMPLATES: Readonly<Record<string, (parameters: JsonObject) => JsonObject>> = {
  AWSSecretsManagerGetSecretValuePolicy: ({ SecretArn }) => ({
    Effect: 'Allow',
    Action: ['secretsmanager:GetSecretValue'],
    Resource: SecretArn,
  }),
  DynamoDBCrudPolicy: ofTable(
    'GetItem DeleteItem PutItem Scan Query UpdateItem BatchWriteItem BatchGetItem DescribeTable ConditionCheckItem',
  ),
  DynamoDBReadPolicy: ofTable('GetItem Scan Query BatchGetItem DescribeTable'),
  DynamoDBWritePolicy: ofTable('PutItem UpdateItem BatchWriteItem'),
  KMSDecryptPolicy: ({ KeyId }) => ({
    Effect: 'Allow',
    Action: 'kms:Decrypt',
    Resource: arn('kms', 'key/', KeyId),
  }),
}

interface RolePolicies {
  readonly ManagedPolicyArns: readonly unknown[]
  readonly Policies: readonly JsonObject[]
  /** The policy templates that are not known here. */
  readonly unknown: readonly string[]
}

const managed = (name: string): string => (name.startsWith('arn:') ? name : `arn:aws:iam::aws:policy/${name}`)

const BASIC = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'

export function policiesOf(functionProperties: JsonObject): RolePolicies {
  const { Policies, VpcConfig, Tracing } = functionProperties
  const arns: unknown[] = [
    BASIC,
    ...(Tracing === 'Active' ? ['arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess'] : []),
    ...(VpcConfig === undefined
      ? []
      : ['arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole']),
  ]
  const documents: unknown[] = []
  const unknown: string[] = []
  for (const policy of listOf(Policies ?? [])) {
    if (typeof policy === 'string') arns.push(managed(policy))
    else if (isObject(policy) && policy['Statement'] !== undefined) documents.push(policy)
    else {
      const [name = '', parameters] = isObject(policy) ? (Object.entries(policy)[0] ?? []) : []
      const template = Object.hasOwn(TEMPLATES, name) ? TEMPLATES[name] : undefined
      if (template !== undefined)
        documents.push({ Statement: [template(isObject(parameters) ? parameters : {})] })
      else if (name === 'Ref' || name.startsWith('Fn::')) arns.push(policy)
      else unknown.push(name)
    }
  }
  return {
    ManagedPolicyArns: arns,
    Policies: documents.map((PolicyDocument, index) => ({ PolicyName: `Policy${index}`, PolicyDocument })),
    unknown,
  }
}
