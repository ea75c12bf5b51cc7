// A Worker that only calls `subtle.verify`, and answers itself.

import { verify } from './verify.ts'

export default {
  fetch: async (request: Request): Promise<Response> =>
    (await verify(request)) ? new Response('{}') : new Response('{}', { status: 401 }),
}
