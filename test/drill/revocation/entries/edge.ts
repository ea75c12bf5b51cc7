// An edge Worker of the drill: its artefact, after edge-globals.ts. `PUT /drill/clock` sets by how many milliseconds
// its clock is ahead, right after a request with the same token: no edge can notice a clock that was set between two of
// its readings and is later than the first one all the same.

import { setAhead } from './edge-globals.ts'

// @ts-expect-error -- what `lanekeeper build` wrote for this run.
import artefact from 'artefact-of-the-drill'

type Handler = { fetch(request: Request, env: unknown, context: unknown): Promise<Response> }

export default {
  async fetch(request: Request, env: unknown, context: unknown) {
    if (new URL(request.url).pathname !== '/drill/clock')
      return (artefact as Handler).fetch(request, env, context)
    const ms = Number(await request.text())
    const { headers } = request
    await (artefact as Handler).fetch(new Request(new URL('/orders', request.url), { headers }), env, context)
    setAhead(ms)
    return new Response('done')
  },
}
