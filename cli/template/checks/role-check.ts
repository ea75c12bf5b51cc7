// The role of an authorizer's function: whether it allows what the configuration needs, and how much more. A function
// with the rights of an administrator gives them to whoever finds a hole in it.

import { isObject, listOf } from '../../../local/api-gateway/json.ts'
import type { Find } from '../../deployment-finding.ts'
import { objectIn, referredId, type CheckContext, type TemplateResource } from './context.ts'
import { matchesArn } from './iam-pattern.ts'
import { needsOf, type Need } from './needs.ts'
import { createRoles, HARMLESS, type Roles, type Statement } from './roles.ts'

/** Actions that write logs and traces, or belong to a VPC. */
const USUAL =
  /^(?:logs:(?:CreateLogGroup|CreateLogStream|PutLogEvents|TagResource|Put\*|Create\*)|xray:Put\w+|ec2:(?:Create|Delete|Describe)NetworkInterfaces?|ec2:(?:Un)?[Aa]ssignPrivateIpAddresses|kms:Decrypt|secretsmanager:(?:GetSecretValue|DescribeSecret)|dynamodb:(?:BatchGetItem|GetItem|Query|Scan|PutItem|UpdateItem|ConditionCheckItem|DescribeTable|GetRecords|GetShardIterator|BatchWriteItem))$/

const SERVICES = ['secretsmanager', 'dynamodb'] as const

interface Excess {
  /** More than anything that an authorizer does. */
  readonly wide: readonly string[]
  /** A secret or a table by its name, which the configuration does not name. */
  readonly unneeded: readonly string[]
}

/** Resources that are more than one secret or table. */
const EVERY = /^(?:\*|[^/]*:(?:secret:|table\/)?\*)$/

/** What a statement allows beyond what is needed. */
function excessOf({ actions, resources, isNegative, allows }: Statement, needs: readonly Need[]): Excess {
  if (!allows) return { wide: [], unneeded: [] }
  if (isNegative) return { wide: ['everything but what a statement names'], unneeded: [] }
  const named = resources.filter((resource) => resource !== null)
  const services = SERVICES.filter((service) =>
    actions.some((action) => USUAL.test(action) && action.startsWith(`${service}:`)),
  )
  const every = services
    .filter(() => named.some((resource) => EVERY.test(resource)))
    .map((service) => `${service} on every ${service === 'dynamodb' ? 'table' : 'secret'}`)
  const unneeded = services.flatMap((service) =>
    named.filter(
      (resource) =>
        !EVERY.test(resource) &&
        !/\/(?:index|stream)\//.test(resource) &&
        !needs.some(({ action, arn }) => action.startsWith(`${service}:`) && matchesArn(resource, arn)),
    ),
  )
  return { wide: [...actions.filter((action) => !USUAL.test(action)), ...every], unneeded }
}

const listed = (names: readonly string[]): string =>
  (names.length > 6
    ? `${names.slice(0, 6).join(', ')} and ${names.length - 6} more`
    : names.join(', ')
  ).replaceAll('us-east-1:123456789012', '*:*')

interface AuthorizerRole {
  readonly role: TemplateResource
  readonly functionIds: readonly string[]
}

function checkNeeds({ role }: AuthorizerRole, roles: Roles, needs: readonly Need[], find: Find): void {
  for (const { action, arn, what, path } of needs) {
    const granted = roles.grants(role, action, arn)
    if (granted === 'no')
      find(
        'problem',
        `does not allow ${action} on ${what} (${path}), so requests that need it fail; allow it`,
        'Policies',
      )
    else if (granted === 'unknown')
      find(
        'warning',
        `allows ${action} on ${what} (${path}) or not: only the deployment knows; name the resource in the policy`,
        'Policies',
      )
  }
}

const isAdministrator = (statement: Statement): boolean =>
  statement.allows && statement.actions.includes('*') && statement.resources.includes('*')

function checkExcess({ role }: AuthorizerRole, roles: Roles, needs: readonly Need[], find: Find): void {
  const statements = roles.statementsOf(role)
  const managed = roles.managedBy(role).filter((each) => !HARMLESS.test(each))
  const administrators = managed.filter((each) =>
    /^(?:AdministratorAccess|PowerUserAccess|IAMFullAccess)$/.test(each),
  )
  if (statements.some(isAdministrator) || administrators.length > 0) {
    const by = administrators.length > 0 ? ` (${administrators.join(', ')})` : ''
    const message = `may do everything in the account${by}; allow its log and what the configuration names, and nothing else`
    return find('problem', message, 'Policies')
  }
  const excess = statements.map((each) => excessOf(each, needs))
  const wide = [...new Set([...excess.flatMap((each) => each.wide), ...managed])]
  const unneeded = [...new Set(excess.flatMap((each) => each.unneeded))]
  if (wide.length > 0)
    find('warning', `allows more than an authorizer needs: ${listed(wide)}; take it out`, 'Policies')
  if (unneeded.length > 0)
    find('note', `allows what the configuration does not name: ${listed(unneeded)}`, 'Policies')
}

/** Whether a principal is anybody: `*`, or every account. */
function isAnybody(principal: unknown): boolean {
  if (isObject(principal)) return listOf(principal['AWS']).includes('*')
  return principal === '*'
}

/** Whoever assumes the role has its rights, and reads the secrets of the function. */
function checkTrust({ role }: AuthorizerRole, find: Find): void {
  const { Statement } = objectIn(role.properties, 'AssumeRolePolicyDocument')
  const open = listOf(Statement)
    .filter(isObject)
    .filter(({ Effect, Principal }) => Effect === 'Allow' && isAnybody(Principal))
  if (open.length === 0) return
  const isUnconditional = open.some(({ Condition }) => Condition === undefined)
  find(
    isUnconditional ? 'problem' : 'warning',
    `lets ${isUnconditional ? 'everybody' : 'every account, under a condition,'} assume it; allow lambda.amazonaws.com alone`,
    'AssumeRolePolicyDocument',
  )
}

/** The roles of the functions that authorize. A function whose role is not in the template has a note. */
function rolesOf(context: CheckContext, needs: readonly Need[]): readonly AuthorizerRole[] {
  const byRole = new Map<TemplateResource, string[]>()
  for (const functionId of new Set(context.authorizers.map((each) => each.functionId))) {
    const roleId = referredId(context.resources.get(functionId)?.properties['Role'])
    const role = context.resources.get(roleId ?? '')
    if (role?.type === 'AWS::IAM::Role') byRole.set(role, [...(byRole.get(role) ?? []), functionId])
    else {
      const needed = needs.map(({ action, what }) => `${action} on ${what}`)
      context.findAt(`function ${functionId}`, functionId)(
        'note',
        `has a role that is not in this template and is not looked at${needed.length === 0 ? '' : `; it needs ${needed.join(', ')}`}`,
      )
    }
  }
  return [...byRole].map(([role, functionIds]) => ({ role, functionIds }))
}

/** Looks at the role of every function that authorizes. */
export function checkRoles(context: CheckContext): void {
  const needs = needsOf(context.config)
  const roles = createRoles(context)
  for (const each of rolesOf(context, needs)) {
    const { role, functionIds } = each
    const find = context.findAt(`role ${role.logicalId} of ${functionIds.join(', ')}`, role.logicalId)
    checkNeeds(each, roles, needs, find)
    checkTrust(each, find)
    // A function that also serves requests needs rights that nothing here knows.
    if (!functionIds.some((id) => isServing(id, context))) checkExcess(each, roles, needs, find)
  }
}

function isServing(functionId: string, { apis }: CheckContext): boolean {
  const all = [apis, ...(apis.others ?? [])]
  return all.some(
    ({ restApi, httpApi, webSocketApi }) =>
      restApi?.resources.some(({ methods }) =>
        [...methods.values()].some((each) => each.functionId === functionId),
      ) ||
      httpApi?.routes.some((each) => each.functionId === functionId) ||
      webSocketApi?.routes.some((each) => each.functionId === functionId),
  )
}
