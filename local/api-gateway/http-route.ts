// Route selection of an HTTP API (developer guide, "Create routes for HTTP APIs in API Gateway"): first a full match of
// method and path, then the longest {proxy+}, then $default. A trailing slash is significant. Among full matches a
// literal segment precedes {param}, then a method precedes ANY (undocumented for `ANY /a` and `GET /{x}`).

import type { HttpRoute } from './model.ts'
import { ANY_METHODS } from './rest-route.ts'

export interface SelectedHttpRoute {
  route: HttpRoute
  pathParameters: Record<string, string> | undefined
}

interface Match {
  route: HttpRoute
  parameters: [name: string, value: string][]
  /** Sorted as a string, the smallest first: full before greedy, literal before parameter, method before ANY. */
  rank: string
}

export function selectHttpRoute(
  routes: HttpRoute[],
  method: string,
  path: string,
): SelectedHttpRoute | undefined {
  const [best] = routes
    .map((route) => matchRoute(route, method, path))
    .filter((match) => match !== undefined)
    .sort((left, right) => (left.rank < right.rank ? -1 : left.rank > right.rank ? 1 : 0))
  return (
    best && {
      route: best.route,
      pathParameters: best.parameters.length > 0 ? Object.fromEntries(best.parameters) : undefined,
    }
  )
}

const RANK = { literal: '1', parameter: '2', greedy: '3', defaultRoute: '9' } as const

function matchRoute(route: HttpRoute, method: string, path: string): Match | undefined {
  if (route.key === '$default') return { route, parameters: [], rank: RANK.defaultRoute }
  const space = route.key.indexOf(' ')
  const verb = route.key.slice(0, space)
  if (verb !== method && !(verb === 'ANY' && ANY_METHODS.includes(method))) return undefined

  const templates = route.key.slice(space + 1).split('/')
  const segments = path.split('/')
  const parameters: Match['parameters'] = []
  const isGreedyRoute = templates.at(-1)?.endsWith('+}') === true
  let rank = isGreedyRoute ? '2' : '1'
  for (const [index, template] of templates.entries()) {
    const segment = segments[index]
    if (segment === undefined) return undefined
    if (template.endsWith('+}')) {
      if (segment === '') return undefined
      parameters.push([template.slice(1, -2), segments.slice(index).join('/')])
      return { route, parameters, rank: `${rank}${RANK.greedy}${verb === 'ANY' ? 'b' : 'a'}` }
    }
    if (template.startsWith('{')) {
      if (segment === '') return undefined
      parameters.push([template.slice(1, -1), segment])
      rank += RANK.parameter
    } else if (template === segment) rank += RANK.literal
    else return undefined
  }
  if (segments.length !== templates.length) return undefined
  return { route, parameters, rank: `${rank}${verb === 'ANY' ? 'b' : 'a'}` }
}
