// A Worker that only calls `subtle.verify`, and sends the request on.

import { passOn } from './pass-on.ts'
import { verify } from './verify.ts'

export default {
  fetch: async (request: Request): Promise<Response> =>
    (await verify(request)) ? passOn(request) : new Response('{}', { status: 401 }),
}
