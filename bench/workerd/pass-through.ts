// The least a Worker in front of an origin can do: send the request on.

import { env } from './bindings.ts'

const ORIGIN = env['ORIGIN']!

export default {
  fetch(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url)
    return fetch(new Request(`${ORIGIN}${pathname}${search}`, request))
  },
}
