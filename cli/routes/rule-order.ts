// The order in which the route table tries rules: segment by segment a literal before a parameter and a parameter before
// a greedy one. So the first path of this order that covers a request owns it (docs/routes.md, "Which rule wins").

import { readTemplate, type ResolvedRoute, type TemplateSegment } from '../../shared/index.ts'

const rankOf = (segment: TemplateSegment): number =>
  segment === 'greedy' ? 2 : segment === 'parameter' ? 1 : 0

const textOf = (segment: TemplateSegment): string => (typeof segment === 'object' ? segment.literal : '')

const compareTexts = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

function compareSegments(one: readonly TemplateSegment[], other: readonly TemplateSegment[]): number {
  for (const [at, segment] of one.entries()) {
    const rival = other[at]
    if (rival === undefined) return 1
    const order = rankOf(segment) - rankOf(rival) || compareTexts(textOf(segment), textOf(rival))
    if (order !== 0) return order
  }
  return one.length - other.length
}

/** Rules of one path stay in the order of the configuration. The handshake of a WebSocket API is no path; it is last. */
export const inOrder = (routes: readonly ResolvedRoute[]): readonly ResolvedRoute[] => {
  const paths = routes.filter(({ path }) => path.startsWith('/'))
  return [
    ...paths.toSorted((one, other) => compareSegments(readTemplate(one.path), readTemplate(other.path))),
    ...routes.filter(({ path }) => !path.startsWith('/')),
  ]
}
