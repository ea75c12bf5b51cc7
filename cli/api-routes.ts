// The routes of every API of a packaged template, each with its authorizer, and the rules of the configuration that
// decide about its requests. A greedy route and $default have the rules of every path that API Gateway sends there.

import { createRouteTable, type ResolvedConfig, type ResolvedRoute } from '../shared/index.ts'
import { selectHttpRoute } from '../local/api-gateway/http-route.ts'
import type { HttpAuthorizer, Model, RequestAuthorizer, RestAuthorizer } from '../local/api-gateway/model.ts'
import { ANY_METHODS, selectRestRoute } from '../local/api-gateway/rest-route.ts'

export type AnyAuthorizer = RestAuthorizer | HttpAuthorizer | RequestAuthorizer
export type ApiKind = 'REST' | 'HTTP' | 'WebSocket'

/** The APIs of a template. */
export type Apis = Pick<Model, 'restApi' | 'httpApi' | 'webSocketApi'> & {
  /** Further APIs: a model has one of each kind. */
  readonly others?: readonly Apis[]
}

export interface ApiRoute {
  /** The resource of the method or route. Absent: the model is of no template. */
  readonly logicalId?: string | undefined
  readonly api: ApiKind
  /** `GET /orders`, `$default`, `$connect`. */
  readonly name: string
  /** `ANY` for `$default`. */
  readonly method: string
  readonly path: string
  readonly authorizer: AnyAuthorizer | undefined
  /** The authorization in place of a Lambda authorizer, such as `AWS_IAM`. */
  readonly otherAuthorization: string | undefined
  /** Whether API Gateway gives a fixed answer of its own (a MOCK integration). */
  readonly hasFixedAnswer: boolean
  /** Whether API Gateway sends a request for a path of the rule to this route. */
  serves(method: string, rule: Pick<ResolvedRoute, 'path'>): boolean
}

/**
 * A path that matches the template. Its parameter values are unlikely to equal a literal segment of another template.
 */
const examplePath = (template: string): string =>
  template.replace(/\{[^}]*\+\}/g, 'some-text/some-more').replace(/\{[^}]*\}/g, 'some-text')

export function routesOf({ restApi, httpApi, webSocketApi, others = [] }: Apis): ApiRoute[] {
  const { resources = [] } = restApi ?? {}
  const rest = resources.flatMap(({ path, methods }) =>
    [...methods].map(([method, restMethod]): ApiRoute => ({
      api: 'REST',
      logicalId: restMethod.logicalId,
      name: `${method} ${path}`,
      method,
      path,
      authorizer: restMethod.authorizer,
      otherAuthorization: restMethod.otherAuthorization,
      hasFixedAnswer: restMethod.fixedAnswer !== undefined,
      serves: (requestMethod, rule) =>
        selectRestRoute(resources, requestMethod, examplePath(rule.path))?.method === restMethod,
    })),
  )
  const { routes = [] } = httpApi ?? {}
  const http = routes.map((httpRoute): ApiRoute => {
    const [method, path] = httpRoute.key === '$default' ? ['ANY', '/{proxy+}'] : httpRoute.key.split(' ')
    return {
      api: 'HTTP',
      logicalId: httpRoute.logicalId,
      name: httpRoute.key,
      method: method!,
      path: path!,
      authorizer: httpRoute.authorizer,
      otherAuthorization: httpRoute.otherAuthorization,
      hasFixedAnswer: false,
      serves: (requestMethod, rule) =>
        selectHttpRoute(routes, requestMethod, examplePath(rule.path))?.route === httpRoute,
    }
  })
  const sockets = (webSocketApi?.routes ?? []).map(
    ({ logicalId, key, authorizer, otherAuthorization }): ApiRoute => ({
      api: 'WebSocket',
      logicalId,
      name: key,
      method: 'GET',
      path: key,
      authorizer,
      otherAuthorization,
      hasFixedAnswer: false,
      serves: (_, rule) => rule.path === key,
    }),
  )
  return [...rest, ...http, ...sockets, ...others.flatMap(routesOf)]
}

/** The rules that decide about requests to this route. */
export function rulesBehind(route: ApiRoute, config: ResolvedConfig): ResolvedRoute[] {
  const table = createRouteTable(config.routes, config.limits.maxPathBytes)
  const methods = route.method === 'ANY' ? ANY_METHODS : [route.method]
  const matched = methods
    .map((method) => table.match(method, examplePath(route.path)))
    .filter((rule): rule is ResolvedRoute => !('code' in rule))
  const served = config.routes.filter((rule) => rule.methods.some((method) => route.serves(method, rule)))
  return [...new Set([...served, ...matched])]
}
