// The route table for the strategy `table`: for each method, every path template that owns paths, and the demand on a
// token. As in shared/routes/route-table.ts, the most specific template that matches a path owns it for every method,
// and a method that it does not list is refused there.

import {
  readTemplate,
  templateShape,
  type ResolvedRoute,
  type TemplateSegment,
} from '../../../shared/index.ts'

/** `always`: public; `never`: the template does not list the method. */
export type Demand = NonNullable<ResolvedRoute['demand']> | 'always' | 'never'

export interface TableRule {
  readonly method: string
  /** The path as written in the configuration. */
  readonly template: string
  readonly segments: readonly TemplateSegment[]
  readonly demand: Demand
}

const kindOf = (segment: TemplateSegment): string =>
  segment === 'greedy' ? '2' : segment === 'parameter' ? '1' : '0'

/** Of two templates that match one path, the one whose string sorts first owns it. */
export const specificity = ({ segments }: TableRule): string => segments.map(kindOf).join('')

/** Every rule, by method. `HEAD` is decided like `GET` where a template does not list it. */
export function toTableRules(routes: readonly ResolvedRoute[]): ReadonlyMap<string, readonly TableRule[]> {
  const owners = new Map<string, { template: string; rules: Map<string, ResolvedRoute> }>()
  for (const route of routes) {
    if (!route.path.startsWith('/')) continue
    const shape = templateShape(route.path)
    const owner = owners.get(shape) ?? { template: route.path, rules: new Map() }
    for (const method of route.methods) owner.rules.set(method, route)
    owners.set(shape, owner)
  }
  const listed = new Set(routes.flatMap(({ methods }) => methods))
  if (listed.has('GET')) listed.add('HEAD')
  const ruleOf = (
    method: string,
    { template, rules }: { template: string; rules: Map<string, ResolvedRoute> },
  ) => {
    const route = rules.get(method) ?? (method === 'HEAD' ? rules.get('GET') : undefined)
    const demand: Demand = route === undefined ? 'never' : (route.demand ?? 'always')
    return { method, template, segments: readTemplate(template), demand }
  }
  return new Map(
    [...listed].map((method) => [method, [...owners.values()].map((owner) => ruleOf(method, owner))]),
  )
}
