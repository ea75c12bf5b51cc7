// Which entry of `aws.authorizers` belongs to which API. A project without a template says it by its settings alone: the
// entry with `httpApiResponse` is for an HTTP API, the one with `webSocketToken` for a WebSocket API.

import type { ResolvedAuthorizer, ResolvedConfig } from '../../shared/index.ts'

export type ApiName = 'rest' | 'http' | 'websocket'

export const API_NAMES: readonly ApiName[] = ['rest', 'http', 'websocket']

export const API_TITLES: Readonly<Record<ApiName, string>> = {
  rest: 'REST API',
  http: 'HTTP API',
  websocket: 'WebSocket API',
}

export interface ChosenAuthorizer {
  /** The name of its function in this run. */
  readonly functionId: string
  /** Its name in `aws.authorizers`; `null`: the settings of `aws` itself. */
  readonly entry: string | null
  readonly settings: ResolvedAuthorizer
}

type Entry = readonly [name: string, settings: ResolvedAuthorizer]

const isForSockets = ([name, { webSocketToken }]: Entry): boolean =>
  webSocketToken !== 'header' || /connect|socket|^ws/i.test(name)

const isForHttp = ([name, { httpApiResponse }]: Entry): boolean =>
  httpApiResponse === 'policy' || /http/i.test(name)

/** The first that fits best. A table is one policy for a whole API, which only a TOKEN authorizer can have. */
const PREFERENCES: Readonly<Record<ApiName, readonly ((entry: Entry) => boolean)[]>> = {
  rest: [(entry) => !isForSockets(entry) && !isForHttp(entry), (entry) => !isForSockets(entry), () => true],
  http: [isForHttp, (entry) => !isForSockets(entry), () => true],
  websocket: [isForSockets, () => true],
}

function pick(api: ApiName, entries: readonly Entry[]): Entry | undefined {
  const usable = entries.filter(([, { strategy }]) => strategy !== 'table')
  for (const fits of PREFERENCES[api]) {
    const found = usable.find(fits)
    if (found !== undefined) return found
  }
  return undefined
}

export function chooseAuthorizers(
  aws: ResolvedConfig['aws'],
  apis: readonly ApiName[],
): { readonly chosen: ReadonlyMap<ApiName, ChosenAuthorizer>; readonly problems: readonly string[] } {
  const entries: readonly Entry[] = aws.authorizers.size > 0 ? [...aws.authorizers] : [['', aws]]
  const chosen = new Map<ApiName, ChosenAuthorizer>()
  const problems: string[] = []
  for (const api of apis) {
    const found = pick(api, entries)
    if (found === undefined)
      problems.push(
        `${API_TITLES[api]}: the strategy table is for TOKEN authorizers of a template; give it another`,
      )
    else {
      const [name, settings] = found
      chosen.set(api, { functionId: `authorizer-${api}`, entry: name === '' ? null : name, settings })
    }
  }
  return { chosen, problems }
}
