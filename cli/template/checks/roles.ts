// What the roles of a template allow: their own policies, those that are attached to them, and managed policies that the
// template has. A policy of AWS is known by its name only.

import { isObject, listOf, type JsonObject } from '../../../local/api-gateway/json.ts'
import { objectIn, referredId, type CheckContext, type TemplateResource } from './context.ts'
import { matchesArn, matchesPattern } from './iam-pattern.ts'

export interface Statement {
  /** The resource that has the policy. */
  readonly logicalId: string
  readonly allows: boolean
  readonly actions: readonly string[]
  /** The resources; `null`: one that only the deployment knows. */
  readonly resources: readonly (string | null)[]
  /** `NotAction`, `NotResource`: it cannot be told what it allows. */
  readonly isNegative: boolean
}

export interface Roles {
  statementsOf(role: TemplateResource): readonly Statement[]
  /** Managed policies that are not in the template, by their names. */
  managedBy(role: TemplateResource): readonly string[]
  /** `unknown`: a value that only the deployment knows decides, or a policy that is not in the template. */
  grants(role: TemplateResource, action: string, arn: string): 'yes' | 'no' | 'unknown'
}

/** Policies of AWS that a function needs for its log, for X-Ray, or in a VPC, and that allow nothing else. */
export const HARMLESS =
  /^(?:AWSLambdaBasicExecutionRole|AWSLambdaVPCAccessExecutionRole|AWSXRayDaemonWriteAccess|AWSXrayWriteOnlyAccess|CloudWatchLambdaInsightsExecutionRolePolicy|CloudWatchLambdaApplicationSignalsExecutionRolePolicy)$/

function statementsIn(document: unknown, logicalId: string, context: CheckContext): Statement[] {
  return listOf(objectInAny(document)['Statement'] ?? [])
    .filter(isObject)
    .map((statement) => ({
      logicalId,
      allows: statement['Effect'] !== 'Deny',
      actions: listOf(statement['Action'] ?? []).map((action) => context.textOf(action) ?? '*'),
      resources: listOf(statement['Resource'] ?? []).map((resource) => context.textOf(resource)),
      isNegative: statement['NotAction'] !== undefined || statement['NotResource'] !== undefined,
    }))
}

const objectInAny = (value: unknown): JsonObject => (isObject(value) ? value : {})

/** Policies that name the role in `Roles` or `RoleName`. */
function attachedTo(role: TemplateResource, context: CheckContext): readonly TemplateResource[] {
  const isNamed = (value: unknown): boolean =>
    referredId(value) === role.logicalId ||
    (typeof value === 'string' && value === role.properties['RoleName'])
  return [...context.resources.values()].filter(
    ({ type, properties }) =>
      ((type === 'AWS::IAM::Policy' || type === 'AWS::IAM::ManagedPolicy') &&
        listOf(properties['Roles'] ?? []).some(isNamed)) ||
      (type === 'AWS::IAM::RolePolicy' && isNamed(properties['RoleName'])),
  )
}

export function createRoles(context: CheckContext): Roles {
  const managed = (role: TemplateResource) => listOf(role.properties['ManagedPolicyArns'] ?? [])

  function statementsOf(role: TemplateResource): readonly Statement[] {
    const inline = listOf(role.properties['Policies'] ?? []).flatMap((policy) =>
      statementsIn(objectIn(policy, 'PolicyDocument'), role.logicalId, context),
    )
    const here = managed(role).flatMap((policy) => {
      const resource = context.resources.get(referredId(policy) ?? '')
      return resource === undefined ? [] : [resource]
    })
    const others = [...new Set([...here, ...attachedTo(role, context)])].flatMap(
      ({ logicalId, properties }) => statementsIn(properties['PolicyDocument'], logicalId, context),
    )
    return [...inline, ...others]
  }

  const managedBy = (role: TemplateResource): readonly string[] =>
    managed(role)
      .filter((policy) => !context.resources.has(referredId(policy) ?? ''))
      .map((policy) => context.textOf(policy) ?? 'a policy that only the deployment knows')
      .map((arn) => arn.replace(/^.*:policy\/(?:.*\/)?/, ''))

  function grants(role: TemplateResource, action: string, arn: string): 'yes' | 'no' | 'unknown' {
    const about = statementsOf(role).filter(({ actions }) =>
      actions.some((each) => matchesPattern(each, action, true)),
    )
    const covers = ({ resources }: Statement) =>
      resources.some((each) => each !== null && matchesArn(each, arn))
    if (about.some((each) => !each.allows && covers(each))) return 'no'
    if (about.some((each) => each.allows && covers(each))) return 'yes'
    const isOpen =
      about.some((each) => each.allows && each.resources.includes(null)) ||
      statementsOf(role).some(({ isNegative, allows }) => isNegative && allows) ||
      managedBy(role).some((name) => !HARMLESS.test(name))
    return isOpen ? 'unknown' : 'no'
  }

  return { statementsOf, managedBy, grants }
}
