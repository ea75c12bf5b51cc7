// The grammar of path templates: literal segments, `{name}` for one segment, `{name+}` at the end for one or more, and
// `$connect` for the handshake of a WebSocket API.

export const WEBSOCKET_CONNECT = '$connect'

/**
 * A segment of a path template: literal text, `{name}` (one segment) or `{name+}` (one or more segments, at the end).
 */
export type TemplateSegment = { readonly literal: string } | 'parameter' | 'greedy'

export const isParameter = (segment: string): boolean => /^\{[A-Za-z0-9_]+\}$/.test(segment)
export const isGreedy = (segment: string): boolean => /^\{[A-Za-z0-9_]+\+\}$/.test(segment)

/** Whether a template has a segment that is not literal. */
export const hasParameter = (template: string): boolean => template.includes('/{')

/** The segments of a template or path that begins with a slash. */
export const segmentsOf = (path: string): string[] => path.slice(1).split('/')

/**
 * The segments of a template that begins with a slash: `/orders/{id}` is a literal and a parameter. Does not check the
 * template and does not throw; `resolveConfig` refuses templates that are not valid.
 */
export const readTemplate = (template: string): TemplateSegment[] =>
  segmentsOf(template).map((text) =>
    isGreedy(text) ? 'greedy' : isParameter(text) ? 'parameter' : { literal: text },
  )

/** The template without the names of its parameters: equal for templates that match the same paths. */
export const templateShape = (template: string): string => template.replace(/\{[A-Za-z0-9_]+(\+?)\}/g, '{$1}')
