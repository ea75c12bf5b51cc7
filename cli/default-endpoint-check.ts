// Whether an API whose tokens are bound to client certificates is reached past the TLS that asks for them: at its
// default `execute-api` endpoint, which AWS leaves open and which asks for no certificate. Reads the packaged template
// itself, because a value that only the deployment decides counts as open there.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html

import type { LanekeeperConfig, ResolvedConfig, ResolvedRoute } from '../shared/index.ts'
import { acceptedOn, MTLS_BOUND } from '../shared/edge.ts'
import { isObject, type JsonObject } from '../local/api-gateway/json.ts'
import { routesOf, type ApiKind, type Apis } from './api-routes.ts'
import { authorizersOf, rulesServedBy } from './authorizer-check.ts'
import type { DeploymentFinding } from './deployment-finding.ts'
import { acceptsBound } from './sender-check.ts'

/** The kinds of APIs that can have mutual TLS, each with the setting of serverless.yml. */
const SETTINGS = {
  REST: 'provider.apiGateway.disableDefaultEndpoint',
  HTTP: 'provider.httpApi.disableDefaultEndpoint',
} as const

type Kind = keyof typeof SETTINGS

/** What has a route of an API: the kind of the API, the member that refers to it, and its type. */
const ROUTES: Readonly<Record<string, readonly [kind: Kind, member: string, api: string]>> = {
  'AWS::ApiGateway::Method': ['REST', 'RestApiId', 'AWS::ApiGateway::RestApi'],
  'AWS::ApiGatewayV2::Route': ['HTTP', 'ApiId', 'AWS::ApiGatewayV2::Api'],
}

interface TemplateResource {
  readonly type: string
  readonly properties: JsonObject
}

function resourcesOf(template: unknown): ReadonlyMap<string, TemplateResource> {
  const resources = isObject(template) && isObject(template['Resources']) ? template['Resources'] : {}
  return new Map(
    Object.entries(resources).flatMap(([logicalId, resource]) => {
      if (!isObject(resource)) return []
      const { Type, Properties } = resource
      return [
        [logicalId, { type: String(Type), properties: isObject(Properties) ? Properties : {} }] as const,
      ]
    }),
  )
}

/** CloudFormation accepts booleans as strings, too. */
const isLiterallyTrue = (value: unknown): boolean => value === true || value === 'true'

/** The resource that an intrinsic function is about; empty: it is none. */
function referredTo(value: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute } = isObject(value) ? value : {}
  const [name] = Array.isArray(attribute) ? attribute : String(attribute ?? '').split('.')
  return typeof Ref === 'string' ? Ref : String(name)
}

/** Whether it is a route of a WebSocket API, which has no mutual TLS. Of an HTTP API only `$default` begins so. */
const isOfWebSocket = ({ RouteKey }: JsonObject): boolean => /^\$(?!default$)/.test(String(RouteKey ?? ''))

/** The APIs of other templates that have a route with a Lambda authorizer here. */
function findSharedApis(resources: ReadonlyMap<string, TemplateResource>): ReadonlyMap<string, Kind> {
  const shared = new Map<string, Kind>()
  for (const { type, properties } of resources.values()) {
    const [kind, member = '', apiType] = ROUTES[type] ?? []
    if (kind === undefined || properties['AuthorizationType'] !== 'CUSTOM' || isOfWebSocket(properties))
      continue
    const id = properties[member]
    const isHere = resources.get(referredTo(id))?.type === apiType
    if (!isHere) shared.set(typeof id === 'string' ? id : JSON.stringify(id), kind)
  }
  return shared
}

/** The rules behind an API for which its functions accept tokens with a client certificate. */
function rulesBehindApi(
  kind: ApiKind,
  model: Apis,
  config: ResolvedConfig,
  nameOf: (functionId: string) => string | undefined,
): readonly ResolvedRoute[] {
  const routes = routesOf(model)
  const rules = authorizersOf(model)
    .filter((each) => each.kind === kind && each.authorizer.type !== 'TOKEN')
    .filter(({ authorizer }) => {
      const name = nameOf(authorizer.functionId)
      const settings = name ? config.aws.authorizers.get(name) : config.aws
      return settings !== undefined && acceptsBound(settings, config)
    })
    .flatMap(({ authorizer }) => rulesServedBy(authorizer, routes, config))
    .filter((rule) => rule.demand !== null && (acceptedOn(rule, config) & MTLS_BOUND) !== 0)
  return [...new Set(rules)]
}

/** Whether a route or an issuer of it names certificates, so that they are certainly in use. */
const namesCertificates = (
  { senderConstraint, issuer }: ResolvedRoute,
  { issuers }: ResolvedConfig,
): boolean =>
  senderConstraint === 'mtls' ||
  [...issuers.values()].some(
    (one) => one.senderConstraint === 'mtls' && (issuer === null || issuer === one.name),
  )

const OPEN = 'has its default execute-api endpoint open, which asks for no client certificate'

/** What follows from an open endpoint. `rules`: those that accept tokens with a client certificate. */
function judge(
  kind: Kind,
  rules: readonly ResolvedRoute[],
  config: ResolvedConfig,
  section: LanekeeperConfig['mtls'],
): Pick<DeploymentFinding, 'severity' | 'message'> {
  const names = rules.map(({ name }) => name).join('; ')
  const remedy = `set ${SETTINGS[kind]}: true (DisableExecuteApiEndpoint), and have clients call its custom domain`
  // A proxy may call this endpoint, and a certificate counts beside its secret alone.
  if (section?.header !== undefined)
    return {
      severity: 'note',
      message: `${OPEN}; a client certificate counts there beside the secret of mtls.header.guard alone; if the proxy calls another domain, ${remedy}`,
    }
  if (section !== undefined || rules.some((rule) => namesCertificates(rule, config)))
    return {
      severity: 'problem',
      message: `${OPEN}, and tokens that are bound to one are accepted for ${names}; ${remedy}`,
    }
  return {
    severity: 'warning',
    message: `${OPEN}, so a token that is bound to one is refused there (${names}); if there are such tokens, ${remedy}`,
  }
}

/**
 * Findings about the default endpoints of the APIs in a packaged template. `section`: `mtls` of the stage as it is
 * written. `nameOf` returns the LANEKEEPER_AUTHORIZER of a function.
 */
export function checkDefaultEndpoints(
  template: unknown,
  model: Apis,
  config: ResolvedConfig,
  section: LanekeeperConfig['mtls'],
  nameOf: (functionId: string) => string | undefined,
): readonly DeploymentFinding[] {
  if (config.mtls == null) return []
  const resources = resourcesOf(template)
  const apis = [model, ...(model.others ?? [])].flatMap((each) => [
    ['REST', each.restApi, each] as const,
    ['HTTP', each.httpApi, each] as const,
  ])
  const findings = apis.flatMap(([kind, api, apiModel]): readonly DeploymentFinding[] => {
    const rules = api === undefined ? [] : rulesBehindApi(kind, { ...apiModel, others: [] }, config, nameOf)
    if (api === undefined || rules.length === 0) return []
    const { DisableExecuteApiEndpoint } = resources.get(api.logicalId)?.properties ?? {}
    if (isLiterallyTrue(DisableExecuteApiEndpoint)) return []
    const at = { logicalId: api.logicalId, property: 'DisableExecuteApiEndpoint' }
    return [{ subject: `${kind} API ${api.logicalId}`, ...judge(kind, rules, config, section), at }]
  })
  const unseen = [...findSharedApis(resources)].map(([id, kind]): DeploymentFinding => ({
    severity: 'note',
    subject: `${kind} API ${id}`,
    message:
      'is not in this template, so its default execute-api endpoint is not looked at; have it disabled where tokens are bound to client certificates (docs/mtls.md)',
  }))
  return [...findings, ...unseen]
}
