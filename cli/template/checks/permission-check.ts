// Whether API Gateway may invoke the function of an authorizer: a permission of the function, or a role that the
// authorizer names. Without either AWS answers 500 to every request. A permission that other APIs can use as well lets
// them ask the function (developer guide, "Configure a Lambda authorizer using the AWS CLI").

import { isScalar } from '../../../local/api-gateway/json.ts'
import { referredId, type CheckContext, type TemplateAuthorizer, type TemplateResource } from './context.ts'
import { matchesPattern } from './iam-pattern.ts'
import { createRoles } from './roles.ts'

/** Function and qualifier (version, alias) of an ARN or a name. */
function functionOf(text: string | null): { name: string; qualifier: string } | null {
  const [, name, qualifier = ''] = /^(?:.*:function:)?([^:/]+)(?::([^:/]+))?/.exec(text ?? '') ?? []
  return name === undefined ? null : { name, qualifier }
}

/** A permission that lets an API of API Gateway invoke this function. */
interface Permission {
  readonly resource: TemplateResource
  readonly qualifier: string
  /** `null`: only the deployment knows it. `undefined`: there is none. */
  readonly sourceArn: string | null | undefined
}

function permissionsFor(name: string, context: CheckContext): Permission[] {
  return context.ofType('AWS::Lambda::Permission').flatMap((resource): Permission[] => {
    const { Action, FunctionName, Principal, SourceArn } = resource.properties
    const target = functionOf(context.textOf(FunctionName))
    const principal = context.textOf(Principal) ?? ''
    const isInvoke = matchesPattern(context.textOf(Action) ?? '', 'lambda:InvokeFunction', true)
    if (target?.name !== name || !isInvoke || !/^(?:apigateway\.amazonaws\.com(?:\.cn)?|\*)$/.test(principal))
      return []
    return [
      {
        resource,
        qualifier: target.qualifier,
        sourceArn: SourceArn === undefined ? undefined : context.textOf(SourceArn),
      },
    ]
  })
}

const expectedArn = ({ resource }: TemplateAuthorizer, api: string): string =>
  `arn:aws:execute-api:us-east-1:123456789012:${api}/authorizers/${resource.logicalId}`

const REMEDY = 'add an AWS::Lambda::Permission for apigateway.amazonaws.com with the API in its SourceArn'

/** Whether the API of the permission is left open. */
const isWide = (sourceArn: string): boolean => /[*?]/.test(sourceArn.split(':')[5]?.split('/')[0] ?? '*')

function checkWidth({ resource, sourceArn }: Permission, context: CheckContext): void {
  const find = context.findAt(`permission ${resource.logicalId}`, resource.logicalId)
  const hasAccount = resource.properties['SourceAccount'] !== undefined
  if (sourceArn === undefined && !hasAccount)
    find(
      'warning',
      'lets every API of every account ask the authorizer; name the API in SourceArn',
      'SourceArn',
    )
  else if (sourceArn === undefined || (sourceArn !== null && isWide(sourceArn)))
    find('warning', 'lets other APIs ask the authorizer; name the API in SourceArn', 'SourceArn')
}

/** The role with which API Gateway calls the function, in place of a permission. */
function checkCredentials(authorizer: TemplateAuthorizer, credentials: unknown, context: CheckContext): void {
  const { resource, functionId, kind } = authorizer
  const find = context.findAt(`${kind} authorizer ${resource.logicalId}`, resource.logicalId)
  const property = kind === 'REST' ? 'AuthorizerCredentials' : 'AuthorizerCredentialsArn'
  const roleId = referredId(credentials)
  const role = roleId === null ? undefined : context.resources.get(roleId)
  if (role?.type !== 'AWS::IAM::Role')
    return find('note', 'is called with a role that is not in this template, and is not looked at')
  const roles = createRoles(context)
  const arn = `arn:aws:lambda:us-east-1:123456789012:function:${nameOfFunction(functionId, context)}`
  if (roles.grants(role, 'lambda:InvokeFunction', arn) === 'no')
    find(
      'problem',
      `is called with the role ${role.logicalId}, which may not invoke its function, so API Gateway answers 500 to every request; allow lambda:InvokeFunction`,
      property,
    )
}

const nameOfFunction = (functionId: string, context: CheckContext): string => {
  const { FunctionName } = context.resources.get(functionId)?.properties ?? {}
  return isScalar(FunctionName) ? String(FunctionName) : (context.textOf({ Ref: functionId }) ?? functionId)
}

export function checkPermission(authorizer: TemplateAuthorizer, context: CheckContext): void {
  const { resource, apiId, functionId, kind } = authorizer
  const credentials =
    resource.properties[kind === 'REST' ? 'AuthorizerCredentials' : 'AuthorizerCredentialsArn']
  if (credentials !== undefined && credentials !== '')
    return checkCredentials(authorizer, credentials, context)
  const find = context.findAt(`${kind} authorizer ${resource.logicalId}`, resource.logicalId)
  const called = functionOf(
    /\/functions\/(.*?)\/invocations/.exec(context.textOf(resource.properties['AuthorizerUri']) ?? '')?.[1] ??
      null,
  )
  const all = permissionsFor(nameOfFunction(functionId, context), context)
  const arn = expectedArn(authorizer, context.textOf({ Ref: apiId }) ?? '')
  const forApi = all.filter(
    ({ sourceArn }) => sourceArn === undefined || sourceArn === null || matchesPattern(sourceArn, arn),
  )
  const fitting = forApi.filter(({ qualifier }) => qualifier === (called?.qualifier ?? qualifier))
  for (const permission of fitting) checkWidth(permission, context)
  if (fitting.length > 0) return
  const reason =
    forApi.length > 0
      ? `has a permission for another version or alias of its function than the one it calls (${forApi[0]!.resource.logicalId})`
      : all.length > 0
        ? `has no permission to invoke its function: that of ${all.map((each) => each.resource.logicalId).join(', ')} does not cover ${arn.slice(arn.indexOf('/') + 1).replace(/\/.*/, '/*')} of this API`
        : 'has no permission to invoke its function'
  find('problem', `${reason}, so API Gateway answers 500 to every request; ${REMEDY}`, 'AuthorizerUri')
}
