// The Worker whose memory is measured: its artefact, after flat-edge-globals.ts. `/drill/events` answers with the
// counts.

import { counted } from './flat-edge-globals.ts'

// @ts-expect-error -- what `lanekeeper build` wrote for this run.
import artefact from 'artefact-of-the-drill'

type Handler = { fetch(request: Request, env: unknown, context: unknown): Promise<Response> }

export default {
  fetch: async (request: Request, env: unknown, context: unknown) =>
    request.url.endsWith('/drill/events')
      ? Response.json(counted)
      : (artefact as Handler).fetch(request, env, context),
}
