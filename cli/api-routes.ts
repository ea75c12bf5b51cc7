// The routes of every API of a packaged template, each with its authorizer and the rules of the configuration that are
// asked for behind it. A greedy route and $default have the rules of every path that ends up there.

import { createRouteTable, type ResolvedConfig, type ResolvedRoute } from '../shared/index.ts'
import { selectHttpRoute } from '../local/api-gateway/http-route.ts'
import type { HttpAuthorizer, Model, RequestAuthorizer, RestAuthorizer } from '../local/api-gateway/model.ts'
import { ANY_METHODS, selectRestRoute } from '../local/api-gateway/rest-route.ts'

export type AnyAuthorizer = RestAuthorizer | HttpAuthorizer | RequestAuthorizer
export type ApiKind = 'REST' | 'HTTP' | 'WebSocket'

export interface ApiRoute {
  readonly api: ApiKind
  /** `GET /orders`, `$default`, `$connect`. */
  readonly name: string
  /** `ANY` for `$default`. */
  readonly method: string
  readonly path: string
  readonly authorizer: AnyAuthorizer | undefined
  /** What decides in place of a Lambda authorizer, such as `AWS_IAM`. */
  readonly decidedBy: string | undefined
  /** Whether API Gateway answers by itself, always alike. */
  readonly isFixed: boolean
  /** Whether a request that a rule with this path covers ends up here. */
  leads(method: string, rule: Pick<ResolvedRoute, 'path'>): boolean
}

/** A path that the template matches, with texts that no literal is likely to be. */
const examplePath = (template: string): string =>
  template.replace(/\{[^}]*\+\}/g, 'some-text/some-more').replace(/\{[^}]*\}/g, 'some-text')

export function routesOf({ restApi, httpApi, webSocketApi }: Model): ApiRoute[] {
  const { resources = [] } = restApi ?? {}
  const rest = resources.flatMap(({ path, methods }) =>
    [...methods].map(([method, own]): ApiRoute => ({
      api: 'REST',
      name: `${method} ${path}`,
      method,
      path,
      authorizer: own.authorizer,
      decidedBy: own.decidedBy,
      isFixed: own.fixed !== undefined,
      leads: (asked, rule) => selectRestRoute(resources, asked, examplePath(rule.path))?.method === own,
    })),
  )
  const { routes = [] } = httpApi ?? {}
  const http = routes.map((own): ApiRoute => {
    const [method, path] = own.key === '$default' ? ['ANY', '/{proxy+}'] : own.key.split(' ')
    return {
      api: 'HTTP',
      name: own.key,
      method: method!,
      path: path!,
      authorizer: own.authorizer,
      decidedBy: own.decidedBy,
      isFixed: false,
      leads: (asked, rule) => selectHttpRoute(routes, asked, examplePath(rule.path))?.route === own,
    }
  })
  const sockets = (webSocketApi?.routes ?? []).map(({ key, authorizer, decidedBy }): ApiRoute => ({
    api: 'WebSocket',
    name: key,
    method: 'GET',
    path: key,
    authorizer,
    decidedBy,
    isFixed: false,
    leads: (_, rule) => rule.path === key,
  }))
  return [...rest, ...http, ...sockets]
}

/** The rules that requests to this route are decided by. */
export function rulesBehind(route: ApiRoute, config: ResolvedConfig): ResolvedRoute[] {
  const table = createRouteTable(config.routes, config.limits.maxPathBytes)
  const methods = route.method === 'ANY' ? ANY_METHODS : [route.method]
  const matched = methods
    .map((method) => table.match(method, examplePath(route.path)))
    .filter((rule): rule is ResolvedRoute => !('code' in rule))
  const leading = config.routes.filter((rule) => rule.methods.some((method) => route.leads(method, rule)))
  return [...new Set([...leading, ...matched])]
}
