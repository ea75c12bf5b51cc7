// A Worker that only calls `subtle.verify`, and answers itself.

import { verify } from './verify.ts'

export default {
  fetch: async (request: Request): Promise<Response> =>
    new Response('{}', { status: (await verify(request)) ? 200 : 401 }),
}
